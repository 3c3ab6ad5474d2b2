/*
 * cmd_update.c - candor update: bring the feeds of this machine up to date.
 *
 * It speaks with nobody and parses nothing itself: candor-fetch does the one,
 * candor-verify and candor-compile, caged, the other, and candor-install
 * writes (docs/update.md).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/print.h"
#include "cmd/candor/update.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct config {
	struct feeds place;
	const char *from;
	uint64_t clock, patience; /* seconds, milliseconds */
	bool wants_delta;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "from", 0, OPTION_WORD, FIELD(from), "MIRROR", NULL, 0, 0,
	    "from here and nowhere else: http://..., https://..., a folder, or "
	    "a bundle (a tar archive)" },
	{ "delta", 0, OPTION_FLAG, FIELD(wants_delta), NULL, NULL, 0, 0,
	    "ask for differences: less to load, but the mirror sees what this "
	    "machine has" },
	{ "patience", 0, OPTION_SECONDS, FIELD(patience), "SECONDS", NULL, 0, 0,
	    "leave a mirror that is silent for so long (30)" },
	{ "clock", 0, OPTION_COUNT, FIELD(clock), "SECONDS", NULL, 1, INT64_MAX,
	    "judge by this time (since 1970), not the clock's" },
	{ "settings", 0, OPTION_WORD, FIELD(place.settings), "FOLDER", NULL, 0,
	    0, "where feeds are set up (default: " FEEDS_SETTINGS ")" },
	{ "state", 0, OPTION_WORD, FIELD(place.state), "FOLDER", NULL, 0, 0,
	    "where they are installed (default: " FEED_STATE ")" },
};

static bool
is_wanted(const char *name, char **word, int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (strcmp(word[i], name) == 0)
			return true;
	return count == 0;
}

static enum update_end
update_all(struct update *u, const struct feeds_list *list, char **word,
    int count)
{
	static enum update_end (*const run[FEED_KINDS])(struct update * u,
	    const struct feeds_one *feed) = { update_candor, update_clamav,
		update_rules };
	enum update_end worst = UPDATE_FINE, end;
	size_t i, done = 0;

	for (i = 0; i < list->count; i++) {
		const struct feeds_one *feed = &list->one[i];

		if (!is_wanted(feed->name, word, count))
			continue;
		end = run[feed->feed.kind](u, feed);
		worst = end > worst ? end : worst;
		done++;
	}
	if (done > 0 && done >= (size_t)count)
		return worst;
	fputs(list->count == 0
		? "candor: no feed is set up: see candor feed add --help\n"
		: "candor: there is no such feed: see candor feed list\n",
	    stderr);
	return UPDATE_TROUBLE;
}

static int
cmd_update_run(const struct command *self, int argc, char **argv)
{
	struct config c = { .place = { FEEDS_SETTINGS, FEED_STATE },
		.patience = 30000 };
	struct feeds_list list = { 0 };
	struct why why = { 0 };
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	enum update_end worst = UPDATE_TROUBLE;
	struct update u;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (c.from != NULL && !feed_mirror_is_good(c.from) &&
	    strstr(c.from, "://") != NULL)
		return options_complain(self, "--from: not a mirror");
	(void)signal(SIGPIPE, SIG_IGN);
	u = (struct update){
		.place = &c.place,
		.from = c.from,
		.time = feed_time_of(c.clock),
		.quiet_ms = c.patience,
		.wants_delta = c.wants_delta,
	};
	if (feeds_read(&c.place, &list, &why))
		worst = update_all(&u, &list, argv + rest, argc - rest);
	else
		print_why(&why);
	if (u.is_new)
		update_tell_daemon();
	feeds_free(&list);
	return worst == UPDATE_FINE   ? EXIT_CLEAN
	    : worst == UPDATE_TROUBLE ? EXIT_TROUBLE
				      : EXIT_FOUND;
}

const struct command update_command = {
	.name = "update",
	.arguments = "[FEED...]",
	.summary = "Bring the feeds of this machine up to date",
	.details = "Nothing that is loaded is ever executed, and nothing of "
		   "this machine is told to anybody.  Exit code: 0 up to date, "
		   "1 something wants attention (candor status tells what), 2 "
		   "trouble, 64 wrong usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = cmd_update_run,
};
