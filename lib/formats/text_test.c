/*
 * text_test.c - text as signatures for target 7 see it.
 *
 * What is expected was written by "sigtool --ascii-normalise".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t.h"
#include "lib/formats/openers.h"
#include "tests/t_format.h"

#include <stdlib.h>
#include <string.h>

static void
expect(const char *in, size_t size, const char *want)
{
	struct t_walk *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	t_walk(w, &text_opener, KIND_TEXT_ASCII, NULL, in, size);
	t_eq(w->count, 1);
	t_eq(w->end, FORMAT_WHOLE);
	t_eq(w->child[0].role, CHILD_TEXT_VIEW);
	assert_true(t_child_is(w, 0, "text", want, strlen(want)));
	free(w);
}

#define EXPECT(in, want) expect(in, sizeof(in) - 1, want)

static void
test_letters_are_small_and_space_is_one(void **state)
{
	(void)state;
	EXPECT("Hello   WORLD\r\n\r\nfoo\t\tbar", "hello world foo bar");
	EXPECT("  lead", " lead");
	EXPECT("trail \v\f ", "trail ");
	EXPECT("", "");
}

static void
test_other_bytes_are_left_out(void **state)
{
	(void)state;
	EXPECT("a\0b\1c\x80\xe9\xff\x7f"
	       "d",
	    "abc\x7f"
	    "d");
	EXPECT("a \1 b", "a b");
	EXPECT("\xff\xfeH\0i\0 \0 \0x\0", "hi x");
	EXPECT("\xfe\xff\0H\0i\0 \0 \0x", "hi x");
}

static void
test_sweeps(void **state)
{
	static char big[100000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 % 251);
	t_same_streamed(&text_opener, KIND_TEXT_ASCII, big, sizeof(big));
	t_every_arena_size(&text_opener, KIND_TEXT_ASCII, "Some  Text", 10);
	t_every_byte(&text_opener, KIND_TEXT_ASCII, "Some  Text", 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters_are_small_and_space_is_one),
		cmocka_unit_test(test_other_bytes_are_left_out),
		cmocka_unit_test(test_sweeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
