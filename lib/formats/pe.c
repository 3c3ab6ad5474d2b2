/*
 * pe.c - Windows executables: sections, entry point, what follows them.
 *
 * Spec:    PE Format, Microsoft, revision of June 2023.  [PE]
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   the facts of the headers; sections; imports (pe_import.c); version
 *          information (pe_version.c); as children, archives, documents and
 *          executables that stand behind the image or among its resources,
 *          and what InstallShield stored there (pe_setup.c); for packers and
 *          installers nobody opens yet, a child that says so (pe_packer.c).
 * Limits:  PE_SECTIONS_MAX sections; PE_CHILDREN_MAX children, looked for in
 *          PE_SEARCH_MAX bytes.
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

#define PE_CHILDREN_MAX 64u
#define PE_SEARCH_MAX   ((uint64_t)16 << 20)
#define PE_SEARCH_PIECE ((uint64_t)64 << 10)
#define PE_SECTOR       512u
#define PE_SIGN         0x80000000u
#define PE_MAGIC_64     0x20b
#define PE_FILE_DLL     0x2000
#define PE_STUB_MAX     1024u /* "PE" of an executable inside another */

/* Something inside that is a file of its own. */
struct pe_found {
	uint64_t off;
	uint64_t size;
	bool is_last; /* nothing says where it ends: stop looking */
};

