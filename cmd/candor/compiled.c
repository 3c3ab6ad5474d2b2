/*
 * compiled.c - a database made on the fly, and remembered.
 * The contract is in compiled.h.
 *
 * The cache folder is used only if it is ours and nobody else can write to
 * it; otherwise the database lives in memory for this run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/compiled.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/cachedir.h"
#include "cmd/candor/complaints.h"
#include "cmd/candor/outfile.h"
#include "lib/crypto/digest.h"
#include "proc/compiler/client.h"
#include "sys/beside.h"
#include "sys/memfd.h"
#include "sys/spawn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KEY_SIZE     65u /* SHA-256 in hex, and a NUL */
#define SAID_MOST    20u /* complaints printed */
#define QUIET_SECOND 2   /* see compiled.h */

/* --- the folder -------------------------------------------------------- */

struct kept {
	char name[KEY_SIZE + 8];
	time_t used;
};

static int
by_use(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return (x->used < y->used) - (x->used > y->used);
}

static void
forget(int cache, const char *name)
{
	char key[KEY_SIZE], full[KEY_SIZE + 16];

	snprintf(key, sizeof(key), "%.64s", name);
	unlinkat(cache, name, 0);
	snprintf(full, sizeof(full), "%s.cand.src", key);
	unlinkat(cache, full, 0);
	snprintf(full, sizeof(full), "%s.said", key);
	unlinkat(cache, full, 0);
}

