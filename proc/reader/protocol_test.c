/*
 * protocol_test.c - claims about protocol.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/protocol.h"
#include "tests/t.h"

#include <string.h>

static struct cur
text(const char *t)
{
	return cur_from(t, strlen(t));
}

static void
test_an_order_comes_as_it_went(void **state)
{
	static const struct reader_order want = { READER_LOOK,
		READER_HIVE_SYSTEM, 4096, { 0 } };
	static uint8_t record[READER_ORDER_MAX];
	struct reader_order o = want;
	size_t size;

	(void)state;
	o.text = text("disk.img");
	size = reader_order_put(&o, record);
	t_eq(size, READER_ORDER_HEAD + 8);
	assert_true(reader_order_get(cur_from(t_fence(record, size), size),
	    &o));
	t_eq(o.kind, want.kind);
	t_eq(o.what, want.what);
	t_eq(o.size, want.size);
	assert_true(cur_is(&o.text, "disk.img"));
	/* Every shorter one is refused, or has a shorter name. */
	while (size-- > 0)
		t_eq(reader_order_get(cur_from(t_fence(record, size), size),
			 &o),
		    size >= READER_ORDER_HEAD);
}

static void
test_orders_that_cannot_be(void **state)
{
	static const struct reader_order bad[] = {
		{ .kind = 0 },
		{ .kind = 4 },
		{ .kind = READER_BESIDE, .what = 1 },
		{ .kind = READER_BESIDE,
		    .text = { (const uint8_t *)"a", 1, 0, 0, false } },
		{ .kind = READER_LOOK, .what = READER_WHATS },
		{ .kind = READER_LOOK, .size = UINT64_MAX },
		{ .kind = READER_FETCH },
		{ .kind = READER_FETCH,
		    .text = { (const uint8_t *)"a", 1, 0, 0, false } },
		{ .kind = READER_LOOK,
		    .text = { (const uint8_t *)"a\0b", 3, 0, 0, false } },
	};
	static uint8_t record[READER_ORDER_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		t_eq(reader_order_put(&bad[i], record), 0);
}

static struct reader_part
part(unsigned kind, unsigned what, const char *value, const char *detail)
{
	return (struct reader_part){ .kind = (uint8_t)kind,
		.what = (uint8_t)what,
		.value = text(value),
		.detail = text(detail) };
}

static void
test_parts_come_as_they_went(void **state)
{
	struct reader_part p[] = {
		part(READER_SEEN, READER_SERVICE, "klif", "\\SystemRoot\\x"),
		part(READER_NAME, READER_FILE, "/etc/passwd", ""),
		part(READER_BLIND, 0, "keys", "7 are broken"),
		part(READER_DONE, 0, "", ""),
	};
	const size_t count = sizeof(p) / sizeof(p[0]);
	static uint8_t packet[READER_PACKET];
	struct reader_part got;
	struct cur c;
	size_t at = 0, i;

	(void)state;
	p[0].flags = READER_ROW | READER_LEFT;
	p[1].number = 1u << 30;
	p[1].part = 2;
	for (i = 0; i < count; i++) {
		reader_part_put(&p[i], packet + at);
		at += reader_part_size(&p[i]);
	}
	c = cur_from(t_fence(packet, at), at);
	for (i = 0; i < count; i++) {
		assert_true(reader_part_get(&c, &got));
		t_eq(got.kind, p[i].kind);
		t_eq(got.what, p[i].what);
		t_eq(got.flags, p[i].flags);
		t_eq(got.part, p[i].part);
		t_eq(got.number, p[i].number);
		t_eq(got.value.size, p[i].value.size);
		assert_memory_equal(got.value.base, p[i].value.base,
		    got.value.size);
		t_eq(got.detail.size, p[i].detail.size);
	}
	t_eq(cur_left(&c), 0);
}

static void
test_parts_that_cannot_be(void **state)
{
	const struct reader_part bad[] = {
		part(0, 0, "x", ""),
		part(READER_FAILED + 1, 0, "x", "x"),
		part(READER_SEEN, READER_THINGS, "x", ""),
		part(READER_SEEN, READER_PACKAGE, "", ""),
		part(READER_SEEN, READER_PATH, "no/slash", ""),
		part(READER_NAME, READER_NODES, "/x", ""),
		part(READER_NAME, READER_FILE, "x", ""),
		part(READER_BLIND, 0, "x", ""),
		part(READER_FAILED, 0, "x", ""),
		part(READER_COUNT, 1, "x", ""),
		part(READER_BYTES, 0, "", ""),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		t_eq(reader_part_size(&bad[i]), 0);
}

/* Sizes that promise more than there is. */
static void
test_a_part_that_lies_about_its_size(void **state)
{
	static uint8_t packet[READER_PACKET];
	struct reader_part p = part(READER_SEEN, READER_APP, "com.x", "y"), got;
	size_t size = reader_part_size(&p), i;
	struct cur c;

	(void)state;
	reader_part_put(&p, packet);
	for (i = 4; i < 12; i++) {
		packet[i] ^= 0xff;
		c = cur_from(t_fence(packet, size), size);
		assert_false(reader_part_get(&c, &got));
		packet[i] ^= 0xff;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_order_comes_as_it_went),
		cmocka_unit_test(test_orders_that_cannot_be),
		cmocka_unit_test(test_parts_come_as_they_went),
		cmocka_unit_test(test_parts_that_cannot_be),
		cmocka_unit_test(test_a_part_that_lies_about_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
