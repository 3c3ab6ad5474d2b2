/*
 * rpm_header_test.c - claims about rpm_header.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/rpm_header.h"
#include "tests/t.h"

#include <string.h>

static uint8_t blob[4096];
static size_t blob_size;

static void
put(size_t at, uint32_t v)
{
	int i;

	for (i = 0; i < 4; i++)
		blob[at + (size_t)i] = (uint8_t)(v >> (24 - 8 * i));
}

/* kesl 12.1-3 of "A Vendor" with /opt/a/x, /opt/b/y and /opt/a/z. */
static void
make(void)
{
	static const char data[] = "kesl\0"                    /* 0 */
				   "12.1\0"                    /* 5 */
				   "3\0"                       /* 10 */
				   "A Vendor\0"                /* 12 */
				   "x\0y\0z\0"                 /* 21 */
				   "/opt/a/\0/opt/b/\0"        /* 27 */
				   "\0"                        /* 43 */
				   "\0\0\0\0\0\0\0\1\0\0\0\0"; /* 44 */
	static const uint32_t entry[][4] = { { 1000, 6, 0, 1 },
		{ 1001, 6, 5, 1 }, { 1002, 6, 10, 1 }, { 1011, 6, 12, 1 },
		{ 1116, 4, 44, 3 }, { 1117, 8, 21, 3 }, { 1118, 8, 27, 2 },
		{ 5000, 99, 0, 9 } };
	const size_t count = sizeof(entry) / sizeof(entry[0]);
	size_t i, k;

	put(0, (uint32_t)count);
	put(4, sizeof(data) - 1);
	for (i = 0; i < count; i++)
		for (k = 0; k < 4; k++)
			put(8 + 16 * i + 4 * k, entry[i][k]);
	memcpy(blob + 8 + 16 * count, data, sizeof(data) - 1);
	blob_size = 8 + 16 * count + sizeof(data) - 1;
}

static bool
read_cut(size_t size, struct rpm_header *h)
{
	return rpm_header_read(cur_from(t_fence(blob, size), size), h);
}

static char told[200];

static void
tell(void *self, struct cur folder, struct cur name)
{
	(void)self;
	strncat(told, (const char *)folder.base, folder.size);
	strncat(told, (const char *)name.base, name.size);
	strcat(told, " ");
}

static bool
tell_files(const struct rpm_header *h)
{
	static struct cur room[RPM_FOLDERS_MAX];

	told[0] = '\0';
	return rpm_header_files(h, room, tell, NULL);
}

static void
test_a_package(void **state)
{
	struct rpm_header h;

	(void)state;
	make();
	assert_true(read_cut(blob_size, &h));
	assert_true(cur_is(&h.name, "kesl"));
	assert_true(cur_is(&h.version, "12.1"));
	assert_true(cur_is(&h.release, "3"));
	assert_true(cur_is(&h.vendor, "A Vendor"));
	t_eq(h.packager.size, 0);
	assert_true(tell_files(&h));
	assert_string_equal(told, "/opt/a/x /opt/b/y /opt/a/z ");
}

static void
test_every_prefix_is_refused(void **state)
{
	struct rpm_header h;
	size_t size;

	(void)state;
	make();
	for (size = 0; size < blob_size; size++)
		assert_false(read_cut(size, &h));
}

/* Any byte may be any other: no overread, and no end that is none. */
static void
test_every_byte_may_lie(void **state)
{
	static const uint8_t lie[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct rpm_header h;
	size_t at, i;

	(void)state;
	for (at = 0; at < 8 + 16 * 8 + 60 && at < blob_size; at++)
		for (i = 0; i < sizeof(lie); i++) {
			make();
			blob[at] = lie[i];
			if (read_cut(blob_size, &h) && h.file_count < 20)
				(void)tell_files(&h);
		}
}

static void
test_files_that_cannot_be(void **state)
{
	struct rpm_header h;

	(void)state;
	make();
	put(8 + 16 * 5 + 12, 4); /* more names than folders for them */
	assert_true(read_cut(blob_size, &h));
	assert_false(tell_files(&h));
	make();
	put(blob_size - 4, 2); /* a folder that is not there */
	assert_true(read_cut(blob_size, &h));
	assert_false(tell_files(&h));
}

static void
put_le(uint8_t *at, uint32_t v)
{
	int i;

	for (i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

static void
test_ndb(void **state)
{
	static uint8_t file[12288];
	struct rpm_header h;
	struct rpm_ndb n;
	struct cur one;
	size_t i;

	(void)state;
	make();
	memcpy(file, "RpmP", 4);
	put_le(file + 12, 1);
	for (i = 32; i < 4096; i += 16)
		memcpy(file + i, "Slot", 4);
	put_le(file + 48 + 4, 7);
	put_le(file + 48 + 8, 4096 / 16);
	put_le(file + 48 + 12, (uint32_t)(blob_size + 28 + 15) / 16);
	memcpy(file + 4096, "BlbS", 4);
	put_le(file + 4096 + 4, 7);
	put_le(file + 4096 + 12, (uint32_t)blob_size);
	memcpy(file + 4112, blob, blob_size);
	assert_true(rpm_ndb_open(cur_from(t_fence(file, sizeof(file)),
				     sizeof(file)),
	    &n));
	assert_true(rpm_ndb_next(&n, &one));
	assert_true(rpm_header_read(one, &h));
	assert_true(cur_is(&h.name, "kesl"));
	assert_false(rpm_ndb_next(&n, &one));
	t_eq(n.broken, 0);

	/* A blob beyond the end, one that says it is larger, of another. */
	for (i = 0; i < 3; i++) {
		uint8_t *at = i == 0 ? file + 48 + 8
		    : i == 1         ? file + 4096 + 12
				     : file + 4096 + 4;

		put_le(at, 0xffffffff);
		assert_true(rpm_ndb_open(cur_from(t_fence(file, sizeof(file)),
					     sizeof(file)),
		    &n));
		assert_false(rpm_ndb_next(&n, &one));
		t_eq(n.broken, 1);
		put_le(at,
		    i == 0       ? 4096 / 16
			: i == 1 ? (uint32_t)blob_size
				 : 7);
	}
	put_le(file + 12, 4); /* pages of slots that are not there */
	assert_false(rpm_ndb_open(cur_from(file, sizeof(file)), &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_package),
		cmocka_unit_test(test_every_prefix_is_refused),
		cmocka_unit_test(test_every_byte_may_lie),
		cmocka_unit_test(test_files_that_cannot_be),
		cmocka_unit_test(test_ndb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
