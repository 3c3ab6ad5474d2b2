/*
 * pe.c - Windows executables: sections, entry point, what follows them.
 *
 * Spec:    PE Format, Microsoft, revision of June 2023.  [PE]
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   the facts of the headers; sections; imports (pe_import.c); version
 *          information (pe_version.c); as children, what InstallShield stored
 *          behind the image (pe_setup.c); for packers and installers nobody
 *          opens yet, a child that says so (pe_packer.c).  Archives, documents
 *          and executables inside are the engine's business (embedded.h).
 * Limits:  PE_SECTIONS_MAX sections; marks of installers are looked for in the
 *          first PE_SEARCH_HEAD bytes of the resources and what is behind the
 *          image, where installers begin, and the last PE_SEARCH_TAIL.
 *
 *   offset       size  field                                      [PE] 3
 *        0          2  "MZ"
 *       60          4  offset of "PE\0\0"
 *
 *   after "PE\0\0":
 *        0          2  Machine
 *        2          2  NumberOfSections
 *        4          4  TimeDateStamp
 *       16          2  SizeOfOptionalHeader
 *       18          2  Characteristics
 *       20             optional header: SizeOfOptionalHeader bytes
 *                      section headers: 40 bytes each
 *
 *   optional header (PE32 / PE32+):
 *        0          2  Magic: 20b is PE32+, anything else is read as PE32
 *       16          4  AddressOfEntryPoint
 *       32          4  SectionAlignment
 *       36          4  FileAlignment
 *       60          4  SizeOfHeaders
 *       68          2  Subsystem
 *   92 / 108        4  NumberOfRvaAndSizes
 *   96 / 112        8  each: VirtualAddress, Size
 *
 *   section header:
 *        0          8  Name
 *        8          4  VirtualSize
 *       12          4  VirtualAddress
 *       16          4  SizeOfRawData
 *       20          4  PointerToRawData
 *
 * How bytes of the file belong to sections follows ClamAV 1.4.6, observed
 * from outside, because signatures and section hashes were made with it:
 *
 *   - offsets are rounded down to FileAlignment, sizes up, and cut at the end
 *     of the file; a FileAlignment that some section contradicts (its offset
 *     is a multiple of 512 but not of it) counts as 512;
 *   - addresses are rounded down to SectionAlignment, sizes in memory up;
 *   - an address belongs to the last section, in the header's order, whose
 *     bytes in the file cover it; below SizeOfHeaders (rounded up to
 *     SectionAlignment) it is the offset itself;
 *   - when a number has its highest bit set, or the entry point is nowhere in
 *     the file, nothing of all this is known.
 *
 * A file with a broken header is still searched as a whole: nothing of it
 * stays unread, so breakage is no obstacle.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/pe.h"
#include "lib/formats/openers.h"
#include "lib/formats/pe_packer.h"

#include "lib/base/ckd.h"

#include <string.h>

#define PE_SEARCH_HEAD  ((uint64_t)64 << 20)
#define PE_SEARCH_TAIL  ((uint64_t)1 << 20)
#define PE_SEARCH_PIECE ((uint64_t)64 << 10)
#define PE_SECTOR       512u
#define PE_SIGN         0x80000000u
#define PE_MAGIC_64     0x20b
#define PE_FILE_DLL     0x2000

struct pe_walk {
	struct pe_setup setup;
	struct pe_packers packers;
	uint32_t packer_at;
};

static uint32_t
pe_down(uint32_t value, uint32_t to)
{
	return to == 0 ? value : value - value % to;
}

/* UINT32_MAX where it does not fit: beyond every file we get here. */
static uint32_t
pe_up(uint32_t value, uint32_t to)
{
	uint32_t up;

	if (to == 0 || value % to == 0)
		return value;
	return ckd_add(&up, pe_down(value, to), to) ? UINT32_MAX : up;
}

