/*
 * table_test.c - packed tables: what is written is read, and damage is told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t.h"
#include "lib/compile/table.h"
#include "lib/db/row.h"

#include <stdlib.h>

#define ROWS_MAX 400u

/* Values of up to bits bits, above a base. */
static uint32_t
value_of(uint32_t i, uint32_t column, uint32_t bits)
{
	uint64_t x = ((uint64_t)i * 4 + column + 1) * 0x9e3779b97f4a7c15u;
	uint32_t v = (uint32_t)(x >> 29);

	v = bits == 0 ? 0 : v >> (32 - bits);
	return bits == 32 ? v : v + i % 3 + 1000 * column;
}

/* A database of one table, in the section of HASH_NAME: four columns. */
static struct compile_output
make(struct db *db, uint32_t rows, const uint32_t bits[4])
{
	struct table t = { .columns = 4 };
	struct compile_output out = { 0 };
	uint32_t row[4], i, k;

	for (i = 0; i < rows; i++) {
		for (k = 0; k < 4; k++)
			row[k] = value_of(i, k, bits[k]);
		table_add(&t, row);
	}
	table_end(&t, &out);
	assert_true(output_ok(&out));
	*db = (struct db){ 0 };
	db->section[DB_HASH_NAME] =
	    cur_from(t_fence(out.bytes, out.size), out.size);
	assert_true(db_table_open(db, DB_HASH_NAME));
	return out;
}

static void
test_rows_come_back(void **state)
{
	static const uint32_t counts[] = { 0, 1, 63, 64, 65, 128, ROWS_MAX };
	static const uint32_t bits[][4] = { { 0, 0, 0, 0 }, { 1, 7, 8, 9 },
		{ 32, 32, 32, 32 }, { 31, 1, 32, 0 }, { 13, 0, 25, 17 } };
	uint32_t row[4], i, k, n, w;
	struct db db;

	(void)state;
	for (n = 0; n < sizeof(counts) / sizeof(*counts); n++)
		for (w = 0; w < 5; w++) {
			struct compile_output out =
			    make(&db, counts[n], bits[w]);

			t_eq(db.count[DB_HASH_NAME], counts[n]);
			assert_true(db_table_sweep(&db, DB_HASH_NAME));
			for (i = 0; i < counts[n]; i++) {
				assert_true(db_row_get(&db, DB_HASH_NAME, i,
				    row));
				for (k = 0; k < 4; k++)
					t_eq(row[k],
					    value_of(i, k, bits[w][k]));
			}
			assert_false(db_row_get(&db, DB_HASH_NAME, i, row));
			output_fini(&out);
		}
}

/* Any byte may be anything: reading stays inside, and sizes are checked. */
static void
test_damage_is_told_or_harmless(void **state)
{
	static const uint32_t bits[4] = { 5, 11, 0, 32 };
	uint32_t row[4], i, k;
	struct db db;
	struct compile_output out = make(&db, 130, bits);
	uint8_t *bytes = out.bytes;
	uint32_t said = 0;

	(void)state;
	for (i = 0; i < out.size; i++) {
		uint8_t was = bytes[i];

		bytes[i] = (uint8_t)(was + 1u + i % 255u);
		db.section[DB_HASH_NAME] =
		    cur_from(t_fence(bytes, out.size), out.size);
		for (k = 0; db_table_open(&db, DB_HASH_NAME) && k < 200; k++)
			said += db_row_get(&db, DB_HASH_NAME, k, row);
		said += db_table_sweep(&db, DB_HASH_NAME);
		bytes[i] = was;
	}
	for (i = 0; i < out.size; i++) {
		db.section[DB_HASH_NAME] = cur_from(t_fence(bytes, i), i);
		assert_false(db_table_open(&db, DB_HASH_NAME) &&
		    db_table_sweep(&db, DB_HASH_NAME));
	}
	assert_true(said > 0);
	output_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_come_back),
		cmocka_unit_test(test_damage_is_told_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
