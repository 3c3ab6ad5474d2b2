/*
 * verdicts.c - files that were clean and have not changed since.
 * The contract is in verdicts.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/verdicts.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/cachedir.h"
#include "cmd/candor/outfile.h"
#include "cmd/candor/trusted.h"
#include "lib/crypto/digest.h"
#include "sys/beside.h"
#include "sys/spawn.h"
#include "sys/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAME     "verdicts"
#define SYSTEMS  64u   /* file systems known by their number */
#define PER_FILE 65536 /* bytes that take as long as another file does */

/* What was found out about one file system. */
struct file_system {
	dev_t device;
	bool is_trusted;
	struct trusted facts;
};

struct verdicts {
	int folder;
	struct digest scope; /* the state's hash begins with it */
	struct file_system system[SYSTEMS];
	size_t systems, system_last;
	struct remembered table;
	uint64_t work; /* what was kept took, in bytes */
};

/* --- scope ------------------------------------------------------------- */

/* Which worker looks: a version may be built in many ways. */
static bool
add_worker(struct digest *d)
{
	struct subject s;
	char path[4096];
	uint64_t stamp[7];
	struct why why;

	if (!beside_program("candor-worker", path, sizeof(path), &why) ||
	    !subject_open_named(path, &s, &why))
		return false;
	stamp[0] = s.stamp.device;
	stamp[1] = s.stamp.inode;
	stamp[2] = s.stamp.size;
	stamp[3] = (uint64_t)s.stamp.mtime_s;
	stamp[4] = s.stamp.mtime_ns;
	stamp[5] = (uint64_t)s.stamp.ctime_s;
	stamp[6] = s.stamp.ctime_ns;
	digest_add(d, stamp, sizeof(stamp));
	subject_close(&s);
	return true;
}

/* Hash the scope into 32 bytes; false if the worker cannot be told. */
static bool
hash_scope(const struct verdicts_scope *scope, uint8_t out[DIGEST_SIZE_MAX])
{
	const struct limits *l = scope->limits;
	const uint64_t number[] = { scope->flags, l->max_object_size,
		l->max_total, l->max_depth, l->max_objects, l->max_ratio,
		scope->deadline_ms, scope->databases->count };
	struct digest d;
	size_t i;

	digest_init(&d, DIGEST_SHA256);
	digest_add(&d, CANDOR_VERSION, sizeof(CANDOR_VERSION));
	if (!add_worker(&d))
		return false;
	digest_add(&d, number, sizeof(number));
	for (i = 0; i < scope->databases->count; i++) {
		struct db_info info;

		db_info_get(&scope->databases->db[i], &info);
		digest_add(&d, info.id, sizeof(info.id));
	}
	digest_end(&d, out);
	return true;
}

/* --- state ------------------------------------------------------------- */

/* What is known of the file system that near is on; NULL if that is another
   than device, or there are too many. */
static const struct file_system *
find_system(struct verdicts *v, int near, dev_t device)
{
	struct file_system *f;
	struct stat s;
	size_t i;

	if (v->systems > 0 && v->system[v->system_last].device == device)
		return &v->system[v->system_last];
	for (i = 0; i < v->systems; i++)
		if (v->system[i].device == device) {
			v->system_last = i;
			return &v->system[i];
		}
	if (v->systems == SYSTEMS || fstat(near, &s) == -1 ||
	    s.st_dev != device)
		return NULL;
	f = &v->system[v->systems++];
	f->device = device;
	f->is_trusted = trusted_is(near, &f->facts);
	return f;
}

/* Can nobody but root open it for writing?  An access list shows in the bits
   of the group. */
static bool
is_of_root(const struct stat *s)
{
	return s->st_uid == 0 && (s->st_mode & 022) == 0;
}

/* Hash the state that s tells about; false if it must not be trusted. */
static bool
hash_state(struct verdicts *v, int near, const struct stat *s,
    uint8_t out[DIGEST_SIZE_MAX])
{
	const struct file_system *f = find_system(v, near, s->st_dev);
	const uint64_t number[] = { f != NULL ? f->facts.id : 0, s->st_dev,
		s->st_ino, (uint64_t)s->st_size, (uint64_t)s->st_mtim.tv_sec,
		(uint64_t)s->st_ctim.tv_sec,
		(uint64_t)s->st_mtim.tv_nsec << 32 |
		    (uint64_t)s->st_ctim.tv_nsec };
	struct digest d = v->scope;

	if (f == NULL || !f->is_trusted ||
	    (f->facts.can_swap && !is_of_root(s)))
		return false;
	digest_add(&d, number, sizeof(number));
	digest_end(&d, out);
	return true;
}

