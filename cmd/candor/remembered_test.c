/*
 * remembered_test.c - what goes in comes out, and nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/remembered.h"

#include "tests/t.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int
make_file(void)
{
	int fd = memfd_create("remembered", MFD_CLOEXEC);

	assert_int_not_equal(fd, -1);
	return fd;
}

/* Hashes that are spread evenly, the same every time. */
static void
make_hash(uint64_t n, uint8_t out[REMEMBERED_HASH])
{
	uint64_t x = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
	size_t i;

	for (i = 0; i < REMEMBERED_HASH; i++) {
		x ^= x >> 29;
		x *= UINT64_C(0xbf58476d1ce4e5b9);
		out[i] = (uint8_t)(x >> 56);
	}
}

static bool
finds(struct remembered *r, uint64_t n)
{
	uint8_t hash[REMEMBERED_HASH];

	make_hash(n, hash);
	return remembered_find(r, hash);
}

static void
add(struct remembered *r, uint64_t from, uint64_t to)
{
	uint8_t hash[REMEMBERED_HASH];

	for (; from < to; from++) {
		make_hash(from, hash);
		remembered_add(r, hash);
	}
}

/* Write r to a new file, and begin again with that. */
static void
write_and_open(struct remembered *r)
{
	size_t most = r->most;
	int fd = make_file();
	struct why why;

	assert_true(remembered_write(r, fd, &why));
	remembered_close(r);
	assert_true(remembered_open(r, fd));
	r->most = most;
	close(fd);
}

static void
test_what_goes_in_comes_out(void **state)
{
	static const uint64_t counts[] = { 0, 1, 2, 3, 17, 1000, 30000 };
	struct remembered r;
	size_t i;
	uint64_t n;

	(void)state;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		assert_true(remembered_open(&r, -1));
		add(&r, 0, counts[i]);
		assert_false(finds(&r, 0));
		write_and_open(&r);
		t_eq(r.count, counts[i]);
		for (n = 0; n < counts[i]; n++)
			assert_true(finds(&r, n));
		for (; n < 2 * counts[i] + 10; n++)
			assert_false(finds(&r, n));
		remembered_close(&r);
	}
}

static void
test_the_same_twice_is_kept_once(void **state)
{
	struct remembered r;

	(void)state;
	assert_true(remembered_open(&r, -1));
	add(&r, 0, 10);
	add(&r, 5, 15);
	write_and_open(&r);
	add(&r, 10, 20);
	write_and_open(&r);
	t_eq(r.count, 20);
	remembered_close(&r);
}

static void
test_what_is_of_no_use_is_forgotten(void **state)
{
	struct remembered r;
	unsigned turn;

	(void)state;
	assert_true(remembered_open(&r, -1));
	add(&r, 0, 2);
	for (turn = 0; turn <= REMEMBERED_AGE; turn++) {
		write_and_open(&r);
		assert_true(finds(&r, 0));
		t_eq(r.count, turn < REMEMBERED_AGE ? 2 : 1);
	}
	assert_false(finds(&r, 1));
	remembered_close(&r);
}

/* Of use, but not written down as such: worth it after a while. */
static void
test_use_that_is_not_written_is_counted(void **state)
{
	struct remembered r;
	unsigned turn;

	(void)state;
	assert_true(remembered_open(&r, -1));
	add(&r, 0, 2);
	for (turn = 0; turn <= REMEMBERED_AGE / 2; turn++) {
		t_eq(r.stale, 0);
		write_and_open(&r);
	}
	assert_true(finds(&r, 0));
	t_eq(r.stale, 1);
	assert_true(finds(&r, 0));
	t_eq(r.stale, 1);
	remembered_close(&r);
}

static void
test_the_oldest_makes_room(void **state)
{
	struct remembered r;
	uint64_t n, kept = 0;

	(void)state;
	assert_true(remembered_open(&r, -1));
	r.most = 100;
	add(&r, 0, 60);
	write_and_open(&r);
	for (n = 0; n < 30; n++)
		assert_true(finds(&r, n));
	add(&r, 60, 120);
	write_and_open(&r);
	t_eq(r.count, 90);
	for (n = 0; n < 120; n++)
		t_eq(finds(&r, n), n < 30 || n >= 60);
	/* All are of use: the room is filled, not left. */
	add(&r, 200, 1000);
	t_eq(r.fresh_count, 100);
	write_and_open(&r);
	t_eq(r.count, 100);
	for (n = 0; n < 1000; n++)
		kept += finds(&r, n);
	t_eq(kept, 100);
	remembered_close(&r);
}

