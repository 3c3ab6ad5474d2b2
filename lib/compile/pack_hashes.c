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

struct row {
	uint8_t key[32];
	uint64_t size;
	uint32_t signature;
};

struct table {
	struct row *row;
	uint64_t *size;
	uint32_t count, size_count, any;
	uint32_t of, digest, allow, key, bits;
};

static int
compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = memcmp(x->key, y->key, sizeof(x->key));

	if (order != 0)
		return order;
	return x->signature < y->signature ? -1 : x->signature > y->signature;
}

static int
compare_sizes(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static uint32_t
table_of(const struct ir_hash *h)
{
	return ((uint32_t)h->of * DIGESTS + h->digest) * 2 + h->allow;
}

/* Gather a table's rows and sizes, sorted. */
static void
fill_table(const struct ir *ir, uint32_t number, struct table *t)
{
	uint32_t i, n = 0;
	size_t k;

	for (k = 0; k < ir->hash_count; k++) {
		const struct ir_hash *h = &ir->hash[k];
		uint8_t digest[32];

		if (table_of(h) != number)
			continue;
		memset(digest, 0, sizeof(digest));
		ir_hash_digest(h, digest);
		memset(t->row[n].key, 0, sizeof(t->row[n].key));
		memcpy(t->row[n].key, digest, t->key);
		t->row[n].size = h->size;
		t->row[n].signature = (uint32_t)k;
		if (h->size == IR_SIZE_ANY)
			t->any = 1;
		else
			t->size[t->size_count++] = h->size;
		n++;
	}
	qsort(t->row, n, sizeof(*t->row), compare_rows);
	if (t->size_count > 0)
		qsort(t->size, t->size_count, sizeof(*t->size), compare_sizes);
	for (i = 0, n = 0; i < t->size_count; i++)
		if (n == 0 || t->size[n - 1] != t->size[i])
			t->size[n++] = t->size[i];
	t->size_count = n;
}

static uint32_t
size_number(const struct table *t, uint64_t size)
{
	const uint64_t *at;

	if (size == IR_SIZE_ANY)
		return DB_NOTHING;
	at = bsearch(&size, t->size, t->size_count, sizeof(*t->size),
	    compare_sizes);
	return at == NULL ? DB_NOTHING : (uint32_t)(at - t->size);
}

/* Write where each bucket of rows begins. */
static void
write_buckets(struct pack *p, const struct table *t)
{
	struct compile_output *out = &p->section[DB_HASH_BUCKET];
	uint64_t bucket, count = (uint64_t)1 << t->bits;
	uint32_t row = 0;

	for (bucket = 0; bucket < count; bucket++) {
		output_u32(out, row);
		while (row < t->count) {
			const uint8_t *k = t->row[row].key;
			uint64_t top = (uint64_t)k[0] << 24 |
			    (uint64_t)k[1] << 16 | (uint64_t)k[2] << 8 | k[3];

			if (top >> (32 - t->bits) != bucket)
				break;
			row++;
		}
	}
	output_u32(out, row);
}

static void
write_table(struct pack *p, const struct table *t)
{
	struct compile_output *out = &p->section[DB_HASH_TABLE];
	struct compile_output *rows = &p->section[DB_HASH_ROW];
	uint32_t i;

	output_u8(out, t->of);
	output_u8(out, t->digest);
	output_u8(out, t->allow);
	output_u8(out, t->key);
	output_u32(out, t->bits);
	output_u64(out, rows->size);
	output_u32(out, t->count);
	output_u32(out, t->any);
	output_u64(out, p->section[DB_HASH_BUCKET].size / 4);
	output_u64(out, p->section[DB_HASH_SIZE].size / 8);
	output_u32(out, t->size_count);
	output_u32(out, 0);
	for (i = 0; i < t->count; i++) {
		output_add(rows, t->row[i].key, t->key);
		output_u32(rows, size_number(t, t->row[i].size));
		output_u32(rows, t->row[i].signature);
	}
	for (i = 0; i < t->size_count; i++)
		output_u64(&p->section[DB_HASH_SIZE], t->size[i]);
	write_buckets(p, t);
}

/* About four rows a bucket. */
static uint32_t
bits_for(uint32_t count)
{
	uint32_t bits = 0;

	while (bits < DB_HASH_BITS_MAX && (uint64_t)8 << bits <= count)
		bits++;
	return bits;
}

static bool
pack_table(struct pack *p, uint32_t number, uint32_t count)
{
	struct table t = { .count = count,
		.of = number / (DIGESTS * 2),
		.digest = number / 2 % DIGESTS,
		.allow = number % 2,
		.bits = bits_for(count) };
	bool done = false;

	t.key = t.allow != 0
	    ? (uint32_t)ir_digest_size((enum ir_digest)t.digest)
	    : DB_HASH_KEY;
	t.row = malloc(count * sizeof(*t.row));
	t.size = malloc(count * sizeof(*t.size));
	if (t.row != NULL && t.size != NULL) {
		fill_table(p->ir, number, &t);
		write_table(p, &t);
		done = output_ok(&p->section[DB_HASH_ROW]);
	}
	free(t.row);
	free(t.size);
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
