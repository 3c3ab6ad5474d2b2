/*
 * text.h - lines of "KEYWORD VALUE", which roots, releases and states are
 * made of, read and written.
 *
 * Each such text has one form only.  Whoever has read one writes it again
 * into a struct text_out that compares, and so knows that nothing was
 * overlooked: no blank, no zero, no order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_TEXT_H
#define CANDOR_TRUST_TEXT_H

#include "lib/base/cur.h"
#include "lib/trust/merkle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* If the next line is KEYWORD, a blank and something, cut it off text. */
MUST_CHECK bool text_value(struct cur *text, const char *keyword,
    struct cur *value);

/* The same of a number (decimal, no leading zero, below 2^63). */
MUST_CHECK bool text_number(struct cur *text, const char *keyword,
    uint64_t *out);

/* Cut the next word off a value: up to a blank or its end. */
MUST_CHECK bool text_word(struct cur *value, struct cur *word);

/* Copy a word to a string; false if it is empty or has room bytes or more. */
MUST_CHECK bool text_copy(struct cur word, char *out, size_t room);

/* Read "sha256:" and 64 digits. */
MUST_CHECK bool text_sha256(struct cur word, uint8_t out[MERKLE_HASH]);

/* Read a hash in Base64, as logs write them. */
MUST_CHECK bool text_hash(struct cur word, struct merkle_hash *out);

/* Only printable ASCII and newlines? */
bool text_is_plain(struct cur text);

/* Where a text goes to, or what it is compared with. */
struct text_out {
	uint8_t *bytes;  /* the caller's; NULL: compare */
	size_t room;     /* bytes there are */
	size_t size;     /* bytes written */
	struct cur want; /* what is still to be compared with */
	bool is_bad;     /* does not fit, or differs */
};

struct text_out text_to(void *bytes, size_t room);
struct text_out text_compared(struct cur want);

/* Add to it; a line has at most TEXT_LINE bytes. */
#define TEXT_LINE 640u
__attribute__((format(printf, 2, 3))) void text_add(struct text_out *t,
    const char *format, ...);
void text_add_bytes(struct text_out *t, struct cur bytes);
void text_add_sha256(struct text_out *t, const uint8_t sum[MERKLE_HASH]);
void text_add_hash(struct text_out *t, const struct merkle_hash *hash);

/* Did all of it fit, or was all of it the same? */
bool text_is_whole(const struct text_out *t);

#endif
