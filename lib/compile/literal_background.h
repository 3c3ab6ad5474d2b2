/*
 * literal_background.h - how often runs of bytes occur in clean files.
 *
 * The table is made by tools/ngrams from many kinds of clean content and kept
 * in literal_background.bin, which is part of the program:
 *
 *   offset  size  field
 *        0     4  magic    "CNGR"
 *        4     4  version  BACKGROUND_VERSION: of the content and the method
 *        8     4  buckets  their number
 *       12     4  zero
 *       16   256  single   level of each byte (those of upper case: zero)
 *      272 65536  pair     level of each two bytes
 *    65808        bucket   BACKGROUND_SLOTS prints (2 bytes each, 0: free),
 *                          then as many levels (1 byte each)
 *
 * A level is eight times log2 of the occurrences in 2^30 bytes of folded
 * content.  The buckets hold the runs of 3, 4, 6, 8 and 12 bytes of which
 * the shorter ones in them would give the poorest idea; the level of any
 * other run is estimated from the two shorter ones it is made of and what
 * those have in common:  ab + bc - b.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_LITERAL_BACKGROUND_H
#define CANDOR_COMPILE_LITERAL_BACKGROUND_H

#include <stddef.h>
#include <stdint.h>

#define BACKGROUND_MAGIC   0x52474e43u /* "CNGR" */
#define BACKGROUND_VERSION 1u
#define BACKGROUND_SLOTS   8u
#define BACKGROUND_BUCKET  (BACKGROUND_SLOTS * 3)
#define BACKGROUND_SINGLE  16u
#define BACKGROUND_PAIR    272u
#define BACKGROUND_BUCKETS 65808u
#define BACKGROUND_LONGEST 12u /* bytes of a run */
#define BACKGROUND_LEVELS  8   /* to a factor of two */
#define BACKGROUND_FLOOR   (-160)

/* A literal has at most this many bytes here. */
#define BACKGROUND_MAX 32u

/* The levels of all runs in some bytes: level[size][offset]. */
struct background {
	int16_t level[BACKGROUND_LONGEST + 1][BACKGROUND_MAX];
};

/* Fill in the levels of all runs of up to longest (at most BACKGROUND_LONGEST)
   bytes in size bytes (at most BACKGROUND_MAX), by table, or by the program's
   own if that is NULL. */
void background_levels(const uint8_t *table, const uint8_t *bytes,
    uint32_t size, uint32_t longest, struct background *out);

/* The level of one run of size bytes, at most BACKGROUND_LONGEST, by the
   program's own table. */
int32_t background_level(const uint8_t *bytes, uint32_t size);

/* Where would a run of size bytes, folded, be in the buckets? */
uint64_t background_hash(const uint8_t *bytes, uint32_t size);

/* 2^(level / 8) in units of 2^-16, so that rare runs differ, too. */
uint64_t background_weight(int32_t level);

#endif
