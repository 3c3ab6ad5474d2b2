/*
 * rar5.c - what libarchive does not say of a RAR 5 archive.  See rar5.h.
 *
 * Spec:    RAR 5.0 archive format (rarlab.com/technote.htm)      [RAR5]
 * Input:   hostile; read through struct window and struct cur only.
 *
 * After eight bytes of signature come blocks.  A vint is a number in groups of
 * seven bits, lowest first, all but the last with the high bit set.
 *
 *   u32   CRC-32
 *   vint  size of the header, from the next field on
 *   vint  type       1 archive, 2 file, 3 service, 4 encryption, 5 end
 *   vint  flags      1 extra area, 2 data area, 8 data began in another
 *                    volume, 16 goes on in another
 *   vint  size of the extra area, if there is one
 *   vint  size of the data, if there is any
 *         fields of the type
 *         extra area, at the end of the header
 *   data
 *
 * The fields of a file begin with
 *
 *   vint  flags      2 time, 4 CRC-32, 8 size is not known
 *   vint  size       unpacked
 *   vint  attributes
 *   u32   time, if there is one
 *   u32   CRC-32, if there is one
 *   vint  compression; bits 7 to 9: 0 stored
 *
 * The extra area is a row of records: vint size, from the type on; vint type,
 * 1 encryption; data.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/rar5.h"

#include "lib/base/ckd.h"

#define SIGNATURE_SIZE 8u
#define VINT_MAX       10u
#define BLOCK_FILE     2u
#define BLOCK_END      5u
#define FLAG_EXTRA     1u
#define FLAG_DATA      2u
#define FLAG_SPLIT     0x18u
#define FILE_TIME      2u
#define FILE_CRC       4u
#define FILE_SIZELESS  8u
#define EXTRA_CRYPT    1u

struct rar5_block {
	uint64_t type, flags;
	struct cur fields; /* lent by the window, as is extra */
	struct cur extra;
	uint64_t data, data_size;
};

/* Read a vint; a longer one than any writer makes is bad. */
static uint64_t
rar5_vint(struct cur *c)
{
	uint64_t v = 0;
	unsigned int i;
	uint8_t byte;

	for (i = 0; i < VINT_MAX; i++) {
		byte = cur_u8(c);
		v |= (uint64_t)(byte & 0x7f) << (7 * i);
		if ((byte & 0x80) == 0)
			return v;
	}
	return cur_skip(c, UINT64_MAX) ? v : 0; /* too long: bad */
}

bool
rar5_init(struct rar5 *r, struct source *s, struct arena *a)
{
	struct cur c;

	r->at = 0;
	if (!window_init(&r->window, s, a))
		return false;
	if (window_cur(&r->window, 0, SIGNATURE_SIZE, &c) &&
	    cur_match(&c, "Rar!\x1a\x07\x01\x00", SIGNATURE_SIZE))
		r->at = SIGNATURE_SIZE;
	return true;
}

/* Read the block at r->at and go behind it. */
static bool
rar5_read_block(struct rar5 *r, struct rar5_block *out)
{
	struct cur c;
	uint64_t size, extra = 0;

	window_view(&r->window, r->at, 4 + VINT_MAX, &c);
	if (!cur_skip(&c, 4))
		return false;
	size = rar5_vint(&c);
	if (!cur_ok(&c) || !window_cur(&r->window, r->at + c.pos, size, &c))
		return false;
	out->type = rar5_vint(&c);
	out->flags = rar5_vint(&c);
	if ((out->flags & FLAG_EXTRA) != 0)
		extra = rar5_vint(&c);
	out->data_size = (out->flags & FLAG_DATA) != 0 ? rar5_vint(&c) : 0;
	out->data = c.origin + size;
	return cur_ok(&c) && extra <= cur_left(&c) &&
	    cur_take(&c, cur_left(&c) - extra, &out->fields) &&
	    cur_take(&c, extra, &out->extra) &&
	    !ckd_add(&r->at, out->data, out->data_size);
}

/* Is there a record of encryption in the extra area? */
static bool
rar5_has_crypt(struct cur extra)
{
	struct cur record;

	while (cur_left(&extra) > 0) {
		uint64_t size = rar5_vint(&extra);

		if (!cur_take(&extra, size, &record))
			return false;
		if (rar5_vint(&record) == EXTRA_CRYPT && cur_ok(&record))
			return true;
	}
	return false;
}

static void
rar5_read_file(struct rar5_block *block, struct rar5_file *out)
{
	struct cur *c = &block->fields;
	uint64_t flags = rar5_vint(c), compression;

	out->size = rar5_vint(c);
	(void)rar5_vint(c); /* attributes */
	if ((flags & FILE_TIME) != 0)
		(void)cur_u32le(c);
	if ((flags & FILE_CRC) != 0)
		(void)cur_u32le(c);
	compression = rar5_vint(c);
	out->is_encrypted = rar5_has_crypt(block->extra);
	out->is_stored = cur_ok(c) && !out->is_encrypted &&
	    (compression >> 7 & 7) == 0 && (flags & FILE_SIZELESS) == 0 &&
	    (block->flags & FLAG_SPLIT) == 0 && out->size == block->data_size;
	out->data = block->data;
	out->data_size = block->data_size;
}

bool
rar5_next(struct rar5 *r, struct rar5_file *out)
{
	struct rar5_block block;

	while (r->at > 0) {
		if (!rar5_read_block(r, &block) || block.type == BLOCK_END)
			break;
		if (block.type == BLOCK_FILE) {
			rar5_read_file(&block, out);
			return true;
		}
	}
	r->at = 0;
	return false;
}

enum format_end
rar5_check_end(struct rar5 *r)
{
	struct rar5_block block = { 0 };

	while (r->at > 0 && window_has(&r->window, r->at + 1)) {
		if (!rar5_read_block(r, &block))
			return FORMAT_TRUNCATED;
		if (block.type == BLOCK_END)
			return FORMAT_WHOLE;
		if (block.type == BLOCK_FILE)
			return FORMAT_MALFORMED; /* it was not opened */
	}
	return r->at == 0 || window_has(&r->window, r->at) ? FORMAT_WHOLE
							   : FORMAT_TRUNCATED;
}
