/*
 * proc/walker - find the files below a path and hand them over.       AMBER
 *
 * Holds:     its user's rights to names and files; a socket to its owner.
 * Hears:     WALK with a path, STOP, from its owner only.
 * Says:      names, and files opened for reading; what it could not open.
 * If owned:  nothing an enemy chose is read here but names.  It could hand out
 *            what its user may read.
 *
 * The opener does what may hang (proc/opener/opener.h); a file system that
 * does not answer costs its files, not the walk.  It opens as the client who
 * asked, if that is known: as root it becomes him, else it opens what both may
 * read.
 *
 * Within a folder files come first, then folders, each in the order in which
 * the file system lists them.  (clamd sorts them by inode; no client can count
 * on either.)  Links below the path are not followed, and file systems in
 * which the kernel shows itself are left out.
 *
 * candor-walker: descriptor 3 is the socket.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/opener/opener.h"
#include "proc/walker/protocol.h"
#include "sys/channel.h"
#include "sys/filesystem.h"
#include "sys/listen.h"
#include "sys/spawn.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX    1024u
#define ASKER_GROUPS 8192u

/* Names of one folder, one after the other with their NULs. */
struct names {
	char *text;
	size_t size, room;
	size_t at; /* the next to be walked */
};

/* A folder on the way down, with the folders in it still to be walked. */
struct folder {
	struct opener_place at;
	size_t path_size; /* of its own path */
	struct names folders;
};

/* Whose rights count. */
struct asker {
	bool is_other; /* than root and ourselves */
	struct listen_peer peer;
	gid_t group[ASKER_GROUPS];
	size_t group_count;
};

struct walker {
	struct opener *opener; /* or NULL */
	struct asker asker;    /* for whom it opens */
	struct folder stack[DEPTH_MAX];
	size_t depth, depth_max;
	char path[WALKER_PATH + 1];
	size_t path_size;
	bool is_stopped;
	uint8_t record[WALKER_RECORD];
};

static bool
names_add(struct names *n, const char *name)
{
	size_t size = strlen(name) + 1;

	if (n->room - n->size < size) {
		size_t room = (n->room + size) * 2 + 1024;
		char *text = realloc(n->text, room);

		if (text == NULL)
			return false;
		n->text = text;
		n->room = room;
	}
	memcpy(n->text + n->size, name, size);
	n->size += size;
	return true;
}

static const char *
names_next(struct names *n)
{
	const char *name = n->text + n->at;

	if (n->at >= n->size)
		return NULL;
	n->at += strlen(name) + 1;
	return name;
}

static void
names_free(struct names *n)
{
	free(n->text);
	memset(n, 0, sizeof(*n));
}

/* --- saying -------------------------------------------------------------- */

/* The owner is gone: so is this process. */
static void
say(struct walker *w, const struct walker_message *m, int fd)
{
	size_t size = walker_put(m, w->record);

	if (size == 0 ||
	    channel_send(SPAWN_CHANNEL, w->record, size, fd) != CHANNEL_DONE)
		_exit(0);
}

static void
say_gap(struct walker *w, enum walker_gap what, int err)
{
	const struct walker_message m = { .kind = WALKER_GAP,
		.what = what,
		.err = (uint32_t)err,
		.path = cur_from(w->path, w->path_size) };

	say(w, &m, -1);
}

static void
say_file(struct walker *w, const struct opener_found *found)
{
	const struct walker_message m = { .kind = WALKER_FILE,
		.size = found->stamp.size,
		.path = cur_from(w->path, w->path_size) };
	const struct opener_place at = { found->fd, found->mount };
	struct subject_stamp stamp;
	struct why why = { 0 };

	if (found->is_local) {
		say(w, &m, found->fd);
		return;
	}
	for (;;) {
		if (opener_give(w->opener, at, SPAWN_CHANNEL,
			cur_from(w->record, walker_put(&m, w->record)), &stamp,
			&why))
			return;
		if (why.err == EPIPE)
			_exit(0);
		if (why.err != EAGAIN)
			break;
		(void)poll(&(struct pollfd){ SPAWN_CHANNEL, POLLOUT, 0 }, 1,
		    100);
	}
	say_gap(w, why.err == EACCES ? WALKER_DENIED : WALKER_FAILED, why.err);
}

