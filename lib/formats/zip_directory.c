/*
 * zip_directory.c - the records of a ZIP file.
 *
 * Spec:    PKWARE APPNOTE 6.3.10, section 4.3.  Little-endian.   [APPNOTE]
 * Input:   hostile; read through struct cur only.
 *
 *   local header [4.3.7]          directory entry [4.3.12]
 *   offset size field             offset size field
 *      0    4   "PK\3\4"             0    4   "PK\1\2"
 *      4    2   version needed       4    2   version made by
 *      6    2   flags                6    2   version needed
 *      8    2   method               8    2   flags
 *     10    4   time, date          10    2   method
 *     14    4   CRC-32              12    4   time, date
 *     18    4   packed size         16    4   CRC-32
 *     22    4   size                20    4   packed size
 *     26    2   name size           24    4   size
 *     28    2   extra size          28    2   name size
 *     30        name, extra         30    2   extra size
 *                                   32    2   comment size
 *                                   34    2   disk
 *                                   36    6   attributes
 *                                   42    4   offset of local header
 *                                   46        name, extra, comment
 *
 *   end record [4.3.16]           64-bit end record [4.3.14]
 *      0    4   "PK\5\6"             0    4   "PK\6\6"
 *      4    4   disks                4    8   size of the rest
 *      8    4   entries: here, all  12   12   versions, disks
 *     12    4   directory size      24   16   entries: here, all
 *     16    4   directory offset    40    8   directory size
 *     20    2   comment size        48    8   directory offset
 *     22        comment
 *
 * Of several end records the last one counts whose directory is where it
 * says; members that only another one lists are found by their local headers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/zip.h"

#include "lib/base/ckd.h"

#include <string.h>

#define END_SIZE     22u
#define LOCATOR_SIZE 20u
#define END64_SIZE   56u
#define COMMENT_MAX  65535u
#define TRIES_MAX    64u /* end records looked at; each may read far away */

#define EXTRA_ZIP64  0x0001u /* [APPNOTE 4.5.3] */
#define EXTRA_STRONG 0x0017u /* [APPNOTE 7.2.5] */
#define EXTRA_PATH   0x7075u /* Unicode path   [APPNOTE 4.6.9] */
#define EXTRA_AES    0x9901u /* [WinZip AE-2, II.B] */

#define NONE32 0xffffffffu
#define NONE16 0xffffu

/* Which fields a zip64 extra field stands in for. */
struct wide {
	bool size, packed, header, disk;
};

static void
read_zip64(struct cur *c, const struct wide *wide, struct zip_entry *e)
{
	if (wide->size && cur_left(c) >= 8)
		e->size = cur_u64le(c);
	if (wide->packed && cur_left(c) >= 8)
		e->packed = cur_u64le(c);
	if (wide->header && cur_left(c) >= 8)
		e->header = cur_u64le(c);
}

static void
set_name(struct zip_entry *e, const struct cur *name)
{
	size_t size = name->size;

	if (size > FORMAT_NAME_MAX)
		size = FORMAT_NAME_MAX;
	memcpy(e->name, name->base, size);
	e->name_size = (uint8_t)size;
}

/* Take the UTF-8 name if it belongs to the name in the header. */
static void
read_unicode_path(struct cur *c, uint32_t name_crc, struct zip_entry *e)
{
	uint8_t version = cur_u8(c);
	uint32_t crc = cur_u32le(c);
	struct cur name;

	if (cur_ok(c) && version == 1 && crc == name_crc && cur_left(c) > 0 &&
	    cur_take(c, cur_left(c), &name))
		set_name(e, &name);
}

static void
read_aes(struct cur *c, struct zip_entry *e)
{
	uint16_t version = cur_u16le(c);
	uint16_t vendor = cur_u16le(c);
	uint8_t strength = cur_u8(c);
	uint16_t method = cur_u16le(c);

	if (!cur_ok(c) || e->method != ZIP_AES || vendor != ('A' | 'E' << 8) ||
	    winzip_aes_salt_size(strength) == 0)
		return;
	e->aes_version = version == 2 ? 2 : 1;
	e->aes_strength = strength;
	e->method = method;
}

/* Read the extra fields; what does not parse is left off.    [APPNOTE 4.5] */
static void
read_extra(struct cur *extra, const struct wide *wide, uint32_t name_crc,
    struct zip_entry *e)
{
	while (cur_left(extra) >= 4) {
		uint16_t id = cur_u16le(extra);
		uint16_t size = cur_u16le(extra);
		struct cur field;

		if (!cur_take(extra, size, &field))
			return;
		if (id == EXTRA_ZIP64)
			read_zip64(&field, wide, e);
		else if (id == EXTRA_AES)
			read_aes(&field, e);
		else if (id == EXTRA_PATH)
			read_unicode_path(&field, name_crc, e);
		else if (id == EXTRA_STRONG)
			e->flags |= ZIP_STRONG;
	}
}

