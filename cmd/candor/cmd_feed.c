/*
 * cmd_feed.c - candor feed: which feeds this machine takes, and from where.
 *
 * A feed is a name, a kind, mirrors and, for Candor's own kind, the root note
 * that says whom to trust at first.  Changing publishers is: feed add, update,
 * feed remove.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/feed_status.h"
#include "cmd/candor/feeds.h"
#include "cmd/candor/outfile.h"
#include "cmd/candor/print.h"
#include "lib/base/hex.h"
#include "lib/crypto/digest.h"
#include "lib/trust/root.h"
#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct config {
	struct feeds place;
	const char *root, *root_hash, *proxy;
	unsigned kind; /* enum feed_kind */
	bool wants_delta, keep, json;
	uint64_t clock;
};

#define FIELD(name) offsetof(struct config, name)

#define PLACE_OPTIONS                                                          \
	{ "settings", 0, OPTION_WORD, FIELD(place.settings), "FOLDER", NULL,   \
		0, 0,                                                          \
		"where feeds are set up (default: " FEEDS_SETTINGS ")" },      \
	{                                                                      \
		"state", 0, OPTION_WORD, FIELD(place.state), "FOLDER", NULL,   \
		    0, 0, "where they are installed (default: " FEED_STATE ")" \
	}