struct pe_walk {
	struct pe_found child[PE_CHILDREN_MAX];
	uint32_t count;
	uint32_t at;
	bool is_full; /* there were more */
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

/* Read all headers: FORMAT_WHOLE if sections and entry point make sense. */
static enum format_end
pe_read_headers(struct pe *p)
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

/* An executable: "MZ", and "PE" not far behind.  It ends where the next starts,
   so its size is corrected then. */
static bool
pe_is_executable(const struct pe *p, struct cur head)
{
	uint64_t off = head.origin;
	struct cur at;
	uint32_t start;

	if (!cur_match(&head, "MZ", 2) || !cur_seek(&head, 60))
		return false;
	start = cur_u32le(&head);
	return cur_ok(&head) && start >= 4 && start <= PE_STUB_MAX &&
	    pe_at(p, off + start, 4, &at) && cur_match(&at, "PE\0", 4);
}

/* A cabinet, [MS-CAB] 2.1: its size stands at offset 8. */
static bool
pe_is_cabinet(struct cur head, struct pe_found *out)
{
	uint32_t size;

	if (!cur_match(&head, "MSCF\0\0\0", 8))
		return false;
	size = cur_u32le(&head);
	if (cur_u32le(&head) != 0 || size < 36 || size > out->size)
		return false;
	out->size = size;
	return cur_ok(&head);
}

/* 7z: signature, version 0.x, CRC, then offset and size of the end header. */
static bool
pe_is_7z(struct cur head, struct pe_found *out)
{
	uint64_t off, size, end;

	if (!cur_match(&head, "7z\xbc\xaf\x27\x1c\0", 7) || !cur_skip(&head, 5))
		return false;
	off = cur_u64le(&head);
	size = cur_u64le(&head);
	if (!cur_ok(&head) || ckd_add(&end, off, size) ||
	    ckd_add(&end, end, 32) || end > out->size)
		return false;
	out->size = end;
	return true;
}

/* ZIP (APPNOTE 4.3.7) and RAR say nowhere where they end. */
static bool
pe_is_endless(struct cur head)
{
	struct cur at = head;
	uint16_t version, name_size;

	if (cur_match(&at, "Rar!\x1a\7", 6))
		return cur_match(&at, "\0", 1) || cur_match(&at, "\1\0", 2);
	if (!cur_match(&head, "PK\3\4", 4))
		return false;
	version = cur_u16le(&head);
	name_size = cur_at(&head, 26, 2, &at) ? cur_u16le(&at) : 0;
	return cur_ok(&head) && version % 256 <= 63 && name_size > 0 &&
	    name_size < 1024;
}

/* An OLE2 file, [MS-CFB] 2.2, such as the MSI package of a setup program. */
static bool
pe_is_document(struct cur head)
{
	return cur_match(&head, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) &&
	    cur_seek(&head, 28) && cur_u16le(&head) == 0xfffe;
}

/* Is what starts at off a file of its own? */
static bool
pe_is_file(const struct pe *p, uint64_t off, struct pe_found *out)
{
	struct cur head;

	source_cur_upto(p->source, p->arena, off, 64, &head);
	*out = (struct pe_found){ .off = off, .size = p->source->size - off };
	if (pe_is_cabinet(head, out) || pe_is_7z(head, out))
		return true;
	out->is_last = pe_is_endless(head);
	return out->is_last || pe_is_executable(p, head) ||
	    pe_is_document(head);
}

/* Note a child; the one before it ends where it starts. */
static bool
pe_note_child(struct pe_walk *w, const struct pe_found *found)
{
	struct pe_found *before;

	if (w->count == PE_CHILDREN_MAX) {
		w->is_full = true;
		return false;
	}
	if (w->count > 0) {
		before = &w->child[w->count - 1];
		if (before->size > found->off - before->off)
			before->size = found->off - before->off;
	}
	w->child[w->count++] = *found;
	return !found->is_last;
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

/* Look for children in one piece; false to stop looking.  Sets *off to where
   to go on. */
static bool
pe_search_piece(const struct pe *p, struct pe_walk *w, struct cur in,
    uint64_t *off)
{
	struct pe_found found;
	size_t mark;
	bool is_file;
	uint8_t c;

	while (cur_left(&in) > 0) {
		c = cur_u8(&in);
		if (pe_packer_may_begin(c))
			pe_note_mark(p, w, cur_where(&in) - 1);
		if (c != 'M' && c != 'P' && c != 'R' && c != '7' && c != 0xd0)
			continue;
		mark = arena_mark(p->arena);
		is_file = pe_is_file(p, cur_where(&in) - 1, &found);
		arena_reset(p->arena, mark);
		if (!is_file)
			continue;
		if (!pe_note_child(w, &found))
			return false;
		if (found.off + found.size == p->source->size)
			continue;
		*off = found.off + found.size;
		return true;
	}
	*off = cur_where(&in);
	return true;
}

/* Look for files among the resources and behind the image. */
static void
pe_search(const struct pe *p, struct pe_walk *w)
{
	uint64_t off = pe_image_end(p), end = p->source->size, resources;
	struct cur piece;
	size_t mark;
	bool go_on = true;

	if (p->directory[PE_RESOURCE].size > 0 &&
	    pe_find(p, p->directory[PE_RESOURCE].rva, &resources) &&
	    resources < off)
		off = resources;
	if (pe_setup_open(&w->setup, p, pe_image_end(p)))
		end = pe_image_end(p); /* the list says what is behind it */
	if (end > off && end - off > PE_SEARCH_MAX)
		end = off + PE_SEARCH_MAX;
	while (go_on && off < end) {
		mark = arena_mark(p->arena);
		source_cur_upto(p->source, p->arena, off,
		    end - off < PE_SEARCH_PIECE ? end - off : PE_SEARCH_PIECE,
		    &piece);
		go_on = piece.size > 0 && pe_search_piece(p, w, piece, &off);
		arena_reset(p->arena, mark);
	}
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
	end = pe_read_headers(&p);
	if (end == FORMAT_LIMIT)
		return end;
	if (end != FORMAT_WHOLE || !pe_find(&p, p.entry_rva, &entry))
		return FORMAT_WHOLE;
	pe_set_facts(&p, entry);
	pe_import_read(&p);
	pe_version_read(&p);
	pe_packer_find(&p, entry, &w->packers);
	if (in->source->size != SOURCE_SIZE_UNKNOWN)
		pe_search(&p, w);
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
	static const char name[] = "embedded";
	struct pe_walk *w = state;
	const struct pe_found *found;

	if (w->at == w->count) {
		if (pe_setup_next(&w->setup, out))
			return FORMAT_CHILD;
		if (w->packer_at == w->packers.count)
			return w->is_full ? FORMAT_LIMIT : FORMAT_WHOLE;
		pe_describe_packer(w->packers.name[w->packer_at++], out);
		return FORMAT_CHILD;
	}
	found = &w->child[w->at++];
	*out = (struct child){ .role = CHILD_MEMBER,
		.name_size = sizeof(name) - 1,
		.size = found->size,
		.is_range = true,
		.off = found->off,
		.obstacle = FORMAT_WHOLE };
	memcpy(out->name, name, sizeof(name) - 1);
	return FORMAT_CHILD;
}

const struct format pe_opener = {
	.name = "pe",
	.open = pe_open,
	.next = pe_next,
};
