/*
 * rar5.c - which members of a RAR 5 archive are encrypted.  See rar5.h.
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
 *   vint  flags      1 extra area, 2 data area
 *   vint  size of the extra area, if there is one
 *   vint  size of the data, if there is any
 *         fields of the type
 *         extra area, at the end of the header
 *   data
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
#define FLAG_EXTRA     1u
#define FLAG_DATA      2u
#define EXTRA_CRYPT    1u

struct rar5_block {
	uint64_t type;
	uint64_t extra_size;
	struct cur extra; /* lent by the window */
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
	uint64_t size, flags, data = 0, end;

	window_view(&r->window, r->at, 4 + VINT_MAX, &c);
	if (!cur_skip(&c, 4))
		return false;
	size = rar5_vint(&c);
	if (!cur_ok(&c) || !window_cur(&r->window, r->at + c.pos, size, &c))
		return false;
	end = c.origin + size;
	out->type = rar5_vint(&c);
	flags = rar5_vint(&c);
	out->extra_size = (flags & FLAG_EXTRA) != 0 ? rar5_vint(&c) : 0;
	if ((flags & FLAG_DATA) != 0)
		data = rar5_vint(&c);
	return cur_ok(&c) && out->extra_size <= cur_left(&c) &&
	    cur_at(&c, size - out->extra_size, out->extra_size, &out->extra) &&
	    !ckd_add(&r->at, end, data);
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

bool
rar5_next_is_encrypted(struct rar5 *r)
{
	struct rar5_block block;

	while (r->at > 0) {
		if (!rar5_read_block(r, &block))
			r->at = 0;
		else if (block.type == BLOCK_FILE)
			return rar5_has_crypt(block.extra);
	}
	return false;
}
