/*
 * literal_counted.h - what a scan costs, in things that are counted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_BENCH_LITERAL_COUNTED_H
#define CANDOR_TESTS_BENCH_LITERAL_COUNTED_H

#include "lib/match/literal_set.h"

struct literal_counts {
	size_t picked;  /* positions, by the sampler */
	size_t lines;   /* lines looked up: windows that passed the filter */
	size_t windows; /* ... of which the line has the print */
};

extern struct literal_counts literal_counts;
extern const struct literal_impl literal_counted;

#endif
