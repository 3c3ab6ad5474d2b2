/*
 * cmd_cosign.c - candor-publish cosign: ask the cosigners, and publish.
 *
 * The operator does it after an append, and every hour: a heartbeat.  So can
 * anybody who has a copy of the tree: nothing here needs a key but the log's
 * own signature, which a published checkpoint has already.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/commands.h"

#include "cmd/candor-publish/ask.h"
#include "cmd/candor-publish/feed.h"
#include "cmd/candor-publish/publish.h"
#include "cmd/candor/escape.h"
#include "cmd/feed/files.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define COSIGNERS_MAX 63u /* as many as a note has room for */

struct config {
	const char *policy;
	bool is_quiet;
};

static const struct option_row options[] = {
	{ "policy", 0, OPTION_WORD, offsetof(struct config, policy), "FILE",
	    NULL, 0, 0,
	    "who to ask: the lines 'witness NAME VKEY URL' of a policy file" },
	{ "quiet", 'q', OPTION_FLAG, offsetof(struct config, is_quiet), NULL,
	    NULL, 0, 0, "tell only who did not cosign" },
};

struct round {
	const struct config *config;
	const struct view *view;
	struct question question;
	struct buf checkpoint;    /* what they are asked about: a note */
	struct note note;         /* the same, taken apart */
	struct buf old;           /* the tree's checkpoint, or empty */
	struct cur kept;          /* its signatures, if of the same text */
	struct buf fresh;         /* the note, with who cosigned it now */
	struct buf others;        /* lines of who did before */
	unsigned asked, cosigned; /* so many */
};

/* What the tree says now: perhaps of the same text, cosigned already. */
static bool
look_at_old(struct round *r, struct why *why)
{
	struct why unused = { 0 };
	struct checkpoint c;
	struct note n;

	r->kept = cur_from("", 0);
	if (!files_exist(r->view->from.folder, "checkpoint"))
		return true;
	if (!infile_read(r->view->from.folder, "checkpoint", NOTE_MAX, &r->old,
		why))
		return false;
	if (!note_read(cur_from(r->old.bytes, r->old.size), &n, &unused) ||
	    !checkpoint_read(n.text, &c, &unused))
		return true;
	if (c.size <= r->question.size)
		r->question.old = c.size;
	if (cur_left(&n.text) == cur_left(&r->note.text) &&
	    memcmp(n.text.base, r->note.text.base, cur_left(&n.text)) == 0)
		r->kept = n.signatures;
	return true;
}

/* What one said; a cosignature it gave earlier is better than none. */
static void
take(struct round *r, const struct cosigner *c, const struct answer *a)
{
	char line[NOTE_LINE_MAX];

	r->asked++;
	if (a->is_good) {
		r->cosigned++;
		buf_text(&r->fresh, a->line);
		if (!r->config->is_quiet)
			printf("%s: cosigned\n", c->key.name);
		return;
	}
	fprintf(stderr, "%s: ", c->key.name);
	escape_text(stderr, a->why.text, strlen(a->why.text));
	fputc('\n', stderr);
	if (cosigner_find(&c->key, r->note.text, r->kept, line))
		buf_text(&r->others, line);
}

/* Cosignatures of those in the policy who were not asked this time. */
static void
keep_others(struct round *r, const struct cosigner *c, size_t count)
{
	const struct trust_policy *p = &r->view->rules.root.policy;
	char line[NOTE_LINE_MAX];
	size_t i, j;

	for (i = 0; i < p->witness_count; i++) {
		for (j = 0; j < count; j++)
			if (memcmp(c[j].key.key, p->witness[i].key,
				ED25519_KEY) == 0)
				break;
		if (j == count &&
		    cosigner_find(&p->witness[i], r->note.text, r->kept, line))
			buf_text(&r->others, line);
	}
}

/* Old words are kept beside new ones; but only a quorum of new ones says that
   nothing newer exists. */
static bool
publish_all(struct round *r, struct why *why)
{
	size_t size = r->fresh.size;
	struct why few = { 0 };
	struct note n;
	bool good;

	good = note_read(cur_from(r->fresh.bytes, size), &n, why);
	if (!good)
		return false;
	good = publish_is_enough(&r->view->rules.root, &n, &few);
	if (r->others.size > 0)
		buf_add(&r->fresh, r->others.bytes, r->others.size);
	if (!publish(r->view, cur_from(r->fresh.bytes, r->fresh.size), why))
		return false;
	return good ||
	    why_not(why, WHY_FORGED,
		"now: %.150s; what is served is as fresh as before", few.text);
}

