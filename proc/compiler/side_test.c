/*
 * side_test.c - what is added stands in the side file, wherever blocks end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/compiler/side.h"

#include "lib/db/veil.h"
#include "sys/whole.h"
#include "tests/t.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD ((size_t)DB_TEXTS_HEADER_SIZE)

static uint8_t text[2 * SIDE_BLOCK + 2 * SIDE_ALIGN];

/* A file without a name, on a disk if there is one here. */
static int
any_file(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd != -1 ? fd : open("/tmp", O_TMPFILE | O_RDWR, 0600);
}

/* Write a text, veiled, in pieces, and an end as it is; then read it. */
static void
check(size_t size, size_t piece, bool is_direct)
{
	static struct side s;
	static uint8_t got[sizeof(text) + HEAD + 8];
	uint8_t header[HEAD];
	int fd = any_file();
	struct why why;
	struct stat st;
	size_t i, n;

	assert_int_not_equal(fd, -1);
	memset(header, 'h', sizeof(header));
	if (is_direct)
		(void)whole_direct(fd); /* where it is not to be had: as ever */
	side_init(&s, fd);
	for (i = 0; i < size; i += n) {
		n = size - i < piece ? size - i : piece;
		assert_true(side_add(&s, text + i, n, true, &why));
	}
	assert_true(side_add(&s, (const uint8_t *)"the end", 7, false, &why));
	t_eq(s.size, HEAD + size + 7);
	assert_true(side_end(&s, header, &why));
	assert_int_equal(fstat(fd, &st), 0);
	t_eq(st.st_size, HEAD + size + 7);
	(void)whole_ordinary(fd);
	t_eq(whole_pread(fd, got, sizeof(got), 0), HEAD + size + 7);
	assert_memory_equal(got, header, HEAD);
	assert_true(veil_is(text, got + HEAD, HEAD, size));
	assert_memory_equal(got + HEAD + size, "the end", 7);
	(void)close(fd);
}

static void
test_sizes(void **state)
{
	static const size_t ends[] = { 0, 1, SIDE_ALIGN - HEAD - 7,
		SIDE_BLOCK - HEAD - 7, SIDE_BLOCK, 2 * SIDE_BLOCK - HEAD };
	size_t i, more;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7 + i / 251);
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		for (more = 0; more < 9; more++) {
			check(ends[i] + more, sizeof(text), false);
			check(ends[i] + more, sizeof(text), true);
		}
	check(sizeof(text), 4097, true);
	check(5000, 1, true);
}

/* A disk that is full is told. */
static void
test_full(void **state)
{
	static struct side s;
	int fd = open("/dev/full", O_WRONLY);
	struct why why = { 0 };
	uint8_t header[HEAD] = { 0 };

	(void)state;
	assert_int_not_equal(fd, -1);
	side_init(&s, fd);
	assert_false(side_add(&s, text, SIDE_BLOCK, true, &why));
	t_eq(why.kind, WHY_SYSTEM);
	side_init(&s, fd);
	assert_false(side_end(&s, header, &why));
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
