/*
 * ban_look_lists.c - packages, users and groups of a tree.  The contract is
 * in ban_look.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_look.h"
#include "lib/ban/footprint_packages.h"
#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_MAX ((size_t)256 << 20) /* bytes of a list */
#define PIECE    ((size_t)65536)

/* --- files ---------------------------------------------------------------- */

/* A link that leads elsewhere; those of macOS lead to /private. */
static bool
is_link(int folder, const char *name)
{
	char target[16];
	ssize_t n = readlinkat(folder, name, target, sizeof(target));

	return n >= 0 && (n < 8 || memcmp(target, "private/", 8) != 0);
}

/* The folder a path is in, a step at a time; name is what is left of it. */
static int
open_folder(int root, const char *path, const char **name)
{
	int at = dup(root), next, err;
	const char *slash;

	while (at != -1 && (slash = strchr(path, '/')) != NULL) {
		char part[256];
		size_t n = (size_t)(slash - path);

		if (n >= sizeof(part))
			n = sizeof(part) - 1;
		memcpy(part, path, n);
		part[n] = '\0';
		next = openat(at, part,
		    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next == -1 && errno == ENOTDIR)
			errno = is_link(at, part) ? ELOOP : ENOTDIR;
		err = errno;
		close(at);
		errno = err;
		at = next;
		path = slash + 1;
	}
	*name = path;
	return at;
}

static int
open_file(int root, const char *path)
{
	const char *name;
	int folder = open_folder(root, path, &name), fd, err;
	struct stat st;

	if (folder == -1)
		return -1;
	fd = openat(folder, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	err = errno;
	close(folder);
	errno = err;
	if (fd != -1 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

static bool
read_all(int fd, struct buf *out)
{
	char *piece = buf_alloc(1, PIECE);
	ssize_t n = 1;

	while (n > 0 && out->size <= LIST_MAX &&
	    (n = whole_read(fd, piece, PIECE)) > 0)
		buf_add(out, piece, (size_t)n);
	free(piece);
	if (out->size > LIST_MAX)
		errno = EFBIG;
	return n != -1 && out->size <= LIST_MAX;
}

bool
ban_look_file(int root, const char *path, struct buf *out,
    struct ban_seen *seen)
{
	int fd = open_file(root, path);
	bool is_read;

	buf_cut(out, 0);
	if (fd == -1) {
		if (errno == EINVAL)
			ban_seen_blind(seen, path, "not a file");
		/* /lib is one where all is in /usr, which is looked at too. */
		else if (errno == ELOOP && strncmp(path, "lib/", 4) != 0)
			ban_seen_blind(seen, path,
			    "a link on the way is not followed");
		else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			ban_seen_blind(seen, path, strerror(errno));
		return false;
	}
	is_read = read_all(fd, out);
	if (!is_read)
		ban_seen_blind(seen, path, strerror(errno));
	close(fd);
	return is_read;
}

/* --- packages ------------------------------------------------------------- */

static char *
text_of(struct cur c)
{
	char *text = buf_alloc(1, c.size + 1);

	memcpy(text, c.base, c.size);
	text[c.size] = '\0';
	return text;
}

static void
look_at_package(struct ban_seen *seen, const struct packages_one *p,
    const char *in)
{
	char *version = text_of(p->version), *name = text_of(p->name);
	struct ban_seen_as as = {
		.in = in, .detail = version, .is_left = p->is_left
	};

	/* Its supplier says only what no name did. */
	if (!ban_seen_value(seen, FOOTPRINT_PACKAGE, p->name, &as) &&
	    p->supplier.size > 0) {
		as.detail = name;
		(void)ban_seen_value(seen, FOOTPRINT_SUPPLIER, p->supplier,
		    &as);
	}
	free(version);
	free(name);
}

void
ban_look_packages(struct cur list, enum packages_form form, const char *in,
    struct ban_seen *seen)
{
	struct packages_one p;
	uint64_t count = 0;

	while (packages_next(&list, form, &p)) {
		if (!p.is_installed && !p.is_left)
			continue;
		count++;
		look_at_package(seen, &p, in);
	}
	ban_seen_count(seen, "packages", count);
}

static const struct {
	const char *path;
	enum packages_form form;
} known_list[] = {
	{ "var/lib/dpkg/status", PACKAGES_DPKG },
	{ "lib/apk/db/installed", PACKAGES_APK },
	{ "usr/lib/apk/db/installed", PACKAGES_APK },
};

/* rpm's own files are databases; what rpm prints of them can be given. */
static const char *const rpm_database[] = {
	"var/lib/rpm/rpmdb.sqlite",
	"var/lib/rpm/Packages.db",
	"var/lib/rpm/Packages",
	"usr/lib/sysimage/rpm/rpmdb.sqlite",
	"usr/lib/sysimage/rpm/Packages.db",
};

static void
look_for_rpm(int root, struct ban_seen *seen)
{
	size_t i;

	for (i = 0; i < sizeof(rpm_database) / sizeof(rpm_database[0]); i++) {
		int fd = open_file(root, rpm_database[i]);

		if (fd == -1)
			continue;
		close(fd);
		ban_seen_blind(seen, rpm_database[i],
		    "rpm's database is not read: give what rpm -qa prints "
		    "with --inventory");
	}
}

/* --- users and groups ----------------------------------------------------- */

static void
look_at_names(struct ban_seen *seen, struct cur list, enum footprint_type type,
    const char *in)
{
	struct ban_seen_as as = { .in = in };
	struct cur line, name;
	uint64_t count = 0;

	while (cur_line(&list, &line))
		if (cur_until(&line, ':', &name) && name.size > 0) {
			count++;
			(void)ban_seen_value(seen, type, name, &as);
		}
	ban_seen_count(seen, type == FOOTPRINT_USER ? "users" : "groups",
	    count);
}

void
ban_look_lists(int root, struct ban_seen *seen)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(known_list) / sizeof(known_list[0]); i++)
		if (ban_look_file(root, known_list[i].path, &b, seen))
			ban_look_packages(cur_from(b.bytes, b.size),
			    known_list[i].form, known_list[i].path, seen);
	look_for_rpm(root, seen);
	if (ban_look_file(root, "etc/passwd", &b, seen))
		look_at_names(seen, cur_from(b.bytes, b.size), FOOTPRINT_USER,
		    "etc/passwd");
	if (ban_look_file(root, "etc/group", &b, seen))
		look_at_names(seen, cur_from(b.bytes, b.size), FOOTPRINT_GROUP,
		    "etc/group");
	buf_free(&b);
}