/* Did the owner say STOP? */
static bool
is_stopped(void *ctx)
{
	struct walker *w = ctx;
	uint8_t record[WALKER_HEADER];
	struct walker_message m;
	size_t size;

	if (w->is_stopped)
		return true;
	switch (channel_read(SPAWN_CHANNEL, record, sizeof(record), &size)) {
	case CHANNEL_WAIT:
		return false;
	case CHANNEL_DONE:
		if (walker_get(cur_from(record, size), &m) &&
		    m.kind == WALKER_STOP) {
			w->is_stopped = true;
			return true;
		}
		_exit(1);
	case CHANNEL_GONE:
	case CHANNEL_ODD:
		break;
	}
	_exit(0);
}

/* --- walking ------------------------------------------------------------- */

/* Put name behind the first size bytes of the path. */
static bool
path_set(struct walker *w, size_t size, const char *name)
{
	size_t more = strlen(name);
	bool has_slash = size > 0 && w->path[size - 1] == '/';

	w->path_size = size;
	if (more + 1 > WALKER_PATH - size)
		return false;
	if (!has_slash)
		w->path[size++] = '/';
	memcpy(w->path + size, name, more + 1);
	w->path_size = size + more;
	return true;
}

/* What is known of the entries of a folder before they are looked at. */
struct listing {
	struct names files, folders;
	bool is_full;
};

static bool
list_name(void *ctx, uint8_t type, const char *name)
{
	struct listing *l = ctx;

	if (type == DT_LNK)
		return true;
	if (!names_add(type == DT_DIR ? &l->folders : &l->files, name))
		l->is_full = true;
	return !l->is_full;
}

static void
walk_found(struct walker *w, struct folder *f, const char *name,
    struct opener_found *found)
{
	switch (found->kind) {
	case SUBJECT_FILE:
		say_file(w, found);
		break;
	case SUBJECT_FOLDER: /* the folder did not know of what type it is */
		if (!names_add(&f->folders, name))
			say_gap(w, WALKER_FAILED, ENOMEM);
		break;
	case SUBJECT_OTHER: /* below a folder it is passed by, as by clamd */
		if (w->depth == 0)
			say_gap(w, WALKER_ODD, 0);
		break;
	case SUBJECT_LINK:
	case SUBJECT_BEYOND: /* the opener looks there itself */
		break;
	}
	if (found->fd != -1)
		(void)close(found->fd);
}

static void
say_failed(struct walker *w, const struct why *why)
{
	say_gap(w, why->err == EACCES ? WALKER_DENIED : WALKER_ABSENT,
	    why->err);
}

static void
walk_files(struct walker *w, struct folder *f, struct names *files)
{
	struct opener_found found;
	struct why why;
	const char *name;

	while (!is_stopped(w) && (name = names_next(files)) != NULL) {
		why = (struct why){ 0 };
		if (!path_set(w, f->path_size, name))
			say_gap(w, WALKER_DEEP, 0);
		else if (opener_look_below(w->opener, f->at, name, &found,
			     &why))
			walk_found(w, f, name, &found);
		else if (why.err != ENOENT)
			say_failed(w, &why);
	}
}

/* Go into the folder that found, at the path, is; takes its descriptor. */
static void
enter(struct walker *w, const struct opener_found *found)
{
	struct folder *f = &w->stack[w->depth];
	struct listing l = { 0 };
	struct why why = { 0 };

	if (w->depth > w->depth_max) {
		say_gap(w, WALKER_DEEP, 0);
		(void)close(found->fd);
		return;
	}
	memset(f, 0, sizeof(*f));
	f->at = (struct opener_place){ found->fd, found->mount };
	f->path_size = w->path_size;
	w->depth++;
	if (!opener_list(w->opener, f->at, list_name, &l, &why) || l.is_full)
		say_gap(w, WALKER_ABSENT, l.is_full ? ENOMEM : why.err);
	f->folders = l.folders;
	walk_files(w, f, &l.files);
	names_free(&l.files);
}

static void
leave(struct walker *w)
{
	struct folder *f = &w->stack[--w->depth];

	(void)close(f->at.fd);
	names_free(&f->folders);
}

