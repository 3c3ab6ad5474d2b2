/*
 * protocol_test.c - messages survive the way, and anything else is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/compiler/protocol.h"
#include "tests/t.h"

#include <string.h>

static void
make(struct protocol_message *m)
{
	*m = (struct protocol_message){
		.kind = PROTOCOL_COMPLAINT,
		.a = 0x01020304,
		.b = UINT32_MAX,
		.c = 1,
		.number = { 1, UINT64_MAX, 3, 4, 5, 6 },
		.built = 1624388313,
	};
	protocol_put_text(m->word, sizeof(m->word), "bad-hex");
	protocol_put_text(m->reason, sizeof(m->reason), "");
	protocol_put_path(m->name, sizeof(m->name), "a.ndb");
	protocol_put_text(m->text, sizeof(m->text), "not a digit");
}

static void
test_round_trip(void **state)
{
	static struct protocol_message sent, got;
	static uint8_t record[PROTOCOL_SIZE];

	(void)state;
	make(&sent);
	protocol_put(&sent, record);
	assert_true(protocol_get(cur_from(record, sizeof(record)), &got));
	t_eq(got.kind, sent.kind);
	t_eq(got.a, sent.a);
	t_eq(got.b, sent.b);
	t_eq(got.c, sent.c);
	assert_memory_equal(got.number, sent.number, sizeof(sent.number));
	t_eq(got.built, sent.built);
	assert_string_equal(got.word, "bad-hex");
	assert_string_equal(got.reason, "");
	assert_string_equal(got.name, "a.ndb");
	assert_string_equal(got.text, "not a digit");
}

static void
test_refused(void **state)
{
	static struct protocol_message sent, got;
	static uint8_t record[PROTOCOL_SIZE + 1];
	static const size_t last[] = { 72 + 31, 104 + 31, 136 + 1023,
		1160 + 255 };
	size_t size, i;

	(void)state;
	make(&sent);
	protocol_put(&sent, record);
	for (size = 0; size <= sizeof(record); size++)
		t_eq(protocol_get(cur_from(t_fence(record, size), size), &got),
		    size == PROTOCOL_SIZE);
	for (i = 0; i < 256; i++) {
		bool known = (i >= 1 && i <= 5) || (i >= 16 && i <= 20);

		record[0] = (uint8_t)i;
		t_eq(protocol_get(cur_from(record, PROTOCOL_SIZE), &got),
		    known);
	}
	/* A text without its zero would run into the next field. */
	for (i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
		protocol_put(&sent, record);
		record[last[i]] = 'x';
		assert_false(protocol_get(cur_from(record, PROTOCOL_SIZE),
		    &got));
	}
}

static void
test_texts(void **state)
{
	char out[8];

	(void)state;
	protocol_put_text(out, sizeof(out), "1234567");
	assert_string_equal(out, "1234567");
	protocol_put_text(out, sizeof(out), "12345678");
	assert_string_equal(out, "1234567");
	protocol_put_path(out, sizeof(out), "/a.ndb");
	assert_string_equal(out, "/a.ndb");
	/* The ending decides what is in a file, so it stays. */
	protocol_put_path(out, sizeof(out), "/a/b/c.ndb");
	assert_string_equal(out, "....ndb");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
