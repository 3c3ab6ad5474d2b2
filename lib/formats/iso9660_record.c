/*
 * iso9660_record.c - directory records: where a file lies, and its name.
 *
 * Spec:    ECMA-119 4th edition (June 2019).                    [ECMA-119]
 *          System Use Sharing Protocol 1.12, 1994.              [SUSP]
 *          Rock Ridge Interchange Protocol 1.12, 1994.          [RRIP]
 *          Joliet Specification, Microsoft, 1995.               [Joliet]
 * Input:   hostile; read through struct cur only.
 *
 *   offset  size  field                                    [ECMA-119 9.1]
 *      0      1   bytes in this record; 0: no more in this sector
 *      1      1   blocks of extended attributes before the data
 *      2      8   block, little-endian then big-endian
 *     10      8   bytes, the same
 *     18      7   time
 *     25      1   flags
 *     26      1   interleaving: blocks of data
 *     27      1   interleaving: blocks of gap
 *     28      4   volume
 *     32      1   bytes in name
 *     33          name, padding to even, system use
 *
 * Where the two forms of a number disagree, Linux and Windows believe the
 * first; so do we, and the walk tries the other as well.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/iso9660.h"

#include "lib/base/utf.h"

#include <string.h>

#define CONTINUATIONS_MAX 8u /* areas of system use of one record */

/* System use that goes on elsewhere.                           [SUSP 5.1] */
struct continuation {
	uint64_t block;
	uint32_t off;
	uint32_t size;
};

static void
name_add(struct iso_record *r, const uint8_t *bytes, size_t size)
{
	size_t room = sizeof(r->name) - r->name_size;

	if (size > room)
		size = room;
	memcpy(r->name + r->name_size, bytes, size);
	r->name_size = (uint8_t)(r->name_size + size);
}

/* Convert a Joliet name: UTF-16, most significant byte first. */
static void
read_joliet_name(struct iso_record *r, struct cur name)
{
	uint8_t utf8[UTF8_MAX];

	while (cur_left(&name) >= 2)
		name_add(r, utf8, utf8_write(utf16_read(&name, true), utf8));
}

/* Drop what is not name: ";1", and a dot with nothing behind it. */
static void
trim_name(struct iso_record *r)
{
	uint8_t *version = memrchr(r->name, ';', r->name_size);

	if (version != NULL && version > r->name)
		r->name_size = (uint8_t)(version - r->name);
	if (r->name_size > 1 && r->name[r->name_size - 1] == '.')
		r->name_size--;
}

/*
 * Read one area of system use: names go to r, where it goes on to next.
 * is_first says that the name in r is still the plain one.
 */
static void
read_system_use(struct cur c, struct iso_record *r, bool *is_first,
    struct continuation *next)
{
	next->size = 0;
	while (cur_left(&c) >= 4) {
		uint8_t a = cur_u8(&c), b = cur_u8(&c);
		uint8_t size = cur_u8(&c);
		struct cur entry;

		(void)cur_u8(&c); /* version */
		if (size < 4 || !cur_take(&c, size - 4u, &entry))
			return;
		if (a == 'N' && b == 'M' && cur_left(&entry) > 1) {
			(void)cur_u8(&entry); /* flags */
			if (*is_first)
				r->name_size = 0;
			*is_first = false;
			name_add(r, entry.base + entry.pos, cur_left(&entry));
		} else if (a == 'C' && b == 'E' && cur_left(&entry) >= 24) {
			next->block = cur_u32le(&entry);
			(void)cur_u32be(&entry);
			next->off = cur_u32le(&entry);
			(void)cur_u32be(&entry);
			next->size = cur_u32le(&entry);
		} else if (a == 'S' && b == 'T') {
			return;
		}
	}
}

/* Read Rock Ridge's name, if the record has one. */
static void
read_rock_ridge_name(struct iso_disc *d, const struct iso_tree *tree,
    struct cur use, struct iso_record *r)
{
	struct continuation next = { 0 };
	bool is_first = true;
	unsigned areas;

	if (!cur_skip(&use, tree->skip))
		return;
	read_system_use(use, r, &is_first, &next);
	for (areas = 0; next.size > 0 && areas < CONTINUATIONS_MAX; areas++) {
		uint64_t at = next.block * tree->block_size + next.off;
		struct cur sector;

		/* An area lies within a sector.                [SUSP 5.1] */
		if (!iso_sector(d, at / ISO_SECTOR, &sector) ||
		    !cur_skip(&sector, at % ISO_SECTOR) ||
		    !cur_take(&sector,
			next.size < cur_left(&sector) ? next.size
						      : cur_left(&sector),
			&use))
			return;
		read_system_use(use, r, &is_first, &next);
	}
}

/* Read the record's own name, and put Rock Ridge's in its place. */
static void
read_name(struct iso_disc *d, const struct iso_tree *tree, struct cur *c,
    const struct cur *name, struct iso_record *out)
{
	struct cur use;

	if (tree->names == ISO_JOLIET)
		read_joliet_name(out, *name);
	else
		name_add(out, name->base, name->size);
	trim_name(out);
	if (tree->names != ISO_ROCK_RIDGE)
		return;
	if (name->size % 2 == 0 && !cur_skip(c, 1))
		return;
	if (cur_take(c, cur_left(c), &use))
		read_rock_ridge_name(d, tree, use, out);
}

bool
iso_read_record(struct iso_disc *d, const struct iso_tree *tree, struct cur *c,
    struct iso_record *out)
{
	uint8_t size = cur_u8(c);
	uint8_t attributes, name_size;
	struct cur r, name;

	*out = (struct iso_record){ 0 };
	if (size == 0 || !cur_take(c, size - 1u, &r))
		return false;
	attributes = cur_u8(&r);
	out->block = cur_u32le(&r) + (uint64_t)attributes;
	out->other_block = cur_u32be(&r) + (uint64_t)attributes;
	out->size = cur_u32le(&r);
	out->other_size = cur_u32be(&r);
	if (!cur_skip(&r, 7))
		return false;
	out->flags = cur_u8(&r);
	out->unit = cur_u8(&r);
	out->gap = cur_u8(&r);
	(void)cur_u32le(&r); /* volume */
	name_size = cur_u8(&r);
	if (!cur_ok(&r) || !cur_take(&r, name_size, &name))
		return false;
	out->is_self = name_size == 1 && name.base[0] <= 1;
	if (!out->is_self)
		read_name(d, tree, &r, &name, out);
	return true;
}

void
iso_look_for_rock_ridge(struct iso_disc *d, struct iso_tree *tree)
{
	uint64_t at = tree->root * tree->block_size;
	struct cur c, r;
	uint8_t size;

	if (!iso_sector(d, at / ISO_SECTOR, &c) ||
	    !cur_skip(&c, at % ISO_SECTOR))
		return;
	size = cur_u8(&c);

	/* "." has a name of one byte: system use starts at 34. */
	if (size < 34 + 7 || !cur_take(&c, size - 1u, &r) ||
	    !cur_skip(&r, 33) || !cur_match(&r, "SP\7\1\276\357", 6))
		return;
	tree->names = ISO_ROCK_RIDGE;
	tree->skip = cur_u8(&r);
}
