/*
 * scan.h - find one literal in bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_MATCH_SCAN_H
#define CANDOR_MATCH_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scan_literal {
	const uint8_t *bytes; /* veiled; in lower case when nocase */
	uint64_t off;         /* by which they are veiled (lib/db/veil.h) */
	size_t size;          /* at least 1 */
	size_t rare;          /* index of the rarest byte */
	bool nocase;
};

/* Offset of its first place in hay[0 .. size), or size if there is none. */
size_t scan_literal(const struct scan_literal *l, const uint8_t *hay,
    size_t size);

#endif
