/*
 * switch_rpm_ask.c - ask rpm something, and tell its answer from what else it
 * says.  The contract is in switch_rpm.h.
 *
 * rpm warns (of a database in an older form, of its configuration) where its
 * answers go, too.  So what is asked for is marked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_rpm.h"

#include "sys/run.h"

#include <string.h>

#define MARK SWITCH_RPM_MARK

/* Keep what is between the first mark and the last. */
static bool
cut_marked(struct buf *text)
{
	size_t size = strlen(MARK);
	char *first = strstr(text->bytes, MARK), *last = NULL, *at;
	size_t kept;

	for (at = first; at != NULL; at = strstr(at + size, MARK))
		last = at;
	if (first == last)
		return false;
	kept = (size_t)(last - first) - size;
	memmove(text->bytes, first + size, kept);
	buf_cut(text, kept);
	return true;
}

bool
switch_rpm_ask(const char *how, const char *format, const char *package,
    struct buf *out)
{
	struct buf marked = { 0 };
	const char *argv[] = { SWITCH_RPM, how, "--nosignature", "--qf", NULL,
		package, NULL };
	bool is_good;

	buf_text(&marked, MARK);
	buf_text(&marked, format);
	buf_text(&marked, MARK);
	argv[4] = marked.bytes;
	is_good =
	    run_is_there(SWITCH_RPM) && act_ask(argv, out) && cut_marked(out);
	buf_free(&marked);
	return is_good;
}

void
switch_rpm_path(const char *macro, struct buf *out)
{
	struct buf marked = { 0 };
	const char *argv[] = { SWITCH_RPM, "--eval", NULL, NULL };
	bool is_good;

	buf_text(&marked, MARK);
	buf_text(&marked, macro);
	buf_text(&marked, MARK);
	argv[2] = marked.bytes;
	is_good = run_is_there(SWITCH_RPM) && act_ask(argv, out) &&
	    cut_marked(out) && out->bytes[0] == '/';
	if (!is_good)
		buf_cut(out, 0);
	buf_add(out, "", 0);
	buf_free(&marked);
}

bool
switch_rpm_line(struct cur *text, struct cur *line)
{
	size_t size = strlen(MARK);

	while (cur_left(text) > 0 && cur_line(text, line))
		if (line->size >= size && memcmp(line->base, MARK, size) == 0)
			return cur_skip(line, size) &&
			    cur_take(line, cur_left(line), line);
	return false;
}
