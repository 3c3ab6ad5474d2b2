/*
 * literal_bench.c - the literal matcher's speed, beside Hyperscan's and beside
 * what the machine could do at best.
 *
 *     literal_bench [-m MB] [-r TURNS] [-i IMPLEMENTATION] [-n] [-v] [SET ...]
 *
 * The sets are described in literal_sets.h.  -n: without Hyperscan; -i: with
 * one implementation only, else all that run here; -v: count.  All sides get
 * the same literals and the same 2 MB pieces of content, in turn, and keep
 * the best time of each piece.
 *
 * What limits a row is found by taking away: the time with an empty filter is
 * that of folding, sampling and asking the filter; with empty lines, the
 * lookup of windows that passed is added; the rest is confirming windows
 * which really stand in the content.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/bench/limits.h"
#include "tests/bench/literal_counted.h"
#include "tests/bench/literal_peer.h"
#include "tests/bench/literal_sets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE      ((size_t)2 << 20)
#define PIECES_MAX 4096u
#define IMPLS_MAX  5u
#define DENSE_SIZE ((size_t)16 << 20)
#define WORST_SET  400000u /* from as many literals on, worst contents, too */

enum side {
	SIDE_PEER = IMPLS_MAX, /* before it: implementations */
	SIDE_NO_FILTER,
	SIDE_NO_LINES,
	SIDES
};

struct options {
	size_t mb;
	int turns;
	const char *only;
	bool with_peer, counts;
	double read, xxh3; /* GB/s of this machine */
};

struct bench {
	const struct options *options;
	const struct literal_cut *cut;
	struct literal_opened ours[IMPLS_MAX], no_filter, no_lines;
	const struct literal_impl *impl[IMPLS_MAX];
	size_t impls;
	struct literal_peer *peer;
};

static size_t hits;

static bool
count_hits(void *ctx, const struct literal_hit *hit, size_t count)
{
	(void)ctx;
	(void)hit;
	hits += count;
	return true;
}

/* Wipe the filters of the section's planes, or their lines. */
static void
wipe(struct literal_opened *o, bool filters)
{
	uint32_t i;

	for (i = 0; i < o->set->planes; i++) {
		const struct literal_plane *p = &o->set->plane[i];
		const uint8_t *at = filters ? p->filter : p->lines;
		uint32_t bits = 64 - p->filter_shift + p->choice;
		size_t size = filters ? (size_t)1 << (bits - 3)
				      : ((size_t)p->line_mask + 1) * 64;

		memset(o->section.bytes + (at - o->section.bytes), 0, size);
	}
}

static double
scan(const struct literal_opened *o, const uint8_t *bytes, size_t size)
{
	double from = bench_now();

	literal_scan(o->set, bytes, size, 0, count_hits, NULL);
	return bench_now() - from;
}

/* Seconds for one piece, by this side; 0 if there is none. */
static double
side_scan(const struct bench *b, unsigned side, const uint8_t *bytes,
    size_t size)
{
	if (side < b->impls)
		return scan(&b->ours[side], bytes, size);
	if (side == SIDE_PEER && b->peer != NULL)
		return literal_peer_scan(b->peer, bytes, size);
	if (side == SIDE_NO_FILTER)
		return scan(&b->no_filter, bytes, size);
	if (side == SIDE_NO_LINES)
		return scan(&b->no_lines, bytes, size);
	return 0;
}

/* Best seconds of each side for all of the content. */
static void
measure(const struct bench *b, const struct bytes *content, double *out)
{
	static double best[SIDES][PIECES_MAX];
	size_t at, i, size;
	unsigned side;
	int turn;
	double t;

	for (turn = 0; turn < b->options->turns; turn++) {
		for (side = 0; side < SIDES; side++) {
			for (at = i = 0; at < content->size && i < PIECES_MAX;
			     at += PIECE, i++) {
				size = content->size - at;
				size = size < PIECE ? size : PIECE;
				t = side_scan(b, side, content->at + at, size);
				if (turn == 0 || t < best[side][i])
					best[side][i] = t;
			}
		}
	}
	for (side = 0; side < SIDES; side++) {
		out[side] = 0;
		for (i = 0; i * PIECE < content->size && i < PIECES_MAX; i++)
			out[side] += best[side][i];
	}
}

static void
bench_open(struct bench *b, const struct options *o,
    const struct literal_cut *cut)
{
	const struct literal_impl *impl = literal_impls;

	memset(b, 0, sizeof(*b));
	b->options = o;
	b->cut = cut;
	for (;; impl++) {
		if (impl->runs() &&
		    (o->only == NULL || strcmp(impl->name, o->only) == 0)) {
			literal_opened_make(&b->ours[b->impls], cut, impl);
			b->impl[b->impls++] = impl;
		}
		if (strcmp(impl->name, "portable") == 0)
			break;
	}
	if (b->impls == 0) {
		fprintf(stderr, "bench: no such implementation here\n");
		exit(2);
	}
	literal_opened_make(&b->no_filter, cut, b->impl[0]);
	wipe(&b->no_filter, true);
	literal_opened_make(&b->no_lines, cut, b->impl[0]);
	wipe(&b->no_lines, false);
	if (o->with_peer)
		b->peer = literal_peer_open(cut);
}

