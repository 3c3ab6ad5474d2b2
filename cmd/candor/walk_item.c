/*
 * walk_item.c - one name in a folder: is it to be looked at, and as what?
 *
 * What is on the folder's own mount, and local, is opened here.  Whatever is
 * on another mount is left to the opener, which alone may touch what may
 * never answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/walk_parts.h"

#include "sys/filesystem.h"
#include "sys/subject.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

/* --- on another mount, or far --------------------------------------------- */

/* Go into a folder the opener found, unless there is a reason not to. */
static void
enter_found(struct walk *w, const struct opener_found *found)
{
	const struct place *above = &w->folder[w->depth - 1].place;
	const struct place place = {
		.device = found->stamp.device,
		.inode = found->stamp.inode,
		.mount = found->mount,
	};

	if (w->options.one_file_system && place.device != w->device)
		w->counts.other_systems++;
	else if (place.device != above->device &&
	    filesystem_is_of_kernel(found->file_system))
		w->counts.kernel_folders++;
	else if (walk_folder_is_loop(w, &place))
		w->counts.loops++;
	else {
		walk_folder_push(w, found->fd, &place, !found->is_local);
		return;
	}
	close(found->fd);
}

/* Take a file the opener found; true if there is one to tell. */
static bool
take_found(struct walk *w, const struct opener_found *found,
    struct walk_entry *out)
{
	const struct walk_options *o = &w->options;
	struct stat now;

	if (o->one_file_system && found->stamp.device != w->device) {
		w->counts.other_systems++;
		close(found->fd);
		return false;
	}
	if (found->is_local && o->is_known != NULL && !o->counting &&
	    fstat(found->fd, &now) == 0 &&
	    walk_item_known(w, found->fd, &now, out)) {
		close(found->fd);
		return true;
	}
	walk_tell_found(w, found, out);
	if (o->counting) {
		close(found->fd);
		out->fd = -1;
		out->outcome = WALK_FILE;
	}
	return true;
}

/* Have the opener look at a name; true if there is something to tell. */
static bool
take_through_opener(struct walk *w, const char *name, bool is_folder,
    struct walk_entry *out)
{
	const struct walk_folder *f = &w->folder[w->depth - 1];
	struct opener_found found;
	struct why why;

	if (!opener_look_below(w->options.opener, walk_far(f), name, &found,
		&why)) {
		w->is_stopped = why.err == ECANCELED;
		w->counts.vanished += why.err == ENOENT;
		if (w->is_stopped || why.err == ENOENT)
			return false;
		walk_tell(w, WALK_TROUBLE, why.err, out);
		out->is_folder = is_folder;
		return true;
	}
	if (found.kind == SUBJECT_FILE)
		return take_found(w, &found, out);
	if (found.kind == SUBJECT_FOLDER) {
		enter_found(w, &found);
		return false;
	}
	w->counts.links += found.kind == SUBJECT_LINK;
	w->counts.specials += found.kind == SUBJECT_OTHER;
	walk_tell(w, WALK_LINK, 0, out);
	return found.kind == SUBJECT_LINK;
}

/* --- on the folder's own mount -------------------------------------------- */

/* Go into the folder name.  True if there is something to tell instead. */
static bool
enter_folder(struct walk *w, const char *name, struct walk_entry *out)
{
	const struct walk_folder *f = &w->folder[w->depth - 1];
	struct place place;
	int fd = -1;

	if (place_get(f->fd, name, &place, NULL)) {
		if (w->options.one_file_system && place.device != w->device) {
			w->counts.other_systems++;
			return false;
		}
		errno = EXDEV;
		if (place.mount == f->place.mount)
			fd = subject_open_folder(f->fd, name);
	}
	if (fd == -1 && errno == EXDEV)
		return take_through_opener(w, name, true, out);
	if (fd == -1 && errno == ENOENT) {
		w->counts.vanished++;
		return false;
	}
	if (fd == -1) {
		walk_tell(w, WALK_TROUBLE, errno, out);
		out->is_folder = true;
		return true;
	}
	if (!walk_folder_is_loop(w, &place)) {
		walk_folder_push(w, fd, &place, false);
		return false;
	}
	w->counts.loops++;
	close(fd);
	return false;
}

/* For counting: how large it is. */
static bool
count_file(struct walk *w, const char *name, struct walk_entry *out)
{
	const struct walk_folder *f = &w->folder[w->depth - 1];
	struct place place;
	struct stat s;

	if (!place_get(f->fd, name, &place, &s) || !S_ISREG(s.st_mode))
		return false;
	walk_tell(w, WALK_FILE, 0, out);
	out->size = (uint64_t)s.st_size;
	return true;
}

/* Tell of what was a file when its folder was read, and is none now. */
static bool
take_other(struct walk *w, enum subject_kind kind, struct walk_entry *out)
{
	if (kind == SUBJECT_LINK) {
		w->counts.links++;
		walk_tell(w, WALK_LINK, 0, out);
		return true;
	}
	if (kind == SUBJECT_FOLDER) {
		walk_tell(w, WALK_TROUBLE, ESTALE, out);
		out->is_folder = true;
		return true;
	}
	w->counts.specials++;
	return false;
}

