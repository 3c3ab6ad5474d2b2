/*
 * stage.c - victims for attacks, and observers who notice.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/stage.h"

#include "cmd/selftest/selftest.h"

#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- making --------------------------------------------------------------- */

static bool
open_inet(int type, struct sockaddr_in *address, int *fd)
{
	socklen_t size = sizeof(*address);

	memset(address, 0, sizeof(*address));
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return *fd != -1 && bind(*fd, (struct sockaddr *)address, size) == 0 &&
	    (type != SOCK_STREAM || listen(*fd, 8) == 0) &&
	    getsockname(*fd, (struct sockaddr *)address, &size) == 0;
}

static bool
open_unix(const struct sockaddr_un *address, socklen_t size, int *fd)
{
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return *fd != -1 &&
	    bind(*fd, (const struct sockaddr *)address, size) == 0 &&
	    listen(*fd, 8) == 0;
}

static bool
open_listeners(struct stage *s)
{
	int n;

	memset(&s->named_address, 0, sizeof(s->named_address));
	s->named_address.sun_family = AF_UNIX;
	(void)snprintf(s->named_address.sun_path,
	    sizeof(s->named_address.sun_path), "%s/socket", s->folder);

	/* An abstract name starts with a zero byte and has no end. */
	memset(&s->abstract_address, 0, sizeof(s->abstract_address));
	s->abstract_address.sun_family = AF_UNIX;
	n = snprintf(s->abstract_address.sun_path + 1,
	    sizeof(s->abstract_address.sun_path) - 1, "%s", s->folder);
	s->abstract_size =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
	return open_inet(SOCK_STREAM, &s->tcp_address, &s->tcp) &&
	    open_inet(SOCK_DGRAM, &s->udp_address, &s->udp) &&
	    open_unix(&s->abstract_address, s->abstract_size, &s->abstract) &&
	    open_unix(&s->named_address, sizeof(s->named_address), &s->named) &&
	    chmod(s->named_address.sun_path, 0777) == 0;
}

/* The file a worker would be sent; it is the attacker's own. */
static bool
open_file(struct stage *s)
{
	int fd;

	(void)snprintf(s->own, sizeof(s->own), "%s/own", s->folder);
	(void)snprintf(s->created, sizeof(s->created), "%s/new", s->folder);
	fd = open(s->own, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0644);
	if (fd == -1 || write(fd, "hello world", 11) != 11)
		return false;
	if (geteuid() == 0 && fchown(fd, HELPER_NOBODY, HELPER_NOBODY) == -1 &&
	    errno != EINVAL && errno != EPERM)
		return false;
	(void)close(fd);
	s->file = open(s->own, O_RDONLY | O_CLOEXEC);
	return s->file != -1;
}

/* A process of the same user: what a neighbour would be. */
static void
start_victim(struct stage *s)
{
	s->victim = fork();
	if (s->victim != 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (!helper_be_nobody())
		_exit(1);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);

	/* As open to its own user as any program that was just started. */
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	(void)memcpy(s->secret, "TOP SECRET WORDS", STAGE_SECRET_SIZE);
	for (;;)
		(void)pause();
}

bool
stage_open(struct stage *s)
{
	memset(s, 0, sizeof(*s));
	(void)snprintf(s->folder, sizeof(s->folder),
	    "/tmp/candor-selftest.XXXXXX");
	if (mkdtemp(s->folder) == NULL || chmod(s->folder, 0777) == -1)
		return false;
	s->shared = (key_t)(0x43000000 | (getpid() & 0xffffff));
	if (!open_listeners(s) || !open_file(s))
		return false;
	start_victim(s);

	/* Let it become who it is to be. */
	(void)poll(NULL, 0, 50);
	return s->victim > 0;
}

void
stage_close(struct stage *s)
{
	(void)kill(s->victim, SIGKILL);
	(void)waitpid(s->victim, NULL, 0);
	(void)unlink(s->named_address.sun_path);
	(void)unlink(s->own);
	(void)unlink(s->created);
	(void)rmdir(s->folder);
}

/* --- before and after an attack ------------------------------------------- */

