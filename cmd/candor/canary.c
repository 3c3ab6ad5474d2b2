/*
 * canary.c - would this database take the machine apart?  See canary.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/canary.h"

#include "cmd/candor/scan.h"
#include "proc/quarantine/packaged.h"
#include "sys/whole.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORDS   "/var/lib/dpkg"
#define STATUS    ((size_t)64 << 20) /* bytes of a file of dpkg's */
#define FILES_MAX 3000u
#define EACH_MS   20000u

/* Where there is no dpkg: what every system falls without. */
static const char *const always[] = { "/bin/sh", "/bin/bash", "/bin/ls",
	"/bin/cp", "/bin/mount", "/bin/login", "/sbin/init",
	"/lib/systemd/systemd", "/usr/bin/sudo", "/usr/bin/dpkg",
	"/usr/bin/apt-get", "/usr/bin/rpm", "/usr/bin/dnf", "/sbin/apk",
	"/usr/bin/python3", "/usr/bin/perl", "/usr/sbin/sshd",
	"/lib64/libc.so.6", "/usr/lib64/libc.so.6",
	"/lib/x86_64-linux-gnu/libc.so.6", "/lib/aarch64-linux-gnu/libc.so.6",
	"/lib64/ld-linux-x86-64.so.2" };

struct flight {
	char **path;
	size_t count, room;
	const struct databases *databases;
	bool is_bad;
	char text[200]; /* of the first detection */
};

/* --- what is known to be good --------------------------------------------- */

static void
add(struct flight *f, const char *path)
{
	char real[PATH_MAX];
	struct stat s;
	size_t i;

	if (f->count >= FILES_MAX || realpath(path, real) == NULL ||
	    stat(real, &s) == -1 || !S_ISREG(s.st_mode))
		return;
	for (i = 0; i < f->count; i++)
		if (strcmp(f->path[i], real) == 0)
			return;
	f->path = buf_grow(f->path, &f->room, f->count + 1, sizeof(char *));
	f->path[f->count++] = buf_copy(real);
}

static bool
read_file(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *piece = buf_alloc(1, 65536);
	ssize_t n;

	while (fd != -1 && out->size < STATUS &&
	    (n = whole_read(fd, piece, 65536)) > 0)
		buf_add(out, piece, (size_t)n);
	free(piece);
	if (fd != -1)
		close(fd);
	return out->size > 0;
}

/* Programs and libraries; not manuals. */
static bool
is_program(const char *path)
{
	return strstr(path, "bin/") != NULL || strstr(path, ".so") != NULL ||
	    strncmp(path, "lib/systemd/", 12) == 0 ||
	    strncmp(path, "usr/lib/systemd/", 16) == 0;
}

/* Add what NAME.md5sums lists: "MD5  PATH" lines. */
static void
add_package(struct flight *f, const char *name, const char *architecture)
{
	char path[300], file[1100];
	struct buf sums = { 0 };
	struct cur c, line;

	snprintf(path, sizeof(path), RECORDS "/info/%.100s.md5sums", name);
	if (access(path, R_OK) != 0)
		snprintf(path, sizeof(path),
		    RECORDS "/info/%.100s:%.20s.md5sums", name, architecture);
	(void)read_file(path, &sums);
	c = cur_from(sums.bytes, sums.size);
	while (cur_line(&c, &line)) {
		if (line.size <= 34 || line.size - 34 > 1000)
			continue;
		snprintf(file, sizeof(file), "/%.*s", (int)(line.size - 34),
		    (const char *)line.base + 34);
		if (is_program(file + 1))
			add(f, file);
	}
	buf_free(&sums);
}

static bool
take_field(const struct cur *line, const char *name, char *out, size_t room)
{
	size_t len = strlen(name);

	if (line->size < len || memcmp(line->base, name, len) != 0 ||
	    line->size - len >= room)
		return false;
	memcpy(out, line->base + len, line->size - len);
	out[line->size - len] = '\0';
	return true;
}