bool
walk_item_known(struct walk *w, int near, const struct stat *s,
    struct walk_entry *out)
{
	const struct walk_options *o = &w->options;

	if (!S_ISREG(s->st_mode) || !o->is_known(o->known_ctx, near, s))
		return false;
	walk_tell(w, WALK_KNOWN, 0, out);
	out->size = (uint64_t)s->st_size;
	return true;
}

/* Is name on the folder's own mount, and need not be opened? */
static bool
take_known(struct walk *w, const char *name, struct walk_entry *out)
{
	const struct walk_folder *f = &w->folder[w->depth - 1];
	const struct walk_options *o = &w->options;
	struct place place;
	struct stat now;

	return o->is_known != NULL && place_get(f->fd, name, &place, &now) &&
	    place.mount == f->place.mount &&
	    (!o->one_file_system || place.device == w->device) &&
	    walk_item_known(w, f->fd, &now, out);
}

/* Open name, which is a regular file or just was one. */
static bool
take_file(struct walk *w, const char *name, struct walk_entry *out)
{
	const struct walk_folder *f = &w->folder[w->depth - 1];
	struct subject s;
	struct why why;

	if (w->options.counting)
		return count_file(w, name, out);
	if (take_known(w, name, out))
		return true;
	if (!subject_open_below(f->fd, name, &s, &why)) {
		if (why.err == ENOENT) {
			w->counts.vanished++;
			return false;
		}
		walk_tell(w, WALK_TROUBLE, why.err, out);
		return true;
	}
	if ((s.kind == SUBJECT_FILE || s.kind == SUBJECT_BEYOND) &&
	    w->options.one_file_system && s.stamp.device != w->device) {
		w->counts.other_systems++;
		subject_close(&s);
		return false;
	}
	if (s.kind == SUBJECT_BEYOND)
		return take_through_opener(w, name, false, out);
	if (s.kind != SUBJECT_FILE)
		return take_other(w, s.kind, out);
	walk_tell(w, WALK_FILE, 0, out);
	out->fd = s.fd;
	out->size = s.stamp.size;
	return true;
}

/* --- which names --------------------------------------------------------- */

static bool
matches(const struct words *glob, const char *path, const char *name)
{
	size_t i;

	for (i = 0; i < glob->count; i++) {
		const char *g = glob->word[i];

		if (fnmatch(g, strchr(g, '/') != NULL ? path : name, 0) == 0)
			return true;
	}
	return false;
}

static bool
is_left_out(struct walk *w, const char *name, bool is_folder)
{
	const struct walk_options *o = &w->options;

	if (!matches(&o->exclude, w->path.bytes, name) &&
	    (is_folder || o->include.count == 0 ||
		matches(&o->include, w->path.bytes, name)))
		return false;
	w->counts.excluded++;
	return true;
}

/* Where the file system does not say what an entry is, ask. */
static unsigned char
type_of(struct walk *w, const char *name)
{
	const struct walk_folder *f = &w->folder[w->depth - 1];
	struct opener_found found;
	struct place place;
	struct stat s;
	struct why why;

	/* If it is not there any more, opening it will tell why. */
	if (!f->is_far)
		return place_get(f->fd, name, &place, &s)
		    ? (unsigned char)IFTODT(s.st_mode)
		    : DT_REG;
	if (!opener_look_below(w->options.opener, walk_far(f), name, &found,
		&why))
		return DT_REG;
	if (found.fd != -1)
		close(found.fd);
	return found.kind == SUBJECT_FOLDER ? DT_DIR
	    : found.kind == SUBJECT_LINK    ? DT_LNK
	    : found.kind == SUBJECT_FILE    ? DT_REG
					    : DT_SOCK;
}

bool
walk_item_next(struct walk *w, struct walk_entry *out)
{
	struct walk_folder *f = &w->folder[w->depth - 1];
	const struct item *item = &f->item[f->next++];
	const char *name = f->names.bytes + item->name;
	unsigned char type = item->type;

	if (f->is_far && opener_is_hung(w->options.opener, f->place.mount)) {
		f->next = f->count;
		f->is_cut = true;
		return false;
	}
	buf_cut(&w->path, f->path_size);
	if (f->path_size == 0 || w->path.bytes[f->path_size - 1] != '/')
		buf_byte(&w->path, '/');
	buf_text(&w->path, name);
	if (type == DT_UNKNOWN)
		type = type_of(w, name);
	if (is_left_out(w, name, type == DT_DIR))
		return false;
	if (f->is_far && (type == DT_DIR || type == DT_REG))
		return take_through_opener(w, name, type == DT_DIR, out);
	if (type == DT_DIR)
		return enter_folder(w, name, out);
	if (type == DT_REG)
		return take_file(w, name, out);
	if (type != DT_LNK) {
		w->counts.specials++;
		return false;
	}
	w->counts.links++;
	walk_tell(w, WALK_LINK, 0, out);
	return true;
}
