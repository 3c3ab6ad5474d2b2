/*
 * walk_folder.c - the stack of folders the walk is in.
 *
 * A name is opened relative to the folder it was read from, so nobody can
 * swap a folder above it on the way.  Only the innermost FDS_KEPT folders
 * stay open: the others are found again through ".." and compared with what
 * they were.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/walk_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FDS_KEPT      48u
#define FAR_NAMES_MAX ((size_t)256 << 20) /* bytes; a server may never end */
#define OPEN_FOLDER   (O_RDONLY | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC)

void
walk_folder_free(struct walk *w)
{
	size_t i;

	for (i = 0; i < w->folder_room; i++) {
		struct walk_folder *f = &w->folder[i];

		if (i < w->depth && f->fd != -1)
			close(f->fd);
		buf_free(&f->names);
		free(f->item);
	}
	free(w->folder);
}

bool
walk_folder_is_loop(const struct walk *w, const struct place *place)
{
	size_t i;

	for (i = 0; i < w->depth; i++)
		if (place_same(&w->folder[i].place, place))
			return true;
	return false;
}

/* --- names --------------------------------------------------------------- */

static void
add_name(struct walk_folder *f, unsigned char type, const char *name)
{
	f->item = buf_grow(f->item, &f->room, f->count + 1, sizeof(f->item[0]));
	f->item[f->count++] = (struct item){
		.name = f->names.size,
		.type = type,
	};
	buf_add(&f->names, name, strlen(name) + 1);
}

/* opener_name_fn */
static bool
add_far_name(void *ctx, uint8_t type, const char *name)
{
	struct walk_folder *f = ctx;

	if (f->names.size > FAR_NAMES_MAX)
		return false;
	add_name(f, type, name);
	return true;
}

static int
item_compare(const void *a, const void *b, void *names)
{
	const struct item *x = a, *y = b;

	return strcmp((const char *)names + x->name,
	    (const char *)names + y->name);
}

/* Read the names of a folder that is open here; errno value. */
static int
read_names(struct walk *w, struct walk_folder *f)
{
	ssize_t got;

	while ((got = getdents64(f->fd, w->read, WALK_READ_SIZE)) > 0) {
		ssize_t at = 0;

		while (at < got) {
			const struct dirent64 *d = (const void *)(w->read + at);

			at += d->d_reclen;
			if (strcmp(d->d_name, ".") != 0 &&
			    strcmp(d->d_name, "..") != 0)
				add_name(f, d->d_type, d->d_name);
		}
	}
	return got == -1 ? errno : 0;
}

/* Have the opener read them. */
static int
read_far_names(struct walk *w, struct walk_folder *f)
{
	struct why why;

	if (opener_list(w->options.opener, walk_far(f), add_far_name, f, &why))
		return 0;
	w->is_stopped = why.err == ECANCELED;
	return why.err;
}

/* --- in and out ---------------------------------------------------------- */

void
walk_folder_push(struct walk *w, int fd, const struct place *place, bool is_far)
{
	size_t before = w->folder_room;
	struct walk_folder *f;

	w->folder = buf_grow(w->folder, &w->folder_room, w->depth + 1,
	    sizeof(w->folder[0]));
	if (w->folder_room > before)
		memset(w->folder + before, 0,
		    (w->folder_room - before) * sizeof(w->folder[0]));
	f = &w->folder[w->depth++];
	f->fd = fd;
	f->is_far = is_far;
	f->is_cut = false;
	f->place = *place;
	f->path_size = w->path.size;
	buf_cut(&f->names, 0);
	f->count = f->next = 0;
	f->trouble = is_far ? read_far_names(w, f) : read_names(w, f);
	if (f->count > 1)
		qsort_r(f->item, f->count, sizeof(f->item[0]), item_compare,
		    f->names.bytes);
	w->counts.folders++;
	if (w->depth > FDS_KEPT) {
		f = &w->folder[w->depth - 1 - FDS_KEPT];
		if (f->fd != -1)
			close(f->fd);
		f->fd = -1;
	}
}

/* Open the parent of child; -1 if that is not what it was. */
static int
open_parent(struct walk *w, const struct walk_folder *child,
    const struct walk_folder *parent)
{
	struct opener_found found;
	struct place place;
	struct why why;
	int fd = -1;

	if (child->fd == -1)
		return -1;
	if (!child->is_far && !parent->is_far)
		fd = openat(child->fd, "..", OPEN_FOLDER);
	else if (opener_look_below(w->options.opener, walk_far(child), "..",
		     &found, &why))
		fd = found.fd;
	if (fd != -1 && place_get(fd, "", &place, NULL) &&
	    place_same(&place, &parent->place))
		return fd;
	if (fd != -1)
		close(fd);
	return -1;
}

/* Open the parent of the innermost folder again, if it was given up. */
static void
parent_reopen(struct walk *w)
{
	struct walk_folder *child = &w->folder[w->depth - 1];
	struct walk_folder *parent = child - 1;

	if (w->depth < 2 || parent->fd != -1)
		return;
	parent->fd = open_parent(w, child, parent);
	if (parent->fd != -1)
		return;
	/* Somebody moved a folder away under us: what was not visited in its
	   old parent is not known any more. */
	parent->next = parent->count;
	parent->trouble = ESTALE;
}

/* Its mount is hung: say so once, of the outermost folder that is on it. */
static bool
is_cut_here(struct walk *w, const struct walk_folder *f)
{
	struct walk_folder *above =
	    w->depth > 1 ? &w->folder[w->depth - 2] : NULL;

	if (!f->is_cut)
		return false;
	if (above == NULL || above->place.mount != f->place.mount)
		return true;
	above->is_cut = true;
	return false;
}

bool
walk_folder_pop(struct walk *w, struct walk_entry *out)
{
	struct walk_folder *f = &w->folder[w->depth - 1];
	int trouble = f->trouble;

	parent_reopen(w);
	if (is_cut_here(w, f) && trouble == 0)
		trouble = ETIMEDOUT;
	buf_cut(&w->path, f->path_size);
	if (f->fd != -1)
		close(f->fd);
	f->fd = -1;
	w->depth--;
	if (trouble == 0)
		return false;
	walk_tell(w, WALK_TROUBLE, trouble, out);
	out->is_folder = true;
	return true;
}
