/*
 * rpm_header.h - what the header of an installed package says, as rpm's
 * databases keep it; and where the one called ndb keeps them.
 *
 * Spec:    RPM, docs/manual/format.md ("Header"); tags of rpmtag.h.  For ndb
 *          lib/backend/ndb/rpmpkg.c of RPM 4.14 to 4.18 is the only one.
 * Input:   hostile; read through struct cur only.  Linear.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_READER_RPM_HEADER_H
#define CANDOR_PROC_READER_RPM_HEADER_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RPM_FOLDERS_MAX 65536u /* of a package, that are told */

/* Texts are empty, and counts 0, where nothing is said. */
struct rpm_header {
	struct cur name, version, release, vendor, packager;
	struct cur base_names, folders, folder_of; /* lists */
	uint32_t file_count, folder_count;
};

/* False: it is not a header, or one that is broken. */
MUST_CHECK bool rpm_header_read(struct cur blob, struct rpm_header *out);

/* Told of each file, in two parts: "/usr/bin/" and "x". */
typedef void (*rpm_file_fn)(void *self, struct cur folder, struct cur name);

/* False: not all could be told.  room: for RPM_FOLDERS_MAX. */
bool rpm_header_files(const struct rpm_header *h, struct cur *room,
    rpm_file_fn tell, void *self);

/* --- ndb ------------------------------------------------------------------ */

#define RPM_NDB_MAGIC "RpmP"

struct rpm_ndb {
	struct cur all;
	uint32_t slot, slots; /* the next, and how many */
	uint64_t broken;      /* packages that cannot be found */
};

/* False: it is not one. */
MUST_CHECK bool rpm_ndb_open(struct cur all, struct rpm_ndb *out);

/* The next package; false at the end. */
MUST_CHECK bool rpm_ndb_next(struct rpm_ndb *n, struct cur *blob);

#endif
