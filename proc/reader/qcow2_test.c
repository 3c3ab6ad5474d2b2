/*
 * qcow2_test.c - claims about qcow2.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/qcow2.h"
#include "tests/t.h"

#include <string.h>
#include <zlib.h>

#define CLUSTER  512u /* the smallest there is */
#define CLUSTERS 8u   /* header, L1, L2, and those of the disk */

static uint8_t image[CLUSTERS * CLUSTER];
static uint8_t room[2 * QCOW2_CLUSTER_MAX];

static void
put(size_t at, uint64_t v, size_t size)
{
	while (size-- > 0) {
		image[at + size] = (uint8_t)v;
		v >>= 8;
	}
}

static void
put_packed(size_t entry, size_t at)
{
	uint8_t plain[CLUSTER];
	z_stream z = { .next_in = plain,
		.avail_in = sizeof(plain),
		.next_out = image + at,
		.avail_out = CLUSTER };

	memset(plain, 'p', sizeof(plain));
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -12, 8, 0), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	put(entry, (uint64_t)1 << 62 | at, 8); /* no sector after the first */
}

/* Clusters of a disk: plain 'a', none, zeros, compressed 'p', cut off. */
static void
make(void)
{
	size_t l2 = 2 * CLUSTER;

	memset(image, 0, sizeof(image));
	memcpy(image, QCOW2_MAGIC, 4);
	put(4, 3, 4);
	put(20, 9, 4);
	put(24, 5 * CLUSTER - 100, 8);
	put(36, 1, 4);
	put(40, CLUSTER, 8);
	put(100, 104, 4);
	put(CLUSTER, (uint64_t)1 << 63 | l2, 8);
	put(l2, (uint64_t)1 << 63 | 3 * CLUSTER, 8);
	memset(image + 3 * CLUSTER, 'a', CLUSTER);
	put(l2 + 16, 1, 8);
	put_packed(l2 + 24, 4 * CLUSTER + 37);
	put(l2 + 32, 7 * CLUSTER, 8);
	memset(image + 7 * CLUSTER, 'z', CLUSTER);
}

static bool
open_cut(size_t size, struct source *file, struct qcow2 *q)
{
	struct why why;

	*file = source_from(t_fence(image, size), size);
	return qcow2_open(file, room, q, &why);
}

static void
check(struct qcow2 *q, uint64_t off, size_t size, char want)
{
	uint8_t got[CLUSTER];
	size_t i;

	t_eq(qcow2_read(q, off, got, size), size);
	for (i = 0; i < size; i++)
		t_eq(got[i], (uint8_t)want);
}

static void
test_every_sort_of_cluster(void **state)
{
	struct source file;
	struct qcow2 q;
	uint8_t all[5 * CLUSTER];

	(void)state;
	make();
	assert_true(open_cut(sizeof(image), &file, &q));
	t_eq(q.size, 5 * CLUSTER - 100);
	check(&q, 0, CLUSTER, 'a');
	check(&q, 511, 1, 'a');
	check(&q, CLUSTER, CLUSTER, 0);
	check(&q, 2 * CLUSTER + 3, 100, 0);
	check(&q, 3 * CLUSTER, CLUSTER, 'p');
	check(&q, 3 * CLUSTER + 500, 12, 'p');
	check(&q, 4 * CLUSTER, CLUSTER - 100, 'z');
	t_eq(qcow2_read(&q, 0, all, sizeof(all)), sizeof(all) - 100);
	t_eq(all[CLUSTER - 1], 'a');
	t_eq(all[CLUSTER], 0);
	t_eq(all[3 * CLUSTER], 'p');
	t_eq(qcow2_read(&q, q.size, all, 1), 0);
	t_eq(qcow2_read(&q, UINT64_MAX, all, 1), 0);
}

static void
test_a_last_cluster_that_is_short(void **state)
{
	struct source file;
	struct qcow2 q;
	uint8_t byte = 1;

	(void)state;
	make();
	assert_true(open_cut(sizeof(image) - 200, &file, &q));
	check(&q, 4 * CLUSTER, CLUSTER - 200, 'z');
	check(&q, 5 * CLUSTER - 200, 100, 0);
	assert_true(open_cut(7 * CLUSTER, &file, &q));
	t_eq(qcow2_read(&q, 4 * CLUSTER, &byte, 1), 0);
}

static void
test_headers_that_are_refused(void **state)
{
	static const struct {
		size_t at, size;
		uint64_t v;
	} bad[] = { { 0, 4, 0 }, { 4, 4, 1 }, { 4, 4, 4 }, { 8, 8, 1 },
		{ 20, 4, 8 }, { 20, 4, 22 }, { 24, 8, (uint64_t)1 << 63 },
		{ 32, 4, 1 }, { 72, 8, 2 }, { 72, 8, 4 }, { 72, 8, 16 },
		{ 72, 8, 32 }, { 72, 8, (uint64_t)1 << 63 } };
	struct source file;
	struct qcow2 q;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		make();
		put(bad[i].at, bad[i].v, bad[i].size);
		assert_false(open_cut(sizeof(image), &file, &q));
	}
}

/* Whatever stands in a table: no byte from outside; the rest can be read. */
static void
test_tables_that_lie(void **state)
{
	static const uint64_t lie[] = { UINT64_MAX, (uint64_t)1 << 62,
		(uint64_t)0xffffff << 40, 0x3fffffffffffffff, 512, 513,
		8 * CLUSTER, INT64_MAX };
	uint8_t all[5 * CLUSTER];
	struct source file;
	struct qcow2 q;
	size_t i, at;

	(void)state;
	for (i = 0; i < sizeof(lie) / sizeof(lie[0]); i++)
		for (at = 2 * CLUSTER; at < 2 * CLUSTER + 40; at += 8) {
			make();
			put(at, lie[i], 8);
			assert_true(open_cut(sizeof(image), &file, &q));
			(void)qcow2_read(&q, 0, all, sizeof(all));
			if (at > 2 * CLUSTER)
				check(&q, 0, CLUSTER, 'a');
			put(CLUSTER, lie[i], 8);
			assert_true(open_cut(sizeof(image), &file, &q));
			(void)qcow2_read(&q, 0, all, sizeof(all));
		}
}

static void
test_every_prefix(void **state)
{
	uint8_t all[5 * CLUSTER];
	struct source file;
	struct qcow2 q;
	size_t size;

	(void)state;
	make();
	for (size = 0; size < sizeof(image); size++)
		if (open_cut(size, &file, &q))
			assert_true(qcow2_read(&q, 0, all, sizeof(all)) <=
			    sizeof(all));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_sort_of_cluster),
		cmocka_unit_test(test_a_last_cluster_that_is_short),
		cmocka_unit_test(test_headers_that_are_refused),
		cmocka_unit_test(test_tables_that_lie),
		cmocka_unit_test(test_every_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
