/*
 * control.h - ask candord itself: one line there, lines back.
 *
 * What may be asked and what comes is in proc/supervisor/control.c and
 * status.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_CONTROL_H
#define CANDOR_CMD_CONTROL_H

#include "cmd/candor/buf.h"
#include "lib/base/cur.h"
#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>

#define CONTROL_SOCKET "/run/candor/control.sock"
#define LINE_WORDS     6u

/* Ask the socket at path, line ends with a newline; what came is appended. */
bool control_ask(const char *path, const char *line, struct buf *out,
    struct why *why);

/* Is the answer whole, and not a refusal?  If not, say why it was refused. */
bool control_is_whole(const struct buf *answer);
void control_complain(const struct buf *answer);

/* One line: its first word, and the next ones, cut; and from each of those the
   rest of the line. */
struct line {
	char key[16];
	char word[LINE_WORDS][64];
	size_t words;
	struct cur rest[LINE_WORDS];
};

typedef void (*line_fn)(void *ctx, const struct line *l);

/* Call fn (or NULL) for each line of that key (NULL: any); how many there are. */
size_t line_each(const struct buf *answer, const char *key, line_fn fn,
    void *ctx);

#endif
