/*
 * confout.c - write a configuration with its origins.  See confout.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/confout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

void
confout_value(FILE *to, const char *text)
{
	if (text[0] != '\0' && strpbrk(text, " \t\"\\#;") == NULL) {
		fputs(text, to);
		return;
	}
	putc('"', to);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', to);
		putc(*text, to);
	}
	putc('"', to);
}

void
confout_take(struct confout *o, const char *origin, enum config_key key,
    const char *text, const char *note)
{
	struct buf *b = &o->by_key[key];
	char *line = NULL;
	size_t size = 0;
	FILE *to;

	buf_text(b, "# ");
	buf_text(b, origin);
	if (note != NULL) {
		buf_text(b, " (");
		buf_text(b, note);
		buf_byte(b, ')');
	}
	buf_byte(b, '\n');
	to = open_memstream(&line, &size);
	if (to == NULL)
		return;
	fprintf(to, "%s = ", config_row(key)->key);
	confout_value(to, text);
	putc('\n', to);
	fclose(to);
	buf_add(b, line, size);
	free(line);
	o->taken++;
}

void
confout_leave(struct confout *o, const char *origin, const char *why)
{
	buf_text(&o->left, "# ");
	buf_text(&o->left, origin);
	buf_text(&o->left, "\n#     ");
	buf_text(&o->left, why);
	buf_byte(&o->left, '\n');
	o->not_taken++;
}

void
confout_print(const struct confout *o, FILE *to)
{
	const char *section = "";
	int key;

	for (key = 0; key < KEY_COUNT; key++) {
		const struct config_row *r = config_row((enum config_key)key);

		if (o->by_key[key].size == 0)
			continue;
		if (strcmp(section, r->section) != 0)
			fprintf(to, "\n[%s]\n", r->section);
		section = r->section;
		fwrite(o->by_key[key].bytes, 1, o->by_key[key].size, to);
	}
	if (o->left.size > 0) {
		fputs("\n# Not carried over:\n#\n", to);
		fwrite(o->left.bytes, 1, o->left.size, to);
	}
}

void
confout_free(struct confout *o)
{
	int key;

	for (key = 0; key < KEY_COUNT; key++)
		buf_free(&o->by_key[key]);
	buf_free(&o->left);
}

FILE *
confout_open(const char *path)
{
	int fd;

	if (path == NULL || strcmp(path, "-") == 0)
		return stdout;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd == -1) {
		fprintf(stderr, "candor: cannot create %s: %s\n", path,
		    strerror(errno));
		return NULL;
	}
	return fdopen(fd, "w");
}
