/*
 * sandbox.c - give up everything but the work at hand.  See sandbox.h.
 *
 * The order matters: namespaces need capabilities, which need a dumpable
 * process to be set up; identity changes forget the parent-death signal;
 * Landlock and seccomp need no_new_privs; after seccomp nothing can be asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/sandbox.h"

#include "sys/sandbox_parts.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Linux 6.3; older headers do not have them. */
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif
#define MDWE_REFUSE_EXEC_GAIN 1ul

#define MEGABYTE ((rlim_t)1 << 20)

struct limit {
	int what;
	rlim_t worker, compiler;
};

/*
 * Data is private writable memory: the database is mapped read-only and does
 * not count.  A worker has its arena and what decoders allocate (xz -9 alone
 * wants 65 MB); a compiler builds a whole database in memory.  Descriptors are
 * received above the channel: a worker gets eight at a time.
 */
static const struct limit limit_table[] = {
	{ RLIMIT_CORE, 0, 0 },
	{ RLIMIT_FSIZE, 0, RLIM_INFINITY },
	{ RLIMIT_NPROC, 0, 0 },
	{ RLIMIT_MEMLOCK, 0, 0 },
	{ RLIMIT_MSGQUEUE, 0, 0 },
	{ RLIMIT_NOFILE, 16, 128 },
	{ RLIMIT_STACK, 1 * MEGABYTE, 8 * MEGABYTE },
	{ RLIMIT_DATA, 512 * MEGABYTE, 16384 * MEGABYTE },
};

static bool
set_limits(enum sandbox_profile profile, uint32_t *layers, struct why *why)
{
	size_t i;

	for (i = 0; i < sizeof(limit_table) / sizeof(limit_table[0]); i++) {
		const struct limit *l = &limit_table[i];
		rlim_t most =
		    profile == SANDBOX_WORKER ? l->worker : l->compiler;
		struct rlimit r;

		if (!sandbox_limits_memory &&
		    (l->what == RLIMIT_DATA || l->what == RLIMIT_STACK))
			continue;
		if (getrlimit((__rlimit_resource_t)l->what, &r) == -1)
			return why_not(why, WHY_SYSTEM, "sandbox: getrlimit");

		/* Only ever down: whoever started us may have set less. */
		if (r.rlim_max > most)
			r.rlim_max = most;
		if (r.rlim_cur > r.rlim_max)
			r.rlim_cur = r.rlim_max;
		if (setrlimit((__rlimit_resource_t)l->what, &r) == -1)
			return why_not(why, WHY_SYSTEM, "sandbox: setrlimit");
	}
	*layers |= SANDBOX_LIMITS;
	return true;
}

/* What prctl() has to offer; after all changes of identity. */
static bool
set_process(uint32_t *layers, struct why *why)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return why_not(why, WHY_SYSTEM, "sandbox: no_new_privs");
	*layers |= SANDBOX_NO_NEW_PRIVILEGES;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return why_not(why, WHY_SYSTEM, "sandbox: undumpable");
	*layers |= SANDBOX_UNDUMPABLE;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		return why_not(why, WHY_SYSTEM, "sandbox: parent-death signal");
	if (prctl(PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0)
		*layers |= SANDBOX_NO_NEW_CODE;

	/* Process 1 is only ever one that was started in its own namespace. */
	if (getpid() == 1)
		*layers |= SANDBOX_OWN_PROCESSES;
	return true;
}

/*
 * The standard descriptors lead nowhere any more.  Those of the starter may
 * be a terminal, and a terminal takes more than bytes.
 */
static void
blind(int null)
{
	int fd, last = sandbox_keeps_stderr ? 1 : 2;

	for (fd = 0; fd <= last; fd++)
		(void)dup2(null, fd);
}

bool
sandbox_enter(enum sandbox_profile profile, uint32_t *layers, struct why *why)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int spoken = fcntl(2, F_DUPFD_CLOEXEC, 3);
	bool is_in;

	*layers = 0;
	if (null == -1 || spoken == -1)
		return why_not(why, WHY_SYSTEM, "sandbox: /dev/null");
	sandbox_leave(layers);
	if (!sandbox_drop_capabilities(layers, why) ||
	    !set_process(layers, why) || !set_limits(profile, layers, why))
		return false;
	sandbox_landlock(layers);
	blind(null);
	(void)close(null);
	is_in = sandbox_filter(profile, layers, why);

	/* The old stderr is for saying why not; close() is promised. */
	if (!is_in)
		(void)dup2(spoken, 2);
	(void)close(spoken);
	return is_in;
}

bool
sandbox_is_degraded(uint32_t layers)
{
	const uint32_t namespaces = SANDBOX_EMPTY_ROOT | SANDBOX_NO_NETWORK;
	const uint32_t landlock = SANDBOX_LANDLOCK | SANDBOX_LANDLOCK_NETWORK;

	return (layers & namespaces) != namespaces &&
	    (layers & landlock) != landlock;
}

void
sandbox_say(uint32_t layers, char *out, size_t size)
{
	static const struct {
		uint32_t bit;
		const char *text;
	} word[] = {
#define SANDBOX_LAYER(tag, bit, text) { 1u << (bit), text },
		SANDBOX_LAYER_TABLE
#undef SANDBOX_LAYER
	};
	size_t i, at = 0;

	if (size > 0)
		out[0] = '\0';
	for (i = 0; i < sizeof(word) / sizeof(word[0]) && at < size; i++) {
		int n;

		if ((layers & word[i].bit) == 0)
			continue;
		n = snprintf(out + at, size - at, "%s%s", at == 0 ? "" : ", ",
		    word[i].text);
		if (n < 0)
			return;
		at += (size_t)n;
	}
}
