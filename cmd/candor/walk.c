/*
 * walk.c - which files there are to look at.  The contract is in walk.h.
 *
 * An explicit stack of open folders; a name is opened relative to the folder
 * it was read from, so nobody can swap a folder above it on the way.  Only
 * the innermost FDS_KEPT folders stay open: the others are found again
 * through ".." and compared with what they were.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/walk.h"

#include "sys/subject.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FDS_KEPT     48u
#define READ_SIZE    65536u
#define OPEN_FOLDER  (O_RDONLY | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC)
#define OPEN_AS_SAID (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* Which folder this is, for finding loops and finding back. */
struct place {
	dev_t device;
	uint64_t inode;
	uint64_t mount;
};

struct item {
	size_t name;        /* where in the frame's names */
	unsigned char type; /* DT_* */
};

struct frame {
	int fd;      /* -1: given up for a deeper one */
	int trouble; /* errno value of reading it, told at its end */
	struct place place;
	size_t path_size; /* of its path, in walk.path */
	struct buf names; /* each with its NUL */
	struct item *item;
	size_t count, room, next;
};

struct walk {
	struct walk_options options;
	struct walk_counts counts;
	struct words given;
	size_t given_next;
	struct buf path; /* of the innermost folder, then of the entry */
	struct frame *frame;
	size_t depth, frame_room;
	dev_t device; /* of what was given, for one_file_system */
	char read[READ_SIZE];
};

struct walk *
walk_open(const struct walk_options *options)
{
	struct walk *w = buf_alloc(1, sizeof(*w));

	w->options = *options;
	return w;
}

void
walk_add(struct walk *w, const char *path)
{
	words_add(&w->given, path);
}

const struct walk_counts *
walk_counts(const struct walk *w)
{
	return &w->counts;
}

void
walk_close(struct walk **w)
{
	size_t i;

	if (*w == NULL)
		return;
	for (i = 0; i < (*w)->frame_room; i++) {
		struct frame *f = &(*w)->frame[i];

		if (i < (*w)->depth && f->fd != -1)
			close(f->fd);
		buf_free(&f->names);
		free(f->item);
	}
	free((*w)->frame);
	free((*w)->given.word);
	buf_free(&(*w)->path);
	free(*w);
	*w = NULL;
}

/* Describe what is at walk.path. */
static void
tell(struct walk *w, enum walk_outcome outcome, int err, struct walk_entry *out)
{
	*out = (struct walk_entry){
		.outcome = outcome,
		.path = w->path.bytes,
		.path_size = w->path.size,
		.fd = -1,
		.err = err,
	};
}

/* --- folders ----------------------------------------------------------- */

static bool
place_get(int fd, struct place *out)
{
	struct statx s;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &s) == -1)
		return false;
	out->device = makedev(s.stx_dev_major, s.stx_dev_minor);
	out->inode = s.stx_ino;
	out->mount = s.stx_mask & STATX_MNT_ID ? s.stx_mnt_id : 0;
	return true;
}

static bool
place_same(const struct place *a, const struct place *b)
{
	return a->device == b->device && a->inode == b->inode &&
	    a->mount == b->mount;
}

/*
 * Is this folder inside itself?  The same folder through another mount is
 * none: bind mounts end, and show files that the first way may not.
 */
static bool
is_loop(const struct walk *w, const struct place *place)
{
	size_t i;

	for (i = 0; i < w->depth; i++)
		if (place_same(&w->frame[i].place, place))
			return true;
	return false;
}

/* Is this a file system in which the kernel shows itself? */
static bool
is_of_kernel(int fd)
{
	static const unsigned long magic[] = { PROC_SUPER_MAGIC, SYSFS_MAGIC,
		CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC,
		TRACEFS_MAGIC, SECURITYFS_MAGIC, SELINUX_MAGIC, BPF_FS_MAGIC,
		DEVPTS_SUPER_MAGIC, PSTOREFS_MAGIC, EFIVARFS_MAGIC,
		BINFMTFS_MAGIC, NSFS_MAGIC, 0x65735543 /* fusectl */,
		0x67596969 /* rpc_pipefs */, 0x6e667364 /* nfsd */,
		0x62656570 /* configfs */ };
	struct statfs s;
	size_t i;

	if (fstatfs(fd, &s) == -1)
		return false;
	for (i = 0; i < sizeof(magic) / sizeof(magic[0]); i++)
		if ((unsigned long)s.f_type == magic[i])
			return true;
	return false;
}

