/*
 * macho.c - macOS executables: sections, entry point, the parts of universal
 * files.
 *
 * Spec:    mach-o/loader.h and mach-o/fat.h, and the thread states in
 *          mach/machine/, of Apple's XNU, as of macOS 13.             [XNU]
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   facts of a thin file; one child per architecture of a universal.
 * Limits:  MACHO_COMMANDS_MAX load commands (ClamAV's own), MACHO_SIZE_MAX
 *          bytes of them, MACHO_SECTIONS_MAX sections, MACHO_PARTS_MAX parts.
 *
 *   header, 28 bytes (64-bit: 32):
 *        0          4  magic; its order of bytes is the order of all numbers
 *        4          4  cputype
 *       12          4  filetype
 *       16          4  ncmds
 *       20          4  sizeofcmds
 *
 *   load command: cmd, cmdsize (4 bytes each, the size with these 8), data
 *
 *   LC_SEGMENT (1), LC_SEGMENT_64 (0x19): offsets from the command's start
 *   32-bit  64-bit  size
 *        8       8  16       segname
 *       24      24  4 / 8    vmaddr
 *       28      32  4 / 8    vmsize
 *       32      40  4 / 8    fileoff
 *       48      64  4        nsects
 *       56      72           sections of 68 (80) bytes:
 *        0       0  16       sectname
 *       32      32  4 / 8    addr
 *       36      40  4 / 8    size
 *       40      48  4        offset
 *
 *   LC_MAIN (0x80000028): 8 bytes at 8, the entry point's file offset
 *   LC_UNIXTHREAD (5), LC_THREAD (4): flavor, count of 32-bit words, registers
 *
 *   universal file, big-endian: magic, count, then 20 bytes each:
 *        0          4  cputype
 *        8          4  offset
 *       12          4  size
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"

#include <stdio.h>
#include <string.h>

#define MACHO_COMMANDS_MAX 4096u
#define MACHO_SIZE_MAX     ((uint32_t)1 << 20)
#define MACHO_SECTIONS_MAX 4096u
#define MACHO_PARTS_MAX    31u /* more is a Java class: ident.c */

#define LC_SEGMENT    0x1u
#define LC_THREAD     0x4u
#define LC_UNIXTHREAD 0x5u
#define LC_SEGMENT_64 0x19u
#define LC_MAIN       0x80000028u

#define SECTION_TYPE   0xffu
#define S_ZEROFILL     1u
#define S_GB_ZEROFILL  12u
#define S_TLV_ZEROFILL 18u

struct macho {
	struct opening *in;
	struct section *section;
	uint32_t section_count;
	uint32_t cpu;
	uint32_t command_count;
	struct cur commands;
	uint64_t entry; /* file offset, when has_entry */
	bool is_64, is_big, has_entry;
};

/* Which register of which thread state says where a program starts. */
struct macho_thread {
	uint32_t cpu;
	uint32_t flavor;
	uint32_t off; /* from the first register, in bytes */
	bool is_64;
};

static const struct macho_thread macho_threads[] = {
	{ 0x7, 1, 40, false },       /* i386: eip */
	{ 0x1000007, 4, 128, true }, /* x86-64: rip */
	{ 0x12, 1, 0, false },       /* ppc: srr0 */
	{ 0x1000012, 5, 0, true },   /* ppc64: srr0 */
	{ 0xc, 1, 60, false },       /* arm: pc */
	{ 0x100000c, 6, 256, true }, /* arm64: pc */
};

static uint32_t
macho_word(const struct macho *m, struct cur *in)
{
	return m->is_big ? cur_u32be(in) : cur_u32le(in);
}

static uint64_t
macho_long(const struct macho *m, struct cur *in)
{
	return m->is_big ? cur_u64be(in) : cur_u64le(in);
}

/* The address or size at its place in a record. */
static uint64_t
macho_field(const struct macho *m, const struct cur *record, uint64_t off32,
    uint64_t off64)
{
	struct cur at;

	if (!cur_at(record, m->is_64 ? off64 : off32, m->is_64 ? 8 : 4, &at))
		return 0;
	return m->is_64 ? macho_long(m, &at) : macho_word(m, &at);
}

static uint32_t
macho_field_word(const struct macho *m, const struct cur *record,
    uint64_t off32, uint64_t off64)
{
	struct cur at;

	if (!cur_at(record, m->is_64 ? off64 : off32, 4, &at))
		return 0;
	return macho_word(m, &at);
}

