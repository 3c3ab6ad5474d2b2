/*
 * iso9660.h - what the parts of the ISO 9660 opener share.
 *
 *   iso9660.c         descriptors, the walk of the trees, reading
 *   iso9660_record.c  one directory record: extents and names
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_ISO9660_H
#define CANDOR_FORMATS_ISO9660_H

#include "lib/formats/format.h"
#include "lib/formats/window.h"

#define ISO_SECTOR 2048u

/* How the sectors lie in the file: 2048 bytes of data in every stride. */
struct iso_disc {
	struct window window;
	uint32_t stride; /* 2048, or more for raw images */
	uint32_t lead;   /* bytes in a stride before the data */
};

/* View the 2048 bytes of a sector; false if they are not all there. */
MUST_CHECK bool iso_sector(struct iso_disc *d, uint64_t sector,
    struct cur *out);

enum iso_names {
	ISO_PLAIN,
	ISO_JOLIET,
	ISO_ROCK_RIDGE
};

/* One tree of directories. */
struct iso_tree {
	uint64_t root;       /* block */
	uint32_t root_size;  /* bytes */
	uint32_t block_size; /* 512, 1024 or 2048 */
	enum iso_names names;
	uint8_t skip; /* bytes of system use before Rock Ridge's (SUSP "SP") */
};

/* Flags of a record.                                      [ECMA-119 9.1.6] */
#define ISO_DIRECTORY 0x02u
#define ISO_MORE      0x80u /* another extent of the same file follows */

struct iso_record {
	uint64_t block;       /* of its first byte, little-endian field */
	uint64_t other_block; /* the same, big-endian field */
	uint32_t size;        /* bytes, little-endian field */
	uint32_t other_size;
	uint8_t flags;
	uint8_t unit, gap; /* blocks of data and of gap; 0: not interleaved */
	bool is_self;      /* "." or ".." */
	uint8_t name[FORMAT_NAME_MAX];
	uint8_t name_size;
};

/*
 * Read the record at the start of c, which holds the rest of its sector.
 * False: none is there.                                     [ECMA-119 9.1]
 */
MUST_CHECK bool iso_read_record(struct iso_disc *d, const struct iso_tree *tree,
    struct cur *c, struct iso_record *out);

/*
 * Does the first record of a root directory announce Rock Ridge?  If so, note
 * that in tree.                                                 [SUSP 5.3]
 */
void iso_look_for_rock_ridge(struct iso_disc *d, struct iso_tree *tree);

#endif
