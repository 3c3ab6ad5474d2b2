/*
 * keys.c - other public keys than ClamAV's own.  See keys.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/compiler/keys.h"

#include <string.h>

bool
keys_read(const char *text, struct keys *k, struct compile_options *options)
{
	const char **to[KEYS_COUNT] = { &options->legacy_modulus,
		&options->info_modulus, &options->diff_modulus };
	size_t i, len;

	for (i = 0; *text != '\0'; i++) {
		len = strspn(text, "0123456789");
		if (i == KEYS_COUNT || len == 0 || len > KEYS_DIGIT ||
		    text[len] != '\n')
			return false;
		memcpy(k->text[i], text, len);
		k->text[i][len] = '\0';
		*to[i] = k->text[i];
		text += len + 1;
	}
	return true;
}
