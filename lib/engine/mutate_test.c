/*
 * mutate_test.c - whole scans of broken files.
 *
 * Takes the files of tests/corpus, breaks them in ways that follow from a
 * number, and holds every scan to what tests/t_engine.c checks.
 *
 *   CANDOR_MUTATIONS        how many (2000)
 *   CANDOR_MUTATIONS_FIRST  the number of the first (0)
 *   CANDOR_MUTATIONS_KEEP   a file that each input is written to before its
 *                           scan, to have the one that failed
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t.h"
#include "tests/t_engine.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT     2000
#define SEEDS     400
#define SEED_MAX  ((size_t)96 << 10)
#define INPUT_MAX ((size_t)256 << 10)
#define LARGE     ((size_t)40 << 20) /* objects are in memory */
#define SMALL     ((size_t)13 << 20) /* decoded ones are streams */
#define PATIENCE  120u               /* seconds one scan may take */

static struct seed {
	uint8_t *bytes;
	size_t size;
} seeds[SEEDS];
static size_t seed_count;

static uint8_t input[INPUT_MAX];
static size_t input_size;
static struct t_said said;
static uint64_t chance;

static uint32_t
any(size_t n)
{
	chance = chance * 6364136223846793005u + 1442695040888963407u;
	return n == 0 ? 0 : (uint32_t)((chance >> 33) % n);
}

/* Read a file behind skip zeros; false if it is too large or not there. */
static bool
seed_read(const char *path, size_t skip, struct seed *out)
{
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		return false;
	out->bytes = calloc(1, SEED_MAX);
	assert_non_null(out->bytes);
	out->size = skip + fread(out->bytes + skip, 1, SEED_MAX - skip, f);
	(void)fclose(f);
	if (out->size < SEED_MAX)
		return true;
	free(out->bytes);
	return false;
}

static void
seeds_add(const char *pattern, size_t skip)
{
	glob_t g;
	size_t i;

	if (glob(pattern, 0, NULL, &g) != 0)
		return;
	for (i = 0; i < g.gl_pathc && seed_count < SEEDS; i++)
		seed_count +=
		    seed_read(g.gl_pathv[i], skip, &seeds[seed_count]);
	globfree(&g);
}

/* --- breaking ------------------------------------------------------------- */

/* Put an integer that hurts at at, in either byte order. */
static void
break_integer(size_t at)
{
	static const uint64_t edge[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000,
		0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
		0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff };
	uint64_t v = edge[any(sizeof(edge) / sizeof(*edge))];
	size_t size = (size_t)1 << any(4), i;
	bool is_big = any(2) == 0;

	if (any(3) == 0)
		v = input_size + any(64) - 32;
	for (i = 0; i < size && at + i < input_size; i++)
		input[at + i] = (uint8_t)(v >> 8 * (is_big ? size - 1 - i : i));
}

/* Make room for size bytes at at by moving what follows; how many fit. */
static size_t
break_open(size_t at, size_t size)
{
	if (size > INPUT_MAX - input_size)
		size = INPUT_MAX - input_size;
	memmove(input + at + size, input + at, input_size - at);
	input_size += size;
	return size;
}

/* Put a piece of the input, or of another seed, in or over at. */
static void
break_splice(size_t at, const uint8_t *from, size_t from_size)
{
	static uint8_t piece[SEED_MAX];
	size_t off = any(from_size), size = 1 + any(from_size - off);

	if (from_size == 0)
		return;
	if (size > SEED_MAX)
		size = SEED_MAX;
	memcpy(piece, from + off, size);
	if (any(2) == 0)
		size = break_open(at, size);
	else if (size > input_size - at)
		size = input_size - at;
	memcpy(input + at, piece, size);
}

static void
break_erase(size_t at)
{
	size_t size = any(input_size - at);

	memmove(input + at, input + at + size, input_size - at - size);
	input_size -= size;
}

static void
break_once(void)
{
	/* Headers matter most: half the time near the start or the end. */
	size_t near = input_size < 128 ? input_size : 128, at;
	const struct seed *other = &seeds[any(seed_count)];

	if (input_size == 0)
		return;
	at = any(2) == 0  ? any(input_size)
	    : any(2) == 0 ? any(near)
			  : input_size - 1 - any(near);
	switch (any(10)) {
	case 0:
	case 1:
		input[at] ^= (uint8_t)(1u << any(8));
		break;
	case 2:
		input[at] = (uint8_t)any(256);
		break;
	case 3:
	case 4:
	case 5:
		break_integer(at);
		break;
	case 6:
		input_size = at;
		break;
	case 7:
		break_splice(at, input, input_size);
		break;
	case 8:
		break_splice(at, other->bytes, other->size);
		break;
	default:
		break_erase(at);
		break;
	}
}

