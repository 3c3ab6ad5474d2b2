/*
 * memfd_test.c - what is sealed stays as it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/memfd.h"

#include "tests/t.h"

#include <sys/mman.h>
#include <sys/uio.h>

#include <fcntl.h>
#include <unistd.h>

#define SIZE 8192u

static void
test_what_is_sealed_cannot_be_written(void **state)
{
	struct why why;
	char got[4];
	int fd, copy;

	(void)state;
	assert_true(memfd_open(&fd, &why));
	t_eq(write(fd, "abc", 3), 3);
	copy = dup(fd); /* for writing, too */
	assert_true(memfd_seal(&fd, &why));
	t_eq(write(copy, "x", 1), -1);
	t_eq(pwrite(copy, "x", 1, 0), -1);
	t_eq(ftruncate(copy, 0), -1);
	assert_ptr_equal(mmap(NULL, 3, PROT_WRITE, MAP_SHARED, copy, 0),
	    MAP_FAILED);
	t_eq(pread(fd, got, sizeof(got), 0), 3);
	assert_memory_equal(got, "abc", 3);
	(void)close(copy);
	(void)close(fd);
}

/* Something has a hand on its pages, as the kernel has when memory is moved:
   here, a pipe. */
static void
test_it_is_sealed_whoever_holds_a_page(void **state)
{
	struct why why;
	struct iovec part = { .iov_len = SIZE };
	int fd, ends[2];

	(void)state;
	assert_true(memfd_open(&fd, &why));
	t_eq(ftruncate(fd, SIZE), 0);
	part.iov_base =
	    mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(part.iov_base, MAP_FAILED);
	t_eq(pipe(ends), 0);
	t_eq(vmsplice(ends[1], &part, 1, 0), SIZE);
	t_eq(munmap(part.iov_base, SIZE), 0);
	assert_true(memfd_seal(&fd, &why));
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_sealed_cannot_be_written),
		cmocka_unit_test(test_it_is_sealed_whoever_holds_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
