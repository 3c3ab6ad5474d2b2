/*
 * feeds.c - the feeds of this machine.  See feeds.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/feeds.h"

#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *
feeds_path(const char *folder, const char *name, const char *end)
{
	struct buf path = { 0 };

	buf_text(&path, folder);
	buf_text(&path, "/");
	buf_text(&path, name);
	buf_text(&path, end);
	return path.bytes;
}

bool
feeds_make_folders(const char *path)
{
	char *part = buf_copy(path), *slash = part;
	bool is_there;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		(void)mkdir(part, 0755);
		*slash = '/';
	}
	is_there = mkdir(part, 0755) == 0 || errno == EEXIST;
	free(part);
	return is_there;
}

bool
feeds_load(const char *path, size_t most, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *piece = buf_alloc(1, most + 1);
	ssize_t n = fd == -1 ? -1 : whole_read(fd, piece, most + 1);

	if (n > 0 && (size_t)n <= most)
		buf_add(out, piece, (size_t)n);
	if (n > 0 && (size_t)n > most) {
		errno = EFBIG;
		n = -1;
	}
	free(piece);
	if (fd != -1)
		close(fd);
	return n >= 0;
}

/* Read FOLDER/NAME.conf. */
static bool
read_one(const char *path, struct feeds_list *l, struct why *why)
{
	const char *slash = strrchr(path, '/');
	size_t len = strlen(slash + 1) - strlen(".conf");
	struct feeds_one *one;
	struct buf file = { 0 };
	struct why inner;
	bool is_good;

	l->one = buf_grow(l->one, &l->room, l->count + 1, sizeof(*l->one));
	one = &l->one[l->count];
	snprintf(one->name, sizeof(one->name), "%.*s", (int)len, slash + 1);
	if (len > FEED_NAME_MAX || !feed_name_is_good(one->name))
		return why_not(why, WHY_BROKEN,
		    "%.150s: not a name for a feed: a-z, 0-9, . _ -", path);
	if (!feeds_load(path, FEED_FILE_MAX, &file))
		return why_not(why, WHY_SYSTEM, "%.150s", path);
	is_good =
	    feed_file_read(cur_from(file.bytes, file.size), &one->feed, &inner);
	buf_free(&file);
	if (!is_good)
		return why_not(why, inner.kind, "%.150s: %.80s", path,
		    inner.text);
	l->count++;
	return true;
}

bool
feeds_read(const struct feeds *f, struct feeds_list *out, struct why *why)
{
	char *pattern = feeds_path(f->settings, "*", ".conf");
	bool is_fine = true;
	glob_t found;
	size_t i;

	*out = (struct feeds_list){ 0 };
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (i = 0; i < found.gl_pathc && is_fine; i++)
			is_fine = read_one(found.gl_pathv[i], out, why);
		globfree(&found);
	}
	free(pattern);
	return is_fine;
}

void
feeds_free(struct feeds_list *l)
{
	free(l->one);
	*l = (struct feeds_list){ 0 };
}

void
feeds_current(const struct feeds *f, const char *name, char out[65])
{
	char *path = feeds_path(f->state, name, "/current");
	ssize_t n = readlink(path, out, 64);

	out[n > 0 ? n : 0] = '\0';
	free(path);
}

const char *
feeds_trust(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *text = "no proof of publication";
	struct buf name = { 0 }, state = { 0 };

	buf_add(&name, path, slash != NULL ? (size_t)(slash - path) : 0);
	buf_text(&name, "/state");
	if (!feeds_load(name.bytes, FEED_FILE_MAX, &state) || state.size == 0)
		text = "origin not known";
	else if (strncmp(state.bytes, FEEDS_STATE_CLAMAV,
		     strlen(FEEDS_STATE_CLAMAV)) == 0)
		text = "signed by one party, in no public log";
	else if (strncmp(state.bytes, FEEDS_STATE_RULES,
		     strlen(FEEDS_STATE_RULES)) == 0)
		text = "signed by nobody";
	else
		text = "published in a witnessed log";
	buf_free(&name);
	buf_free(&state);
	return text;
}