static void
make_input(uint64_t number)
{
	const struct seed *seed;
	uint32_t n;

	chance = number * 0x9e3779b97f4a7c15u + 1;
	(void)any(1);
	seed = &seeds[any(seed_count)];
	input_size = seed->size;
	memcpy(input, seed->bytes, seed->size);
	for (n = 1 + any(5); n > 0; n--)
		break_once();
}

static void
keep_input(void)
{
	const char *path = getenv("CANDOR_MUTATIONS_KEEP");
	FILE *f = path == NULL ? NULL : fopen(path, "wb");

	if (f == NULL)
		return;
	(void)fwrite(input, 1, input_size, f);
	(void)fclose(f);
}

/* --- scanning ------------------------------------------------------------- */

static struct t_engine large, small;

/* In memory or not, with little memory or enough, asking for all or little. */
static void
scan_input(void)
{
	static const struct cur word = { .base = (const uint8_t *)"secret",
		.size = 6 };
	static const struct passwords passwords = { &word, 1 };
	struct scan_options options = { .flags = any(16),
		.limits = { .max_total = (uint64_t)4 << 20,
		    .max_objects = 300 },
		.passwords = any(2) == 0 ? &passwords : NULL };
	struct t_engine *e = any(3) == 0 ? &small : &large;

	if (any(8) == 0)
		options.limits.max_object_size = 1 + any(5000);
	said.stop_at = any(8) == 0 ? 1 + any(200) : 0;
	(void)alarm(PATIENCE);
	if (any(3) == 0)
		t_engine_pieces(e, input, input_size, &options, &said);
	else
		t_engine_bytes(e, input, input_size, &options, &said);
	(void)alarm(0);
}

static long
number_in(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : strtol(text, NULL, 10);
}

/* The corpus is what it should be: it is opened, and things are found. */
static void
test_seeds_are_found_as_they_are(void **state)
{
	struct scan_options options = { .flags = SCAN_ALL_MATCHES };
	size_t i, found = 0, opened = 0;

	(void)state;
	if (seed_count == 0)
		skip();
	for (i = 0; i < seed_count; i++) {
		t_engine_bytes(&large, seeds[i].bytes, seeds[i].size, &options,
		    &said);
		found += said.matches > 0;
		opened += said.summary.objects > 1;
	}
	assert_true(found >= 20);
	assert_true(opened >= 80);
}

static void
test_mutated_files_do_no_harm(void **state)
{
	long i = number_in("CANDOR_MUTATIONS_FIRST", 0);
	long end = i + number_in("CANDOR_MUTATIONS", COUNT);
	size_t clean = 0, gaps = 0, matches = 0;

	(void)state;
	if (seed_count == 0)
		skip();
	for (; i < end; i++) {
		make_input((uint64_t)i);
		keep_input();
		scan_input();
		clean += said.matches == 0 && said.gaps == 0;
		gaps += said.gaps > 0;
		matches += said.matches > 0;
	}
	print_message("%zu clean, %zu not wholly scanned, %zu found\n", clean,
	    gaps, matches);
	/* The breaking breaks, but not everything. */
	assert_true(gaps > 0 && matches > 0 && clean > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds_are_found_as_they_are),
		cmocka_unit_test(test_mutated_files_do_no_harm),
	};

	(void)formats_warm();
	seeds_add(T_CORPUS "/engine/*", 0);
	seeds_add(T_CORPUS "/archive/*", 0);
	seeds_add(T_CORPUS "/arj/*", 0);
	seeds_add(T_CORPUS "/zip/*", 0);
	seeds_add(T_CORPUS "/iso9660/*.tail", 32768);
	if (seed_count == 0)
		print_message("no files in " T_CORPUS ": nothing to mutate\n");
	t_engine_open(&large, t_engine_signatures, LARGE);
	t_engine_open(&small, t_engine_signatures, SMALL);
	if (large.engine == NULL || small.engine == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
