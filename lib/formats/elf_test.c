/*
 * elf_test.c - Unix executables of both classes and both orders.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t.h"
#include "tests/t_format.h"

#include <string.h>

#define SIZE ((size_t)0x600)

static uint8_t file[SIZE];

struct shape {
	bool is_64, is_big;
	uint16_t segments, sections;
	uint32_t entry;
};

static void
put(const struct shape *s, size_t off, size_t width, uint64_t value)
{
	size_t i;

	for (i = 0; i < width; i++)
		file[off + (s->is_big ? width - 1 - i : i)] =
		    (uint8_t)(value >> (8 * i));
}

/* Two segments, 0x8000 at 0 and 0x9000 at 0x400; sections at 0x200, 0x400. */
static void
bake(const struct shape *s)
{
	size_t w = s->is_64 ? 8 : 4, at = 24, ph, sh, i;

	memset(file, 0, sizeof(file));
	memcpy(file, "\177ELF", 4);
	file[4] = s->is_64 ? 2 : 1;
	file[5] = s->is_big ? 2 : 1;
	put(s, 16, 2, 2);
	put(s, 18, 2, 62);
	put(s, at, w, s->entry);
	put(s, at + w, w, 0x80);
	put(s, at + 2 * w, w, 0x100);
	at += 3 * w + 6;
	put(s, at, 2, s->is_64 ? 56 : 32);
	put(s, at + 2, 2, s->segments);
	put(s, at + 4, 2, s->is_64 ? 64 : 40);
	put(s, at + 6, 2, s->sections);
	for (i = 0; i < 2; i++) {
		ph = 0x80 + i * (s->is_64 ? 56 : 32);
		put(s, ph + (s->is_64 ? 8 : 4), w, i * 0x400);
		put(s, ph + (s->is_64 ? 16 : 8), w, 0x8000 + i * 0x1000);
		put(s, ph + (s->is_64 ? 40 : 20), w, 0x300);
		sh = 0x100 + i * (s->is_64 ? 64 : 40);
		put(s, sh + (s->is_64 ? 16 : 12), w, 0x8200 + i * 0xe00);
		put(s, sh + (s->is_64 ? 24 : 16), w, 0x200 + i * 0x200);
		put(s, sh + (s->is_64 ? 32 : 20), w, i == 0 ? 0x100 : 0x9999);
	}
}

static struct facts
look(const struct shape *s, size_t size)
{
	bake(s);
	return t_facts(&elf_opener, KIND_ELF, file, size);
}

static void
test_all_four_shapes_give_the_same_facts(void **state)
{
	struct shape s = { .segments = 2, .sections = 2, .entry = 0x9010 };
	struct facts f;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		s.is_64 = (i & 1) != 0;
		s.is_big = (i & 2) != 0;
		f = look(&s, SIZE);
		t_eq(f.value[FACT_ENTRY_POINT], 0x410);
		t_eq(f.value[FACT_SECTIONS], 2);
		t_eq(f.value[FACT_IS_64], s.is_64);
		t_eq(f.value[FACT_MACHINE], 62);
		t_eq(f.value[FACT_ELF_TYPE], 2);
		t_eq(f.section[0].off, 0x200);
		t_eq(f.section[0].size, 0x100);
		t_eq(f.section[1].rva, 0x9000);
		t_eq(f.section[1].size, 0x200); /* cut to the file */
		t_eq(f.section[1].vsize, 0x9999);
		assert_false(f.section_hashes_apply);
	}
}

static void
test_no_segments_or_no_entry_is_offset_zero(void **state)
{
	struct shape s = { .segments = 0, .sections = 1, .entry = 0x9010 };
	struct facts f = look(&s, SIZE);

	(void)state;
	assert_true(facts_has(&f, FACT_ENTRY_POINT));
	t_eq(f.value[FACT_ENTRY_POINT], 0);
	s.segments = 2;
	s.entry = 0;
	f = look(&s, SIZE);
	t_eq(f.value[FACT_ENTRY_POINT], 0);
}

static void
test_an_entry_in_no_segment_makes_all_unknown(void **state)
{
	struct shape s = { .segments = 2, .sections = 2, .entry = 0x8300 };
	struct facts f = look(&s, SIZE);

	(void)state;
	assert_false(facts_has(&f, FACT_ENTRY_POINT));
	t_eq(f.section_count, 0);
	s.entry = 0x8000;
	s.sections = 0;
	f = look(&s, SIZE);
	assert_false(facts_has(&f, FACT_ENTRY_POINT));
	s.sections = 257;
	f = look(&s, SIZE);
	t_eq(f.section_count, 0);
}

static void
test_every_prefix_opens(void **state)
{
	struct shape s = { .segments = 2, .sections = 2, .entry = 0x9010 };
	size_t size;

	(void)state;
	for (size = 0; size < SIZE; size++)
		(void)look(&s, size);
}

static void
test_sweeps(void **state)
{
	struct shape s = {
		.is_64 = true, .segments = 2, .sections = 2, .entry = 0x9010
	};

	(void)state;
	bake(&s);
	t_every_byte(&elf_opener, KIND_ELF, file, SIZE);
	t_every_arena_size(&elf_opener, KIND_ELF, file, SIZE);
	t_same_streamed(&elf_opener, KIND_ELF, file, SIZE);
}

static void
test_upx_is_named(void **state)
{
	const struct shape shapes[] = {
		{ true, false, 2, 2, 0x8010 },
		{ false, true, 2, 2, 0x8010 },
	};
	static struct t_walk w;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		bake(&shapes[i]);
		t_walk(&w, &elf_opener, KIND_ELF, NULL, file, SIZE);
		t_eq(w.count, 0);
		memcpy(file + 0x80 + (shapes[i].is_64 ? 112 : 64) + 4, "UPX!",
		    4);
		t_walk(&w, &elf_opener, KIND_ELF, NULL, file, SIZE);
		t_eq(w.count, 1);
		t_eq(w.child[0].end, FORMAT_UNSUPPORTED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_four_shapes_give_the_same_facts),
		cmocka_unit_test(test_no_segments_or_no_entry_is_offset_zero),
		cmocka_unit_test(test_an_entry_in_no_segment_makes_all_unknown),
		cmocka_unit_test(test_every_prefix_opens),
		cmocka_unit_test(test_sweeps),
		cmocka_unit_test(test_upx_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
