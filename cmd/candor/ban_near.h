/*
 * ban_near.h - pieces of engines, by where they lie: two are one engine only
 * if they are in one product's folder.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_NEAR_H
#define CANDOR_CMD_BAN_NEAR_H

#include "lib/ban/footprint.h"

struct ban_near;

struct ban_near *ban_near_open(void);
void ban_near_close(struct ban_near *n);

/*
 * Note a sign at a place (a path, or anything).  Another one near it that is
 * independent of it and of the same product, or NULL.
 */
const struct footprint_sign *ban_near_find(struct ban_near *n, uint32_t product,
    const struct footprint_sign *sign, struct cur place);

#endif
