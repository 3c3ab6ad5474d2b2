/*
 * release.c - what a feed gives.  See release.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/release.h"

#include <inttypes.h>
#include <string.h>

#define MAGIC "candor-release/v1\n"

bool
trust_file_name_is_good(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
	size_t size = strlen(name);

	return size > 0 && size <= TRUST_FILE_NAME &&
	    strspn(name, good) == size && name[0] != '.' && name[0] != '-';
}

static bool
read_name(struct cur *value, char out[TRUST_FILE_NAME + 1])
{
	struct cur word;

	return text_word(value, &word) &&
	    text_copy(word, out, TRUST_FILE_NAME + 1) &&
	    trust_file_name_is_good(out);
}

static bool
read_count(struct cur *value, uint64_t *out)
{
	struct cur word;

	return text_word(value, &word) && checkpoint_number(word, out);
}

bool
trust_source_next(struct cur *sources, struct trust_source *out)
{
	struct cur value;

	return text_value(sources, "source", &value) &&
	    read_name(&value, out->name) && text_sha256(value, out->sha256);
}

void
trust_source_write(const struct trust_source *s, struct text_out *out)
{
	text_add(out, "source %s ", s->name);
	text_add_sha256(out, s->sha256);
	text_add(out, "\n");
}

/* Cut what the lines with a keyword take off text. */
static struct cur
take_lines(struct cur *text, const char *keyword)
{
	struct cur from = *text, value, lines;
	size_t left = cur_left(text);

	while (text_value(text, keyword, &value))
		;
	if (!cur_take(&from, left - cur_left(text), &lines))
		memset(&lines, 0, sizeof(lines));
	return lines;
}

static bool
read_head(struct cur *text, struct trust_release *out, struct why *why)
{
	struct cur value;

	if (!cur_match(text, MAGIC, sizeof(MAGIC) - 1))
		return why_not(why, WHY_BROKEN, "not a release");
	if (!text_value(text, "feed", &value) ||
	    !text_copy(value, out->feed, sizeof(out->feed)) ||
	    !text_number(text, "serial", &out->serial) ||
	    !text_number(text, "time", &out->time) ||
	    !text_number(text, "expires", &out->expires) ||
	    !text_number(text, "root", &out->root) ||
	    !text_number(text, "engine-min", &out->engine_min))
		return why_not(why, WHY_BROKEN,
		    "release: it begins with feed, serial, time, expires, root "
		    "and engine-min");
	out->sources = take_lines(text, "source");
	if (!text_value(text, "recipe", &value) ||
	    !text_sha256(value, out->recipe))
		return why_not(why, WHY_BROKEN, "release: no recipe");
	return true;
}

static bool
read_files(struct cur *text, struct trust_release *out, struct why *why)
{
	struct cur value;

	while (text_value(text, "file", &value)) {
		struct trust_file *f = &out->file[out->file_count];

		if (out->file_count == TRUST_FILES_MAX)
			return why_not(why, WHY_LIMIT,
			    "release: more than %u files", TRUST_FILES_MAX);
		if (!read_name(&value, f->name) ||
		    !read_count(&value, &f->size) ||
		    !text_sha256(value, f->sha256))
			return why_not(why, WHY_BROKEN,
			    "release: not 'file NAME SIZE sha256:HEX'");
		out->file_count++;
	}
	return true;
}

/* The file of that name; TRUST_FILES_MAX if there is none. */
static size_t
find_file(const struct trust_release *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->file_count; i++)
		if (strcmp(r->file[i].name, name) == 0)
			return i;
	return TRUST_FILES_MAX;
}

static bool
read_deltas(struct cur *text, struct trust_release *out, struct why *why)
{
	char name[TRUST_FILE_NAME + 1];
	struct cur value;

	while (text_value(text, "delta", &value)) {
		struct trust_delta *d = &out->delta[out->delta_count];

		if (out->delta_count == TRUST_DELTAS_MAX)
			return why_not(why, WHY_LIMIT,
			    "release: more than %u deltas", TRUST_DELTAS_MAX);
		if (!read_name(&value, name) || !read_count(&value, &d->base) ||
		    !read_count(&value, &d->size) ||
		    !text_sha256(value, d->sha256))
			return why_not(why, WHY_BROKEN,
			    "release: not 'delta NAME SERIAL SIZE sha256:HEX'");
		d->file = find_file(out, name);
		if (d->file == TRUST_FILES_MAX)
			return why_not(why, WHY_BROKEN,
			    "release: a delta of %s, which is not one of its "
			    "files",
			    name);
		out->delta_count++;
	}
	return true;
}

static void
write_files(const struct trust_release *r, struct text_out *out)
{
	size_t i;

	for (i = 0; i < r->file_count; i++) {
		text_add(out, "file %s %" PRIu64 " ", r->file[i].name,
		    r->file[i].size);
		text_add_sha256(out, r->file[i].sha256);
		text_add(out, "\n");
	}
	for (i = 0; i < r->delta_count; i++) {
		const struct trust_delta *d = &r->delta[i];

		text_add(out, "delta %s %" PRIu64 " %" PRIu64 " ",
		    r->file[d->file].name, d->base, d->size);
		text_add_sha256(out, d->sha256);
		text_add(out, "\n");
	}
}

