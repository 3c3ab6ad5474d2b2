/*
 * when_test.c - instants, days and clocks, by table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/when.h"
#include "tests/t.h"

#include <string.h>

static struct cur
text_of(const char *text)
{
	return cur_from(t_fence(text, strlen(text)), strlen(text));
}

static const struct {
	const char *text, *clock, *first, *last;
} span[] = {
	{ "2024-09-29T04:00:00Z", "UTC", "2024-09-29T04:00:00Z",
	    "2024-09-29T04:00:00Z" },
	{ "2024-09-29 00:00 EDT", "UTC", "2024-09-29T04:00:00Z",
	    "2024-09-29T04:00:00Z" },
	{ "2024-09-29T00:00", "America/New_York", "2024-09-29T04:00:00Z",
	    "2024-09-29T04:00:00Z" },
	{ "2024-07-19T23:30:00-07:00", "UTC", "2024-07-20T06:30:00Z",
	    "2024-07-20T06:30:00Z" },
	{ "2024-07-19 23:30 America/Los_Angeles", "UTC", "2024-07-20T06:30:00Z",
	    "2024-07-20T06:30:00Z" },
	{ "2024-09-29", "UTC", "2024-09-29T00:00:00Z", "2024-09-29T23:59:59Z" },
	{ "2024-09-29", "+09:00", "2024-09-28T15:00:00Z",
	    "2024-09-29T14:59:59Z" },
	{ "2024-02", "UTC", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59Z" },
	{ "2018", "America/New_York", "2018-01-01T05:00:00Z",
	    "2019-01-01T04:59:59Z" },
	{ "2018-12-31", "UTC", "2018-12-31T00:00:00Z", "2018-12-31T23:59:59Z" },
	/* A day of 23 hours and one of 25. */
	{ "2024-03-10", "America/New_York", "2024-03-10T05:00:00Z",
	    "2024-03-11T03:59:59Z" },
	{ "2024-11-03", "America/New_York", "2024-11-03T04:00:00Z",
	    "2024-11-04T04:59:59Z" },
	{ "2022-03-27", "Europe/Berlin", "2022-03-26T23:00:00Z",
	    "2022-03-27T21:59:59Z" },
	/* Twice at half past one: the first. */
	{ "2024-11-03T01:30", "America/New_York", "2024-11-03T05:30:00Z",
	    "2024-11-03T05:30:00Z" },
	/* There is no half past two. */
	{ "2024-03-10T02:30", "America/New_York", "2024-03-10T07:30:00Z",
	    "2024-03-10T07:30:00Z" },
	{ "2025-02-21", "Australia/Sydney", "2025-02-20T13:00:00Z",
	    "2025-02-21T12:59:59Z" },
	{ "2025-04-06T12:00", "Australia/Sydney", "2025-04-06T02:00:00Z",
	    "2025-04-06T02:00:00Z" },
	{ "2019-05-16T16:15 America/New_York", "UTC", "2019-05-16T20:15:00Z",
	    "2019-05-16T20:15:00Z" },
	{ "2024-09-29T04:00:00.25+0000", "UTC", "2024-09-29T04:00:00Z",
	    "2024-09-29T04:00:00Z" },
	{ "2000-02-29", "UTC", "2000-02-29T00:00:00Z", "2000-02-29T23:59:59Z" },
	{ "1970", "UTC", "1970-01-01T00:00:00Z", "1970-12-31T23:59:59Z" },
	{ "9999-12-31T23:59:59Z", "UTC", "9999-12-31T23:59:59Z",
	    "9999-12-31T23:59:59Z" },
};

static void
test_spans(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(span) / sizeof(span[0]); i++) {
		struct when_clock clock;
		struct when w;
		char first[WHEN_ROOM], last[WHEN_ROOM];

		assert_true(when_find_clock(text_of(span[i].clock), &clock));
		if (!when_read(text_of(span[i].text), &clock, &w))
			fail_msg("%s is not read", span[i].text);
		assert_string_equal(when_write_utc(w.first, first),
		    span[i].first);
		assert_string_equal(when_write_utc(w.last, last), span[i].last);
	}
}

static void
test_what_is_no_time(void **state)
{
	static const char *const bad[] = { "", "24", "2024-", "2024-9-1",
		"2024-13", "2024-00", "2023-02-29", "2024-09-31", "2024-09-29T",
		"2024-09-29T24:00", "2024-09-29T10:60", "2024-09-29T10",
		"2024-09-29T10:00 XYZ", "2024-09-29T10:00+15:00",
		"2024-09-29T10:00Zulu", "2024-09T10:00", "1969-12-31",
		"2024-09-29x", " 2024", "yesterday",
		"2024-09-29T10:00+1:", "2024-09-29T10:00+" };
	struct when w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (when_read(text_of(bad[i]), &when_utc, &w))
			fail_msg("%s is taken for a time", bad[i]);
}

static void
test_writing(void **state)
{
	static const struct {
		const char *text, *clock, *want;
	} row[] = {
		{ "2024-09-29T04:00Z", "America/New_York",
		    "2024-09-29 00:00 EDT" },
		{ "2024-12-06T04:00Z", "America/New_York",
		    "2024-12-05 23:00 EST" },
		{ "2024-09-29T04:00:05Z", "UTC", "2024-09-29 04:00:05 UTC" },
		{ "2024-09-29T04:00Z", "+05:30", "2024-09-29 09:30 +05:30" },
		{ "2024-09-29T04:00Z", "-03:00", "2024-09-29 01:00 -03:00" },
		{ "2025-02-21T00:00Z", "Australia/Sydney",
		    "2025-02-21 11:00 AEDT" },
		{ "2022-03-15", "Europe/Berlin", "2022-03-15" },
		{ "2018-12", "UTC", "2018-12" },
		{ "2018", "America/New_York", "2018" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct when_clock clock;
		struct when w;
		char room[WHEN_ROOM];

		assert_true(when_find_clock(text_of(row[i].clock), &clock));
		assert_true(when_read(text_of(row[i].text), &clock, &w));
		assert_string_equal(when_write_span(&w, &clock, room),
		    row[i].want);
	}
}

/* Every day of 400 years has its number, and is written as it is read. */
static void
test_every_day(void **state)
{
	int64_t day;

	(void)state;
	for (day = 0; day < 146097; day++) {
		char room[WHEN_ROOM];
		struct when w;

		when_write_utc(day * 86400, room);
		assert_true(when_read(text_of(room), &when_utc, &w));
		assert_int_equal(w.first, day * 86400);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_what_is_no_time),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_every_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
