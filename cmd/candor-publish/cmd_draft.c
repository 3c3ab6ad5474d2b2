/*
 * cmd_draft.c - candor-publish draft: compile sources, write a release's text.
 *
 * A draft is a folder, part of what the feed's tree will be: the files, their
 * sources and recipe, and the text that is to be signed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/commands.h"

#include "cmd/candor-publish/difference.h"
#include "cmd/candor-publish/entry.h"
#include "cmd/candor-publish/feed.h"
#include "cmd/candor-publish/remake.h"
#include "cmd/candor/outfile.h"
#include "cmd/feed/files.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAY 86400u

struct config {
	const char *output, *recipe, *root;
	struct words source, note;
	uint64_t days, engine;
	bool no_deltas;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "output", 'o', OPTION_WORD, FIELD(output), "DRAFT", NULL, 0, 0,
	    "make the folder DRAFT" },
	{ "source", 0, OPTION_WORDS, FIELD(source), "NAME=FOLDER", NULL, 0, 0,
	    "a folder of texts; may be given again" },
	{ "recipe", 0, OPTION_WORD, FIELD(recipe), "FILE", NULL, 0, 0,
	    "which sources make which file; without: all of them "
	    "main-1.cand" },
	{ "root", 0, OPTION_WORD, FIELD(root), "NOTE", NULL, 0, 0,
	    "this root will be appended just before it" },
	{ "days", 0, OPTION_COUNT, FIELD(days), "N", NULL, 1, 3660,
	    "it is advised not to be used longer than that (14)" },
	{ "engine-min", 0, OPTION_COUNT, FIELD(engine), "N", NULL, 1, 65535,
	    "what a program must know to use its files (1)" },
	{ "no-deltas", 0, OPTION_FLAG, FIELD(no_deltas), NULL, NULL, 0, 0,
	    "make no differences from older releases" },
	{ "note", 0, OPTION_WORDS, FIELD(note), "TEXT", NULL, 0, 0,
	    "a line for people; may be given again" },
};

struct draft {
	struct feed feed; /* where it will stand */
	bool is_feed;     /* else feed.view alone is open */
	int folder;
	struct source_folder source[SOURCES_MAX];
	size_t source_count;
	struct recipe recipe;
	struct buf recipe_text, source_lines, note_lines;
	struct trust_release release;
	struct rules rules; /* what the log will be before it */
};

/* --- where it will stand -------------------------------------------------- */

/* Take over what the log's state says, and the root that comes before. */
static bool
place(const struct config *c, const char *where, struct draft *d,
    struct why *why)
{
	struct entry *root = NULL;
	bool good;

	d->is_feed = feed_is_there(where);
	if (!(d->is_feed ? feed_open(where, &d->feed, why)
			 : view_open(where, &d->feed.view, why)))
		return false;
	d->rules = d->feed.view.rules;
	if (c->root == NULL)
		return true;
	root = buf_alloc(1, sizeof(*root));
	good = entry_read(c->root, true, root, why) &&
	    rules_add(&d->rules, cur_from(root->bytes.bytes, root->bytes.size),
		why);
	entry_free(root);
	free(root);
	return good;
}

/* --- sources and recipe --------------------------------------------------- */

static bool
open_sources(const struct config *c, struct draft *d, struct why *why)
{
	size_t i;

	if (c->source.count > SOURCES_MAX)
		return why_not(why, WHY_LIMIT, "more than %u sources",
		    SOURCES_MAX);
	for (i = 0; i < c->source.count; i++) {
		if (!source_open(c->source.word[i], &d->source[i], why))
			return false;
		d->source_count++;
		if (!trust_file_name_is_good(d->source[i].name))
			return why_not(why, WHY_BROKEN,
			    "a source cannot be called '%s': [a-z0-9.-]",
			    d->source[i].name);
	}
	return true;
}

static bool
choose_recipe(const struct config *c, struct draft *d, struct why *why)
{
	if (c->recipe == NULL)
		recipe_plain(d->source, d->source_count, &d->recipe_text);
	else if (!infile_read(AT_FDCWD, c->recipe, RECIPE_MAX, &d->recipe_text,
		     why))
		return false;
	if (!recipe_read(cur_from(d->recipe_text.bytes, d->recipe_text.size),
		&d->recipe, why))
		return false;
	if (strcmp(d->recipe.compiler, recipe_compiler()) != 0)
		return why_not(why, WHY_BROKEN,
		    "the recipe is for %s; this is %s", d->recipe.compiler,
		    recipe_compiler());
	digest_of(DIGEST_SHA256, d->recipe_text.bytes, d->recipe_text.size,
	    d->release.recipe);
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct source_folder *)a)->name,
	    ((const struct source_folder *)b)->name);
}

