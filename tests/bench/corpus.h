/*
 * corpus.h - content and literals of a benchmark, from what this machine has.
 *
 * The files of the machine are divided by a hash of their paths: one half is
 * what is searched, from the other half come the literals, so that they share
 * what files of one distribution share and are not in the content.  Same
 * files, same corpus.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_BENCH_CORPUS_H
#define CANDOR_TESTS_BENCH_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	uint8_t *at;
	size_t size, room;
};

struct corpus {
	struct bytes content; /* mixed kinds, shuffled by megabytes */
	struct bytes code;    /* where literals come from: ELF */
	struct bytes text;    /* and text, markup, scripts */
};

/* mb megabytes of content.  Exits with a message when it cannot. */
void corpus_make(struct corpus *c, size_t mb);

/* p, unless it is NULL: then a message, and exit. */
void *corpus_must(void *p);

/* Says which half a path is in, and when its turn is. */
uint64_t corpus_hash(const char *path);

/* A generator of its own, so that its numbers are the same everywhere. */
struct dice {
	uint64_t state;
};
uint64_t dice_next(struct dice *d);
size_t dice_below(struct dice *d, size_t n);

#endif