static bool
macho_read_header(struct macho *m)
{
	struct opening *in = m->in;
	struct cur at;
	uint32_t magic, size, type;

	if (!source_cur(in->source, in->arena, 0, 28, &at))
		return false;
	magic = cur_u32le(&at);
	m->is_big = (magic & 0xff) == 0xfe;
	m->is_64 = (m->is_big ? magic >> 24 : magic & 0xff) == 0xcf;
	m->cpu = macho_word(m, &at);
	(void)macho_word(m, &at); /* cpusubtype */
	type = macho_word(m, &at);
	m->command_count = macho_word(m, &at);
	size = macho_word(m, &at);
	facts_set(in->facts, FACT_IS_64, m->is_64);
	facts_set(in->facts, FACT_MACHINE, m->cpu);
	facts_set(in->facts, FACT_MACHO_TYPE, type);
	if (m->command_count == 0 || m->command_count > MACHO_COMMANDS_MAX ||
	    size > MACHO_SIZE_MAX)
		return false;
	source_cur_upto(in->source, in->arena, m->is_64 ? 32 : 28, size,
	    &m->commands);
	return true;
}

/* Cut the next load command off in, whole. */
static bool
macho_take(const struct macho *m, struct cur *in, struct cur *out,
    uint32_t *command)
{
	struct cur peek = *in;
	uint32_t size;

	*command = macho_word(m, &peek);
	size = macho_word(m, &peek);
	return cur_ok(&peek) && size >= 8 && cur_take(in, size, out);
}

/* The sections of a segment's command, without its head. */
static bool
macho_take_sections(const struct macho *m, struct cur command, uint32_t *count,
    struct cur *out)
{
	*count = macho_field_word(m, &command, 48, 64);
	*out = command;
	return cur_seek(out, m->is_64 ? 72 : 56);
}

static bool
macho_is_segment(const struct macho *m, uint32_t command)
{
	return command == (m->is_64 ? LC_SEGMENT_64 : LC_SEGMENT);
}

static void
macho_read_section(const struct macho *m, struct cur in, struct section *out)
{
	uint64_t file = m->in->source->size;
	uint32_t type = macho_field_word(m, &in, 56, 64) & SECTION_TYPE;
	size_t i;

	out->rva = macho_field(m, &in, 32, 32);
	out->vsize = macho_field(m, &in, 36, 40);
	out->off = macho_field_word(m, &in, 40, 48);
	out->size = out->vsize;
	if (out->off >= file || type == S_ZEROFILL || type == S_GB_ZEROFILL ||
	    type == S_TLV_ZEROFILL)
		out->size = 0;
	else if (out->size > file - out->off)
		out->size = file - out->off;
	for (i = 0; i < sizeof(out->name); i++)
		out->name[i] = cur_u8(&in);
}

/* How many sections do all segments have? */
static uint32_t
macho_count_sections(const struct macho *m)
{
	uint32_t size = m->is_64 ? 80 : 68;
	uint32_t total = 0, count, command, i;
	struct cur in = m->commands, one, sections;

	for (i = 0; i < m->command_count && macho_take(m, &in, &one, &command);
	     i++) {
		if (!macho_is_segment(m, command) ||
		    !macho_take_sections(m, one, &count, &sections))
			continue;
		if (count > cur_left(&sections) / size)
			count = (uint32_t)(cur_left(&sections) / size);
		total += count;
		if (total > MACHO_SECTIONS_MAX)
			return MACHO_SECTIONS_MAX;
	}
	return total;
}

static void
macho_add_sections(struct macho *m, struct cur command, uint32_t room)
{
	uint32_t size = m->is_64 ? 80 : 68;
	struct cur sections, one;
	uint32_t count;

	if (!macho_take_sections(m, command, &count, &sections))
		return;
	for (; count > 0 && m->section_count < room; count--) {
		if (!cur_take(&sections, size, &one))
			return;
		macho_read_section(m, one, &m->section[m->section_count++]);
	}
}

/* The file offset of an address, by segments. */
static bool
macho_find(const struct macho *m, uint64_t address, uint64_t *out)
{
	struct cur in = m->commands, one;
	uint32_t command, i;
	uint64_t start;

	for (i = 0; i < m->command_count && macho_take(m, &in, &one, &command);
	     i++) {
		if (!macho_is_segment(m, command))
			continue;
		start = macho_field(m, &one, 24, 24);
		if (address < start ||
		    address - start >= macho_field(m, &one, 28, 32))
			continue;
		*out = macho_field(m, &one, 32, 40) + (address - start);
		return true;
	}
	return false;
}

