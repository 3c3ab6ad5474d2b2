/*
 * text_put.c - text as signatures for target 7 see it, in plain C, and the
 * table of all variants.  See text_put.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/text_put.h"

/* What each byte becomes; 0: it is left out. */
#define BECOMES(c)                                               \
	((c) == ' ' || ((c) >= '\t' && (c) <= '\r') ? ' '        \
		: (c) < 0x20 || (c) > 0x7f          ? 0          \
		: (c) >= 'A' && (c) <= 'Z'          ? (c) | 0x20 \
						    : (c))
#define BECOME_4(c) \
	BECOMES(c), BECOMES((c) + 1), BECOMES((c) + 2), BECOMES((c) + 3)
#define BECOME_16(c) \
	BECOME_4(c), BECOME_4((c) + 4), BECOME_4((c) + 8), BECOME_4((c) + 12)
#define BECOME_64(c)                                            \
	BECOME_16(c), BECOME_16((c) + 16), BECOME_16((c) + 32), \
	    BECOME_16((c) + 48)

static const uint8_t becomes[256] = { BECOME_64(0), BECOME_64(64),
	BECOME_64(128), BECOME_64(192) };

/* No branches: what is left out is overwritten. */
size_t
text_put_portable(const uint8_t *bytes, size_t size, uint8_t *out,
    bool *in_space)
{
	bool in = *in_space;
	size_t n = 0, i;

	for (i = 0; i < size; i++) {
		uint8_t c = becomes[bytes[i]];
		bool is_space = c == ' ';

		out[n] = c; /* n <= i */
		n += (c != 0) & !(is_space & in);
		in = (is_space | in) & (is_space | (c == 0));
	}
	*in_space = in;
	return n;
}

static bool
text_runs_always(void)
{
	return true;
}

const struct text_putter text_putters[] = {
#if defined(__x86_64__)
	{ "avx512", text_runs_avx512, text_put_avx512 },
#endif
	{ "portable", text_runs_always, text_put_portable },
};