/* Remove the databases that were not used for longest. */
static void
prune(int cache)
{
	int fd = openat(cache, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	struct kept *kept = NULL;
	size_t count = 0, room = 0, i;
	const struct dirent *d;
	struct stat s;

	if (dir == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	while ((d = readdir(dir)) != NULL) {
		if (strlen(d->d_name) != KEY_SIZE - 1 + strlen(".cand") ||
		    strcmp(d->d_name + KEY_SIZE - 1, ".cand") != 0 ||
		    fstatat(cache, d->d_name, &s, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		kept = buf_grow(kept, &room, count + 1, sizeof(*kept));
		snprintf(kept[count].name, sizeof(kept[count].name), "%s",
		    d->d_name);
		kept[count++].used = s.st_mtime;
	}
	closedir(dir);
	if (count > 1)
		qsort(kept, count, sizeof(*kept), by_use);
	for (i = COMPILED_KEPT; i < count; i++)
		forget(cache, kept[i].name);
	free(kept);
}

/* --- the key ----------------------------------------------------------- */

static void
add_text(struct digest *d, const char *text)
{
	digest_add(d, text, strlen(text) + 1);
}

/* Take in what tells one file, and one state of it, from others. */
static void
add_stamp(struct digest *d, const struct subject_stamp *s)
{
	char text[200];

	snprintf(text, sizeof(text),
	    "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 ".%" PRIu32
	    " %" PRId64 ".%" PRIu32,
	    s->device, s->inode, s->size, s->mtime_s, s->mtime_ns, s->ctime_s,
	    s->ctime_ns);
	add_text(d, text);
}

/* The compiler itself: another build of it may write other bytes. */
static void
add_compiler(struct digest *d)
{
	char path[4096];
	struct subject s;
	struct why why;

	add_text(d, CANDOR_VERSION);
	if (!beside_program("candor-compile", path, sizeof(path), &why) ||
	    !subject_open_named(path, &s, &why))
		return;
	add_stamp(d, &s.stamp);
	subject_close(&s);
}

/* Name the database of these inputs; false if it must not be remembered. */
static bool
make_key(const struct inputs *in, char key[KEY_SIZE])
{
	uint8_t hash[DIGEST_SIZE_MAX];
	time_t now = time(NULL);
	bool is_quiet = true;
	struct digest d;
	size_t i;

	digest_init(&d, DIGEST_SHA256);
	add_compiler(&d);
	for (i = 0; i < in->count; i++) {
		if (in->one[i].is_compiled)
			continue;
		add_text(&d, in->one[i].path);
		add_stamp(&d, &in->one[i].stamp);
		if (in->one[i].stamp.ctime_s + QUIET_SECOND >= now)
			is_quiet = false;
	}
	digest_end(&d, hash);
	for (i = 0; i < (KEY_SIZE - 1) / 2; i++)
		snprintf(key + 2 * i, 3, "%02x", hash[i]);
	return is_quiet;
}

/* --- finding and making ------------------------------------------------ */

/* Open KEY.end in the cache, if it is ours. */
static int
open_kept(int cache, const char *key, const char *end)
{
	char name[KEY_SIZE + 16];
	struct stat s;
	int fd;

	snprintf(name, sizeof(name), "%s.%s", key, end);
	fd = openat(cache, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd != -1 && fstat(fd, &s) == 0 && s.st_uid == geteuid() &&
	    S_ISREG(s.st_mode))
		return fd;
	if (fd != -1)
		close(fd);
	return -1;
}

/* What was said when it was made is said again. */
static void
repeat_said(int cache, const char *key)
{
	int fd = open_kept(cache, key, "said");
	char piece[1024];
	ssize_t n;

	if (fd == -1)
		return;
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		fwrite(piece, 1, (size_t)n, stderr);
	close(fd);
}

static bool
find_kept(int cache, const char *key, struct compiled *out)
{
	char name[KEY_SIZE + 16];

	out->fd = open_kept(cache, key, "cand");
	if (out->fd == -1)
		return false;
	out->texts_fd = open_kept(cache, key, "cand.src");
	repeat_said(cache, key);
	/* For prune(): used now. */
	snprintf(name, sizeof(name), "%s.cand", key);
	utimensat(cache, name, NULL, AT_SYMLINK_NOFOLLOW);
	return true;
}

/* Put what is to be said about the inputs into said. */
static void
say(const struct inputs *in, const struct compiler_report *report,
    struct buf *said)
{
	uint64_t errors = 0, others = 0;
	char *text = NULL;
	size_t size = 0, i;
	FILE *to = open_memstream(&text, &size);

	if (to == NULL)
		return;
	for (i = 0; i < report->count_count; i++)
		if (report->count[i].reason[0] != '\0')
			*(report->count[i].is_error ? &errors : &others) +=
			    report->count[i].count;
	complaints_print(to, in, report, SAID_MOST, false);
	if (errors > 0)
		fprintf(to, "candor: %" PRIu64 " bad line%s left out\n", errors,
		    errors == 1 ? " was" : "s were");
	if (others > 0)
		fprintf(to,
		    "candor: %" PRIu64
		    " signature%s that this version does not "
		    "load %s left out\n",
		    others, others == 1 ? " of a kind" : "s of kinds",
		    others == 1 ? "was" : "were");
	if (fclose(to) == 0)
		buf_add(said, text, size);
	free(text);
}

/* Compile into two open files. */
static bool
compile_into(const struct inputs *in, int database_fd, int texts_fd,
    struct buf *said, struct why *why)
{
	struct compiler_job job = {
		.database_fd = database_fd,
		.texts_fd = texts_fd,
	};
	struct compiler_report report = { 0 };
	bool is_done;

	complaints_make_job(in, &job);
	is_done =
	    compiler_run(&job, &report, why) && complaints_allow(&report, why);
	say(in, &report, said);
	fwrite(said->bytes, 1, said->size, stderr);
	complaints_free_job(&job);
	compiler_report_free(&report);
	return is_done;
}

/* Without a cache: in memory, for this run only. */
static bool
make_in_memory(const struct inputs *in, struct compiled *out, struct why *why)
{
	struct buf said = { 0 };
	bool is_done = memfd_open(&out->fd, why) &&
	    memfd_open(&out->texts_fd, why) &&
	    compile_into(in, out->fd, out->texts_fd, &said, why) &&
	    memfd_seal(&out->fd, why) && memfd_seal(&out->texts_fd, why);

	buf_free(&said);
	if (is_done)
		return true;
	if (out->fd != -1)
		close(out->fd);
	if (out->texts_fd != -1)
		close(out->texts_fd);
	return false;
}

/* Name one file of the three: KEY.end. */
static bool
open_end(int cache, const char *key, const char *end, struct outfile *out,
    struct why *why)
{
	char name[KEY_SIZE + 16];

	snprintf(name, sizeof(name), "%s.%s", key, end);
	return outfile_open(cache, name, 0600, out, why);
}

static bool
write_said(struct outfile *o, const struct buf *said)
{
	return said->size == 0 ||
	    write(o->fd, said->bytes, said->size) == (ssize_t)said->size;
}

/* Into the cache; the database gets its name last. */
static bool
make_kept(int cache, const char *key, const struct inputs *in,
    struct compiled *out, struct why *why)
{
	struct outfile file[3] = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 } };
	struct buf said = { 0 };
	bool is_done;
	size_t i;

	is_done = open_end(cache, key, "cand", &file[0], why) &&
	    open_end(cache, key, "cand.src", &file[1], why) &&
	    open_end(cache, key, "said", &file[2], why) &&
	    compile_into(in, file[0].fd, file[1].fd, &said, why) &&
	    write_said(&file[2], &said) &&
	    outfile_commit(&file[2], false, why) &&
	    outfile_commit(&file[1], false, why) &&
	    outfile_commit(&file[0], false, why);
	for (i = 0; i < 3; i++)
		outfile_close(&file[i]);
	buf_free(&said);
	if (!is_done)
		return false;
	prune(cache);
	out->fd = open_kept(cache, key, "cand");
	out->texts_fd = open_kept(cache, key, "cand.src");
	return out->fd != -1 ||
	    why_not(why, WHY_SYSTEM, "open what was compiled");
}

bool
compiled_get(const struct inputs *in, struct compiled *out, struct why *why)
{
	char key[KEY_SIZE];
	bool is_kept = make_key(in, key), is_done;
	int cache;
	size_t i;

	*out = (struct compiled){ .fd = -1, .texts_fd = -1 };
	for (i = 0; i < in->count && out->path == NULL; i++)
		if (!in->one[i].is_compiled)
			out->path = in->one[i].path;
	cache = is_kept ? cachedir_open(false) : -1;
	if (cache == -1)
		return make_in_memory(in, out, why);
	is_done =
	    find_kept(cache, key, out) || make_kept(cache, key, in, out, why);
	close(cache);
	/* A full or read-only disk is no reason not to scan. */
	if (!is_done && why->kind == WHY_SYSTEM)
		return make_in_memory(in, out, why);
	return is_done;
}
