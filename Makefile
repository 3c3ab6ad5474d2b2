# SPDX-License-Identifier: Apache-2.0
# The front door; meson does the building.  `make help` lists what there is.
SHELL = /bin/bash
prefix ?= /usr/local
DESTDIR ?=
B ?= build

.PHONY: all
all: $(B)/build.ninja
	@ninja -C $(B)

$(B)/build.ninja:
	@tools/deps build
	@meson setup $(B) --prefix=$(prefix) --buildtype=debugoptimized
