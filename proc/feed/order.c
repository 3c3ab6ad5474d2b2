/*
 * order.c - what candor update and its three helpers say to each other.  See
 * order.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/feed/order.h"

#include <string.h>

static uint8_t *
put_number(uint8_t *out, uint64_t value, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		out[i] = (uint8_t)(value >> 8 * i);
	return out + size;
}

void
order_put_text(char *out, size_t size, const char *text)
{
	size_t len = strnlen(text, size - 1);

	memset(out, 0, size);
	memcpy(out, text, len);
}

void
order_put(const struct order *o, uint8_t *out)
{
	uint8_t *at = out;
	size_t i;

	at = put_number(at, o->kind, 4);
	at = put_number(at, o->a, 4);
	at = put_number(at, o->b, 4);
	for (i = 0; i < ORDER_NUMBERS; i++)
		at = put_number(at, o->number[i], 8);
	memcpy(at, o->hash, ORDER_HASH);
	at += ORDER_HASH;
	order_put_text((char *)at, ORDER_NAME, o->name);
	order_put_text((char *)at + ORDER_NAME, ORDER_TEXT, o->text);
}

/* A text, and nothing but zeros behind it. */
static bool
get_text(struct cur *record, char *out, size_t size)
{
	size_t i, len;

	for (i = 0; i < size; i++)
		out[i] = (char)cur_u8(record);
	len = strnlen(out, size);
	for (i = len; i < size; i++)
		if (out[i] != '\0')
			return false;
	return len < size;
}

bool
order_get(struct cur record, struct order *out)
{
	size_t i;

	out->kind = cur_u32le(&record);
	out->a = cur_u32le(&record);
	out->b = cur_u32le(&record);
	for (i = 0; i < ORDER_NUMBERS; i++)
		out->number[i] = cur_u64le(&record);
	for (i = 0; i < ORDER_HASH; i++)
		out->hash[i] = cur_u8(&record);
	return get_text(&record, out->name, ORDER_NAME) &&
	    get_text(&record, out->text, ORDER_TEXT) && cur_ok(&record) &&
	    cur_left(&record) == 0 && out->kind >= ORDER_GET &&
	    out->kind <= ORDER_END;
}
