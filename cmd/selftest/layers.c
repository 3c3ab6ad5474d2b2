/*
 * layers.c - enter the cage on a kernel that lacks something.
 *
 * A filter of our own makes the kernel refuse Landlock, namespaces or MDWE,
 * in all combinations, and seccomp itself.  What is then in force must be
 * exactly the rest, DEGRADED must be said when and only when the second wall
 * is gone, and without seccomp there must be no entering.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/selftest.h"

#include "sys/channel.h"
#include "sys/sandbox.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#define PR_SET_MDWE_NUMBER 65

#define NAMESPACE_LAYERS                                      \
	((uint32_t)(SANDBOX_EMPTY_ROOT | SANDBOX_NO_NETWORK | \
	    SANDBOX_OWN_USERS | SANDBOX_OWN_IPC | SANDBOX_OWN_HOSTNAME))
#define LANDLOCK_LAYERS \
	((uint32_t)(SANDBOX_LANDLOCK | SANDBOX_LANDLOCK_NETWORK))

/* --- in the process ------------------------------------------------------- */

/*
 * Make the kernel answer as one that lacks those: two lines for each call,
 * jumped over when it is not lacking.
 */
bool
layers_lack(unsigned what)
{
	const uint32_t no = SECCOMP_RET_ERRNO | EPERM;
	const uint32_t unknown = SECCOMP_RET_ERRNO | ENOSYS;
	const uint32_t yes = SECCOMP_RET_ALLOW;
	struct sock_filter line[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset,
		    0, 1),
		BPF_STMT(BPF_RET | BPF_K,
		    what & LACKS_LANDLOCK ? unknown : yes),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, what & LACKS_NAMESPACES ? no : yes),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, what & LACKS_SECCOMP ? unknown : yes),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_MDWE_NUMBER, 0, 1),
		BPF_STMT(BPF_RET | BPF_K,
		    what & LACKS_MDWE ? SECCOMP_RET_ERRNO | EINVAL : yes),
		BPF_STMT(BPF_RET | BPF_K, yes),
	};
	struct sock_fprog all = {
		.len = sizeof(line) / sizeof(line[0]),
		.filter = line,
	};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) == 0;
}

/* Enter, and say what is in force: all bits if it was not possible. */
static _Noreturn void
enter_and_say(unsigned what, int channel)
{
	uint32_t layers;
	struct why why;

	(void)dup2(channel, HELPER_CHANNEL);
	if (!layers_lack(what))
		_exit(HELPER_UNCAGED);
	if (!sandbox_enter(SANDBOX_WORKER, &layers, &why))
		layers = UINT32_MAX;
	(void)channel_send(HELPER_CHANNEL, &layers, sizeof(layers), -1);
	_exit(0);
}

/* --- outside -------------------------------------------------------------- */

static bool
layers_when(unsigned what, uint32_t *layers)
{
	int pair[2], status = 0;
	size_t size = 0;
	bool has_said;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return false;
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0)
		enter_and_say(what, pair[1]);
	(void)close(pair[1]);
	(void)waitpid(pid, &status, 0);
	has_said = channel_read(pair[0], layers, sizeof(*layers), &size) ==
		CHANNEL_DONE &&
	    size == sizeof(*layers);
	(void)close(pair[0]);
	return has_said;
}

static uint32_t
expect(unsigned what, uint32_t full)
{
	if (what & LACKS_SECCOMP)
		return UINT32_MAX;
	if (what & LACKS_LANDLOCK)
		full &= ~LANDLOCK_LAYERS;
	if (what & LACKS_NAMESPACES)
		full &= ~NAMESPACE_LAYERS;
	if (what & LACKS_MDWE)
		full &= ~(uint32_t)SANDBOX_NO_NEW_CODE;
	return full;
}

/* The second wall is namespaces, or else a Landlock that knows the network. */
static bool
expect_degraded(unsigned what, uint32_t full)
{
	bool has_root = (full & SANDBOX_EMPTY_ROOT) != 0;
	bool has_landlock = (full & SANDBOX_LANDLOCK_NETWORK) != 0;

	return (!has_root || (what & LACKS_NAMESPACES) != 0) &&
	    (!has_landlock || (what & LACKS_LANDLOCK) != 0);
}

static bool
try_lacking(unsigned what, uint32_t full)
{
	uint32_t layers = 0;
	bool is_well = layers_when(what, &layers) &&
	    layers == expect(what, full) &&
	    (layers == UINT32_MAX ||
		sandbox_is_degraded(layers) == expect_degraded(what, full));

	(void)printf("  without %-9s %-11s %-5s %-8s %s%s\n",
	    what & LACKS_LANDLOCK ? "landlock" : "",
	    what & LACKS_NAMESPACES ? "namespaces" : "",
	    what & LACKS_MDWE ? "mdwe" : "",
	    what & LACKS_SECCOMP ? "seccomp" : "",
	    layers == UINT32_MAX              ? "refuses"
		: sandbox_is_degraded(layers) ? "scans, DEGRADED"
					      : "scans",
	    is_well ? "" : " <- NOT AS EXPECTED");
	return is_well;
}

static bool
layers_run(int argc, char **argv)
{
	bool is_well = true;
	uint32_t full = 0;
	char words[512];
	unsigned what;

	(void)argc;
	(void)argv;
	if (!layers_when(0, &full) || full == UINT32_MAX) {
		(void)printf("cannot enter the cage at all\n");
		return false;
	}
	sandbox_say(full, words, sizeof(words));
	(void)printf("here: %s\n", words);
	for (what = 0; what <= LACKS_SECCOMP; what++)
		if (!try_lacking(what, full))
			is_well = false;
	return is_well;
}

const struct part layers_part = { "layers", "",
	"enter the cage on a kernel that lacks something", layers_run, false,
	NULL };
