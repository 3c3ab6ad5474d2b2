/*
 * text.h - is it text, and in which coding.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_IDENT_TEXT_H
#define CANDOR_IDENT_TEXT_H

#include "lib/base/cur.h"

enum text_coding {
	TEXT_NONE,        /* not text */
	TEXT_BYTES,       /* ASCII, or some 8-bit coding */
	TEXT_UTF8,        /* with at least one character beyond ASCII */
	TEXT_UTF16LE_BOM, /* begins with FF FE */
	TEXT_UTF16BE_BOM, /* begins with FE FF */
	TEXT_UTF16BE      /* no mark, but nothing that could not be it */
};

/* Guess from the head of a file. */
enum text_coding text_guess(struct cur head);

/*
 * Make UTF-16 bytes: each unit below 256 as it is, others as 0xff, at most
 * room of them into bytes (borrowed while the answer is in use).
 */
struct cur text_narrow(const struct cur *in, enum text_coding coding,
    uint8_t *bytes, size_t room);

#endif