static void
bench_close(struct bench *b)
{
	size_t i;

	for (i = 0; i < b->impls; i++)
		literal_opened_free(&b->ours[i]);
	literal_opened_free(&b->no_filter);
	literal_opened_free(&b->no_lines);
	if (b->peer != NULL)
		literal_peer_close(b->peer);
}

/* The largest part of the time, and its share. */
static void
print_limit(const double *seconds)
{
	double part[3] = { seconds[SIDE_NO_FILTER],
		seconds[SIDE_NO_LINES] - seconds[SIDE_NO_FILTER],
		seconds[0] - seconds[SIDE_NO_LINES] };

	printf("  %2.0f%% filter %2.0f%% lines %2.0f%% confirming\n",
	    100 * part[0] / seconds[0], 100 * part[1] / seconds[0],
	    100 * part[2] / seconds[0]);
}

static void
print_counts(const struct bench *b, const struct bytes *content)
{
	double mb = (double)content->size * 1e-6;
	struct literal_opened o;
	uint32_t i;

	literal_opened_make(&o, b->cut, &literal_counted);
	memset(&literal_counts, 0, sizeof(literal_counts));
	literal_scan(o.set, content->at, content->size, 0, count_hits, NULL);
	printf("  each MB: %.0f picked, %.0f pass the filter, %.0f are in a "
	       "line\n",
	    (double)literal_counts.picked / mb,
	    (double)literal_counts.lines / mb,
	    (double)literal_counts.windows / mb);
	for (i = 0; i < o.set->planes; i++) {
		const struct literal_plane *p = &o.set->plane[i];

		printf("  %s of step %u, windows of %u: filter %u KB, lines "
		       "%u KB\n",
		    p->kind == LITERAL_MINI ? "sampled" : "grid", p->step, p->q,
		    1u << (64 - p->filter_shift + p->choice - 13),
		    (p->line_mask + 1) / 16);
	}
	literal_opened_free(&o);
}

/* Measure one content and print its row. */
static void
bench_row(const struct bench *b, const char *what, const struct bytes *content)
{
	double seconds[SIDES], size = (double)content->size * 1e-9, gbs;
	size_t i;

	measure(b, content, seconds);
	gbs = size / seconds[0];
	printf("%-10s %-6s %6.3f GB/s", b->cut->name, what, gbs);
	if (b->peer != NULL)
		printf("  Hyperscan %6.3f  ratio %5.2f",
		    size / seconds[SIDE_PEER], seconds[SIDE_PEER] / seconds[0]);
	printf("  %4.1f%% of read", 100 * gbs / b->options->read);
	if (b->options->xxh3 > 0)
		printf(" %4.1f%% of XXH3", 100 * gbs / b->options->xxh3);
	print_limit(seconds);
	for (i = 1; i < b->impls; i++)
		printf("%-10s %-6s %6.3f GB/s  %s: %.2f of %s\n", b->cut->name,
		    what, size / seconds[i], b->impl[i]->name,
		    seconds[0] / seconds[i], b->impl[0]->name);
	if (b->options->counts)
		print_counts(b, content);
	fflush(stdout);
}

static void
bench_set(const char *name, const struct corpus *c, const struct options *o)
{
	struct literal_cut cut;
	struct bytes hostile;
	struct bench b;

	literal_cut_make(&cut, name, c);
	bench_open(&b, o, &cut);
	printf("%-10s %zu literals, %.1f MB, built in %.2f s\n", name,
	    cut.count, (double)b.ours[0].section.size * 1e-6, b.ours[0].took);
	bench_row(&b, "mix", &c->content);
	if (cut.count >= WORST_SET) {
		literal_hostile_less(&hostile, &cut);
		bench_row(&b, "less", &hostile);
		free(hostile.at);
		literal_hostile_dense(&hostile, b.ours[0].set->multiplier,
		    DENSE_SIZE);
		bench_row(&b, "dense", &hostile);
		free(hostile.at);
	}
	bench_close(&b);
	free(cut.literal);
}

static bool
read_options(int argc, char **argv, struct options *o)
{
	int option;

	while ((option = getopt(argc, argv, "m:r:i:nv")) != -1) {
		if (option == 'm')
			o->mb = strtoul(optarg, NULL, 10);
		else if (option == 'r')
			o->turns = (int)strtoul(optarg, NULL, 10);
		else if (option == 'i')
			o->only = optarg;
		else if (option == 'n')
			o->with_peer = false;
		else if (option == 'v')
			o->counts = true;
		else
			return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	static const char *const usual[] = { "nat1000", "nat10000", "nat100000",
		"nat500000", "real80000", "real1000" };
	struct options o = { .mb = 64, .turns = 3, .with_peer = true };
	struct corpus corpus;
	size_t i;

	if (!read_options(argc, argv, &o))
		return 2;
	corpus_make(&corpus, o.mb);
	o.read = limits_read(corpus.content.at, corpus.content.size);
	o.xxh3 = limits_xxh3(corpus.content.at, corpus.content.size);
	printf("%zu MB of content; one core reads %.1f GB/s, XXH3 %.1f GB/s\n",
	    o.mb, o.read, o.xxh3);
	for (i = 0; optind == argc && i < sizeof(usual) / sizeof(*usual); i++)
		bench_set(usual[i], &corpus, &o);
	for (; optind < argc; optind++)
		bench_set(argv[optind], &corpus, &o);
	return 0;
}
