/*
 * config_test.c - claims about config.c and the rows of config.def.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/config.h"

#include "tests/t.h"

#include <stdio.h>
#include <string.h>

static uint8_t room[CONFIG_ARENA];
static struct arena arena;
static struct config config;
static struct config_troubles troubles;

static bool
read_bytes(const void *bytes, size_t size)
{
	arena_init(&arena, room, sizeof(room));
	assert_true(config_init(&config, &arena));
	return config_read(&config, &arena,
	    cur_from(t_fence(bytes, size), size), &troubles);
}

static bool
read_config(const char *text)
{
	return read_bytes(text, strlen(text));
}

/* What line 2, inside a section, is complained of with; "" if it is not. */
static const char *
complaint(const char *section, const char *line)
{
	static char text[8192];

	(void)snprintf(text, sizeof(text), "[%s]\n%s\n", section, line);
	if (read_config(text))
		return "";
	t_eq(troubles.count, 1);
	t_eq(troubles.one[0].line, 2);
	return troubles.one[0].text;
}

static void
test_without_a_file_everything_has_a_value(void **state)
{
	size_t i, n;

	(void)state;
	assert_true(read_config(""));
	for (i = 0; i < KEY_COUNT; i++) {
		const struct config_row *row = config_row((enum config_key)i);

		t_eq(config.value[i].line, 0);
		assert_non_null(config.value[i].text);
		assert_true(strlen(row->help) > 10);
		assert_true(strlen(config_type_text(row->type)) > 3);
		for (n = 0; n < i; n++) {
			const struct config_row *other =
			    config_row((enum config_key)n);

			assert_false(strcmp(row->section, other->section) ==
				0 &&
			    strcmp(row->key, other->key) == 0);
		}
	}
	t_eq(config.value[KEY_DEADLINE].number, 120000);
	t_eq(config.value[KEY_CLAMD_STREAM_MAX].number, 100 << 20);
	t_eq(config.value[KEY_CLAMD_SOCKET_MODE].number, 0666);
	t_eq(config.value[KEY_GUARD_ENABLED].number, 0);
	t_eq(config.value[KEY_GUARD_MOUNTS].count, 1);
	assert_true(config_is(&config, KEY_GUARD_OVERRUN, "allow"));
}

static void
test_values_of_every_type(void **state)
{
	(void)state;
	assert_true(read_config("# a comment\r\n"
				"; another\n"
				"\n"
				" [ scan ] \r\n"
				"database = /a /b\t\"/c d\"\n"
				"database=\"/e \\\"f\\\\\"\n"
				"\tworkers\t=\t4\r\n"
				"deadline = 2m\n"
				"max_object_size=10M\n"
				"all_matches = on\n"
				"[clamd]\n"
				"socket =\n"
				"socket_mode = 0600\n"
				"tcp = 127.0.0.1:3310 [::1]:3310\n"
				"version = \"  x = y  \"\n"
				"unscanned_limit = ok\n"
				"[policy]\n"
				"rule = block path=/srv/**\n"
				"rule = report signature=\"A B\"\n"
				"[guard]\n"
				"mounts =\n"
				"deadline = 0.25"));
	t_eq(config.value[KEY_DATABASE].count, 4);
	assert_string_equal(config.value[KEY_DATABASE].word[1], "/b");
	assert_string_equal(config.value[KEY_DATABASE].word[2], "/c d");
	assert_string_equal(config.value[KEY_DATABASE].word[3], "/e \"f\\");
	t_eq(config.value[KEY_DATABASE].line, 6);
	t_eq(config.value[KEY_WORKERS].number, 4);
	t_eq(config.value[KEY_DEADLINE].number, 120000);
	t_eq(config.value[KEY_MAX_OBJECT_SIZE].number, 10 << 20);
	t_eq(config.value[KEY_ALL_MATCHES].number, 1);
	assert_string_equal(config.value[KEY_CLAMD_SOCKET].text, "");
	t_eq(config.value[KEY_CLAMD_SOCKET].line, 12);
	t_eq(config.value[KEY_CLAMD_SOCKET_MODE].number, 0600);
	t_eq(config.value[KEY_CLAMD_TCP].count, 2);
	assert_string_equal(config.value[KEY_CLAMD_VERSION].text, "  x = y  ");
	assert_true(config_is(&config, KEY_CLAMD_LIMIT, "ok"));
	t_eq(config.value[KEY_CLAMD_LIMIT].number, 1);
	t_eq(config.value[KEY_POLICY_RULE].count, 2);
	assert_string_equal(config.value[KEY_POLICY_RULE].word[1],
	    "report signature=\"A B\"");
	t_eq(config.value[KEY_GUARD_MOUNTS].count, 0);
	t_eq(config.value[KEY_GUARD_DEADLINE].number, 250);
}

