/*
 * ban_wanted.c - files that are to be looked into.  The contract is in
 * ban_wanted.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_wanted.h"

#include "cmd/candor/ban_file.h"
#include "cmd/candor/ban_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* A reader that was taken over by one could lie about the next. */
#define READER_FILES 64u

#define WANTED_MAX 200000u /* a hostile tree may be full of them */

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

/* How names of what installs something, or is installed, end. */
static const char *const ending[] = { ".exe", ".msi", ".msp", ".apk", ".apks",
	".xapk", ".aab", ".deb", ".rpm", ".pkg" };

static bool
is_installer(const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t i;

	for (i = 0; dot != NULL && i < sizeof(ending) / sizeof(ending[0]); i++)
		if (strcasecmp(dot, ending[i]) == 0)
			return true;
	return false;
}

bool
ban_wanted_may_be(const struct ban_wanted *w, const char *name)
{
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (strcasecmp(known[i].name, name) == 0)
			return true;
	return w->is_every || (w->set != NULL && is_installer(name));
}

static void
note_sign(void *self, const struct footprint_sign *sign)
{
	bool *is_sign = self;

	*is_sign = *is_sign || sign->state != FOOTPRINT_MENTION;
}

/* Windows brings thousands of programs of its own along. */
static bool
is_system(struct cur path)
{
	static const char folder[] = "/windows/";
	size_t n = sizeof(folder) - 1;

	return path.size > n &&
	    strncasecmp((const char *)path.base, folder, n) == 0;
}

/* Is it to be looked into for what it says of itself? */
static bool
has_contents(const struct ban_wanted *w, struct cur path, bool *is_deep)
{
	const char *name = strrchr((const char *)path.base, '/');

	*is_deep = w->is_every;
	if (w->set == NULL)
		return false;
	footprint_match_path(w->set, path, note_sign, is_deep);
	return *is_deep ||
	    (is_installer(name != NULL ? name : "") && !is_system(path));
}

static void
keep(struct ban_wanted *w, const struct ban_wanted_one *one, const char *path)
{
	if (w->count >= WANTED_MAX) {
		w->more++;
		return;
	}
	w->one = buf_grow(w->one, &w->room, w->count + 1, sizeof(*w->one));
	w->one[w->count] = *one;
	w->one[w->count++].path = buf_copy(path);
}

void
ban_wanted_see(struct ban_wanted *w, uint32_t part, const char *path)
{
	const struct cur text = cur_from(path, strlen(path));
	struct ban_wanted_one one = { NULL, part, READER_CONTENTS, false };
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (footprint_glob(known[i].pattern, text, '/'))
			break;
	if (i < KNOWN)
		one.what = known[i].what;
	else if (!has_contents(w, text, &one.is_deep))
		return;
	keep(w, &one, path);
}

/* Files of one place, while they are looked into, by one reader. */
struct looking {
	const struct ban_place *place;
	struct ban_seen *seen;
	struct reader *reader;
	char *strings;  /* to look for; owned */
	unsigned files; /* that reader has looked into */
};

static void
look(struct looking *l, const struct ban_wanted_one *one)
{
	struct buf name = { 0 };
	struct why why = { 0 };
	int fd;

	ban_place_name(l->place, one->path + 1, &name);
	if (!ban_place_open(l->place, one->path + 1, &fd, &why)) {
		ban_seen_blind(l->seen, name.bytes, why.text);
		buf_free(&name);
		return;
	}
	if (one->what != READER_CONTENTS)
		ban_look_registry(fd, one->what, one->path + 1, l->place,
		    l->seen);
	else {
		if (l->files++ % READER_FILES == 0)
			reader_end(l->reader);
		ban_look_file(l->reader, fd, one->is_deep ? l->strings : "",
		    one->path, name.bytes, l->seen);
		ban_seen_count(l->seen, "contents", 1);
	}
	close(fd);
	buf_free(&name);
}

void
ban_wanted_look(const struct ban_wanted *w, const struct ban_place *place,
    struct ban_seen *seen)
{
	struct looking l = { place, seen, buf_alloc(1, sizeof(struct reader)),
		ban_file_strings(seen->set), 0 };
	char why[80];
	size_t i;

	reader_init(l.reader);
	for (i = 0; i < w->count; i++)
		if (w->one[i].part == place->part)
			look(&l, &w->one[i]);
	snprintf(why, sizeof(why), "%llu more files than are looked into",
	    (unsigned long long)w->more);
	if (w->more > 0)
		ban_seen_blind(seen, "contents of files", why);
	reader_end(l.reader);
	free(l.reader);
	free(l.strings);
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
