/*
 * watch.c - be asked by the kernel before files are opened.  See watch.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/watch.h"

#include <sys/fanotify.h>
#include <sys/utsname.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef FAN_MARK_EVICTABLE
#define FAN_MARK_EVICTABLE 0x00000200 /* linux/fanotify.h, since 5.19 */
#endif

/* What the kernel calls what we watch. */
static uint64_t
mask_of(const struct watch *w)
{
	uint64_t mask = 0;

	if ((w->what & WATCH_OPEN) != 0)
		mask |= w->prevents ? FAN_OPEN_PERM : FAN_OPEN;
	/* To execute is to open: asked about once. */
	else if ((w->what & WATCH_EXEC) != 0)
		mask |= w->prevents ? FAN_OPEN_EXEC_PERM : FAN_OPEN_EXEC;
	if ((w->what & WATCH_WRITE) != 0)
		mask |= FAN_CLOSE_WRITE;
	return mask;
}

/* What an unchanged file is not asked about.  What was written always is. */
static uint64_t
ignored_mask_of(const struct watch *w)
{
	return mask_of(w) & ~(uint64_t)FAN_CLOSE_WRITE;
}

/* Linux 6.13: an event whose file cannot be opened (somebody holds a lease) is
   told, with the error in place of its descriptor.  Before, it vanishes. */
#ifndef FAN_REPORT_FD_ERROR
#define FAN_REPORT_FD_ERROR 0x00002000
#endif

static int
start(unsigned more)
{
	/* O_NOATIME: looking at a file leaves no trace in its times.
	   O_NONBLOCK: the kernel opens the file for us while we read its event,
	   and must not make us wait there, neither for the other end of a FIFO
	   nor for whoever holds a lease. */
	return fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK |
		FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | more,
	    O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NOATIME | O_NONBLOCK);
}

bool
watch_open(struct watch *w, bool prevents, uint32_t what, struct why *why)
{
	*w = (struct watch){
		.prevents = prevents,
		.what = what,
		.is_evictable = true,
	};
	w->fd = start(FAN_REPORT_FD_ERROR);
	if (w->fd == -1 && errno == EINVAL)
		w->fd = start(0);
	if (w->fd == -1)
		return why_not(why, WHY_SYSTEM, "fanotify");
	return true;
}

bool
watch_sees_layers(void)
{
	unsigned major, minor;
	struct utsname u;

	if (uname(&u) == -1 || sscanf(u.release, "%u.%u", &major, &minor) != 2)
		return true;
	return major > 6 || (major == 6 && minor >= 5);
}

void
watch_close(struct watch *w)
{
	if (w->fd != -1)
		(void)close(w->fd);
	w->fd = -1;
}

bool
watch_add(struct watch *w, const char *path, struct why *why)
{
	if (fanotify_mark(w->fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, mask_of(w),
		AT_FDCWD, path) == -1)
		return why_not(why, WHY_SYSTEM, "cannot watch %s", path);
	return true;
}

bool
watch_remove(struct watch *w, const char *path, struct why *why)
{
	if (fanotify_mark(w->fd, FAN_MARK_REMOVE | FAN_MARK_FILESYSTEM,
		mask_of(w), AT_FDCWD, path) == -1)
		return why_not(why, WHY_SYSTEM, "cannot stop to watch %s",
		    path);
	return true;
}

static void
describe(const struct fanotify_event_metadata *m, struct watch_event *out)
{
	*out = (struct watch_event){ .fd = m->fd };
	out->is_lost = m->fd < 0;
	out->must_answer =
	    (m->mask & (FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM)) != 0;
	out->pid = m->pid > 0 ? (uint32_t)m->pid : 0;
	if ((m->mask & (FAN_OPEN_PERM | FAN_OPEN)) != 0)
		out->what |= WATCH_OPEN;
	if ((m->mask & (FAN_OPEN_EXEC_PERM | FAN_OPEN_EXEC)) != 0)
		out->what |= WATCH_EXEC;
	if ((m->mask & FAN_CLOSE_WRITE) != 0)
		out->what |= WATCH_WRITE;
}

size_t
watch_read(struct watch *w, void *buffer, struct watch_event *out, size_t room)
{
	/* Without extra records every event has this one size. */
	const size_t each = FAN_EVENT_METADATA_LEN;
	size_t most = room * each, at, count = 0;
	struct fanotify_event_metadata m;
	ssize_t n;

	n = read(w->fd, buffer, most < WATCH_BUFFER ? most : WATCH_BUFFER);
	for (at = 0; n > 0 && at + each <= (size_t)n; at += each) {
		memcpy(&m, (const uint8_t *)buffer + at, each);
		/* Who asked about what cannot be opened was denied. */
		if (m.vers == FANOTIFY_METADATA_VERSION &&
		    (m.fd >= 0 ||
			(m.mask & (FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM)) == 0))
			describe(&m, &out[count++]);
	}
	return count;
}

void
watch_answer(struct watch *w, int fd, bool may)
{
	struct fanotify_response r = {
		.fd = fd,
		.response = may ? FAN_ALLOW : FAN_DENY,
	};

	/* The kernel compares the number only.  Who waits may be about to ask
	   whether he is the only one who has the file open. */
	(void)close(fd);
	while (write(w->fd, &r, sizeof(r)) == -1 && errno == EINTR)
		continue;
}

/* A lease says whether anybody could write: it is given back at once. */
static bool
is_open_for_writing(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == -1)
		return true;
	(void)fcntl(fd, F_SETLEASE, F_UNLCK);
	return false;
}

static bool
mark(struct watch *w, int fd)
{
	unsigned flags = FAN_MARK_ADD | FAN_MARK_IGNORED_MASK;

	if (w->is_evictable &&
	    fanotify_mark(w->fd, flags | FAN_MARK_EVICTABLE, ignored_mask_of(w),
		fd, NULL) == 0)
		return true;
	if (w->is_evictable && errno == EINVAL)
		w->is_evictable = false;
	if (w->is_evictable)
		return false;
	if (w->pinned >= WATCH_PINNED_MAX)
		watch_forget(w);
	w->pinned++;
	return fanotify_mark(w->fd, flags, ignored_mask_of(w), fd, NULL) == 0;
}

bool
watch_ignore(struct watch *w, int fd)
{
	/* In this order: who opens it for writing later and writes takes the
	   mark off again. */
	if (!mark(w, fd))
		return false;
	if (!is_open_for_writing(fd))
		return true;
	watch_attend(w, fd);
	return false;
}

bool
watch_ignore_special(struct watch *w, int fd)
{
	return fanotify_mark(w->fd,
		   FAN_MARK_ADD | FAN_MARK_IGNORED_MASK |
		       FAN_MARK_IGNORED_SURV_MODIFY,
		   ignored_mask_of(w) | FAN_CLOSE_WRITE, fd, NULL) == 0;
}

void
watch_attend(struct watch *w, int fd)
{
	(void)fanotify_mark(w->fd, FAN_MARK_REMOVE | FAN_MARK_IGNORED_MASK,
	    ignored_mask_of(w), fd, NULL);
}

void
watch_forget(struct watch *w)
{
	(void)fanotify_mark(w->fd, FAN_MARK_FLUSH, 0, AT_FDCWD, "/");
	w->pinned = 0;
}
