/*
 * cmd_append.c - candor-publish append: grow the log.
 *
 * The log holds to R1 to R6 before it signs; then nothing can be taken back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/commands.h"

#include "cmd/candor-publish/entry.h"
#include "cmd/candor-publish/feed.h"
#include "cmd/feed/sources.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 16

static bool
take_draft(const char *path, const struct trust_release *r, int folder,
    struct why *why)
{
	struct from draft;
	bool good = from_open(path, &draft, why) &&
	    view_files(&draft, r, folder, why) &&
	    sources_copy(&draft, r, folder, why);

	from_close(&draft);
	return good;
}

/* An entry that comes next: may it, and is everything there? */
static bool
take(struct feed *f, const char *path, struct entry *e, struct why *why)
{
	if (!entry_read(path, false, e, why))
		return false;
	if (!e->is_note)
		return why_not(why, WHY_BROKEN, "%s: not signed", path);
	if (!rules_add(&f->view.rules, cur_from(e->bytes.bytes, e->bytes.size),
		why))
		return false;
	if (e->is_root)
		return true;
	if (!e->is_draft)
		return why_not(why, WHY_BROKEN,
		    "R6: %s: the draft's folder is wanted, for its files",
		    path);
	return take_draft(path, &e->release, f->view.from.folder, why);
}

static bool
append(struct feed *f, char **path, int count, struct why *why)
{
	struct cur entries[ITEMS_MAX];
	struct entry *e = buf_alloc((size_t)count, sizeof(*e));
	bool good = true;
	int i;

	for (i = 0; i < count && good; i++) {
		good = take(f, path[i], &e[i], why);
		if (good)
			entries[i] =
			    cur_from(e[i].bytes.bytes, e[i].bytes.size);
	}
	good = good && rules_end(&f->view.rules, why) &&
	    tree_append(&f->view.tree, f->view.from.folder, entries,
		(size_t)count, why) &&
	    feed_grow(f, why);
	for (i = 0; i < count; i++)
		entry_free(&e[i]);
	free(e);
	return good;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct why why = { 0 };
	struct feed *f;
	int rest = 0;
	enum options_end end = options_parse(self, NULL, argc, argv, &rest);
	bool good;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_DONE : EXIT_USAGE;
	if (rest + 2 > argc || argc - rest - 1 > ITEMS_MAX)
		return options_complain(self,
		    "a FEED is wanted, and up to %d entries", ITEMS_MAX);
	f = buf_alloc(1, sizeof(*f));
	good = feed_open(argv[rest], f, &why);
	if (good) {
		good = append(f, argv + rest + 1, argc - rest - 1, &why);
		if (good)
			printf("the log has %zu entries\n", f->view.tree.count);
		feed_close(f);
	}
	free(f);
	return good ? EXIT_DONE : publish_why(self, &why);
}

const struct command append_command = {
	.program = PUBLISH,
	.name = "append",
	.arguments = "FEED [ROOT-NOTE] DRAFT",
	.summary = "Append signed entries to the log, and files to its tree",
	.details = "A root comes with the release after it. Nobody is told "
		   "until candor-publish cosign has found a quorum.",
	.run = run,
};
