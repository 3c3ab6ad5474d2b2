/*
 * chain.h - lines that each carry the hash of the line before.
 *
 * Spec:    docs/switch.md.  A line is one JSON object, compact, its keys in
 *          order (so that nothing can be written in two ways), with "n", its
 *          number from 0, and "prev", SHA-256 of the whole line before with
 *          its line feed; 64 zeros in the first.
 * Input:   anything: a journal may have been tampered with, an evidence file
 *          come from anywhere.
 *
 * No I/O.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_CHAIN_H
#define CANDOR_BAN_CHAIN_H

#include "lib/base/cur.h"

#include <jansson.h>
#include <stdint.h>

#define CHAIN_HEX      65u /* 64 digits and a zero */
#define CHAIN_LINE_MAX ((size_t)1 << 20)

struct chain {
	char head[CHAIN_HEX]; /* SHA-256 of the last line */
	uint64_t count;       /* of lines */
};

void chain_init(struct chain *c);

/*
 * The next line of the chain, with its line feed: record (yours; n and prev
 * are set in it) as it is to be written.  NULL: no memory, or too long.
 */
char *chain_write(const struct chain *c, json_t *record);

/*
 * Take the next line, without its line feed: what it says (yours), or NULL
 * and what is wrong with it.
 */
MUST_CHECK json_t *chain_take(struct chain *c, struct cur line,
    const char **wrong);

/* SHA-256 in 64 digits. */
void chain_hash(const void *bytes, size_t size, char out[CHAIN_HEX]);

#endif
