/*
 * rpm_header_fuzz.c - any header, any ndb: what is told lies in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/rpm_header.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cur all;

static void
check(struct cur text)
{
	if (text.size > 0 &&
	    (text.base < all.base ||
		text.size > all.size - (size_t)(text.base - all.base)))
		abort();
}

static void
tell(void *self, struct cur folder, struct cur name)
{
	(void)self;
	check(folder);
	check(name);
}

static void
read_header(struct cur blob)
{
	static struct cur room[RPM_FOLDERS_MAX];
	struct rpm_header h;

	if (!rpm_header_read(blob, &h))
		return;
	check(h.name);
	check(h.version);
	check(h.release);
	check(h.vendor);
	check(h.packager);
	(void)rpm_header_files(&h, room, tell, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpm_ndb n;
	struct cur blob;
	int i = 0;

	all = cur_from(data, size);
	read_header(all);
	if (rpm_ndb_open(all, &n))
		while (i++ < 64 && rpm_ndb_next(&n, &blob))
			read_header(blob);
	return 0;
}
