/*
 * literal_bench.c - the literal matcher's speed, beside Hyperscan's.
 *
 *     literal_bench [-m MB] [-r REPEATS] [-i IMPLEMENTATION] [-n] [SET ...]
 *
 * SET is nat or real and a number (nat1000, real80000): nat literals have 19
 * to 32 bytes, real ones the lengths of published rules; both come from files
 * of this machine that are not in the content and do not occur in it.  -n:
 * without Hyperscan.  Both sides get the same literals and the same 2 MB
 * pieces in turn, and keep the best time of each piece.  Hyperscan regards
 * case, we do not: ours is the harder task.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/literal_build.h"
#include "lib/match/literal_set.h"
#include "tests/bench/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#if HAVE_HS
#include <hs/hs.h>
#endif

#define PIECE      ((size_t)2 << 20)
#define PIECES_MAX 4096
#define ARENA_ROOM ((size_t)1 << 20)

struct set {
	const char *name;
	struct literal *literal;
	size_t count;
};

static size_t hits;

static double
now(void)
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
cut(struct set *s, const struct corpus *c, size_t count, bool real)
{
	struct dice dice = { real ? 21 : 22 };
	const struct bytes *from;
	size_t at, tries;

	s->literal = calloc(count + 1, sizeof(*s->literal));
	s->count = 0;
	for (tries = 0; s->count < count && tries < count * 4; tries++) {
		uint32_t size = real_size(&dice);

		while (!real && size < 19)
			size = real_size(&dice);
		from = dice_below(&dice, 10) < 7 ? &c->code : &c->text;
		at = dice_below(&dice, from->size - LITERAL_MAX);
		if (!is_plausible(from->at + at, size))
			continue;
		s->literal[s->count].bytes = from->at + at;
		s->literal[s->count].size = size;
		s->literal[s->count].number = (uint32_t)s->count;
		s->count++;
	}
}

struct ours {
	struct compile_output section;
	const struct literal_set *set;
	void *room;
	double took;
};

static void
ours_open(struct ours *o, const struct set *s, const struct literal_impl *impl)
{
	struct arena arena;
	struct why why;
	double from = now();

	memset(o, 0, sizeof(*o));
	if (!literal_build(s->literal, s->count, 42, &o->section, &why)) {
		fprintf(stderr, "bench: %s\n", why.text);
		exit(2);
	}
	o->took = now() - from;
	o->room = malloc(ARENA_ROOM);
	arena_init(&arena, o->room, ARENA_ROOM);
	o->set = literal_open_with(&arena,
	    cur_from(o->section.bytes, o->section.size), impl, &why);
	if (o->set == NULL) {
		fprintf(stderr, "bench: %s\n", why.text);
		exit(2);
	}
}

static void
ours_close(struct ours *o)
{
	free(o->section.bytes);
	free(o->room);
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
drop_present(struct set *s, const struct corpus *c, size_t count,
    const struct literal_impl *impl)
{
	uint8_t *there = calloc(s->count, 1);
	struct ours o;
	size_t i, kept = 0;

	ours_open(&o, s, impl);
	literal_scan(o.set, c->content.at, c->content.size, 0, mark, there);
	ours_close(&o);
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

static bool
count_hits(void *ctx, const struct literal_hit *hit, size_t count)
{
	(void)ctx;
	(void)hit;
	hits += count;
	return true;
}

#if HAVE_HS
struct peer {
	hs_database_t *db;
	hs_scratch_t *scratch;
	double took;
};

static int
peer_hit(unsigned id, unsigned long long from, unsigned long long to,
    unsigned flags, void *ctx)
{
	(void)id;
	(void)from;
	(void)to;
	(void)flags;
	++*(size_t *)ctx;
	return 0;
}

static bool
peer_open(struct peer *p, const struct set *s)
{
	const char **text = calloc(s->count, sizeof(*text));
	size_t *size = calloc(s->count, sizeof(*size)), i;
	unsigned *flags = calloc(s->count, sizeof(*flags));
	unsigned *ids = calloc(s->count, sizeof(*ids));
	hs_compile_error_t *error = NULL;
	double from = now();
	hs_error_t end;

	for (i = 0; i < s->count; i++) {
		text[i] = (const char *)s->literal[i].bytes;
		size[i] = s->literal[i].size;
		ids[i] = (unsigned)i;
		flags[i] = getenv("PEER_CASELESS") ? HS_FLAG_CASELESS : 0;
	}
	end = hs_compile_lit_multi(text, flags, ids, size, (unsigned)s->count,
	    HS_MODE_BLOCK, NULL, &p->db, &error);
	p->took = now() - from;
	if (end != HS_SUCCESS)
		fprintf(stderr, "bench: hyperscan: %s\n", error->message);
	free(text);
	free(size);
	free(ids);
	free(flags);
	p->scratch = NULL;
	return end == HS_SUCCESS &&
	    hs_alloc_scratch(p->db, &p->scratch) == HS_SUCCESS;
}

static double
peer_scan(struct peer *p, const uint8_t *bytes, size_t size)
{
	size_t found = 0;
	double from = now();

	hs_scan(p->db, (const char *)bytes, (unsigned)size, 0, p->scratch,
	    peer_hit, &found);
	return now() - from;
}

static void
peer_close(struct peer *p)
{
	hs_free_scratch(p->scratch);
	hs_free_database(p->db);
}
#else
struct peer {
	double took;
};
#define peer_open(p, s)        (false)
#define peer_scan(p, at, size) (0.0)
#define peer_close(p)          ((void)(p))
#endif

static double
ours_scan(struct ours *o, const uint8_t *bytes, size_t size)
{
	double from = now();

	literal_scan(o->set, bytes, size, 0, count_hits, NULL);
	return now() - from;
}

static void
compare(const struct set *s, const struct corpus *c,
    const struct literal_impl *impl, int repeats, bool with_peer)
{
	static double best[2][PIECES_MAX];
	double total[2] = { 0, 0 }, t;
	struct ours o;
	struct peer p;
	size_t at, i, size;
	int r;

	ours_open(&o, s, impl);
	with_peer = with_peer && peer_open(&p, s);
	hits = 0;
	for (i = 0, at = 0; at < c->content.size; at += PIECE, i++) {
		size = c->content.size - at;
		size = size < PIECE ? size : PIECE;
		best[0][i] = best[1][i] = 1e9;
		for (r = 0; r < repeats; r++) {
			t = ours_scan(&o, c->content.at + at, size);
			best[0][i] = t < best[0][i] ? t : best[0][i];
			t = with_peer ? peer_scan(&p, c->content.at + at, size)
				      : 0;
			best[1][i] = t < best[1][i] ? t : best[1][i];
		}
		total[0] += best[0][i];
		total[1] += best[1][i];
	}
	printf("%-11s %7zu literals  %6.3f GB/s  (built in %5.2f s, "
	       "%5.1f MB, %zu hits)",
	    s->name, s->count, (double)c->content.size / total[0] * 1e-9,
	    o.took, (double)o.section.size * 1e-6, hits / (size_t)repeats);
	if (with_peer) {
		printf("  hyperscan %6.3f GB/s (%5.2f s)  ratio %5.2f",
		    (double)c->content.size / total[1] * 1e-9, p.took,
		    total[1] / total[0]);
		peer_close(&p);
	}
	printf("\n");
	fflush(stdout);
	ours_close(&o);
}

static void
bench_set(const char *name, const struct corpus *c,
    const struct literal_impl *impl, int repeats, bool with_peer)
{
	bool real = strncmp(name, "real", 4) == 0;
	size_t count = strtoul(name + (real ? 4 : 3), NULL, 10);
	struct set s = { .name = name };

	if (count == 0 || count > 4000000) {
		fprintf(stderr, "bench: %s is not a set\n", name);
		exit(2);
	}
	cut(&s, c, count * 2 + 100, real);
	drop_present(&s, c, count, impl);
	compare(&s, c, impl, repeats, with_peer);
	free(s.literal);
}

int
main(int argc, char **argv)
{
	static const char *const usual[] = { "nat1000", "nat10000", "nat100000",
		"nat500000", "real80000", "real1000" };
	const struct literal_impl *impl = literal_impls;
	struct corpus corpus;
	size_t mb = 64, i;
	int repeats = 3, option;
	bool with_peer = true;

	while (!impl->runs())
		impl++;
	while ((option = getopt(argc, argv, "m:r:i:n")) != -1) {
		if (option == 'm')
			mb = strtoul(optarg, NULL, 10);
		else if (option == 'r')
			repeats = (int)strtoul(optarg, NULL, 10);
		else if (option == 'n')
			with_peer = false;
		else if (option == 'i')
			for (impl = literal_impls;
			     strcmp(impl->name, optarg) != 0; impl++)
				continue;
		else
			return 2;
	}
	corpus_make(&corpus, mb);
	printf("%zu MB of content, %s\n", mb, impl->name);
	for (i = 0; optind == argc && i < sizeof(usual) / sizeof(*usual); i++)
		bench_set(usual[i], &corpus, impl, repeats, with_peer);
	for (; optind < argc; optind++)
		bench_set(argv[optind], &corpus, impl, repeats, with_peer);
	return 0;
}
