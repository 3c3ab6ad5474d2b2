/*
 * cmd_log_feed.c - candor log show, candor log evidence: what the logs of
 * this machine's feeds said.
 *
 * What is installed was verified when it came; here it is printed, so that
 * two people can compare what they were given, and a stranger can check who
 * signed it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/escape.h"
#include "cmd/candor/feed_status.h"
#include "cmd/candor/print.h"
#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "lib/trust/evidence.h"
#include "lib/trust/release.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct config {
	struct feeds place;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "settings", 0, OPTION_WORD, FIELD(place.settings), "FOLDER", NULL, 0,
	    0, "where feeds are set up (default: " FEEDS_SETTINGS ")" },
	{ "state", 0, OPTION_WORD, FIELD(place.state), "FOLDER", NULL, 0, 0,
	    "where they are installed (default: " FEED_STATE ")" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct config defaults = {
	.place = { FEEDS_SETTINGS, FEED_STATE },
};

/* A file of a feed, whole. */
static bool
load(const struct config *c, const char *feed, const char *name, size_t most,
    struct buf *out)
{
	char *path = feeds_path(c->place.state, feed, name);
	bool is_there = feeds_load(path, most, out) && out->size > 0;

	free(path);
	return is_there;
}

/* --- show ----------------------------------------------------------------- */

/* Who a name on a signature line is, as it stands there. */
static void
print_signers(const char *what, const struct note *n)
{
	struct cur lines = n->signatures, line, dash, name;

	while (cur_line(&lines, &line)) {
		if (!cur_until(&line, ' ', &dash) ||
		    !cur_until(&line, ' ', &name))
			continue;
		printf("  %-10s ", what);
		escape_text(stdout, name.base, name.size);
		fputc('\n', stdout);
	}
}

static void
print_tree(const struct trust_state *s)
{
	char root[BASE64_SIZE(MERKLE_HASH) + 1];
	struct note n;
	struct why why;

	base64_write(s->root.bytes, MERKLE_HASH, root);
	printf("  log        ");
	escape_text(stdout, s->feed, strlen(s->feed));
	printf("\n  entries    %" PRIu64 "\n  root       %s\n", s->size, root);
	if (note_read(s->checkpoint, &n, &why))
		print_signers("signed by", &n);
}

/* The signed release stands first in what was fetched. */
static bool
read_release(const struct buf *latest, struct note *note,
    struct trust_release *out, struct why *why)
{
	struct cur c = cur_from(latest->bytes, latest->size), entry;
	uint32_t size = cur_u32be(&c);

	return (cur_ok(&c) && cur_take(&c, size, &entry) &&
		   note_read(cur_from(entry.base, entry.size), note, why) &&
		   trust_release_read(note->text, out, why)) ||
	    why_not(why, WHY_BROKEN, "what is kept here is damaged");
}

/* "ORIGIN SIZE ROOT FILE SHA-256": the same for all who have the same. */
static void
print_release(const struct trust_release *r, const struct note *n,
    const struct trust_state *s)
{
	char hash[65], root[BASE64_SIZE(MERKLE_HASH) + 1];
	size_t i;

	printf("  release    %" PRIu64 ", made at %" PRIu64
	       " (seconds since 1970), under root %" PRIu64 "\n",
	    r->serial, r->time, r->root);
	print_signers("made by", n);
	base64_write(s->root.bytes, MERKLE_HASH, root);
	for (i = 0; i < r->file_count; i++) {
		hex_write(r->file[i].sha256, 32, hash);
		printf("  compare    %s %" PRIu64 " %s %s %s\n", s->feed,
		    s->size, root, r->file[i].name, hash);
	}
}

static bool
show(const struct config *c, const char *feed)
{
	struct trust_release *release = buf_alloc(1, sizeof(*release));
	struct trust_state *state = buf_alloc(1, sizeof(*state));
	struct buf text = { 0 }, latest = { 0 };
	struct why why = { 0 };
	struct note n;
	bool is_fine;

	/* Both are of the same moment: of when the release was installed. */
	is_fine = load(c, feed, "/current/state", TRUST_STATE_MAX, &text) &&
	    load(c, feed, "/current/latest", TRUST_LATEST_MAX, &latest);
	if (!is_fine)
		(void)why_not(&why, WHY_BROKEN,
		    "nothing of a log is installed: candor feed list tells "
		    "what kind of feed it is");
	is_fine = is_fine &&
	    trust_state_read(cur_from(text.bytes, text.size), state, &why) &&
	    read_release(&latest, &n, release, &why);
	if (is_fine) {
		printf("%s\n", feed);
		print_tree(state);
		print_release(release, &n, state);
	} else {
		fprintf(stderr, "candor: %s: %s\n", feed, why.text);
	}
	buf_free(&text);
	buf_free(&latest);
	free(state);
	free(release);
	return is_fine;
}