/* Copy them into the draft, and make their lines. */
static bool
save_sources(struct draft *d, struct why *why)
{
	struct buf path = { 0 };
	bool good;
	size_t i;

	sources_path(d->release.serial, "recipe", &path);
	good = files_write(d->folder, path.bytes, d->recipe_text.bytes,
	    d->recipe_text.size, why);
	qsort(d->source, d->source_count, sizeof(d->source[0]), by_name);
	for (i = 0; i < d->source_count && good; i++) {
		struct trust_source line = { 0 };
		char text[TEXT_LINE];
		struct text_out to = text_to(text, sizeof(text));

		buf_cut(&path, 0);
		sources_path(d->release.serial, d->source[i].name, &path);
		good = source_save(&d->source[i], d->folder, path.bytes, why);
		(void)snprintf(line.name, sizeof(line.name), "%s",
		    d->source[i].name);
		memcpy(line.sha256, d->source[i].sha256, sizeof(line.sha256));
		trust_source_write(&line, &to);
		buf_add(&d->source_lines, text, to.size);
	}
	buf_free(&path);
	d->release.sources =
	    cur_from(d->source_lines.bytes, d->source_lines.size);
	return good;
}

/* --- files ---------------------------------------------------------------- */

/* Compile one, and name it by its hash. */
static bool
make_file(struct draft *d, const struct recipe_file *file, struct why *why)
{
	struct trust_file *to = &d->release.file[d->release.file_count++];
	struct outfile o = { .fd = -1 };
	struct recipe_made made = { 0 };
	char path[FROM_BLOB_PATH];
	bool good = outfile_open(d->folder, "making", 0644, &o, why) &&
	    recipe_make(file, d->source, d->source_count, o.fd, &made, why);

	if (good) {
		(void)snprintf(to->name, sizeof(to->name), "%s", file->name);
		to->size = made.size;
		memcpy(to->sha256, made.sha256, sizeof(to->sha256));
		from_blob_path(made.sha256, path);
		free(o.name);
		o.name = buf_copy(path);
		good = files_make_above(d->folder, path, why) &&
		    outfile_commit(&o, true, why) &&
		    files_settle(d->folder, path, why);
	}
	outfile_close(&o);
	return good;
}

static int
by_file_name(const void *a, const void *b)
{
	return strcmp(((const struct trust_file *)a)->name,
	    ((const struct trust_file *)b)->name);
}

static bool
make_files(struct draft *d, struct why *why)
{
	struct trust_release *r = &d->release;
	size_t i;

	for (i = 0; i < d->recipe.count; i++)
		if (!make_file(d, &d->recipe.file[i], why))
			return false;
	qsort(r->file, r->file_count, sizeof(r->file[0]), by_file_name);
	return true;
}

/* --- deltas --------------------------------------------------------------- */

/* Keep one that is worth having. */
static bool
keep_delta(struct draft *d, size_t file, uint64_t base, const struct buf *b,
    struct why *why)
{
	struct trust_delta *to = &d->release.delta[d->release.delta_count];
	char path[FROM_BLOB_PATH];

	to->file = file;
	to->base = base;
	to->size = b->size;
	digest_of(DIGEST_SHA256, b->bytes, b->size, to->sha256);
	from_blob_path(to->sha256, path);
	if (!files_write(d->folder, path, b->bytes, b->size, why))
		return false;
	d->release.delta_count++;
	return true;
}

static bool
read_blob(const struct from *f, const struct trust_file *file, struct buf *out,
    struct why *why)
{
	char path[FROM_BLOB_PATH];

	from_blob_path(file->sha256, path);
	return from_get(f, path, (size_t)file->size, out, why);
}

/* From the same file of an older release, if there is one that is known and
   the delta is at most half of the file. */
static bool
make_delta(struct draft *d, size_t file, const struct trust_release *base,
    struct why *why)
{
	const struct from here = { .folder = d->folder };
	const struct trust_file *new = &d->release.file[file];
	struct buf from = { 0 }, to = { 0 }, delta = { 0 };
	struct why unused = { 0 };
	bool good = true;
	size_t i;

