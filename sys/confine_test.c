/*
 * confine_test.c - claims about confine.c: what one who is confined may no
 * longer do, tried in a child.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/confine.h"

#include "sys/sandbox.h"
#include "tests/t.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

typedef bool (*deed)(void);

/* Did a confined child do it (0), fail (1), or die of a signal (its number)? */
static int
outcome(const struct confine *c, deed does)
{
	pid_t child = fork();
	int status;

	assert_int_not_equal(child, -1);
	if (child == 0) {
		uint32_t layers;
		struct why why;

		if (!confine_enter(c, &layers, &why))
			_exit(2);
		_exit(does() ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static const struct confine alone = { .read_fd = -1, .write_fd = -1 };
static const struct confine online = { .has_network = true,
	.read_fd = -1,
	.write_fd = -1 };

static bool
execute(void)
{
	char *const argv[] = { (char *)(uintptr_t) "true", NULL };

	(void)execv("/bin/true", argv);
	return false;
}

static bool
get_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) != -1;
}

static bool
read_passwords(void)
{
	return open("/etc/passwd", O_RDONLY) != -1;
}

static bool
leave_by_unshare(void)
{
	return unshare(CLONE_NEWUSER) == 0;
}

/* clone(2) with such flags gives a child that has every capability. */
static bool
leave_by_clone(void)
{
	long pid =
	    syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool
leave_by_clone3(void)
{
	uint64_t args[8] = { CLONE_NEWUSER, 0, 0, 0, SIGCHLD };
	long pid = syscall(SYS_clone3, args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid > 0 || errno != ENOSYS;
}

static bool
open_a_tree(void)
{
	return syscall(SYS_open_tree, AT_FDCWD, "/", 1u /* a clone */) != -1;
}

static bool
go_by_handle(void)
{
	return syscall(SYS_open_by_handle_at, AT_FDCWD, NULL, O_RDONLY) != -1;
}

static void *
nothing(void *unused)
{
	return unused;
}

static bool
start_a_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, nothing, NULL) == 0 &&
	    pthread_join(thread, NULL) == 0;
}

static bool
start_a_child(void)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(0);
	return child != -1 && waitpid(child, &status, 0) == child;
}

static void
test_ways_out_kill(void **state)
{
	static const deed ways[] = { execute, leave_by_unshare, leave_by_clone,
		open_a_tree, go_by_handle };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_int_equal(outcome(&alone, ways[i]), SIGSYS);
		assert_int_equal(outcome(&online, ways[i]), SIGSYS);
	}
}

/* Its flags cannot be seen by a filter, so there is no such call. */
static void
test_clone3_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(outcome(&alone, leave_by_clone3), 1);
}

static void
test_the_network_is_for_who_asked_for_it(void **state)
{
	(void)state;
	assert_int_equal(outcome(&alone, get_socket), SIGSYS);
	assert_int_equal(outcome(&online, get_socket), 0);
}

static void
test_no_path_that_was_not_named(void **state)
{
	static const char *const below[] = { "/etc", NULL };
	static const struct confine reader = {
		.read = below, .read_fd = -1, .write_fd = -1
	};
	uint32_t layers = 0;
	struct why why;
	int has_landlock, ends[2];
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		has_landlock = confine_enter(&alone, &layers, &why) &&
		    (layers & SANDBOX_LANDLOCK) != 0;
		_exit(write(ends[1], &has_landlock, sizeof(has_landlock)) ==
		    -1);
	}
	assert_int_equal(read(ends[0], &has_landlock, sizeof(has_landlock)),
	    sizeof(has_landlock));
	assert_int_equal(waitpid(child, NULL, 0), child);
	(void)close(ends[0]);
	(void)close(ends[1]);
	if (!has_landlock)
		skip();
	assert_int_equal(outcome(&alone, read_passwords), 1);
	assert_int_equal(outcome(&reader, read_passwords), 0);
}

/* A resolver may want a thread, a library a child: neither is a way out. */
static void
test_threads_and_children_stay(void **state)
{
	(void)state;
	assert_int_equal(outcome(&online, start_a_thread), 0);
	assert_int_equal(outcome(&online, start_a_child), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways_out_kill),
		cmocka_unit_test(test_clone3_is_not_there),
		cmocka_unit_test(test_the_network_is_for_who_asked_for_it),
		cmocka_unit_test(test_no_path_that_was_not_named),
		cmocka_unit_test(test_threads_and_children_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
