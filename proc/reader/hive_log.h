/*
 * hive_log.h - what Windows had not written back to a registry when it
 * stopped: taken out of its logs.
 *
 * Spec:    Maxim Suhanov, Windows registry file format specification,
 *          "Format of transaction log files", "Dirty state of a hive".
 * Input:   hostile, the hive as well as its logs; through struct cur.
 * Limits:  linear in the sizes of both: no byte of a log is read twice but
 *          for its hash.
 *
 * A log is a sector like the first of a hive, and behind it
 *
 *   type 6 (since 8.1)     entries, each at a multiple of 512:
 *
 *     0   4  "HvLE"
 *     4   4  size of the entry
 *     8   4  flags
 *    12   4  number; the next entry has the next
 *    16   4  size of the hive's bins afterwards, a multiple of 4096
 *    20   4  how many pages
 *    24   8  Marvin32 of all behind 40
 *    32   8  Marvin32 of the first 32 bytes
 *    40      for each page where in the bins it goes (4) and its size (4);
 *            then the pages
 *
 *   type 1 (before)        "DIRT", a bit for each 512 bytes of the bins, and
 *                          from the next sector on those whose bit is set
 *
 * The first entry that is taken has the hive's second number, and so on as
 * long as one follows another and its hashes are right.  A log of type 1 is
 * taken if it has the hive's time of writing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_READER_HIVE_LOG_H
#define CANDOR_PROC_READER_HIVE_LOG_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HIVE_LOGS 3u /* .LOG1, .LOG2; .LOG before them */

/* A hive in memory. */
struct hive_bytes {
	uint8_t *bytes;
	size_t size, room;
};

/* Are its last changes in its logs?  Of its first bytes, at least 512: if its
   numbers differ. */
bool hive_log_is_wanted(struct cur hive);

/* How large the hive may become, but not more than most. */
size_t hive_log_room(const struct cur *log, size_t logs, size_t most);

/*
 * Write into the hive what its logs have of it; how many entries (of type 1:
 * 1) were taken.  0: it is as it was.
 */
uint32_t hive_log_apply(struct hive_bytes *h, const struct cur *log,
    size_t logs);

/* The hash of an entry, for those who make one. */
uint64_t hive_log_hash(struct cur bytes, uint64_t seed);

#define HIVE_LOG_SEED 0x82ef4d887a4e55c5u

#endif
