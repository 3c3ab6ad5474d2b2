/*
 * mounts_fuzz.c - any text as a list of mounts: whoever may mount chooses
 * paths and sources in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/mounts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mounts m;
	struct why why;
	size_t i;

	if (m.text == NULL && !mounts_open(&m, 0, &why))
		abort();
	mounts_understand(&m, (const char *)data, size);
	for (i = 0; i < m.count; i++) {
		if (strlen(m.one[i].path) > size ||
		    memchr(m.one[i].type, 0, MOUNTS_TYPE_MAX) == NULL)
			abort();
		(void)(mounts_is_reachable(&m, &m.one[i]) &&
		    mounts_is_visible(&m, &m.one[i]));
	}
	return 0;
}
