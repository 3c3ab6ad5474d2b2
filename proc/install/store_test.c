/*
 * store_test.c - claims about store.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/install/store.h"

#include "lib/crypto/digest.h"
#include "tests/t.h"

#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/candor-store-XXXXXX";

static int
setup(void **state)
{
	static int folder;

	(void)state;
	if (mkdtemp(path) == NULL)
		return -1;
	folder = open(path, O_RDONLY | O_DIRECTORY);
	*state = &folder;
	return folder == -1;
}

static int
teardown(void **state)
{
	char command[80];

	(void)close(*(int *)*state);
	(void)snprintf(command, sizeof(command), "rm -rf %s", path);
	return system(command);
}

/* Put text there; size and hash are what is promised. */
static bool
put(int folder, enum store_place place, const char *name, const char *text,
    uint64_t size, const uint8_t *hash, struct why *why)
{
	int end[2];
	struct store_file f = { place, name, size, hash, -1 };
	bool is_done;

	assert_int_equal(pipe(end), 0);
	assert_int_equal(write(end[1], text, strlen(text)),
	    (ssize_t)strlen(text));
	close(end[1]);
	f.from = end[0];
	*why = (struct why){ 0 };
	is_done = store_file(folder, &f, why);
	close(end[0]);
	return is_done;
}

static bool
holds(int folder, const char *name, const char *text)
{
	char got[100] = "";
	int fd = openat(folder, name, O_RDONLY);
	ssize_t n = fd == -1 ? -1 : read(fd, got, sizeof(got) - 1);

	if (fd != -1)
		close(fd);
	return n == (ssize_t)strlen(text) && strcmp(got, text) == 0;
}

static void
test_a_release_appears_whole_and_the_last_one_goes(void **state)
{
	int folder = *(int *)*state;
	struct why why;

	assert_true(store_begin(folder, &why));
	assert_true(put(folder, STORE_NEW, "a.cand", "one", 3, NULL, &why));
	assert_false(holds(folder, "current/a.cand", "one"));
	assert_true(store_commit(folder, "1", &why));
	assert_true(holds(folder, "current/a.cand", "one"));
	assert_true(store_begin(folder, &why));
	assert_true(put(folder, STORE_NEW, "a.cand", "two", 3, NULL, &why));
	assert_true(holds(folder, "current/a.cand", "one"));
	assert_true(store_commit(folder, "2", &why));
	assert_true(holds(folder, "current/a.cand", "two"));
	assert_int_equal(faccessat(folder, "1", F_OK, 0), -1);
	assert_int_equal(faccessat(folder, ".new", F_OK, 0), -1);
}

static void
test_what_was_not_promised_is_not_kept(void **state)
{
	int folder = *(int *)*state;
	uint8_t hash[DIGEST_SIZE_MAX];
	struct why why;

	digest_of(DIGEST_SHA256, "three", 5, hash);
	assert_true(store_begin(folder, &why));
	assert_false(put(folder, STORE_NEW, "a", "three!", 5, hash, &why));
	assert_int_equal(why.kind, WHY_LIMIT);
	assert_false(put(folder, STORE_NEW, "a", "thre", 5, hash, &why));
	assert_int_equal(why.kind, WHY_BROKEN);
	assert_false(put(folder, STORE_NEW, "a", "thrEe", 5, hash, &why));
	assert_int_equal(why.kind, WHY_FORGED);
	assert_int_equal(faccessat(folder, ".new/a", F_OK, 0), -1);
	assert_true(put(folder, STORE_NEW, "a", "three", 5, hash, &why));
	assert_false(put(folder, STORE_NEW, "a", "three", 5, hash, &why));
}

static void
test_an_attempt_that_was_interrupted_leaves_nothing(void **state)
{
	int folder = *(int *)*state;
	struct why why;

	assert_true(store_begin(folder, &why));
	assert_true(put(folder, STORE_NEW, "remain", "x", 1, NULL, &why));
	assert_int_equal(mkdirat(folder, "9", 0755), 0);
	assert_true(store_begin(folder, &why));
	assert_int_equal(faccessat(folder, ".new/remain", F_OK, 0), -1);
	assert_true(put(folder, STORE_NEW, "b", "nine", 4, NULL, &why));
	assert_true(store_commit(folder, "9", &why));
	assert_true(holds(folder, "current/b", "nine"));
}

