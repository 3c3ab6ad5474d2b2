/*
 * delta.h - a file told as pieces of an older one.
 *
 * Format: "candor-delta/v1\n", then pieces until the end; numbers are 64
 * bits, big-endian:
 *
 *     0  AT  SIZE             SIZE bytes of the older file, from AT on
 *     1  SIZE  bytes          SIZE bytes that stand here
 *
 * A piece has at least one byte.  Nothing in it is trusted: whoever applies
 * one knows how long the result must be and what it must hash to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_DELTA_H
#define CANDOR_TRUST_DELTA_H

#include "lib/base/cur.h"
#include "lib/base/why.h"

#define DELTA_MAGIC      "candor-delta/v1\n"
#define DELTA_MAGIC_SIZE 16u
#define DELTA_OLD        0u
#define DELTA_NEW        1u

/* Hear of the next bytes of the result; false ends it, having said why. */
typedef bool (*delta_fn)(void *ctx, const void *bytes, size_t size,
    struct why *why);

/* Apply one: the result has exactly size bytes. */
bool delta_apply(struct cur old, struct cur delta, uint64_t size, delta_fn hear,
    void *ctx, struct why *why);

#endif
