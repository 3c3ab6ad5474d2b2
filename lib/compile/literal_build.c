/*
 * literal_build.c - make a literal set.  The bytes are in literal_layout.h.
 *
 *     fold, sort, join equal ones → entries
 *     count lengths               → planes             (literal_anchor.c)
 *     each literal                → plane and anchor    (literal_anchor.c)
 *     each plane                  → filter and lines    (literal_table.c)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/literal_build.h"

#include "lib/compile/literal_plan.h"
#include "lib/db/veil.h"

#include <stdlib.h>

#define BUILD_ALIGN 64u

/* Append zeroed bytes; NULL when there is no memory. */
static uint8_t *
build_grow(struct compile_output *out, size_t size)
{
	size_t room = out->room;
	uint8_t *bytes;

	if (out->bytes == NULL || size > out->room - out->size) {
		room = (out->size + size) * 3 / 2 + 4096;
		bytes = realloc(out->bytes, room);
		if (bytes == NULL)
			return NULL;
		out->bytes = bytes;
		out->room = room;
	}
	bytes = out->bytes + out->size;
	memset(bytes, 0, size);
	out->size += size;
	return bytes;
}

uint8_t *
literal_out(struct literal_build *b, size_t size, uint64_t *at)
{
	size_t used = b->out->size - b->begin;
	size_t pad = (BUILD_ALIGN - used % BUILD_ALIGN) % BUILD_ALIGN;

	if (build_grow(b->out, pad) == NULL)
		return NULL;
	*at = b->out->size - b->begin;
	return build_grow(b->out, size);
}

