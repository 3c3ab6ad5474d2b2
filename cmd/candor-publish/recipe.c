/*
 * recipe.c - which sources make which file.  See recipe.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/recipe.h"

#include "cmd/candor/complaints.h"
#include "cmd/candor/infile.h"
#include "proc/compiler/client.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD  "candor-recipe/v1"
#define PLAIN "main-1.cand"

/* --- text ----------------------------------------------------------------- */

const char *
recipe_compiler(void)
{
	return "candor-compile " CANDOR_VERSION;
}

/* The next word of a line, which must fit. */
static bool
read_word(struct cur *line, char out[RECIPE_NAME])
{
	struct cur word;

	if (!cur_until(line, ' ', &word) || word.size == 0 ||
	    word.size >= RECIPE_NAME)
		return false;
	memcpy(out, word.base, word.size);
	out[word.size] = '\0';
	return true;
}

static bool
read_file(struct cur *line, struct recipe *out)
{
	struct recipe_file *f;

	if (out->count == RECIPE_FILES)
		return false;
	f = &out->file[out->count++];
	if (!read_word(line, f->name))
		return false;
	while (cur_left(line) > 0)
		if (f->count == SOURCES_MAX ||
		    !read_word(line, f->source[f->count++]))
			return false;
	return f->count > 0;
}

bool
recipe_read(struct cur text, struct recipe *out, struct why *why)
{
	struct cur line;
	bool good;

	memset(out, 0, sizeof(*out));
	good = cur_until(&text, '\n', &line) && cur_is(&line, HEAD) &&
	    cur_until(&text, '\n', &line) && cur_match(&line, "compiler ", 9) &&
	    cur_left(&line) > 0 && cur_left(&line) < RECIPE_NAME;
	if (good)
		memcpy(out->compiler, line.base + line.pos, cur_left(&line));
	while (good && cur_left(&text) > 0)
		good = cur_until(&text, '\n', &line) &&
		    cur_match(&line, "file ", 5) && read_file(&line, out);
	if (good && out->count > 0)
		return true;
	return why_not(why, WHY_BROKEN, "not a recipe");
}

void
recipe_plain(const struct source_folder *source, size_t count, struct buf *out)
{
	size_t i;

	buf_text(out, HEAD "\ncompiler ");
	buf_text(out, recipe_compiler());
	buf_text(out, "\nfile " PLAIN);
	for (i = 0; i < count; i++) {
		buf_byte(out, ' ');
		buf_text(out, source[i].name);
	}
	buf_byte(out, '\n');
}

/* --- making --------------------------------------------------------------- */

/* Texts that were opened for the compiler. */
struct texts {
	struct compiler_input *one;
	char **name;
	size_t count, room, name_room;
};

/*
 * Open one.  It is called by its path in the source, so that it is called the
 * same wherever that lies; and by the source too, if there are several.
 */
static bool
open_text(const struct source_folder *s, const struct source_file *f,
    bool is_alone, struct texts *t, struct why *why)
{
	struct buf path = { 0 }, name = { 0 };
	struct stat st = { 0 };
	int fd;

	buf_text(&path, s->folder);
	buf_byte(&path, '/');
	buf_add(&path, f->path, f->path_len);
	if (!is_alone) {
		buf_text(&name, s->name);
		buf_byte(&name, '/');
	}
	buf_add(&name, f->path, f->path_len);
	fd = open(path.bytes, O_RDONLY | O_CLOEXEC);
	buf_free(&path);
	t->one = buf_grow(t->one, &t->room, t->count + 1, sizeof(t->one[0]));
	t->name =
	    buf_grow(t->name, &t->name_room, t->count + 1, sizeof(t->name[0]));
	t->name[t->count] = name.bytes;
	t->one[t->count] =
	    (struct compiler_input){ .fd = fd, .name = name.bytes };
	t->count++;
	if (fd == -1 || fstat(fd, &st) == -1)
		return why_not(why, WHY_SYSTEM, "%s", name.bytes);
	t->one[t->count - 1].size = (uint64_t)st.st_size;
	return true;
}

static bool
open_source(const struct source_folder *s, bool is_alone, struct texts *t,
    struct why *why)
{
	struct cur listing = cur_from(s->listing.bytes, s->listing.size);
	struct source_file f;

	while (source_next(&listing, &f)) {
		char name[512];

		(void)snprintf(name, sizeof(name), "%.*s", (int)f.path_len,
		    f.path);
		if (inputs_is_signatures(name) &&
		    !open_text(s, &f, is_alone, t, why))
			return false;
	}
	return true;
}

static void
close_texts(struct texts *t)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (t->one[i].fd != -1)
			(void)close(t->one[i].fd);
		free(t->name[i]);
	}
	free(t->one);
	free(t->name);
}

static bool
find_sources(const struct recipe_file *file, const struct source_folder *source,
    size_t count, struct texts *t, struct why *why)
{
	size_t i, j;

	for (i = 0; i < file->count; i++) {
		for (j = 0; j < count; j++)
			if (strcmp(source[j].name, file->source[i]) == 0)
				break;
		if (j == count)
			return why_not(why, WHY_BROKEN,
			    "%s is made of %s, which was not named", file->name,
			    file->source[i]);
		if (!open_source(&source[j], file->count == 1, t, why))
			return false;
	}
	return t->count > 0 ||
	    why_not(why, WHY_BROKEN, "%s: its sources hold no signatures",
		file->name);
}

static bool
compile(const struct recipe_file *file, const struct texts *t, int fd,
    struct why *why)
{
	const struct inputs unnamed = { 0 };
	struct compiler_job job = {
		.input = t->one,
		.input_count = t->count,
		.database_fd = fd,
		.texts_fd = -1,
	};
	struct compiler_report report = { 0 };
	bool good = compiler_run(&job, &report, why);

	complaints_print(stderr, &unnamed, &report, 100, false);
	good = good && complaints_allow(&report, why);
	if (good && report.has_errors)
		good = why_not(why, WHY_BROKEN,
		    "%s: its sources have bad lines", file->name);
	compiler_report_free(&report);
	return good;
}

static bool
hash_made(int fd, struct recipe_made *out, struct why *why)
{
	return infile_hash(fd, out->sha256, &out->size) ||
	    why_not(why, WHY_SYSTEM, "cannot read what was made");
}

bool
recipe_make(const struct recipe_file *file, const struct source_folder *source,
    size_t count, int fd, struct recipe_made *out, struct why *why)
{
	struct texts t = { 0 };
	bool good = find_sources(file, source, count, &t, why) &&
	    compile(file, &t, fd, why) && hash_made(fd, out, why);

	close_texts(&t);
	return good;
}
