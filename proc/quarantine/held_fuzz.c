/*
 * held_fuzz.c - any text as a record: refused, or written again it reads the
 * same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/quarantine/held.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
written(const struct held *h, size_t *size)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, size);

	if (to == NULL)
		abort();
	held_write(to, h);
	(void)fclose(to);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct held h, back;
	struct why why;
	size_t n, again;
	char *text, *second;

	if (held_read(cur_from(data, size), &h, &why)) {
		text = written(&h, &n);
		if (!held_read(cur_from(text, n), &back, &why))
			abort();
		second = written(&back, &again);
		if (n != again || memcmp(text, second, n) != 0)
			abort();
		free(second);
		free(text);
		held_free(&back);
	}
	held_free(&h);
	return 0;
}
