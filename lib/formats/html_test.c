/*
 * html_test.c - HTML as signatures for it see it.
 *
 * What is expected was written by "sigtool --html-normalise", except where a
 * row says that we differ.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/html.h"
#include "lib/formats/html_data.h"
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
	ROW("<p &copy; a=&lt; b=\"&lt;x\" c= &lt;y &#x41;>t &#x41;",
	    "<p &copy; a=< b=\"<x\" c=<y &#x41;>t a"),
	ROW("1<2 &lt; b> &lt;", "1<2 &lt; b><"),
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

/* Unread, a page has the same children: a decoder may have to start again. */
static void
test_unread_pages_offer_the_same(void **state)
{
	static const struct row rows[] = {
		ROW("<html>x", "\2"),
		ROW("<script>x</script>", "\4"),
		ROW("<img src=data:;base64,eA>", "\3"),
		ROW("<script>'data:;base64,eA'</script>", "\5"),
	};
	struct t_how how = { .leave_unread = true };
	struct t_walk *w = calloc(1, sizeof(*w));
	size_t i;

	(void)state;
	assert_non_null(w);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t_walk(w, &html_opener, KIND_HTML, NULL, rows[i].in,
		    rows[i].size);
		t_eq(w->count, rows[i].want[0]);
		t_walk(w, &html_opener, KIND_HTML, &how, rows[i].in,
		    rows[i].size);
		t_eq(w->count, rows[i].want[0]);
	}
	free(w);
}

struct data_row {
	size_t size;
	const char *in;
	const char *name; /* NULL: no address */
	const char *want;
};

#define DATA(in, name, want)                   \
	{                                      \
		sizeof(in) - 1, in, name, want \
	}

static const struct data_row data_rows[] = {
	/* clang-format off */
	DATA("<a href=\"data:text/plain;base64,aGVsbG8=\">x",
	    "data:text/plain", "hello"),
	DATA("<a href=DATA:;Base64,aGVsbG8>", "data:", "hello"),
	DATA("url(data:a/b;c=d; base64,aGVs\n bG8h)", "data:a/b;c=d", "hello!"),
	DATA("data:data:text/x;base64,aGVsbG8=", "data:text/x", "hello"),
	DATA("ddata:;base64,aG%56%73bG8%3D%3d", "data:", "hello"),
	DATA("data:;base64,aGVsbG8%zz", "data:", "hello"),
	DATA("data:;base64,-_-_", "data:", "\xfb\xff\xbf"),
	DATA("\xff\xfe" "d\0a\0t\0a\0:\0;\0b\0a\0s\0e\0" "6\0" "4\0,\0"
	     "e\0A\0", "data:", "x"),
	DATA("<a href=\"data:text/plain,hello\">x", NULL, NULL),
	DATA("data:;base6,aGVsbG8=", NULL, NULL),
	DATA("data:<b>;base64,aGVsbG8=", NULL, NULL),
	DATA("data;base64,aGVsbG8=", NULL, NULL),
	DATA("data:", NULL, NULL),
	/* clang-format on */
};

static void
test_data_addresses_are_members(void **state)
{
	struct t_walk *w = calloc(1, sizeof(*w));
	const struct data_row *row;
	size_t i;

	(void)state;
	assert_non_null(w);
	for (i = 0; i < sizeof(data_rows) / sizeof(data_rows[0]); i++) {
		row = &data_rows[i];
		t_walk(w, &html_opener, KIND_HTML, NULL, row->in, row->size);
		t_eq(w->end, FORMAT_WHOLE);
		t_eq(w->count, row->name == NULL ? 2 : 3);
		if (row->name == NULL)
			continue;
		t_eq(w->child[2].role, CHILD_MEMBER);
		if (!t_child_is(w, 2, row->name, row->want, strlen(row->want)))
			fail_msg("%s: got %s, %.60s", row->in, w->child[2].name,
			    (const char *)w->child[2].head);
	}
	free(w);
}

/* Two in one page, read a byte at a time, and one too long a type between. */
static void
test_many_data_addresses(void **state)
{
	static const char head[] = "<img src=data:a;base64,b25l> data:";
	static const char tail[] = ";base64,eA== <img src='data:;base64,dHdv'>";
	struct t_how how = { .read_size = 1 };
	struct t_walk *w = calloc(1, sizeof(*w));
	char page[sizeof(head) + 300 + sizeof(tail)];

	(void)state;
	assert_non_null(w);
	memset(page, 'x', sizeof(page));
	memcpy(page, head, sizeof(head) - 1);
	memcpy(page + sizeof(page) - sizeof(tail), tail, sizeof(tail));
	t_walk(w, &html_opener, KIND_HTML, &how, page, sizeof(page) - 1);
	t_eq(w->count, 4);
	assert_true(t_child_is(w, 2, "data:a", "one", 3));
	assert_true(t_child_is(w, 3, "data:", "two", 3));
	free(w);
}

