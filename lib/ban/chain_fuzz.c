/*
 * chain_fuzz.c - lines of a journal that came from anywhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/chain.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct cur all = cur_from(bytes, size), line;
	struct chain c, again;
	const char *wrong;

	chain_init(&c);
	while (cur_line(&all, &line)) {
		json_t *record;
		char *text;

		again = c;
		record = chain_take(&c, line, &wrong);
		if (record == NULL)
			break;
		/* What was taken is what would have been written. */
		text = chain_write(&again, record);
		if (text == NULL || memcmp(text, line.base, line.size) != 0 ||
		    c.count != again.count + 1)
			abort();
		free(text);
		json_decref(record);
	}
	return 0;
}
