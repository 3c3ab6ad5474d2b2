/*
 * cdiff_fuzz.c - libFuzzer target: a script, over a member that is its own
 * first half; and the container that is made of the outcome.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/cdiff.h"

#include "lib/compile/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct cdiff_members m, again;
	struct pool pool;
	struct why why;
	struct cur cld, tar;

	pool_init(&pool, (size_t)64 << 20);
	memset(&m, 0, sizeof(m));
	m.count = 2;
	(void)snprintf(m.one[0].name, sizeof(m.one[0].name), "a.info");
	m.one[0].bytes = cur_from(bytes, size / 2);
	(void)snprintf(m.one[1].name, sizeof(m.one[1].name), "b");
	m.one[1].bytes = cur_from("one\ntwo\n", 8);
	if (cdiff_run(&m, cur_from(bytes, size), &pool, &why) &&
	    cdiff_make_cld(&m, &pool, &cld, &why)) {
		tar = cur_from(cld.base + 512, cld.size - 512);
		if (!cdiff_members(tar, &again, &why) || again.count != m.count)
			abort();
	}
	pool_fini(&pool);
	return 0;
}
