/*
 * run.c - run a program of the system.  See run.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/run.h"

#include "sys/clock.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

static char environment_path[] =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
static char environment_locale[] = "LC_ALL=C";
static char environment_home[] = "HOME=/root";
static char environment_quiet[] = "DEBIAN_FRONTEND=noninteractive";
static char environment_pager[] = "SYSTEMD_PAGER=";
static char *const environment[] = { environment_path, environment_locale,
	environment_home, environment_quiet, environment_pager, NULL };

bool
run_is_there(const char *path)
{
	struct stat st;

	return path[0] == '/' && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, X_OK) == 0;
}

/* Between fork and exec only what is safe there is called. */
static _Noreturn void
child_run(const char *const *argv, int in, int out, int null)
{
	static const char sorry[] = "candor: it cannot be started\n";
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setsid();
	if (dup2(in >= 0 ? in : null, 0) != -1 &&
	    dup2(out >= 0 ? out : null, 1) != -1 && dup2(1, 2) != -1)
		(void)execve(argv[0], (char *const *)(uintptr_t)argv,
		    environment);
	(void)!write(2, sorry, sizeof(sorry) - 1);
	_exit(127);
}

static bool
start(const char *const *argv, int in, int out, pid_t *pid)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null == -1)
		return false;
	*pid = fork();
	if (*pid == 0)
		child_run(argv, in, out, null);
	(void)close(null);
	return *pid != -1;
}

/* Has it ended before the time is over? */
static bool
wait_for(pid_t pid, uint64_t patience_ms, int *status)
{
	uint64_t end = clock_milliseconds() + patience_ms, now;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { fd, POLLIN, 0 };
	bool has_ended = fd == -1; /* an old kernel: wait as long as it takes */

	while (!has_ended && (now = clock_milliseconds()) < end)
		has_ended = poll(&p, 1, (int)(end - now)) == 1;
	if (fd != -1)
		(void)close(fd);
	if (!has_ended)
		(void)kill(-pid, SIGKILL);
	while (waitpid(pid, status, 0) == -1 && errno == EINTR)
		continue;
	return has_ended;
}

bool
run_program(const char *const *argv, int in, int out, uint64_t patience_ms,
    int *status, struct why *why)
{
	pid_t pid;

	*status = 0;
	if (argv[0][0] != '/')
		return why_not(why, WHY_BUG, "%s: no path", argv[0]);
	if (patience_ms > 86400000u)
		patience_ms = 86400000u;
	if (!start(argv, in, out, &pid))
		return why_not(why, WHY_SYSTEM, "%s: cannot start", argv[0]);
	if (!wait_for(pid, patience_ms, status))
		return why_not(why, WHY_LIMIT, "%s: took too long", argv[0]);
	return true;
}
