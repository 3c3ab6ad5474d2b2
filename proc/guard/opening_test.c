/*
 * opening_test.c - what does a process open a file for?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/opening.h"

#include "tests/t.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
test_calls(void **state)
{
	char text[200];

	(void)state;
	(void)snprintf(text, sizeof(text),
	    "%d 0xffffff9c 0x7ffc00 %#x 0x1b6 0x0 0x0 0x7f 0x7f\n", SYS_openat,
	    (unsigned)(O_WRONLY | O_APPEND));
	assert_true(opening_call_is_to_write(text));
	(void)snprintf(text, sizeof(text), "%d 0xffffff9c 0x7f %#x 0x0",
	    SYS_openat, (unsigned)(O_RDWR | O_CREAT));
	assert_false(opening_call_is_to_write(text));
	(void)snprintf(text, sizeof(text), "%d 0xffffff9c 0x7f 0x0 0x1",
	    SYS_openat);
	assert_false(opening_call_is_to_write(text));
	/* Both bits are neither (Linux: to do with it what needs both). */
	(void)snprintf(text, sizeof(text), "%d 0xffffff9c 0x7f 0x3 0x1",
	    SYS_openat);
	assert_false(opening_call_is_to_write(text));
	/* In memory that could be changed meanwhile. */
	(void)snprintf(text, sizeof(text), "%d 0xffffff9c 0x7f 0x1 0x1",
	    SYS_openat2);
	assert_false(opening_call_is_to_write(text));
	(void)snprintf(text, sizeof(text), "%d 0x7f 0x1 0x1 0x1", SYS_execve);
	assert_false(opening_call_is_to_write(text));
	assert_false(opening_call_is_to_write("running\n"));
	assert_false(opening_call_is_to_write("-1 0x7ffc 0x7f"));
	assert_false(opening_call_is_to_write(""));
}

static void *
hang(void *unused)
{
	(void)pause();
	return unused;
}

/* A child that hangs in opening a FIFO so, with threads or without. */
static pid_t
open_in_child(const char *path, int flags, bool has_threads, bool is_nobody)
{
	pthread_t thread;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	if (is_nobody && setuid(65534) == -1)
		_exit(1);
	if (has_threads)
		(void)pthread_create(&thread, NULL, hang, NULL);
	_exit(open(path, flags, 0600) == -1);
}

static void
test_for_real(void **state)
{
	static const struct {
		int flags;
		bool has_threads, want, is_nobody;
	} one[] = {
		{ O_WRONLY, false, true, false },
		{ O_WRONLY | O_CREAT | O_TRUNC, false, true, false },
		{ O_RDONLY, false, false, false },
		{ O_WRONLY, true, false, false },
		{ O_WRONLY, false, false, true },
	};
	char path[] = "/tmp/opening-test-XXXXXX", fifo[40];
	int proc = open("/proc", O_RDONLY | O_DIRECTORY);
	bool is_root;
	size_t i;

	(void)state;
	assert_non_null(mkdtemp(path));
	assert_int_equal(chmod(path, 0711), 0);
	is_root = opening_is_by_root(proc, (uint32_t)getpid());
	t_eq(is_root, geteuid() == 0 && is_root);
	(void)snprintf(fifo, sizeof(fifo), "%s/f", path);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(chmod(fifo, 0622), 0);
	for (i = 0; i < sizeof(one) / sizeof(one[0]); i++) {
		pid_t pid = open_in_child(fifo, one[i].flags,
		    one[i].has_threads, one[i].is_nobody);
		bool want = one[i].want && is_root;
		int turn;

		/* Until it hangs there; it never should where it must not. */
		for (turn = 0; turn < (want ? 5000 : 100) &&
		     !opening_is_to_write(proc, (uint32_t)pid);
		     turn++)
			(void)usleep(1000);
		t_eq(opening_is_to_write(proc, (uint32_t)pid), want);
		t_eq(opening_is_by_one_thread(proc, (uint32_t)pid),
		    !one[i].has_threads);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		assert_false(opening_is_to_write(proc, (uint32_t)pid));
		assert_false(opening_is_by_one_thread(proc, (uint32_t)pid));
	}
	(void)unlink(fifo);
	(void)rmdir(path);
	(void)close(proc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_for_real),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
