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

struct table_of_hashes {
	const struct pack_hashes *hashes;
	struct pack_hash *row, *other; /* count rows each */
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
is_above_in_full(const struct table_of_hashes *t, const struct pack_hash *a,
    const struct pack_hash *b)
{
	int order = 0;

	if (t->key > 16)
		order = memcmp(t->hashes->rest[a->rest],
		    t->hashes->rest[b->rest], t->key - 16);
	return order != 0 ? order > 0 : a->signature > b->signature;
}

static bool
is_above(const struct table_of_hashes *t, const struct pack_hash *a,
    const struct pack_hash *b)
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
		struct pack_hash *sorted = t->other;

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
		const struct pack_hash *r = &t->row[i];

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
		if (t->key > 16)
			memcpy(row + 16, t->hashes->rest[r->rest], t->key - 16);
		for (k = 0; k < t->width; k++)
			row[t->key + k] = (uint8_t)(r->signature >> (8 * k));
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

/* Sort a table's rows and write them; they are gone then. */
static bool
pack_table(struct pack *p, uint32_t number)
{
	struct pack_hashes *h = &p->hashes[number];
	struct table_of_hashes t = { .hashes = h,
		.row = h->row,
		.count = (uint32_t)h->count,
		.of = number / (DIGESTS * 2),
		.digest = number / 2 % DIGESTS,
		.allow = number % 2,
		.width = width_for(p->hash_count) };

	t.other = malloc(h->count * sizeof(*t.other));
	if (t.other == NULL)
		return pack_full(p);
	t.key = t.allow != 0
	    ? (uint32_t)ir_digest_size((enum ir_digest)t.digest)
	    : DB_HASH_KEY;
	sort_rows(&t);
	free(t.other);
	h->row = t.row;
	write_table(p, &t);
	free(h->row);
	h->row = NULL;
	h->count = 0;
	return output_ok(&p->section[DB_HASH_ROW]) ? true : pack_full(p);
}

/* Keep a hash until its table is written. */
static bool
keep_hash(struct pack *p, const struct ir_hash *hash)
{
	struct pack_hashes *h = &p->hashes[table_of(hash)];
	size_t size = ir_digest_size((enum ir_digest)hash->digest);
	uint8_t digest[32] = { 0 };

	if (!pool_vector_grow(&p->pool, (void **)&h->row, &h->room, h->count,
		sizeof(*h->row)))
		return pack_full(p);
	ir_hash_digest(hash, digest);
	h->row[h->count++] = (struct pack_hash){
		.size = hash->size,
		.key = read_key(digest),
		.more = read_key(digest + 8),
		.signature = p->hash_count++,
		.rest = (uint32_t)h->rest_count,
	};
	p->allows += hash->allow;
	if (!hash->allow || size <= 16)
		return true;
	if (!pool_vector_grow(&p->pool, (void **)&h->rest, &h->rest_room,
		h->rest_count, sizeof(*h->rest)))
		return pack_full(p);
	memcpy(h->rest[h->rest_count++], digest + 16, 16);
	return true;
}

bool
pack_take_hashes(struct pack *p)
{
	struct ir *ir = p->ir;
	uint32_t name[4];
	size_t i;

	if (p->rule_count + p->hash_count + ir->hash_count > UINT32_MAX - 1)
		return why_not(p->why, WHY_LIMIT, "too many signatures");
	for (i = 0; i < ir->hash_count; i++) {
		const struct ir_hash *h = &ir->hash[i];
		const struct pack_place at = { h->file, h->line, h->flags,
			SIG_HASH };

		if (table_of(h) >= TABLES)
			return why_not(p->why, WHY_BUG, "unknown kind of hash");
		pack_name(p, h->text + h->name_at, h->name_size, name);
		table_add(&p->table[DB_HASH_NAME], name);
		pack_place(p, &at);
		if (!keep_hash(p, h))
			return false;
	}
	ir->hash_count = 0;
	return true;
}

bool
pack_hashes(struct pack *p)
{
	uint32_t i;

	for (i = 0; i < TABLES; i++)
		if (p->hashes[i].count > 0 && !pack_table(p, i))
			return false;
	return true;
}

void
pack_hashes_fini(struct pack *p)
{
	uint32_t i;

	for (i = 0; i < TABLES; i++) {
		free(p->hashes[i].row);
		free(p->hashes[i].rest);
	}
}
