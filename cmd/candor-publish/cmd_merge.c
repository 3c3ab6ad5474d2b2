/*
 * cmd_merge.c - candor-publish merge: a text and signatures make a note.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/commands.h"

#include "cmd/candor-publish/entry.h"
#include "cmd/feed/files.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct config {
	const char *output, *root;
};

static const struct option_row options[] = {
	{ "output", 'o', OPTION_WORD, offsetof(struct config, output), "NOTE",
	    NULL, 0, 0, "write it there; of a DRAFT: into it" },
	{ "root", 0, OPTION_WORD, offsetof(struct config, root), "NOTE", NULL,
	    0, 0,
	    "check that enough keys of this root have signed: of the root in "
	    "force for a release, of the one before for a root" },
};

/* Every line once, in the order of the files. */
static bool
add_lines(struct buf *note, size_t text_size, const char *path, struct why *why)
{
	struct buf lines = { 0 };
	struct cur rest, line;
	bool good = infile_read(AT_FDCWD, path, NOTE_MAX, &lines, why);

	rest = cur_from(lines.bytes, lines.size);
	while (good && cur_line(&rest, &line)) {
		struct buf one = { 0 };

		buf_add(&one, line.base + line.pos, cur_left(&line));
		buf_byte(&one, '\n');
		if (memmem(note->bytes + text_size, note->size - text_size,
			one.bytes, one.size) == NULL)
			buf_add(note, one.bytes, one.size);
		buf_free(&one);
	}
	buf_free(&lines);
	return good;
}

/* Have enough keys signed?  A root also of its own. */
static bool
check(const struct config *c, const struct entry *e, const struct note *n,
    struct why *why)
{
	struct entry *root;
	bool good;

	if (e->is_root && !trust_role_signed(&e->root.root, n, why))
		return false;
	if (c->root == NULL)
		return true;
	root = buf_alloc(1, sizeof(*root));
	good = entry_read(c->root, true, root, why) &&
	    (root->is_root ||
		why_not(why, WHY_BROKEN, "%s: no root", c->root)) &&
	    trust_role_signed(e->is_root ? &root->root.root
					 : &root->root.release,
		n, why);
	entry_free(root);
	free(root);
	return good;
}

/* path is the text's, then those of lines, then NULL. */
static bool
merge(const struct config *c, char **path, struct entry *e, struct buf *note,
    struct why *why)
{
	struct buf to = { 0 };
	struct note read;
	bool good = entry_read(path[0], true, e, why);
	size_t i;

	if (!good)
		return false;
	if (!e->is_draft && c->output == NULL)
		return why_not(why, WHY_BROKEN, "--output is wanted");
	buf_add(note, e->note.text.base + e->note.text.pos,
	    cur_left(&e->note.text));
	buf_byte(note, '\n');
	for (i = 1; path[i] != NULL && good; i++)
		good = add_lines(note, cur_left(&e->note.text), path[i], why);
	buf_text(&to, e->is_draft ? path[0] : c->output);
	if (e->is_draft)
		buf_text(&to, "/" ENTRY_NOTE);
	good = good &&
	    note_read(cur_from(note->bytes, note->size), &read, why) &&
	    check(c, e, &read, why) &&
	    files_write(AT_FDCWD, to.bytes, note->bytes, note->size, why);
	buf_free(&to);
	return good;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	struct buf note = { 0 };
	struct why why = { 0 };
	struct entry *e;
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	bool good;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_DONE : EXIT_USAGE;
	if (rest + 2 > argc)
		return options_complain(self,
		    "a text is wanted, and files of signature lines");
	e = buf_alloc(1, sizeof(*e));
	good = merge(&c, argv + rest, e, &note, &why);
	entry_free(e);
	free(e);
	buf_free(&note);
	return good ? EXIT_DONE : publish_why(self, &why);
}

const struct command merge_command = {
	.program = PUBLISH,
	.name = "merge",
	.arguments = "TEXT|DRAFT LINE...",
	.summary = "Put a text and the signatures of its holders together",
	.details = "Each LINE is a file that candor-publish sign has written. "
		   "Of a DRAFT, DRAFT/release.note is made.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
