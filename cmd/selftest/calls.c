/*
 * calls.c - try every system call number in the cage.
 *
 * Those that do not kill the process must be those of sys/promises.def, no
 * more and no fewer.  A promise with a condition is tried with arguments that
 * break it (killed) and with some that keep it (not killed).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/selftest.h"

#include "sys/sandbox.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NUMBERS 600
#define X32     0x40000000u

/* A call as it is made in the cage. */
struct call {
	long nr;
	long argument[6];
};

struct tried {
	struct call call;
	const char *what;
	bool is_promised;
};

/*
 * Conditions, broken and kept.  The broken ones are what an attacker would
 * want of the call; the kept ones what a worker does.
 */
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW   (PROT_READ | PROT_WRITE)
static const struct tried conditions[] = {
	{ { SYS_mmap, { 0, 4096, RW, ANON, -1, 0 } }, "private memory", true },
	{ { SYS_mmap, { 0, 4096, PROT_EXEC, ANON, -1, 0 } }, "code", false },
	{ { SYS_mmap, { 0, 4096, RW | PROT_EXEC, ANON, -1, 0 } },
	    "writable code", false },
	{ { SYS_mmap, { 0, 4096, PROT_READ, MAP_PRIVATE, HELPER_FILE, 0 } },
	    "a file", false },
	{ { SYS_mmap, { 0, 4096, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0 } },
	    "shared memory", false },
	{ { SYS_mprotect, { 0, 0, RW } }, "data", true },
	{ { SYS_mprotect, { 0, 0, PROT_EXEC } }, "code", false },
	{ { SYS_madvise, { 0, 0, MADV_DONTNEED } }, "DONTNEED", true },
	{ { SYS_madvise, { 0, 0, MADV_FREE } }, "FREE", true },
	{ { SYS_madvise, { 0, 0, MADV_HUGEPAGE } }, "HUGEPAGE", true },
	{ { SYS_madvise, { 0, 0, MADV_REMOVE } }, "REMOVE", false },
	{ { SYS_madvise, { 0, 0, MADV_MERGEABLE } }, "MERGEABLE", false },
	{ { SYS_recvmsg, { HELPER_CHANNEL, 0, 0 } }, "the channel", true },
	{ { SYS_recvmsg, { HELPER_FILE, 0, 0 } }, "another", false },
	{ { SYS_sendmsg, { HELPER_CHANNEL, 0, 0 } }, "the channel", true },
	{ { SYS_sendmsg, { 0, 0, 0 } }, "another", false },
};
#define CONDITIONS (sizeof(conditions) / sizeof(conditions[0]))

static void
make_call(void *ctx)
{
	const struct call *c = ctx;
	const long *a = c->argument;

	(void)syscall(c->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

enum answer {
	ANSWER_ALLOWED,
	ANSWER_KILLED,
	ANSWER_NO_CAGE
};

/* What is tried: which cage, with which file passed. */
struct trial {
	enum sandbox_profile profile;
	int file;
	unsigned killed, allowed, wrong;
};

static enum answer
try_call(const struct trial *t, const struct call *c)
{
	enum helper_place where = t->profile == SANDBOX_WORKER
	    ? HELPER_IN_WORKER
	    : HELPER_IN_COMPILER;
	struct call copy = *c;
	struct helper h;
	int status;

	if (!helper_start(&h, where, t->file, make_call, &copy))
		return ANSWER_NO_CAGE;
	status = helper_wait(&h);
	helper_close(&h);
	if (status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return ANSWER_KILLED;
	if (status != -1 && WIFEXITED(status) &&
	    WEXITSTATUS(status) == HELPER_UNCAGED)
		return ANSWER_NO_CAGE;
	return ANSWER_ALLOWED;
}

/*
 * Numbers with which the kernel's own probes return from user space; seccomp
 * is not asked about them ("seccomp: passthrough uretprobe", 2025).  Outside
 * a probe they do nothing but fail.
 */
static bool
is_probe(long nr)
{
#if defined(__x86_64__)
	return nr == 335 || nr == 336;
#else
	(void)nr;
	return false;
#endif
}

static void
judge_number(long nr, enum answer answer, struct trial *t)
{
	const char *name, *rule;
	bool is_promised = sandbox_allows(t->profile, nr, &name, &rule);

	if (answer == ANSWER_KILLED)
		t->killed++;
	else
		t->allowed++;
	if (answer == ANSWER_ALLOWED && is_promised) {
		(void)printf("  %3ld %-16s allowed%s%s\n", nr, name,
		    rule == NULL ? "" : ", ", rule == NULL ? "" : rule);
	} else if (answer == ANSWER_KILLED && is_promised && rule != NULL) {
		(void)printf("  %3ld %-16s killed with null arguments: %s\n",
		    nr, name, rule);
	} else if (answer == ANSWER_ALLOWED && is_probe(nr)) {
		(void)printf("  %3ld %-16s not seen by seccomp on this kernel, "
			     "harmless\n",
		    nr, "(probe return)");
	} else if (answer != ANSWER_KILLED || is_promised) {
		(void)printf("  %3ld %-16s %s <- NOT HELD\n", nr,
		    is_promised ? name : "",
		    answer == ANSWER_NO_CAGE      ? "no cage"
			: answer == ANSWER_KILLED ? "killed, though promised"
						  : "allowed");
		t->wrong++;
	}
}

static void
try_numbers(long from, struct trial *t)
{
	long nr;

	for (nr = from; nr < from + NUMBERS; nr++) {
		struct call c = { .nr = nr };

		judge_number(nr, try_call(t, &c), t);
	}
}

static void
try_conditions(struct trial *t)
{
	size_t i;

	for (i = 0; i < CONDITIONS; i++) {
		const struct tried *c = &conditions[i];
		enum answer wanted =
		    c->is_promised ? ANSWER_ALLOWED : ANSWER_KILLED;
		enum answer got = try_call(t, &c->call);
		const char *name, *rule;

		(void)sandbox_allows(t->profile, c->call.nr, &name, &rule);
		(void)printf("  %-9s %-15s %s%s\n", name, c->what,
		    got == ANSWER_KILLED ? "killed" : "allowed",
		    got == wanted ? "" : " <- NOT HELD");
		if (got != wanted)
			t->wrong++;
	}
}

static bool
try_cage(enum sandbox_profile profile, const char *name)
{
	struct trial t = { .profile = profile };

	t.file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	(void)printf("%s: every number from 0 to %d, and again from %#x:\n",
	    name, NUMBERS - 1, X32);
	try_numbers(0, &t);
	try_numbers((long)X32, &t);
	(void)printf("  %u killed, %u not\n%s: conditions:\n", t.killed,
	    t.allowed, name);
	try_conditions(&t);
	if (t.file != -1)
		(void)close(t.file);
	return t.wrong == 0;
}

static bool
calls_run(int argc, char **argv)
{
	bool is_well = true;

	if (argc == 0 || strcmp(argv[0], "worker") == 0)
		is_well &= try_cage(SANDBOX_WORKER, "worker");
	if (argc == 0 || strcmp(argv[0], "compiler") == 0)
		is_well &= try_cage(SANDBOX_COMPILER, "compiler");
	return is_well;
}

const struct part calls_part = { "calls", "[CAGE]",
	"try every system call number in the cage of worker and compiler",
	calls_run, true, NULL };
