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

/*
 * Where containers have their files: behind inner there is a system of its
 * own.  Its path, and in *outer the size of what is before it; or NULL.
 */
static const char *
find_container(const char *path, size_t *outer)
{
	static const char *const way[][2] = {
		{ "/overlay2/", "/diff/" }, /* Docker */
		{ "/overlay/", "/diff/" },  /* Podman, CRI-O */
		{ "/snapshots/", "/fs/" },  /* containerd */
		{ "/lxc/", "/rootfs/" },
		{ "/var/lib/machines/", "/" }, /* systemd-nspawn */
	};
	size_t i;

	for (i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
		const char *at = strstr(path, way[i][0]), *inner;

		if (at == NULL)
			continue;
		inner = strchr(at + strlen(way[i][0]), '/');
		if (inner == NULL ||
		    strncmp(inner, way[i][1], strlen(way[i][1])) != 0)
			continue;
		inner += strlen(way[i][1]) - 1;
		*outer = (size_t)(inner - path);
		return inner;
	}
	return NULL;
}

static void
look_in_container(struct tree *t, bool is_link)
{
	size_t size = 0;
	const char *inner = find_container(t->path.bytes, &size);
	struct buf outer = { 0 };
	struct ban_seen_as as = { .is_link = is_link };

	if (inner == NULL)
		return;
	buf_add(&outer, t->path.bytes, size);
	as.in = outer.bytes;
	(void)ban_seen_placed(t->seen, cur_from(inner, strlen(inner)), &as);
	buf_free(&outer);
}

/* Behind it may be what is looked for, under a name that is no sign. */
static void
look_at_link(struct tree *t, int dir, const char *name)
{
	char target[16];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));

	/* Of macOS; there are signs for either name. */
	if ((n < 8 || memcmp(target, "private/", 8) != 0) &&
	    footprint_leads(t->seen->set,
		cur_from(t->path.bytes, t->path.size)))
		ban_seen_blind(t->seen, t->path.bytes,
		    "a link, which is not followed");
}

static void
look_at(struct tree *t, int dir, const char *folder, const struct dirent *e)
{
	size_t size = strlen(e->d_name);
	int type = type_of(dir, e);
	bool is_dir = type == DT_DIR, is_link = type == DT_LNK;
	const struct ban_seen_as as = { .is_link = is_link };

	t->names++;
	if (!is_dir && !is_link &&
	    !footprint_may_be(t->seen->set, e->d_name, size))
		return;
	buf_cut(&t->path, 0);
	buf_text(&t->path, folder);
	buf_byte(&t->path, '/');
	buf_text(&t->path, e->d_name);
	(void)ban_seen_path(t->seen, cur_from(t->path.bytes, t->path.size),
	    &as);
	look_in_container(t, is_link);
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
ban_look_tree(int root, bool everywhere, struct ban_seen *seen)
{
	struct tree t = {
		.root = root, .everywhere = everywhere, .seen = seen
	};

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
