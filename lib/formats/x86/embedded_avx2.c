/*
 * embedded_avx2.c - the shuffling sieve, 32 bytes a turn.
 *
 * Sixty-four were no faster on the machine we have (Zen 5): it shuffles as
 * many bytes a turn either way, and vectors that cross a line of the cache
 * every time make reading from memory slower.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/embedded_sieve.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define KERNEL(name) embedded_##name##_avx2
#define TARGET       __attribute__((target("avx2")))
#define VL           32
#define VEC          __m256i
#define LOAD(at)     _mm256_loadu_si256((const void *)(at))
#define TABLE(at) \
	_mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)(at)))
#define HALF           _mm256_set1_epi8(15)
#define LOW(table, v)  _mm256_shuffle_epi8((table), _mm256_and_si256((v), HALF))
#define HIGH(table, v) LOW((table), _mm256_srli_epi16((v), 4))
#define AND(a, b)      _mm256_and_si256((a), (b))
#define OR(a, b)       _mm256_or_si256((a), (b))
#define NONE(v)        (_mm256_testz_si256((v), (v)) != 0)
#define PLACES(v)                                                         \
	((uint64_t)(uint32_t)~_mm256_movemask_epi8(_mm256_cmpeq_epi8((v), \
	    _mm256_setzero_si256())))
#include "lib/formats/embedded_kernel.h"

bool
embedded_runs_avx2(void)
{
	return __builtin_cpu_supports("avx2") != 0;
}
#endif
