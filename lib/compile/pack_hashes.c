/*
 * pack_hashes.c - write hash tables (layout.h: HASH_TABLE and what follows).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

#include "lib/compile/order.h"

#include <stdlib.h>
#include <string.h>

#define DIGESTS 3u
#define TABLES  DB_HASH_TABLES_MAX

#define SIZE_BITS 36u /* of a size that decide about a row's place at once */
#define AHEAD     16u /* rows asked for before they are needed */

struct table_of_hashes {
	const struct pack_hashes *hashes;
	struct order *order; /* of its rows */
	uint32_t count, size_count;
	uint32_t of, digest, allow, key, width;
};

static struct pack_hash *
row_of(const struct pack_hashes *h, size_t i)
{
	return &h->block[i / PACK_HASHES][i % PACK_HASHES];
}

static uint32_t
table_of(const struct ir_hash *h)
{
	return ((uint32_t)h->of * DIGESTS + h->digest) * 2 + h->allow;
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

/*
 * The front of a row's order: its size, and in the bits that few sizes need
 * the front of its key.
 */
static uint64_t
order_key(const struct pack_hash *r)
{
	if (r->size >= (UINT64_C(1) << SIZE_BITS) - 1)
		return UINT64_MAX << (64 - SIZE_BITS);
	return r->size << (64 - SIZE_BITS) | r->key >> SIZE_BITS;
}

/* Rows of one order_key(): ctx is a struct table_of_hashes. */
static bool
is_after(const void *ctx, uint32_t x, uint32_t y)
{
	const struct table_of_hashes *t = ctx;
	const struct pack_hash *a = row_of(t->hashes, x);
	const struct pack_hash *b = row_of(t->hashes, y);
	int order = 0;

	if (a->size != b->size)
		return a->size > b->size;
	if (a->key != b->key)
		return a->key > b->key;
	if (a->more != b->more)
		return a->more > b->more;
	if (t->key > DB_HASH_KEY)
		order = memcmp(t->hashes->rest[a->rest],
		    t->hashes->rest[b->rest], t->key - DB_HASH_KEY);
	return order != 0 ? order > 0 : a->signature > b->signature;
}

/* Write a row; to has room for it. */
static void
write_row(const struct table_of_hashes *t, const struct pack_hash *r,
    uint8_t *to)
{
	uint32_t k;

	write_key(to, r->key);
	write_key(to + 8, r->more);
	if (t->key > 16)
		memcpy(to + 16, t->hashes->rest[r->rest], t->key - 16);
	for (k = 0; k < t->width; k++)
		to[t->key + k] = (uint8_t)(r->signature >> (8 * k));
}

/* Write the rows, and where each size begins. */
static void
write_rows(struct pack *p, struct table_of_hashes *t)
{
	uint32_t i, any = t->count, width = t->key + t->width;
	uint8_t *to =
	    output_room(&p->section[DB_HASH_ROW], (size_t)t->count * width);
	uint64_t size = 0, last = 0;

	for (i = 0; i < t->count && to != NULL; i++, to += width) {
		const struct pack_hash *r =
		    row_of(t->hashes, t->order[i].number);

		/* They are all over the place. */
		if (i + AHEAD < t->count)
			__builtin_prefetch(row_of(t->hashes,
			    t->order[i + AHEAD].number));
		if (r->size == IR_SIZE_ANY && any == t->count)
			any = i;
		if (any == t->count && (i == 0 || r->size != last)) {
			size = r->size;
			write_size(p, size, i);
			t->size_count++;
		}
		last = r->size;
		write_row(t, r, to);
	}
	write_size(p, size, any);
}

static void
write_table(struct pack *p, struct table_of_hashes *t)
{
	struct compile_output *out = &p->section[DB_HASH_TABLE];
	uint64_t rows = p->section[DB_HASH_ROW].size;
	uint64_t sizes = p->table[DB_HASH_SIZE].rows;

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

/* Put the rows of a table in order. */
static bool
sort_rows(struct table_of_hashes *t)
{
	struct order *order = malloc(t->count * sizeof(*order));
	uint32_t i;

	t->order = order;
	if (order == NULL)
		return false;
	for (i = 0; i < t->count; i++)
		order[i] =
		    (struct order){ .key = order_key(row_of(t->hashes, i)),
			    .number = i };
	return order_sort(order, t->count, is_after, t);
}

static void
free_rows(struct pack *p, struct pack_hashes *h)
{
	while (h->blocks > 0)
		pool_give(&p->pool, h->block[--h->blocks],
		    PACK_HASHES * sizeof(**h->block));
	pool_vector_free(&p->pool, (void **)&h->block, &h->room,
	    sizeof(*h->block));
	h->count = 0;
}

/* Sort a table's rows and write them; they are gone then. */
static bool
pack_table(struct pack *p, uint32_t number)
{
	struct pack_hashes *h = &p->hashes[number];
	struct table_of_hashes t = { .hashes = h,
		.count = (uint32_t)h->count,
		.of = number / (DIGESTS * 2),
		.digest = number / 2 % DIGESTS,
		.allow = number % 2,
		.width = width_for(p->hash_count) };
	bool is_sorted;

	t.key = t.allow != 0
	    ? (uint32_t)ir_digest_size((enum ir_digest)t.digest)
	    : DB_HASH_KEY;
	is_sorted = sort_rows(&t);
	if (is_sorted)
		write_table(p, &t);
	free(t.order);
	free_rows(p, h);
	return is_sorted && output_ok(&p->section[DB_HASH_ROW]) ? true
								: pack_full(p);
}

/* Room for one row more, the caller's to fill; or NULL. */
static struct pack_hash *
add_row(struct pack *p, struct pack_hashes *h)
{
	if (h->count / PACK_HASHES == h->blocks) {
		struct pack_hash *block;

		if (!pool_vector_grow(&p->pool, (void **)&h->block, &h->room,
			h->blocks, sizeof(*h->block)))
			return NULL;
		block = pool_take(&p->pool, PACK_HASHES * sizeof(*block));
		if (block == NULL)
			return NULL;
		h->block[h->blocks++] = block;
	}
	return row_of(h, h->count++);
}

/* Keep a hash until its table is written. */
static bool
keep_hash(struct pack *p, const struct ir_hash *hash)
{
	struct pack_hashes *h = &p->hashes[table_of(hash)];
	size_t size = ir_digest_size((enum ir_digest)hash->digest);

	struct pack_hash *row = add_row(p, h);

	if (row == NULL)
		return pack_full(p);
	*row = (struct pack_hash){
		.size = hash->size,
		.key = read_key(hash->bytes),
		.more = read_key(hash->bytes + 8),
		.signature = p->hash_count++,
		.rest = (uint32_t)h->rest_count,
	};
	p->allows += hash->allow;
	if (!hash->allow || size <= 16)
		return true;
	if (!pool_vector_grow(&p->pool, (void **)&h->rest, &h->rest_room,
		h->rest_count, sizeof(*h->rest)))
		return pack_full(p);
	memcpy(h->rest[h->rest_count++], hash->bytes + 16, 16);
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
		free_rows(p, &p->hashes[i]);
		free(p->hashes[i].rest);
	}
}
