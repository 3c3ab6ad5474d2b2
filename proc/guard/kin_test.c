/*
 * kin_test.c - is a process one of candord's own?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/kin.h"

#include "tests/t.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/sched.h>
#include <signal.h>
#include <unistd.h>

static struct kin kin;

/* A process that waits to be killed, with a child that does; both its number
   and its child's.  Its name tries to look like other fields. */
static pid_t
start(pid_t *child)
{
	int end[2];
	pid_t pid;

	assert_int_equal(pipe(end), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		pid_t grandchild = fork();

		(void)prctl(PR_SET_NAME, "a) S 1 1 (");
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (grandchild > 0 &&
		    write(end[1], &grandchild, sizeof(grandchild)) < 0)
			_exit(1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(end[0], child, sizeof(*child)), sizeof(*child));
	(void)close(end[0]);
	(void)close(end[1]);
	return pid;
}

static void
test_descendants(void **state)
{
	pid_t own, own_child, other, other_child;
	struct why why;

	(void)state;
	assert_true(kin_open(&kin, &why));
	t_eq(kin.eldest, getppid());
	assert_true(kin_is(&kin, (uint32_t)getpid()));
	own = start(&own_child);
	other = start(&other_child);
	assert_true(kin_is(&kin, (uint32_t)other_child));
	/* As if one of them were the supervisor, and we not there. */
	kin.eldest = (uint32_t)own;
	kin.self = 0;
	assert_true(kin_is(&kin, (uint32_t)own));
	assert_true(kin_is(&kin, (uint32_t)own_child));
	assert_false(kin_is(&kin, (uint32_t)other));
	assert_false(kin_is(&kin, (uint32_t)other_child));
	assert_false(kin_is(&kin, (uint32_t)getpid()));
	assert_false(kin_is(&kin, 1));
	assert_false(kin_is(&kin, 0)); /* of a namespace above ours */
	assert_false(kin_is(&kin, UINT32_MAX));
	(void)kill(own_child, SIGKILL);
	(void)kill(other_child, SIGKILL);
	(void)kill(own, SIGKILL);
	(void)kill(other, SIGKILL);
	(void)waitpid(own, NULL, 0);
	(void)waitpid(other, NULL, 0);
	assert_false(kin_is(&kin, (uint32_t)other));
	kin_close(&kin);
}

/* A process that waits to be killed, of that number if it is free. */
static pid_t
start_as(pid_t pid)
{
	struct clone_args a = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};
	pid_t child = (pid_t)syscall(SYS_clone3, &a, sizeof(a));

	if (child != 0)
		return child;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		(void)pause();
}

static void
bury(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static void
test_strangers_are_remembered_while_they_live(void **state)
{
	uint32_t self, eldest;
	pid_t child, pid, again;
	struct why why;

	(void)state;
	assert_true(kin_open(&kin, &why));
	self = kin.self;
	eldest = kin.eldest;
	pid = start(&child);
	kin.self = 0;
	kin.eldest = (uint32_t)child;
	assert_false(kin_is(&kin, (uint32_t)pid));
	kin.self = self;
	kin.eldest = eldest;
	/* /proc would say otherwise now: it is not asked again. */
	assert_false(kin_is(&kin, (uint32_t)pid));
	(void)kill(child, SIGKILL);
	bury(pid);
	/* Another of the same number is another. */
	again = start_as(pid);
	if (again == -1) {
		kin_close(&kin);
		skip();
	}
	t_eq(again, pid);
	assert_true(kin_is(&kin, (uint32_t)again));
	bury(again);
	kin_close(&kin);
}

static void
test_program_and_user(void **state)
{
	struct stat program, want;
	struct why why;
	int fd;

	(void)state;
	assert_true(kin_open(&kin, &why));
	fd = kin_program(&kin, (uint32_t)getpid());
	assert_int_equal(fstat(fd, &program), 0);
	assert_int_equal(stat("/proc/self/exe", &want), 0);
	t_eq(program.st_ino, want.st_ino);
	assert_int_equal(close(fd), 0);
	t_eq(kin_user(&kin, (uint32_t)getpid()), geteuid());
	assert_int_equal(kin_program(&kin, UINT32_MAX), -1);
	t_eq(kin_user(&kin, UINT32_MAX), UINT32_MAX);
	kin_close(&kin);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descendants),
		cmocka_unit_test(test_strangers_are_remembered_while_they_live),
		cmocka_unit_test(test_program_and_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
