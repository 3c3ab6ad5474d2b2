/*
 * ole2.c - what a Windows Installer package says of itself.
 *
 * Spec:    [MS-CFB] Compound File Binary File Format, 2.1 to 2.6; [MS-OLEPS]
 *          2.20 and 2.21, for what stands in SummaryInformation.
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   RECOGNISE_SIGNER and RECOGNISE_COUNTERSIGNER of the stream
 *          "\5DigitalSignature"; RECOGNISE_COMPANY (author), RECOGNISE_PRODUCT
 *          (subject) of "\5SummaryInformation".
 * Limits:  DIRECTORY_READ bytes of the directory, STREAM_READ of a stream,
 *          MINI_READ of the small ones together; chains go on for no more
 *          sectors than those have, and JUMPS tables of tables.
 *
 *   header:
 *       30     2  a sector has 2 to the power of this many bytes: 9 or 12
 *       48     4  first sector of the directory
 *       60     4  first sector of the table of small sectors
 *       68     4  first sector of more tables of tables
 *       76   436  the first 109 sectors of the table of sectors
 *   Sector n begins at (n + 1) sectors.  The table of sectors has for each
 *   the next one of its chain, 4 bytes.
 *
 *   an entry of the directory, 128 bytes:
 *        0    64  name, UTF-16      64     2  bytes of it, with its zero
 *       66     1  2: a stream; 5: the root, whose stream holds the small ones
 *      116     4  first sector     120     4  size
 *   A stream of less than 4096 bytes stands in sectors of 64 in the root's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/recognise/parts.h"

#include "lib/base/utf.h"

#define HEADER         512u
#define HEADER_TABLES  109u
#define ENTRY          128u
#define MINI_SECTOR    64u
#define MINI_LIMIT     4096u
#define DIRECTORY_READ ((uint64_t)8 << 20)
#define STREAM_READ    ((uint64_t)1 << 20)
#define MINI_READ      ((uint64_t)8 << 20)
#define JUMPS          128u
#define SECTOR_MAX     0xfffffffau /* higher ones end a chain */

struct compound {
	const struct recognise *to;
	struct cur header;
	uint32_t sector; /* bytes */
	struct cur directory, mini_table, mini;
};

struct stream {
	uint32_t first, size;
};

static uint32_t
number_at(const struct cur *in, uint64_t off)
{
	struct cur at;

	return cur_at(in, off, 4, &at) ? cur_u32le(&at) : UINT32_MAX;
}

/* The number at an offset of a sector. */
static uint32_t
sector_number(const struct compound *c, uint32_t sector, uint32_t off)
{
	struct arena *a = c->to->arena;
	size_t mark = arena_mark(a);
	uint32_t n = UINT32_MAX;
	struct cur in;

	if (sector <= SECTOR_MAX &&
	    source_cur(c->to->source, a,
		((uint64_t)sector + 1) * c->sector + off, 4, &in))
		n = cur_u32le(&in);
	arena_reset(a, mark);
	return n;
}

/* The sector in which part number index of the table of sectors stands. */
static uint32_t
table_sector(const struct compound *c, uint32_t index)
{
	uint32_t each = c->sector / 4 - 1, at, jumps;

	if (index < HEADER_TABLES)
		return number_at(&c->header, 76 + 4 * (uint64_t)index);
	index -= HEADER_TABLES;
	at = number_at(&c->header, 68);
	for (jumps = 0; index >= each && jumps < JUMPS; jumps++) {
		at = sector_number(c, at, 4 * each);
		index -= each;
	}
	return index < each ? sector_number(c, at, 4 * index) : UINT32_MAX;
}

static uint32_t
next_sector(const struct compound *c, uint32_t sector)
{
	uint32_t each = c->sector / 4;

	return sector_number(c, table_sector(c, sector / each),
	    4 * (sector % each));
}

/* The bytes of a chain of sectors: at most most, in the arena. */
static struct cur
read_chain(const struct compound *c, uint32_t sector, uint64_t most)
{
	size_t room = (size_t)((most + c->sector - 1) / c->sector * c->sector);
	uint8_t *bytes = arena_alloc(c->to->arena, 1, room);
	size_t size = 0, got = c->sector;

	while (bytes != NULL && size < room && sector <= SECTOR_MAX &&
	    got == c->sector) {
		got = source_read(c->to->source,
		    ((uint64_t)sector + 1) * c->sector, bytes + size,
		    c->sector);
		size += got;
		sector = next_sector(c, sector);
	}
	return cur_from(bytes, size < most ? size : (size_t)most);
}

/* --- the directory -------------------------------------------------------- */

