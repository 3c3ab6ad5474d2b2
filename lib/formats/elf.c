/*
 * elf.c - Unix executables: sections and entry point.
 *
 * Spec:    System V ABI, chapters 4 and 5, draft of June 2013.  [gABI]
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   facts; for a program packed by UPX a child that says so, since
 *          nothing here unpacks it.
 * Limits:  ELF_SEGMENTS_MAX, ELF_SECTIONS_MAX (ClamAV's own; beyond them its
 *          offsets relative to sections and entry point never match).
 *
 *   header, 52 bytes (ELF64: 64)                            [gABI 4, header]
 *   32-bit  64-bit  size
 *        4       4  1        class: 1 is 32-bit, 2 is 64-bit
 *        5       5  1        data: 1 is little-endian, else big-endian
 *       16      16  2        e_type
 *       18      18  2        e_machine
 *       24      24  4 / 8    e_entry
 *       28      32  4 / 8    e_phoff
 *       32      40  4 / 8    e_shoff
 *       42      54  2        e_phentsize
 *       44      56  2        e_phnum
 *       46      58  2        e_shentsize
 *       48      60  2        e_shnum
 *
 *   program header: 32 bytes or 56                                  [gABI 5]
 *        4       8  4 / 8    p_offset
 *        8      16  4 / 8    p_vaddr
 *       20      40  4 / 8    p_memsz
 *
 *   section header: 40 bytes or 64                        [gABI 4, sections]
 *       12      16  4 / 8    sh_addr
 *       16      24  4 / 8    sh_offset
 *       20      32  4 / 8    sh_size
 *
 *   UPX's l_info, right behind the program headers                  [UPX]
 *        0     4  checksum
 *        4     4  magic      "UPX!"
 *
 * [UPX]   UPX's published source, src/stub/src/include/linux.h.
 *
 * The entry point's file offset follows ClamAV 1.4.6, observed from outside:
 * the first segment of any type whose memory holds it; 0 if the file has no
 * segments or no entry point; and when it is in no segment, a table cannot be
 * read or there are no sections at all, nothing is known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/ckd.h"
#include "lib/formats/openers.h"

#include <string.h>

#define ELF_SEGMENTS_MAX 128u
#define ELF_SECTIONS_MAX 256u

struct elf {
	struct opening *in;
	struct section *section;
	uint64_t entry, segments_off, sections_off;
	uint16_t segment_size, segment_count, section_size, section_count;
	bool is_64, is_big;
};

static uint16_t
elf_half(const struct elf *e, struct cur *in)
{
	return e->is_big ? cur_u16be(in) : cur_u16le(in);
}

static uint32_t
elf_word(const struct elf *e, struct cur *in)
{
	return e->is_big ? cur_u32be(in) : cur_u32le(in);
}

/* An address, offset or size, as wide as the class says. */
static uint64_t
elf_wide(const struct elf *e, struct cur *in)
{
	if (!e->is_64)
		return elf_word(e, in);
	return e->is_big ? cur_u64be(in) : cur_u64le(in);
}

/* The wide field at its place in a record. */
static uint64_t
elf_field(const struct elf *e, const struct cur *record, uint64_t off32,
    uint64_t off64)
{
	struct cur at;

	if (!cur_at(record, e->is_64 ? off64 : off32, e->is_64 ? 8 : 4, &at))
		return 0;
	return elf_wide(e, &at);
}

static bool
elf_read_header(struct elf *e)
{
	struct facts *f = e->in->facts;
	struct cur in, at;

	if (!source_cur(e->in->source, e->in->arena, 0, 52, &in) ||
	    !cur_skip(&in, 4))
		return false;
	e->is_64 = cur_u8(&in) == 2;
	e->is_big = cur_u8(&in) != 1;
	if (!cur_at(&in, 4, 1, &at) || (!e->is_64 && cur_u8(&at) != 1) ||
	    (e->is_64 &&
		!source_cur(e->in->source, e->in->arena, 0, 64, &in)) ||
	    !cur_seek(&in, 16))
		return false;
	facts_set(f, FACT_IS_64, e->is_64);
	facts_set(f, FACT_ELF_TYPE, elf_half(e, &in));
	facts_set(f, FACT_MACHINE, elf_half(e, &in));
	(void)elf_word(e, &in); /* e_version */
	e->entry = elf_wide(e, &in);
	e->segments_off = elf_wide(e, &in);
	e->sections_off = elf_wide(e, &in);
	(void)elf_word(e, &in); /* e_flags */
	(void)elf_half(e, &in); /* e_ehsize */
	e->segment_size = elf_half(e, &in);
	e->segment_count = elf_half(e, &in);
	e->section_size = elf_half(e, &in);
	e->section_count = elf_half(e, &in);
	return cur_ok(&in);
}

