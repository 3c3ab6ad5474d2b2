/*
 * embedded_neon.c - the shuffling sieve, 16 bytes a turn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/embedded_sieve.h"

#if defined(__aarch64__)
#include <arm_neon.h>

/* Bit i set where byte i is not 0. */
static inline uint64_t
places_of(uint8x16_t v)
{
	static const uint8_t bit[16] = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4,
		8, 16, 32, 64, 128 };
	uint8x16_t is = vandq_u8(vtstq_u8(v, v), vld1q_u8(bit));

	return (uint64_t)vaddv_u8(vget_low_u8(is)) |
	    (uint64_t)vaddv_u8(vget_high_u8(is)) << 8;
}

#define KERNEL(name) embedded_##name##_neon
#define TARGET
#define VL             16
#define VEC            uint8x16_t
#define LOAD(at)       vld1q_u8(at)
#define TABLE(at)      vld1q_u8(at)
#define LOW(table, v)  vqtbl1q_u8((table), vandq_u8((v), vdupq_n_u8(15)))
#define HIGH(table, v) vqtbl1q_u8((table), vshrq_n_u8((v), 4))
#define AND(a, b)      vandq_u8((a), (b))
#define OR(a, b)       vorrq_u8((a), (b))
#define NONE(v)        (vmaxvq_u8(v) == 0)
#define PLACES(v)      places_of(v)
#include "lib/formats/embedded_kernel.h"

bool
embedded_runs_neon(void)
{
	return true;
}
#endif