/* Keep one directory entry, unless it is the folder itself or its parent. */
static void
frame_add(struct frame *f, const struct dirent64 *d)
{
	if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
		return;
	f->item = buf_grow(f->item, &f->room, f->count + 1, sizeof(f->item[0]));
	f->item[f->count++] = (struct item){
		.name = f->names.size,
		.type = d->d_type,
	};
	buf_add(&f->names, d->d_name, strlen(d->d_name) + 1);
}

static int
item_compare(const void *a, const void *b, void *names)
{
	const struct item *x = a, *y = b;

	return strcmp((const char *)names + x->name,
	    (const char *)names + y->name);
}

/* Read all names of the folder, in the order of their bytes. */
static void
frame_read(struct walk *w, struct frame *f)
{
	ssize_t got;

	while ((got = getdents64(f->fd, w->read, sizeof(w->read))) > 0) {
		ssize_t at = 0;

		while (at < got) {
			const struct dirent64 *d = (const void *)(w->read + at);

			frame_add(f, d);
			at += d->d_reclen;
		}
	}
	f->trouble = got == -1 ? errno : 0;
	if (f->count > 1)
		qsort_r(f->item, f->count, sizeof(f->item[0]), item_compare,
		    f->names.bytes);
}

/* Go into the folder that is open at fd (taken) and whose path is w->path. */
static void
frame_push(struct walk *w, int fd, const struct place *place)
{
	size_t before = w->frame_room;
	struct frame *f;

	w->frame = buf_grow(w->frame, &w->frame_room, w->depth + 1,
	    sizeof(w->frame[0]));
	if (w->frame_room > before)
		memset(w->frame + before, 0,
		    (w->frame_room - before) * sizeof(w->frame[0]));
	f = &w->frame[w->depth++];
	f->fd = fd;
	f->place = *place;
	f->path_size = w->path.size;
	buf_cut(&f->names, 0);
	f->count = f->next = 0;
	frame_read(w, f);
	w->counts.folders++;
	if (w->depth > FDS_KEPT) {
		f = &w->frame[w->depth - 1 - FDS_KEPT];
		if (f->fd != -1)
			close(f->fd);
		f->fd = -1;
	}
}

/* Open the parent of the innermost folder again, if it was given up. */
static void
parent_reopen(struct walk *w)
{
	struct frame *child = &w->frame[w->depth - 1], *parent = child - 1;
	struct place place;

	if (w->depth < 2 || parent->fd != -1)
		return;
	if (child->fd != -1)
		parent->fd = openat(child->fd, "..", OPEN_FOLDER);
	if (parent->fd != -1 && place_get(parent->fd, &place) &&
	    place_same(&place, &parent->place))
		return;
	if (parent->fd != -1)
		close(parent->fd);
	parent->fd = -1;
	/* Somebody moved a folder away under us: what was not visited in its
	   old parent is not known any more. */
	parent->next = parent->count;
	parent->trouble = ESTALE;
}

/* Leave the innermost folder; true if there is trouble to tell about it. */
static bool
frame_pop(struct walk *w, struct walk_entry *out)
{
	struct frame *f = &w->frame[w->depth - 1];

	parent_reopen(w);
	buf_cut(&w->path, f->path_size);
	if (f->fd != -1)
		close(f->fd);
	f->fd = -1;
	w->depth--;
	if (f->trouble == 0)
		return false;
	tell(w, WALK_TROUBLE, f->trouble, out);
	out->is_folder = true;
	return true;
}

/*
 * Open the folder name below dir and go into it.  True if there is something
 * to tell instead.
 */
static bool
enter_folder(struct walk *w, int dir, const char *name, struct walk_entry *out)
{
	int fd = openat(dir, name, OPEN_FOLDER);
	dev_t above = w->frame[w->depth - 1].place.device;
	struct place place;

	if (fd == -1 && errno == ENOENT) {
		w->counts.vanished++;
		return false;
	}
	if (fd == -1 || !place_get(fd, &place)) {
		tell(w, WALK_TROUBLE, errno, out);
		out->is_folder = true;
		if (fd != -1)
			close(fd);
		return true;
	}
	if (w->options.one_file_system && place.device != w->device)
		w->counts.other_systems++;
	else if (place.device != above && is_of_kernel(fd))
		w->counts.kernel_folders++;
	else if (is_loop(w, &place))
		w->counts.loops++;
	else {
		frame_push(w, fd, &place);
		return false;
	}
	close(fd);
	return false;
}

