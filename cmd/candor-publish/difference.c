/*
 * difference.c - make a delta from one file to another.  See difference.h.
 *
 * The older file is cut into blocks, whose hashes go into a table.  A hash
 * rolls over the newer one; where a block is found, the match is stretched
 * both ways.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/difference.h"

#include "lib/trust/delta.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK  64u
#define FACTOR UINT64_C(0x9e3779b97f4a7c15)

/* Blocks of the older file, by hash: 0 is none, else 1 + its number. */
struct table {
	uint32_t *slot;
	unsigned bits;
};

struct making {
	const uint8_t *old, *new;
	size_t old_size, new_size;
	size_t done; /* of new: told already */
	size_t most;
	struct buf *out;
};

/* --- hashes --------------------------------------------------------------- */

static uint64_t
hash(const uint8_t *b)
{
	uint64_t h = 0;
	unsigned i;

	for (i = 0; i < BLOCK; i++)
		h = h * FACTOR + b[i];
	return h;
}

/* FACTOR to the power of BLOCK: what the byte that leaves counts. */
static uint64_t
leaving(void)
{
	uint64_t p = 1;
	unsigned i;

	for (i = 0; i < BLOCK; i++)
		p *= FACTOR;
	return p;
}

static size_t
slot_of(const struct table *t, uint64_t h)
{
	return (size_t)((h ^ h >> 29) * FACTOR >> (64 - t->bits));
}

/* Of blocks that hash alike, the first: a long run is one match then. */
static void
fill(struct table *t, const uint8_t *old, size_t size)
{
	size_t blocks = size / BLOCK, i;

	t->bits = 10;
	while (t->bits < 31 && (UINT64_C(1) << t->bits) < 2 * blocks)
		t->bits++;
	t->slot = buf_alloc((size_t)1 << t->bits, sizeof(t->slot[0]));
	for (i = 0; i < blocks && i < UINT32_MAX - 1; i++) {
		size_t at = slot_of(t, hash(old + i * BLOCK));

		if (t->slot[at] == 0)
			t->slot[at] = (uint32_t)i + 1;
	}
}

/* --- pieces --------------------------------------------------------------- */

static void
add_number(struct buf *out, uint64_t n)
{
	unsigned i;

	for (i = 0; i < 8; i++)
		buf_byte(out, (char)(n >> (56 - 8 * i)));
}

/* Bytes of the newer file up to there, as they are. */
static bool
add_new(struct making *m, size_t end)
{
	size_t size = end - m->done;

	if (size > m->most - m->out->size)
		return false;
	if (size > 0) {
		buf_byte(m->out, DELTA_NEW);
		add_number(m->out, size);
		buf_add(m->out, m->new + m->done, size);
	}
	m->done = end;
	return m->out->size <= m->most;
}

/* A block of the older file at old_at is at new_at: as much as is the same
   around it. */
static bool
add_old(struct making *m, size_t old_at, size_t new_at)
{
	size_t size = BLOCK;

	while (new_at > m->done && old_at > 0 &&
	    m->old[old_at - 1] == m->new[new_at - 1]) {
		old_at--;
		new_at--;
		size++;
	}
	while (old_at + size < m->old_size && new_at + size < m->new_size &&
	    m->old[old_at + size] == m->new[new_at + size])
		size++;
	if (!add_new(m, new_at))
		return false;
	buf_byte(m->out, DELTA_OLD);
	add_number(m->out, old_at);
	add_number(m->out, size);
	m->done = new_at + size;
	return m->out->size <= m->most;
}

static bool
walk(struct making *m, const struct table *t)
{
	uint64_t h = 0, out_of = leaving();
	size_t at = 0;
	bool is_known = false; /* h is the hash of the block before at */

	while (at + BLOCK <= m->new_size) {
		uint32_t block;
		size_t from;

		h = is_known ? h * FACTOR + m->new[at + BLOCK - 1] -
			m->new[at - 1] * out_of
			     : hash(m->new + at);
		block = t->slot[slot_of(t, h)];
		from = block != 0 ? (size_t)(block - 1) * BLOCK : 0;
		is_known = block == 0 ||
		    memcmp(m->old + from, m->new + at, BLOCK) != 0;
		if (is_known)
			at++;
		else if (add_old(m, from, at))
			at = m->done;
		else
			return false;
	}
	return add_new(m, m->new_size);
}

bool
difference_make(struct cur old, struct cur new, size_t most, struct buf *out)
{
	struct making m = { .old = old.base + old.pos,
		.new = new.base + new.pos,
		.old_size = cur_left(&old),
		.new_size = cur_left(&new),
		.most = most,
		.out = out };
	struct table t = { 0 };
	bool good;

	buf_add(out, DELTA_MAGIC, DELTA_MAGIC_SIZE);
	fill(&t, m.old, m.old_size);
	good = out->size <= most && walk(&m, &t);
	free(t.slot);
	return good;
}