bool
pe_at(const struct pe *p, uint64_t off, uint64_t size, struct cur *out)
{
	return source_cur(p->source, p->arena, off, size, out);
}

bool
pe_find(const struct pe *p, uint32_t rva, uint64_t *off)
{
	const struct section *s;
	uint32_t i;

	if (rva < p->headers_size) {
		*off = rva;
		return source_has(p->source, rva);
	}
	for (i = p->section_count; i > 0; i--) {
		s = &p->section[i - 1];
		if (s->size > 0 && rva >= s->rva && rva - s->rva < s->size) {
			*off = s->off + (rva - s->rva);
			return true;
		}
	}
	return false;
}

/* Read the data directory; false if it is not all there. */
static bool
pe_read_directory(struct pe *p, struct cur *optional)
{
	uint32_t count = cur_u32le(optional);
	uint32_t i;

	if (count > PE_DIRECTORIES)
		count = PE_DIRECTORIES;
	for (i = 0; i < count; i++) {
		p->directory[i].rva = cur_u32le(optional);
		p->directory[i].size = cur_u32le(optional);
	}
	return cur_ok(optional);
}

static bool
pe_read_optional(struct pe *p, struct cur optional)
{
	struct cur at;

	p->is_64 = cur_u16le(&optional) == PE_MAGIC_64;
	if (!cur_at(&optional, 16, 4, &at))
		return false;
	p->entry_rva = cur_u32le(&at);
	if (!cur_at(&optional, 32, 8, &at))
		return false;
	p->section_alignment = cur_u32le(&at);
	p->file_alignment = cur_u32le(&at);
	if (!cur_at(&optional, 60, 10, &at))
		return false;
	p->headers_size = pe_up(cur_u32le(&at), p->section_alignment);
	(void)cur_u32le(&at); /* CheckSum */
	facts_set(p->facts, FACT_SUBSYSTEM, cur_u16le(&at));
	return cur_seek(&optional, p->is_64 ? 108 : 92) &&
	    pe_read_directory(p, &optional);
}

/* The raw numbers of one section header, as they stand. */
static bool
pe_read_section(struct cur *in, struct section *out)
{
	size_t i;

	for (i = 0; i < sizeof(out->name); i++)
		out->name[i] = cur_u8(in);
	out->vsize = cur_u32le(in);
	out->rva = cur_u32le(in);
	out->size = cur_u32le(in);
	out->off = cur_u32le(in);
	return cur_skip(in, 16);
}

/* Does a section contradict the file alignment the header gives? */
static bool
pe_is_misaligned(const struct pe *p)
{
	uint32_t a = p->file_alignment;
	uint32_t i;

	if (a == 0)
		return false;
	for (i = 0; i < p->section_count; i++)
		if (p->section[i].size > 0 &&
		    p->section[i].off % PE_SECTOR == 0 &&
		    p->section[i].off % a != 0)
			return true;
	return false;
}

/* Cut size to the file, unless offset and size wrap around together. */
static uint64_t
pe_cut(uint64_t size, uint64_t off, uint64_t file)
{
	if (off >= file || size + off > UINT32_MAX || size <= file - off)
		return size;
	return file - off;
}

/*
 * Make of a section's numbers what of the file and of memory it covers.
 * False for numbers ClamAV gives up on: the highest bit of what is left after
 * sizes were cut to the file is set.
 */
static bool
pe_place_section(const struct pe *p, struct section *s)
{
	uint64_t file = p->source->size;

	if (s->off >= file)
		s->size = 0; /* even if rounding down brings it inside */
	if (((s->vsize | s->rva | pe_cut(s->size, s->off, file)) & PE_SIGN) !=
	    0)
		return false;
	s->rva = pe_down((uint32_t)s->rva, p->section_alignment);
	s->vsize = pe_up((uint32_t)s->vsize, p->section_alignment);
	s->off = pe_down((uint32_t)s->off, p->file_alignment);
	s->size = pe_up((uint32_t)s->size, p->file_alignment);
	if (s->off >= file)
		s->size = 0;
	else if (s->size > file - s->off)
		s->size = file - s->off;
	return true;
}