/* --- many bytes at once are as each of them ------------------------------ */

#define MADE 700u

static uint32_t chance = 20261123;

static uint32_t
random_below(uint32_t most)
{
	chance = chance * 1664525 + 1013904223;
	return (chance >> 8) % most;
}

/* A page of what means something to one of the parts, and of other bytes. */
static size_t
make_page(uint8_t *page)
{
	static const char *const bit[] = { "<", ">", "<!", "<!-- ", "&", "&lt;",
		"&#65", "&copy", "<p a=b ", "='", "\"", "'", " ", "  ", "\n",
		"\r", "=", "a", "Word word", "<script>", "</script>", "<style>",
		"</style >", "data:", "DA\rTA:", "d", "at", "a:", "/*", "*/",
		"//", "\\x41", "+", "\x01", "\xe9" };
	size_t size = 0;

	while (size < MADE - 40 && random_below(60) != 0) {
		const char *text =
		    bit[random_below(sizeof(bit) / sizeof(bit[0]))];

		memcpy(page + size, text, strlen(text));
		size += strlen(text);
		if (random_below(4) == 0)
			page[size++] = (uint8_t)random_below(256);
	}
	return size;
}

/* Hand over what was put. */
static void
drain(struct html_queue *q, uint8_t *out, size_t *size)
{
	memcpy(out + *size, q->byte, q->size);
	*size += q->size;
	q->size = 0;
}

static void
test_fed_pages_are_as_added(void **state)
{
	static struct html_queue one, many;
	static uint8_t want[MADE * HTML_MOST], got[MADE * HTML_MOST];
	uint8_t page[MADE];
	unsigned turn;

	(void)state;
	for (turn = 0; turn < 20000; turn++) {
		struct html_page a = { .part = turn % 2 }, b = a;
		struct html_script c = { .state = SCRIPT_OUT }, d = c;
		size_t size = make_page(page), wanted = 0, gotten = 0, i, n;
		bool is_script = turn % 3 == 0;

		for (i = 0; i < size; i++) {
			if (html_is_nothing(page[i]))
				continue;
			if (is_script)
				html_script_add(&c, &one, page[i]);
			else
				html_page_add(&a, &one, page[i]);
			drain(&one, want, &wanted);
		}
		for (i = 0; i < size; i += n) {
			/* Now and then there is room for one byte's only. */
			size_t piece = 1 + random_below((uint32_t)(size - i));
			size_t room = random_below(2) == 0
			    ? HTML_QUEUE
			    : HTML_MOST + random_below(10);

			many.size = HTML_QUEUE - room;
			n = is_script
			    ? html_script_feed(&d, &many, page + i, piece)
			    : html_page_feed(&b, &many, page + i, piece);
			assert_in_range(n, 1, piece);
			memmove(many.byte, many.byte + HTML_QUEUE - room,
			    many.size - (HTML_QUEUE - room));
			many.size -= HTML_QUEUE - room;
			drain(&many, got, &gotten);
		}
		t_eq(gotten, wanted);
		assert_memory_equal(got, want, wanted);
	}
}

static void
test_data_is_spotted_where_it_is_found(void **state)
{
	uint8_t page[MADE], ignored;
	unsigned turn;

	(void)state;
	for (turn = 0; turn < 20000; turn++) {
		struct html_data d = { .state = DATA_OUT };
		struct html_spot spot = { { 0 } };
		size_t size = make_page(page), i, n;
		bool is_there = false, is_spotted = false;

		for (i = 0; i < size && !is_there; i++) {
			if (!html_is_nothing(page[i]))
				(void)html_data_add(&d, page[i], &ignored);
			is_there = d.state != DATA_OUT;
		}
		for (i = 0; i < size && !is_spotted; i += n) {
			n = 1 + random_below((uint32_t)(size - i));
			is_spotted = html_spot_data(&spot, page + i, n);
		}
		t_eq(is_spotted, is_there);
	}
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
	for (i = 0; i < sizeof(data_rows) / sizeof(data_rows[0]); i++) {
		t_every_byte(&html_opener, KIND_HTML, data_rows[i].in,
		    data_rows[i].size);
		t_same_streamed(&html_opener, KIND_HTML, data_rows[i].in,
		    data_rows[i].size);
	}
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
		cmocka_unit_test(test_unread_pages_offer_the_same),
		cmocka_unit_test(test_data_addresses_are_members),
		cmocka_unit_test(test_many_data_addresses),
		cmocka_unit_test(test_fed_pages_are_as_added),
		cmocka_unit_test(test_data_is_spotted_where_it_is_found),
		cmocka_unit_test(test_sweeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