static bool
had_caller(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd == -1)
		return false;
	(void)close(fd);
	return true;
}

static bool
had_packet(int fd)
{
	char room[64];

	return recv(fd, room, sizeof(room), MSG_DONTWAIT) >= 0;
}

/* Is somebody tracing the victim? */
static bool
is_traced(pid_t pid)
{
	char path[64], line[128];
	bool is_so = false;
	FILE *in;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	in = fopen(path, "re");
	while (in != NULL && fgets(line, sizeof(line), in) != NULL)
		if (strncmp(line, "TracerPid:", 10) == 0)
			is_so = strtol(line + 10, NULL, 10) != 0;
	if (in != NULL)
		(void)fclose(in);
	return is_so;
}

static const char *
notice_file(struct stage *s)
{
	struct stat now;
	char value[8];

	if (access(s->created, F_OK) == 0)
		return "a new file";
	if (fstat(s->file, &now) == -1)
		return "the file is gone";
	if (now.st_mode != s->was.st_mode)
		return "another mode";
	if (now.st_size != s->was.st_size)
		return "another size";
	if (now.st_mtim.tv_sec != s->was.st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != s->was.st_mtim.tv_nsec)
		return "another time";
	if (fgetxattr(s->file, "user.candor", value, sizeof(value)) >= 0)
		return "an attribute";
	return NULL;
}

/* What the kernel says a process is doing: 'S' asleep, 'R', 'Z', … */
static char
process_state(pid_t pid)
{
	char path[64], line[512] = "";
	const char *at;
	FILE *in;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	in = fopen(path, "re");
	if (in == NULL)
		return 0;
	if (fgets(line, sizeof(line), in) == NULL)
		line[0] = '\0';
	(void)fclose(in);
	at = strrchr(line, ')');
	return at != NULL && at[1] == ' ' ? at[2] : 0;
}

/*
 * Dying takes a while on a busy machine.  A signal wakes its receiver before
 * kill() returns, so one that is asleep, or stopped, was not killed.
 */
static void
settle(pid_t pid)
{
	int i;

	for (i = 0; i < 500; i++) {
		char state = process_state(pid);

		if (state == 'S' || state == 'T' || state == 't' ||
		    state == 'Z' || state == 0)
			return;
		(void)poll(NULL, 0, 10);
	}
}

static const char *
notice_process(const struct stage *s)
{
	settle(s->victim);
	if (waitpid(s->victim, NULL, WNOHANG) != 0)
		return "a dead neighbour";
	if (is_traced(s->victim))
		return "a traced neighbour";
	return NULL;
}

const char *
stage_notice(struct stage *s)
{
	const char *what = notice_file(s);

	if (what == NULL)
		what = notice_process(s);
	if (what != NULL)
		return what;
	if (had_caller(s->tcp))
		return "a TCP connection";
	if (had_packet(s->udp))
		return "a UDP packet";
	if (had_caller(s->abstract) || had_caller(s->named))
		return "a connection";
	if (shmget(s->shared, 0, 0) != -1)
		return "shared memory";
	return "nothing";
}

/* The neighbour may have been killed by the attack before. */
static void
reset_victim(struct stage *s)
{
	if (kill(s->victim, 0) == 0 && waitpid(s->victim, NULL, WNOHANG) == 0)
		return;
	start_victim(s);
	(void)poll(NULL, 0, 50);
}

void
stage_reset(struct stage *s)
{
	struct timespec past[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
	int fd = open(s->own, O_RDWR | O_CLOEXEC);
	int shm = shmget(s->shared, 0, 0);

	if (shm != -1)
		(void)shmctl(shm, IPC_RMID, NULL);
	if (fd != -1) {
		(void)fchmod(fd, 0644);
		(void)!ftruncate(fd, 11);
		(void)fremovexattr(fd, "user.candor");
		(void)futimens(fd, past);
		(void)close(fd);
	}
	(void)unlink(s->created);
	while (had_caller(s->tcp) || had_packet(s->udp) ||
	    had_caller(s->abstract) || had_caller(s->named))
		;
	reset_victim(s);
	(void)fstat(s->file, &s->was);
}