/* --- files ------------------------------------------------------------- */

/* For counting: how large it is. */
static bool
count_file(struct walk *w, int dir, const char *name, struct walk_entry *out)
{
	struct stat s;

	if (fstatat(dir, name, &s, AT_SYMLINK_NOFOLLOW) == -1)
		return false;
	tell(w, WALK_FILE, 0, out);
	out->size = (uint64_t)s.st_size;
	return S_ISREG(s.st_mode);
}

/* Tell of what was a file when its folder was read, and is none now. */
static bool
take_other(struct walk *w, enum subject_kind kind, struct walk_entry *out)
{
	if (kind == SUBJECT_LINK) {
		w->counts.links++;
		tell(w, WALK_LINK, 0, out);
		return true;
	}
	if (kind == SUBJECT_FOLDER) {
		tell(w, WALK_TROUBLE, ESTALE, out);
		out->is_folder = true;
		return true;
	}
	w->counts.specials++;
	return false;
}

/* Is it a file that need not be opened?  Then tell of it. */
static bool
take_known(struct walk *w, int near, const struct stat *s,
    struct walk_entry *out)
{
	const struct walk_options *o = &w->options;

	if (!S_ISREG(s->st_mode) || !o->is_known(o->known_ctx, near, s))
		return false;
	tell(w, WALK_KNOWN, 0, out);
	out->size = (uint64_t)s->st_size;
	return true;
}

/* Open name below dir, which is a regular file or just was one. */
static bool
take_file(struct walk *w, int dir, const char *name, struct walk_entry *out)
{
	struct subject s;
	struct stat now;
	struct why why;

	if (w->options.counting)
		return count_file(w, dir, name, out);
	if (w->options.is_known != NULL &&
	    fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (!w->options.one_file_system || now.st_dev == w->device) &&
	    take_known(w, dir, &now, out))
		return true;
	if (!subject_open_below(dir, name, &s, &why)) {
		if (why.err == ENOENT) {
			w->counts.vanished++;
			return false;
		}
		tell(w, WALK_TROUBLE, why.err, out);
		return true;
	}
	if (s.kind != SUBJECT_FILE)
		return take_other(w, s.kind, out);
	if (w->options.one_file_system && s.stamp.device != w->device) {
		w->counts.other_systems++;
		subject_close(&s);
		return false;
	}
	tell(w, WALK_FILE, 0, out);
	out->fd = s.fd;
	out->size = s.stamp.size;
	return true;
}

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
type_of(int dir, const char *name)
{
	struct stat s;

	if (fstatat(dir, name, &s, AT_SYMLINK_NOFOLLOW) == -1)
		return DT_REG; /* opening it will tell why */
	return (unsigned char)IFTODT(s.st_mode);
}

/* Look at one name of the innermost folder; true if there is one to tell. */
static bool
take_item(struct walk *w, struct walk_entry *out)
{
	struct frame *f = &w->frame[w->depth - 1];
	const struct item *item = &f->item[f->next++];
	const char *name = f->names.bytes + item->name;
	unsigned char type = item->type;

	buf_cut(&w->path, f->path_size);
	if (f->path_size == 0 || w->path.bytes[f->path_size - 1] != '/')
		buf_byte(&w->path, '/');
	buf_text(&w->path, name);
	if (type == DT_UNKNOWN)
		type = type_of(f->fd, name);
	if (is_left_out(w, name, type == DT_DIR))
		return false;
	if (type == DT_DIR)
		return enter_folder(w, f->fd, name, out);
	if (type == DT_REG)
		return take_file(w, f->fd, name, out);
	if (type != DT_LNK) {
		w->counts.specials++;
		return false;
	}
	w->counts.links++;
	tell(w, WALK_LINK, 0, out);
	return true;
}

/* --- what was given by name -------------------------------------------- */

