/*
 * ir.c - the intermediate form's small helpers.  See ir.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/ir.h"

#include "lib/compile/pool.h"

void
ir_init(struct ir *ir, struct pool *p)
{
	*ir = (struct ir){ .pool = p };
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
	*ir = (struct ir){ .pool = p };
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

/* The value of a hexadecimal digit the parser has already checked. */
static uint8_t
ir_nibble(char c)
{
	uint8_t u = (uint8_t)c;

	return (uint8_t)(((u & 0x0fu) + (u >> 6) * 9u) & 0x0fu);
}

void
ir_hash_digest(const struct ir_hash *h, uint8_t out[32])
{
	size_t size = ir_digest_size((enum ir_digest)h->digest), i;
	const char *hex = h->text + h->digest_at;

	for (i = 0; i < size; i++)
		out[i] = (uint8_t)(ir_nibble(hex[2 * i]) << 4 |
		    ir_nibble(hex[2 * i + 1]));
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
