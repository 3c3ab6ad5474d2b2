/*
 * literal_sets.c - cut literals, open them, make contents that hurt.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/bench/literal_sets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ARENA_ROOM  ((size_t)1 << 20)
#define NAT_LEAST   19u
#define COUNT_MAX   4000000u
#define SEED_REAL   21u
#define SEED_NAT    22u
#define SEED_LESS   23u
#define FROM_CODE   7u /* of ten literals */
#define CYCLE_LEAST 8u

double
bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Length of a literal as published rules have them (122,381 strings). */
static uint32_t
real_size(struct dice *d)
{
	static const struct {
		uint32_t below, from, to;
	} step[] = { { 10, 3, 3 }, { 43, 4, 5 }, { 99, 6, 7 }, { 202, 8, 10 },
		{ 350, 11, 15 }, { 440, 16, 18 }, { 550, 19, 23 },
		{ 680, 24, 31 }, { 1000, 32, 32 } };
	uint32_t at = (uint32_t)dice_below(d, 1000);
	size_t i = 0;

	while (at >= step[i].below)
		i++;
	return step[i].from +
	    (uint32_t)dice_below(d, step[i].to - step[i].from + 1);
}

/* Is this a literal a rule's author might take?  Not a run, not a table of
   small numbers: half as many different bytes as there are, or eight. */
static bool
is_plausible(const uint8_t *bytes, uint32_t size)
{
	uint32_t i, j, different = 0;

	for (i = 0; i < size; i++) {
		for (j = 0; j < i && bytes[j] != bytes[i]; j++)
			continue;
		different += j == i;
	}
	return different * 2 >= size || different >= 8;
}

/* Cut count literals out of the other half of the machine's files. */
static void
cut_all(struct literal_cut *s, const struct corpus *c, size_t count, bool real)
{
	struct dice dice = { real ? SEED_REAL : SEED_NAT };
	const struct bytes *from;
	size_t at, tries;

	s->literal = corpus_must(calloc(count + 1, sizeof(*s->literal)));
	s->count = 0;
	for (tries = 0; s->count < count && tries < count * 4; tries++) {
		uint32_t size = real_size(&dice);

		while (!real && size < NAT_LEAST)
			size = real_size(&dice);
		from = dice_below(&dice, 10) < FROM_CODE ? &c->code : &c->text;
		at = dice_below(&dice, from->size - LITERAL_MAX);
		if (!is_plausible(from->at + at, size))
			continue;
		s->literal[s->count].bytes = from->at + at;
		s->literal[s->count].size = size;
		s->literal[s->count].number = (uint32_t)s->count;
		s->count++;
	}
}

static bool
mark(void *ctx, const struct literal_hit *hit, size_t count)
{
	uint8_t *there = ctx;
	size_t i;

	for (i = 0; i < count; i++)
		there[hit[i].literal] = 1;
	return true;
}

/* Drop the literals that are in the content, and keep count of the rest. */
static void
drop_present(struct literal_cut *s, const struct corpus *c, size_t count)
{
	uint8_t *there = corpus_must(calloc(s->count + 1, 1));
	const struct literal_impl *impl = literal_impls;
	struct literal_opened o;
	size_t i, kept = 0;

	while (!impl->runs())
		impl++;
	literal_opened_make(&o, s, impl);
	literal_scan(o.set, c->content.at, c->content.size, 0, mark, there);
	literal_opened_free(&o);
	for (i = 0; i < s->count && kept < count; i++) {
		if (there[i])
			continue;
		s->literal[kept] = s->literal[i];
		s->literal[kept].number = (uint32_t)kept;
		kept++;
	}
	s->count = kept;
	free(there);
}

void
literal_cut_make(struct literal_cut *out, const char *name,
    const struct corpus *c)
{
	bool real = strncmp(name, "real", 4) == 0;
	size_t count = 0;

	if (real || strncmp(name, "nat", 3) == 0)
		count = strtoul(name + (real ? 4 : 3), NULL, 10);
	if (count == 0 || count > COUNT_MAX) {
		fprintf(stderr, "bench: %s is not a set\n", name);
		exit(2);
	}
	out->name = name;
	cut_all(out, c, count * 2 + 100, real);
	drop_present(out, c, count);
}

void
literal_opened_make(struct literal_opened *out, const struct literal_cut *cut,
    const struct literal_impl *impl)
{
	struct arena arena;
	struct why why;
	double from = bench_now();

	memset(out, 0, sizeof(*out));
	if (!literal_build(cut->literal, cut->count, 42, &out->section, &why)) {
		fprintf(stderr, "bench: %s\n", why.text);
		exit(2);
	}
	out->took = bench_now() - from;
	out->room = corpus_must(malloc(ARENA_ROOM));
	arena_init(&arena, out->room, ARENA_ROOM);
	out->set = literal_open_with(&arena,
	    cur_from(out->section.bytes, out->section.size), impl, &why);
	if (out->set == NULL) {
		fprintf(stderr, "bench: %s\n", why.text);
		exit(2);
	}
}

void
literal_opened_free(struct literal_opened *o)
{
	free(o->section.bytes);
	free(o->room);
}

void
literal_hostile_less(struct bytes *out, const struct literal_cut *cut)
{
	size_t *order = corpus_must(calloc(cut->count + 1, sizeof(*order)));
	struct dice dice = { SEED_LESS };
	size_t i, j;

	out->size = 0;
	out->room = cut->count * LITERAL_MAX + 1;
	out->at = corpus_must(malloc(out->room));
	for (i = 0; i < cut->count; i++) {
		j = dice_below(&dice, i + 1);
		order[i] = order[j];
		order[j] = i;
	}
	for (i = 0; i < cut->count; i++) {
		const struct literal *l = &cut->literal[order[i]];

		memcpy(out->at + out->size, l->bytes, l->size - 1);
		out->size += l->size - 1;
	}
	free(order);
}

/* A byte b, not folded, so that a and b have this key; -1: there is none. */
static int
byte_behind(int a, uint8_t key, uint32_t multiplier)
{
	int b;

	for (b = 0; b < 256; b++) {
		if (literal_fold_byte((uint8_t)b) == b &&
		    literal_key((uint8_t)a, (uint8_t)b, multiplier) == key)
			return b;
	}
	return -1;
}

/* Go from byte to byte by key until one comes again; the cycle's size. */
static size_t
find_cycle(uint8_t first, uint8_t key, uint32_t multiplier, uint8_t *out)
{
	size_t seen[256] = { 0 }, count = 0;
	uint8_t path[256];
	int at = first;

	while (at >= 0 && seen[at] == 0) {
		path[count++] = (uint8_t)at;
		seen[at] = count;
		at = byte_behind(at, key, multiplier);
	}
	if (at < 0)
		return 0;
	count -= seen[at] - 1;
	memcpy(out, path + seen[at] - 1, count);
	return count;
}

void
literal_hostile_dense(struct bytes *out, uint32_t multiplier, size_t size)
{
	uint8_t cycle[256], best[256];
	size_t count, most = 0, i;
	int key, first;

	for (key = 1; key < 256; key++) {
		for (first = 0; first < 256; first++) {
			count = find_cycle((uint8_t)first, (uint8_t)key,
			    multiplier, cycle);
			if (count > most)
				memcpy(best, cycle, count);
			most = count > most ? count : most;
		}
	}
	out->size = out->room = most < CYCLE_LEAST ? 0 : size;
	out->at = corpus_must(malloc(size));
	for (i = 0; i < out->size; i++)
		out->at[i] = best[i % most];
}
