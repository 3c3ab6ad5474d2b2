/*
 * guard_sweep.c - what runs already: programs and the libraries they mapped;
 * and what was clean before there were new signatures.  See guard.h.
 *
 * Files without a name are found here as well: programs that were deleted
 * after their start, and memfds, of whose execution fanotify does not tell.
 *
 * Only files that this kernel alone answers for are opened: a thread that
 * waits for a FUSE process could not be ended, and with it not the guard.  So
 * what is known by its path only is found on the file system of / only, from
 * where the way leads into no other mount.
 *
 * It is a thread of the guard, not a process: what it opens is asked of the
 * answering thread under the guard's own process id, which it lets pass.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/guard.h"

#include "sys/place.h"
#include "sys/subject.h"
#include "sys/whole.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STACK ((size_t)256 << 10)
#define PIPE  4096
#define FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define SEEN  65536u /* files of one sweep; a power of two */

/* A file system that only this kernel answers for. */
struct answering {
	uint64_t id, device;
};

struct sweeper {
	struct answering local[MOUNTS_MAX];
	size_t locals;
	struct recall recall;
	uint32_t wants;  /* GUARD_SWEEP_* */
	uint64_t memory; /* the device of memfds */
	int out;         /* the pipe */
	DIR *proc;
	struct {
		uint64_t device, inode;
	} seen[SEEN];
};

/* Each file once; false if it was seen, or there is no room. */
static bool
is_new(struct sweeper *s, uint64_t device, uint64_t inode)
{
	size_t at =
	    (size_t)((inode ^ device << 32) * 0x9e3779b97f4a7c15u >> 40);
	size_t i;

	for (i = 0; i < 64; i++) {
		at = (at + i) % SEEN;
		if (s->seen[at].inode == 0) {
			s->seen[at].device = device;
			s->seen[at].inode = inode;
			return true;
		}
		if (s->seen[at].inode == inode && s->seen[at].device == device)
			return false;
	}
	return true;
}

static bool
is_local(const struct sweeper *s, const struct place *at)
{
	size_t i;

	for (i = 0; i < s->locals; i++)
		if (s->local[i].device == at->device ||
		    s->local[i].id == at->mount)
			return true;
	return at->device == s->memory;
}

/* Open what was opened without asking anybody (O_PATH), if it is one for us. */
static int
open_place(struct sweeper *s, int handle)
{
	struct place at;
	struct stat st;
	char name[40];
	int fd;

	if (!place_get(handle, "", &at, &st) || !S_ISREG(st.st_mode) ||
	    !is_local(s, &at) || !is_new(s, at.device, at.inode))
		return -1;
	(void)snprintf(name, sizeof(name), "self/fd/%d", handle);
	fd = openat(dirfd(s->proc), name, FLAGS | O_NOATIME);
	/* Of others' files only with a right that our unit does not have. */
	return fd == -1 && errno == EPERM ? openat(dirfd(s->proc), name, FLAGS)
					  : fd;
}

/* Open what is known by a handle (taken; -1: there is none), and send it. */
static bool
send_one(struct sweeper *s, uint32_t pid, int handle)
{
	struct swept w = { .pid = pid };

	if (handle == -1)
		return true;
	w.fd = open_place(s, handle);
	(void)close(handle);
	if (w.fd == -1)
		return true;
	if (whole_write(s->out, &w, sizeof(w)))
		return true;
	(void)close(w.fd);
	return false;
}

/* What a link of /proc leads to. */
static bool
send_link(struct sweeper *s, uint32_t pid, const char *link)
{
	return send_one(s, pid,
	    openat(dirfd(s->proc), link, O_PATH | O_CLOEXEC));
}

/* The files a process has mapped to execute.  proc(5): START-END PERM ... */
static bool
send_maps(struct sweeper *s, uint32_t pid)
{
	char name[80], line[512];
	unsigned long start, end;
	char permission[8];
	bool good = true;
	FILE *maps;
	int fd;

	(void)snprintf(name, sizeof(name), "%u/maps", pid);
	fd = openat(dirfd(s->proc), name, O_RDONLY | O_CLOEXEC);
	maps = fd != -1 ? fdopen(fd, "r") : NULL;
	while (maps != NULL && good &&
	    fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &start, &end, permission) !=
			3 ||
		    permission[2] != 'x')
			continue;
		(void)snprintf(name, sizeof(name), "%u/map_files/%lx-%lx", pid,
		    start, end);
		good = send_link(s, pid, name);
	}
	if (maps != NULL)
		(void)fclose(maps);
	return good;
}

static bool
send_running(struct sweeper *s)
{
	struct dirent *e;
	bool good = true;
	char name[80];

	while (good && (e = readdir(s->proc)) != NULL) {
		uint32_t pid = (uint32_t)strtoul(e->d_name, NULL, 10);

		if (pid == 0)
			continue;
		(void)snprintf(name, sizeof(name), "%u/exe", pid);
		good = send_link(s, pid, name) && send_maps(s, pid);
	}
	return good;
}

static bool
send_recalled(struct sweeper *s)
{
	bool good = (s->wants & GUARD_SWEEP_RECALLED) != 0;
	size_t i;

	for (i = 0; i < RECALL_MAX && good; i++)
		if (recall_at(&s->recall, i) != NULL)
			good = send_one(s, 0,
			    subject_find_inside(recall_at(&s->recall, i)));
	return good;
}

static void *
sweep(void *argument)
{
	struct sweeper *s = argument;

	s->proc = opendir("/proc");
	if (s->proc != NULL) {
		if ((s->wants & GUARD_SWEEP_RUNNING) == 0 || send_running(s))
			(void)send_recalled(s);
		(void)closedir(s->proc);
	}
	(void)close(s->out);
	free(s);
	return NULL;
}

static void
learn_local(struct sweeper *s, const struct mounts *mounts)
{
	int memory = memfd_create("device", MFD_CLOEXEC);
	struct stat st;
	size_t i;

	s->memory = UINT64_MAX;
	if (memory != -1 && fstat(memory, &st) == 0)
		s->memory = st.st_dev;
	if (memory != -1)
		(void)close(memory);
	for (i = 0; i < mounts->count; i++)
		if (mounts->one[i].sort == FILESYSTEM_LOCAL ||
		    mounts->one[i].sort == FILESYSTEM_LAYERS) {
			s->local[s->locals].id = mounts->one[i].id;
			s->local[s->locals++].device = mounts->one[i].device;
		}
}

int
guard_sweep(const struct mounts *mounts, const struct recall *recall,
    uint32_t wants)
{
	struct sweeper *s = calloc(1, sizeof(*s));
	pthread_attr_t attributes;
	pthread_t thread;
	int end[2];

	if (s == NULL || pipe2(end, O_CLOEXEC) == -1) {
		free(s);
		return -1;
	}
	s->out = end[1];
	s->recall = *recall;
	s->wants = wants;
	/* What is in it is open: let it be no more than need be. */
	(void)fcntl(s->out, F_SETPIPE_SZ, PIPE);
	learn_local(s, mounts);
	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, STACK);
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attributes, sweep, s) != 0) {
		(void)close(end[0]);
		(void)close(end[1]);
		free(s);
		end[0] = -1;
	}
	(void)pthread_attr_destroy(&attributes);
	return end[0];
}
