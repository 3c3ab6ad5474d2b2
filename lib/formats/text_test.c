/*
 * text_test.c - text as signatures for target 7 see it.
 *
 * What is expected was written by "sigtool --ascii-normalise".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t.h"
#include "lib/formats/openers.h"
#include "lib/formats/text_put.h"
#include "tests/t_format.h"

#include <stdlib.h>
#include <string.h>

#define MOST 600u

/* What every variant this machine can run makes of it, in two pieces. */
static void
expect_of_each(const uint8_t *in, size_t size, size_t first,
    const uint8_t *want, size_t want_size)
{
	const struct text_putter *p = text_putters;

	for (;; p++) {
		/* Memory of its own: a sanitizer sees a byte too many. */
		uint8_t *out = malloc(size > 0 ? size : 1);
		bool in_space = false;
		size_t n;

		assert_non_null(out);
		if (p->runs()) {
			n = p->put(in, first, out, &in_space);
			n += p->put(in + first, size - first, out + n,
			    &in_space);
			t_eq(n, want_size);
			assert_memory_equal(out, want, n);
		}
		free(out);
		if (p->put == text_put_portable)
			break;
	}
}

static void
expect(const char *in, size_t size, const char *want)
{
	struct t_walk *w = calloc(1, sizeof(*w));
	size_t first;

	for (first = 0; first <= size; first++)
		expect_of_each((const uint8_t *)in, size, first,
		    (const uint8_t *)want, strlen(want));
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

/* As they come, and often the same: letters, spaces, what is left out. */
static void
test_all_variants_agree(void **state)
{
	static const char often[] = "aZ \t\n\r\v\f\0\1\x7f\x80\xff{@[`";
	uint8_t in[MOST], want[MOST];
	uint32_t random = 20261123;
	unsigned turn;

	(void)state;
	for (turn = 0; turn < 20000; turn++) {
		size_t size = turn % MOST, i, n;
		bool in_space = false;

		for (i = 0; i < size; i++) {
			random = random * 1664525 + 1013904223;
			in[i] = (uint8_t)(random >> 24);
			/* A run of one of those, more often than not. */
			if (turn % 3 != 0 && i > 0 && (random >> 16) % 7 > 2)
				in[i] = in[i - 1];
			else if (turn % 2 != 0)
				in[i] =
				    (uint8_t)often[in[i] % (sizeof(often) - 1)];
		}
		n = text_put_portable(in, size, want, &in_space);
		expect_of_each(in, size, size == 0 ? 0 : random % size, want,
		    n);
	}
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
		cmocka_unit_test(test_all_variants_agree),
		cmocka_unit_test(test_sweeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
