/*
 * footprint_inventory.h - lists of what is installed, as other programs write
 * them.
 *
 * Spec:    CycloneDX 1.4 to 1.6, JSON (ECMA-424): components.  SPDX 2.3, JSON,
 *          7 (packages).  osquery: rows as JSON, alone, in a result log or
 *          line by line.  RFC 4180: a table with names in its first line.
 *          What dpkg -l and rpm -qa print (footprint_packages.h).
 * Input:   hostile; read through struct cur, or by jansson within limits: it
 *          is told no more than INVENTORY_THINGS_MAX things.
 *
 * No I/O.  Memory is jansson's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_FOOTPRINT_INVENTORY_H
#define CANDOR_BAN_FOOTPRINT_INVENTORY_H

#include "lib/ban/footprint.h"
#include "lib/base/cur.h"
#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INVENTORY_SIZE_MAX   ((size_t)64 << 20) /* bytes */
#define INVENTORY_THINGS_MAX 2000000u /* objects, lists and texts of a JSON */

struct inventory_thing {
	enum footprint_type type;
	struct cur value, detail; /* lent for the call; detail may be empty */
	bool is_left;             /* a package that was removed */
};

/* Told of each thing in the list.  True: it is a sign of a product. */
typedef bool (*inventory_see_fn)(void *self,
    const struct inventory_thing *thing);

/*
 * Read a list.  *count is how many entries it had.  False: it is of no form
 * that is known, or broken; what was told before that stands.
 */
MUST_CHECK bool inventory_read(struct cur text, inventory_see_fn see,
    void *self, uint64_t *count, struct why *why);

#endif
