/*
 * cmd_check.c - candor-publish check: is a feed what it should be?
 *
 * What a monitor does: all of the log, by all of its rules.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/commands.h"

#include "cmd/candor-publish/entry.h"
#include "cmd/feed/view.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct config {
	const char *root;
	bool is_all;
};

static const struct option_row options[] = {
	{ "root", 0, OPTION_WORD, offsetof(struct config, root), "NOTE", NULL,
	    0, 0, "the feed's first root must be this one" },
	{ "all", 0, OPTION_FLAG, offsetof(struct config, is_all), NULL, NULL, 0,
	    0, "fetch the files of every release, not of the last only" },
};

/* Is the log's first entry the one that was given? */
static bool
check_first(const struct config *c, const struct view *v, struct why *why)
{
	struct entry *e;
	bool good;

	if (c->root == NULL)
		return true;
	e = buf_alloc(1, sizeof(*e));
	good = entry_read(c->root, false, e, why);
	if (good &&
	    (v->root_count == 0 || e->bytes.size != v->root[0].note.size ||
		memcmp(e->bytes.bytes, v->root[0].note.bytes, e->bytes.size) !=
		    0))
		good = why_not(why, WHY_FORGED,
		    "the log begins with another root");
	entry_free(e);
	free(e);
	return good;
}

static bool
check_quorum(const struct view *v, struct why *why)
{
	const struct trust_policy *p = &v->rules.root.policy;
	struct trust_cosigned c;

	if (!trust_policy_ask(p, &v->note, &c, why))
		return false;
	if (!trust_policy_holds(p, c.by))
		return why_not(why, WHY_FORGED,
		    "no quorum has cosigned the checkpoint");
	printf("cosigned by %d of %zu\n", __builtin_popcount(c.by),
	    p->witness_count);
	return true;
}

/* The files of an entry, if it is a release. */
static bool
check_files(const struct view *v, uint64_t index, struct why *why)
{
	struct trust_release *r = buf_alloc(1, sizeof(*r));
	struct buf b = { 0 };
	bool is_root = false, good;
	size_t i;

	for (i = 0; i < v->root_count; i++)
		is_root |= v->root[i].index == index;
	good = is_root ||
	    (view_release(v, index, &b, r, why) &&
		view_files(&v->from, r, -1, why));
	buf_free(&b);
	free(r);
	return good;
}

static bool
check(const struct config *c, const struct view *v, struct why *why)
{
	uint64_t count = v->tree.count, i;

	if (!check_first(c, v, why) || !check_quorum(v, why))
		return false;
	for (i = c->is_all ? 0 : count - 1; i < count; i++)
		if (!check_files(v, i, why))
			return false;
	printf("%s: %ju entries, %zu roots, rules R1 to R6 hold\n",
	    v->rules.root.policy.log.name, (uintmax_t)count, v->root_count);
	return true;
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
	if (rest + 1 != argc)
		return options_complain(self, "a TREE or URL is wanted");
	v = buf_alloc(1, sizeof(*v));
	good = view_open(argv[rest], v, &why);
	if (good) {
		good = check(&c, v, &why);
		view_close(v);
	}
	free(v);
	return good ? EXIT_DONE : publish_why(self, &why);
}

const struct command check_command = {
	.program = PUBLISH,
	.name = "check",
	.arguments = "TREE|URL",
	.summary = "Check all of a feed's log by all of its rules",
	.details = "Reads every entry, checks rules R1 to R5, the "
		   "checkpoint's signature and quorum, and fetches files "
		   "(R6).",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