/* Is an entry of that type, and of that name behind a \5? */
static bool
is_entry(struct cur entry, uint8_t type, const char *name)
{
	struct cur at;

	if (!cur_at(&entry, 66, 1, &at) || cur_u8(&at) != type)
		return false;
	if (type == 5)
		return true;
	if (cur_u16le(&entry) != 5)
		return false;
	for (; *name != '\0'; name++)
		if (cur_u16le(&entry) != (uint8_t)*name)
			return false;
	return cur_u16le(&entry) == 0;
}

static bool
find_stream(const struct compound *c, uint8_t type, const char *name,
    struct stream *out)
{
	struct cur in = c->directory, entry;

	while (cur_take(&in, ENTRY, &entry))
		if (is_entry(entry, type, name)) {
			out->first = number_at(&entry, 116);
			out->size = number_at(&entry, 120);
			return true;
		}
	return false;
}

static bool
open_compound(const struct recognise *r, struct compound *c)
{
	struct stream root;
	struct cur shift;
	uint16_t power;

	*c = (struct compound){ .to = r };
	if (!source_cur(r->source, r->arena, 0, HEADER, &c->header) ||
	    !cur_at(&c->header, 30, 2, &shift))
		return false;
	power = cur_u16le(&shift);
	if (power != 9 && power != 12)
		return false;
	c->sector = (uint32_t)1 << power;
	c->directory = read_chain(c, number_at(&c->header, 48), DIRECTORY_READ);
	if (!find_stream(c, 5, "", &root))
		return false;
	c->mini_table = read_chain(c, number_at(&c->header, 60),
	    MINI_READ / MINI_SECTOR * 4);
	c->mini = read_chain(c, root.first,
	    root.size < MINI_READ ? root.size : MINI_READ);
	return true;
}

static struct cur
read_mini(const struct compound *c, const struct stream *s)
{
	uint8_t *bytes = arena_alloc(c->to->arena, 1, MINI_LIMIT);
	uint32_t sector = s->first, size = 0;
	struct cur piece;

	while (bytes != NULL && size < s->size &&
	    cur_at(&c->mini, (uint64_t)sector * MINI_SECTOR, MINI_SECTOR,
		&piece)) {
		memcpy(bytes + size, piece.base, MINI_SECTOR);
		size += MINI_SECTOR;
		sector = number_at(&c->mini_table, 4 * (uint64_t)sector);
	}
	return cur_from(bytes, size < s->size ? size : s->size);
}

/* A stream's bytes; false if there is none, or it is too large. */
static bool
read_stream(const struct compound *c, const char *name, struct cur *out)
{
	struct stream s;

	if (!find_stream(c, 2, name, &s))
		return false;
	if (s.size > STREAM_READ) {
		recognise_gap(c->to, name, "it is larger than 1 MiB");
		return false;
	}
	*out = s.size < MINI_LIMIT ? read_mini(c, &s)
				   : read_chain(c, s.first, s.size);
	return out->size > 0;
}

/* --- what is in it -------------------------------------------------------- */

/*
 * A set of properties: 44  4  its offset; there  4  4  how many, then of 8
 * bytes: number, offset in the set.  A text: type 30, its size, bytes.
 */
static void
read_summary(const struct recognise *r, struct cur in)
{
	enum {
		SUBJECT = 3,
		AUTHOR = 4,
		TEXT = 30
	};
	uint32_t set = number_at(&in, 44), count, i;
	struct recognise_text author = { .size = 0 }, subject = { .size = 0 };
	struct cur text;

	count = number_at(&in, (uint64_t)set + 4);
	for (i = 0; i < count && i < 32; i++) {
		uint64_t row = (uint64_t)set + 8 + 8 * (uint64_t)i;
		uint32_t id = number_at(&in, row);
		uint64_t at = (uint64_t)set + number_at(&in, row + 4);

		if ((id != SUBJECT && id != AUTHOR) ||
		    number_at(&in, at) != TEXT ||
		    !cur_at(&in, at + 8, number_at(&in, at + 4), &text))
			continue;
		recognise_text_add_bytes(id == AUTHOR ? &author : &subject,
		    text);
	}
	recognise_tell(r, RECOGNISE_COMPANY, recognise_text_cur(&author),
	    recognise_text_cur(&subject));
	recognise_tell(r, RECOGNISE_PRODUCT, recognise_text_cur(&subject),
	    cur_from("", 0));
}

void
recognise_ole2(const struct recognise *r)
{
	size_t mark = arena_mark(r->arena);
	struct compound c;
	struct cur bytes;

	if (open_compound(r, &c)) {
		if (read_stream(&c, "DigitalSignature", &bytes))
			recognise_signed_data(r, bytes);
		if (read_stream(&c, "SummaryInformation", &bytes))
			read_summary(r, bytes);
	}
	arena_reset(r->arena, mark);
}
