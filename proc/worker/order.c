/*
 * order.c - what the owner of a worker told it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/worker/order.h"

#include <string.h>

static bool
take_config(struct order *o, const struct frame *f)
{
	struct limits *l = &o->options.limits;

	if (o->is_given)
		return false;
	o->is_given = true;
	o->options.flags = f->config.flags;
	o->deadline_ms = f->config.deadline_ms;
	l->max_object_size = f->config.max_object_size;
	l->max_total = f->config.max_total;
	l->max_depth = f->config.max_depth;
	l->max_objects = f->config.max_objects;
	l->max_ratio = f->config.max_ratio;

	/* More could not be told apart in frames. */
	if (l->max_objects > FRAME_OBJECTS_MAX)
		l->max_objects = FRAME_OBJECTS_MAX;
	return true;
}

static bool
take_password(struct order *o, const struct frame *f)
{
	size_t n = o->passwords.count;

	if (n == ORDER_PASSWORDS_MAX)
		return false;
	memcpy(o->text[n], f->payload.bytes, f->payload.size);
	o->word[n] = cur_from(o->text[n], f->payload.size);
	o->passwords.word = o->word;
	o->passwords.count = n + 1;
	o->options.passwords = &o->passwords;
	return true;
}

bool
order_take(struct order *o, const struct frame *f)
{
	if (f->kind == FRAME_CONFIG)
		return take_config(o, f);
	return o->is_given && f->kind == FRAME_PASSWORD && take_password(o, f);
}
