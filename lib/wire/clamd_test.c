/*
 * clamd_test.c - claims about clamd.c and clamd_reply.c.
 *
 * What was read is written down as text: command names, <paths>, (bytes),
 * end of a stream as "$", refusals in quotes, the end as ".".  Numbers in
 * sessions come before what they number.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/clamd.h"

#include "tests/t.h"

#include <stdio.h>
#include <string.h>

static char told[8192];

static void
tell(const char *text, size_t size)
{
	size_t at = strlen(told);

	assert_true(at + size < sizeof(told));
	memcpy(told + at, text, size);
	told[at + size] = '\0';
}

static void
tell_text(const char *text)
{
	tell(text, strlen(text));
}

static void
tell_tag(const struct clamd_tag *tag)
{
	char id[24];

	if (tag->id == 0)
		return;
	(void)snprintf(id, sizeof(id), "%u", tag->id);
	tell_text(id);
}

static void
tell_request(const struct clamd_request *r)
{
	tell_tag(&r->tag);
	tell_text(clamd_command_name(r->command));
	if ((clamd_command_flags(r->command) & CLAMD_IS_PATH) != 0) {
		tell_text("<");
		tell((const char *)r->path.base, r->path.size);
		tell_text(">");
	}
	tell_text(r->tag.is_nul ? "0 " : " ");
}

/* One event; is there to be another? */
static bool
tell_event(enum clamd_event event, const struct clamd_request *r)
{
	switch (event) {
	case CLAMD_WAITS:
		return false;
	case CLAMD_ASKS:
		tell_request(r);
		return true;
	case CLAMD_STREAMS:
		tell_text("(");
		tell((const char *)r->bytes.base, r->bytes.size);
		tell_text(")");
		return true;
	case CLAMD_STREAM_END:
		tell_tag(&r->tag);
		tell_text("$ ");
		return true;
	case CLAMD_REFUSED:
		tell_tag(&r->tag);
		tell_text("\"");
		tell_text(r->error);
		tell_text(r->is_failed ? "\"!" : "\"");
		return false;
	case CLAMD_ENDS:
		tell_text(".");
		return false;
	}
	return false;
}

/* Show bytes to c; how many of them it left. */
static size_t
show(struct clamd *c, const void *bytes, size_t size)
{
	struct cur in = cur_from(t_fence(bytes, size), size);
	struct clamd_request r;

	while (tell_event(clamd_next(c, &in, &r), &r))
		;
	return cur_left(&in);
}

static const char *
read_whole(const void *bytes, size_t size)
{
	struct clamd c = { .stream_max = 10 };

	told[0] = '\0';
	(void)show(&c, bytes, size);
	return told;
}

#define READ(text) read_whole(text, sizeof(text) - 1)

static void
test_three_forms(void **state)
{
	(void)state;
	assert_string_equal(READ("nPING\n"), "PING .");
	assert_string_equal(READ("zPING\0"), "PING0 .");
	assert_string_equal(READ("PING"), "PING .");
	assert_string_equal(READ("PING\n"), "PING .");
	assert_string_equal(READ("PING\r\n"), "PING .");
	assert_string_equal(READ("nPING\r\n"), "PING .");
	assert_string_equal(READ("PING\0xx\n"), "PING .");
	assert_string_equal(READ("nPING\0\n"), "PING .");
	assert_string_equal(READ("nPING\0"), "");
	assert_string_equal(READ("zPING\n"), "");
	assert_string_equal(READ(""), "");
	assert_string_equal(READ("n"), "");
}

static void
test_one_command_without_a_session(void **state)
{
	(void)state;
	assert_string_equal(READ("nPING\nnVERSION\n"), "PING .");
	assert_string_equal(READ("PING\nVERSION\n"), "PING .");
	assert_string_equal(READ("zINSTREAM\0\0\0\0\0zPING\0"),
	    "INSTREAM0 $ .");
}

