/*
 * rpm_berkeley.h - the headers in Packages, which is a hash of Berkeley DB.
 *
 * Spec:    Oracle, "Berkeley DB" 5.3, access method hash: pages as db_page.h
 *          has them; only what is needed to go through them all.
 * Input:   hostile; read through struct cur only.  Linear: every byte that is
 *          gathered was on a page, and a value ends where it says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_READER_RPM_BERKELEY_H
#define CANDOR_PROC_READER_RPM_BERKELEY_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rpm_berkeley {
	struct cur all;
	bool is_big; /* its numbers are big-endian */
	uint32_t page_size, pages;
	uint32_t page, item; /* the next */
	uint8_t *room;       /* for one value */
	size_t room_size;
	uint64_t broken; /* pages and values */
};

/* False: it is not one; room is the caller's. */
MUST_CHECK bool rpm_berkeley_open(struct cur all, uint8_t *room,
    size_t room_size, struct rpm_berkeley *out);

/* The next header, lent until the one after it; false at the end. */
MUST_CHECK bool rpm_berkeley_next(struct rpm_berkeley *b, struct cur *blob);

#endif
