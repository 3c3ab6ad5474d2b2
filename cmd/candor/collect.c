/*
 * collect.c - results of many files at once.  The contract is in collect.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/collect.h"

#include <stdlib.h>

void
collect_open(struct collect *c)
{
	size_t i;

	c->slot = buf_alloc(COLLECT_SLOTS, sizeof(c->slot[0]));
	c->first = c->last = NULL;
	c->free = NULL;
	c->busy = 0;
	for (i = COLLECT_SLOTS; i > 0; i--) {
		c->slot[i - 1].next = c->free;
		c->free = &c->slot[i - 1];
	}
}

void
collect_close(struct collect *c)
{
	size_t i;

	if (c->slot == NULL)
		return;
	for (i = 0; i < COLLECT_SLOTS; i++)
		result_free(&c->slot[i]);
	free(c->slot);
	c->slot = NULL;
}

struct result *
collect_begin(struct collect *c)
{
	struct result *r = c->free;

	if (r == NULL)
		return NULL;
	c->free = r->next;
	result_clear(r);
	r->generation++;
	r->is_busy = true;
	r->is_done = false;
	r->next = NULL;
	c->busy++;
	if (!c->in_order)
		return r;
	if (c->last != NULL)
		c->last->next = r;
	else
		c->first = r;
	c->last = r;
	return r;
}

uint64_t
collect_number(const struct collect *c, const struct result *r)
{
	return (uint64_t)r->generation << 32 | (uint64_t)(r - c->slot);
}

/* The busy slot of that number, or NULL. */
static struct result *
find_slot(struct collect *c, uint64_t number)
{
	uint32_t at = (uint32_t)number;

	if (at >= COLLECT_SLOTS || !c->slot[at].is_busy ||
	    c->slot[at].generation != number >> 32)
		return NULL;
	return &c->slot[at];
}

/* Hand one result on and take its slot back. */
static void
hand_on(struct collect *c, struct result *r)
{
	c->file(c->ctx, r);
	r->is_busy = false;
	r->next = c->free;
	c->free = r;
	c->busy--;
}

void
collect_done(struct collect *c, struct result *r)
{
	result_settle(r, c->databases, c->all_matches);
	r->is_done = true;
	if (!c->in_order) {
		hand_on(c, r);
		return;
	}
	while (c->first != NULL && c->first->is_done) {
		r = c->first;
		c->first = r->next;
		if (c->first == NULL)
			c->last = NULL;
		hand_on(c, r);
	}
}

void
collect_flush(struct collect *c)
{
	struct result *r, *next;

	for (r = c->first; r != NULL; r = next) {
		next = r->next;
		if (r->is_done)
			hand_on(c, r);
	}
	c->first = c->last = NULL;
}

void
collect_frame(void *ctx, const struct frame *f)
{
	struct result *r = find_slot(ctx, f->scan);

	if (r != NULL)
		result_take(r, f);
}

bool
collect_doubts(void *ctx, uint64_t scan)
{
	struct result *r = find_slot(ctx, scan);

	if (r == NULL || !r->has_stamp || r->hit_count == 0)
		return false;
	result_doubt(r);
	return true;
}

void
collect_end(void *ctx, uint64_t scan, const struct frame *end,
    enum unscanned lost)
{
	struct result *r = find_slot(ctx, scan);

	if (r == NULL)
		return;
	result_take_end(r, end, lost);
	collect_done(ctx, r);
}
