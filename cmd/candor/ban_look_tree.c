/*
 * ban_look_tree.c - the names in a tree.  The contract is in ban_look.h.
 *
 * Names only: no file is opened, or asked for what it is where the folder
 * says so itself, which makes this as fast as find(1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_look.h"
#include "sys/filesystem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define STACK_MAX ((size_t)1 << 22) /* folders waiting */

struct tree {
	int root;
	bool everywhere;
	struct ban_seen *seen;
	struct ban_wanted *wanted;
	char **folder; /* waiting: "" or "/a/b" */
	size_t count, room;
	uint64_t names;
	struct buf path; /* of what is looked at */
};

static void
push(struct tree *t, const char *path)
{
	if (t->count >= STACK_MAX) {
		ban_seen_blind(t->seen, path, "too many folders");
		return;
	}
	t->folder =
	    buf_grow(t->folder, &t->room, t->count + 1, sizeof(*t->folder));
	t->folder[t->count++] = buf_copy(path);
}

/* What the kernel makes up is no file system to look in. */
static bool
is_kernels(int fd)
{
	struct statfs f;

	return fstatfs(fd, &f) == 0 &&
	    filesystem_is_of_kernel((uint64_t)f.f_type);
}

/* DT_DIR, DT_LNK or another; some file systems leave it to be asked. */
static int
type_of(int dir, const struct dirent *e)
{
	struct stat st;

	if (e->d_type != DT_UNKNOWN)
		return e->d_type;
	return fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0
	    ? IFTODT(st.st_mode)
	    : DT_UNKNOWN;
}

/* Units stand where no sign of a path leads. */
static bool
is_units(const char *path)
{
	static const char *const way[] = { "/etc/systemd/system",
		"/usr/lib/systemd/system", "/lib/systemd/system" };
	size_t n = strlen(path), i;

	for (i = 0; i < sizeof(way) / sizeof(way[0]); i++)
		if (strncmp(way[i], path, n) == 0 &&
		    (way[i][n] == '/' || way[i][n] == '\0'))
			return true;
	return strncmp(path, way[0], strlen(way[0])) == 0;
}

static bool
is_wanted(const struct tree *t, const char *path)
{
	return t->everywhere || is_units(path) ||
	    footprint_leads(t->seen->set, cur_from(path, strlen(path)));
}

/* Behind it may be what is looked for, under a name that is no sign. */
static void
look_at_link(struct tree *t, int dir, const char *name)
{
	char target[16];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));

	/* Of macOS; there are signs for either name. */
	if (n < 8 || memcmp(target, "private/", 8) != 0)
		ban_look_link(t->seen, t->path.bytes, NULL);
}

static void
look_at(struct tree *t, int dir, const char *folder, const struct dirent *e)
{
	size_t size = strlen(e->d_name);
	int type = type_of(dir, e);
	bool is_dir = type == DT_DIR, is_link = type == DT_LNK;

	t->names++;
	if (!is_dir && !is_link &&
	    !footprint_may_be(t->seen->set, e->d_name, size) &&
	    !ban_wanted_may_be(t->wanted, e->d_name))
		return;
	buf_cut(&t->path, 0);
	buf_text(&t->path, folder);
	buf_byte(&t->path, '/');
	buf_text(&t->path, e->d_name);
	ban_look_name(t->seen, t->path.bytes, is_link, NULL);
	if (type == DT_REG)
		ban_wanted_see(t->wanted, 0, t->path.bytes);
	if (is_link)
		look_at_link(t, dir, e->d_name);
	if (is_dir && is_wanted(t, t->path.bytes))
		push(t, t->path.bytes);
}

static bool
is_dots(const char *name)
{
	return name[0] == '.' &&
	    (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static void
say_unreadable(struct tree *t, const char *path, int err)
{
	if (err == ENOENT || err == ENOTDIR || err == ELOOP)
		return; /* gone, or another thing by now */
	ban_seen_blind(t->seen, path[0] != '\0' ? path : "/", strerror(err));
}

static void
look_in(struct tree *t, const char *path)
{
	int fd = openat(t->root, path[0] != '\0' ? path + 1 : ".",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NOATIME);
	const struct dirent *e;
	DIR *d;

	if (fd == -1 && errno == EPERM) /* O_NOATIME: not the owner */
		fd = openat(t->root, path[0] != '\0' ? path + 1 : ".",
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	d = fd != -1 ? fdopendir(fd) : NULL;
	if (d == NULL) {
		say_unreadable(t, path, errno);
		if (fd != -1)
			close(fd);
		return;
	}
	if (!is_kernels(fd)) {
		errno = 0;
		while ((e = readdir(d)) != NULL)
			if (!is_dots(e->d_name))
				look_at(t, fd, path, e);
	}
	closedir(d);
}

void
ban_look_tree(int root, bool everywhere, struct ban_seen *seen,
    struct ban_wanted *wanted)
{
	struct tree t = { .root = root,
		.everywhere = everywhere,
		.seen = seen,
		.wanted = wanted };

	push(&t, "");
	while (t.count > 0) {
		char *path = t.folder[--t.count];

		look_in(&t, path);
		free(path);
	}
	ban_seen_count(seen, "names", t.names);
	free(t.folder);
	buf_free(&t.path);
}
