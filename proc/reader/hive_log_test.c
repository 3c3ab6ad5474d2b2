/*
 * hive_log_test.c - claims about hive_log.c, on hives of bins full of one
 * letter.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/hive_log.h"
#include "tests/t.h"

#include <stdlib.h>
#include <string.h>

#define BINS 8192u
#define ROOM 20480u

/* --- making them ---------------------------------------------------------- */

static void
put_u32(uint8_t *at, uint32_t v)
{
	size_t i;

	for (i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

static void
put_u64(uint8_t *at, uint64_t v)
{
	put_u32(at, (uint32_t)v);
	put_u32(at + 4, (uint32_t)(v >> 32));
}

static uint32_t
get_u32(const uint8_t *at)
{
	struct cur c = cur_from(at, 4);

	return cur_u32le(&c);
}

static uint32_t
sum_of(const uint8_t *head)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < 508; i += 4)
		sum ^= get_u32(head + i);
	return sum;
}

/* A first sector: 512 bytes. */
static void
put_head(uint8_t *to, uint32_t first, uint32_t second, uint32_t type,
    uint32_t bins)
{
	memset(to, 0, 512);
	memcpy(to, "regf", 4);
	put_u32(to + 4, first);
	put_u32(to + 8, second);
	put_u64(to + 12, 0x1234567890);
	put_u32(to + 28, type);
	put_u32(to + 40, bins);
	put_u32(to + 508, sum_of(to));
}

static uint8_t hive_room[ROOM];

static struct hive_bytes
hive(uint32_t first, uint32_t second)
{
	struct hive_bytes h = { hive_room, 4096 + BINS, ROOM };

	memset(hive_room, 0, sizeof(hive_room));
	put_head(hive_room, first, second, 0, BINS);
	memset(hive_room + 4096, 'a', BINS);
	return h;
}

struct log {
	uint8_t bytes[16384];
	size_t size;
};

static void
log_begin(struct log *l, uint32_t type)
{
	put_head(l->bytes, 7, 7, type, BINS);
	l->size = 512;
}

/* An entry with one page of 512 times that letter. */
static void
log_add(struct log *l, uint32_t number, uint32_t bins, uint32_t at, char letter)
{
	uint8_t *e = l->bytes + l->size;

	memset(e, 0, 1024);
	memcpy(e, "HvLE", 4);
	put_u32(e + 4, 1024);
	put_u32(e + 12, number);
	put_u32(e + 16, bins);
	put_u32(e + 20, 1);
	put_u32(e + 40, at);
	put_u32(e + 44, 512);
	memset(e + 48, letter, 512);
	put_u64(e + 24, hive_log_hash(cur_from(e + 40, 984), HIVE_LOG_SEED));
	put_u64(e + 32, hive_log_hash(cur_from(e, 32), HIVE_LOG_SEED));
	l->size += 1024;
}

static struct cur
whole(const struct log *l)
{
	return cur_from(t_fence(l->bytes, l->size), l->size);
}

/* --- the hash ------------------------------------------------------------- */

