/*
 * piece.c - digests of pieces of an object.  The contract is in piece.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/engine/piece.h"

#include "lib/engine/level.h"

/*
 * Bytes read at a time.  The larger one is what the search reads at a time,
 * and most sections of programs fit it; the smaller one does where memory is
 * short.
 */
#define WINDOW       ((size_t)1 << 20)
#define WINDOW_SMALL ((size_t)64 << 10)

bool
piece_batch_has_room(const struct piece_batch *b)
{
	return b->count + DIGEST_KINDS <= PIECE_JOBS;
}

void
piece_batch_add(struct piece_batch *b, uint32_t kinds, const uint8_t *bytes,
    size_t size, struct file_digests *out)
{
	unsigned kind;

	for (kind = 0; kind < DIGEST_KINDS; kind++)
		if ((kinds >> kind & 1) != 0)
			b->job[b->count++] =
			    (struct digest_job){ (enum digest_kind)kind, bytes,
				    size, out->digest[kind] };
	out->known |= kinds;
}

void
piece_batch_take(struct piece_batch *b)
{
	digest_many(b->lanes, b->job, b->count);
	b->count = 0;
}

/* --- in memory ------------------------------------------------------------ */

/* Take all that is in memory.  Many large pieces may take their time. */
static void
take_memory(struct scan *s, struct piece_batch *b, struct piece *piece,
    size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct piece *p = &piece[i];
		uint32_t kinds = p->wanted & ~p->digests.known;

		if (p->mem == NULL)
			continue;
		if (!piece_batch_has_room(b)) {
			piece_batch_take(b);
			if (!scan_may_go_on(s))
				return;
		}
		piece_batch_add(b, kinds, p->mem, (size_t)p->size, &p->digests);
	}
	piece_batch_take(b);
}

/* --- to be read ----------------------------------------------------------- */

/* A part of the object that was read. */
struct window {
	const uint8_t *bytes;
	uint64_t off, end;
};

/*
 * Where the next window has to begin, not before *off, and how far pieces
 * go; false if no piece is left to be read.
 */
static bool
find_window(const struct piece *piece, size_t count, uint64_t *off,
    uint64_t *end)
{
	uint64_t first = UINT64_MAX;
	size_t i;

	*end = 0;
	for (i = 0; i < count; i++) {
		const struct piece *p = &piece[i];
		uint64_t from = p->off > *off ? p->off : *off;

		if (p->mem != NULL || p->off + p->size <= *off ||
		    (p->wanted & ~p->digests.known) == 0)
			continue;
		first = from < first ? from : first;
		*end = p->off + p->size > *end ? p->off + p->size : *end;
	}
	*off = first;
	return first < *end;
}

static bool
begin_states(struct scan *s, struct piece *p)
{
	unsigned kind;

	p->state = arena_alloc(s->arena, DIGEST_KINDS, sizeof(*p->state));
	for (kind = 0; p->state != NULL && kind < DIGEST_KINDS; kind++)
		digest_init(&p->state[kind], (enum digest_kind)kind);
	return p->state != NULL;
}

/* Add a part of a piece that is larger than the window, or cut by it. */
static bool
add_part(struct scan *s, struct piece *p, const struct window *w)
{
	uint64_t end = p->off + p->size;
	uint64_t from = p->off > w->off ? p->off : w->off;
	uint64_t to = end < w->end ? end : w->end;
	uint32_t kinds = p->wanted & ~p->digests.known;
	unsigned kind;

	if (from == p->off && !begin_states(s, p))
		return false;
	for (kind = 0; kind < DIGEST_KINDS; kind++) {
		if ((kinds >> kind & 1) == 0)
			continue;
		digest_add(&p->state[kind], w->bytes + (from - w->off),
		    (size_t)(to - from));
		if (to == end)
			digest_end(&p->state[kind], p->digests.digest[kind]);
	}
	if (to == end)
		p->digests.known |= kinds;
	return true;
}

/* Give every piece what the window has of it. */
static bool
take_window(struct scan *s, struct piece_batch *b, struct piece *piece,
    size_t count, const struct window *w)
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct piece *p = &piece[i];
		uint32_t kinds = p->wanted & ~p->digests.known;

		if (p->mem != NULL || kinds == 0 || p->off >= w->end ||
		    p->off + p->size <= w->off)
			continue;
		if (p->off < w->off || p->off + p->size > w->end) {
			if (!add_part(s, p, w))
				return false;
			continue;
		}
		if (!piece_batch_has_room(b))
			piece_batch_take(b);
		piece_batch_add(b, kinds, w->bytes + (p->off - w->off),
		    (size_t)p->size, &p->digests);
	}
	piece_batch_take(b);
	return true;
}

/* Room to read into: as much as is good, or as there is. */
static uint8_t *
window_room(struct arena *a, uint64_t wanted, size_t *size)
{
	uint8_t *room;

	*size = wanted < WINDOW ? (size_t)wanted : WINDOW;
	room = arena_alloc(a, 1, *size);
	if (room == NULL && *size > WINDOW_SMALL) {
		*size = WINDOW_SMALL;
		room = arena_alloc(a, 1, *size);
	}
	return room;
}

/* Read once what all pieces lie in that are not in memory. */
static bool
take_read(struct scan *s, struct source *from, struct piece_batch *b,
    struct piece *piece, size_t count)
{
	uint64_t off = 0, end;
	uint8_t *room = NULL;
	size_t size = 0, wanted, got;

	while (find_window(piece, count, &off, &end) && scan_may_go_on(s)) {
		struct window w = { .off = off };

		if (room == NULL)
			room = window_room(s->arena, end - off, &size);
		if (room == NULL)
			return false;
		wanted = end - off < size ? (size_t)(end - off) : size;
		got = source_read(from, off, room, wanted);
		w.bytes = room;
		w.end = off + got;
		if (got > 0 && !take_window(s, b, piece, count, &w))
			return false;
		if (got < wanted)
			break;
		off = w.end;
	}
	return true;
}

bool
pieces_take(struct scan *s, struct source *from, struct piece *piece,
    size_t count)
{
	struct piece_batch batch = { .lanes = s->engine->lanes };
	size_t mark = arena_mark(s->arena);
	bool is_done;

	take_memory(s, &batch, piece, count);
	is_done = take_read(s, from, &batch, piece, count);
	arena_reset(s->arena, mark);
	return is_done;
}
