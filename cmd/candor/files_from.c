/*
 * files_from.c - paths listed in a file.  The contract is in files_from.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/files_from.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Put all of a stream into b. */
static bool
read_all(FILE *from, struct buf *b)
{
	char piece[4096];
	size_t n;

	while ((n = fread(piece, 1, sizeof(piece), from)) > 0)
		buf_add(b, piece, n);
	return ferror(from) == 0;
}

/* Does every line end with CR LF?  Then that is how lines end there. */
static bool
has_crlf(const struct buf *list)
{
	const char *at = list->bytes, *end = at + list->size;
	const char *line_end;

	for (; at < end; at = line_end + 1) {
		line_end = memchr(at, '\n', (size_t)(end - at));
		if (line_end == NULL || line_end == at || line_end[-1] != '\r')
			return line_end == NULL && at > list->bytes;
	}
	return true;
}

bool
files_from(const char *name, struct buf *list, struct words *out,
    struct why *why)
{
	bool is_stdin = strcmp(name, "-") == 0;
	FILE *from = is_stdin ? stdin : fopen(name, "re");
	size_t at = 0;
	char stop;
	bool is_read, is_crlf;

	if (from == NULL)
		return why_not(why, WHY_SYSTEM, "open %s", name);
	is_read = read_all(from, list);
	if (!is_read)
		why_not(why, WHY_SYSTEM, "read %s", name);
	if (!is_stdin)
		fclose(from);
	if (!is_read || list->size == 0)
		return is_read;
	stop = memchr(list->bytes, '\0', list->size) != NULL ? '\0' : '\n';
	is_crlf = stop == '\n' && has_crlf(list);
	while (at < list->size) {
		char *path = list->bytes + at;
		char *end = memchr(path, stop, list->size - at);

		if (end == NULL)
			end = list->bytes + list->size;
		*end = '\0';
		if (is_crlf && end > path && end[-1] == '\r')
			end[-1] = '\0';
		if (path[0] != '\0')
			words_add(out, path);
		at += (size_t)(end - path) + 1;
	}
	return true;
}