#define SMALL 5u /* records of the file that is broken */
#define SMALL_SIZE                          \
	(sizeof(struct remembered_header) + \
	    SMALL * sizeof(struct remembered_record))

static void
make_small(uint8_t out[SMALL_SIZE])
{
	struct remembered r;
	int fd = make_file();
	struct why why;

	assert_true(remembered_open(&r, -1));
	add(&r, 0, SMALL);
	assert_true(remembered_write(&r, fd, &why));
	remembered_close(&r);
	t_eq(pread(fd, out, SMALL_SIZE, 0), SMALL_SIZE);
	close(fd);
}

/*
 * Open size bytes, look for what is in there and what is not, write; how many
 * were found.
 */
static unsigned
try_bytes(const uint8_t *bytes, size_t size, bool *is_taken)
{
	struct remembered r;
	int fd = make_file();
	unsigned found = 0;
	uint64_t n;

	t_eq(write(fd, bytes, size), size);
	*is_taken = remembered_open(&r, fd);
	close(fd);
	for (n = 0; n < SMALL; n++)
		found += finds(&r, n);
	for (; n < 50; n++)
		assert_false(finds(&r, n));
	add(&r, 100, 103);
	write_and_open(&r);
	assert_true(r.count <= SMALL + 3);
	remembered_close(&r);
	return found;
}

static void
test_a_file_cut_short_is_no_file(void **state)
{
	uint8_t bytes[SMALL_SIZE + 1] = { 0 };
	bool is_taken;
	size_t size;

	(void)state;
	make_small(bytes);
	for (size = 0; size <= SMALL_SIZE + 1; size++) {
		t_eq(try_bytes(bytes, size, &is_taken),
		    size == SMALL_SIZE ? SMALL : 0);
		t_eq(is_taken, size == SMALL_SIZE);
	}
}

static void
test_no_broken_byte_makes_an_answer(void **state)
{
	static const uint8_t flip[] = { 0x01, 0x80, 0xff };
	uint8_t bytes[SMALL_SIZE];
	size_t at, i;
	bool is_taken;

	(void)state;
	make_small(bytes);
	for (at = 0; at < SMALL_SIZE; at++)
		for (i = 0; i < sizeof(flip); i++) {
			bytes[at] ^= flip[i];
			(void)try_bytes(bytes, SMALL_SIZE, &is_taken);
			/* All of the header counts, but for the number of
			   writings. */
			if (at < 12 || (at >= 16 && at < 24))
				assert_false(is_taken);
			bytes[at] ^= flip[i];
		}
}

/* More records than may be, and more than there is memory for. */
static void
test_a_count_that_lies_is_refused(void **state)
{
	struct remembered_header h;
	uint8_t bytes[SMALL_SIZE];
	struct remembered r;
	int fd = make_file();

	(void)state;
	make_small(bytes);
	memcpy(&h, bytes, sizeof(h));
	h.count = UINT64_MAX / 24 + 2;
	t_eq(pwrite(fd, &h, sizeof(h), 0), sizeof(h));
	assert_false(remembered_open(&r, fd));
	h.count = REMEMBERED_MOST / 24 + 1;
	t_eq(pwrite(fd, &h, sizeof(h), 0), sizeof(h));
	t_eq(ftruncate(fd, (off_t)(sizeof(h) + h.count * 24)), 0);
	assert_false(remembered_open(&r, fd));
	h.count = (REMEMBERED_MOST - sizeof(h)) / 24;
	t_eq(pwrite(fd, &h, sizeof(h), 0), sizeof(h));
	t_eq(ftruncate(fd, (off_t)(sizeof(h) + h.count * 24)), 0);
	assert_true(remembered_open(&r, fd));
	assert_false(finds(&r, 1));
	remembered_close(&r);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_goes_in_comes_out),
		cmocka_unit_test(test_the_same_twice_is_kept_once),
		cmocka_unit_test(test_what_is_of_no_use_is_forgotten),
		cmocka_unit_test(test_use_that_is_not_written_is_counted),
		cmocka_unit_test(test_the_oldest_makes_room),
		cmocka_unit_test(test_a_file_cut_short_is_no_file),
		cmocka_unit_test(test_no_broken_byte_makes_an_answer),
		cmocka_unit_test(test_a_count_that_lies_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
