/*
 * guard_marks.c - what is watched.  See guard.h.
 *
 * Whole file systems, so that no bind mount, mount namespace or chroot is a
 * way around.
 *
 * While an event is read the kernel opens its file for us, in the thread that
 * must answer everybody.  So nothing is watched where that could wait for
 * somebody: not what the network or a FUSE process answers, named or not, and
 * not what opens other files in turn that are watched themselves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/guard.h"

#include <sys/stat.h>

#include <string.h>

/* Is path at, or below, one of the paths of the configuration? */
static bool
is_named(const struct guard *g, const char *path)
{
	const struct config_value *v = &g->config->value[KEY_GUARD_MOUNTS];
	size_t i, n;

	for (i = 0; i < v->count; i++) {
		n = strlen(v->word[i]);
		if (strcmp(v->word[i], path) == 0)
			return true;
		if (strncmp(v->word[i], path, n) == 0 &&
		    (n == 1 || path[n] == '/'))
			return true;
	}
	return false;
}

/* Does its path lead there, and may it be walked?  What is marked is what the
   path leads to. */
static bool
has_way(const struct guard *g, const struct mounted *m)
{
	return mounts_is_reachable(&g->mounts, m) &&
	    mounts_is_visible(&g->mounts, m);
}

static bool
is_watchable(const struct mounted *m)
{
	return m->sort == FILESYSTEM_LOCAL ||
	    (m->sort == FILESYSTEM_LAYERS && !watch_sees_layers());
}

static bool
may_be_watched(const struct guard *g, const struct mounted *m)
{
	return is_watchable(m) && has_way(g, m);
}

static bool
has_device(const uint64_t *list, size_t count, uint64_t device)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i] == device)
			return true;
	return false;
}

const char *
guard_why_not(const struct guard *g, const struct mounted *m)
{
	if (m->sort == FILESYSTEM_KERNEL)
		return "the kernel shows itself in it";
	if (m->sort == FILESYSTEM_TRIGGER)
		return "who touches it makes others mount something";
	if (!is_named(g, m->path))
		return "not below [guard] mounts";
	if (m->sort == FILESYSTEM_LAYERS && watch_sees_layers())
		return "its layers are";
	if (is_watchable(m) && !mounts_is_visible(&g->mounts, m) &&
	    !has_device(g->marked, g->marks, m->device))
		return "something else is mounted over it";
	if (!is_watchable(m) || !mounts_is_reachable(&g->mounts, m))
		return "opening a file of it may wait for others";
	if (g->watch.fd == -1 || !has_device(g->marked, g->marks, m->device))
		return "the kernel does not let us";
	return NULL;
}

/* Somebody named just this one: it is not watched, and that is said. */
static void
say_left_out(struct guard *g, const struct mounted *m)
{
	const struct config_value *v = &g->config->value[KEY_GUARD_MOUNTS];
	size_t i;

	for (i = 0; i < v->count && g->tells_left_out; i++)
		if (strcmp(v->word[i], m->path) == 0)
			post_note(g->post, EVENT_NOTE, EVENT_WARNING,
			    "%s (%s): not watched: %s", m->path, m->type,
			    guard_why_not(g, m));
}

/* Watch one, and say so if it was not watched before. */
static void
add(struct guard *g, const struct mounted *m, uint64_t *now, size_t *count)
{
	struct why why = { 0 };

	if (has_device(now, *count, m->device))
		return;
	if (*count == GUARD_MARKS) {
		post_note(g->post, EVENT_NOTE, EVENT_WARNING,
		    "%s: too many file systems: not watched", m->path);
		return;
	}
	if (!watch_add(&g->watch, m->path, &why)) {
		if (!has_device(g->marked, g->marks, m->device))
			post_note(g->post, EVENT_NOTE, EVENT_WARNING,
			    "%s (%s): %s", why.text, m->type,
			    strerror(why.err));
		return;
	}
	now[(*count)++] = m->device;
	if (!has_device(g->marked, g->marks, m->device))
		post_note(g->post, EVENT_NOTE, EVENT_INFO, "watching %s (%s)",
		    m->path, m->type);
}

/* Its mark stays where it is, although no way leads there any more: files of it
   are open, or seen in other mount namespaces. */
static void
keep(const struct mounted *m, uint64_t *now, size_t *count)
{
	if (*count < GUARD_MARKS && !has_device(now, *count, m->device))
		now[(*count)++] = m->device;
}

static void
consider(struct guard *g, const struct mounted *m, uint64_t *now, size_t *count)
{
	if (m->sort == FILESYSTEM_KERNEL || m->sort == FILESYSTEM_TRIGGER ||
	    !is_named(g, m->path))
		return;
	if (may_be_watched(g, m))
		add(g, m, now, count);
	else if (is_watchable(m) && has_device(g->marked, g->marks, m->device))
		keep(m, now, count);
	else
		say_left_out(g, m);
}

void
guard_mark(struct guard *g)
{
	uint64_t now[GUARD_MARKS];
	struct why why = { 0 };
	size_t count = 0, i;

	if (g->watch.fd == -1 || !mounts_read(&g->mounts, &why))
		return;
	for (i = 0; i < g->mounts.count; i++)
		consider(g, &g->mounts.one[i], now, &count);
	/* What was watched and is no longer wanted, but still there. */
	for (i = 0; i < g->mounts.count; i++) {
		const struct mounted *m = &g->mounts.one[i];

		if (has_device(g->marked, g->marks, m->device) &&
		    !has_device(now, count, m->device) && has_way(g, m))
			(void)watch_remove(&g->watch, m->path, &why);
	}
	if (g->mounts.more > 0)
		post_note(g->post, EVENT_NOTE, EVENT_WARNING,
		    "%zu mounts are too many: not watched", g->mounts.more);
	memcpy(g->marked, now, count * sizeof(now[0]));
	g->marks = count;
	g->tells_left_out = false;
	post_metric(g->post, METRIC_GUARD_MARKS, count);
}

void
guard_note_lasting(struct guard *g)
{
	struct stat st;
	size_t i;

	g->lasts = 0;
	for (i = 0; i < g->mounts.count && g->lasts < GUARD_MARKS; i++) {
		const struct mounted *m = &g->mounts.one[i];

		/* Not m->device: btrfs tells another of each subvolume. */
		if (has_device(g->marked, g->marks, m->device) &&
		    may_be_watched(g, m) && stat(m->path, &st) == 0 &&
		    !has_device(g->lasting, g->lasts, st.st_dev))
			g->lasting[g->lasts++] = st.st_dev;
	}
}

bool
guard_is_lasting(const struct guard *g, uint64_t device)
{
	return has_device(g->lasting, g->lasts, device);
}
