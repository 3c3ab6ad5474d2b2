/*
 * ban_wanted.c - files that are to be looked into.  The contract is in
 * ban_wanted.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_wanted.h"

#include "cmd/candor/ban_look.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define WANTED_MAX 4096u /* a hostile tree may be full of them */

/* Paths as in names of files, whatever the case of letters. */
static const struct {
	const char *pattern, *name;
	enum reader_what what;
} known[] = {
	{ "/Windows/System32/config/SOFTWARE", "SOFTWARE",
	    READER_HIVE_SOFTWARE },
	{ "/Windows/System32/config/SYSTEM", "SYSTEM", READER_HIVE_SYSTEM },
	{ "/Winnt/System32/config/SOFTWARE", "SOFTWARE", READER_HIVE_SOFTWARE },
	{ "/Winnt/System32/config/SYSTEM", "SYSTEM", READER_HIVE_SYSTEM },
	{ "/Users/*/NTUSER.DAT", "NTUSER.DAT", READER_HIVE_USER },
	{ "/Documents and Settings/*/NTUSER.DAT", "NTUSER.DAT",
	    READER_HIVE_USER },
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

bool
ban_wanted_may_be(const char *name)
{
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (strcasecmp(known[i].name, name) == 0)
			return true;
	return false;
}

void
ban_wanted_see(struct ban_wanted *w, uint32_t part, const char *path)
{
	const struct cur text = cur_from(path, strlen(path));
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (footprint_glob(known[i].pattern, text, '/'))
			break;
	if (i == KNOWN)
		return;
	if (w->count >= WANTED_MAX) {
		w->more++;
		return;
	}
	w->one = buf_grow(w->one, &w->room, w->count + 1, sizeof(*w->one));
	w->one[w->count++] =
	    (struct ban_wanted_one){ buf_copy(path), part, known[i].what };
}

static void
look(const struct ban_wanted_one *one, const struct ban_place *place,
    struct ban_seen *seen)
{
	struct buf name = { 0 };
	struct why why = { 0 };
	int fd;

	ban_place_name(place, one->path + 1, &name);
	if (ban_place_open(place, one->path + 1, &fd, &why)) {
		ban_look_content(fd, one->what, name.bytes, place, seen);
		close(fd);
	} else
		ban_seen_blind(seen, name.bytes, why.text);
	buf_free(&name);
}

void
ban_wanted_look(const struct ban_wanted *w, const struct ban_place *place,
    struct ban_seen *seen)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		if (w->one[i].part == place->part)
			look(&w->one[i], place, seen);
	if (w->more > 0)
		ban_seen_blind(seen, "registries",
		    "there are more than 4096 of them");
}

void
ban_wanted_free(struct ban_wanted *w)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		free(w->one[i].path);
	free(w->one);
	*w = (struct ban_wanted){ 0 };
}
