/*
 * html_test.c - HTML as signatures for it see it.
 *
 * What is expected was written by "sigtool --html-normalise", except where a
 * row says that we differ.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t.h"
#include "tests/t_format.h"

#include <stdlib.h>
#include <string.h>

struct row {
	size_t size;
	const char *in;
	const char *want;
};

#define ROW(in, want)                    \
	{                                \
		sizeof(in) - 1, in, want \
	}

static const struct row pages[] = {
	/* clang-format off */
	ROW("  \n <html>x", "<html>x"),
	ROW("<html>a  b\n\nc\td</html>", "<html>a b c d</html>"),
	ROW("<HTML><BODY BgColor=\"#FFF\" TEXT=Red>Hi</BODY>",
	    "<html><body bgcolor=\"#fff\" text=red>hi</body>"),
	ROW("<a   HREF = \"foo\"  b  =c  d>x</a  >",
	    "<a href=\"foo\" b=c d>x</a>"),
	ROW("<a href='Foo  Bar'>", "<a href=\"foo bar\">"),
	ROW("<img src=\"a.jpg\"/><br/>", "<img src=\"a.jpg\" /><br/>"),
	ROW("<a b=\"x > y  z\">w", "<a b=\"x >y z\">w"),
	ROW("a < b > c", "a <b>c"),
	ROW("< / b ><>< b>", "</ b><><b>"),
	ROW("a<!-- x --> b <!doctype y> c", "ab c"),
	ROW("a<!--x>y-->b", "ay-->b"),
	ROW("&lt;&amp;&#65;&#x41;&nbsp;&copy;&foo;&#300;&#8364;x",
	    "<&aa\xa0\xa9&foo;&#x012c;&#x20ac;x"),
	ROW("a&b & c&; &#65 x &Foo; &amp", "a&b & c&; A x &foo; &"),
	ROW("<a b=\"&#65;&lt;\">", "<a b=\"a<\">"),
	ROW("a\0b\rc\xe9 ", "abc\xe9"),
	ROW("<script>var A = 'x  y'; if (a < b) c</script> d  e",
	    "<script>vara=\"xy\";if(a<b)c</script>d e"),
	ROW("<style>a</b> c</style> d  e", "<style>a</b>c</style>d e"),
	ROW("<script>a</scriptx> b</SCRIPT > c  d",
	    "<script>a</scriptx>b</script>c d"),
	ROW("a<", "a<"),
	ROW("\xff\xfe<\0b\0>\0X\0\x30\4", "\xdf<b>xp"),
	ROW("\xfe\xff\0<\0b\0>\0X", "\xfe\xff<b>x"),
	/* clang-format on */
};

static const struct row words[] = {
	/* clang-format off */
	ROW("<b>Hi  there</b><i>you</i>", " hi there you "),
	ROW("a&lt;b&nbsp;c", "a b c"),
	ROW("<script>a</script>b<!-- c -->d", " b d"),
	ROW("<a href=foo>x", " x"), /* ClamAV gives the address, too */
	/* clang-format on */
};

static const struct row scripts[] = {
	/* clang-format off */
	ROW("<html>no script", ""),
	ROW("<script>a < b && c > d;</script>z",
	    "<script>a<b&&c>d;</script>"),
	ROW("<SCRIPT type=x>Var  A='B  C'/* x */;</SCRIPT><script>b",
	    "<script>var a=\"b  c\";</script>\n<script>b</script>"),
	ROW("<script>a=\"b\"+\"c\"+d</script>", "<script>a=\"bc\"+d</script>"),
	ROW("<script>x=\"\\x41\\u0042\"</script>", "<script>x=\"ab\"</script>"),
	ROW("<script>a < /b</script>", "<script>a</b</script>"),
	ROW("<scriptx>a</scriptx>", ""),
	/* clang-format on */
};

static void
expect(const struct row *row, size_t child, const char *name)
{
	struct t_walk *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	t_walk(w, &html_opener, KIND_HTML, NULL, row->in, row->size);
	t_eq(w->end, FORMAT_WHOLE);
	if (!t_child_is(w, child, name, row->want, strlen(row->want)))
		fail_msg("%s of %s: got %.60s", name, row->in,
		    (const char *)w->child[child].head);
	free(w);
}

static void
test_pages(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		expect(&pages[i], 0, "page");
}

static void
test_words(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		expect(&words[i], 1, "words");
}

static void
test_scripts_are_a_view_for_html_and_one_for_text(void **state)
{
	struct t_walk *w = calloc(1, sizeof(*w));
	size_t i;

	(void)state;
	assert_non_null(w);
	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		t_walk(w, &html_opener, KIND_HTML, NULL, scripts[i].in,
		    scripts[i].size);
		t_eq(w->count, scripts[i].want[0] == '\0' ? 2 : 4);
		if (w->count == 2)
			continue;
		expect(&scripts[i], 2, "script");
		expect(&scripts[i], 3, "script");
		t_eq(w->child[2].role, CHILD_HTML_VIEW);
		t_eq(w->child[3].role, CHILD_TEXT_VIEW);
	}
	free(w);
}

static void
test_unread_pages_still_offer_their_scripts(void **state)
{
	struct t_how how = { .leave_unread = true };
	struct t_walk *w = calloc(1, sizeof(*w));

	(void)state;
	assert_non_null(w);
	t_walk(w, &html_opener, KIND_HTML, &how, "<html>x", 7);
	t_eq(w->count, 4);
	free(w);
}

static void
test_sweeps(void **state)
{
	static char big[70000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		t_every_byte(&html_opener, KIND_HTML, pages[i].in,
		    pages[i].size);
	for (i = 0; i + 40 <= sizeof(big); i += 40)
		memcpy(big + i, "<a b=\"C d\">&lt; x<script>y z</script> e \n",
		    40);
	t_same_streamed(&html_opener, KIND_HTML, big, sizeof(big));
	t_every_arena_size(&html_opener, KIND_HTML, pages[3].in, pages[3].size);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_words),
		cmocka_unit_test(
		    test_scripts_are_a_view_for_html_and_one_for_text),
		cmocka_unit_test(test_unread_pages_still_offer_their_scripts),
		cmocka_unit_test(test_sweeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
