/*
 * listener.c - the least that being asked costs: says yes to everything.
 *
 * listener FOLDER watches the file system FOLDER is on as candor-guard does
 * (open with an answer, close after writing), remembers what is not empty with
 * the kernel as known (inode ignore marks), and looks into nothing.  Prints a
 * line when it watches.  For tests/bench/guard.py, to compare with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <sys/fanotify.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef FAN_MARK_EVICTABLE
#define FAN_MARK_EVICTABLE 0x00000200
#endif

#define AWAKE_NS 100000 /* as the guard, proc/guard/burst.h */

static int64_t
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
take(int group, const struct fanotify_event_metadata *m)
{
	struct fanotify_response yes = { m->fd, FAN_ALLOW };
	struct stat st;

	if ((m->mask & FAN_OPEN_PERM) != 0 && fstat(m->fd, &st) == 0 &&
	    S_ISREG(st.st_mode) && st.st_size > 0)
		(void)fanotify_mark(group,
		    FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_EVICTABLE,
		    FAN_OPEN_PERM, m->fd, NULL);
	(void)close(m->fd);
	if ((m->mask & FAN_OPEN_PERM) != 0 &&
	    write(group, &yes, sizeof(yes)) == -1)
		perror("answer");
}

int
main(int argc, char **argv)
{
	static char buffer[16384];
	struct fanotify_event_metadata m;
	struct pollfd p = { .events = POLLIN };
	int64_t heard = 0;
	ssize_t n, at;

	p.fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK |
		FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS,
	    O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NOATIME | O_NONBLOCK);
	if (argc != 2 || p.fd == -1 ||
	    fanotify_mark(p.fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
		FAN_OPEN_PERM | FAN_CLOSE_WRITE, AT_FDCWD, argv[1]) == -1) {
		perror("listener");
		return 1;
	}
	(void)puts("watching");
	(void)fflush(stdout);
	for (;;) {
		int is_awake = now() - heard < AWAKE_NS;

		if (is_awake)
			(void)sched_yield();
		(void)poll(&p, 1, is_awake ? 0 : -1);
		n = read(p.fd, buffer, sizeof(buffer));
		if (n > 0)
			heard = now();
		for (at = 0; at + (ssize_t)sizeof(m) <= n;
		     at += FAN_EVENT_METADATA_LEN) {
			memcpy(&m, buffer + at, sizeof(m));
			take(p.fd, &m);
		}
	}
}
