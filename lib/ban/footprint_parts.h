/*
 * footprint_parts.h - between footprint.c and what checks what it reads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_FOOTPRINT_PARTS_H
#define CANDOR_BAN_FOOTPRINT_PARTS_H

#include "lib/ban/footprint.h"
#include "lib/ban/schema.h"

/* Every field has its type; names are there, once; signs can be looked up. */
void footprint_schema(struct footprint *f, struct schema_troubles *t);

#endif
