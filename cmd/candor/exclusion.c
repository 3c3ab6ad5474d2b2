/*
 * exclusion.c - what is left out.  See exclusion.h.
 *
 * The file is a configuration as any other, one exclusion a line.  Lines that
 * somebody else wrote into it stay.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/exclusion.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/infile.h"
#include "cmd/candor/outfile.h"
#include "lib/base/cur.h"
#include "lib/policy/config.h"
#include "sys/whole.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define NAME "exclude.conf"
#define HEAD                                                                \
	"# Written by candor guard exclude.  Each line: candord.conf(5).\n" \
	"[exclude]\n"

const char *
exclusion_reach(const char *kind)
{
	static const struct {
		const char *kind, *reach;
	} row[] = {
		{ "path", "files whose path fits are not looked at" },
		{ "file",
		    "files whose path fits are not looked at; what is in "
		    "folders that fit is" },
		{ "process", "nothing this program opens is looked at" },
		{ "hash", "this content is never infected" },
		{ "signature", "signatures so named do not count, anywhere" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (strcmp(row[i].kind, kind) == 0)
			return row[i].reach;
	return NULL;
}

/* KIND = "VALUE", and the end of the line. */
static void
make_line(struct buf *out, const char *kind, const char *value)
{
	buf_text(out, kind);
	buf_text(out, " = \"");
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			buf_byte(out, '\\');
		buf_byte(out, *value);
	}
	buf_text(out, "\"\n");
}

/* Copy the lines but for that one; was it there? */
static bool
copy_without(const struct buf *from, const struct buf *line, struct buf *out)
{
	struct cur c = cur_from(from->bytes, from->size);
	bool was_there = false;
	struct buf one = { 0 };
	struct cur part;

	while (cur_line(&c, &part)) {
		buf_cut(&one, 0);
		while (cur_left(&part) > 0)
			buf_byte(&one, (char)cur_u8(&part));
		buf_byte(&one, '\n');
		if (one.size == line->size &&
		    memcmp(one.bytes, line->bytes, one.size) == 0)
			was_there = true;
		else
			buf_add(out, one.bytes, one.size);
	}
	buf_free(&one);
	return was_there;
}

/* What the file has, or what it begins with; false if it cannot be read. */
static bool
read_old(int folder, struct buf *out, struct why *why)
{
	if (infile_read(folder, NAME, CONFIG_FILE_MAX, out, why))
		return true;
	if (why->err != ENOENT)
		return false;
	buf_text(out, HEAD);
	return true;
}

static bool
write_new(int folder, const struct buf *text, struct why *why)
{
	struct outfile file;
	bool is_done;

	if (!outfile_open(folder, NAME, 0644, &file, why))
		return false;
	is_done = whole_write(file.fd, text->bytes, text->size) ||
	    why_not(why, WHY_SYSTEM, NAME);
	is_done = is_done && outfile_commit(&file, true, why);
	outfile_close(&file);
	return is_done;
}

static bool
rewrite(int folder, bool is_added, const struct buf *line, bool *is_changed,
    struct why *why)
{
	struct buf old = { 0 }, text = { 0 };
	bool is_fine = read_old(folder, &old, why);
	bool was_there = is_fine && copy_without(&old, line, &text);

	if (is_added)
		buf_add(&text, line->bytes, line->size);
	*is_changed = was_there != is_added;
	if (is_fine && *is_changed)
		is_fine = write_new(folder, &text, why);
	buf_free(&old);
	buf_free(&text);
	return is_fine;
}

bool
exclusion_write(const char *folder, bool is_added, const char *kind,
    const char *value, bool *is_changed, struct why *why)
{
	struct buf line = { 0 };
	bool is_fine;
	int fd;

	(void)mkdir(folder, 0755);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%s", folder);
	make_line(&line, kind, value);
	is_fine = rewrite(fd, is_added, &line, is_changed, why);
	buf_free(&line);
	close(fd);
	return is_fine;
}
