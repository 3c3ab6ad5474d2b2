/*
 * text_avx512.c - text as signatures for target 7 see it, 64 bytes a turn.
 *
 * What is left out goes first, then every space behind a space: each time
 * what stays is moved together (VBMI2's compression; into a register, because
 * into memory it takes many times as long on some processors).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/text_put.h"

#if defined(__x86_64__)
#include "lib/base/cpu.h"

#include <immintrin.h>

#define TARGET                                                         \
	__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2," \
			      "bmi,bmi2,popcnt")))
#define BLOCK 64u

bool
text_runs_avx512(void)
{
	return cpu_has_avx512();
}

/* Which bytes are first to last? */
TARGET static inline __mmask64
between(__m512i v, char first, char last)
{
	return _mm512_cmple_epu8_mask(_mm512_sub_epi8(v,
					  _mm512_set1_epi8(first)),
	    _mm512_set1_epi8((char)(last - first)));
}

TARGET size_t
text_put_avx512(const uint8_t *bytes, size_t size, uint8_t *out, bool *in_space)
{
	const __m512i small = _mm512_set1_epi8('a' - 'A');
	const __m512i space = _mm512_set1_epi8(' ');
	uint64_t in = *in_space;
	size_t n = 0, i;

	for (i = 0; size - i >= BLOCK; i += BLOCK) {
		__m512i v = _mm512_loadu_si512(bytes + i);
		__mmask64 white = between(v, '\t', '\r');
		__mmask64 stays = white | between(v, ' ', '\x7f'), again;
		unsigned count = (unsigned)_mm_popcnt_u64(stays);

		if (count == 0)
			continue;
		v = _mm512_mask_add_epi8(v, between(v, 'A', 'Z'), v, small);
		v = _mm512_mask_mov_epi8(v, white, space);
		v = _mm512_maskz_compress_epi8(stays, v);
		/* Behind the last one are zeros, which are no spaces. */
		white = _mm512_cmpeq_epi8_mask(v, space);
		again = white & (white << 1 | in);
		in = white >> (count - 1);
		/* n <= i, so there is room for all of it. */
		_mm512_storeu_si512(out + n,
		    _mm512_maskz_compress_epi8(~again, v));
		n += count - (unsigned)_mm_popcnt_u64(again);
	}
	*in_space = in != 0;
	return n + text_put_portable(bytes + i, size - i, out + n, in_space);
}
#endif