/* Is there a section that does not start behind the end of the file? */
static bool
pe_has_sections(const struct pe *p)
{
	uint32_t i;

	for (i = 0; i < p->section_count; i++)
		if (p->section[i].off < p->source->size ||
		    p->section[i].size == 0)
			return true;
	return false;
}

static enum format_end
pe_read_sections(struct pe *p, uint64_t off)
{
	struct cur in;
	uint32_t i;

	p->section =
	    arena_alloc(p->arena, p->section_count, sizeof(*p->section));
	if (p->section == NULL)
		return FORMAT_LIMIT;
	if (!pe_at(p, off, (uint64_t)p->section_count * 40, &in))
		return FORMAT_TRUNCATED;
	for (i = 0; i < p->section_count; i++)
		if (!pe_read_section(&in, &p->section[i]))
			return FORMAT_TRUNCATED;
	if (pe_is_misaligned(p))
		p->file_alignment = PE_SECTOR;
	if (!pe_has_sections(p))
		return FORMAT_TRUNCATED;
	for (i = 0; i < p->section_count; i++)
		if (!pe_place_section(p, &p->section[i]))
			return FORMAT_MALFORMED;
	return FORMAT_WHOLE;
}

enum format_end
pe_headers_read(struct pe *p)
{
	struct cur at;
	uint32_t start;
	uint16_t optional_size, flags;

	if (!pe_at(p, 60, 4, &at))
		return FORMAT_TRUNCATED;
	start = cur_u32le(&at);
	if (start == 0 || !pe_at(p, start, 24, &at) ||
	    !cur_match(&at, "PE\0", 4))
		return FORMAT_MALFORMED; /* DOS, NE, LE, or nothing */
	facts_set(p->facts, FACT_MACHINE, cur_u16le(&at));
	p->section_count = cur_u16le(&at);
	facts_set(p->facts, FACT_TIMESTAMP, cur_u32le(&at));
	if (!cur_skip(&at, 8)) /* PointerToSymbolTable, NumberOfSymbols */
		return FORMAT_TRUNCATED;
	optional_size = cur_u16le(&at);
	flags = cur_u16le(&at);
	facts_set(p->facts, FACT_IS_DLL, (flags & PE_FILE_DLL) != 0);
	if (p->section_count == 0 || p->section_count > PE_SECTIONS_MAX)
		return FORMAT_MALFORMED;
	if (!pe_at(p, (uint64_t)start + 24, optional_size, &at))
		return FORMAT_TRUNCATED;
	if (!pe_read_optional(p, at))
		return FORMAT_MALFORMED;
	facts_set(p->facts, FACT_IS_64, p->is_64);
	return pe_read_sections(p, (uint64_t)start + 24 + optional_size);
}

/* Where the image ends: behind the last byte of the last section. */
static uint64_t
pe_image_end(const struct pe *p)
{
	uint64_t end = 0, this_end;
	uint32_t i;

	for (i = 0; i < p->section_count; i++) {
		this_end = p->section[i].off + p->section[i].size;
		if (p->section[i].size > 0 && this_end > end)
			end = this_end;
	}
	return end;
}

static void
pe_set_facts(const struct pe *p, uint64_t entry)
{
	struct facts *f = p->facts;
	uint64_t end = pe_image_end(p);

	facts_set(f, FACT_ENTRY_POINT, entry);
	facts_set(f, FACT_SECTIONS, p->section_count);
	f->section = p->section;
	f->section_count = p->section_count;
	f->section_hashes_apply = !p->is_64;
	if (end > 0 && end < p->source->size) {
		facts_set(f, FACT_OVERLAY_OFFSET, end);
		facts_set(f, FACT_OVERLAY_SIZE, p->source->size - end);
	}
}

