/*
 * walk_given.c - what was given by name: resolved as its author means it,
 * links included.
 *
 * As long as the way stays on the mount that "/" or the working folder is on,
 * and that is local, it is gone here; any other is left to the opener.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/walk_parts.h"

#include "sys/filesystem.h"
#include "sys/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define OPEN_AS_SAID (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* Open standard input: as a file where it is one from its beginning. */
static void
take_stdin(struct walk *w, struct walk_entry *out)
{
	struct stat s;

	buf_text(&w->path, "stdin");
	if (w->options.counting || fstat(0, &s) == -1) {
		walk_tell(w, WALK_TROUBLE, errno, out);
		return;
	}
	walk_tell(w, WALK_STREAM, 0, out);
	if (S_ISREG(s.st_mode) && lseek(0, 0, SEEK_CUR) == 0) {
		out->fd = open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC);
		out->outcome = out->fd != -1 ? WALK_FILE : WALK_STREAM;
		out->size = (uint64_t)s.st_size;
	}
	if (out->fd == -1)
		out->fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
	if (out->fd == -1)
		walk_tell(w, WALK_TROUBLE, errno, out);
	else if (S_ISDIR(s.st_mode)) {
		close(out->fd);
		walk_tell(w, WALK_ODD, EISDIR, out);
	}
}

/* --- descriptors of our own ---------------------------------------------- */

/* Does it name something that this process alone has open? */
static bool
is_our_own(const char *path)
{
	static const char *const begin[] = { "/dev/fd/", "/dev/stdin",
		"/proc/self/", "/proc/thread-self/" };
	size_t i;

	for (i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
		if (strncmp(path, begin[i], strlen(begin[i])) == 0)
			return true;
	return false;
}

/* Open a pipe the shell made for <(command). */
static bool
take_pipe(struct walk *w, const char *path, struct walk_entry *out)
{
	int fd = w->options.counting ? -1 : open(path, OPEN_AS_SAID);

	walk_tell(w, fd == -1 ? WALK_TROUBLE : WALK_STREAM, errno, out);
	out->fd = fd;
	return true;
}

/* Open such a path here, whatever it leads to. */
static bool
find_our_own(const char *path, struct opener_found *out, struct why *why)
{
	struct subject s;
	struct place place;

	if (!subject_open_named(path, &s, why))
		return false;
	if (s.kind == SUBJECT_FOLDER)
		s.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*out = (struct opener_found){
		.kind = s.kind,
		.is_local = true,
		.fd = s.fd,
		.stamp = s.stamp,
	};
	if (s.kind == SUBJECT_FOLDER &&
	    (s.fd == -1 || !place_get(s.fd, "", &place, NULL)))
		return why_not(why, WHY_SYSTEM, "%s: cannot open", path);
	if (s.kind == SUBJECT_FOLDER)
		out->mount = place.mount;
	return true;
}

/* --- all others ---------------------------------------------------------- */

/* Is "/" on a local file system?  If it were not and hung, so would we. */
static bool
root_is_local(struct walk *w)
{
	struct statfs s;

	if (w->root == -1)
		w->root = statfs("/", &s) == 0 &&
		    filesystem_is_local((uint64_t)s.f_type);
	return w->root == 1;
}

/* Does the way begin where nothing can hang? */
static bool
begins_local(struct walk *w, const char *path)
{
	struct place root, here;

	if (!root_is_local(w))
		return false;
	return path[0] == '/' ||
	    (place_get(AT_FDCWD, "/", &root, NULL) &&
		place_get(AT_FDCWD, "", &here, NULL) &&
		here.mount == root.mount);
}

/* Find out what is at path and open it. */
static bool
find(struct walk *w, const char *path, struct opener_found *out,
    struct why *why)
{
	struct subject s = { .kind = SUBJECT_BEYOND };
	struct place place;

	if (is_our_own(path))
		return find_our_own(path, out, why);
	if (begins_local(w, path) && !subject_open_inside(path, &s, why))
		return false;
	if (s.kind == SUBJECT_BEYOND)
		return opener_look_as_said(w->options.opener, path, out, why);
	*out = (struct opener_found){
		.kind = s.kind,
		.is_local = true,
		.fd = s.fd,
		.stamp = s.stamp,
	};
	if (s.fd != -1 && place_get(s.fd, "", &place, NULL))
		out->mount = place.mount;
	return true;
}

static void
enter(struct walk *w, const struct opener_found *found)
{
	const struct place place = {
		.device = found->stamp.device,
		.inode = found->stamp.inode,
		.mount = found->mount,
	};

	w->device = place.device;
	while (w->path.size > 1 && w->path.bytes[w->path.size - 1] == '/')
		buf_cut(&w->path, w->path.size - 1);
	walk_folder_push(w, found->fd, &place, !found->is_local);
}

static void
take_file(struct walk *w, const struct opener_found *found,
    struct walk_entry *out)
{
	struct stat now;

	if (w->options.counting) {
		close(found->fd);
		walk_tell(w, WALK_FILE, 0, out);
		out->size = found->stamp.size;
		return;
	}
	if (found->is_local && w->options.is_known != NULL &&
	    fstat(found->fd, &now) == 0 &&
	    walk_item_known(w, found->fd, &now, out)) {
		close(found->fd);
		return;
	}
	walk_tell_found(w, found, out);
}

/* Tell why there is nothing to look at at a path. */
static bool
tell_failure(struct walk *w, int err, struct walk_entry *out)
{
	bool is_absent = err == ENOENT || err == ENOTDIR;

	w->is_stopped = err == ECANCELED;
	walk_tell(w, is_absent ? WALK_ABSENT : WALK_TROUBLE, err, out);
	return !w->is_stopped;
}

/* Is it a pipe among our own descriptors? */
static bool
is_pipe(const char *path)
{
	struct stat s;

	return is_our_own(path) && stat(path, &s) == 0 && S_ISFIFO(s.st_mode);
}

bool
walk_given_next(struct walk *w, struct walk_entry *out)
{
	const char *path = w->given.word[w->given_next++];
	struct opener_found found;
	struct why why = { 0 };

	buf_cut(&w->path, 0);
	if (strcmp(path, "-") == 0) {
		take_stdin(w, out);
		return true;
	}
	buf_text(&w->path, path);
	if (is_pipe(path))
		return take_pipe(w, path, out);
	if (!find(w, path, &found, &why))
		return tell_failure(w, why.err, out);
	if (found.kind == SUBJECT_FOLDER) {
		enter(w, &found);
		return false;
	}
	if (found.kind == SUBJECT_FILE)
		take_file(w, &found, out);
	else
		walk_tell(w, WALK_ODD, 0, out);
	return true;
}
