/*
 * lanes.c - which message is in which lane.  The contract is in lanes.h.
 *
 * Spec:    RFC 1321 section 3.1 and 3.2, FIPS 180-4 section 5.1.1 (padding).
 *
 * A lane first takes the whole blocks of its message where they lie, then a
 * tail of one or two blocks: the bytes behind the last whole block, a one,
 * zeros and the length.  All lanes go as far at a time as the shortest; one
 * that has no message works on another's, and nobody looks at what comes out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/lanes.h"

#include "lib/crypto/lanes_set.h"

#include <string.h>

static const struct kind {
	unsigned words; /* of the state */
	bool high_first;
	uint32_t start[LANES_WORDS];
} kinds[DIGEST_KINDS] = {
	[DIGEST_MD5] = { 4, false,
	    { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 } },
	[DIGEST_SHA1] = { 5, true,
	    { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } },
	[DIGEST_SHA256] = { 8, true,
	    { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
		0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } },
};

struct lane {
	const struct digest_job *job; /* NULL: none */
	const uint8_t *at;            /* the next block */
	size_t blocks;                /* left, here or of the tail */
	bool in_tail;
	uint8_t tail[2 * LANES_BLOCK];
};

/* One kind's messages on their way through the lanes. */
struct lanes_run {
	const struct lanes_impl *impl;
	const struct digest_job *next, *end; /* not begun yet */
	enum digest_kind kind;
	unsigned busy;
	struct lanes_state state;
	struct lane lane[LANES_MAX];
};

/* The next job of the run's kind, or NULL. */
static const struct digest_job *
next_job(struct lanes_run *r)
{
	while (r->next < r->end && r->next->kind != r->kind)
		r->next++;
	return r->next < r->end ? r->next++ : NULL;
}

/* Give the lanes that have none messages, as long as there are some. */
static void
fill_lanes(struct lanes_run *r)
{
	const struct kind *kind = &kinds[r->kind];
	unsigned i, w;

	for (i = 0; i < r->impl->lanes; i++) {
		struct lane *l = &r->lane[i];

		if (l->job != NULL || (l->job = next_job(r)) == NULL)
			continue;
		l->at = l->job->bytes;
		l->blocks = l->job->size / LANES_BLOCK;
		l->in_tail = false;
		for (w = 0; w < kind->words; w++)
			r->state.word[w][i] = kind->start[w];
		r->busy++;
	}
}

/* Write a number into size bytes. */
static void
put_number(uint8_t *out, uint64_t n, unsigned size, bool high_first)
{
	unsigned i;

	for (i = 0; i < size; i++)
		out[high_first ? size - 1 - i : i] = (uint8_t)(n >> (8 * i));
}

/* Make the tail of a message whose whole blocks are all taken. */
static void
begin_tail(struct lane *l, bool high_first)
{
	size_t rest = l->job->size % LANES_BLOCK;
	size_t size = rest < LANES_BLOCK - 8 ? LANES_BLOCK : 2 * LANES_BLOCK;

	memset(l->tail, 0, sizeof(l->tail));
	if (rest > 0)
		memcpy(l->tail, l->at, rest);
	l->tail[rest] = 0x80;
	put_number(l->tail + size - 8, (uint64_t)l->job->size << 3, 8,
	    high_first);
	l->at = l->tail;
	l->blocks = size / LANES_BLOCK;
	l->in_tail = true;
}

/* Write the digest of lane i, which is free then. */
static void
end_lane(struct lanes_run *r, unsigned i)
{
	const struct kind *kind = &kinds[r->kind];
	unsigned w;

	for (w = 0; 4 * w < digest_size(r->kind); w++)
		put_number(r->lane[i].job->out + 4 * w, r->state.word[w][i], 4,
		    kind->high_first);
	r->lane[i].job = NULL;
	r->busy--;
}

/* Have libcrypto finish what is left of lane i's message. */
static void
leave_lane(struct lanes_run *r, unsigned i)
{
	struct lane *l = &r->lane[i];
	size_t left = l->blocks * LANES_BLOCK + l->job->size % LANES_BLOCK;
	uint32_t word[LANES_WORDS] = { 0 };
	struct digest d;
	unsigned w;

	for (w = 0; w < kinds[r->kind].words; w++)
		word[w] = r->state.word[w][i];
	digest_resume(&d, r->kind, word, l->job->size - left);
	if (left > 0)
		digest_add(&d, l->at, left);
	digest_end(&d, l->job->out);
	l->job = NULL;
	r->busy--;
}

/* See that every busy lane has a block to take, unless it is better left. */
static void
ready_lanes(struct lanes_run *r)
{
	bool too_few = r->busy < r->impl->fill[r->kind];
	unsigned i;

	for (i = 0; i < r->impl->lanes; i++) {
		struct lane *l = &r->lane[i];

		if (l->job == NULL || l->in_tail)
			continue;
		if (too_few)
			leave_lane(r, i);
		else if (l->blocks == 0)
			begin_tail(l, kinds[r->kind].high_first);
	}
}

/* Take as many blocks in all lanes as the shortest has. */
static void
take_blocks(struct lanes_run *r)
{
	const uint8_t *at[LANES_MAX], *any = NULL;
	size_t blocks = SIZE_MAX;
	unsigned i;

	for (i = 0; i < r->impl->lanes; i++) {
		struct lane *l = &r->lane[i];

		if (l->job != NULL && l->blocks < blocks) {
			blocks = l->blocks;
			any = l->at;
		}
	}
	for (i = 0; i < r->impl->lanes; i++)
		at[i] = r->lane[i].job != NULL ? r->lane[i].at : any;
	r->impl->take[r->kind](&r->state, at, blocks);
	for (i = 0; i < r->impl->lanes; i++) {
		struct lane *l = &r->lane[i];

		if (l->job == NULL)
			continue;
		l->at += blocks * LANES_BLOCK;
		l->blocks -= blocks;
		if (l->blocks == 0 && l->in_tail)
			end_lane(r, i);
	}
}

/* All jobs of one kind. */
static void
run_kind(struct lanes_run *r)
{
	unsigned i;

	for (i = 0; i < r->impl->lanes; i++)
		r->lane[i].job = NULL;
	r->busy = 0;
	for (;;) {
		fill_lanes(r);
		ready_lanes(r);
		if (r->busy > 0)
			take_blocks(r);
		else if (r->next == r->end)
			return;
	}
}

void
digest_many(const struct lanes_impl *lanes, const struct digest_job *job,
    size_t count)
{
	struct lanes_run r;
	size_t i;
	unsigned kind;

	for (i = 0; lanes == NULL && i < count; i++)
		digest_of(job[i].kind, job[i].bytes, job[i].size, job[i].out);
	if (lanes == NULL)
		return;
	r.impl = lanes;
	for (kind = 0; kind < DIGEST_KINDS; kind++) {
		r.kind = (enum digest_kind)kind;
		r.next = job;
		r.end = job + count;
		run_kind(&r);
	}
}
