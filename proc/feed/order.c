/*
 * order.c - what candor update and its three helpers say to each other.  See
 * order.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/feed/order.h"

#include "lib/wire/pack.h"

#include <string.h>

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
	struct pen p = { out, 0 };
	char *text;
	size_t i;

	put_u32(&p, o->kind);
	put_u32(&p, o->a);
	put_u32(&p, o->b);
	for (i = 0; i < ORDER_NUMBERS; i++)
		put_u64(&p, o->number[i]);
	put_bytes(&p, o->hash, ORDER_HASH);
	text = (char *)out + p.at;
	order_put_text(text, ORDER_NAME, o->name);
	order_put_text(text + ORDER_NAME, ORDER_TEXT, o->text);
}

/* A text, and nothing but zeros behind it. */
static bool
get_text(struct cur *record, char *out, size_t size)
{
	size_t len;

	get_bytes(record, out, size);
	len = strnlen(out, size);
	return len < size && is_zero(out + len, size - len);
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
	get_bytes(&record, out->hash, ORDER_HASH);
	return get_text(&record, out->name, ORDER_NAME) &&
	    get_text(&record, out->text, ORDER_TEXT) && cur_ok(&record) &&
	    cur_left(&record) == 0 && out->kind >= ORDER_GET &&
	    out->kind <= ORDER_END;
}
