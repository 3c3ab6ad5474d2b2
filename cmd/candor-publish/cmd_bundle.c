/*
 * cmd_bundle.c - candor-publish bundle: a feed cut to its last release.
 *
 * For a stick: a folder with all that "candor update --from" needs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/commands.h"

#include "cmd/feed/files.h"
#include "cmd/feed/sources.h"
#include "cmd/feed/view.h"
#include "lib/trust/client.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct config {
	const char *output;
	bool has_sources;
};

static const struct option_row options[] = {
	{ "output", 'o', OPTION_WORD, offsetof(struct config, output), "DIR",
	    NULL, 0, 0, "write it there" },
	{ "sources", 0, OPTION_FLAG, offsetof(struct config, has_sources), NULL,
	    NULL, 0, 0,
	    "with the release's sources, so that it can be rebuilt" },
};

static bool
copy(const struct view *v, const char *name, size_t most, int folder,
    struct buf *out, struct why *why)
{
	return from_get(&v->from, name, most, out, why) &&
	    files_write(folder, name, out->bytes, out->size, why);
}

/* latest and checkpoint may be fetched at two moments of a tree that
   grows. */
static bool
copy_heads(const struct view *v, int folder, struct why *why)
{
	struct buf roots = { 0 }, latest = { 0 };
	const struct buf *c = &v->bytes;
	bool good = copy(v, "roots", TRUST_ROOTS_MAX, folder, &roots, why) &&
	    copy(v, "latest", TRUST_LATEST_MAX, folder, &latest, why) &&
	    files_write(folder, "checkpoint", c->bytes, c->size, why);

	if (good &&
	    memmem(latest.bytes, latest.size, c->bytes, c->size) == NULL)
		good = why_not(why, WHY_BROKEN,
		    "the tree changed meanwhile: try again");
	buf_free(&roots);
	buf_free(&latest);
	return good;
}

/* Files and perhaps sources of the last release. */
static bool
copy_release(const struct config *c, const struct view *v, int folder,
    struct why *why)
{
	struct trust_release *r = buf_alloc(1, sizeof(*r));
	struct buf b = { 0 };
	bool good = view_release(v, v->tree.count - 1, &b, r, why) &&
	    view_files(&v->from, r, folder, why) &&
	    (!c->has_sources || sources_copy(&v->from, r, folder, why));

	buf_free(&b);
	free(r);
	return good;
}

static bool
bundle(const struct config *c, const struct view *v, struct why *why)
{
	int folder;
	bool good = files_open(c->output, &folder, why);

	good = good && copy_heads(v, folder, why) &&
	    tree_write_tiles(&v->tree, folder, why) &&
	    copy_release(c, v, folder, why);
	if (folder != -1)
		(void)close(folder);
	return good;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	struct view *v;
	struct why why = { 0 };
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	bool good;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_DONE : EXIT_USAGE;
	if (rest + 1 != argc || c.output == NULL)
		return options_complain(self,
		    "a TREE or URL is wanted, and --output");
	v = buf_alloc(1, sizeof(*v));
	good = view_open(argv[rest], v, &why);
	if (good) {
		good = bundle(&c, v, &why);
		view_close(v);
	}
	free(v);
	return good ? EXIT_DONE : publish_why(self, &why);
}

const struct command bundle_command = {
	.program = PUBLISH,
	.name = "bundle",
	.arguments = "-o DIR TREE|URL",
	.summary = "Cut a feed to its last release, for a stick",
	.details = "A client takes it with candor update --from DIR; how it "
		   "got there does not matter.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
