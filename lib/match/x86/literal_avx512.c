/*
 * literal_avx512.c - the literal kernel, 64 bytes a turn.
 *
 * Wants VBMI2 for its compression: Ice Lake, Zen 4 and later, which do not
 * slow down for wide vectors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/literal_set.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define KERNEL(name) literal_##name##_avx512
#define TARGET                                                                 \
	__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi," \
			      "avx512vbmi2,bmi,bmi2,popcnt")))
#define VL           64
#define VEC          __m512i
#define LOAD(at)     _mm512_loadu_si512((const void *)(at))
#define STORE(at, v) _mm512_storeu_si512((void *)(at), (v))
#define MAX(a, b)    _mm512_max_epu8((a), (b))
#define MIN(a, b)    _mm512_min_epu8((a), (b))

/* Fold the case of ASCII letters. */
TARGET static inline __m512i
lower_of(__m512i v)
{
	__mmask64 is_upper =
	    _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8('A')),
		_mm512_set1_epi8(26));

	return _mm512_mask_add_epi8(v, is_upper, v, _mm512_set1_epi8(0x20));
}

/* Two bytes times k: the product's high byte.  Of even positions it comes out
   of low, of odd ones out of high, whose words are one byte on. */
TARGET static inline __m512i
keys_of(__m512i low, __m512i high, uint32_t multiplier)
{
	const __m512i k = _mm512_set1_epi16((short)multiplier);
	const __m512i odd = _mm512_set1_epi16((short)0xff00);
	__m512i even, keys;

	even = _mm512_srli_epi16(_mm512_mullo_epi16(low, k), 8);
	keys = _mm512_or_si512(even,
	    _mm512_and_si512(_mm512_mullo_epi16(high, k), odd));
	return _mm512_maskz_mov_epi8(_mm512_cmpneq_epi8_mask(low, high), keys);
}

TARGET static inline uint32_t
emit(__m512i key, __m512i least, uint32_t from, uint32_t count, uint16_t *out)
{
	static const uint8_t iota[64] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
		12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
		28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
		44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
		60, 61, 62, 63 };
	const __m512i base = _mm512_set1_epi16((short)from);
	__mmask64 is_picked =
	    _mm512_mask_cmpeq_epi8_mask(_mm512_test_epi8_mask(key, key), key,
		least);
	__m512i at;

	if (count < 64)
		is_picked &= ((__mmask64)1 << count) - 1;
	at = _mm512_maskz_compress_epi8(is_picked, LOAD(iota));
	STORE(out,
	    _mm512_add_epi16(base,
		_mm512_cvtepu8_epi16(_mm512_castsi512_si256(at))));
	count = (uint32_t)_mm_popcnt_u64(is_picked);
	if (count > 32)
		STORE(out + 32,
		    _mm512_add_epi16(base,
			_mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(at,
			    1))));
	return count;
}

TARGET static inline uint32_t
places_of(const uint8_t *line, uint16_t print)
{
	return _mm_cmpeq_epi16_mask(_mm_loadu_si128((const __m128i *)(const void
					    *)line),
	    _mm_set1_epi16((short)print));
}

#define LOWER(v)                           lower_of(v)
#define KEYS(low, high, k)                 keys_of((low), (high), (k))
#define EMIT(key, least, from, count, out) emit(key, least, from, count, out)
#include "lib/match/literal_vector.h"

#define PLACES(line, print)           places_of((line), (print))
#define SAMPLE(set, bytes, size, out) literal_pick_avx512(set, bytes, size, out)
#include "lib/match/literal_kernel.h"

bool
literal_runs_avx512(void)
{
	return __builtin_cpu_supports("avx512vbmi2") &&
	    __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512vbmi") &&
	    __builtin_cpu_supports("bmi2");
}
#endif
