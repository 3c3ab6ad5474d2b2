/*
 * hive_log.c - logs of a registry.  See hive_log.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/hive_log.h"

#include <string.h>

#define SECTOR     512u
#define BASE       4096u /* bytes before the bins */
#define TYPE_OLD   1u
#define TYPE_NEW   6u
#define ENTRY_HEAD 40u

/* --- what stands in the first sector -------------------------------------- */

struct head {
	uint32_t first, second; /* numbers */
	uint64_t written;
	uint32_t type, bins;
};

static bool
head_read(struct cur c, struct head *out)
{
	bool is_one = cur_u32le(&c) == 0x66676572u; /* "regf" */

	out->first = cur_u32le(&c);
	out->second = cur_u32le(&c);
	out->written = cur_u64le(&c);
	is_one = cur_skip(&c, 8) && is_one;
	out->type = cur_u32le(&c);
	is_one = cur_skip(&c, 8) && is_one;
	out->bins = cur_u32le(&c);
	return cur_ok(&c) && is_one;
}

/* The sum of a first sector, as it should be. */
static bool
sum_of(struct cur c, uint32_t *out)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < 127; i++)
		sum ^= cur_u32le(&c);
	*out = sum == 0 ? 1 : sum == UINT32_MAX ? UINT32_MAX - 1 : sum;
	return cur_ok(&c);
}

static bool
sum_is_right(struct cur c)
{
	uint32_t want;
	struct cur last = c;

	return sum_of(c, &want) && cur_skip(&last, 508) &&
	    cur_u32le(&last) == want && cur_ok(&last);
}

static void
put_u32(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)v;
	at[1] = (uint8_t)(v >> 8);
	at[2] = (uint8_t)(v >> 16);
	at[3] = (uint8_t)(v >> 24);
}

static struct cur
hive_cur(const struct hive_bytes *h)
{
	return cur_from(h->bytes, h->size);
}

/* The hive is whole again, after the entry of that number. */
static void
head_write(struct hive_bytes *h, uint32_t number, uint32_t bins)
{
	uint32_t sum;

	put_u32(h->bytes + 4, number);
	put_u32(h->bytes + 8, number);
	put_u32(h->bytes + 40, bins);
	if (sum_of(hive_cur(h), &sum))
		put_u32(h->bytes + 508, sum);
}

bool
hive_log_is_wanted(struct cur hive)
{
	struct head head;

	return head_read(hive, &head) && head.first != head.second;
}

/* --- Marvin32 ------------------------------------------------------------- */

static uint32_t
turn(uint32_t v, unsigned bits)
{
	return v << bits | v >> (32 - bits);
}

static void
mix(uint32_t s[2], uint32_t v)
{
	s[0] += v;
	s[1] ^= s[0];
	s[0] = turn(s[0], 20) + s[1];
	s[1] = turn(s[1], 9) ^ s[0];
	s[0] = turn(s[0], 27) + s[1];
	s[1] = turn(s[1], 19);
}

uint64_t
hive_log_hash(struct cur bytes, uint64_t seed)
{
	uint32_t s[2] = { (uint32_t)seed, (uint32_t)(seed >> 32) };
	uint32_t last = 0;
	unsigned shift = 0;

	while (cur_left(&bytes) >= 4)
		mix(s, cur_u32le(&bytes));
	for (; cur_left(&bytes) > 0; shift += 8)
		last |= (uint32_t)cur_u8(&bytes) << shift;
	mix(s, last | (uint32_t)0x80 << shift);
	mix(s, 0);
	return (uint64_t)s[1] << 32 | s[0];
}

/* --- entries -------------------------------------------------------------- */

struct entry {
	uint32_t number, bins, pages;
	struct cur body; /* references, then pages */
	struct cur all;
};

/* Cut the next entry off; false: none stands there. */
static bool
entry_read(struct cur *log, struct entry *out)
{
	struct cur c = *log;
	bool is_one = cur_u32le(&c) == 0x454c7648u; /* "HvLE" */
	uint32_t size = cur_u32le(&c);

	if (!is_one || size < ENTRY_HEAD || size % SECTOR != 0 ||
	    !cur_take(log, size, &out->all))
		return false;
	c = out->all;
	is_one = cur_skip(&c, 12);
	out->number = cur_u32le(&c);
	out->bins = cur_u32le(&c);
	out->pages = cur_u32le(&c);
	is_one = cur_skip(&c, 16) && is_one;
	return is_one && cur_take(&c, cur_left(&c), &out->body);
}

static bool
hashes_are_right(const struct entry *e)
{
	struct cur c = e->all, first;
	uint64_t of_body, of_head;

	if (!cur_take(&c, 32, &first))
		return false;
	of_head = cur_u64le(&c);
	c = first;
	if (!cur_skip(&c, 24))
		return false;
	of_body = cur_u64le(&c);
	return hive_log_hash(e->body, HIVE_LOG_SEED) == of_body &&
	    hive_log_hash(first, HIVE_LOG_SEED) == of_head;
}

/* One page; copy: not only see whether it fits. */
static bool
page_take(struct hive_bytes *h, const struct entry *e, struct cur *where,
    struct cur *pages, bool copy)
{
	uint32_t at = cur_u32le(where), size = cur_u32le(where);
	struct cur page;

	if (!cur_ok(where) || at > e->bins || size > e->bins - at ||
	    !cur_take(pages, size, &page))
		return false;
	if (copy && size > 0)
		memcpy(h->bytes + BASE + at, page.base, size);
	return true;
}