static bool
go_round(struct round *r, const struct cosigner *c, size_t count,
    struct why *why)
{
	struct answer *answer;
	char line[NOTE_LINE_MAX];
	bool good;
	size_t i;

	if (!look_at_old(r, why))
		return false;
	if (!cosigner_find(&r->view->rules.root.policy.log, r->note.text,
		r->note.signatures, line))
		return why_not(why, WHY_FORGED,
		    "the root in force names another log key");
	buf_add(&r->fresh, r->note.text.base, cur_left(&r->note.text));
	buf_byte(&r->fresh, '\n');
	buf_text(&r->fresh, line);
	answer = buf_alloc(count, sizeof(*answer));
	good = cosigners_ask(c, count, &r->question, answer, why);
	for (i = 0; i < count && good; i++)
		take(r, &c[i], &answer[i]);
	free(answer);
	keep_others(r, c, count);
	return good && publish_all(r, why);
}

/* Of the checkpoint in r->checkpoint, which is of all that v has. */
static bool
cosign(struct round *r, const char *policy, struct why *why)
{
	struct cosigner *c = buf_alloc(COSIGNERS_MAX, sizeof(*c));
	struct checkpoint point;
	size_t count = 0;
	bool good = cosigners_read(policy, c, COSIGNERS_MAX, &count, why);

	r->question.note = cur_from(r->checkpoint.bytes, r->checkpoint.size);
	good = good && note_read(r->question.note, &r->note, why) &&
	    checkpoint_read(r->note.text, &point, why);
	if (good) {
		r->question.tree = &r->view->tree;
		r->question.size = point.size;
		r->question.text = r->note.text;
		good = go_round(r, c, count, why);
	}
	free(c);
	return good;
}

/* The operator's: the checkpoint is signed anew. */
static bool
cosign_feed(const char *path, struct round *r, struct why *why)
{
	struct feed *f = buf_alloc(1, sizeof(*f));
	struct buf policy = { 0 };
	bool good = feed_open(path, f, why);

	buf_text(&policy, path);
	buf_text(&policy, "/policy");
	r->view = &f->view;
	good = good && feed_checkpoint(f, &r->checkpoint, why) &&
	    cosign(r,
		r->config->policy != NULL ? r->config->policy : policy.bytes,
		why);
	if (r->view->from.folder != -1)
		feed_close(f);
	buf_free(&policy);
	free(f);
	return good;
}

/* Anybody's: a heartbeat for the checkpoint that is there. */
static bool
cosign_tree(const char *path, struct round *r, struct why *why)
{
	struct view *v = buf_alloc(1, sizeof(*v));
	bool good = view_open(path, v, why);

	r->view = v;
	if (good && v->from.folder == -1)
		good = why_not(why, WHY_BROKEN,
		    "a copy of the tree in a folder is wanted");
	if (good) {
		buf_add(&r->checkpoint, v->bytes.bytes, v->bytes.size);
		good = cosign(r, r->config->policy, why);
	}
	view_close(v);
	free(v);
	return good;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	struct round *r;
	struct why why = { 0 };
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	bool good;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_DONE : EXIT_USAGE;
	if (rest + 1 != argc)
		return options_complain(self, "a FEED or TREE is wanted");
	if (c.policy == NULL && !feed_is_there(argv[rest]))
		return options_complain(self, "--policy is wanted");
	r = buf_alloc(1, sizeof(*r));
	r->config = &c;
	good = feed_is_there(argv[rest]) ? cosign_feed(argv[rest], r, &why)
					 : cosign_tree(argv[rest], r, &why);
	if (good)
		printf("published %ju entries, cosigned by %u of %u\n",
		    (uintmax_t)r->question.size, r->cosigned, r->asked);
	buf_free(&r->checkpoint);
	buf_free(&r->old);
	buf_free(&r->fresh);
	buf_free(&r->others);
	free(r);
	return good ? EXIT_DONE : publish_why(self, &why);
}

const struct command cosign_command = {
	.program = PUBLISH,
	.name = "cosign",
	.arguments = "FEED|TREE",
	.summary = "Ask the cosigners, and publish when they are a quorum",
	.details = "FEED is the operator's folder (FEED/policy says who to "
		   "ask, unless --policy does). TREE is anybody's copy of a "
		   "feed's tree: its checkpoint is cosigned anew, so that "
		   "clients know that nothing newer exists.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
