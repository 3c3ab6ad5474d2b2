/*
 * footprint_file_test.c - what the signs in one file are worth together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint_file.h"
#include "tests/t.h"

#include <stdio.h>
#include <string.h>

#define SIGN(type, value, strength, state, confidence)            \
	"{\"type\": \"" type "\", \"value\": \"" value            \
	"\", \"strength\": \"" strength "\", \"state\": \"" state \
	"\", \"source\": [\"s\"], "                               \
	"\"confidence\": \"" confidence "\"}"

static const char text[] = /* clang-format off */
    "{\"schema\": \"candor-footprint/1\", \"id\": \"kite\", "
    "\"title\": \"t\", \"vendor\": \"kite\", \"as_of\": \"2026\", "
    "\"sources\": {\"s\": {\"title\": \"s\"}}, \"embeds\": [], "
    "\"products\": ["
    "{\"id\": \"kite\", \"name\": \"Kite\", \"platform\": [\"windows\"], "
    "\"class\": \"antivirus\", \"signs\": ["
    SIGN("signer", "Kite Inc", "strong", "installed", "high") ","
    SIGN("company", "Kite*", "proof", "installed", "high") ","
    SIGN("package", "kite", "proof", "installed", "high") ","
    SIGN("path", "/opt/kite/fly", "strong", "installed", "high") ","
    SIGN("path", "/var/kites", "strong", "residue", "high") ","
    SIGN("path", "/windows/fly.sys", "strong", "installed", "high")
    "]},"
    "{\"id\": \"string\", \"name\": \"S\", \"platform\": [\"any\"], "
    "\"class\": \"embedded_or_white_label\", \"signs\": ["
    SIGN("string", "KITE_ENGINE", "strong", "engine_embedded", "high") ","
    SIGN("file", "tail.dll", "strong", "engine_embedded", "low") ","
    SIGN("class", "com.kite.*", "proof", "engine_embedded", "high")
    "]}]}"; /* clang-format on */

static uint8_t block[1 << 18];
static struct footprint file;
static struct footprint_set set;

static void
complain(void *self, const char *where, const char *what)
{
	(void)self;
	print_error("%s: %s\n", where, what);
}

static int
make(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, block, sizeof(block));
	return footprint_read(cur_from(text, strlen(text)), &file, complain,
		   NULL) &&
		footprint_index(&file, 1, &arena, &set)
	    ? 0
	    : -1;
}

static int
unmake(void **state)
{
	(void)state;
	footprint_free(&file);
	return 0;
}

/* --- a file --------------------------------------------------------------- */

struct row {
	const char *path, *platform, *seen; /* "type value", in lines */
	bool is_setup;
	const char *want; /* "type product state strength", in lines */
};

static const struct row rows[] = {
	/* By its maker alone it is something that lies about … */
	{ "/home/a/x.exe", "windows", "signer Kite Inc", false,
	    "signer kite installer_only strong\n" },
	{ "/home/a/x.exe", "windows", "signer Kite Inc\ncompany Kite Ltd",
	    false,
	    "signer kite installer_only strong\n"
	    "company kite installer_only strong\n" },
	/* … but for where it is installed. */
	{ "/Program Files/Kite/x.exe", "windows", "signer Kite Inc", false,
	    "signer kite installed strong\n" },
	{ "/Windows/fly.sys", "windows", "signer Kite Inc", false,
	    "signer kite installed strong\n" },
	{ "/home/a/x.exe", "windows", "signer Somebody", false, "" },
	{ "/home/a/x", "linux", "signer Kite Inc", false, "" },

	/* A piece of the engine, and who made it. */
	{ "/opt/other/x.dll", "windows", "string KITE_ENGINE", false,
	    "string string engine_embedded strong\n" },
	{ "/opt/other/x.dll", "windows", "string KITE_ENGINE\nsigner Kite Inc",
	    false,
	    "string string engine_embedded strong\n"
	    "signer string engine_embedded strong\n" },
	{ "/opt/other/tail.dll", "windows", "signer Kite Inc", false,
	    "file string engine_embedded strong\n"
	    "signer string engine_embedded strong\n" },
	{ "/opt/other/tail.dll", "windows", "signer Somebody", false, "" },
	{ "/opt/kite/tail.dll", "windows",
	    "string KITE_ENGINE\nsigner Kite Inc", false,
	    "signer kite installed strong\n" },

	/* Packages and apps. */
	{ "/a/x.deb", "linux", "package kite\nmember ./opt/kite/fly", true,
	    "package kite installer_only proof\n"
	    "path kite installer_only strong\n" },
	{ "/a/x.tar", NULL, "member var/kites\nmember /opt/kite/fly", true,
	    "path kite installer_only strong\n" },
	{ "/a/x.apk", "android", "class com.kite.Engine", true,
	    "class string engine_embedded proof\n" },
	{ "/a/x.deb", "linux", "package kite\nclass com.kite.Engine", true,
	    "package kite installer_only proof\n" },
};

static enum footprint_type
type_of(struct cur word)
{
	int i;

	for (i = 0; i < FOOTPRINT_TYPES; i++)
		if (cur_is(&word, footprint_type_word[i]))
			break;
	return (enum footprint_type)i;
}

static void
add_lines(struct footprint_file *f, const char *seen)
{
	struct cur all = cur_from(seen, strlen(seen)), line, word, value;

	while (cur_line(&all, &line)) {
		assert_true(cur_until(&line, ' ', &word));
		value = cur_from(line.base + line.pos, cur_left(&line));
		if (cur_is(&word, "member"))
			(void)footprint_file_add_member(f, value);
		else
			(void)footprint_file_add(f, type_of(word), value);
	}
}

static void
test_files(void **state)
{
	static struct footprint_file f;
	char got[1000];
	size_t i, k, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		footprint_file_begin(&f, &set,
		    cur_from(rows[i].path, strlen(rows[i].path)));
		f.platform = rows[i].platform;
		f.is_setup = rows[i].is_setup;
		add_lines(&f, rows[i].seen);
		footprint_file_weigh(&f);
		got[0] = '\0';
		for (k = n = 0; k < f.count; k++)
			if (f.hit[k].counts)
				n += (size_t)snprintf(got + n, sizeof(got) - n,
				    "%s %s %s %s\n",
				    footprint_type_word[f.hit[k].sign->type],
				    json_string_value(json_object_get(
					set.product[f.hit[k].product], "id")),
				    footprint_state_word[f.hit[k].state],
				    footprint_strength_word[f.hit[k].strength]);
		if (strcmp(got, rows[i].want) != 0)
			print_error("%s: %s\n", rows[i].path, rows[i].seen);
		assert_string_equal(got, rows[i].want);
	}
}

/* More signs than are kept, and longer things than are shown. */
static void
test_too_much(void **state)
{
	static struct footprint_file f;
	static char name[2000];
	size_t i;

	(void)state;
	footprint_file_begin(&f, &set, cur_from("/a", 2));
	memset(name, 'x', sizeof(name));
	memcpy(name, "com.kite.", 9);
	for (i = 0; i < 1000; i++)
		(void)footprint_file_add(&f, FOOTPRINT_CLASS,
		    cur_from(name, sizeof(name)));
	assert_false(footprint_file_add_member(&f,
	    cur_from(name, sizeof(name))));
	assert_false(footprint_file_add_member(&f, cur_from("./", 2)));
	footprint_file_weigh(&f);
	t_eq(f.count, 1);
	t_eq(strlen(f.hit[0].seen), FOOTPRINT_SEEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_too_much),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
