/*
 * settings_test.c - exported settings, good and bad.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/settings.h"
#include "tests/t.h"

#include <stdlib.h>
#include <string.h>

static uint8_t room[SETTINGS_ARENA];
static struct settings s;

/* What was told last, and how often something was. */
static struct {
	uint32_t line;
	const char *why;
	unsigned count;
} told;

static void
tell(void *ctx, uint32_t line, const char *why)
{
	(void)ctx;
	told.line = line;
	told.why = why;
	told.count++;
}

static bool
reads(const char *text, size_t size, const char *task)
{
	struct arena a;

	memset(&told, 0, sizeof(told));
	arena_init(&a, room, sizeof(room));
	return settings_read(&s, &a, cur_from(t_fence(text, size), size), task,
	    tell, NULL);
}

static bool
reads_text(const char *text)
{
	return reads(text, strlen(text), NULL);
}

static void
is_setting(size_t at, uint32_t line, uint32_t group, const char *section,
    const char *name, const char *value)
{
	assert_true(at < s.count);
	t_eq(s.one[at].line, line);
	t_eq(s.one[at].group, group);
	assert_string_equal(s.one[at].section, section);
	assert_string_equal(s.one[at].name, name);
	assert_string_equal(s.one[at].value, value);
}

static void
test_file(void **state)
{
	(void)state;
	assert_true(reads_text("\xef\xbb\xbfScanByAccessType = SmartCheck\r\n"
			       "; a comment\n\n"
			       "ExcludeMasks.item_0000=*.mdf\n"
			       "[ExcludedFromScanScope.item_0000]\n"
			       "AreaDesc=\"oracle data\"\n"
			       "Path = /var/a=b;c \n"
			       "AreaMask.item_0000=*"));
	t_eq(s.count, 5);
	is_setting(0, 1, 0, "", "ScanByAccessType", "SmartCheck");
	is_setting(1, 4, 0, "", "ExcludeMasks", "*.mdf");
	is_setting(2, 6, 1, "ExcludedFromScanScope", "AreaDesc", "oracle data");
	is_setting(3, 7, 1, "ExcludedFromScanScope", "Path", "/var/a=b;c");
	is_setting(4, 8, 1, "ExcludedFromScanScope", "AreaMask", "*");
	t_eq(s.part_count, 1);
	t_eq(s.part[0].task, SETTINGS_ON_ACCESS);
}

static void
test_dotted(void **state)
{
	(void)state;
	assert_true(reads_text("ScanScope.item_0000.Path=/a\n"
			       "ScanScope.item_0000.AreaMask.item_0000=*\n"
			       "ScanScope.item_0001.Path=/b\n"));
	t_eq(s.count, 3);
	is_setting(0, 1, 1, "ScanScope", "Path", "/a");
	is_setting(1, 2, 1, "ScanScope", "AreaMask", "*");
	is_setting(2, 3, 2, "ScanScope", "Path", "/b");
}

/* Two sections of one name are two; tasks are told apart. */
static void
test_parts(void **state)
{
	(void)state;
	assert_true(reads_text("[File_Threat_Protection]\nTimeLimit=60\n"
			       "[ScanScope.item_0000]\nPath=/a\n"
			       "[ScanScope.item_0000]\nPath=/b\n"
			       "[update]\nTimeLimit=1\n"));
	t_eq(s.part_count, 3);
	t_eq(s.part[1].task, SETTINGS_ON_ACCESS);
	t_eq(s.part[2].task, SETTINGS_UPDATE);
	is_setting(0, 2, 0, "", "TimeLimit", "60");
	is_setting(1, 4, 1, "ScanScope", "Path", "/a");
	is_setting(2, 6, 2, "ScanScope", "Path", "/b");
	t_eq(s.one[2].part, 1);
	t_eq(s.one[3].part, 2);
	assert_true(reads("TimeLimit=60", 12, "1"));
	t_eq(s.part[0].task, SETTINGS_ON_ACCESS);
	assert_true(reads_text("TimeLimit=60"));
	t_eq(s.part[0].task, SETTINGS_UNKNOWN);
}

static const struct {
	const char *text;
	uint32_t line;
	const char *why;
} bad[] = {
	{ "a=b\nnonsense\n", 2, "neither" },
	{ "=b\n", 1, "neither" },
	{ " =b\n", 1, "neither" },
	{ "a=\"b\n", 1, "a quote" },
	{ "a=\"\n", 1, "a quote" },
	{ "[\n", 1, "a section" },
	{ "[]\n", 1, "a section" },
	{ "[a\n", 1, "a section" },
	{ "[a]x\n", 1, "a section" },
	{ "a=\x01\n", 1, "control" },
	{ "a=\rb\r\n", 1, "control" },
	{ "{\"a\": 1}", 0, "JSON" },
	{ "<?xml?>", 0, "JSON" },
	{ "\xff\xfe"
	  "a",
	    0, "UTF-16" },
};

static void
test_bad(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(reads_text(bad[i].text));
		t_eq(told.count, 1);
		t_eq(told.line, bad[i].line);
		if (strncmp(told.why, bad[i].why, strlen(bad[i].why)) != 0)
			fail_msg("%s: %s", bad[i].text, told.why);
	}
	assert_false(reads("a=\0b\n", 5, NULL));
	t_eq(told.count, 1);
}

/* What is beyond a limit is told, and what came before is kept. */
static void
test_limits(void **state)
{
	const size_t size = SETTINGS_FILE_MAX + 1;
	char *text = malloc(size);
	size_t i;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', size);
	assert_false(reads(text, size, NULL));
	t_eq(told.line, 0);
	text[1] = '=';
	assert_false(reads(text, SETTINGS_LINE_MAX + 1, NULL));
	t_eq(told.line, 1);
	assert_true(reads(text, SETTINGS_LINE_MAX, NULL));
	for (i = 0; i + 4 <= size; i += 4)
		memcpy(text + i, "a=b\n", 4);
	assert_false(reads(text, 4 * SETTINGS_MAX + 4, NULL));
	t_eq(told.count, 1);
	t_eq(s.count, SETTINGS_MAX);
	/* Names of sections alone can fill the arena. */
	for (i = 0; i + 4 <= size; i += 4)
		memcpy(text + i, "[a]\n", 4);
	assert_false(reads(text, size - 1, NULL));
	assert_true(told.count > 0);
	free(text);
}

static void
test_find(void **state)
{
	bool is_twice = false;

	(void)state;
	assert_true(reads_text("A=1\nb=2\na=1\nB=3\n"));
	assert_string_equal(settings_find(&s, 0, 0, "a", &is_twice)->value,
	    "1");
	assert_false(is_twice);
	assert_string_equal(settings_find(&s, 0, 0, "B", &is_twice)->value,
	    "2");
	assert_true(is_twice);
	assert_null(settings_find(&s, 0, 1, "B", &is_twice));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_dotted),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