/* Note the mark of an installer at off, if there is one. */
static void
pe_note_mark(const struct pe *p, struct pe_walk *w, uint64_t off)
{
	size_t mark = arena_mark(p->arena);
	struct cur head;

	source_cur_upto(p->source, p->arena, off, 64, &head);
	pe_packer_note_mark(head, pe_image_end(p), &w->packers);
	arena_reset(p->arena, mark);
}

/* Look for marks of installers in [off, end). */
static void
pe_search(const struct pe *p, struct pe_walk *w, uint64_t off, uint64_t end)
{
	struct cur piece;
	size_t mark;

	while (off < end) {
		mark = arena_mark(p->arena);
		source_cur_upto(p->source, p->arena, off,
		    end - off < PE_SEARCH_PIECE ? end - off : PE_SEARCH_PIECE,
		    &piece);
		if (piece.size == 0)
			end = off;
		off += piece.size;
		while (cur_left(&piece) > 0)
			if (pe_packer_may_begin(cur_u8(&piece)))
				pe_note_mark(p, w, cur_where(&piece) - 1);
		arena_reset(p->arena, mark);
	}
}

/* The same among the resources and behind the image. */
static void
pe_find_installer(const struct pe *p, struct pe_walk *w)
{
	uint64_t off = pe_image_end(p), end = p->source->size, resources;

	if (p->directory[PE_RESOURCE].size > 0 &&
	    pe_find(p, p->directory[PE_RESOURCE].rva, &resources) &&
	    resources < off)
		off = resources;
	if (pe_setup_open(&w->setup, p, pe_image_end(p)))
		end = pe_image_end(p); /* the list says what is behind it */
	if (end <= off)
		return;
	if (end - off <= PE_SEARCH_HEAD + PE_SEARCH_TAIL) {
		pe_search(p, w, off, end);
		return;
	}
	pe_search(p, w, off, off + PE_SEARCH_HEAD);
	pe_search(p, w, end - PE_SEARCH_TAIL, end);
}

static enum format_end
pe_open(struct opening *in, void **state)
{
	struct pe p = {
		.source = in->source, .arena = in->arena, .facts = in->facts
	};
	struct pe_walk *w = arena_alloc(in->arena, 1, sizeof(*w));
	enum format_end end;
	uint64_t entry;

	if (w == NULL)
		return FORMAT_LIMIT;
	*state = w;
	end = pe_headers_read(&p);
	if (end == FORMAT_LIMIT)
		return end;
	if (end != FORMAT_WHOLE || !pe_find(&p, p.entry_rva, &entry))
		return FORMAT_WHOLE;
	pe_set_facts(&p, entry);
	pe_import_read(&p);
	pe_version_read(&p);
	pe_packer_find(&p, entry, &w->packers);
	if (in->source->size != SOURCE_SIZE_UNKNOWN)
		pe_find_installer(&p, w);
	return FORMAT_WHOLE;
}

/* Describe a packer whose work nobody undoes yet. */
static void
pe_describe_packer(const char *name, struct child *out)
{
	*out = (struct child){ .role = CHILD_MEMBER,
		.name_size = (uint8_t)strlen(name),
		.size = SOURCE_SIZE_UNKNOWN,
		.obstacle = FORMAT_UNSUPPORTED };
	memcpy(out->name, name, out->name_size);
}

static enum format_end
pe_next(void *state, struct child *out)
{
	struct pe_walk *w = state;

	if (pe_setup_next(&w->setup, out))
		return FORMAT_CHILD;
	if (w->packer_at == w->packers.count)
		return FORMAT_WHOLE;
	pe_describe_packer(w->packers.name[w->packer_at++], out);
	return FORMAT_CHILD;
}

const struct format pe_opener = {
	.name = "pe",
	.open = pe_open,
	.next = pe_next,
};
