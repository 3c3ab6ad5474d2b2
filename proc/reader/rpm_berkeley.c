/*
 * rpm_berkeley.c - the headers in a hash of Berkeley DB.  See
 * rpm_berkeley.h.
 *
 * Page 0 tells what it is:
 *
 *   offset  size  field
 *       12     4  magic     0x061561, in the order of bytes of all numbers
 *       20     4  pagesize
 *
 * A page:
 *
 *       16     4  next      page, 0: none
 *       20     2  entries   of a page of the hash
 *       22     2  size      of what stands on a page of a long value
 *       25     1  type      2, 13: of the hash; 7: of a long value
 *       26  2..n  index     where each item is, from the end of the page on;
 *                           of a long value, its bytes
 *
 * Items come in pairs, key and value; an item ends where the one before it
 * begins, and begins with its type: 1, the bytes themselves; 3, a long value
 * (its first page at 4, its size at 8).  The key 0 has a number and no header.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/rpm_berkeley.h"

#include <string.h>

#define MAGIC 0x00061561u

enum page_type {
	PAGE_HASH_OLD = 2,
	PAGE_LONG = 7,
	PAGE_HASH = 13
};

enum item_type {
	ITEM_BYTES = 1,
	ITEM_LONG = 3
};

static uint32_t
read_u32(const struct rpm_berkeley *b, struct cur *c)
{
	return b->is_big ? cur_u32be(c) : cur_u32le(c);
}

static uint16_t
read_u16(const struct rpm_berkeley *b, struct cur *c)
{
	return b->is_big ? cur_u16be(c) : cur_u16le(c);
}

bool
rpm_berkeley_open(struct cur all, uint8_t *room, size_t room_size,
    struct rpm_berkeley *out)
{
	struct cur c = all;
	uint32_t magic;

	*out = (struct rpm_berkeley){
		.all = all, .page = 1, .room = room, .room_size = room_size
	};
	if (!cur_seek(&c, 12))
		return false;
	magic = cur_u32le(&c);
	out->is_big = magic == __builtin_bswap32(MAGIC);
	if ((magic != MAGIC && !out->is_big) || !cur_seek(&c, 20))
		return false;
	out->page_size = read_u32(out, &c);
	if (!cur_ok(&c) || out->page_size < 512 || out->page_size > 65536 ||
	    (out->page_size & (out->page_size - 1)) != 0)
		return false;
	out->pages = (uint32_t)(all.size / out->page_size < UINT32_MAX
		? all.size / out->page_size
		: UINT32_MAX);
	return true;
}

/* What a page says of itself. */
struct page {
	struct cur all;
	uint32_t next;
	uint16_t entries, size;
	uint8_t type;
};

static bool
read_page(const struct rpm_berkeley *b, uint32_t number, struct page *out)
{
	struct cur c;

	if (!cur_at(&b->all, (uint64_t)number * b->page_size, b->page_size,
		&out->all))
		return false;
	c = out->all;
	if (!cur_skip(&c, 16))
		return false;
	out->next = read_u32(b, &c);
	out->entries = read_u16(b, &c);
	out->size = read_u16(b, &c);
	(void)cur_u8(&c);
	out->type = cur_u8(&c);
	return cur_ok(&c);
}

/* Where an item begins; the end of the page is where one before the first
   would. */
static bool
find_start(const struct rpm_berkeley *b, const struct page *p, uint32_t item,
    uint32_t *out)
{
	struct cur c = p->all;

	if (!cur_seek(&c, 26 + 2 * (uint64_t)item))
		return false;
	*out = read_u16(b, &c);
	return cur_ok(&c);
}

static bool
find_item(const struct rpm_berkeley *b, const struct page *p, uint32_t item,
    struct cur *out)
{
	uint32_t start, end = b->page_size;

	return find_start(b, p, item, &start) &&
	    (item == 0 || find_start(b, p, item - 1, &end)) && start < end &&
	    cur_at(&p->all, start, end - start, out);
}

/* A value on pages of its own, gathered in room. */
static bool
gather(struct rpm_berkeley *b, struct cur item, struct cur *out)
{
	struct cur bytes;
	struct page p;
	uint32_t number, size;
	size_t got = 0;

	if (!cur_seek(&item, 4))
		return false;
	number = read_u32(b, &item);
	size = read_u32(b, &item);
	if (!cur_ok(&item) || size > b->room_size)
		return false;
	while (got < size) {
		if (!read_page(b, number, &p) || p.type != PAGE_LONG ||
		    p.size == 0 || p.size > size - got ||
		    !cur_at(&p.all, 26, p.size, &bytes))
			return false;
		memcpy(b->room + got, bytes.base, bytes.size);
		got += bytes.size;
		number = p.next;
	}
	*out = cur_from(b->room, size);
	return true;
}

static bool
is_key_of_none(struct cur key)
{
	return cur_u8(&key) == ITEM_BYTES && cur_left(&key) == 4 &&
	    cur_u32le(&key) == 0;
}

/* The value of a pair; false if it is none of a package, or broken. */
static bool
read_value(struct rpm_berkeley *b, const struct page *p, uint32_t item,
    struct cur *blob)
{
	struct cur key, value;

	if (!find_item(b, p, item, &key) ||
	    !find_item(b, p, item + 1, &value)) {
		b->broken++;
		return false;
	}
	if (is_key_of_none(key))
		return false;
	if (value.base[0] == ITEM_BYTES) {
		*blob = cur_from(value.base + 1, value.size - 1);
		return true;
	}
	if (value.base[0] == ITEM_LONG && gather(b, value, blob))
		return true;
	b->broken++;
	return false;
}

bool
rpm_berkeley_next(struct rpm_berkeley *b, struct cur *blob)
{
	struct page p;
	uint32_t item;

	while (b->page < b->pages && read_page(b, b->page, &p)) {
		if ((p.type != PAGE_HASH && p.type != PAGE_HASH_OLD) ||
		    b->item + 1 >= p.entries) {
			b->page++;
			b->item = 0;
			continue;
		}
		item = b->item;
		b->item += 2;
		if (read_value(b, &p, item, blob))
			return true;
	}
	return false;
}
