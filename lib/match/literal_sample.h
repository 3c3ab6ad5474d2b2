/*
 * literal_sample.h - which positions does the sampler pick?  Plain C, used by
 * the portable kernel and by the builder, which must pick the same ones.
 *
 * A position's key is made of its two bytes (literal_key()).  It is picked if
 * its key is not zero and is the largest of one of the span runs of span
 * consecutive keys that contain it: if it equals the least of the maxima of
 * those runs.  span is a power of two, so a maximum of span keys is a maximum
 * of two maxima of half as many.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_MATCH_LITERAL_SAMPLE_H
#define CANDOR_MATCH_LITERAL_SAMPLE_H

#include "lib/match/literal_layout.h"

#define LITERAL_SAMPLE 512u /* positions at a time */
#define LITERAL_SPAN   16u  /* the longest span */

/*
 * Say of each of size positions at bytes, at most LITERAL_SAMPLE, whether it
 * is picked (0 or 1).  Reads bytes[-(span - 1)] to bytes[size + span - 1].
 */
static inline void
literal_sample(const uint8_t *bytes, uint32_t size, uint32_t multiplier,
    uint32_t span, uint8_t *out)
{
	uint8_t key[LITERAL_SAMPLE + 2 * LITERAL_SPAN];
	uint8_t run[LITERAL_SAMPLE + 2 * LITERAL_SPAN];
	uint32_t keys = size + 2 * (span - 1);
	uint32_t i, half;

	bytes -= span - 1;
	for (i = 0; i < keys; i++)
		run[i] = key[i] =
		    literal_key(bytes[i], bytes[i + 1], multiplier);
	for (half = 1; half < span; half *= 2) {
		keys -= half;
		for (i = 0; i < keys; i++)
			run[i] =
			    run[i] > run[i + half] ? run[i] : run[i + half];
	}
	for (half = 1; half < span; half *= 2) {
		keys -= half;
		for (i = 0; i < keys; i++)
			run[i] =
			    run[i] < run[i + half] ? run[i] : run[i + half];
	}
	for (i = 0; i < size; i++)
		out[i] = key[i + span - 1] != 0 && key[i + span - 1] == run[i];
}

/*
 * Say of each position of a literal whether it is picked whatever stands
 * around the literal: whether a run of span keys that is all inside makes it
 * so.  size is at most LITERAL_SAMPLE.
 */
static inline void
literal_certain(const uint8_t *bytes, uint32_t size, uint32_t multiplier,
    uint32_t span, uint8_t *out)
{
	uint32_t from, i;
	uint8_t key, most;

	memset(out, 0, size);
	for (from = 0; from + span < size; from++) {
		most = 0;
		for (i = from; i < from + span; i++) {
			key = literal_key(bytes[i], bytes[i + 1], multiplier);
			most = key > most ? key : most;
		}
		for (i = from; i < from + span && most > 0; i++)
			out[i] |= literal_key(bytes[i], bytes[i + 1],
				      multiplier) == most;
	}
}

#endif