void
literal_put(uint8_t *at, uint64_t value, unsigned size)
{
	unsigned i;

	for (i = 0; i < size; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static int
folded_order(const void *a, const void *b)
{
	const struct folded *x = a, *y = b;
	int order = memcmp(x->bytes, y->bytes, LITERAL_MAX);

	if (order != 0)
		return order;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* Fold and sort, so that equal literals stand side by side. */
static bool
build_fold(struct literal_build *b, const struct literal *literal, size_t count,
    struct why *why)
{
	size_t i, j;

	if (count > LITERAL_MAX_COUNT)
		return why_not(why, WHY_LIMIT, "%zu literals are too many",
		    count);
	b->folded = calloc(count + 1, sizeof(*b->folded));
	if (b->folded == NULL)
		return why_not(why, WHY_LIMIT, "no memory for %zu literals",
		    count);
	for (i = 0; i < count; i++) {
		struct folded *f = &b->folded[i];

		if (literal[i].size < 2 || literal[i].size > LITERAL_MAX)
			return why_not(why, WHY_BUG, "a literal of %u bytes",
			    literal[i].size);
		for (j = 0; j < literal[i].size; j++)
			f->bytes[j] = literal_fold_byte(literal[i].bytes[j]);
		f->size = (uint8_t)literal[i].size;
		f->number = literal[i].number;
	}
	/* Whoever writes a database has them in order. */
	for (i = 1;
	     i < count && folded_order(&b->folded[i - 1], &b->folded[i]) <= 0;)
		i++;
	if (i < count)
		qsort(b->folded, count, sizeof(*b->folded), folded_order);
	b->folded_count = count;
	return true;
}

static bool
is_same(const struct folded *a, const struct folded *b)
{
	return a->size == b->size &&
	    memcmp(a->bytes, b->bytes, LITERAL_MAX) == 0;
}

/* Write the entry of count equal literals. */
static bool
build_entry(struct literal_build *b, struct folded *f, size_t count)
{
	size_t padded =
	    (f->size + LITERAL_UNIT - 1) / LITERAL_UNIT * LITERAL_UNIT;
	uint8_t *entry = literal_entries(b, 8 + padded, &f->unit);
	uint32_t unit;
	uint8_t *list;
	size_t i;

	if (entry == NULL)
		return false;
	entry[4] = f->size;
	entry[5] = count > 1;
	veil_copy(entry + 8, f->bytes, 0, f->size);
	literal_put(entry, f->number, 4);
	if (count == 1)
		return true;
	list = literal_entries(b, 4 + 4 * count, &unit);
	if (list == NULL)
		return false;
	literal_put(list, count, 4);
	for (i = 0; i < count; i++)
		literal_put(list + 4 + 4 * i, f[i].number, 4);
	literal_put(b->entries.bytes + (size_t)f->unit * LITERAL_UNIT, unit, 4);
	return true;
}

uint8_t *
literal_entries(struct literal_build *b, size_t size, uint32_t *unit)
{
	size_t padded = (size + LITERAL_UNIT - 1) / LITERAL_UNIT * LITERAL_UNIT;

	if (b->entries.size / LITERAL_UNIT >=
	    LITERAL_UNITS - padded / LITERAL_UNIT)
		return NULL;
	*unit = (uint32_t)(b->entries.size / LITERAL_UNIT);
	return build_grow(&b->entries, padded);
}

/* Write the entries, and keep one of each run of equal literals. */
static bool
build_entries(struct literal_build *b, struct why *why)
{
	size_t from, until, kept = 0;
	uint32_t unit;

	/* Unit 0 stands for "none". */
	if (literal_entries(b, LITERAL_UNIT, &unit) == NULL)
		return why_not(why, WHY_LIMIT, "no memory for literals");
	for (from = 0; from < b->folded_count; from = until) {
		struct folded *f = &b->folded[from];
		size_t many = 1;

		until = from + 1;
		while (until < b->folded_count &&
		    is_same(f, &b->folded[until])) {
			if (b->folded[until].number !=
			    b->folded[until - 1].number)
				f[many++].number = b->folded[until].number;
			until++;
		}
		if (!build_entry(b, f, many))
			return why_not(why, WHY_LIMIT,
			    "no memory for literals");
		b->folded[kept++] = *f;
	}
	b->folded_count = kept;
	return true;
}

static bool
build_header(struct literal_build *b, uint64_t header, uint64_t entries)
{
	uint8_t *at = b->out->bytes + b->begin + header;
	uint32_t i;

	literal_put(at, LITERAL_MAGIC, 4);
	literal_put(at + 4, LITERAL_VERSION, 4);
	literal_put(at + 8, b->planes, 4);
	literal_put(at + 12, b->folded_count, 4);
	literal_put(at + 16, entries, 8);
	literal_put(at + 24, b->entries.size, 8);
	literal_put(at + 32, b->multiplier, 4);
	literal_put(at + 36, b->span, 4);
	for (i = 0; i < b->planes; i++) {
		const struct plane *p = &b->plane[i];

		at += LITERAL_PLANE;
		at[0] = p->kind;
		at[1] = p->step;
		at[2] = p->q;
		at[3] = p->back;
		at[4] = p->filter_bits;
		at[5] = p->line_bits;
		at[6] = p->choice;
		literal_put(at + 8, p->k1, 8);
		literal_put(at + 16, p->k2, 8);
		literal_put(at + 24, p->filter, 8);
		literal_put(at + 32, p->lines, 8);
		literal_put(at + 40, p->count, 4);
	}
	return true;
}

/* Everything behind the entries, once the planes are known. */
static bool
build_section(struct literal_build *b, struct why *why)
{
	uint64_t header, entries;
	uint8_t *at;
	uint32_t i;

	if (literal_out(b, LITERAL_HEADER + LITERAL_PLANES * LITERAL_PLANE,
		&header) == NULL)
		return why_not(why, WHY_LIMIT, "no memory for literals");
	for (i = 0; i < b->planes; i++) {
		if (!literal_table(b, &b->plane[i], why))
			return false;
	}
	if (build_grow(&b->entries, LITERAL_TAIL) == NULL ||
	    (at = literal_out(b, b->entries.size, &entries)) == NULL)
		return why_not(why, WHY_LIMIT, "no memory for literals");
	memcpy(at, b->entries.bytes, b->entries.size);
	return build_header(b, header, entries);
}

bool
literal_build(const struct literal *literal, size_t count, uint64_t seed,
    struct compile_output *out, struct why *why)
{
	return literal_build_by(&literal_usual, literal, count, seed, out, why);
}

bool
literal_build_by(const struct literal_policy *policy,
    const struct literal *literal, size_t count, uint64_t seed,
    struct compile_output *out, struct why *why)
{
	struct literal_build b = { .policy = policy, .out = out, .seed = seed };
	bool is_built;
	uint32_t i;

	/* The section is aligned as far as what is before it is. */
	b.begin = out->size;
	is_built =
	    build_fold(&b, literal, count, why) && build_entries(&b, why);
	if (is_built) {
		literal_plan(&b);
		is_built = literal_anchors(&b, why) && build_section(&b, why);
	}
	for (i = 0; i < LITERAL_PLANES; i++)
		free(b.plane[i].window);
	free(b.folded);
	free(b.entries.bytes);
	free(b.shared);
	return is_built;
}
