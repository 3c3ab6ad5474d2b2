/*
 * ban_look_content.c - what a reader tells of a file.  The contract is in
 * ban_look.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_file.h"
#include "cmd/candor/ban_look.h"
#include "lib/base/ascii.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define DETAIL_MAX 1024u /* bytes of what is told besides */

static void
copy_text(struct cur text, char *out, size_t room)
{
	size_t n = text.size < room ? text.size : room - 1;

	memcpy(out, text.base, n);
	out[n] = '\0';
}

/* --- services of Windows -------------------------------------------------- */

static bool
step_over(const char **text, const char *start)
{
	size_t n = strlen(start);

	if (strncasecmp(*text, start, n) != 0)
		return false;
	*text += n;
	return true;
}

/* Where its name ends, if arguments may follow it. */
static size_t
program_size(const char *text, bool is_quoted)
{
	static const char *const ending[] = { ".exe", ".sys", ".com", ".dll" };
	size_t n, i;

	if (is_quoted)
		return strcspn(text, "\"");
	for (n = 0; text[n] != '\0'; n++)
		for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
			if (strncasecmp(text + n, ending[i], 4) == 0 &&
			    (text[n + 4] == '\0' || text[n + 4] == ' '))
				return n + 4;
	return n;
}

/*
 * Where the program of a service is in the system it belongs to:
 * "\SystemRoot\System32\x.sys", "C:\x\y.exe" -z, system32\x.sys.  False: that
 * cannot be told.
 */
static bool
find_program(const char *text, char *out, size_t room)
{
	const char *folder = "";
	bool is_quoted = step_over(&text, "\"");
	size_t n, i, k;

	(void)step_over(&text, "\\??\\");
	if (step_over(&text, "\\SystemRoot\\") ||
	    step_over(&text, "%SystemRoot%\\") ||
	    step_over(&text, "%windir%\\"))
		folder = "Windows/";
	else if (strncasecmp(text, "system32\\", 9) == 0 ||
	    strncasecmp(text, "syswow64\\", 9) == 0)
		folder = "Windows/";
	else if (!step_over(&text, "C:\\"))
		return false;
	n = program_size(text, is_quoted);
	k = strlen(folder);
	if (n == 0 || k + n >= room)
		return false;
	memcpy(out, folder, k);
	for (i = 0; i < n; i++)
		out[k + i] = text[i] == '\\' ? '/' : text[i];
	out[k + n] = '\0';
	return true;
}

/* A service whose program is not there any more is left behind. */
static bool
is_gone(const struct ban_content *c, const char *program)
{
	char path[DETAIL_MAX];

	return c->place != NULL && program[0] != '\0' &&
	    find_program(program, path, sizeof(path)) &&
	    ban_place_lacks(c->place, path);
}

static void
note_sign(void *self, const struct footprint_sign *sign)
{
	bool *is_sign = self;

	(void)sign;
	*is_sign = true;
}

static bool
is_sign(const struct ban_content *c, enum footprint_type type, struct cur value)
{
	bool is_one = false;

	footprint_match(c->seen->set, type, value, note_sign, &is_one);
	return is_one;
}

/* --- hearing -------------------------------------------------------------- */

static const enum footprint_type type_of[READER_THINGS] = {
	[READER_PACKAGE] = FOOTPRINT_PACKAGE,
	[READER_SUPPLIER] = FOOTPRINT_SUPPLIER,
	[READER_PATH] = FOOTPRINT_PATH,
	[READER_PROGRAM] = FOOTPRINT_PROGRAM,
	[READER_SERVICE] = FOOTPRINT_SERVICE,
	[READER_REGISTRY] = FOOTPRINT_REGISTRY,
	[READER_CERTIFICATE] = FOOTPRINT_CERTIFICATE,
	[READER_SIGNER] = FOOTPRINT_SIGNER,
	[READER_APP] = FOOTPRINT_APP,
};

static void
hear_seen(struct ban_content *c, const struct reader_part *p)
{
	enum footprint_type type = type_of[p->what];
	char detail[DETAIL_MAX];
	struct ban_seen_as as = { .in = c->in,
		.is_left = (p->flags & READER_LEFT) != 0 };
	bool is_found;

	if ((p->flags & READER_ROW) != 0)
		c->has_sign = false;
	if (c->has_sign && (p->flags & READER_ELSE) != 0)
		return;
	copy_text(p->detail, detail, sizeof(detail));
	if (p->what == READER_SERVICE && is_sign(c, type, p->value) &&
	    is_gone(c, detail))
		as.is_left = true;
	as.detail = detail[0] != '\0' ? detail : NULL;
	is_found = p->what == READER_PATH
	    ? ban_seen_path(c->seen, p->value, &as)
	    : ban_seen_value(c->seen, type, p->value, &as);
	c->has_sign = c->has_sign || is_found;
}

