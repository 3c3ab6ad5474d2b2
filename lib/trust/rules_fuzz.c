/*
 * rules_fuzz.c - any entries of a log: each may stand there, or is told why
 * not.  The input is a bundle.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/rules.h"
#include "lib/trust/tile.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rules rules;
	struct cur bundle = cur_from(data, size), entry;
	struct why why = { 0 };
	uint64_t count = 0;

	rules_begin(&rules);
	while (cur_left(&bundle) > 0 && tile_entry(&bundle, &entry)) {
		if (!rules_add(&rules, entry, &why)) {
			if (why.kind == WHY_NOTHING)
				abort();
			return 0;
		}
		if (++count != rules.count ||
		    rules.has_release != rules.may_end)
			abort();
	}
	(void)rules_end(&rules, &why);
	return 0;
}
