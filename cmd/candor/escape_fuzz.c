/*
 * escape_fuzz.c - any name: shown without a byte that a terminal acts on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/escape.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const form[])(FILE *, const void *, size_t) = {
		escape_text, escape_json, escape_html, escape_uri, escape_base64
	};
	size_t f, i, out_size;

	for (f = 0; f < sizeof(form) / sizeof(form[0]); f++) {
		char *out = NULL;
		FILE *to = open_memstream(&out, &out_size);

		if (to == NULL)
			abort();
		form[f](to, data, size);
		if (fclose(to) != 0 || !escape_is_utf8(out, out_size))
			abort();
		for (i = 0; i < out_size; i++)
			if ((unsigned char)out[i] < 0x20 || out[i] == 0x7f)
				abort();
		free(out);
	}
	return 0;
}
