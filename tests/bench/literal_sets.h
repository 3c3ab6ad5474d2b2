/*
 * literal_sets.h - the literals and the contents of the matcher's benchmark.
 *
 * Sets are cut from the half of the machine's files that is not searched, by
 * generators with fixed seeds, and hold nothing that occurs in the content:
 *
 *   natN    19 to 32 bytes: what a rule is searched for by when it has a
 *           choice.  Cut from files of the same distribution as the content,
 *           they share its boilerplate, which is as hard as it gets;
 *   realN   lengths as published rules have them, 3 to 32 bytes.
 *
 * Contents, beside the corpus: those made to hurt.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_BENCH_LITERAL_SETS_H
#define CANDOR_TESTS_BENCH_LITERAL_SETS_H

#include "lib/compile/literal_build.h"
#include "lib/match/literal_set.h"
#include "tests/bench/corpus.h"

struct literal_cut {
	const char *name;
	struct literal *literal;
	size_t count;
};

/* Make the set of this name ("nat10000").  Exits when that is none. */
void literal_cut_make(struct literal_cut *out, const char *name,
    const struct corpus *c);

/* A section of the set, opened. */
struct literal_opened {
	struct compile_output section;
	const struct literal_set *set;
	void *room;
	double took; /* seconds to build */
};

void literal_opened_make(struct literal_opened *out,
    const struct literal_cut *cut, const struct literal_impl *impl);
void literal_opened_free(struct literal_opened *o);

/* All literals less their last byte, one behind the other, shuffled. */
void literal_hostile_less(struct bytes *out, const struct literal_cut *cut);

/* Every position has the same key, so that the sampler picks them all. */
void literal_hostile_dense(struct bytes *out, uint32_t multiplier, size_t size);

/* Seconds of this thread. */
double bench_now(void);

#endif