/* Go into a folder of the folder f. */
static void
walk_folder(struct walker *w, const struct folder *f, const char *name)
{
	struct opener_found found;
	struct why why = { 0 };

	if (!path_set(w, f->path_size, name)) {
		say_gap(w, WALKER_DEEP, 0);
		return;
	}
	if (!opener_look_below(w->opener, f->at, name, &found, &why)) {
		if (why.err != ENOENT)
			say_gap(w, WALKER_ABSENT, why.err);
		return;
	}
	if (found.kind == SUBJECT_FOLDER &&
	    !filesystem_is_of_kernel(found.file_system))
		enter(w, &found);
	else if (found.fd != -1)
		(void)close(found.fd);
}

static void
walk_below(struct walker *w, const struct opener_found *found)
{
	enter(w, found);
	while (w->depth > 0) {
		struct folder *f = &w->stack[w->depth - 1];
		const char *name = names_next(&f->folders);

		if (name == NULL || is_stopped(w))
			leave(w);
		else
			walk_folder(w, f, name);
	}
}

/* --- for whom ------------------------------------------------------------ */

/* Who is at the other end of the client's socket; false if nobody says. */
static bool
asker_get(int socket, struct asker *out)
{
	memset(out, 0, sizeof(*out));
	if (socket == -1)
		return true;
	if (!listen_peer_get(socket, &out->peer))
		return false;
	out->is_other = out->peer.uid != 0 && out->peer.uid != geteuid();
	return !out->is_other ||
	    listen_peer_groups(socket, out->group, ASKER_GROUPS,
		&out->group_count);
}

static bool
asker_is_same(const struct asker *a, const struct asker *b)
{
	return a->is_other == b->is_other &&
	    (!a->is_other ||
		(a->peer.uid == b->peer.uid && a->peer.gid == b->peer.gid &&
		    a->group_count == b->group_count &&
		    memcmp(a->group, b->group,
			a->group_count * sizeof(a->group[0])) == 0));
}

/* Have an opener for whoever is at the other end of the client's socket. */
static bool
open_for(struct walker *w, int socket)
{
	static struct asker asker;
	struct opener_options options = { .is_stopped = is_stopped, .ctx = w };
	struct why why;

	if (!asker_get(socket, &asker))
		return false;
	if (w->opener != NULL && asker_is_same(&asker, &w->asker))
		return true;
	opener_close(&w->opener);
	w->asker = asker;
	options.has_user = asker.is_other;
	options.uid = asker.peer.uid;
	options.gid = asker.peer.gid;
	options.group = w->asker.group;
	options.group_count = asker.group_count;
	w->opener = opener_open(&options, &why);
	return w->opener != NULL;
}

/* --- one walk ------------------------------------------------------------ */

/* A path as the client said it; the last slashes do not count. */
static void
walk(struct walker *w, const struct walker_message *m, bool is_known)
{
	struct opener_found found;
	struct why why = { 0 };
	size_t size = cur_left(&m->path);

	memcpy(w->path, m->path.base, size);
	while (size > 1 && w->path[size - 1] == '/')
		size--;
	w->path[size] = '\0';
	w->path_size = size;
	w->is_stopped = false;
	w->depth_max = m->what < DEPTH_MAX ? m->what : DEPTH_MAX - 1;
	if (w->path[0] != '/') {
		say_gap(w, WALKER_ABSENT, ENOENT);
	} else if (!is_known) {
		say_gap(w, WALKER_DENIED, EACCES);
	} else if (!opener_look_as_said(w->opener, w->path, &found, &why)) {
		say_failed(w, &why);
	} else if (found.kind == SUBJECT_FOLDER) {
		walk_below(w, &found);
	} else {
		struct folder none = { 0 };

		walk_found(w, &none, "", &found);
	}
}

int
main(void)
{
	static struct walker w;
	const struct walker_message done = { .kind = WALKER_DONE };
	struct walker_message m;
	bool is_known;
	size_t size;
	int fd;

	while (channel_receive(SPAWN_CHANNEL, w.record, sizeof(w.record), &size,
		   &fd) == CHANNEL_DONE) {
		if (!walker_get(cur_from(w.record, size), &m) ||
		    (fd != -1 && m.kind != WALKER_WALK))
			return 1;
		if (m.kind != WALKER_WALK)
			continue; /* a STOP that came too late */
		/* One that got lost would make us open with our own rights. */
		is_known = (m.err != 0) == (fd != -1) && open_for(&w, fd);
		/* It must end when its owner ends it. */
		if (fd != -1)
			(void)close(fd);
		walk(&w, &m, is_known);
		say(&w, &done, -1);
	}
	return 0;
}
