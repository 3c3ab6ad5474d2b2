/*
 * value.h - a text that stands in a line of its own, as the control socket and
 * the guard say it: bytes below 0x20, 0x7f and the backslash as \xHH.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_WIRE_VALUE_H
#define CANDOR_WIRE_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/* Room for text of so many bytes, and the NUL behind it. */
#define VALUE_ROOM(bytes) (4 * (bytes) + 1)

/* Write text; what does not fit is cut off.  How many bytes, without NUL. */
size_t value_put(const char *text, char *out, size_t room);

/* Back, in place; false if there is something else behind a backslash, or it
   stands for a zero. */
bool value_get(char *text);

#endif