	for (i = 0; i < base->file_count; i++)
		if (strcmp(base->file[i].name, new->name) == 0)
			break;
	if (i == base->file_count || d->release.delta_count == TRUST_DELTAS_MAX)
		return true;
	if (read_blob(&d->feed.view.from, &base->file[i], &from, &unused)) {
		good = read_blob(&here, new, &to, why);
		if (good &&
		    difference_make(cur_from(from.bytes, from.size),
			cur_from(to.bytes, to.size), to.size / 2, &delta))
			good = keep_delta(d, file, base->serial, &delta, why);
	}
	buf_free(&from);
	buf_free(&to);
	buf_free(&delta);
	return good;
}

/* Few bases, so that who asks for one is one of many: 168 and 24 releases
   ago, and the one before.  In the order of the text. */
static bool
make_deltas(const struct config *c, struct draft *d, struct why *why)
{
	static const uint64_t back[] = { 168, 24, 1 };
	struct trust_release *base = buf_alloc(1, sizeof(*base));
	uint64_t end = d->feed.view.tree.count; /* entries before */
	struct why unused = { 0 };
	bool good = true;
	size_t file, i;

	for (file = 0; file < d->release.file_count && !c->no_deltas; file++)
		for (i = 0; i < sizeof(back) / sizeof(back[0]) && good; i++) {
			struct buf b = { 0 };

			if (back[i] < end &&
			    view_release(&d->feed.view, end - back[i], &b, base,
				&unused))
				good = make_delta(d, file, base, why);
			buf_free(&b);
		}
	free(base);
	return good;
}

/* --- the text ------------------------------------------------------------- */

static bool
write_text(struct draft *d, struct why *why)
{
	char *text = buf_alloc(1, TRUST_ENTRY_MAX);
	size_t size;
	bool good = trust_release_write(&d->release, text, TRUST_ENTRY_MAX,
			&size, why) &&
	    files_write(d->folder, ENTRY_TEXT, text, size, why);

	free(text);
	return good;
}

static void
fill_in(const struct config *c, struct draft *d)
{
	struct trust_release *r = &d->release;
	time_t now = time(NULL);
	size_t i;

	(void)snprintf(r->feed, sizeof(r->feed), "%s", d->rules.root.feed);
	r->serial = d->rules.count;
	r->root = d->rules.root.version;
	r->engine_min = c->engine;
	r->time = now > 0 ? (uint64_t)now : 0;
	r->expires = r->time + c->days * DAY;
	for (i = 0; i < c->note.count; i++) {
		buf_text(&d->note_lines, "note ");
		buf_text(&d->note_lines, c->note.word[i]);
		buf_byte(&d->note_lines, '\n');
	}
	r->notes = cur_from(d->note_lines.bytes, d->note_lines.size);
}

static bool
make(const struct config *c, const char *where, struct draft *d,
    struct why *why)
{
	if (!place(c, where, d, why))
		return false;
	if (d->rules.count == 0)
		return why_not(why, WHY_BROKEN,
		    "the log is empty: name its first root with --root");
	fill_in(c, d);
	return open_sources(c, d, why) && choose_recipe(c, d, why) &&
	    files_open(c->output, &d->folder, why) && save_sources(d, why) &&
	    make_files(d, why) && make_deltas(c, d, why) && write_text(d, why);
}

static void
draft_free(struct draft *d)
{
	size_t i;

	for (i = 0; i < d->source_count; i++)
		source_close(&d->source[i]);
	buf_free(&d->recipe_text);
	buf_free(&d->source_lines);
	buf_free(&d->note_lines);
	if (d->folder != -1)
		(void)close(d->folder);
	if (d->is_feed)
		feed_close(&d->feed);
	else
		view_close(&d->feed.view);
	free(d);
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { .days = 14, .engine = 1 };
	struct draft *d;
	struct why why = { 0 };
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	bool good;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_DONE : EXIT_USAGE;
	if (c.output == NULL || c.source.count == 0 || rest + 1 != argc)
		return options_complain(self,
		    "a FEED, --source and --output are wanted");
	d = buf_alloc(1, sizeof(*d));
	d->folder = d->feed.view.from.folder = -1;
	d->feed.lock = d->feed.signed_folder = -1;
	good = make(&c, argv[rest], d, &why);
	if (good)
		printf("release %ju: %s/" ENTRY_TEXT "\n",
		    (uintmax_t)d->release.serial, c.output);
	draft_free(d);
	options_free(self, &c);
	return good ? EXIT_DONE : publish_why(self, &why);
}

const struct command draft_command = {
	.program = PUBLISH,
	.name = "draft",
	.arguments = "-o DRAFT --source NAME=FOLDER FEED",
	.summary = "Compile sources into the draft of a feed's next release",
	.details = "FEED is the operator's folder, a feed's tree, or a tree's "
		   "URL: the draft is made for the end of its log.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
