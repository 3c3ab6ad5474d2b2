/*
 * control.c - ask candord itself.  See control.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/control.h"

#include "cmd/candor/escape.h"
#include "sys/listen.h"

#include <sys/socket.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MAX ((size_t)1 << 24)
#define PATIENCE   10000 /* milliseconds for a piece of the answer */

/* --- asking ------------------------------------------------------------ */

static bool
read_all(int fd, struct buf *out)
{
	char piece[4096];
	ssize_t n;

	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };

		if (out->size > ANSWER_MAX || poll(&p, 1, PATIENCE) != 1)
			return false;
		n = recv(fd, piece, sizeof(piece), 0);
		if (n == 0)
			return true;
		if (n < 0)
			return false;
		buf_add(out, piece, (size_t)n);
	}
}

bool
control_ask(const char *path, const char *line, struct buf *out,
    struct why *why)
{
	size_t len = strlen(line);
	bool is_done;
	int fd;

	if (!listen_connect(path, SOCK_STREAM, &fd, why))
		return false;
	is_done = send(fd, line, len, MSG_NOSIGNAL) == (ssize_t)len &&
	    read_all(fd, out);
	close(fd);
	return is_done ||
	    why_not(why, WHY_SYSTEM, "%s: candord does not answer", path);
}

bool
control_is_whole(const struct buf *answer)
{
	return line_each(answer, "end", NULL, NULL) == 1 &&
	    line_each(answer, "error", NULL, NULL) == 0;
}

static void
complain(void *ctx, const struct line *l)
{
	struct cur c = l->rest[0];
	char text[128];
	size_t n = 0;

	(void)ctx;
	while (l->words > 0 && cur_left(&c) > 0 && n < sizeof(text))
		text[n++] = (char)cur_u8(&c);
	fputs("candor: candord refused: ", stderr);
	escape_text(stderr, text, n);
	fputc('\n', stderr);
}

void
control_complain(const struct buf *answer)
{
	if (line_each(answer, "error", complain, NULL) == 0)
		fputs("candor: candord did not answer to the end\n", stderr);
}

/* --- lines ------------------------------------------------------------- */

static void
cut_word(struct cur *c, char *out, size_t room)
{
	struct cur word;
	size_t i = 0;

	out[0] = '\0';
	if (!cur_until(c, ' ', &word))
		return;
	while (cur_left(&word) > 0 && i + 1 < room)
		out[i++] = (char)cur_u8(&word);
	out[i] = '\0';
}

static void
cut_line(struct cur c, struct line *out)
{
	memset(out, 0, sizeof(*out));
	cut_word(&c, out->key, sizeof(out->key));
	while (out->words < LINE_WORDS && cur_left(&c) > 0) {
		out->rest[out->words] = c;
		cut_word(&c, out->word[out->words],
		    sizeof(out->word[out->words]));
		out->words++;
	}
}

size_t
line_each(const struct buf *answer, const char *key, line_fn fn, void *ctx)
{
	struct cur c = cur_from(answer->bytes, answer->size), one;
	size_t count = 0;
	struct line l;

	while (cur_line(&c, &one)) {
		cut_line(one, &l);
		if (key != NULL && strcmp(l.key, key) != 0)
			continue;
		count++;
		if (fn != NULL)
			fn(ctx, &l);
	}
	return count;
}
