/*
 * pack_hashes.c - write hash tables (layout.h: HASH_TABLE and what follows).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

#include <stdlib.h>
#include <string.h>

#define DIGESTS 3u
#define TABLES  DB_HASH_TABLES_MAX

/* A hash on its way to its place in a table. */
struct row {
	uint64_t size;  /* IR_SIZE_ANY is above all others */
	uint64_t key;   /* first bytes of the digest */
	uint64_t more;  /* and those that follow */
	uint32_t index; /* of the hash in ir */
};

struct table_of_hashes {
	const struct ir_hash *hash; /* ir's */
	struct row *row, *other;    /* count rows each */
	uint32_t count, size_count;
	uint32_t of, digest, allow, key, width;
};

static uint32_t
table_of(const struct ir_hash *h)
{
	return ((uint32_t)h->of * DIGESTS + h->digest) * 2 + h->allow;
}

/* Compare what rows whose size and first bytes are the same have left. */
static bool
is_above_in_full(const struct table_of_hashes *t, const struct row *a,
    const struct row *b)
{
	uint8_t x[32], y[32];
	int order;

	ir_hash_digest(&t->hash[a->index], x);
	ir_hash_digest(&t->hash[b->index], y);
	order = memcmp(x, y, t->key);
	return order != 0 ? order > 0 : a->index > b->index;
}

static bool
is_above(const struct table_of_hashes *t, const struct row *a,
    const struct row *b)
{
	if (a->size != b->size)
		return a->size > b->size;
	if (a->key != b->key)
		return a->key > b->key;
	if (a->more != b->more)
		return a->more > b->more;
	return is_above_in_full(t, a, b);
}

/* Merge rows [from, middle) and [middle, end), each sorted, into other. */
static void
merge(const struct table_of_hashes *t, uint32_t from, uint32_t middle,
    uint32_t end)
{
	uint32_t low = from, high = middle, out = from;

	while (low < middle && high < end)
		if (is_above(t, &t->row[low], &t->row[high]))
			t->other[out++] = t->row[high++];
		else
			t->other[out++] = t->row[low++];
	while (low < middle)
		t->other[out++] = t->row[low++];
	while (high < end)
		t->other[out++] = t->row[high++];
}

/* Whatever digests an input names, this takes n log n steps. */
static void
sort_rows(struct table_of_hashes *t)
{
	uint64_t step, at;

	for (step = 1; step < t->count; step *= 2) {
		struct row *sorted = t->other;

		for (at = 0; at < t->count; at += 2 * step)
			merge(t, (uint32_t)at,
			    (uint32_t)(at + step < t->count ? at + step
							    : t->count),
			    (uint32_t)(at + 2 * step < t->count ? at + 2 * step
								: t->count));
		t->other = t->row;
		t->row = sorted;
	}
}

static uint64_t
read_key(const uint8_t *bytes)
{
	uint64_t key = 0;
	uint32_t i;

	for (i = 0; i < 8; i++)
		key = key << 8 | bytes[i];
	return key;
}

static void
write_key(uint8_t *bytes, uint64_t key)
{
	uint32_t i;

	for (i = 8; i > 0; i--, key >>= 8)
		bytes[i - 1] = (uint8_t)key;
}

/* Gather a table's rows, sorted. */
static void
fill_table(const struct ir *ir, uint32_t number, struct table_of_hashes *t)
{
	uint8_t digest[32];
	uint32_t n = 0;
	size_t k;

	for (k = 0; k < ir->hash_count; k++) {
		const struct ir_hash *h = &ir->hash[k];

		if (table_of(h) != number)
			continue;
		ir_hash_digest(h, digest);
		t->row[n++] = (struct row){ .size = h->size,
			.key = read_key(digest),
			.more = read_key(digest + 8),
			.index = (uint32_t)k };
	}
	sort_rows(t);
}

/* Note that the rows of a size begin with number first. */
static void
write_size(struct pack *p, uint64_t size, uint32_t first)
{
	const uint32_t row[3] = { (uint32_t)(size >> 32), (uint32_t)size,
		first };

	table_add(&p->table[DB_HASH_SIZE], row);
}

/* Write the rows, and where each size begins. */
static void
write_rows(struct pack *p, struct table_of_hashes *t)
{
	struct compile_output *rows = &p->section[DB_HASH_ROW];
	uint8_t row[32 + 4];
	uint32_t i, k, any = t->count;
	uint64_t size = 0;

	for (i = 0; i < t->count; i++) {
		const struct row *r = &t->row[i];

		if (r->size == IR_SIZE_ANY && any == t->count)
			any = i;
		if (any == t->count &&
		    (i == 0 || r->size != t->row[i - 1].size)) {
			size = r->size;
			write_size(p, size, i);
			t->size_count++;
		}
		write_key(row, r->key);
		write_key(row + 8, r->more);
		if (t->key > 16) /* the text is far away: rather not */
			ir_hash_digest(&t->hash[r->index], row);
		for (k = 0; k < t->width; k++)
			row[t->key + k] = (uint8_t)(r->index >> (8 * k));
		output_add(rows, row, t->key + t->width);
	}
	write_size(p, size, any);
}

static void
write_table(struct pack *p, struct table_of_hashes *t)
{
	struct compile_output *out = &p->section[DB_HASH_TABLE];
	uint64_t rows = p->section[DB_HASH_ROW].size;
	uint64_t sizes = p->table[DB_HASH_SIZE].rows;

	output_expect(&p->section[DB_HASH_ROW],
	    (size_t)t->count * (t->key + t->width));
	write_rows(p, t);
	output_u8(out, t->of);
	output_u8(out, t->digest);
	output_u8(out, t->allow);
	output_u8(out, t->key);
	output_u32(out, t->width);
	output_u64(out, rows);
	output_u32(out, t->count);
	output_u32(out, t->size_count);
	output_u64(out, sizes);
	output_u64(out, 0);
}

/* Bytes for numbers below count. */
static uint32_t
width_for(uint64_t count)
{
	uint32_t width = 1;

	while (width < 4 && count > (uint64_t)1 << (8 * width))
		width++;
	return width;
}

static bool
pack_table(struct pack *p, uint32_t number, uint32_t count)
{
	struct table_of_hashes t = { .hash = p->ir->hash,
		.count = count,
		.of = number / (DIGESTS * 2),
		.digest = number / 2 % DIGESTS,
		.allow = number % 2,
		.width = width_for(p->ir->hash_count) };
	bool done = false;

	t.key = t.allow != 0
	    ? (uint32_t)ir_digest_size((enum ir_digest)t.digest)
	    : DB_HASH_KEY;
	t.row = malloc(count * sizeof(*t.row));
	t.other = malloc(count * sizeof(*t.other));
	if (t.row != NULL && t.other != NULL) {
		fill_table(p->ir, number, &t);
		write_table(p, &t);
		done = output_ok(&p->section[DB_HASH_ROW]);
	}
	free(t.row);
	free(t.other);
	return done ? true : pack_full(p);
}

bool
pack_hashes(struct pack *p)
{
	uint32_t count[TABLES] = { 0 }, i;
	size_t k;

	for (k = 0; k < p->ir->hash_count; k++) {
		if (table_of(&p->ir->hash[k]) >= TABLES)
			return why_not(p->why, WHY_BUG, "unknown kind of hash");
		count[table_of(&p->ir->hash[k])]++;
	}
	for (i = 0; i < TABLES; i++)
		if (count[i] > 0 && !pack_table(p, i, count[i]))
			return false;
	return true;
}