static const struct option_row add_options[] = {
	{ "kind", 0, OPTION_CHOICE, FIELD(kind), "KIND", "candor|clamav|rules",
	    0, 0,
	    "candor: published in a witnessed log (default); clamav: ClamAV "
	    "databases, from a private mirror or freshclam's folder; rules: a "
	    "folder of signatures" },
	{ "root", 0, OPTION_WORD, FIELD(root), "FILE", NULL, 0, 0,
	    "the feed's first root note: whom to trust (kind candor)" },
	{ "root-hash", 0, OPTION_WORD, FIELD(root_hash), "HEX", NULL, 0, 0,
	    "the SHA-256 it must have, as its publisher prints it" },
	{ "proxy", 0, OPTION_WORD, FIELD(proxy), "URL", NULL, 0, 0,
	    "http://HOST:PORT or socks5h://HOST:PORT" },
	{ "delta", 0, OPTION_FLAG, FIELD(wants_delta), NULL, NULL, 0, 0,
	    "ask for differences: less to load, but the mirror sees what this "
	    "machine has" },
	PLACE_OPTIONS,
};
static const struct option_row remove_options[] = {
	{ "keep", 0, OPTION_FLAG, FIELD(keep), NULL, NULL, 0, 0,
	    "keep what is installed" },
	PLACE_OPTIONS,
};
static const struct option_row list_options[] = {
	{ "json", 0, OPTION_FLAG, FIELD(json), NULL, NULL, 0, 0,
	    "print JSON, one object a feed" },
	{ "clock", 0, OPTION_COUNT, FIELD(clock), "SECONDS", NULL, 1, INT64_MAX,
	    "judge by this time (since 1970), not the clock's" },
	PLACE_OPTIONS,
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct config defaults = {
	.place = { FEEDS_SETTINGS, FEED_STATE },
};

/* --- add ------------------------------------------------------------------ */

/* Is it a root note, and the one that was meant? */
static bool
check_root(const struct config *c, const struct buf *file, struct why *why)
{
	struct trust_root *root = buf_alloc(1, sizeof(*root));
	uint8_t hash[DIGEST_SIZE_MAX];
	char text[65];
	struct note note;
	bool is_good;

	digest_of(DIGEST_SHA256, file->bytes, file->size, hash);
	hex_write(hash, 32, text);
	is_good = note_read(cur_from(file->bytes, file->size), &note, why) &&
	    trust_root_read(note.text, root, why) &&
	    trust_role_signed(&root->root, &note, why);
	if (is_good && c->root_hash != NULL && strcmp(c->root_hash, text) != 0)
		is_good = why_not(why, WHY_FORGED, "its SHA-256 is %s", text);
	if (is_good)
		printf(
		    "root %llu of %s\n"
		    "SHA-256   %s\n"
		    "Releases  %llu of %zu signers, who each made them again "
		    "from source\n"
		    "Log       %zu cosigners; up to %d of them may lie\n",
		    (unsigned long long)root->version, root->feed, text,
		    (unsigned long long)root->release.threshold,
		    root->release.count, root->policy.witness_count,
		    trust_policy_tolerates(&root->policy));
	free(root);
	return is_good;
}

static bool
write_file(const char *path, const void *bytes, size_t size, struct why *why)
{
	struct outfile out;
	bool is_done;

	if (!outfile_open(AT_FDCWD, path, 0644, &out, why))
		return false;
	is_done = whole_write(out.fd, bytes, size) ||
	    why_not(why, WHY_SYSTEM, "%.150s", path);
	is_done = is_done && outfile_commit(&out, true, why);
	outfile_close(&out);
	return is_done;
}

/* What is to be written; nothing is, before all of it was found good. */
struct addition {
	struct buf root, settings;
};

static bool
load_root(const struct config *c, struct buf *out, struct why *why)
{
	struct why inner = { 0 };

	if (c->root == NULL)
		return true;
	if (!feeds_load(c->root, NOTE_MAX, out))
		return why_not(why, WHY_SYSTEM, "%.150s", c->root);
	return check_root(c, out, &inner) ||
	    why_not(why, inner.kind, "%.120s: %.110s", c->root, inner.text);
}

static bool
make_settings(const struct config *c, char **mirror, int count, struct buf *out,
    struct why *why)
{
	struct feed *feed = buf_alloc(1, sizeof(*feed));
	bool is_good;
	int i;

	buf_text(out, "# Made by candor feed add; see candor-update(1).\n");
	buf_text(out, "kind = ");
	buf_text(out, feed_kind_text((enum feed_kind)c->kind));
	for (i = 0; i < count; i++) {
		buf_text(out, "\nmirror = ");
		buf_text(out, mirror[i]);
	}
	if (c->proxy != NULL) {
		buf_text(out, "\nproxy = ");
		buf_text(out, c->proxy);
	}
	buf_text(out, c->wants_delta ? "\ndelta = yes\n" : "\n");
	is_good = feed_file_read(cur_from(out->bytes, out->size), feed, why) ||
	    why_not(why, WHY_BROKEN,
		"a mirror is http://HOST/..., https://HOST/... or the path "
		"of a folder, without user names; a proxy as --help says");
	free(feed);
	return is_good;
}

/* The settings last: they make it a feed. */
static bool
write_addition(const struct addition *a, const char *root, const char *conf,
    struct why *why)
{
	if (a->root.size > 0 &&
	    !write_file(root, a->root.bytes, a->root.size, why))
		return false;
	if (write_file(conf, a->settings.bytes, a->settings.size, why))
		return true;
	if (a->root.size > 0)
		(void)unlink(root);
	return false;
}

/* Whom to trust for a name is decided once: never replaced in passing. */
static bool
add_feed(const struct config *c, const char *name, char **mirror, int count,
    struct why *why)
{
	char *conf = feeds_path(c->place.settings, name, ".conf");
	char *root = feeds_path(c->place.settings, name, ".root");
	struct addition a = { 0 };
	struct stat s;
	bool is_done = true;

	if (lstat(conf, &s) == 0)
		is_done = why_not(why, WHY_BROKEN,
		    "there is a feed %.64s already: candor feed remove takes "
		    "it away",
		    name);
	is_done = is_done &&
	    make_settings(c, mirror, count, &a.settings, why) &&
	    load_root(c, &a.root, why);
	if (is_done) {
		(void)feeds_make_folders(c->place.settings);
		is_done = write_addition(&a, root, conf, why);
	}
	buf_free(&a.root);
	buf_free(&a.settings);
	free(conf);
	free(root);
	return is_done;
}

static int
run_add(const struct command *self, int argc, char **argv)
{
	struct config c = defaults;
	struct why why = { 0 };
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	const char *name = argv[rest];

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (argc - rest < 2)
		return options_complain(self, "a name and a mirror, please");
	if (!feed_name_is_good(name))
		return options_complain(self,
		    "a name is of a-z, 0-9, . _ and -");
	if ((c.kind == FEED_CANDOR) != (c.root != NULL))
		return options_complain(self,
		    "--root FILE belongs to kind candor, which needs it");
	if (!add_feed(&c, name, argv + rest + 1, argc - rest - 1, &why)) {
		print_why(&why);
		return EXIT_TROUBLE;
	}
	printf("Feed %s is set up; candor update gets it.\n", name);
	return EXIT_CLEAN;
}

/* --- remove --------------------------------------------------------------- */

static int
remove_one(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s;
	(void)type;
	(void)f;
	return remove(path);
}

static int
run_remove(const struct command *self, int argc, char **argv)
{
	struct config c = defaults;
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	char *conf, *root, *state;
	bool is_gone;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (argc - rest != 1 || !feed_name_is_good(argv[rest]))
		return options_complain(self, "one name of a feed, please");
	conf = feeds_path(c.place.settings, argv[rest], ".conf");
	root = feeds_path(c.place.settings, argv[rest], ".root");
	state = feeds_path(c.place.state, argv[rest], "");
	is_gone = unlink(conf) == 0;
	if (!is_gone)
		fprintf(stderr, "candor: %s: %s\n", conf, strerror(errno));
	if (is_gone && unlink(root) == -1 && errno != ENOENT)
		fprintf(stderr, "candor: %s: %s\n", root, strerror(errno));
	if (is_gone && !c.keep && access(state, F_OK) == 0 &&
	    nftw(state, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0) {
		fprintf(stderr, "candor: %s: %s\n", state, strerror(errno));
		is_gone = false;
	}
	free(conf);
	free(root);
	free(state);
	return is_gone ? EXIT_CLEAN : EXIT_TROUBLE;
}

/* --- list ----------------------------------------------------------------- */

static int
run_list(const struct command *self, int argc, char **argv)
{
	struct config c = defaults;
	struct why why = { 0 };
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	struct feed_time t;
	bool is_well = true;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest != argc)
		return options_complain(self, "no arguments are expected");
	t = feed_time_of(c.clock);
	if (!feed_status_print(&c.place, &t,
		c.json ? FEED_STATUS_JSON_LINES : FEED_STATUS_TEXT, &is_well,
		&why)) {
		print_why(&why);
		return EXIT_TROUBLE;
	}
	return is_well ? EXIT_CLEAN : EXIT_FOUND;
}

const struct command feed_add_command = {
	.name = "feed add",
	.arguments = "NAME MIRROR...",
	.summary = "Take a feed of databases from mirrors",
	.details = "Mirrors are tried in the order given.  Nothing is loaded "
		   "yet: candor update does that.  A name that is in use is "
		   "refused: candor feed remove first.",
	.option = add_options,
	.option_count = COUNT(add_options),
	.run = run_add,
};

const struct command feed_remove_command = {
	.name = "feed remove",
	.arguments = "NAME",
	.summary = "Take a feed no more, and remove what it installed",
	.option = remove_options,
	.option_count = COUNT(remove_options),
	.run = run_remove,
};

const struct command feed_list_command = {
	.name = "feed list",
	.arguments = "",
	.summary = "List feeds, their state, and how far to trust them",
	.details = "Exit code: 0 all is well, 1 a feed wants attention, 2 "
		   "trouble, 64 wrong usage.",
	.option = list_options,
	.option_count = COUNT(list_options),
	.run = run_list,
};