/* Read what stands behind the fixed part: name and extra fields. */
static bool
read_tail(struct window *w, uint64_t at, uint16_t name_size,
    uint16_t extra_size, const struct wide *wide, struct zip_entry *e)
{
	struct cur c;
	uint32_t name_crc;

	if (!window_cur(w, at, name_size, &c))
		return false;
	set_name(e, &c);
	e->is_directory = name_size > 0 && e->size == 0 && e->packed == 0 &&
	    (c.base[name_size - 1] == '/' || c.base[name_size - 1] == '\\');
	name_crc = codec_crc32(0, c.base, name_size);
	if (!window_cur(w, at + name_size, extra_size, &c))
		return false;
	read_extra(&c, wide, name_crc, e);
	return true;
}

/* Read the fields that both kinds of header have, from flags to size. */
static struct wide
read_common(struct cur *c, struct zip_entry *out)
{
	struct wide wide = { 0 };

	out->flags = cur_u16le(c);
	out->method = cur_u16le(c);
	out->time = cur_u16le(c);
	(void)cur_u16le(c); /* date */
	out->crc = out->other_crc = cur_u32le(c);
	out->packed = cur_u32le(c);
	out->size = cur_u32le(c);
	wide.packed = out->packed == NONE32;
	wide.size = out->size == NONE32;
	return wide;
}

bool
zip_read_local(struct window *w, uint64_t at, struct zip_entry *out)
{
	uint16_t name_size, extra_size;
	struct wide wide;
	struct cur c;
	uint64_t end;

	*out = (struct zip_entry){ .header = at };
	if (ckd_add(&end, at, ZIP_LOCAL_SIZE + 2 * (uint64_t)UINT16_MAX) ||
	    !window_cur(w, at, ZIP_LOCAL_SIZE, &c) ||
	    !cur_match(&c, "PK\3\4", 4))
		return false;
	(void)cur_u16le(&c); /* version needed */
	wide = read_common(&c, out);
	name_size = cur_u16le(&c);
	extra_size = cur_u16le(&c);
	if (!cur_ok(&c))
		return false;
	out->data = at + ZIP_LOCAL_SIZE + name_size + extra_size;
	return read_tail(w, at + ZIP_LOCAL_SIZE, name_size, extra_size, &wide,
	    out);
}

bool
zip_read_central(struct window *w, uint64_t *at, struct zip_entry *out)
{
	uint16_t name_size, extra_size, comment_size;
	uint64_t start = *at;
	struct wide wide;
	struct cur c;
	uint64_t end;

	*out = (struct zip_entry){ 0 };
	if (ckd_add(&end, start, ZIP_CENTRAL_SIZE + 3 * (uint64_t)UINT16_MAX) ||
	    !window_cur(w, start, ZIP_CENTRAL_SIZE, &c) ||
	    !cur_match(&c, "PK\1\2", 4))
		return false;
	(void)cur_u32le(&c); /* versions */
	wide = read_common(&c, out);
	name_size = cur_u16le(&c);
	extra_size = cur_u16le(&c);
	comment_size = cur_u16le(&c);
	out->disk = cur_u16le(&c);
	if (!cur_skip(&c, 6))
		return false;
	out->header = cur_u32le(&c);
	wide.header = out->header == NONE32;
	wide.disk = out->disk == NONE16;
	if (!cur_ok(&c) ||
	    !read_tail(w, start + ZIP_CENTRAL_SIZE, name_size, extra_size,
		&wide, out))
		return false;
	*at = start + ZIP_CENTRAL_SIZE + name_size + extra_size + comment_size;
	return true;
}

bool
zip_is_plausible(const struct zip_entry *e)
{
	uint16_t m = e->method;
	size_t i;

	/* Every number APPNOTE 4.4.5 gives to a method, and 20. */
	if (!(m <= 12 || m == 14 || m == 16 || (m >= 18 && m <= 20) ||
		(m >= 93 && m <= 99)))
		return false;
	if (e->name_size == 0)
		return false;
	for (i = 0; i < e->name_size; i++)
		if (e->name[i] < 0x20)
			return false;
	return true;
}

/* Is there a directory entry at at? */
static bool
is_entry(struct window *w, uint64_t at)
{
	struct cur c;

	return window_cur(w, at, 4, &c) && cur_match(&c, "PK\1\2", 4);
}

/* Does something stand at at that hides an encrypted directory? */
static bool
is_secret(struct window *w, uint64_t at)
{
	struct cur c;

	return window_cur(w, at, 4, &c) && cur_match(&c, "PK\6\10", 4);
}

/*
 * Look for the directory before its end record, which works with anything
 * put before the archive, then where its offset says.
 */
