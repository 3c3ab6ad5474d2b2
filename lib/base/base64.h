/*
 * base64.h - RFC 4648 section 4, strictly: padded, and one text for each value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BASE_BASE64_H
#define CANDOR_BASE_BASE64_H

#include "lib/base/cur.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Read all of text into out; *size is how many bytes.  False if a letter is
 * not of the alphabet, padding is missing or misplaced, bits that pad are not
 * zero, or there are more than room bytes.
 */
MUST_CHECK bool base64_read(struct cur text, void *out, size_t room,
    size_t *size);

/* How many letters size bytes take. */
#define BASE64_SIZE(size) (((size_t)(size) + 2) / 3 * 4)

/* Write BASE64_SIZE(size) letters and a zero. */
void base64_write(const void *bytes, size_t size, char *out);

#endif
