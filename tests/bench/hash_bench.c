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

static uint8_t bytes[PIECES][PIECE];
static uint8_t out[PIECES][DIGEST_SIZE_MAX];

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Best seconds for count pieces; each turn is long enough to be timed. */
static double
seconds(const struct lanes_impl *impl, enum digest_kind kind, unsigned count)
{
	struct digest_job job[PIECES];
	double best = 1;
	unsigned i, turn;

	for (i = 0; i < count; i++)
		job[i] = (struct digest_job){ kind, bytes[i], PIECE, out[i] };
	for (turn = 0; turn < TURNS; turn++) {
		double from = now(), took;

		for (i = 0; i < 8; i++)
			digest_many(impl, job, count);
		took = (now() - from) / 8;
		if (took < best)
			best = took;
	}
	return best;
}

/* The same lanes, used for whatever number of pieces. */
static void
show_all(enum digest_kind kind, const char *name)
{
	size_t n;
	unsigned count;

	for (n = 0; n < lanes_impl_count; n++) {
		struct lanes_impl impl = lanes_impls[n];

		if (!impl.runs() || impl.take[kind] == NULL)
			continue;
		impl.fill[kind] = 1;
		printf("%-8s %-17s", name, impl.name);
		for (count = 1; count <= PIECES; count++)
			printf(" %5.2f",
			    seconds(NULL, kind, count) /
				seconds(&impl, kind, count));
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
		double one = seconds(NULL, (enum digest_kind)kind, PIECES);
		double many = seconds(impl, (enum digest_kind)kind, PIECES);

		printf("hashing 16 pieces of 4 KB, %s: libcrypto %.2f GB/s, "
		       "candor %.2f GB/s, %.1fx (%s)\n",
		    names[kind], PIECES * PIECE / one / 1e9,
		    PIECES * PIECE / many / 1e9, one / many,
		    impl != NULL ? impl->name : refused);
	}
	for (kind = 0; kind < DIGEST_KINDS && is_full; kind++)
		show_all((enum digest_kind)kind, names[kind]);
	return 0;
}