static void
locate(struct window *w, uint64_t size, uint64_t off, struct zip_directory *out)
{
	if (size <= out->end && is_entry(w, out->end - size)) {
		out->at = out->end - size;
		out->base = out->at - off;
		out->is_valid = true;
	} else if (off < out->end && is_entry(w, off)) {
		out->at = off;
		out->is_valid = true;
	} else if (size == 0 && out->count == 0) {
		out->at = out->end;
		out->is_valid = true;
	}
	if (!out->is_valid && size <= out->end && size > 0)
		out->is_secret =
		    is_secret(w, out->end - size) || is_secret(w, off);
}

/*
 * Read the 64-bit end record that a locator right before the end record at
 * end points at.                                          [APPNOTE 4.3.14-15]
 */
static bool
read_end64(struct window *w, uint64_t end, struct zip_directory *out,
    uint64_t *size, uint64_t *off)
{
	uint64_t at;
	struct cur c;

	if (end < LOCATOR_SIZE + END64_SIZE ||
	    !window_cur(w, end - LOCATOR_SIZE, LOCATOR_SIZE, &c) ||
	    !cur_match(&c, "PK\6\7", 4))
		return false;
	(void)cur_u32le(&c); /* disk */
	at = cur_u64le(&c);

	/* Before the locator if something was put before the archive. */
	if (!window_cur(w, at, END64_SIZE, &c) || !cur_match(&c, "PK\6\6", 4)) {
		at = end - LOCATOR_SIZE - END64_SIZE;
		if (!window_cur(w, at, END64_SIZE, &c) ||
		    !cur_match(&c, "PK\6\6", 4))
			return false;
	}
	if (!cur_skip(&c, 28))
		return false;
	out->count = cur_u64le(&c);
	*size = cur_u64le(&c);
	*off = cur_u64le(&c);
	out->end = at;
	return cur_ok(&c);
}

/* Read the end record at the start of c; is it one, and does it hold? */
static bool
read_end(struct window *w, struct cur *c, struct zip_directory *out)
{
	uint64_t size, off, at = cur_where(c);
	struct zip_directory wide;
	uint64_t wide_size, wide_off;
	uint16_t comment_size;

	*out = (struct zip_directory){ .end = at };
	if (!cur_match(c, "PK\5\6", 4))
		return false;
	(void)cur_u32le(c); /* disks */
	(void)cur_u16le(c); /* entries on this disk */
	out->count = cur_u16le(c);
	size = cur_u32le(c);
	off = cur_u32le(c);
	comment_size = cur_u16le(c);
	if (!cur_ok(c))
		return false;
	out->is_found = true;
	out->is_cut = comment_size > cur_left(c);
	wide = *out;
	if ((out->count == NONE16 || size == NONE32 || off == NONE32) &&
	    read_end64(w, at, &wide, &wide_size, &wide_off)) {
		*out = wide;
		size = wide_size;
		off = wide_off;
	}
	locate(w, size, off, out);
	return true;
}

void
zip_find_directory(struct window *w, struct zip_directory *out)
{
	uint64_t size = w->source->size;
	uint64_t tail =
	    size < END_SIZE + COMMENT_MAX ? size : END_SIZE + COMMENT_MAX;
	unsigned tries = 0;
	size_t pos;

	*out = (struct zip_directory){ 0 };
	if (size < END_SIZE)
		return;

	/* What a walk has at hand is enough: see no more of a stream. */
	if (w->start > size - tail && w->start + w->have == size &&
	    w->have >= END_SIZE)
		tail = w->have;
	pos = (size_t)tail - END_SIZE + 1;
	while (pos-- > 0 && tries < TRIES_MAX) {
		struct zip_directory d;
		struct cur c;

		/* Again each time: read_end() looks elsewhere, too. */
		window_view(w, size - tail, (size_t)tail, &c);
		if (!cur_skip(&c, pos) || cur_left(&c) < 4 ||
		    c.base[c.pos] != 'P' || !read_end(w, &c, &d))
			continue;
		tries++;
		if (d.is_valid || !out->is_found) {
			*out = d;
			if (d.is_valid)
				return;
		}
	}
}

/* Entries looked at for the first member: programs write them in order. */
#define FIRST_MOST 1024u

bool
zip_find_first(struct window *w, uint64_t *out)
{
	struct zip_directory d;
	struct zip_entry e;
	uint64_t at, i;

	zip_find_directory(w, &d);
	if (!d.is_valid)
		return false;
	*out = d.at;
	at = d.at;
	for (i = 0; i < d.count && i < FIRST_MOST; i++) {
		if (!zip_read_central(w, &at, &e))
			break;
		if (d.base + e.header < *out)
			*out = d.base + e.header;
	}
	return *out < d.at && zip_read_local(w, *out, &e);
}
