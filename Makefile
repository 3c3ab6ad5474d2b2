# SPDX-License-Identifier: Apache-2.0
# The front door; meson does the building.  `make help` lists what there is.
SHELL = /bin/bash
prefix ?= /usr/local
DESTDIR ?=
B ?= build
FUZZ_SECONDS ?= 5
T ?= 60

# Optimized across files: a tenth less time for the compiler of signatures.
SETUP = meson setup --prefix=$(prefix) -Db_lto=true -Doptimization=3

.PHONY: all help try check check-unit check-form check-build check-sanitized \
	check-fuzz check-e2e check-trust check-neon check-long testnet bench \
	install clean format

all: $(B)/build.ninja ## build everything into build/bin
	@ninja -C $(B) $(NINJAFLAGS)

$(B)/build.ninja:
	@tools/deps build
	@$(SETUP) -Dtests=$(if $(TESTS),true,false) $(B) >/dev/null

help: ## list the targets
	@grep -hE '^[a-z%-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 20

try: ## install what is missing, build, and scan a demo and DIR (/usr/bin)
	@tools/deps try
	@echo "Building ..."
	@$(MAKE) --no-print-directory all NINJAFLAGS=--quiet
	@tools/try $(B) "$(DIR)"

check: ## everything CI runs
	@tools/check $(B)

check-unit: ## unit tests with gcc
	@tools/check $(B) unit

check-form check-build check-neon check-sanitized check-fuzz check-e2e \
check-trust:
	@tools/check $(B) $(@:check-%=%)

check-long: ## the sweeps of a hundred thousand and more cases
	@tools/check $(B) long

check-%: ## one unit test: make check-cur
	@tools/check $(B) one $*

fuzz-%: ## fuzz one reader for T seconds: make fuzz-zip T=60
	@tools/check $(B) fuzz-one $* $(T)

testnet: all ## a whole feed on this machine: keys, log, witnesses, mirrors, a client
	@tools/deps testnet
	@tests/trust/testnet $(B)

bench: ## measure against clamscan, find and Hyperscan, 15 minutes or more; SCALE=small: 5
	@tools/deps bench
	@[ -f $(B)-bench/build.ninja ] || \
		$(SETUP) -Dtests=false $(B)-bench >/dev/null
	@ninja --quiet -C $(B)-bench all tests/bench/literal_bench \
		tests/bench/hash_bench bin/crew_bench lib/trust/trust_bench
	@tests/bench/run $(B)-bench $(SCALE)

install: all ## install under prefix, below DESTDIR
	@DESTDIR="$(DESTDIR)" meson install -C $(B) --no-rebuild

format: ## put every C file into form
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean: ## remove what was built
	rm -rf $(B) $(B)-bench $(B)-check $(B)-clang $(B)-asan $(B)-fuzz \
		$(B)-neon
