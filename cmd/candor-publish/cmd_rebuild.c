/*
 * cmd_rebuild.c - candor-publish rebuild: make a published release again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/commands.h"

#include "cmd/candor-publish/remake.h"
#include "cmd/feed/view.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

struct config {
	uint64_t serial;
	struct words source;
};

static const struct option_row options[] = {
	{ "check", 0, OPTION_COUNT, offsetof(struct config, serial), "N", NULL,
	    1, INT64_MAX, "the release's serial" },
	{ "source", 0, OPTION_WORDS, offsetof(struct config, source),
	    "NAME=FOLDER", NULL, 0, 0,
	    "this source as you have it, instead of the feed's copy" },
};

static bool
remake_with(const struct config *c, const struct view *v,
    const struct trust_release *r, struct why *why)
{
	struct source_folder given[SOURCES_MAX];
	size_t count = 0, i;
	bool good = true;

	if (c->source.count > SOURCES_MAX)
		return why_not(why, WHY_LIMIT, "too many sources");
	for (i = 0; good && i < c->source.count; i++) {
		good = source_open(c->source.word[i], &given[i], why);
		count += good;
	}
	good = good && remake(&v->from, r, given, count, stdout, why);
	for (i = 0; i < count; i++)
		source_close(&given[i]);
	return good;
}

static bool
rebuild(const struct config *c, const struct view *v, struct why *why)
{
	struct trust_release *r = buf_alloc(1, sizeof(*r));
	struct buf b = { 0 };
	bool good =
	    view_release(v, c->serial, &b, r, why) && remake_with(c, v, r, why);

	if (good)
		printf("release %" PRIu64 " is what the log says\n", c->serial);
	buf_free(&b);
	free(r);
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
	if (rest + 1 != argc || c.serial == 0)
		return options_complain(self,
		    "a TREE or URL is wanted, and --check");
	v = buf_alloc(1, sizeof(*v));
	good = view_open(argv[rest], v, &why);
	if (good) {
		good = rebuild(&c, v, &why);
		view_close(v);
	}
	free(v);
	options_free(self, &c);
	return good ? EXIT_DONE : publish_why(self, &why);
}

const struct command rebuild_command = {
	.program = PUBLISH,
	.name = "rebuild",
	.arguments = "--check N TREE|URL",
	.summary = "Make a published release again, and compare with the log",
	.details = "Whoever does that for every release need trust no "
		   "publisher.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