static void
test_marvin32(void **state)
{
	static const uint64_t seed = 0x004fb61a001bdbcc;
	static const struct {
		const char *bytes;
		size_t size;
		uint64_t hash;
	} row[] = {
		{ "", 0, 0x30ed35c100cd3c7d },
		{ "\xaf", 1, 0x48e73fc77d75ddc1 },
		{ "\xe7\x0f", 2, 0xb5f6e1fc485dbff8 },
		{ "\x37\xf4\x95", 3, 0xf0b07c789b8cf7e8 },
		{ "\x86\x42\xdc\x59", 4, 0x7008f2e87e9cf556 },
		{ "\x15\x3f\xb7\x98\x26", 5, 0xe6c08c6da2afa997 },
		{ "\x09\x32\xe6\x24\x6c\x47", 6, 0x6f04bf1a5ea24060 },
		{ "\xab\x42\x7e\xa8\xd1\x0f\xc7", 7, 0xe11847e4f0678c41 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		t_eq(hive_log_hash(cur_from(row[i].bytes, row[i].size), seed),
		    row[i].hash);
}

/* --- the new form --------------------------------------------------------- */

static void
test_entries_follow_one_another_through_both_logs(void **state)
{
	static struct log one, two;
	struct hive_bytes h = hive(9, 8);
	struct cur log[2];

	(void)state;
	log_begin(&one, 6);
	log_add(&one, 7, BINS, 0, 'x'); /* an old one */
	log_add(&one, 9, BINS, 512, 'c');
	log_add(&one, 10, 12288, 8192, 'd'); /* the hive grows */
	log_add(&one, 12, BINS, 0, 'y');     /* follows none */
	log_begin(&two, 6);
	log_add(&two, 8, BINS, 0, 'b');
	log[0] = cur_from(one.bytes, one.size);
	log[1] = cur_from(two.bytes, two.size);
	assert_true(hive_log_is_wanted(cur_from(h.bytes, 512)));
	t_eq(hive_log_room(log, 2, ROOM), 4096 + 12288);
	t_eq(hive_log_room(log, 2, 14000), 4096 + BINS);
	t_eq(hive_log_apply(&h, log, 2), 3);
	t_eq(h.size, 4096 + 12288);
	t_eq(h.bytes[4096], 'b');
	t_eq(h.bytes[4096 + 511], 'b');
	t_eq(h.bytes[4096 + 512], 'c');
	t_eq(h.bytes[4096 + 1024], 'a');
	t_eq(h.bytes[4096 + 8192], 'd');
	t_eq(h.bytes[4096 + 8192 + 512], 0);
	t_eq(get_u32(h.bytes + 4), 10);
	t_eq(get_u32(h.bytes + 40), 12288);
	assert_false(hive_log_is_wanted(cur_from(h.bytes, 512)));
	t_eq(sum_of(h.bytes), get_u32(h.bytes + 508));
	t_eq(hive_log_apply(&h, log, 2), 0); /* it waits for nothing now */
}

static void
test_what_is_not_taken(void **state)
{
	static struct log l;
	struct hive_bytes h = hive(9, 9);
	struct cur log;
	size_t i;

	(void)state;
	log_begin(&l, 6);
	log_add(&l, 8, BINS, 0, 'b');
	log = whole(&l);
	t_eq(hive_log_apply(&h, &log, 1), 0); /* is whole */
	h = hive(9, 7);
	t_eq(hive_log_apply(&h, &log, 1), 0); /* 7 is missing */
	h = hive(9, 8);
	h.bytes[100] ^= 1; /* the sum */
	t_eq(hive_log_apply(&h, &log, 1), 0);
	/* Cut off anywhere, or with one bit changed anywhere. */
	for (i = 0; i < l.size; i++) {
		log = cur_from(t_fence(l.bytes, i), i);
		h = hive(9, 8);
		t_eq(hive_log_apply(&h, &log, 1), 0);
	}
	for (i = 512; i < l.size; i++) {
		l.bytes[i] ^= 1;
		log = cur_from(l.bytes, l.size);
		h = hive(9, 8);
		t_eq(hive_log_apply(&h, &log, 1), 0);
		t_eq(h.bytes[4096], 'a');
		l.bytes[i] ^= 1;
	}
}

static void
test_pages_that_do_not_fit(void **state)
{
	static const struct {
		uint32_t bins, at;
	} row[] = { { BINS, BINS - 511 }, { BINS, UINT32_MAX }, { 100, 0 },
		{ 0, 0 }, { ROOM, 0 }, { UINT32_MAX / 4096 * 4096, 0 } };
	static struct log l;
	struct cur log;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct hive_bytes h = hive(9, 8);

		log_begin(&l, 6);
		log_add(&l, 8, row[i].bins, row[i].at, 'b');
		log = whole(&l);
		t_eq(hive_log_apply(&h, &log, 1), 0);
		t_eq(h.size, 4096 + BINS);
	}
}

/* --- the old form --------------------------------------------------------- */

/* The second and the ninth 512 bytes. */
static void
make_old(struct log *l)
{
	log_begin(l, 1);
	memset(l->bytes + 512, 0, 512);
	memcpy(l->bytes + 512, "DIRT\x02\x01", 6);
	memset(l->bytes + 1024, 'b', 512);
	memset(l->bytes + 1536, 'c', 512);
	l->size = 2048;
}

static void
test_the_old_form(void **state)
{
	static struct log l;
	struct hive_bytes h = hive(9, 8);
	struct cur log;
	size_t i;

	(void)state;
	make_old(&l);
	log = whole(&l);
	t_eq(hive_log_apply(&h, &log, 1), 1);
	t_eq(h.bytes[4096 + 511], 'a');
	t_eq(h.bytes[4096 + 512], 'b');
	t_eq(h.bytes[4096 + 8 * 512], 'c');
	t_eq(h.bytes[4096 + 9 * 512], 'a');
	assert_false(hive_log_is_wanted(cur_from(h.bytes, 512)));
	for (i = 0; i < l.size; i++) {
		log = cur_from(t_fence(l.bytes, i), i);
		h = hive(9, 8);
		t_eq(hive_log_apply(&h, &log, 1), 0);
		t_eq(h.bytes[4096 + 512], 'a');
	}
}

static void
test_old_logs_of_others(void **state)
{
	static struct log l;
	static const struct {
		size_t at; /* of the byte that is other, */
		bool is_summed;
	} row[] = { { 4, true }, { 12, true }, { 13, false }, { 40, true },
		{ 43, true }, { 512, false } };
	struct cur log;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct hive_bytes h = hive(9, 8);

		make_old(&l);
		l.bytes[row[i].at] ^= 0x41;
		if (row[i].is_summed)
			put_u32(l.bytes + 508, sum_of(l.bytes));
		log = whole(&l);
		t_eq(hive_log_apply(&h, &log, 1), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marvin32),
		cmocka_unit_test(
		    test_entries_follow_one_another_through_both_logs),
		cmocka_unit_test(test_what_is_not_taken),
		cmocka_unit_test(test_pages_that_do_not_fit),
		cmocka_unit_test(test_the_old_form),
		cmocka_unit_test(test_old_logs_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
