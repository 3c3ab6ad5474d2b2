/*
 * literal_neon.c - the literal kernel, 16 bytes a turn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/literal_set.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define KERNEL(name) literal_##name##_neon
#define TARGET
#define VL           16
#define VEC          uint8x16_t
#define LOAD(at)     vld1q_u8(at)
#define STORE(at, v) vst1q_u8((at), (v))
#define MAX(a, b)    vmaxq_u8((a), (b))
#define MIN(a, b)    vminq_u8((a), (b))

/* Fold the case of ASCII letters. */
static inline uint8x16_t
lower_of(uint8x16_t v)
{
	uint8x16_t is_upper =
	    vcltq_u8(vsubq_u8(v, vdupq_n_u8('A')), vdupq_n_u8(26));

	return vaddq_u8(v, vandq_u8(is_upper, vdupq_n_u8(0x20)));
}

/* As in x86/literal_avx512.c. */
static inline uint8x16_t
keys_of(uint8x16_t low, uint8x16_t high, uint32_t multiplier)
{
	const uint16x8_t k = vdupq_n_u16((uint16_t)multiplier);
	const uint16x8_t odd = vdupq_n_u16(0xff00);
	uint16x8_t even, uneven;

	even = vshrq_n_u16(vmulq_u16(vreinterpretq_u16_u8(low), k), 8);
	uneven = vandq_u16(vmulq_u16(vreinterpretq_u16_u8(high), k), odd);
	return vbicq_u8(vreinterpretq_u8_u16(vorrq_u16(even, uneven)),
	    vceqq_u8(low, high));
}

/* Four bits for each byte that is all ones. */
static inline uint64_t
nibbles_of(uint8x16_t is)
{
	return vget_lane_u64(
	    vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(is), 4)), 0);
}

static inline uint32_t
emit(uint8x16_t key, uint8x16_t least, uint32_t from, uint32_t count,
    uint16_t *out)
{
	uint64_t is_picked =
	    nibbles_of(vandq_u8(vceqq_u8(key, least), vtstq_u8(key, key)));
	uint32_t picked = 0;

	is_picked &= 0x1111111111111111u;
	if (count < 16)
		is_picked &= ((uint64_t)1 << 4 * count) - 1;
	for (; is_picked != 0; is_picked &= is_picked - 1)
		out[picked++] =
		    (uint16_t)(from + (uint32_t)__builtin_ctzll(is_picked) / 4);
	return picked;
}

static inline uint32_t
places_of(const uint8_t *line, uint16_t print)
{
	static const uint16_t bit[8] = { 1, 2, 4, 8, 16, 32, 64, 128 };
	uint16x8_t same =
	    vceqq_u16(vreinterpretq_u16_u8(vld1q_u8(line)), vdupq_n_u16(print));

	return vaddvq_u16(vandq_u16(same, vld1q_u16(bit)));
}

#define LOWER(v)                           lower_of(v)
#define KEYS(low, high, k)                 keys_of((low), (high), (k))
#define EMIT(key, least, from, count, out) emit(key, least, from, count, out)
#include "lib/match/literal_vector.h"

#define PLACES(line, print)           places_of((line), (print))
#define SAMPLE(set, bytes, size, out) literal_pick_neon(set, bytes, size, out)
#include "lib/match/literal_kernel.h"

bool
literal_runs_neon(void)
{
	return true;
}
#endif