/* --- evidence ------------------------------------------------------------- */

static void
print_evidence(const struct trust_evidence *e)
{
	size_t i;

	if (e->is_log_guilty)
		printf(
		    "  the log %s signed two trees of which neither grew from "
		    "the other: it shows two faces\n",
		    e->log.name);
	for (i = 0; i < e->cosigner_count; i++)
		if ((e->guilty >> i & 1) != 0)
			printf("  %s cosigned two that cannot both be\n",
			    e->cosigner[i].name);
	printf("  first      %" PRIu64 " entries\n  second     %" PRIu64
	       " entries\n",
	    e->first.size, e->second.size);
}

static bool
tell_evidence(const char *path)
{
	struct trust_evidence *e = buf_alloc(1, sizeof(*e));
	struct buf text = { 0 };
	struct why why = { 0 };
	bool proves = false;

	if (!feeds_load(path, TRUST_EVIDENCE_MAX, &text))
		(void)why_not(&why, WHY_SYSTEM, "%s", strerror(errno));
	else
		proves = trust_evidence_read(cur_from(text.bytes, text.size), e,
		    &why);
	printf("%s\n", path);
	if (proves)
		print_evidence(e);
	else
		printf("  proves nothing: %s\n", why.text);
	buf_free(&text);
	free(e);
	return proves;
}

/* All of a feed's; how many. */
static size_t
tell_all(const struct config *c, const char *feed)
{
	char *folder = feeds_path(c->place.state, feed, "/evidence");
	DIR *d = opendir(folder);
	const struct dirent *e;
	size_t count = 0;
	char *path;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		path = feeds_path(folder, e->d_name, "");
		count += tell_evidence(path);
		free(path);
	}
	if (d != NULL)
		closedir(d);
	free(folder);
	return count;
}

/* --- the commands --------------------------------------------------------- */

/* The feeds that are named, or all of kind candor. */
static bool
each_feed(const struct config *c, int count, char **word,
    size_t (*run)(const struct config *c, const char *feed), size_t *sum)
{
	struct feeds_list list;
	struct why why = { 0 };
	size_t i;
	int n;

	if (!feeds_read(&c->place, &list, &why)) {
		feeds_free(&list);
		print_why(&why);
		return false;
	}
	for (n = 0; n < count; n++)
		*sum += run(c, word[n]);
	for (i = 0; i < list.count && count == 0; i++)
		if (list.one[i].feed.kind == FEED_CANDOR)
			*sum += run(c, list.one[i].name);
	feeds_free(&list);
	return true;
}

static size_t
show_failed(const struct config *c, const char *feed)
{
	return !show(c, feed);
}

static int
run_show(const struct command *self, int argc, char **argv)
{
	struct config c = defaults;
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	size_t failed = 0;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (!each_feed(&c, argc - rest, argv + rest, show_failed, &failed))
		return EXIT_TROUBLE;
	return failed == 0 ? EXIT_CLEAN : EXIT_TROUBLE;
}

static int
run_evidence(const struct command *self, int argc, char **argv)
{
	struct config c = defaults;
	int rest = 0, i;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	size_t count = 0;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	for (i = rest; i < argc; i++)
		if (strchr(argv[i], '/') != NULL)
			count += tell_evidence(argv[i]);
		else
			count += tell_all(&c, argv[i]);
	if (rest == argc && !each_feed(&c, 0, NULL, tell_all, &count))
		return EXIT_TROUBLE;
	return count == 0 ? EXIT_CLEAN : EXIT_FOUND;
}

const struct command log_show_command = {
	.name = "log show",
	.arguments = "[FEED]...",
	.summary = "Show what the logs of the feeds said when they were "
		   "installed",
	.details = "The lines that begin with compare are the same for "
		   "everybody who was given the same.",
	.option = options,
	.option_count = COUNT(options),
	.run = run_show,
};

const struct command log_evidence_command = {
	.name = "log evidence",
	.arguments = "[FEED|./FILE]...",
	.summary = "Show, and check, what convicts a log or its witnesses",
	.details = "Evidence is kept in the feed's folder when an update meets "
		   "it.  A name with a slash is a file of evidence from "
		   "somebody else.  Exit code: 0 there is none, 1 there is, 2 "
		   "trouble, 64 wrong usage.",
	.option = options,
	.option_count = COUNT(options),
	.run = run_evidence,
};
