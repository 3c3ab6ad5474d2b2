/*
 * literal_fuzz.c - a hostile section must not hurt; a good one must find what
 * a naive search finds.
 *
 * The input's first byte says which.  Hostile: a good section of a few
 * literals is changed as the next bytes say (place, value, four bytes a
 * change), and the rest is searched.  Good: literals are cut from the input,
 * and all of it is searched, by every implementation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/literal_build.h"
#include "lib/compile/literal_plan.h"
#include "lib/match/literal_set.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_ROOM ((size_t)1 << 18)
#define LITERALS   24u

struct found {
	size_t count;
	uint64_t sum; /* of something that depends on all hits */
};

static uint64_t
sum_of(uint32_t literal, uint64_t offset)
{
	return ((uint64_t)literal << 32 | offset) * 0x9e3779b97f4a7c15u >> 7;
}

static bool
note(void *ctx, const struct literal_hit *hit, size_t count)
{
	struct found *f = ctx;
	size_t i;

	for (i = 0; i < count; i++)
		f->sum += sum_of(hit[i].literal, hit[i].offset);
	f->count += count;
	return f->count < 1000000;
}

/* What there is, literal by literal; equal ones have equal numbers here. */
static struct found
naive(const struct literal *literal, size_t count, const uint8_t *data,
    size_t size, size_t seen)
{
	struct found f = { 0, 0 };
	size_t i, at;
	uint32_t j;

	for (i = 0; i < count; i++) {
		for (at = 0; at + literal[i].size <= size; at++) {
			if (at + literal[i].size <= seen)
				continue;
			for (j = 0; j < literal[i].size; j++) {
				if (literal_fold_byte(data[at + j]) !=
				    literal_fold_byte(literal[i].bytes[j]))
					break;
			}
			if (j < literal[i].size)
				continue;
			f.sum += sum_of(literal[i].number, at);
			f.count++;
		}
	}
	return f;
}

static const struct literal_set *
set_open(struct arena *a, const struct compile_output *section,
    const struct literal_impl *impl)
{
	static uint8_t room[ARENA_ROOM];
	struct why why;

	arena_init(a, room, sizeof(room));
	return literal_open_with(a, cur_from(section->bytes, section->size),
	    impl, &why);
}

/* Cut literals out of the data, at places and of sizes that it says. */
static size_t
cut(const uint8_t *data, size_t size, struct literal *out)
{
	size_t count = 0, i, at;

	for (i = 0; i + 1 < size && count < LITERALS; i += 2) {
		out[count].size = 2 + data[i] % (LITERAL_MAX - 1);
		at = (size_t)data[i + 1] * 7;
		if (at + out[count].size > size)
			continue;
		out[count].bytes = data + at;
		out[count].number = (uint32_t)count;
		count++;
	}
	return count;
}

static const struct literal_policy policy[] = {
	{ .few_each = 4000, .few_stride = 30000, .span = 8 },
	{ .few_each = 0, .few_stride = 30000, .span = 8 },
	{ .few_each = 0, .few_stride = 0, .span = 8 },
	{ .few_each = 0, .few_stride = 0, .span = 16 },
};

/* All implementations find what the naive search finds. */
static void
fuzz_good(const uint8_t *data, size_t size, size_t seen,
    const struct compile_output *section, const struct literal *literal,
    size_t count)
{
	const struct literal_impl *impl = literal_impls;
	struct found want = naive(literal, count, data, size, seen), got;
	const struct literal_set *set;
	struct arena arena;
	struct why why;

	for (;; impl++) {
		if (impl->runs()) {
			set = set_open(&arena, section, impl);
			if (set == NULL || !literal_sweep(set, &why))
				abort();
			got.count = got.sum = 0;
			literal_scan(set, data, size, seen, note, &got);
			if (got.count != want.count || got.sum != want.sum)
				abort();
		}
		if (strcmp(impl->name, "portable") == 0)
			break;
	}
}

/* Change the section, then open, sweep and scan it whatever it has become. */
static void
fuzz_hostile(const uint8_t *data, size_t size, struct compile_output *section)
{
	const struct literal_impl *impl = literal_impls;
	const struct literal_set *set;
	struct found got = { 0, 0 };
	struct arena arena;
	struct why why;
	size_t changes = size / 8, i, at;

	for (i = 0; i < changes; i++) {
		at = ((size_t)data[4 * i] << 16 | (size_t)data[4 * i + 1] << 8 |
			 data[4 * i + 2]) %
		    section->size;
		/* Half of them in the header and the planes. */
		if (i % 2 == 0)
			at %= LITERAL_HEADER + LITERAL_PLANES * LITERAL_PLANE;
		section->bytes[at] ^= data[4 * i + 3];
	}
	for (;; impl++) {
		set = impl->runs() ? set_open(&arena, section, impl) : NULL;
		if (set != NULL) {
			(void)literal_sweep(set, &why);
			literal_scan(set, data, size, 0, note, &got);
		}
		if (strcmp(impl->name, "portable") == 0)
			break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct compile_output section = { 0 };
	struct literal literal[LITERALS];
	struct why why;
	uint8_t how, seen;
	size_t count, i, j;

	if (size < 4)
		return 0;
	how = data[0];
	seen = data[1];
	data += 2;
	size -= 2;
	count = cut(data, size, literal);
	for (i = 0; i < count; i++) {
		for (j = 0; j < i; j++) {
			if (literal[i].size == literal[j].size &&
			    naive(&literal[i], 1, literal[j].bytes,
				literal[j].size, 0)
				    .count > 0)
				literal[i].size = 0;
		}
	}
	for (i = j = 0; i < count; i++)
		if (literal[i].size != 0)
			literal[j++] = literal[i];
	count = j;
	if (!literal_build_by(&policy[how / 2 % 4], literal, count, how,
		&section, &why))
		abort();
	/* To the byte, so that the sanitizer sees an overread. */
	section.bytes = realloc(section.bytes, section.size);
	if (section.bytes == NULL)
		abort();
	if (how % 2 == 0)
		fuzz_good(data, size, seen, &section, literal, count);
	else
		fuzz_hostile(data, size, &section);
	free(section.bytes);
	return 0;
}
