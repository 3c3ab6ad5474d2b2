/*
 * literal_avx512.c - the literal kernel, 64 bytes a turn.
 *
 * Wants VBMI2 for its compression: Ice Lake, Zen 4 and later, which do not
 * slow down for wide vectors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/cpu.h"
#include "lib/match/literal_set.h"

#if defined(__x86_64__)
#if !defined(__clang__)
/* GCC 12's own header begins with values it does not set (GCC bug 105593). */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
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

static const uint8_t iota_bytes[64] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
	12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
	30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
	48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63 };

TARGET static inline uint32_t
emit(__m512i key, __m512i least, uint32_t from, uint32_t count, uint16_t *out)
{
	const __m512i base = _mm512_set1_epi16((short)from);
	__mmask64 is_picked =
	    _mm512_mask_cmpeq_epi8_mask(_mm512_test_epi8_mask(key, key), key,
		least);
	__m512i at;

	if (count < 64)
		is_picked &= ((__mmask64)1 << count) - 1;
	at = _mm512_maskz_compress_epi8(is_picked, LOAD(iota_bytes));
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

/*
 * Look up 16 windows of q bytes, 4 or 2: bit i set where the one at bytes + i
 * passes.  The filter is read in words of 32 bits, one for each window hash.
 */
TARGET __attribute__((always_inline)) static inline __mmask16
pass_16(const uint8_t *bytes, __m512i offsets, unsigned q,
    const uint8_t *filter, __m512i k, __m128i shift)
{
	const __m512i low = _mm512_set1_epi32(7), high = _mm512_set1_epi32(24);
	__m512i here = LOAD(bytes), at, word, behind;

	at = _mm512_permutexvar_epi8(offsets, here);
	if (q == 2) {
		behind = _mm512_srli_epi32(at, 16);
		at = _mm512_slli_epi32(at, 16);
	} else {
		behind = _mm512_permutexvar_epi8(_mm512_add_epi8(offsets,
						     _mm512_set1_epi8(4)),
		    here);
	}
	behind = _mm512_or_si512(_mm512_and_si512(behind, low),
	    _mm512_and_si512(_mm512_srli_epi32(behind, 5), high));
	word =
	    _mm512_i32gather_epi32(_mm512_srl_epi32(_mm512_mullo_epi32(at, k),
				       shift),
		filter, 4);
	return _mm512_test_epi32_mask(word,
	    _mm512_sllv_epi32(_mm512_set1_epi32(1), behind));
}

/* As pass_grid() of the kernel does it, 32 positions a turn. */
TARGET __attribute__((always_inline)) static inline uint32_t
pass_each(const struct literal_plane *plane, const uint8_t *bytes,
    uint32_t size, unsigned q, uint16_t *out)
{
	const __m512i k = _mm512_set1_epi32((int)(uint32_t)plane->k1);
	const __m128i shift =
	    _mm_cvtsi32_si128((int)(plane->filter_shift - 32));
	const __m512i offsets = _mm512_add_epi8(_mm512_set1_epi32(0x03020100),
	    _mm512_mullo_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7,
				   6, 5, 4, 3, 2, 1, 0),
		_mm512_set1_epi32(0x01010101)));
	const __m512i iota =
	    _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(const void
		    *)iota_bytes));
	const uint8_t *filter = plane->filter;
	uint32_t count = 0, i;

	for (i = 0; i < size; i += 32) {
		__mmask32 pass =
		    pass_16(bytes + i, offsets, q, filter, k, shift);

		pass |= (__mmask32)pass_16(bytes + i + 16, offsets, q, filter,
			    k, shift)
		    << 16;
		if (size - i < 32)
			pass &= ((__mmask32)1 << (size - i)) - 1;
		STORE(out + count,
		    _mm512_maskz_compress_epi16(pass,
			_mm512_add_epi16(iota, _mm512_set1_epi16((short)i))));
		count += (uint32_t)_mm_popcnt_u32(pass);
	}
	return count;
}

/* Which of eight windows' hashes pass the filter of a plane? */
struct sieve {
	__m128i shift, other;
	const uint8_t *filter;
};

TARGET static inline struct sieve
sieve_of(const struct literal_plane *plane)
{
	struct sieve sieve = {
		.shift = _mm_cvtsi32_si128((int)plane->filter_shift),
		.other = _mm_cvtsi32_si128((int)plane->filter_shift - 6),
		.filter = plane->filter,
	};

	return sieve;
}

TARGET static inline __mmask8
sift(const struct sieve *sieve, __m512i hash)
{
	const __m512i one = _mm512_set1_epi64(1), six = _mm512_set1_epi64(63);
	__m512i bit = _mm512_srl_epi64(hash, sieve->shift);
	__m512i other = _mm512_srl_epi64(hash, sieve->other);
	__m512i word =
	    _mm512_i64gather_epi64(_mm512_srli_epi64(bit, 6), sieve->filter, 8);

	bit = _mm512_srlv_epi64(word, _mm512_and_si512(bit, six));
	other = _mm512_srlv_epi64(word, _mm512_and_si512(other, six));
	return _mm512_test_epi64_mask(_mm512_and_si512(bit, other), one);
}

/*
 * As pass_grid() of the kernel does it for windows of 12 bytes on a grid of
 * eight: the first eight bytes of eight windows are one vector, the last
 * eight of them another.
 */
TARGET static inline uint32_t
pass_eighths(const struct literal_plane *plane, const uint8_t *bytes,
    uint32_t size, uint16_t *out)
{
	const __m512i k1 = _mm512_set1_epi64((int64_t)plane->k1);
	const __m512i k2 = _mm512_set1_epi64((int64_t)plane->k2);
	const __m128i grid = _mm_set_epi16(56, 48, 40, 32, 24, 16, 8, 0);
	const struct sieve sieve = sieve_of(plane);
	uint32_t count = 0, i;

	for (i = 0; i < size; i += 64) {
		__mmask8 pass = sift(&sieve,
		    _mm512_add_epi64(_mm512_mullo_epi64(LOAD(bytes + i), k1),
			_mm512_mullo_epi64(LOAD(bytes + i + 4), k2)));

		if (size - i < 64)
			pass &= (__mmask8)((1u << (size - i + 7) / 8) - 1);
		_mm_storeu_si128((__m128i *)(void *)(out + count),
		    _mm_maskz_compress_epi16(pass,
			_mm_add_epi16(grid, _mm_set1_epi16((short)i))));
		count += (uint32_t)_mm_popcnt_u32(pass);
	}
	return count;
}

#define LOWER(v)                           lower_of(v)
#define KEYS(low, high, k)                 keys_of((low), (high), (k))
#define EMIT(key, least, from, count, out) emit(key, least, from, count, out)
#include "lib/match/literal_vector.h"

#define PASS_GRID(plane, bytes, size, out) pass_eighths(plane, bytes, size, out)
#define PASS_EACH(plane, bytes, size, q, out) \
	pass_each(plane, bytes, size, q, out)
#define PLACES(line, print)           places_of((line), (print))
#define SAMPLE(set, bytes, size, out) literal_pick_avx512(set, bytes, size, out)
#include "lib/match/literal_kernel.h"

bool
literal_runs_avx512(void)
{
	return cpu_has_avx512();
}
#endif