/* The address in a thread's program counter. */
static void
macho_read_thread(struct macho *m, struct cur in)
{
	const struct macho_thread *t;
	struct cur at;
	uint32_t flavor = macho_field_word(m, &in, 8, 8);
	uint64_t address;
	size_t i;

	for (i = 0; i < sizeof(macho_threads) / sizeof(macho_threads[0]); i++) {
		t = &macho_threads[i];
		if (t->cpu != m->cpu || t->flavor != flavor ||
		    !cur_at(&in, 16 + t->off, t->is_64 ? 8 : 4, &at))
			continue;
		address = t->is_64 ? macho_long(m, &at) : macho_word(m, &at);
		m->has_entry = macho_find(m, address, &m->entry);
		return;
	}
}

static void
macho_read_command(struct macho *m, uint32_t command, struct cur in,
    uint32_t room)
{
	struct cur at;

	if (macho_is_segment(m, command)) {
		macho_add_sections(m, in, room);
	} else if (command == LC_MAIN && cur_at(&in, 8, 8, &at)) {
		m->entry = macho_long(m, &at);
		m->has_entry = true;
	} else if (command == LC_THREAD || command == LC_UNIXTHREAD) {
		macho_read_thread(m, in);
	}
}

static enum format_end
macho_open(struct opening *in, void **state)
{
	struct macho m = { .in = in };
	struct cur commands, one;
	uint32_t command, room, i;

	*state = NULL;
	if (!macho_read_header(&m))
		return FORMAT_WHOLE;
	room = macho_count_sections(&m);
	m.section = arena_alloc(in->arena, room, sizeof(*m.section));
	if (m.section == NULL && room > 0)
		return FORMAT_LIMIT;
	commands = m.commands;
	for (i = 0;
	     i < m.command_count && macho_take(&m, &commands, &one, &command);
	     i++)
		macho_read_command(&m, command, one, room);
	if (m.section_count == 0)
		return FORMAT_WHOLE;
	if (m.has_entry && source_has(in->source, m.entry))
		facts_set(in->facts, FACT_ENTRY_POINT, m.entry);
	facts_set(in->facts, FACT_SECTIONS, m.section_count);
	in->facts->section = m.section;
	in->facts->section_count = m.section_count;
	return FORMAT_WHOLE;
}

const struct format macho_opener = {
	.name = "macho",
	.open = macho_open,
};

/* A universal file: what is left of its table. */
struct macho_fat {
	struct source *source;
	struct cur parts; /* as many rows as the file has */
	uint32_t missing; /* rows or bytes the file is too short for */
};

static enum format_end
macho_fat_open(struct opening *in, void **state)
{
	struct macho_fat *fat = arena_alloc(in->arena, 1, sizeof(*fat));
	struct cur head;
	uint32_t count;

	if (fat == NULL)
		return FORMAT_LIMIT;
	*state = fat;
	fat->source = in->source;
	if (!source_cur(in->source, in->arena, 4, 4, &head))
		return FORMAT_TRUNCATED;
	count = cur_u32be(&head);
	if (count > MACHO_PARTS_MAX)
		return FORMAT_MALFORMED;
	source_cur_upto(in->source, in->arena, 8, (uint64_t)count * 20,
	    &fat->parts);
	fat->missing = count - (uint32_t)(fat->parts.size / 20);
	return FORMAT_WHOLE;
}

static enum format_end
macho_fat_next(void *state, struct child *out)
{
	struct macho_fat *fat = state;
	struct cur part;
	uint32_t cpu;

	if (!cur_take(&fat->parts, 20, &part))
		return fat->missing > 0 ? FORMAT_TRUNCATED : FORMAT_WHOLE;
	cpu = cur_u32be(&part);
	(void)cur_u32be(&part); /* cpusubtype */
	*out = (struct child){
		.role = CHILD_MEMBER, .is_range = true, .obstacle = FORMAT_WHOLE
	};
	out->off = cur_u32be(&part);
	out->size = cur_u32be(&part);
	out->name_size = (uint8_t)snprintf((char *)out->name, sizeof(out->name),
	    "cpu-%08x", cpu);
	if (out->size == 0 || !source_has(fat->source, out->off))
		out->obstacle = FORMAT_TRUNCATED;
	else if (!source_has(fat->source, out->off + out->size - 1))
		fat->missing = 1; /* what there is of it is a child still */
	return FORMAT_CHILD;
}

const struct format macho_fat_opener = {
	.name = "macho-universal",
	.open = macho_fat_open,
	.next = macho_fat_next,
};