static void
test_what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *section, *line, *want;
	} row[] = {
		{ "scan", "workers = many", "workers: many is not a number" },
		{ "scan", "workers = 257", "workers: 257 is too large" },
		{ "scan", "workers = -1", "workers: -1 is not a number" },
		{ "scan", "workers =", "workers:  is not a number" },
		{ "scan", "deadline = 10ms", "deadline: 10ms is too small" },
		{ "scan", "deadline = 5 s",
		    "deadline: 5 s is not a time (5, 0.5, 2m, 1h)" },
		{ "scan", "deadline = 99999999999999999999d",
		    "deadline: 99999999999999999999d is not a time (5, 0.5, "
		    "2m, 1h)" },
		{ "scan", "max_object_size = 1x",
		    "max_object_size: 1x is not a size (4096, 10M, 2G)" },
		{ "scan", "max_object_size = 99999999999T",
		    "max_object_size: 99999999999T is not a size (4096, 10M, "
		    "2G)" },
		{ "scan", "worker = 1", "there is no key worker in [scan]" },
		{ "scan", "socket = /x", "there is no key socket in [scan]" },
		{ "scan", "workers", "workers: neither [SECTION] nor KEY =" },
		{ "scan", "[clamd", "[clamd: no ] at the end" },
		{ "scan", "[nowhere]", "there is no section [nowhere]" },
		{ "scan", "database = /a b",
		    "database: /a b has a path that does not begin with /" },
		{ "scan", "database = \"/a",
		    "database: \"/a has a quote that is not closed" },
		{ "scan", "database = \"/a\"b",
		    "database: \"/a\"b goes on after its closing quote" },
		{ "scan", "all_matches = maybe",
		    "all_matches: maybe is neither yes nor no" },
		{ "scan", "all_matches = \x01",
		    "there is a control character (0x01) in it" },
		{ "clamd", "socket = clamd.sock",
		    "socket: clamd.sock is not a path that begins with /" },
		{ "clamd", "socket_mode = 888",
		    "socket_mode: 888 is not a number in octal" },
		{ "clamd", "socket_mode = 1777",
		    "socket_mode: 1777 is too large" },
		{ "clamd", "tcp = 3310", "tcp: 3310 is not HOST:PORT" },
		{ "clamd", "tcp = a:0",
		    "tcp: a:0 has a port that is not from 1 to 65535" },
		{ "clamd", "tcp = ::1:3310",
		    "tcp: ::1:3310 needs brackets around its host" },
		{ "clamd", "version = \"a\" b",
		    "version: \"a\" b goes on after its closing quote" },
		{ "clamd", "unscanned_limit = perhaps",
		    "unscanned_limit: perhaps is none of error|ok|found" },
		{ "clamd", "unscanned_limit = o",
		    "unscanned_limit: o is none of error|ok|found" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_string_equal(complaint(row[i].section, row[i].line),
		    row[i].want);
}

static void
test_all_that_is_wrong_is_told_at_once(void **state)
{
	(void)state;
	assert_false(read_config("workers = 1\n"
				 "[scan]\n"
				 "workers = 3\n"
				 "workers = 4\n"
				 "[nowhere]\n"
				 "unheard = of\n"
				 "[guard]\n"
				 "enabled = yes\n"
				 "overrun = ask\n"));
	t_eq(troubles.count, 4);
	assert_string_equal(troubles.one[0].text,
	    "workers: stands in no section");
	assert_string_equal(troubles.one[1].text,
	    "workers: was given in line 3 already");
	t_eq(troubles.one[2].line, 5);
	t_eq(troubles.one[3].line, 9);
	/* Good lines count all the same. */
	t_eq(config.value[KEY_WORKERS].number, 3);
	t_eq(config.value[KEY_GUARD_ENABLED].number, 1);
}

static void
test_a_list_holds_only_so_many(void **state)
{
	static char text[CONFIG_FILE_MAX];
	size_t size, i;

	(void)state;
	size = (size_t)snprintf(text, sizeof(text), "[exclude]\n");
	for (i = 0; i < CONFIG_WORDS_MAX; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size,
		    "path = /%zu\n", i);
	assert_true(read_bytes(text, size));
	t_eq(config.value[KEY_EXCLUDE_PATH].count, CONFIG_WORDS_MAX);
	size += (size_t)snprintf(text + size, sizeof(text) - size,
	    "path = /more\n");
	assert_false(read_bytes(text, size));
	assert_string_equal(troubles.one[0].text,
	    "path: /more has too many values");
}

static void
test_a_file_or_line_can_be_too_long(void **state)
{
	static char text[CONFIG_FILE_MAX + 1];

	(void)state;
	memset(text, '#', sizeof(text));
	assert_false(read_bytes(text, sizeof(text)));
	assert_non_null(strstr(troubles.one[0].text, "the file is longer"));
	assert_false(read_bytes(text, CONFIG_LINE_MAX + 1));
	assert_non_null(strstr(troubles.one[0].text, "the line is longer"));
	assert_true(read_bytes(text, CONFIG_LINE_MAX));
}

/* The largest file, all of it words and quotes, fits the arena. */
static void
test_the_arena_is_enough(void **state)
{
	static char text[CONFIG_FILE_MAX];
	size_t at, line;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, "[exclude]\n", 10);
	for (at = 10; at + CONFIG_LINE_MAX <= sizeof(text);
	     at += CONFIG_LINE_MAX) {
		memcpy(text + at, "hash=", 5);
		for (line = 5; line < 60; line += 2)
			text[at + line] = 'x';
		memset(text + at + 61, 'y', CONFIG_LINE_MAX - 62);
		text[at + CONFIG_LINE_MAX - 1] = '\n';
	}
	assert_true(read_bytes(text, sizeof(text)));
}

static void
test_hostile_complaints_are_text(void **state)
{
	(void)state;
	assert_string_equal(complaint("scan", "\xc2\x9b=1"),
	    "there is no key ?? in [scan]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_file_everything_has_a_value),
		cmocka_unit_test(test_values_of_every_type),
		cmocka_unit_test(test_what_is_wrong_is_said),
		cmocka_unit_test(test_all_that_is_wrong_is_told_at_once),
		cmocka_unit_test(test_a_list_holds_only_so_many),
		cmocka_unit_test(test_a_file_or_line_can_be_too_long),
		cmocka_unit_test(test_the_arena_is_enough),
		cmocka_unit_test(test_hostile_complaints_are_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