static void
write_release(const struct trust_release *r, struct text_out *out)
{
	struct cur sources = r->sources;
	struct trust_source s;

	text_add(out,
	    MAGIC "feed %s\nserial %" PRIu64 "\ntime %" PRIu64
		  "\nexpires %" PRIu64 "\nroot %" PRIu64 "\nengine-min %" PRIu64
		  "\n",
	    r->feed, r->serial, r->time, r->expires, r->root, r->engine_min);
	while (trust_source_next(&sources, &s))
		trust_source_write(&s, out);
	text_add(out, "recipe ");
	text_add_sha256(out, r->recipe);
	text_add(out, "\n");
	write_files(r, out);
	text_add_bytes(out, r->notes);
}

bool
trust_release_read(struct cur text, struct trust_release *out, struct why *why)
{
	struct text_out again = text_compared(text);

	memset(out, 0, sizeof(*out));
	if (!text_is_plain(text))
		return why_not(why, WHY_BROKEN, "release: not printable ASCII");
	if (!read_head(&text, out, why) || !read_files(&text, out, why) ||
	    !read_deltas(&text, out, why))
		return false;
	out->notes = take_lines(&text, "note");
	if (cur_left(&text) > 0)
		return why_not(why, WHY_BROKEN,
		    "release: a line that does not belong there");
	if (!trust_release_check(out, why))
		return false;
	write_release(out, &again);
	if (!text_is_whole(&again))
		return why_not(why, WHY_BROKEN,
		    "release: not in the one form that a release has");
	return true;
}

static bool
check_sources(struct cur sources, struct why *why)
{
	struct trust_source s[2];
	size_t i;

	for (i = 0; cur_left(&sources) > 0; i++)
		if (i == TRUST_SOURCES_MAX ||
		    !trust_source_next(&sources, &s[i % 2]) ||
		    (i > 0 && strcmp(s[(i - 1) % 2].name, s[i % 2].name) >= 0))
			return why_not(why, WHY_BROKEN,
			    "release: sources are lines of 'source NAME "
			    "sha256:HEX', sorted, at most %u",
			    TRUST_SOURCES_MAX);
	return true;
}

static bool
check_files(const struct trust_release *r, struct why *why)
{
	size_t i;

	if (r->file_count == 0 || r->file_count > TRUST_FILES_MAX)
		return why_not(why, WHY_BROKEN, "release: it has 1 to %u files",
		    TRUST_FILES_MAX);
	for (i = 0; i < r->file_count; i++) {
		const struct trust_file *f = &r->file[i];

		if (!trust_file_name_is_good(f->name) ||
		    f->size > TRUST_FILE_SIZE)
			return why_not(why, WHY_BROKEN,
			    "release: a file is not called that, or too large");
		if (i > 0 && strcmp(r->file[i - 1].name, f->name) >= 0)
			return why_not(why, WHY_BROKEN,
			    "release: files are not sorted, or one is there "
			    "twice");
	}
	return true;
}

static bool
check_deltas(const struct trust_release *r, struct why *why)
{
	size_t i;

	if (r->delta_count > TRUST_DELTAS_MAX)
		return why_not(why, WHY_BROKEN, "release: more than %u deltas",
		    TRUST_DELTAS_MAX);
	for (i = 0; i < r->delta_count; i++) {
		const struct trust_delta *d = &r->delta[i];

		if (d->file >= r->file_count || d->base >= r->serial ||
		    d->size > TRUST_FILE_SIZE)
			return why_not(why, WHY_BROKEN,
			    "release: a delta is of no file, or not from an "
			    "earlier release, or too large");
		if (i > 0 &&
		    (d[-1].file > d->file ||
			(d[-1].file == d->file && d[-1].base >= d->base)))
			return why_not(why, WHY_BROKEN,
			    "release: deltas are not sorted, or one is there "
			    "twice");
	}
	return true;
}

static bool
check_notes(struct cur notes, struct why *why)
{
	(void)take_lines(&notes, "note");
	if (cur_left(&notes) > 0)
		return why_not(why, WHY_BROKEN,
		    "release: notes are lines of 'note TEXT'");
	return true;
}

bool
trust_release_check(const struct trust_release *r, struct why *why)
{
	if (!vkey_name_is_good(cur_from(r->feed, strlen(r->feed))))
		return why_not(why, WHY_BROKEN,
		    "release: a feed is not called that");
	if (r->serial == 0 || r->root == 0 || r->expires <= r->time)
		return why_not(why, WHY_BROKEN,
		    "release: serial and root begin with 1, and it expires "
		    "after its time");
	return check_sources(r->sources, why) && check_files(r, why) &&
	    check_deltas(r, why) && check_notes(r->notes, why);
}

bool
trust_release_write(const struct trust_release *r, char *out, size_t room,
    size_t *size, struct why *why)
{
	struct text_out to = text_to(out, room);

	*size = 0;
	if (!trust_release_check(r, why))
		return false;
	write_release(r, &to);
	if (!text_is_whole(&to))
		return why_not(why, WHY_LIMIT, "release: more than %zu bytes",
		    room);
	*size = to.size;
	return true;
}
