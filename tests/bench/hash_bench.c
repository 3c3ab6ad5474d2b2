/*
 * hash_bench.c - digests of several pieces at once, beside libcrypto's of one
 * after the other, in the same run.
 *
 *     hash_bench [-f]
 *
 * A line for each kind of digest: 16 pieces of 4 KB.  -f: for every
 * implementation that runs here and every number of pieces, which is where
 * the numbers in lib/crypto/lanes_choose.c come from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/lanes_set.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define PIECE  ((size_t)4096)
#define PIECES 16u
#define TURNS  60
#define AGAIN  8

/* Seconds for all pieces. */
struct took {
	double alone; /* one after the other, by libcrypto */
	double lanes;
};

static uint8_t bytes[PIECES][PIECE];
static uint8_t out[PIECES][DIGEST_SIZE_MAX];

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds for each of the jobs, several times so that it can be timed. */
static double
turn(const struct lanes_impl *impl, const struct digest_job *job,
    unsigned count)
{
	double from = now();
	unsigned i;

	for (i = 0; i < AGAIN; i++)
		digest_many(impl, job, count);
	return (now() - from) / AGAIN;
}

/* Best seconds for count pieces, one after the other and in lanes, in turn. */
static struct took
measure(const struct lanes_impl *impl, enum digest_kind kind, unsigned count)
{
	struct took best = { 1, 1 };
	struct digest_job job[PIECES];
	unsigned i;
	double t;

	for (i = 0; i < count; i++)
		job[i] = (struct digest_job){ kind, bytes[i], PIECE, out[i] };
	for (i = 0; i < TURNS; i++) {
		t = turn(NULL, job, count);
		best.alone = t < best.alone ? t : best.alone;
		t = turn(impl, job, count);
		best.lanes = t < best.lanes ? t : best.lanes;
	}
	return best;
}

/* Lanes used for whatever number of pieces, as parts of one by one. */
static void
show_all(enum digest_kind kind, const char *name)
{
	unsigned count;
	size_t n;

	for (n = 0; n < lanes_impl_count; n++) {
		struct lanes_impl impl = lanes_impls[n];

		if (!impl.runs() || impl.take[kind] == NULL)
			continue;
		impl.fill[kind] = 1;
		printf("%-8s %-17s", name, impl.name);
		for (count = 1; count <= PIECES; count++) {
			struct took took = measure(&impl, kind, count);

			printf(" %5.2f", took.alone / took.lanes);
		}
		printf("\n");
	}
}

int
main(int argc, char **argv)
{
	static const char *const names[DIGEST_KINDS] = { "MD5", "SHA-1",
		"SHA-256" };
	const char *refused;
	const struct lanes_impl *impl = lanes_choose(&refused);
	bool is_full = argc == 2 && strcmp(argv[1], "-f") == 0;
	unsigned kind;

	memset(bytes, 0x5a, sizeof(bytes));
	for (kind = 0; kind < DIGEST_KINDS; kind++) {
		struct took took =
		    measure(impl, (enum digest_kind)kind, PIECES);

		printf("hashing 16 pieces of 4 KB, %s: libcrypto %.2f GB/s, "
		       "candor %.2f GB/s, %.1fx (%s)\n",
		    names[kind], PIECES * PIECE / took.alone / 1e9,
		    PIECES * PIECE / took.lanes / 1e9, took.alone / took.lanes,
		    impl != NULL ? impl->name : refused);
	}
	for (kind = 0; kind < DIGEST_KINDS && is_full; kind++)
		show_all((enum digest_kind)kind, names[kind]);
	return 0;
}
