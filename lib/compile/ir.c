/*
 * ir.c - the intermediate form's small helpers.  See ir.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/ir.h"

#include "lib/compile/pool.h"

#include <string.h>

void
ir_init(struct ir *ir, struct pool *p)
{
	*ir = (struct ir){ .pool = p, .scratch = p, .unpacked = p };
}

void
ir_fini(struct ir *ir)
{
	struct pool *p = ir->pool;

	pool_vector_free(p, (void **)&ir->rule, &ir->rule_room,
	    sizeof(*ir->rule));
	pool_vector_free(p, (void **)&ir->hash, &ir->hash_room,
	    sizeof(*ir->hash));
	pool_vector_free(p, (void **)&ir->complaint, &ir->complaint_room,
	    sizeof(*ir->complaint));
	pool_vector_free(p, (void **)&ir->feed, &ir->feed_room,
	    sizeof(*ir->feed));
	pool_vector_free(p, (void **)&ir->file, &ir->file_room,
	    sizeof(*ir->file));
	pool_vector_free(p, (void **)&ir->tally, &ir->tally_room,
	    sizeof(*ir->tally));
	pool_vector_free(p, (void **)&ir->ignore, &ir->ignore_room,
	    sizeof(*ir->ignore));
	*ir = (struct ir){ .pool = p, .scratch = p, .unpacked = p };
}

bool
ir_complain(struct ir *ir, const struct ir_complaint *complaint)
{
	if (!pool_vector_grow(ir->pool, (void **)&ir->complaint,
		&ir->complaint_room, ir->complaint_count, sizeof(*complaint)))
		return false;
	ir->complaint[ir->complaint_count++] = *complaint;
	return true;
}

static bool
ir_is_tally(const struct ir_tally *t, const char *what, const char *reason)
{
	if ((t->reason == NULL) != (reason == NULL) ||
	    strcmp(t->what, what) != 0)
		return false;
	return reason == NULL || strcmp(t->reason, reason) == 0;
}

bool
ir_count(struct ir *ir, const char *what, const char *reason, bool is_error,
    uint64_t count)
{
	size_t i;

	for (i = 0; i < ir->tally_count; i++) {
		if (!ir_is_tally(&ir->tally[i], what, reason))
			continue;
		ir->tally[i].count += count;
		return true;
	}
	if (!pool_vector_grow(ir->pool, (void **)&ir->tally, &ir->tally_room,
		ir->tally_count, sizeof(*ir->tally)))
		return false;
	ir->tally[ir->tally_count++] = (struct ir_tally){
		.what = what,
		.reason = reason,
		.is_error = is_error,
		.count = count,
	};
	return true;
}

bool
ir_add_feed(struct ir *ir, const char *name, uint32_t *out)
{
	const char *copy = pool_text(ir->pool, name, strlen(name));

	if (copy == NULL || ir->feed_count >= UINT32_MAX ||
	    !pool_vector_grow(ir->pool, (void **)&ir->feed, &ir->feed_room,
		ir->feed_count, sizeof(*ir->feed)))
		return false;
	*out = (uint32_t)ir->feed_count;
	ir->feed[ir->feed_count++] = copy;
	return true;
}

bool
ir_add_file(struct ir *ir, const char *name, const char *what, uint32_t feed,
    uint32_t *out)
{
	const char *copy = pool_text(ir->pool, name, strlen(name));

	if (copy == NULL || ir->file_count >= UINT32_MAX ||
	    !pool_vector_grow(ir->pool, (void **)&ir->file, &ir->file_room,
		ir->file_count, sizeof(*ir->file)))
		return false;
	*out = (uint32_t)ir->file_count;
	ir->file[ir->file_count++] =
	    (struct ir_file){ .name = copy, .what = what, .feed = feed };
	return true;
}

size_t
ir_digest_size(enum ir_digest digest)
{
	switch (digest) {
	case IR_MD5:
		return 16;
	case IR_SHA1:
		return 20;
	case IR_SHA256:
		return 32;
	}
	return 0;
}

struct ir_origin
ir_hash_origin(const struct ir *ir, const struct ir_hash *h)
{
	return (struct ir_origin){
		.name = h->text + h->name_at,
		.name_size = h->name_size,
		.feed = ir->file[h->file].feed,
		.file = h->file,
		.line = h->line,
		.text = h->text,
		.text_size = h->text_size,
		.flags = h->flags,
	};
}
