/*
 * cmd_root.c - candor-publish root: write the text of a root.
 *
 * The first one from nothing, or the next one from the one before.  Nobody
 * has signed it yet: that is for those who hold the root keys, each with
 * "candor-publish sign".
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
#include <time.h>

#define POLICY_MAX 65536u /* bytes of its file */
#define DAY        86400u

struct config {
	const char *old, *policy, *output;
	struct words root_key, release_key;
	uint64_t root_threshold, release_threshold, days;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "output", 'o', OPTION_WORD, FIELD(output), "TEXT", NULL, 0, 0,
	    "write the text there" },
	{ "old", 0, OPTION_WORD, FIELD(old), "NOTE", NULL, 0, 0,
	    "the root before: whatever is not named here stays as it is" },
	{ "root-key", 0, OPTION_WORDS, FIELD(root_key), "VKEY", NULL, 0, 0,
	    "a key that signs roots; given for each" },
	{ "root-threshold", 0, OPTION_COUNT, FIELD(root_threshold), "K", NULL,
	    1, TRUST_KEYS_MAX, "so many of them must" },
	{ "release-key", 0, OPTION_WORDS, FIELD(release_key), "VKEY", NULL, 0,
	    0, "a key that signs releases; given for each" },
	{ "release-threshold", 0, OPTION_COUNT, FIELD(release_threshold), "K",
	    NULL, 1, TRUST_KEYS_MAX, "so many of them must" },
	{ "policy", 0, OPTION_WORD, FIELD(policy), "FILE", NULL, 0, 0,
	    "the log, the witnesses and mirror cosigners, and which of them "
	    "are enough (C2SP tlog-policy)" },
	{ "days", 0, OPTION_COUNT, FIELD(days), "N", NULL, 1, 3660,
	    "it expires after so many days (365)" },
};

static int
by_text(const void *a, const void *b)
{
	char one[VKEY_TEXT_MAX], other[VKEY_TEXT_MAX];

	vkey_write(a, one);
	vkey_write(b, other);
	return strcmp(one, other);
}

/* Replace the keys of a role, if any were named. */
static bool
set_role(const struct words *keys, uint64_t threshold, struct trust_role *role,
    struct why *why)
{
	size_t i;

	if (threshold != 0)
		role->threshold = threshold;
	if (keys->count == 0)
		return true;
	if (keys->count > TRUST_KEYS_MAX)
		return why_not(why, WHY_LIMIT, "more than %u keys",
		    TRUST_KEYS_MAX);
	for (i = 0; i < keys->count; i++)
		if (!vkey_read(cur_from(keys->word[i], strlen(keys->word[i])),
			&role->key[i], why))
			return false;
	role->count = keys->count;
	qsort(role->key, role->count, sizeof(role->key[0]), by_text);
	return true;
}

/* A log is its name and key.  Another one: its serials begin anew. */
static bool
set_policy(const char *path, struct trust_root *root, struct why *why)
{
	struct vkey old = root->policy.log, *log = &root->policy.log;
	struct buf text = { 0 };
	bool good = infile_read(AT_FDCWD, path, POLICY_MAX, &text, why) &&
	    trust_policy_read(cur_from(text.bytes, text.size), &root->policy,
		why);

	buf_free(&text);
	if (!good || root->version == 1)
		return good;
	if (strcmp(log->name, old.name) != 0)
		root->epoch++;
	else if (memcmp(log->key, old.key, sizeof(old.key)) != 0)
		return why_not(why, WHY_BROKEN,
		    "a log with another key needs another name");
	return true;
}

/* What the root before says, or what a first one must. */
static bool
begin(const struct config *c, struct trust_root *root, struct why *why)
{
	struct entry *old;
	bool good;

	if (c->old == NULL) {
		root->version = root->epoch = 1;
		return true;
	}
	old = buf_alloc(1, sizeof(*old));
	good = entry_read(c->old, true, old, why) &&
	    (old->is_root || why_not(why, WHY_BROKEN, "%s: no root", c->old));
	if (good) {
		*root = old->root;
		root->version++;
	}
	entry_free(old);
	free(old);
	return good;
}

static bool
make(const struct config *c, struct trust_root *root, struct why *why)
{
	time_t now = time(NULL);

	if (!begin(c, root, why) ||
	    !set_role(&c->root_key, c->root_threshold, &root->root, why) ||
	    !set_role(&c->release_key, c->release_threshold, &root->release,
		why))
		return false;
	if (c->policy != NULL && !set_policy(c->policy, root, why))
		return false;
	if (c->old == NULL)
		(void)snprintf(root->feed, sizeof(root->feed), "%s",
		    root->policy.log.name);
	root->time = now > 0 ? (uint64_t)now : 0;
	root->expires = root->time + c->days * DAY;
	return true;
}

static bool
write_text(const char *path, const struct trust_root *root, struct why *why)
{
	char *text = buf_alloc(1, TRUST_ENTRY_MAX);
	size_t size;
	bool good = trust_root_write(root, text, TRUST_ENTRY_MAX, &size, why) &&
	    files_write(AT_FDCWD, path, text, size, why);

	free(text);
	return good;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { .days = 365 };
	struct trust_root *root;
	struct why why = { 0 };
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	bool good;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_DONE : EXIT_USAGE;
	if (c.output == NULL || rest != argc)
		return options_complain(self, "--output is wanted");
	if (c.old == NULL && c.policy == NULL)
		return options_complain(self, "--policy is wanted, or --old");
	root = buf_alloc(1, sizeof(*root));
	good = make(&c, root, &why) && write_text(c.output, root, &why);
	free(root);
	options_free(self, &c);
	return good ? EXIT_DONE : publish_why(self, &why);
}

const struct command root_command = {
	.program = PUBLISH,
	.name = "root",
	.arguments = "-o TEXT",
	.summary = "Write the text of a feed's first or next root",
	.details = "Holders of the root keys sign it, and it is appended to "
		   "the log together with a release.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
