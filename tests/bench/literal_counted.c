/*
 * literal_counted.c - the portable kernel once more, counting what it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/bench/literal_counted.h"

#include "lib/match/literal_sample.h"

struct literal_counts literal_counts;

void literal_look_counted(struct literal_run *run,
    const struct literal_view *view);

static inline uint32_t
places_of(const uint8_t *line, uint16_t print)
{
	uint32_t places = 0;
	unsigned i;

	for (i = 0; i < LITERAL_PLACES; i++)
		places |= (uint32_t)(literal_u16(line + 2 * i) == print) << i;
	literal_counts.lines++;
	literal_counts.windows += places != 0;
	return places;
}

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
	literal_counts.picked += count;
	return count;
}

static bool
runs(void)
{
	return true;
}

#define KERNEL(name) literal_##name##_counted
#define TARGET
#define PLACES(line, print)           places_of(line, print)
#define SAMPLE(set, bytes, size, out) pick(set, bytes, size, out)

#include "lib/match/literal_kernel.h"

const struct literal_impl literal_counted = { "counted", runs,
	literal_look_counted, literal_fold_portable };