static void
test_unknown_commands(void **state)
{
	static const char *const unknown[] = { "nping\n", "nPINGS\n",
		"nPING x\n", "nSCAN\n", "n\n", "\n", "nEND\n", "nSTREAM\n",
		"nRAWSCAN\n", "GET / HTTP/1.1\r\n", " PING", "STATS",
		"INSTREAM", "IDSESSION", "VERSIONCOMMANDS", "ALLMATCHSCAN /",
		"END", "nFILDES x\n" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_string_equal(read_whole(unknown[i], strlen(unknown[i])),
		    "\"UNKNOWN COMMAND\"");
}

static void
test_paths(void **state)
{
	(void)state;
	assert_string_equal(READ("nSCAN /a b\n"), "SCAN</a b> .");
	assert_string_equal(READ("nSCAN \n"), "SCAN<> .");
	assert_string_equal(READ("nSCAN  /a \n"), "SCAN< /a > .");
	assert_string_equal(READ("nSCAN\t/a\n"), "SCAN</a> .");
	assert_string_equal(READ("SCAN /a\r\n"), "SCAN</a> .");
	assert_string_equal(READ("nSCAN /a\0/b\n"), "SCAN</a> .");
	assert_string_equal(READ("zSCAN /a\nb\r\0"), "SCAN</a\nb\r>0 .");
	assert_string_equal(READ("CONTSCAN /a"), "CONTSCAN</a> .");
	assert_string_equal(READ("nMULTISCAN /a\n"), "MULTISCAN</a> .");
	assert_string_equal(READ("zALLMATCHSCAN /a\0"), "ALLMATCHSCAN</a>0 .");
}

static void
test_a_line_has_a_limit(void **state)
{
	static char line[CLAMD_LINE_MAX + 2];
	struct clamd c = { 0 };

	(void)state;
	told[0] = '\0';
	memset(line, 'a', sizeof(line));
	memcpy(line, "nSCAN ", 6);
	line[CLAMD_LINE_MAX - 1] = '\n';
	assert_int_equal(show(&c, line, CLAMD_LINE_MAX), 0);
	t_eq(strlen(told), CLAMD_LINE_MAX + 1);

	line[CLAMD_LINE_MAX - 1] = 'a';
	line[CLAMD_LINE_MAX] = '\n';
	assert_string_equal(read_whole(line, CLAMD_LINE_MAX - 1), "");
	assert_string_equal(read_whole(line, CLAMD_LINE_MAX), ".");
	assert_string_equal(read_whole(line, CLAMD_LINE_MAX + 1), ".");

	/* The old form is cut instead. */
	memcpy(line, "SCAN /", 6);
	(void)read_whole(line, CLAMD_LINE_MAX + 1);
	t_eq(strlen(told), CLAMD_LINE_MAX + 3);
}

static void
test_streams(void **state)
{
	(void)state;
	assert_string_equal(READ("zINSTREAM\0\0\0\0\3abc\0\0\0\2de\0\0\0\0"),
	    "INSTREAM0 (abc)(de)$ .");
	assert_string_equal(READ("nINSTREAM\n\0\0\0\3a"), "INSTREAM (a)");
	assert_string_equal(READ("nINSTREAM\n\0\0\0"), "INSTREAM ");
	assert_string_equal(READ("nINSTREAM\n\0\0\0\12aaaaaaaaaa\0\0\0\0"),
	    "INSTREAM (aaaaaaaaaa)$ .");
	assert_string_equal(READ("nINSTREAM\n\0\0\0\13"),
	    "INSTREAM \"INSTREAM size limit exceeded. ERROR\"");
	assert_string_equal(READ("nINSTREAM\n\377\377\377\377a"),
	    "INSTREAM \"INSTREAM size limit exceeded. ERROR\"");
	assert_string_equal(READ("nINSTREAM\n\0\0\0\5aaaaa\0\0\0\6"),
	    "INSTREAM (aaaaa)\"INSTREAM size limit exceeded. ERROR\"");
}

static void
test_sessions(void **state)
{
	(void)state;
	assert_string_equal(READ("zIDSESSION\0zPING\0nVERSION\nzEND\0zPING\0"),
	    "IDSESSION0 1PING0 2VERSION .");
	assert_string_equal(READ("zIDSESSION\0zINSTREAM\0\0\0\0\1a\0\0\0\0"
				 "zSCAN /a\0zSTATS\0"),
	    "IDSESSION0 1INSTREAM0 (a)1$ 2SCAN</a>0 3STATS0 ");
	assert_string_equal(READ("nIDSESSION\nnPING\nnFOO\nnPING\n"),
	    "IDSESSION 1PING 2\"Command invalid inside IDSESSION. ERROR\"");
	assert_string_equal(READ("nIDSESSION\nnCONTSCAN /\n"),
	    "IDSESSION 1\"Command invalid inside IDSESSION. ERROR\"");
	assert_string_equal(READ("nIDSESSION\nnIDSESSION\n"),
	    "IDSESSION 1\"Command invalid inside IDSESSION. ERROR\"");
	assert_string_equal(READ("nIDSESSION\nPING\n"),
	    "IDSESSION 1\"Only nCMDS\\n and zCMDS\\0 are accepted inside "
	    "IDSESSION. ERROR\"!");
}

static void
test_descriptors(void **state)
{
	struct clamd c = { 0 };
	struct clamd_request r;

	(void)state;
	assert_string_equal(READ("nFILDES\n"), "");
	assert_string_equal(READ("nFILDES\nx"), "FILDES .");
	assert_string_equal(READ("FILDES\nx"), "FILDES .");
	assert_string_equal(READ("zIDSESSION\0zFILDES\0\0zFILDES\0xzPING\0"),
	    "IDSESSION0 1FILDES0 2FILDES0 3PING0 ");

	told[0] = '\0';
	(void)show(&c, "zFILDES", 8);
	(void)tell_event(clamd_refuse_descriptor(&c, &r), &r);
	assert_string_equal(told,
	    "\"PROTOCOL ERROR: ancillary data sent without FILDES. ERROR\"!");
	assert_true(r.tag.is_nul);
	(void)show(&c, "zPING", 6);
	assert_int_equal(told[strlen(told) - 1], '.');
}

/* A session in which nothing is cut short by the end of what was received. */
static const char session[] =
    "zIDSESSION\0nPING\nzINSTREAM\0\0\0\0\3abc\0\0\0\1d\0\0\0\0zSCAN /x\0"
    "nFILDES\n!zINSTREAM\0\0\0\0\0zEND";

static void
test_pieces_of_any_size_read_the_same(void **state)
{
	char whole[512];
	size_t piece, at, size, left;

	(void)state;
	for (piece = 1; piece < sizeof(session); piece++) {
		struct clamd c = { .stream_max = 10 };

		told[0] = '\0';
		for (at = 0, size = 0; at + size < sizeof(session);) {
			size += piece;
			if (size > sizeof(session) - at)
				size = sizeof(session) - at;
			left = show(&c, session + at, size);
			at += size - left;
			size = left;
		}
		/* Where a chunk was torn it comes in pieces. */
		for (at = 0, size = 0; at == 0 || told[at - 1] != '\0'; at++) {
			if (told[at] == ')' && told[at + 1] == '(')
				at++;
			else
				whole[size++] = told[at];
		}
		assert_string_equal(whole,
		    "IDSESSION0 1PING 2INSTREAM0 (abcd)2$ 3SCAN</x>0 "
		    "4FILDES 5INSTREAM0 5$ .");
	}
}

static const char *
put(uint32_t id, bool is_nul, enum clamd_ending ending, const char *name,
    const char *what)
{
	static uint8_t out[256];
	struct clamd_reply r = { { id, is_nul }, ending, name,
		name == NULL ? 0 : strlen(name), what };
	size_t size;

	assert_true(clamd_reply_room(&r) <= sizeof(out));
	size = clamd_put(&r, out);
	assert_true(size <= clamd_reply_room(&r));
	assert_int_equal(out[size - 1], is_nul ? 0 : '\n');
	out[size - 1] = '\0';
	return (const char *)out;
}

static void
test_replies(void **state)
{
	(void)state;
	assert_string_equal(put(0, false, CLAMD_SAYS_TEXT, NULL, "PONG"),
	    "PONG");
	assert_string_equal(put(7, true, CLAMD_SAYS_OK, "stream", NULL),
	    "7: stream: OK");
	assert_string_equal(put(0, true, CLAMD_SAYS_FOUND, "/a", "Eicar"),
	    "/a: Eicar FOUND");
	assert_string_equal(put(UINT32_MAX, false, CLAMD_SAYS_ERROR, "/a",
				"Access denied."),
	    "4294967295: /a: Access denied. ERROR");
	assert_string_equal(put(0, false, CLAMD_SAYS_OK, "/a: OK\n/b", NULL),
	    "/a: OK?/b: OK");
	assert_string_equal(put(0, true, CLAMD_SAYS_OK, "/a: OK\n/b", NULL),
	    "/a: OK\n/b: OK");
}

static void
test_longer_texts(void **state)
{
	struct clamd_stats s = { 4, 1, 3, 30, 1536 << 10, 256 << 20 };
	char text[512];
	size_t size;

	(void)state;
	assert_true(clamd_put_commands(text, sizeof(text)) > 0);
	assert_string_equal(text,
	    " SCAN QUIT RELOAD PING CONTSCAN VERSIONCOMMANDS VERSION END "
	    "SHUTDOWN MULTISCAN FILDES STATS IDSESSION INSTREAM "
	    "DETSTATSCLEAR DETSTATS ALLMATCHSCAN");
	t_eq(clamd_put_commands(text, 20), 0);
	size = clamd_put_stats_head(&s, text, sizeof(text));
	t_eq(size, strlen(text));
	assert_string_equal(text,
	    "POOLS: 1\n\nSTATE: VALID PRIMARY\n"
	    "THREADS: live 4  idle 3 max 4 idle-timeout 30\n"
	    "QUEUE: 3 items\n");
	size = clamd_put_stats_tail(&s, text, sizeof(text));
	t_eq(size, strlen(text));
	assert_string_equal(text,
	    "\nMEMSTATS: heap N/A mmap N/A used N/A free N/A releasable N/A "
	    "pools 1 pools_used 1.500M pools_total 256.000M\nEND");
	t_eq(clamd_put_stats_tail(&s, text, 20), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_forms),
		cmocka_unit_test(test_one_command_without_a_session),
		cmocka_unit_test(test_unknown_commands),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_a_line_has_a_limit),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_pieces_of_any_size_read_the_same),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_longer_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