static void
test_a_file_beside_is_replaced_in_one_step(void **state)
{
	int folder = *(int *)*state;
	struct why why;

	assert_true(put(folder, STORE_TOP, "state", "old", 3, NULL, &why));
	assert_false(put(folder, STORE_TOP, "state", "new", 4, NULL, &why));
	assert_true(holds(folder, "state", "old"));
	assert_true(put(folder, STORE_TOP, "state", "new", 3, NULL, &why));
	assert_true(holds(folder, "state", "new"));
}

static void
test_evidence_is_never_replaced(void **state)
{
	int folder = *(int *)*state;
	struct why why;

	assert_true(put(folder, STORE_EVIDENCE, "e", "first", 5, NULL, &why));
	assert_true(put(folder, STORE_EVIDENCE, "e", "other", 5, NULL, &why));
	assert_true(holds(folder, "evidence/e", "first"));
}

static void
test_names_lead_nowhere_else(void **state)
{
	static const char *const bad[] = { "", ".", "..", ".x", "a/b", "../a",
		"A", "a b", "current", "evidence", "state" };
	int folder = *(int *)*state;
	struct why why;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(store_begin(folder, &why));
		assert_false(store_commit(folder, bad[i], &why));
		if (i < 8)
			assert_false(put(folder, STORE_NEW, bad[i], "x", 1,
			    NULL, &why));
	}
}

/* --- killed at every system call ------------------------------------------ */

/* One whole update, from release 1 to 2, by a process that may die of it. */
static void
update(int folder)
{
	struct why why;

	if (!store_begin(folder, &why) ||
	    !put(folder, STORE_NEW, "a", "new", 3, NULL, &why) ||
	    !put(folder, STORE_NEW, "state", "state 2", 7, NULL, &why) ||
	    !store_commit(folder, "2", &why) ||
	    !put(folder, STORE_TOP, "state", "state 2", 7, NULL, &why))
		_exit(1);
	_exit(0);
}

/* Let it make at most so many system calls; true if that was enough. */
static bool
update_until(int folder, unsigned calls)
{
	int status = 0;
	pid_t pid = fork();
	unsigned stops;

	if (pid == 0) {
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		(void)raise(SIGSTOP);
		update(folder);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* A call stops it twice: before and after. */
	for (stops = 0; stops < 2 * calls; stops++) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == -1 ||
		    waitpid(pid, &status, 0) != pid || WIFEXITED(status))
			break;
		assert_false(WIFSIGNALED(status));
	}
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 0);
		return true;
	}
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return false;
}

static void
install_first(int folder)
{
	struct why why;

	(void)unlinkat(folder, "current", 0);
	(void)unlinkat(folder, "state", 0);
	assert_true(store_begin(folder, &why));
	assert_true(put(folder, STORE_NEW, "a", "old", 3, NULL, &why));
	assert_true(put(folder, STORE_NEW, "state", "state 1", 7, NULL, &why));
	assert_true(store_commit(folder, "1", &why));
}

static void
test_killed_at_every_system_call_it_is_the_old_or_the_new(void **state)
{
	int folder = *(int *)*state;
	bool is_done = false;
	unsigned calls;

	for (calls = 1; !is_done && calls < 2000; calls++) {
		bool is_old, is_new;

		install_first(folder);
		is_done = update_until(folder, calls);
		is_old = holds(folder, "current/a", "old") &&
		    holds(folder, "current/state", "state 1");
		is_new = holds(folder, "current/a", "new") &&
		    holds(folder, "current/state", "state 2");
		assert_true(is_old || is_new);
		/* And whoever comes next can finish it. */
		if (is_old)
			assert_true(update_until(folder, 2000));
		assert_true(holds(folder, "current/a", "new"));
	}
	assert_true(is_done && calls > 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_release_appears_whole_and_the_last_one_goes),
		cmocka_unit_test(test_what_was_not_promised_is_not_kept),
		cmocka_unit_test(
		    test_an_attempt_that_was_interrupted_leaves_nothing),
		cmocka_unit_test(test_a_file_beside_is_replaced_in_one_step),
		cmocka_unit_test(test_evidence_is_never_replaced),
		cmocka_unit_test(test_names_lead_nowhere_else),
		cmocka_unit_test(
		    test_killed_at_every_system_call_it_is_the_old_or_the_new),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
