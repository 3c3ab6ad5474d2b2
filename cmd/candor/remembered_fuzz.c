/*
 * remembered_fuzz.c - any file is a table or is refused, and what is written
 * from it is one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/remembered.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file with these bytes. */
static int
make_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd == -1 || write(fd, data, size) != (ssize_t)size)
		abort();
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = make_file(data, size), out = make_file(data, 0);
	uint8_t hash[REMEMBERED_HASH] = { 0 };
	struct remembered r;
	struct why why;
	size_t i;

	(void)remembered_open(&r, fd);
	for (i = 0; i < size && i < sizeof(hash); i++)
		hash[i] = data[size - 1 - i];
	(void)remembered_find(&r, hash);
	remembered_add(&r, hash);
	if (!remembered_write(&r, out, &why))
		abort();
	remembered_close(&r);
	/* What was added is found, unless it was dropped as out of order. */
	if (!remembered_open(&r, out) || r.count == 0)
		abort();
	for (i = 0; i < r.count; i++)
		if (!remembered_find(&r, r.old[i].hash))
			abort();
	remembered_close(&r);
	close(fd);
	close(out);
	return 0;
}
