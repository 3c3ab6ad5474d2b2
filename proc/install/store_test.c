/*
 * store_test.c - claims about store.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/install/store.h"

#include "lib/crypto/digest.h"
#include "tests/t.h"

#include <sys/stat.h>

#include <fcntl.h>
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

	assert_true(put(folder, STORE_EVIDENCE_PLACE, "e", "first", 5, NULL,
	    &why));
	assert_true(put(folder, STORE_EVIDENCE_PLACE, "e", "other", 5, NULL,
	    &why));
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
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
