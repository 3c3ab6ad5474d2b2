/*
 * cmd_sign.c - candor-publish sign: one holder's signature, a line.
 *
 * Of a root: its holder is told what it says.  Of a release: it is made again
 * first, and there is no way around that, because that is what a release
 * signer's signature means.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/commands.h"

#include "cmd/candor-publish/entry.h"
#include "cmd/candor-publish/remake.h"
#include "cmd/feed/secret.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct config {
	const char *key;
	struct words source;
};

static const struct option_row options[] = {
	{ "key", 0, OPTION_WORD, offsetof(struct config, key), "FILE", NULL, 0,
	    0, "the holder's secret key" },
	{ "source", 0, OPTION_WORDS, offsetof(struct config, source),
	    "NAME=FOLDER", NULL, 0, 0,
	    "this source as the signer got it himself, instead of the "
	    "draft's copy; may be given again" },
};

/* Make a draft's release again of its sources, or the signer's own. */
static bool
rebuild(const struct config *c, const char *draft,
    const struct trust_release *r, struct why *why)
{
	struct source_folder given[SOURCES_MAX];
	struct from from;
	size_t count = 0, i;
	bool good = from_open(draft, &from, why);

	if (good && c->source.count > SOURCES_MAX)
		good = why_not(why, WHY_LIMIT, "too many sources");
	for (i = 0; good && i < c->source.count; i++) {
		good = source_open(c->source.word[i], &given[i], why);
		count += good;
	}
	good = good && remake(&from, r, given, count, stderr, why);
	for (i = 0; i < count; i++)
		source_close(&given[i]);
	from_close(&from);
	return good;
}

static bool
is_key_of(const struct trust_role *role, const struct vkey *k)
{
	size_t i;

	for (i = 0; i < role->count; i++)
		if (memcmp(&role->key[i].key, k->key, sizeof(k->key)) == 0)
			return true;
	return false;
}

static bool
sign(const struct config *c, const char *path, struct entry *e, struct why *why)
{
	char line[NOTE_LINE_MAX];
	struct secret secret;

	if (!entry_read(path, true, e, why) ||
	    !secret_read(c->key, VKEY_NOTE, &secret, why))
		return false;
	entry_tell(stderr, e);
	if (e->is_root && !is_key_of(&e->root.root, &secret.key))
		fprintf(stderr,
		    "  (%s is no root key of this one: a key of "
		    "the root before?)\n",
		    secret.key.name);
	if (!e->is_root && !e->is_draft)
		return why_not(why, WHY_BROKEN,
		    "a release is signed by who made it again: give the "
		    "draft's folder");
	if (!e->is_root && !rebuild(c, path, &e->release, why))
		return false;
	if (!note_sign(e->note.text, &secret.key, secret.seed, line))
		return why_not(why, WHY_BUG, "libcrypto");
	fputs(line, stdout);
	return true;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	struct why why = { 0 };
	struct entry *e;
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	bool good;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_DONE : EXIT_USAGE;
	if (c.key == NULL || rest + 1 != argc)
		return options_complain(self,
		    "--key is wanted, and what to sign");
	e = buf_alloc(1, sizeof(*e));
	good = sign(&c, argv[rest], e, &why);
	entry_free(e);
	free(e);
	options_free(self, &c);
	return good ? EXIT_DONE : publish_why(self, &why);
}

const struct command sign_command = {
	.program = PUBLISH,
	.name = "sign",
	.arguments = "--key FILE TEXT|DRAFT > LINE",
	.summary = "Sign a root, or a release after making it again",
	.details = "TEXT is a root's; DRAFT is a folder made by "
		   "candor-publish draft. The signature is a line, on "
		   "standard output; what was signed is told on standard "
		   "error.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