/* Where in the file the program starts. */
static bool
elf_find_entry(const struct elf *e, uint64_t *out)
{
	uint16_t size = e->is_64 ? 56 : 32;
	struct cur table, segment;
	uint64_t start;

	*out = 0;
	if (e->segment_count == 0 || e->entry == 0)
		return true;
	if (e->segment_count > ELF_SEGMENTS_MAX || e->segment_size != size ||
	    !source_cur(e->in->source, e->in->arena, e->segments_off,
		(uint64_t)size * e->segment_count, &table))
		return false;
	while (cur_take(&table, size, &segment)) {
		start = elf_field(e, &segment, 8, 16);
		if (e->entry < start ||
		    e->entry - start >= elf_field(e, &segment, 20, 40))
			continue;
		*out = e->entry - start + elf_field(e, &segment, 4, 8);
		return true;
	}
	return false;
}

static void
elf_read_section(const struct elf *e, const struct cur *in, struct section *out)
{
	uint64_t file = e->in->source->size;

	out->rva = elf_field(e, in, 12, 16);
	out->off = elf_field(e, in, 16, 24);
	out->vsize = elf_field(e, in, 20, 32);
	out->size = out->vsize;
	if (out->off >= file)
		out->size = 0;
	else if (out->size > file - out->off)
		out->size = file - out->off;
}

static enum format_end
elf_read_sections(struct elf *e)
{
	uint16_t size = e->is_64 ? 64 : 40;
	struct cur table, section;
	uint32_t i;

	if (e->section_count == 0 || e->section_count > ELF_SECTIONS_MAX ||
	    e->section_size != size)
		return FORMAT_MALFORMED;
	e->section =
	    arena_alloc(e->in->arena, e->section_count, sizeof(*e->section));
	if (e->section == NULL)
		return FORMAT_LIMIT;
	if (!source_cur(e->in->source, e->in->arena, e->sections_off,
		(uint64_t)size * e->section_count, &table))
		return FORMAT_TRUNCATED;
	for (i = 0; cur_take(&table, size, &section); i++)
		elf_read_section(e, &section, &e->section[i]);
	return FORMAT_WHOLE;
}

/* Is there UPX's mark right behind the program headers? */
static bool
elf_is_packed(const struct elf *e)
{
	uint64_t behind = (uint64_t)e->segment_size * e->segment_count;
	struct cur mark;

	if (ckd_add(&behind, behind, e->segments_off) ||
	    ckd_add(&behind, behind, (uint64_t)4) ||
	    !source_cur(e->in->source, e->in->arena, behind, 4, &mark))
		return false;
	return cur_is(&mark, "UPX!");
}

/* What next() has to say yet. */
struct elf_state {
	bool is_packed;
};

static enum format_end
elf_next(void *state, struct child *out)
{
	struct elf_state *s = state;

	if (s == NULL || !s->is_packed)
		return FORMAT_WHOLE;
	s->is_packed = false;
	memset(out, 0, sizeof(*out));
	memcpy(out->name, "upx", 3);
	out->name_size = 3;
	out->size = SOURCE_SIZE_UNKNOWN;
	out->obstacle = FORMAT_UNSUPPORTED;
	return FORMAT_CHILD;
}

static enum format_end
elf_open(struct opening *in, void **state)
{
	struct elf e = { .in = in };
	struct elf_state *packed;
	enum format_end end;
	uint64_t entry;

	*state = NULL;
	if (!elf_read_header(&e))
		return FORMAT_WHOLE;
	if (elf_is_packed(&e)) {
		*state = packed = arena_alloc(in->arena, 1, sizeof(*packed));
		if (packed == NULL)
			return FORMAT_LIMIT;
		packed->is_packed = true;
	}
	if (!elf_find_entry(&e, &entry))
		return FORMAT_WHOLE;
	end = elf_read_sections(&e);
	if (end == FORMAT_WHOLE) {
		facts_set(in->facts, FACT_ENTRY_POINT, entry);
		facts_set(in->facts, FACT_SECTIONS, e.section_count);
		in->facts->section = e.section;
		in->facts->section_count = e.section_count;
	}
	return end == FORMAT_LIMIT ? end : FORMAT_WHOLE;
}

const struct format elf_opener = {
	.name = "elf",
	.open = elf_open,
	.next = elf_next,
};
