/*
 * batch_test.c - claims about batch.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/worker/batch.h"

#include "tests/t.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The number the next descriptor will get: a leak moves it. */
static int
next_fd(void)
{
	int fd = dup(0);

	(void)close(fd);
	return fd;
}

/* A file of so many bytes, each of them value. */
static int
file_of(uint8_t value, size_t size)
{
	static uint8_t bytes[(256 << 10) + 1];
	int fd = memfd_create("test", MFD_CLOEXEC);

	memset(bytes, value, size);
	t_eq(write(fd, bytes, size), size);
	return fd;
}

/* Put count SCAN of size bytes each; what is there. */
static size_t
put_scans(uint8_t *record, size_t count, uint64_t size)
{
	uint8_t one[FRAME_LARGE];
	size_t i, at = 0;

	for (i = 0; i < count; i++) {
		struct frame f = { .kind = FRAME_SCAN, .scan = i + 1 };

		f.request.size = size;
		memcpy(record + at, one, frame_put(&f, one));
		at += FRAME_SMALL;
	}
	return at;
}

static bool
take(struct batch *b, const uint8_t *record, size_t size, size_t count)
{
	int fd[FRAME_BATCH + 1];
	size_t i;

	for (i = 0; i < count; i++)
		fd[i] = file_of((uint8_t)i, 100);
	return batch_take(b, cur_from(t_fence(record, size), size), fd, count);
}

static void
end(const struct batch *b)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		(void)close(b->fd[i]);
}

static void
test_a_frame_and_a_descriptor_each_is_a_batch(void **state)
{
	uint8_t record[FRAME_RECORD + FRAME_LARGE];
	size_t frames, fds, size;
	int before = next_fd();
	struct batch b;

	(void)state;
	for (frames = 0; frames <= FRAME_BATCH + 1; frames++) {
		size = put_scans(record, frames, 100);
		for (fds = 0; fds <= FRAME_BATCH + 1; fds++) {
			bool is_good =
			    frames == fds && fds > 0 && fds <= FRAME_BATCH;

			t_eq(take(&b, record, size, fds), is_good);
			if (is_good) {
				t_eq(b.count, fds);
				t_eq(b.order[fds - 1].scan, fds);
				t_eq(b.source[fds - 1].size, 100);
				end(&b);
			}
			t_eq(next_fd(), before);
		}
	}
}

static void
test_nothing_else_may_be_in_a_record(void **state)
{
	const struct frame config = { .kind = FRAME_CONFIG };
	uint8_t record[FRAME_RECORD + FRAME_LARGE];
	int before = next_fd();
	struct batch b;

	(void)state;
	memset(record, 0, sizeof(record));
	(void)put_scans(record, 3, 100);
	assert_false(take(&b, record, 3 * FRAME_SMALL - 1, 3));
	assert_false(take(&b, record, 3 * FRAME_SMALL + 1, 3));
	t_eq(frame_put(&config, record + 2 * FRAME_SMALL), FRAME_SMALL);
	assert_false(take(&b, record, 3 * FRAME_SMALL, 3));
	assert_false(take(&b, record, 3 * FRAME_SMALL, 2));
	record[0] = 99;
	assert_false(take(&b, record, FRAME_SMALL, 1));
	t_eq(next_fd(), before);
}

/* What is shorter than it was said to be is left for later. */
static void
test_what_is_small_is_read_whole(void **state)
{
	static _Alignas(16) uint8_t room[1 << 20];
	static const size_t said[] = { 100, 101, 0, 256 << 10, 99, 40 };
	static const size_t wanted[] = { 1, 0, 1, 0, 1, 0 };
	uint8_t record[FRAME_RECORD + FRAME_LARGE];
	size_t i, n = sizeof(said) / sizeof(said[0]);
	struct arena arena;
	struct batch b;

	(void)state;
	assert_true(take(&b, record, put_scans(record, n, 100), n));
	for (i = 0; i < n; i++)
		b.order[i].request.size = said[i];
	(void)close(b.fd[5]);
	b.fd[5] = -1;
	arena_init(&arena, room, sizeof(room));
	batch_read(&b, &arena, UINT64_MAX);
	for (i = 0; i < n; i++) {
		t_eq(b.source[i].mem != NULL, wanted[i]);
		if (wanted[i] == 0)
			continue;
		t_eq(b.source[i].size, said[i]);
		t_eq(b.source[i].state, SOURCE_FINE);
		assert_true(said[i] == 0 ||
		    (b.source[i].mem[0] == i &&
			b.source[i].mem[said[i] - 1] == i));
	}
	assert_true(arena.used >= 199 && arena.used < 512);
	end(&b);
}

/* Where reading takes long, the first does not wait for the others. */
static void
test_only_the_first_is_read_when_time_is_over(void **state)
{
	static _Alignas(16) uint8_t room[4096];
	uint8_t record[FRAME_RECORD + FRAME_LARGE];
	struct arena arena;
	struct batch b;

	(void)state;
	assert_true(take(&b, record, put_scans(record, 3, 100), 3));
	arena_init(&arena, room, sizeof(room));
	batch_read(&b, &arena, 0);
	assert_non_null(b.source[0].mem);
	assert_null(b.source[1].mem);
	assert_null(b.source[2].mem);
	t_eq(b.source[2].size, 100);
	end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_frame_and_a_descriptor_each_is_a_batch),
		cmocka_unit_test(test_nothing_else_may_be_in_a_record),
		cmocka_unit_test(test_what_is_small_is_read_whole),
		cmocka_unit_test(test_only_the_first_is_read_when_time_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
