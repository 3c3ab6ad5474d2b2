/*
 * release_test.c - releases: read, written again, and all that is none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/release.h"
#include "tests/t.h"
#include "tests/trust/t_feed.h"

#include <stdio.h>
#include <string.h>

static const char two_sources[] =
    "source clean-feed sha256:"
    "00000000000000000000000000000000000000000000000000000000000000aa\n"
    "source own sha256:"
    "00000000000000000000000000000000000000000000000000000000000000bb\n";
static const char two_notes[] = "note for people\nnote and others\n";

static struct trust_release usual, other;
static char text[TRUST_ENTRY_MAX], changed[TRUST_ENTRY_MAX];
static char again[TRUST_ENTRY_MAX];
static size_t size;

static int
make(void **state)
{
	struct why why;

	(void)state;
	t_release(7, &usual);
	usual.sources = cur_from(two_sources, sizeof(two_sources) - 1);
	usual.notes = cur_from(two_notes, sizeof(two_notes) - 1);
	usual.file_count = 2;
	usual.file[1] = usual.file[0];
	memcpy(usual.file[1].name, "zoo", 4);
	usual.delta_count = 3;
	usual.delta[0].base = 3;
	usual.delta[0].size = 10;
	usual.delta[1].base = 6;
	usual.delta[2].file = 1;
	if (!trust_release_write(&usual, text, sizeof(text), &size, &why))
		fail_msg("%s", why.text);
	return 0;
}

static bool
reads(const char *what, size_t n)
{
	struct why why;

	return trust_release_read(cur_from(t_fence(what, n), n), &other, &why);
}

static void
test_read_and_written(void **state)
{
	struct trust_source s;
	struct why why;
	size_t n;

	(void)state;
	assert_true(reads(text, size));
	assert_true(trust_source_next(&other.sources, &s));
	assert_string_equal(s.name, "clean-feed");
	t_eq(s.sha256[31], 0xaa);
	assert_true(reads(text, size));
	assert_true(trust_release_write(&other, changed, size, &n, &why));
	t_eq(n, size);
	assert_memory_equal(changed, text, size);
	assert_false(trust_release_write(&other, changed, size - 1, &n, &why));
	t_eq(other.serial, 7);
	t_eq(other.file[1].size, 1007);
	assert_memory_equal(other.delta, usual.delta, sizeof(usual.delta));
}

/* Whatever one bit makes of it: no release, or one in its one form. */
static void
test_every_bit(void **state)
{
	size_t at, n;
	unsigned bit;
	struct why why;

	(void)state;
	for (at = 0; at < size; at++)
		for (bit = 0; bit < 8; bit++) {
			memcpy(changed, text, size);
			changed[at] = (char)(changed[at] ^ (1 << bit));
			if (!reads(changed, size))
				continue;
			assert_true(trust_release_write(&other, again,
			    sizeof(again), &n, &why));
			t_eq(n, size);
			assert_memory_equal(again, changed, size);
		}
}

static bool
refused(const char *from, const char *to)
{
	const char *at;
	int n;

	text[size] = '\0';
	at = strstr(text, from);
	if (at == NULL)
		fail_msg("no %s", from);
	n = snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text),
	    text, to, at + strlen(from));
	return !reads(changed, (size_t)n);
}

static void
test_refused(void **state)
{
	static const char *const change[][2] = {
		{ "candor-release/v1", "candor-release/v2" },
		{ "serial 7", "serial 0" },
		{ "serial 7", "serial 07" },
		{ "serial 7\n", "serial 7\nserial 7\n" },
		{ "serial 7", "serial 6" }, /* the delta is of 6 */
		{ "root 1", "root 0" },
		{ "root 1\n", "" },
		{ "engine-min 1\n", "engine-min 1\nhook /bin/sh\n" },
		{ "source own", "source clean-feed" },
		{ "source own", "source a" },
		{ "source own", "source Own" },
		{ "source own sha256:", "source own sha512:" },
		{ "0bb\n", "0BB\n" },
		{ "0bb\n", "0b\n" },
		{ "recipe sha256:", "recipe " },
		{ "file main-1.cand 1007", "file main-1.cand 1007 " },
		{ "file main-1.cand 1007", "file main-1.cand 68719476737" },
		{ "file main-1.cand", "file ../main-1.cand" },
		{ "file main-1.cand", "file ..main-1.cand" },
		{ "file main-1.cand", "file -main-1.cand" },
		{ "file main-1.cand", "file MAIN" },
		{ "file main-1.cand", "file " },
		{ "file zoo", "file aaa" },
		{ "file zoo", "file main-1.cand" },
		{ "delta main-1.cand 3", "delta main-2.cand 3" },
		{ "delta main-1.cand 3", "delta main-1.cand 6" },
		{ "delta main-1.cand 6", "delta main-1.cand 2" },
		{ "delta zoo 0", "delta main-1.cand 0" },
		{ "note for people\n", "file zzz 1 sha256:\n" },
		{ "note for people\n", "note\n" },
		{ "note for people\n", "note \n" },
		{ "note for", "note\tfor" },
		{ "note for", "note \xc3\xa4" },
		{ "and others\n", "and others" },
		{ "and others\n", "and others\n\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < size; i++)
		if (reads(text, i) && text[i - 1] != '\n')
			fail_msg("%zu", i);
	for (i = 0; i < sizeof(change) / sizeof(change[0]); i++)
		if (!refused(change[i][0], change[i][1]))
			fail_msg("%s -> %s", change[i][0], change[i][1]);
	/* But the count is free. */
	assert_false(refused("note for people\n", ""));
	assert_false(refused("delta zoo 0", "delta zoo 5"));
}

static void
test_limits(void **state)
{
	static struct trust_release r;
	struct why why;
	size_t n, i;

	(void)state;
	r = usual;
	r.delta_count = 0;
	for (i = 0; i < TRUST_FILES_MAX; i++) {
		r.file[i] = r.file[0];
		(void)snprintf(r.file[i].name, sizeof(r.file[i].name), "f%02zu",
		    i);
	}
	r.file_count = TRUST_FILES_MAX;
	assert_true(trust_release_write(&r, changed, sizeof(changed), &n,
	    &why));
	assert_true(reads(changed, n));
	r.file_count = TRUST_FILES_MAX + 1;
	assert_false(trust_release_write(&r, changed, sizeof(changed), &n,
	    &why));
	r.file_count = 0;
	assert_false(trust_release_write(&r, changed, sizeof(changed), &n,
	    &why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_and_written),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, make, NULL);
}
