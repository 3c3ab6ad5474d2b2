/*
 * helper.c - processes for experiments.  See selftest.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/selftest.h"

#include "lib/base/why.h"
#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/sandbox.h"
#include "sys/spawn.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS  5000u
#define FIRST_UNUSED 5

/* Put the channel and the file where the cage expects them. */
static void
place(int channel, int file)
{
	int c = fcntl(channel, F_DUPFD, 32);
	int f = file == -1 ? -1 : fcntl(file, F_DUPFD, 32);
	int fd;

	(void)dup2(c, HELPER_CHANNEL);
	if (f == -1)
		(void)close(HELPER_FILE);
	else
		(void)dup2(f, HELPER_FILE);
	for (fd = FIRST_UNUSED; fd < 256; fd++)
		(void)close(fd);
}

bool
helper_be_nobody(void)
{
	if (geteuid() != 0)
		return true;
	if (setgroups(0, NULL) == 0 &&
	    setresgid(HELPER_NOBODY, HELPER_NOBODY, HELPER_NOBODY) == 0 &&
	    setresuid(HELPER_NOBODY, HELPER_NOBODY, HELPER_NOBODY) == 0)
		return true;
	return errno == EINVAL || errno == EPERM;
}

/* Without seccomp entering ends there, with all else in force. */
static void
enter_rest(unsigned lacks)
{
	bool may_enter = (lacks & LACKS_SECCOMP) == 0;
	uint32_t layers;
	struct why why;

	if (!layers_lack(lacks) ||
	    sandbox_enter(SANDBOX_WORKER, &layers, &why) != may_enter)
		_exit(HELPER_UNCAGED);
}

static void
enter(unsigned where)
{
	enum sandbox_profile profile =
	    where == HELPER_IN_COMPILER ? SANDBOX_COMPILER : SANDBOX_WORKER;
	uint32_t layers;
	struct why why;

	if (where >= HELPER_IN_REST) {
		enter_rest(where - HELPER_IN_REST);
		return;
	}

	if (where == HELPER_OPEN) {
		if (!helper_be_nobody())
			_exit(HELPER_UNCAGED);
		return;
	}
	if (!sandbox_enter(profile, &layers, &why)) {
		(void)fprintf(stderr, "%s: %s\n", why.text,
		    why.err == 0 ? "" : strerror(why.err));
		_exit(HELPER_UNCAGED);
	}
}

bool
helper_start(struct helper *h, unsigned where, int file,
    void (*what)(void *ctx), void *ctx)
{
	struct why why;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return false;
	h->channel = pair[0];
	if (where != HELPER_OPEN) {
		if (!spawn_fork(&h->pid, &why))
			return false;
	} else {
		h->pid = fork();
	}
	if (h->pid == 0) {
		place(pair[1], file);
		enter(where);
		what(ctx);
		_exit(0);
	}
	(void)close(pair[1]);
	return h->pid != -1;
}

int
helper_wait(struct helper *h)
{
	uint64_t until = clock_milliseconds() + PATIENCE_MS;
	struct pollfd hangup = { .fd = h->channel };
	int status = 0;

	/* The other end closes when the process ends. */
	(void)poll(&hangup, 1, (int)PATIENCE_MS);
	while (waitpid(h->pid, &status, WNOHANG) == 0) {
		if (clock_milliseconds() >= until) {
			(void)kill(h->pid, SIGKILL);
			(void)waitpid(h->pid, &status, 0);
			return -1;
		}
		(void)poll(NULL, 0, 1);
	}
	return status;
}

void
helper_say(unsigned char a, unsigned char b)
{
	unsigned char said[2] = { a, b };

	(void)channel_send(HELPER_CHANNEL, said, sizeof(said), -1);
}

bool
helper_heard(const struct helper *h, unsigned char said[2])
{
	size_t size;

	return channel_read(h->channel, said, 2, &size) == CHANNEL_DONE &&
	    size == 2;
}

void
helper_close(struct helper *h)
{
	(void)close(h->channel);
}