/* The packages dpkg calls required. */
static void
add_required(struct flight *f)
{
	char name[128] = "", priority[64] = "", architecture[64] = "";
	struct buf status = { 0 };
	struct cur c, line;
	bool is_any;

	(void)read_file(RECORDS "/status", &status);
	c = cur_from(status.bytes, status.size);
	do {
		is_any = cur_line(&c, &line);
		if (is_any && line.size > 0) {
			(void)take_field(&line, "Package: ", name,
			    sizeof(name));
			(void)take_field(&line, "Priority: ", priority,
			    sizeof(priority));
			(void)take_field(&line, "Architecture: ", architecture,
			    sizeof(architecture));
			continue;
		}
		if (strcmp(priority, "required") == 0 ||
		    strcmp(name, "libc6") == 0 || strcmp(name, "apt") == 0)
			add_package(f, name, architecture);
		name[0] = priority[0] = '\0';
	} while (is_any);
	buf_free(&status);
}

/* The programs that run. */
static void
add_running(struct flight *f)
{
	DIR *d = opendir("/proc");
	const struct dirent *e;
	char path[300], exe[PATH_MAX];
	ssize_t n;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/exe", e->d_name);
		n = readlink(path, exe, sizeof(exe) - 1);
		exe[n > 0 ? n : 0] = '\0';
		if (n > 0)
			add(f, exe);
	}
	if (d != NULL)
		closedir(d);
}

/* --- what is said of it --------------------------------------------------- */

/* Is that file what its package holds? */
static bool
is_as_shipped(const char *path)
{
	char name[PACKAGED_NAME_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum packaged is;

	if (fd == -1)
		return true; /* nobody can say that it is not */
	is = packaged_by(path, fd, name);
	close(fd);
	return is == PACKAGED_AS_SHIPPED || is == PACKAGED_BOOT;
}

static void
hear(void *ctx, const struct result *r)
{
	struct flight *f = ctx;
	struct db_signature s;
	const struct detection *d = r->detection;
	char path[PATH_MAX];

	if (r->detection_count == 0 || f->is_bad)
		return;
	snprintf(path, sizeof(path), "%.*s", (int)r->path.size, r->path.bytes);
	if (!is_as_shipped(path))
		return;
	f->is_bad = true;
	if (databases_signature(f->databases, d->database, d->signature, &s))
		snprintf(f->text, sizeof(f->text), "finds %.*s in %.100s",
		    (int)(s.name.size < 80 ? s.name.size : 80),
		    (const char *)s.name.base, path);
}

static bool
fly(struct flight *f, struct canary *out, struct why *why)
{
	struct scan s = {
		.databases = f->databases,
		.deadline_ms = EACH_MS,
		.file = hear,
		.ctx = f,
	};
	bool is_done;
	size_t i;

	for (i = 0; i < f->count; i++)
		words_add(&s.path, f->path[i]);
	is_done = scan_run(&s, why);
	free(s.path.word);
	out->files = s.totals.files;
	out->seconds = s.totals.seconds;
	if (!is_done)
		return false;
	if (s.totals.is_interrupted)
		return why_not(why, WHY_LIMIT, "interrupted");
	/* A worker that dies of /bin/sh will die of much else. */
	if (s.totals.by_reason[UNSCANNED_CRASHED] > 0 ||
	    s.totals.by_reason[UNSCANNED_TIMEOUT] > 0)
		return why_not(why, WHY_BROKEN,
		    "workers crash or hang with the new database");
	if (f->is_bad)
		return why_not(why, WHY_FORGED,
		    "the new database %s, which is as its package has it: not "
		    "used",
		    f->text);
	return s.totals.files > 0 ||
	    why_not(why, WHY_BROKEN, "there is nothing to try it on");
}

bool
canary_sings(const int *fd, const char *const *name, size_t count,
    struct canary *out, struct why *why)
{
	struct databases *d = buf_alloc(1, sizeof(*d));
	struct flight f = { .databases = d };
	bool is_fine = true;
	size_t i;

	memset(d, 0, sizeof(*d));
	for (i = 0; i < count && is_fine; i++)
		is_fine = databases_add(d, name[i],
		    fcntl(fd[i], F_DUPFD_CLOEXEC, 3), why);
	add_required(&f);
	add_running(&f);
	for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		add(&f, always[i]);
	is_fine = is_fine && fly(&f, out, why);
	for (i = 0; i < f.count; i++)
		free(f.path[i]);
	free(f.path);
	databases_close(d);
	free(d);
	return is_fine;
}
