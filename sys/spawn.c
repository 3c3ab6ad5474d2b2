/*
 * spawn.c - start a helper program.  See spawn.h.
 *
 * Between fork and exec only what is safe there is called: the parent may
 * have threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/spawn.h"

#include "sys/sandbox_users.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- forking ------------------------------------------------------------- */

static pid_t
clone_with(unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L);
}

/*
 * The first child after CLONE_NEWPID is process 1 there.  Root may make such
 * a namespace; others may inside a user namespace, in which the child tells
 * the kernel that it is still the same user: a later, nested one needs that.
 */
static pid_t
fork_apart(const struct sandbox_users *users)
{
	pid_t pid = clone_with(CLONE_NEWPID);

	if (pid != -1 || geteuid() == 0)
		return pid;
	pid = clone_with(CLONE_NEWUSER | CLONE_NEWPID);
	if (pid == 0)
		sandbox_users_keep(users);
	return pid;
}

bool
spawn_fork(pid_t *pid, struct why *why)
{
	struct sandbox_users users;

	sandbox_users_init(&users);
	*pid = fork_apart(&users);
	if (*pid == -1)
		*pid = clone_with(0);
	if (*pid == -1)
		return why_not(why, WHY_SYSTEM, "cannot start a process");
	return true;
}

/* --- starting a program ---------------------------------------------------*/

/* Close everything from fd first on when the program is replaced. */
static void
close_on_exec_from(unsigned first)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, ~0u, 4u /* CLOEXEC */) == 0)
		return;
#endif
	for (; first < 65536; first++)
		(void)fcntl((int)first, F_SETFD, FD_CLOEXEC);
}

/* Put count descriptors at 3, 4, ...; room holds them on their way there. */
static bool
place(const int *fd, int *room, int count)
{
	int i, above = SPAWN_CHANNEL + count;

	for (i = 0; i < count; i++) {
		room[i] = fcntl(fd[i], F_DUPFD_CLOEXEC, above);
		if (room[i] == -1)
			return false;
	}
	for (i = 0; i < count; i++)
		if (dup2(room[i], SPAWN_CHANNEL + i) == -1)
			return false;
	close_on_exec_from((unsigned)above);
	return true;
}

/* What the child says and does when it cannot go on. */
static _Noreturn void
child_fails(const char *what)
{
	(void)!write(2, what, strlen(what));
	_exit(127);
}

/* Be somebody else.  The kernel forgets PR_SET_PDEATHSIG then. */
static bool
become(uid_t uid, gid_t gid)
{
	if (uid == (uid_t)-1)
		return true;
	return setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 &&
	    setresuid(uid, uid, uid) == 0 &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0;
}

/* What a helper is started with, besides its descriptors. */
struct child {
	const char *path;
	char *const *argv;
	uid_t uid; /* or -1 */
	gid_t gid;
	bool is_large;
};

static _Noreturn void
child_run(const struct child *c, const int *fd, int count)
{
	static char locale[] = "LC_ALL=C", zone[] = "TZ=UTC";
	static char large[] = "GLIBC_TUNABLES=glibc.malloc.hugetlb=1";
	char *const environment[] = { locale, zone, c->is_large ? large : NULL,
		NULL };
	int room[1 + SPAWN_LENT_MAX];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setsid();
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (null == -1 || dup2(null, 0) == -1 || dup2(null, 1) == -1)
		child_fails("candor: no /dev/null for a helper\n");
	if (!place(fd, room, count))
		child_fails("candor: no descriptors for a helper\n");
	if (!become(c->uid, c->gid))
		child_fails("candor: cannot run a helper as another user\n");
	(void)execve(c->path, c->argv, environment);
	child_fails("candor: cannot start a helper\n");
}

static bool
fork_beside(pid_t *pid, struct why *why)
{
	*pid = clone_with(0);
	if (*pid == -1)
		return why_not(why, WHY_SYSTEM, "cannot start a process");
	return true;
}

/* fd has count lent descriptors, and room for the channel before them. */
static bool
start(const struct child *c, bool is_apart, int *fd, size_t count,
    struct spawned *out, struct why *why)
{
	int pair[2];

	out->pid = -1;
	out->channel = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return why_not(why, WHY_SYSTEM, "cannot make a channel");
	fd[0] = pair[1];
	if (!(is_apart ? spawn_fork : fork_beside)(&out->pid, why)) {
		(void)close(pair[0]);
		(void)close(pair[1]);
		return false;
	}
	if (out->pid == 0)
		child_run(c, fd, (int)count + 1);
	(void)close(pair[1]);
	out->channel = pair[0];
	return true;
}

/* Start a helper apart, with a copy of the descriptors. */
static bool
start_apart(const struct child *c, const int *fd, size_t count,
    struct spawned *out, struct why *why)
{
	int all[1 + SPAWN_LENT_MAX];
	size_t i;

	if (count > SPAWN_LENT_MAX)
		return why_not(why, WHY_BUG, "spawn: too many descriptors");
	for (i = 0; i < count; i++)
		all[1 + i] = fd[i];
	return start(c, true, all, count, out, why);
}

bool
spawn_start(const char *path, const char *const *argv, const int *fd,
    size_t count, struct spawned *out, struct why *why)
{
	const struct child c = { path, (char *const *)(uintptr_t)argv,
		(uid_t)-1, (gid_t)-1, false };

	return start_apart(&c, fd, count, out, why);
}

bool
spawn_start_large(const char *path, const char *const *argv, const int *fd,
    size_t count, struct spawned *out, struct why *why)
{
	const struct child c = { path, (char *const *)(uintptr_t)argv,
		(uid_t)-1, (gid_t)-1, true };

	return start_apart(&c, fd, count, out, why);
}

bool
spawn_neighbour(const char *path, const char *const *argv, uid_t uid, gid_t gid,
    struct spawned *out, struct why *why)
{
	const struct child c = { path, (char *const *)(uintptr_t)argv, uid, gid,
		false };
	int channel;

	return start(&c, false, &channel, 0, out, why);
}

/* --- ending -------------------------------------------------------------- */

int
spawn_wait(struct spawned *s)
{
	int status = 0;
	pid_t got;

	if (s->channel != -1)
		(void)close(s->channel);
	s->channel = -1;
	if (s->pid <= 0)
		return 0;
	do
		got = waitpid(s->pid, &status, 0);
	while (got == -1 && errno == EINTR);
	s->pid = -1;
	return got == -1 ? 0 : status;
}

void
spawn_end(struct spawned *s)
{
	if (s->pid > 0)
		(void)kill(s->pid, SIGKILL);
	(void)spawn_wait(s);
}

void
spawn_say_status(int status, char *out, size_t size)
{
	if (WIFSIGNALED(status))
		(void)snprintf(out, size, "signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		(void)snprintf(out, size, "exit %d", WEXITSTATUS(status));
}
