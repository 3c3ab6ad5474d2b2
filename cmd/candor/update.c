/*
 * update.c - what updates of all kinds of feeds share.  See update.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/update.h"

#include "cmd/candor/control.h"
#include "cmd/candor/escape.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *
update_mirror(const struct update *u, const struct feeds_one *feed, size_t i)
{
	if (u->from != NULL)
		return i == 0 ? u->from : NULL;
	return i < feed->feed.mirror_count ? feed->feed.mirror[i] : NULL;
}

void
update_complain(const struct feeds_one *feed, const char *mirror,
    const struct why *why)
{
	fprintf(stderr, "candor: %s: ", feed->name);
	if (mirror != NULL) {
		escape_text(stderr, mirror, strlen(mirror));
		fputs(": ", stderr);
	}
	escape_text(stderr, why->text, strlen(why->text));
	if (why->kind == WHY_SYSTEM && why->err != 0)
		fprintf(stderr, ": %s", strerror(why->err));
	fputc('\n', stderr);
}

bool
update_remember(struct installing *i, const char *word, const char *mirror,
    const char *text, struct why *why)
{
	struct buf line = { 0 };
	bool is_done;

	buf_text(&line, word);
	buf_byte(&line, '\n');
	if (mirror != NULL && mirror[0] != '\0') {
		buf_text(&line, mirror);
		buf_text(&line, ": ");
	}
	buf_text(&line, text);
	buf_byte(&line, '\n');
	is_done =
	    installing_bytes(i, STORE_TOP, "last", line.bytes, line.size, why);
	buf_free(&line);
	return is_done;
}

/* It may not run, or not listen to us: then it finds out for itself. */
void
update_tell_daemon(void)
{
	struct buf answer = { 0 };
	struct why why;

	(void)control_ask(CONTROL_SOCKET, "reload\n", &answer, &why);
	buf_free(&answer);
}
