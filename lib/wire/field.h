/*
 * field.h - fill a text of a fixed size in something that is sent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_WIRE_FIELD_H
#define CANDOR_WIRE_FIELD_H

#include <stdint.h>
#include <string.h>

/* Zeros behind the text, and no terminator; what is too long is cut.  How long
   it is then.  No text (NULL) is an empty one. */
static inline uint32_t
field_set(char *field, uint32_t room, const char *text)
{
	size_t size = text != NULL ? strnlen(text, room) : 0;

	memset(field, 0, room);
	if (size > 0)
		memcpy(field, text, size);
	return (uint32_t)size;
}

#endif
