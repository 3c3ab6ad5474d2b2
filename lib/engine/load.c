/*
 * load.c - where the bytes of an object live while it is looked at.
 *
 * Small ones are brought into the arena whole, once, so that everything that
 * follows works on memory.  (The file itself may have room of its own.)  Larger
 * ones are read in windows through their source.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/engine/level.h"

#define LOAD_MAX    ((size_t)32 << 20) /* bytes of one object in memory */
#define LOAD_LEAVES ((size_t)6 << 20)  /* of the arena, for what comes after */
#define OPENER_ROOM ((size_t)8 << 20)  /* of the arena, for one opener */

/* How much of the arena an object may take now. */
static size_t
load_limit(size_t rest)
{
	if (rest < LOAD_LEAVES)
		return 0;
	rest = (rest - LOAD_LEAVES) / 2;
	return rest < LOAD_MAX ? rest : LOAD_MAX;
}

/* Is there room besides the arena for this object?  For the file itself. */
static bool
has_own_room(const struct scan *s, const struct level *l)
{
	return l == s->level && l->source.size <= s->options->room_size;
}

/* Read a source of known size into room; it becomes memory. */
static void
load_known(struct level *l, uint8_t *room)
{
	size_t size = (size_t)l->source.size;
	size_t got = source_read(&l->source, 0, room, size);
	enum source_state state = l->source.state;

	if (got < size && state == SOURCE_FINE)
		state = SOURCE_CHANGED;
	l->source = source_from(room, got);
	l->source.state = state;
}

/* Read the start of a stream into room; if that is all, it becomes memory. */
static size_t
load_stream(struct level *l, uint8_t *room, size_t limit)
{
	size_t got = stream_read_head(l, room, limit);

	if (l->stream.ended) {
		enum source_state state = l->source.state;

		l->source = source_from(room, got);
		l->source.state = state;
	}
	return got;
}

void
level_load(struct scan *s, struct level *l)
{
	size_t rest, limit;
	uint8_t *room;

	if (l->source.mem != NULL)
		return;
	if (has_own_room(s, l)) {
		load_known(l, s->options->room);
		return;
	}
	room = arena_rest(s->arena, &rest);
	limit = load_limit(rest);
	if (l->source.size == SOURCE_SIZE_UNKNOWN) {
		arena_keep(s->arena, load_stream(l, room, limit));
		if (l->source.mem == NULL)
			(void)stream_widen(l);
	} else if (l->source.size <= limit) {
		load_known(l, room);
		arena_keep(s->arena, (size_t)l->source.size);
	} else {
		arena_keep(s->arena, 0);
	}
}

/* Cut the opener's room, once per level. */
static bool
level_make_room(struct scan *s, struct level *l)
{
	size_t rest, size;
	uint8_t *block;

	if (l->room.base != NULL) {
		arena_reset(&l->room, 0);
		return true;
	}
	block = arena_rest(s->arena, &rest);
	size = rest / 8 < OPENER_ROOM ? rest / 8 : OPENER_ROOM;
	arena_keep(s->arena, size);
	if (size < 4096)
		return false;
	arena_init(&l->room, block, size);
	return true;
}

enum format_end
level_open(struct scan *s, struct level *l)
{
	static const struct passwords no_passwords; /* openers get a list */
	struct opening in = { .source = &l->source,
		.arena = &l->room,
		.facts = &l->facts,
		.passwords = s->options->passwords != NULL
		    ? s->options->passwords
		    : &no_passwords,
		.max_memory = (uint64_t)256 << 20,
		.kind = l->kind };
	enum format_end end;

	l->opened = false;
	if (!level_make_room(s, l))
		return FORMAT_LIMIT;
	end = l->format->open(&in, &l->state);
	l->opened = end == FORMAT_WHOLE && l->format->next != NULL;
	return end;
}
