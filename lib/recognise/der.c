/*
 * der.c - step through DER.  The contract is in der.h.
 *
 *   identifier: one byte; its low five bits all set announce more bytes
 *   length:     below 128 itself; else the low bits say how many bytes
 *               follow, big-endian; 128 alone: up to two zeros, which
 *               end a value                                     [X.690 8.1]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/recognise/der.h"

#include <string.h>

#define LONG_TAG    0x1fu
#define LONG_LENGTH 0x80u
#define LENGTH_MAX  4u /* bytes of a length */
#define CONSTRUCTED 0x20u
#define INDEFINITE  UINT32_MAX

static bool
take_length(struct cur *in, uint32_t *length)
{
	uint8_t first = cur_u8(in), n = first & 0x7f;

	*length = first;
	if ((first & LONG_LENGTH) == 0)
		return cur_ok(in);
	if (n > LENGTH_MAX)
		return false;
	for (*length = n == 0 ? INDEFINITE : 0; n > 0; n--)
		*length = *length << 8 | cur_u8(in);
	return cur_ok(in);
}

/* Cut off in what stands before the two zeros that end it; step over both.
   Values in it may end so, too, and stand in one another. */
static bool
take_indefinite(struct cur *in, struct cur *body)
{
	struct cur at = *in;
	size_t open = 1, end = 0;
	uint32_t length;
	uint8_t tag;

	while (open > 0) {
		end = at.pos;
		tag = cur_u8(&at);
		if (!take_length(&at, &length))
			return false;
		if (tag == 0 && length == 0)
			open--;
		else if (length == INDEFINITE && (tag & CONSTRUCTED) != 0)
			open++;
		else if (!cur_skip(&at, length))
			return false;
	}
	return cur_take(in, end - in->pos, body) && cur_skip(in, 2);
}

bool
der_next(struct cur *in, struct der *out)
{
	struct cur at = *in;
	uint32_t length;

	if (cur_left(in) == 0)
		return false;
	out->tag = cur_u8(&at);
	if ((out->tag & LONG_TAG) == LONG_TAG || !take_length(&at, &length))
		return false;
	if (length == INDEFINITE && (out->tag & CONSTRUCTED) != 0) {
		if (!take_indefinite(&at, &out->body))
			return false;
	} else if (!cur_take(&at, length, &out->body))
		return false;
	return cur_take(in, at.pos - in->pos, &out->whole);
}

bool
der_take(struct cur *in, uint8_t tag, struct der *out)
{
	struct cur at = *in;

	if (!der_next(&at, out) || out->tag != tag)
		return false;
	*in = at;
	return true;
}

bool
der_enter(struct cur *in, uint8_t tag, struct cur *body)
{
	struct der value;

	if (!der_take(in, tag, &value))
		return false;
	*body = value.body;
	return true;
}

void
der_pass(struct cur *in, uint8_t tag)
{
	struct cur at = *in;
	struct der value;

	if (der_take(&at, tag, &value))
		*in = at;
}

bool
der_is_object(struct cur object, const char *bytes, size_t size)
{
	return object.size == size && memcmp(object.base, bytes, size) == 0;
}

bool
der_is_same(struct cur a, struct cur b)
{
	return a.size == b.size &&
	    (a.size == 0 || memcmp(a.base, b.base, a.size) == 0);
}
