/*
 * literal_vector.h - folding and the sampler with vectors, once for every
 * width.  It picks what literal_sample() says.
 *
 * The including file defines:
 *   KERNEL(name) TARGET   as for literal_kernel.h
 *   VL                    bytes of a vector, at most 64
 *   VEC                   its type, and the operations on it:
 *   LOAD(at) STORE(at, v) of VL bytes, not aligned
 *   KEYS(low, high, k)    keys of VL positions: low holds their bytes, high
 *                         the bytes behind them
 *   MAX(a, b) MIN(a, b)   byte by byte
 *   LOWER(v)              with ASCII letters in lower case
 *   EMIT(key, least, from, count, out)
 *                         append from + i to out for each i below count whose
 *                         key is not zero and equals least; say how many.
 *                         May write VL places
 *
 * Reads up to VL + 16 bytes behind the block; a view has 2 * LITERAL_MARGIN.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

TARGET void
KERNEL(fold)(uint8_t *to, const uint8_t *from, size_t size)
{
	size_t i;

	for (i = 0; i + VL <= size; i += VL)
		STORE(to + i, LOWER(LOAD(from + i)));
	if (i < size && size >= VL) {
		/* The last ones once more, so that all fit a vector. */
		i = size - VL;
		STORE(to + i, LOWER(LOAD(from + i)));
		i = size;
	}
	for (; i < size; i++)
		to[i] = literal_fold_byte(from[i]);
}

TARGET static void
KERNEL(keys)(const uint8_t *bytes, uint32_t count, uint32_t multiplier,
    uint8_t *key, uint8_t *run)
{
	uint32_t i;

	for (i = 0; i < count; i += VL) {
		VEC keys =
		    KEYS(LOAD(bytes + i), LOAD(bytes + i + 1), multiplier);

		STORE(key + i, keys);
		STORE(run + i, keys);
	}
}

TARGET static uint32_t
KERNEL(pick)(const struct literal_set *set, const uint8_t *bytes, uint32_t size,
    uint16_t *out)
{
	uint8_t *key = set->scratch->key, *run = set->scratch->run;
	uint32_t span = set->span, count = 0, from, keys, half, i, n;

	for (from = 0; from < size; from += n) {
		n = size - from < LITERAL_PICK ? size - from : LITERAL_PICK;
		keys = n + 2 * (span - 1);
		KERNEL(keys)
		(bytes + from - (span - 1), keys, set->multiplier, key, run);
		for (half = 1; half < span; half *= 2) {
			keys -= half;
			for (i = 0; i < keys; i += VL)
				STORE(run + i,
				    MAX(LOAD(run + i), LOAD(run + i + half)));
		}
		for (half = 1; half < span; half *= 2) {
			keys -= half;
			for (i = 0; i < keys; i += VL)
				STORE(run + i,
				    MIN(LOAD(run + i), LOAD(run + i + half)));
		}
		for (i = 0; i < n; i += VL)
			count += EMIT(LOAD(key + i + span - 1), LOAD(run + i),
			    from + i, n - i, out + count);
	}
	return count;
}