static bool
pages_take(struct hive_bytes *h, const struct entry *e, bool copy)
{
	struct cur where, pages = e->body;
	uint32_t i;

	if (!cur_take(&pages, (uint64_t)e->pages * 8, &where))
		return false;
	for (i = 0; i < e->pages; i++)
		if (!page_take(h, e, &where, &pages, copy))
			return false;
	return true;
}

/* All of it, or nothing. */
static bool
entry_take(struct hive_bytes *h, const struct entry *e)
{
	if (e->bins % BASE != 0 || e->bins > h->room - BASE ||
	    !hashes_are_right(e) || !pages_take(h, e, false))
		return false;
	if (e->bins > h->size - BASE) {
		memset(h->bytes + h->size, 0, BASE + e->bins - h->size);
		h->size = BASE + (size_t)e->bins;
	}
	(void)pages_take(h, e, true);
	head_write(h, e->number, e->bins);
	return true;
}

/* The entries of a log, one after another as long as they are wanted; how
   many were taken. */
static uint32_t
entries_take(struct hive_bytes *h, struct cur *log, uint32_t *want)
{
	struct cur before = *log;
	struct entry e;
	uint32_t count = 0;

	while (entry_read(log, &e)) {
		if (e.number > *want)
			break; /* it may be wanted after the other log */
		if (e.number == *want) {
			if (!entry_take(h, &e))
				break;
			count++;
			(*want)++;
		}
		before = *log;
	}
	*log = before;
	return count;
}

static uint32_t
take_new(struct hive_bytes *h, const struct cur *log, size_t logs,
    uint32_t want)
{
	struct cur at[HIVE_LOGS];
	uint32_t count = 0, more;
	struct head head;
	size_t i, used = 0;

	for (i = 0; i < logs && used < HIVE_LOGS; i++) {
		at[used] = log[i];
		if (head_read(log[i], &head) && head.type == TYPE_NEW &&
		    cur_skip(&at[used], SECTOR))
			used++;
	}
	do {
		for (more = 0, i = 0; i < used; i++)
			more += entries_take(h, &at[i], &want);
		count += more;
	} while (more > 0);
	return count;
}

/* --- the old form --------------------------------------------------------- */

/* Those 512 bytes whose bit is set; copy: not only see whether all are
   there. */
static bool
dirty_take(struct hive_bytes *h, struct cur log, uint32_t bins, bool copy)
{
	uint32_t bits = bins / SECTOR, i;
	uint64_t start = SECTOR + 4 + bits / 8 + (bits % 8 != 0);
	struct cur map, pages = log, page;

	if (!cur_at(&log, SECTOR + 4, start - SECTOR - 4, &map) ||
	    !cur_skip(&pages, (start + SECTOR - 1) / SECTOR * SECTOR))
		return false;
	for (i = 0; i < bits; i++) {
		if ((map.base[i / 8] >> i % 8 & 1) == 0)
			continue;
		if (!cur_take(&pages, SECTOR, &page))
			return false;
		if (copy)
			memcpy(h->bytes + BASE + (size_t)i * SECTOR, page.base,
			    SECTOR);
	}
	return true;
}

/* A log of the old form that is this hive's, and whole. */
static bool
take_old(struct hive_bytes *h, struct cur log, const struct head *hive)
{
	struct cur mark = log;
	struct head head;

	if (!head_read(log, &head) || head.type != TYPE_OLD ||
	    !sum_is_right(log) || head.first != head.second ||
	    head.written != hive->written || head.bins % BASE != 0 ||
	    head.bins == 0 || head.bins > h->room - BASE ||
	    !cur_skip(&mark, SECTOR) ||
	    cur_u32le(&mark) != 0x54524944u || /* "DIRT" */
	    !dirty_take(h, log, head.bins, false))
		return false;
	if (head.bins > h->size - BASE) {
		memset(h->bytes + h->size, 0, BASE + head.bins - h->size);
		h->size = BASE + (size_t)head.bins;
	}
	(void)dirty_take(h, log, head.bins, true);
	head_write(h, hive->first, head.bins);
	return true;
}

/* --- both ----------------------------------------------------------------- */

static size_t
room_for(uint32_t bins, size_t now, size_t most)
{
	return bins <= most - BASE && BASE + (size_t)bins > now
	    ? BASE + (size_t)bins
	    : now;
}

size_t
hive_log_room(const struct cur *log, size_t logs, size_t most)
{
	size_t room = 0, i;
	struct entry e;
	struct head head;

	for (i = 0; i < logs; i++) {
		struct cur at = log[i];

		if (!head_read(at, &head) || !cur_skip(&at, SECTOR))
			continue;
		room = room_for(head.bins, room, most);
		while (entry_read(&at, &e))
			room = room_for(e.bins, room, most);
	}
	return room;
}

uint32_t
hive_log_apply(struct hive_bytes *h, const struct cur *log, size_t logs)
{
	struct head head;
	uint32_t count;
	size_t i;

	/* A sum that is wrong: who knows which numbers it has. */
	if (h->size < BASE || h->room < h->size ||
	    !head_read(hive_cur(h), &head) || head.first == head.second ||
	    !sum_is_right(hive_cur(h)))
		return 0;
	count = take_new(h, log, logs, head.second);
	for (i = 0; count == 0 && i < logs; i++)
		count = take_old(h, log[i], &head);
	return count;
}
