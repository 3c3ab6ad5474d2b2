/*
 * hex.h - bytes as hexadecimal digits, and back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BASE_HEX_H
#define CANDOR_BASE_HEX_H

#include "lib/base/cur.h"

#include <stddef.h>

/* Read text, which must be exactly 2 * size digits of either case, into out. */
MUST_CHECK bool hex_read(struct cur text, void *out, size_t size);

/*
 * Read as many pairs of digits as stand at the front of text and have room in
 * out; how many.
 */
size_t hex_run(struct cur text, void *out, size_t room);

/* Write 2 * size digits, in lower case, and a zero. */
void hex_write(const void *bytes, size_t size, char *out);

#endif
