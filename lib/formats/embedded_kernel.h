/*
 * embedded_kernel.h - the shuffling sieve, once for each instruction set.
 *
 * The including file defines:
 *   KERNEL(name)   name with the variant's suffix
 *   TARGET         the instructions the compiler may use, or nothing
 *   VL             bytes of a vector: 16 or 32
 *   VEC            its type, and the operations on it:
 *   LOAD(at)       VL bytes, not aligned
 *   TABLE(at)      16 bytes, once for every 16 of the vector
 *   LOW(table, v)  what the table says of the low half of every byte
 *   HIGH(table, v) ... of the high half
 *   AND(a, b) OR(a, b)
 *   NONE(v)        is all of it 0?
 *   PLACES(v)      uint64_t: bit i set where byte i is not 0
 *
 * Reads the blocks and SIEVE_AHEAD bytes behind them, no more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

#define KERNEL_SOON 1024u /* asked for before it is needed */

/* Which numbers may have the byte at at as their first, second or third? */
TARGET __attribute__((always_inline)) static inline VEC
KERNEL(fits)(const VEC *halves, const uint8_t *at)
{
	VEC v = LOAD(at);

	return AND(LOW(halves[0], v), HIGH(halves[1], v));
}

TARGET size_t
KERNEL(skip)(const uint8_t *bytes, size_t blocks, uint64_t *out)
{
	VEC halves[6], may[SIEVE_BLOCK / VL], any;
	size_t n, i;

	for (i = 0; i < 6; i++)
		halves[i] = TABLE(embedded_halves[i]);
	*out = 0;
	for (n = 0; n < blocks; n++) {
		const uint8_t *at = bytes + n * SIEVE_BLOCK;

		__builtin_prefetch(at + KERNEL_SOON);
		for (i = 0; i < SIEVE_BLOCK / VL; i++, at += VL)
			may[i] = AND(KERNEL(fits)(halves, at),
			    AND(KERNEL(fits)(halves + 2, at + 1),
				KERNEL(fits)(halves + 4, at + 2)));
		any = may[0];
		for (i = 1; i < SIEVE_BLOCK / VL; i++)
			any = OR(any, may[i]);
		if (!NONE(any))
			break;
	}
	for (i = 0; n < blocks && i < SIEVE_BLOCK / VL; i++)
		*out |= PLACES(may[i]) << i * VL;
	return n;
}
