/*
 * literal_portable.c - the kernel in plain C: the meaning of the others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/literal_sample.h"
#include "lib/match/literal_set.h"

/* Which prints of a line are this one? */
static inline uint32_t
places_of(const uint8_t *line, uint16_t print)
{
	uint32_t places = 0;
	unsigned i;

	for (i = 0; i < LITERAL_PLACES; i++)
		places |= (uint32_t)(literal_u16(line + 2 * i) == print) << i;
	return places;
}

/* Collect the positions that the sampler picks. */
static uint32_t
pick(const struct literal_set *set, const uint8_t *bytes, uint32_t size,
    uint16_t *out)
{
	uint8_t is_picked[LITERAL_SAMPLE];
	uint32_t count = 0, from, i, n;

	for (from = 0; from < size; from += n) {
		n = size - from < LITERAL_SAMPLE ? size - from : LITERAL_SAMPLE;
		literal_sample(bytes + from, n, set->multiplier, set->span,
		    is_picked);
		for (i = 0; i < n; i++) {
			out[count] = (uint16_t)(from + i);
			count += is_picked[i];
		}
	}
	return count;
}

void
literal_fold_portable(uint8_t *to, const uint8_t *from, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		to[i] = literal_fold_byte(from[i]);
}

#define KERNEL(name) literal_##name##_portable
#define TARGET
#define PLACES(line, print)           places_of(line, print)
#define SAMPLE(set, bytes, size, out) pick(set, bytes, size, out)

#include "lib/match/literal_kernel.h"
