/*
 * literal_avx2.c - the literal kernel, 32 bytes a turn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/cpu.h"
#include "lib/match/literal_set.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define KERNEL(name) literal_##name##_avx2
#define TARGET       __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define VL           32
#define VEC          __m256i
#define LOAD(at)     _mm256_loadu_si256((const __m256i *)(const void *)(at))
#define STORE(at, v) _mm256_storeu_si256((__m256i *)(void *)(at), (v))
#define MAX(a, b)    _mm256_max_epu8((a), (b))
#define MIN(a, b)    _mm256_min_epu8((a), (b))

/* Fold the case of ASCII letters.  Comparison is signed: move 'A' down. */
TARGET static inline __m256i
lower_of(__m256i v)
{
	__m256i moved = _mm256_add_epi8(v, _mm256_set1_epi8(0x80 - 'A'));
	__m256i is_upper =
	    _mm256_cmpgt_epi8(_mm256_set1_epi8(-128 + 26), moved);

	return _mm256_add_epi8(v,
	    _mm256_and_si256(is_upper, _mm256_set1_epi8(0x20)));
}

/* As in literal_avx512.c. */
TARGET static inline __m256i
keys_of(__m256i low, __m256i high, uint32_t multiplier)
{
	const __m256i k = _mm256_set1_epi16((short)multiplier);
	const __m256i odd = _mm256_set1_epi16((short)0xff00);
	__m256i even, keys;

	even = _mm256_srli_epi16(_mm256_mullo_epi16(low, k), 8);
	keys = _mm256_or_si256(even,
	    _mm256_and_si256(_mm256_mullo_epi16(high, k), odd));
	return _mm256_andnot_si256(_mm256_cmpeq_epi8(low, high), keys);
}

TARGET static inline uint32_t
emit(__m256i key, __m256i least, uint32_t from, uint32_t count, uint16_t *out)
{
	__m256i none = _mm256_cmpeq_epi8(key, _mm256_setzero_si256());
	uint32_t is_picked =
	    (uint32_t)_mm256_movemask_epi8(_mm256_andnot_si256(none,
		_mm256_cmpeq_epi8(key, least)));
	uint32_t picked;

	if (count < 32)
		is_picked &= (1u << count) - 1;
	picked = (uint32_t)_mm_popcnt_u32(is_picked);
	for (; is_picked != 0; is_picked &= is_picked - 1)
		*out++ = (uint16_t)(from + (uint32_t)__builtin_ctz(is_picked));
	return picked;
}

TARGET static inline uint32_t
places_of(const uint8_t *line, uint16_t print)
{
	__m128i same =
	    _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)(const void *)
				    line),
		_mm_set1_epi16((short)print));

	return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(same,
	    _mm_setzero_si128()));
}

#define LOWER(v)                           lower_of(v)
#define KEYS(low, high, k)                 keys_of((low), (high), (k))
#define EMIT(key, least, from, count, out) emit(key, least, from, count, out)
#include "lib/match/literal_vector.h"

#define PLACES(line, print)           places_of((line), (print))
#define SAMPLE(set, bytes, size, out) literal_pick_avx2(set, bytes, size, out)
#include "lib/match/literal_kernel.h"

bool
literal_runs_avx2(void)
{
	return cpu_has_avx2();
}
#endif