bool
verdicts_know(struct verdicts *v, int near, const struct stat *s)
{
	uint8_t hash[DIGEST_SIZE_MAX];

	return S_ISREG(s->st_mode) && hash_state(v, near, s, hash) &&
	    remembered_find(&v->table, hash);
}

/* Has it not changed for so many seconds?  No, if it did in the future. */
static bool
is_quiet(const struct stat *s, time_t seconds)
{
	time_t now = time(NULL);

	return s->st_ctim.tv_sec < now - seconds &&
	    s->st_mtim.tv_sec < now - seconds;
}

/*
 * Is there nobody who can change its bytes and leave no trace?  SIGIO, which
 * comes if somebody opens it just now, is ignored (scan.c).
 */
static bool
is_left_alone(struct verdicts *v, int fd, const struct stat *s)
{
	const struct file_system *f;

	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0)
		return fcntl(fd, F_SETLEASE, F_UNLCK) == 0;
	if (errno != EACCES)
		return false;
	f = find_system(v, fd, s->st_dev);
	return f != NULL && !f->facts.can_swap && is_of_root(s) &&
	    is_quiet(s, VERDICTS_LONG_QUIET);
}

void
verdicts_begin(struct verdicts *v, int fd, struct verdicts_state *out)
{
	uint8_t hash[DIGEST_SIZE_MAX], again[DIGEST_SIZE_MAX];
	struct stat before, s;

	out->is_good = false;
	if (fstat(fd, &before) == -1 || !S_ISREG(before.st_mode) ||
	    !is_quiet(&before, VERDICTS_QUIET) ||
	    !hash_state(v, fd, &before, hash) || !is_left_alone(v, fd, &before))
		return;
	/* The state is the one after the lease, and has to be that of before,
	   which was quiet. */
	if (fstat(fd, &s) == -1 || !hash_state(v, fd, &s, again))
		return;
	memcpy(out->hash, again, sizeof(out->hash));
	out->is_good = memcmp(hash, again, sizeof(again)) == 0;
}

void
verdicts_keep(struct verdicts *v, const struct verdicts_state *state,
    uint64_t size)
{
	remembered_add(&v->table, state->hash);
	v->work += size + PER_FILE;
}

/* --- beginning and end ------------------------------------------------- */

/* Read the table, or begin with none. */
static void
load(struct verdicts *v)
{
	int fd = openat(v->folder, NAME,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat s;

	if (fd != -1 &&
	    (fstat(fd, &s) == -1 || s.st_uid != geteuid() ||
		(s.st_mode & 077) != 0)) {
		close(fd);
		fd = -1;
	}
	(void)remembered_open(&v->table, fd);
	if (fd != -1)
		close(fd);
}

struct verdicts *
verdicts_open(const struct verdicts_scope *scope)
{
	uint8_t hash[DIGEST_SIZE_MAX];
	int folder = cachedir_open(true);
	struct verdicts *v;

	if (folder == -1)
		return NULL;
	if (!hash_scope(scope, hash)) {
		close(folder);
		return NULL;
	}
	v = buf_alloc(1, sizeof(*v));
	v->folder = folder;
	digest_init(&v->scope, DIGEST_SHA256);
	digest_add(&v->scope, hash, sizeof(hash));
	load(v);
	return v;
}

/*
 * Is it worth writing the table?  Not if doing again what is to be added
 * takes less than that; it adds up until the table is written.
 */
static bool
is_worth_it(const struct verdicts *v)
{
	uint64_t work = v->work + (uint64_t)v->table.stale * PER_FILE;

	return work > 0 &&
	    work >= v->table.count * sizeof(struct remembered_record);
}

void
verdicts_close(struct verdicts **v)
{
	struct outfile file;
	struct why why;

	if (*v == NULL)
		return;
	/* What cannot be written is only not remembered. */
	if (is_worth_it(*v) &&
	    outfile_open((*v)->folder, NAME, 0600, &file, &why)) {
		if (remembered_write(&(*v)->table, file.fd, &why))
			(void)outfile_commit(&file, false, &why);
		outfile_close(&file);
	}
	remembered_close(&(*v)->table);
	close((*v)->folder);
	free(*v);
	*v = NULL;
}