/* Open standard input: as a file where it is one from its beginning. */
static void
take_stdin(struct walk *w, struct walk_entry *out)
{
	struct stat s;

	buf_text(&w->path, "stdin");
	if (w->options.counting || fstat(0, &s) == -1) {
		tell(w, WALK_TROUBLE, errno, out);
		return;
	}
	tell(w, WALK_STREAM, 0, out);
	if (S_ISREG(s.st_mode) && lseek(0, 0, SEEK_CUR) == 0) {
		out->fd = open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC);
		out->outcome = out->fd != -1 ? WALK_FILE : WALK_STREAM;
		out->size = (uint64_t)s.st_size;
	}
	if (out->fd == -1)
		out->fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
	if (out->fd == -1)
		tell(w, WALK_TROUBLE, errno, out);
	else if (S_ISDIR(s.st_mode)) {
		close(out->fd);
		tell(w, WALK_ODD, EISDIR, out);
	}
}

/* A pipe the shell made for <(command). */
static bool
is_shell_pipe(const char *path, mode_t mode)
{
	return S_ISFIFO(mode) &&
	    (strncmp(path, "/dev/fd/", 8) == 0 ||
		strncmp(path, "/proc/self/fd/", 14) == 0);
}

/* Go into a folder given by name; true if there is trouble to tell. */
static bool
take_given_folder(struct walk *w, const char *path, struct walk_entry *out)
{
	struct place place;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1 || !place_get(fd, &place)) {
		tell(w, WALK_TROUBLE, errno, out);
		out->is_folder = true;
		if (fd != -1)
			close(fd);
		return true;
	}
	w->device = place.device;
	while (w->path.size > 1 && w->path.bytes[w->path.size - 1] == '/')
		buf_cut(&w->path, w->path.size - 1);
	frame_push(w, fd, &place);
	return false;
}

/* Open a pipe of the shell's; true: there is always something to tell. */
static bool
take_given_pipe(struct walk *w, const char *path, struct walk_entry *out)
{
	int fd = w->options.counting ? -1 : open(path, OPEN_AS_SAID);

	tell(w, fd == -1 ? WALK_TROUBLE : WALK_STREAM, errno, out);
	out->fd = fd;
	return true;
}

/* Open a path that is neither a folder nor a pipe of the shell's. */
static bool
take_given_file(struct walk *w, const char *path, struct walk_entry *out)
{
	struct subject s;
	struct stat now;
	struct why why;

	if (w->options.counting)
		return count_file(w, AT_FDCWD, path, out);
	if (!subject_open_named(path, &s, &why)) {
		tell(w, WALK_TROUBLE, why.err, out);
		return true;
	}
	if (w->options.is_known != NULL && s.kind == SUBJECT_FILE &&
	    fstat(s.fd, &now) == 0 && take_known(w, s.fd, &now, out)) {
		subject_close(&s);
		return true;
	}
	tell(w, s.kind == SUBJECT_FILE ? WALK_FILE : WALK_ODD, 0, out);
	out->fd = s.fd;
	out->size = s.stamp.size;
	return true;
}

/* Look at the next of the paths given; true if there is one to tell. */
static bool
take_given(struct walk *w, struct walk_entry *out)
{
	const char *path = w->given.word[w->given_next++];
	struct stat s;

	buf_cut(&w->path, 0);
	if (strcmp(path, "-") == 0) {
		take_stdin(w, out);
		return true;
	}
	buf_text(&w->path, path);
	if (stat(path, &s) == -1) {
		bool is_absent = errno == ENOENT || errno == ENOTDIR;

		tell(w, is_absent ? WALK_ABSENT : WALK_TROUBLE, errno, out);
		return true;
	}
	if (S_ISDIR(s.st_mode))
		return take_given_folder(w, path, out);
	if (is_shell_pipe(path, s.st_mode))
		return take_given_pipe(w, path, out);
	return take_given_file(w, path, out);
}

void
walk_next(struct walk *w, struct walk_entry *out)
{
	for (;;) {
		if (w->depth > 0) {
			const struct frame *f = &w->frame[w->depth - 1];

			if (f->next < f->count ? take_item(w, out)
					       : frame_pop(w, out))
				return;
		} else if (w->given_next < w->given.count) {
			if (take_given(w, out))
				return;
		} else {
			buf_cut(&w->path, 0);
			tell(w, WALK_END, 0, out);
			return;
		}
	}
}
