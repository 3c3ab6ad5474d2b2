/*
 * macho_test.c - macOS executables, thin and universal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t.h"
#include "tests/t_format.h"

#include <stdlib.h>
#include <string.h>

#define SIZE ((size_t)0x800)

static uint8_t file[SIZE];

/* How the entry point is said. */
enum way {
	BY_MAIN,
	BY_THREAD,
	NOT_AT_ALL
};

struct shape {
	bool is_64, is_big;
	enum way way;
};

static void
put(const struct shape *s, size_t off, size_t width, uint64_t value)
{
	size_t i;

	for (i = 0; i < width; i++)
		file[off + (s->is_big ? width - 1 - i : i)] =
		    (uint8_t)(value >> (8 * i));
}

/* One segment, 0x10000 at 0, with two sections at 0x400 and 0x700. */
static size_t
bake_segment(const struct shape *s, size_t off)
{
	size_t w = s->is_64 ? 8 : 4, section, i;
	size_t size = s->is_64 ? 72 + 2 * 80 : 56 + 2 * 68;

	put(s, off, 4, s->is_64 ? 0x19 : 1);
	put(s, off + 4, 4, size);
	put(s, off + 24, w, 0x10000);
	put(s, off + 24 + w, w, 0x1000);
	put(s, off + (s->is_64 ? 64 : 48), 4, 2);
	for (i = 0; i < 2; i++) {
		section = off + (s->is_64 ? 72 + i * 80 : 56 + i * 68);
		memcpy(file + section, "__text", 6);
		put(s, section + 32, w, 0x10400 + i * 0x300);
		put(s, section + 32 + w, w, 0x200);
		put(s, section + 32 + 2 * w, 4, 0x400 + i * 0x300);
	}
	return off + size;
}

static size_t
bake_entry(const struct shape *s, size_t off)
{
	if (s->way == BY_MAIN) {
		put(s, off, 4, 0x80000028);
		put(s, off + 4, 4, 24);
		put(s, off + 8, 8, 0x410);
		return off + 24;
	}
	put(s, off, 4, 5);
	put(s, off + 4, 4, s->is_64 ? 184 : 80);
	put(s, off + 8, 4, s->is_64 ? 4 : 1);
	put(s, off + 16 + (s->is_64 ? 128 : 40), s->is_64 ? 8 : 4, 0x10420);
	return off + (s->is_64 ? 184 : 80);
}

static void
bake(const struct shape *s)
{
	size_t head = s->is_64 ? 32 : 28, end;

	memset(file, 0, sizeof(file));
	put(s, 0, 4, s->is_64 ? 0xfeedfacf : 0xfeedface);
	put(s, 4, 4, s->is_64 ? 0x1000007 : 7);
	put(s, 12, 4, 2);
	put(s, 16, 4, s->way == NOT_AT_ALL ? 1 : 2);
	end = bake_segment(s, head);
	if (s->way != NOT_AT_ALL)
		end = bake_entry(s, end);
	put(s, 20, 4, end - head);
}

static struct facts
look(const struct shape *s, size_t size)
{
	bake(s);
	return t_facts(&macho_opener, KIND_MACHO, file, size);
}

static void
test_all_shapes_give_the_same_facts(void **state)
{
	struct shape s;
	struct facts f;
	int i;

	(void)state;
	for (i = 0; i < 12; i++) {
		s = (struct shape){ (i & 1) != 0, (i & 2) != 0,
			(enum way)(i / 4) };
		f = look(&s, SIZE);
		t_eq(f.value[FACT_SECTIONS], 2);
		t_eq(f.value[FACT_IS_64], s.is_64);
		t_eq(f.value[FACT_MACHO_TYPE], 2);
		t_eq(f.section[0].off, 0x400);
		t_eq(f.section[0].size, 0x200);
		t_eq(f.section[1].rva, 0x10700);
		t_eq(f.section[1].size, 0x100); /* cut to the file */
		t_eq(facts_has(&f, FACT_ENTRY_POINT), s.way != NOT_AT_ALL);
		if (s.way != NOT_AT_ALL)
			t_eq(f.value[FACT_ENTRY_POINT],
			    s.way == BY_MAIN ? 0x410 : 0x420);
	}
}

static void
test_every_prefix_opens(void **state)
{
	struct shape s = { true, false, BY_THREAD };
	size_t size;

	(void)state;
	for (size = 0; size < SIZE; size++)
		(void)look(&s, size);
}

/* A universal file with one whole part and one cut by the end. */
static void
bake_universal(void)
{
	struct shape big = { .is_big = true };

	memset(file, 0, sizeof(file));
	put(&big, 0, 4, 0xcafebabe);
	put(&big, 4, 4, 2);
	put(&big, 8, 4, 7);
	put(&big, 16, 4, 0x100);
	put(&big, 20, 4, 0x100);
	put(&big, 28, 4, 0x1000007);
	put(&big, 36, 4, 0x700);
	put(&big, 40, 4, 0x200);
}

static void
test_parts_of_a_universal_file_are_children(void **state)
{
	struct t_walk *w = calloc(1, sizeof(*w));

	(void)state;
	assert_non_null(w);
	bake_universal();
	t_walk(w, &macho_fat_opener, KIND_MACHO_FAT, NULL, file, SIZE);
	t_eq(w->count, 2);
	t_eq(w->end, FORMAT_TRUNCATED);
	assert_string_equal(w->child[0].name, "cpu-00000007");
	assert_true(w->child[0].is_range);
	t_eq(w->child[0].declared, 0x100);
	t_eq(w->child[1].obstacle, FORMAT_WHOLE);
	t_walk(w, &macho_fat_opener, KIND_MACHO_FAT, NULL, file, 0x600);
	t_eq(w->child[1].obstacle, FORMAT_TRUNCATED);
	t_walk(w, &macho_fat_opener, KIND_MACHO_FAT, NULL, file, 30);
	t_eq(w->end, FORMAT_TRUNCATED);
	free(w);
}

static void
test_sweeps(void **state)
{
	struct shape s = { true, false, BY_MAIN };

	(void)state;
	bake(&s);
	t_every_byte(&macho_opener, KIND_MACHO, file, SIZE);
	t_every_arena_size(&macho_opener, KIND_MACHO, file, SIZE);
	t_same_streamed(&macho_opener, KIND_MACHO, file, SIZE);
	bake_universal();
	t_every_byte(&macho_fat_opener, KIND_MACHO_FAT, file, SIZE);
	t_every_arena_size(&macho_fat_opener, KIND_MACHO_FAT, file, SIZE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_shapes_give_the_same_facts),
		cmocka_unit_test(test_every_prefix_opens),
		cmocka_unit_test(test_parts_of_a_universal_file_are_children),
		cmocka_unit_test(test_sweeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
