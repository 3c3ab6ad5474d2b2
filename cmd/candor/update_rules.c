/*
 * update_rules.c - bring a feed that is a folder of signatures up to date.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/update.h"

#include "cmd/candor/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What is in the folder now becomes current. */
static bool
install(struct installing *i, const struct feeds_one *feed,
    const struct update_made *made, struct why *why)
{
	return installing_begin(i, why) &&
	    update_put_made(i, feed, made, why) &&
	    installing_bytes(i, STORE_NEW, "state", FEEDS_STATE_RULES,
		strlen(FEEDS_STATE_RULES), why) &&
	    installing_try(i, why) && installing_commit(i, made->id, why);
}

static enum update_end
take(struct update *u, struct installing *i, const struct feeds_one *feed,
    const char *folder)
{
	struct update_made made = { .database_fd = -1, .texts_fd = -1 };
	struct inputs in = { 0 };
	struct why why = { 0 };
	char used[65];
	bool is_made, is_fine;

	is_made =
	    inputs_add(&in, folder, &why) && update_compile(&in, &made, &why);
	inputs_close(&in);
	feeds_current(u->place, feed->name, used);
	is_fine = is_made;
	if (is_made && strcmp(used, made.id) != 0) {
		is_fine = install(i, feed, &made, &why);
		u->is_new |= is_fine;
		if (is_fine)
			printf("%s: %s installed, %" PRIu64 " signature%s\n",
			    feed->name, made.id, made.signatures,
			    human_s(made.signatures));
	} else if (is_made) {
		printf("%s: nothing new\n", feed->name);
	}
	update_made_close(&made);
	if (!is_fine)
		return update_fail(i, feed, folder,
		    why.kind == WHY_FORGED ? "NOT-USED" : "INCOMPLETE", &why);
	if (update_remember(i, "OK", NULL, "", &why))
		return UPDATE_FINE;
	update_complain(feed, NULL, &why);
	return UPDATE_TROUBLE;
}

enum update_end
update_rules(struct update *u, const struct feeds_one *feed)
{
	enum update_end end = UPDATE_TROUBLE;
	const char *folder = update_mirror(u, feed, 0);
	struct installing i;
	struct why why = { 0 };

	if (folder == NULL || folder[0] != '/')
		why_not(&why, WHY_BROKEN,
		    "a feed of kind rules is a folder: name its path");
	else if (installing_open(&i, u->place, feed->name, &why)) {
		end = take(u, &i, feed, folder);
		installing_close(&i);
		return end;
	}
	update_complain(feed, folder, &why);
	return end;
}