/* Only kinds we know: the word goes into the report as it is. */
static void
hear_count(const struct ban_content *c, const struct reader_part *p)
{
	static const char *const kind[] = { "keys", "names", "packages",
		"certificates" };
	size_t i;

	for (i = 0; i < sizeof(kind) / sizeof(kind[0]); i++)
		if (cur_is(&p->value, kind[i]))
			ban_seen_count(c->seen, kind[i], p->number);
}

static void
hear_blind(const struct ban_content *c, const struct reader_part *p)
{
	struct buf what = { 0 };
	char why[400];

	buf_text(&what, c->in);
	buf_text(&what, ": ");
	buf_add(&what, p->value.base, p->value.size);
	copy_text(p->detail, why, sizeof(why));
	ban_seen_blind(c->seen, what.bytes, why);
	buf_free(&what);
}

void
ban_content_hear(void *self, const struct reader_part *p)
{
	struct ban_content *c = self;
	bool is_seen = p->kind == READER_SEEN;

	if (is_seen && p->what == READER_KIND && c->file == NULL)
		c->file = ban_file_open(c->seen, c->in, c->in);
	if (c->file != NULL)
		ban_file_hear(c->file, p);
	else if (is_seen && p->what <= READER_APP)
		hear_seen(c, p);
	else if (p->kind == READER_COUNT)
		hear_count(c, p);
	else if (p->kind == READER_BLIND)
		hear_blind(c, p);
}

void
ban_content_end(struct ban_content *c)
{
	if (c->file != NULL)
		ban_file_close(c->file);
	c->file = NULL;
}

/* By a reader that may have been told of its logs. */
static void
look(struct reader *reader, int fd, enum reader_what what,
    struct ban_content *c)
{
	struct why why = { 0 };

	if (!reader_look(reader, fd, c->in, what, ban_content_hear, c, &why))
		ban_seen_blind(c->seen, c->in, why.text);
	ban_content_end(c);
	reader_end(reader);
	free(reader);
}

void
ban_look_content(int fd, enum reader_what what, const char *in,
    const struct ban_place *place, struct ban_seen *seen)
{
	struct ban_content c = { seen, place, in, false, NULL };
	struct reader *reader = buf_alloc(1, sizeof(*reader));

	reader_init(reader);
	look(reader, fd, what, &c);
}

/* --- registries and their logs -------------------------------------------- */

static void
lower(struct buf *b, size_t from)
{
	for (; from < b->size; from++)
		b->bytes[from] = (char)ascii_lower((uint8_t)b->bytes[from]);
}

/* As Windows calls it, which writes ntuser.dat.LOG1 beside NTUSER.DAT, too,
   and as those do who made all letters small; -1: it is not there. */
static int
open_log(const struct ban_place *place, const char *path, const char *ending)
{
	const char *slash = strrchr(path, '/');
	size_t name = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	struct buf log = { 0 };
	bool is_there = false;
	struct why why;
	unsigned small;
	int fd = -1;

	for (small = 0; small < 3 && !is_there; small++) {
		buf_cut(&log, 0);
		buf_text(&log, path);
		if (small > 0)
			lower(&log, name);
		buf_text(&log, ending);
		if (small > 1)
			lower(&log, name);
		why = (struct why){ 0 };
		is_there = ban_place_open(place, log.bytes, &fd, &why);
	}
	buf_free(&log);
	return is_there ? fd : -1;
}

/* Whatever is wrong with a log: the reader says what it lacks. */
static void
give_log(struct reader *reader, int fd)
{
	struct why why = { 0 };

	if (fd == -1)
		return;
	(void)reader_beside(reader, fd, &why);
	close(fd);
}

void
ban_look_registry(int fd, enum reader_what what, const char *path,
    const struct ban_place *place, struct ban_seen *seen)
{
	static const char *const ending[] = { ".LOG1", ".LOG2", ".LOG" };
	struct reader *reader = buf_alloc(1, sizeof(*reader));
	struct buf in = { 0 };
	struct ban_content c = { .seen = seen, .place = place };
	size_t i;

	reader_init(reader);
	ban_place_name(place, path, &in);
	c.in = in.bytes;
	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		give_log(reader, open_log(place, path, ending[i]));
	look(reader, fd, what, &c);
	buf_free(&in);
}

/* --- files that say what they are ----------------------------------------- */

static void
hear_file(void *self, const struct reader_part *p)
{
	ban_file_hear(self, p);
}

void
ban_look_file(struct reader *reader, int fd, const char *strings,
    const char *path, const char *in, struct ban_seen *seen)
{
	struct ban_file *f = ban_file_open(seen, path, in);
	struct why why = { 0 };

	if (!reader_look(reader, fd, strings, READER_CONTENTS, hear_file, f,
		&why))
		ban_seen_blind(seen, in, why.text);
	ban_file_close(f);
}
