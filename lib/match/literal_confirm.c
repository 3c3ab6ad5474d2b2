/*
 * literal_confirm.c - from a window that may be one of the set to hits.
 *
 * What a line leads to lies anywhere in megabytes of entries, so every step
 * costs a miss of all caches.  Steps wait in a queue: each asks for its bytes
 * when it is put there and is taken when others have been, so that the
 * misses are served side by side.
 *
 * Input:   the section may be hostile, the content is.  Where an entry is
 *          and how far it goes is checked at use.
 * Limits:  a spilled line is followed LITERAL_SPILLS times; a window leads to
 *          LITERAL_STEPS entries.  The builder stays below both.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/literal_set.h"

#include "lib/db/veil.h"

#define LITERAL_STEPS 8192u

void
literal_flush(struct literal_run *run)
{
	if (run->count > 0 && !run->stopped &&
	    !run->told(run->ctx, run->hit, run->count))
		run->stopped = true;
	run->count = 0;
}

static void
literal_tell(struct literal_run *run, uint32_t number, size_t offset)
{
	if (run->count == LITERAL_BATCH)
		literal_flush(run);
	run->hit[run->count].literal = number;
	run->hit[run->count].offset = (uint32_t)offset;
	run->count++;
}

/* Tell every number in the list at this unit. */
static void
literal_tell_list(struct literal_run *run, uint32_t unit, size_t offset)
{
	const struct literal_set *set = run->set;
	uint64_t at = (uint64_t)unit * LITERAL_UNIT;
	uint32_t count, i;

	if (at + 4 > set->entries_size)
		return;
	count = literal_u32(set->entries + at);
	if (count > (set->entries_size - at - 4) / 4)
		return;
	for (i = 0; i < count && !run->stopped; i++)
		literal_tell(run, literal_u32(set->entries + at + 4 + 4 * i),
		    offset);
}

/* How the eight bytes at a differ from those veiled at b, i into both. */
static inline uint64_t
literal_differ(const uint8_t *a, const uint8_t *b, uint32_t i)
{
	return literal_u64(a + i) ^ literal_u64(b + i) ^
	    literal_u64(veil_key + i);
}

/* Do size bytes at a equal those veiled at b?  Reads to a 32nd byte. */
static bool
literal_is(const uint8_t *a, const uint8_t *b, uint32_t size)
{
	uint64_t differ = 0;
	uint32_t i;

	for (i = 0; i + 8 <= size; i += 8)
		differ |= literal_differ(a, b, i);
	if (i < size)
		differ |= literal_differ(a, b, i) << (64 - 8 * (size - i));
	return differ == 0;
}

/* Is the literal that ref leads to there, with its window at at?  That it is
   within the section literal_wait() has seen. */
static void
literal_verify(struct literal_run *run, const struct literal_view *view,
    int32_t at, uint32_t ref)
{
	const struct literal_set *set = run->set;
	uint64_t where = (uint64_t)LITERAL_REF_UNIT(ref) * LITERAL_UNIT;
	int32_t start = at - (int32_t)LITERAL_REF_OFFSET(ref);
	const uint8_t *entry;
	uint32_t size;
	size_t offset;

	entry = set->entries + where;
	size = entry[4];
	if (size > LITERAL_MAX ||
	    !literal_is(view->bytes + start, entry + 8, size))
		return;
	run->was_there = run->found = true;
	if (start < 0 && view->at < (size_t)-start)
		return;
	offset = view->at + (size_t)(ptrdiff_t)start;
	if (offset + size > run->size || offset + size <= run->seen)
		return;
	if (entry[5] != 0)
		literal_tell_list(run, literal_u32(entry), offset);
	else
		literal_tell(run, literal_u32(entry), offset);
}

/* A group and how many members it has; 0 if it is not all there. */
static uint32_t
literal_open_group(const struct literal_set *set, uint32_t unit,
    const uint8_t **out)
{
	uint64_t at = (uint64_t)unit * LITERAL_UNIT;
	uint32_t count;

	if (at + LITERAL_GROUP > set->entries_size)
		return 0;
	*out = set->entries + at;
	count = literal_u32(*out);
	if (count > (set->entries_size - at - LITERAL_GROUP) / LITERAL_MEMBER)
		return 0;
	return count;
}

/* The member of a group whose key these four bytes are, or NULL. */
static const uint8_t *
literal_find_member(const uint8_t *group, uint32_t count, uint32_t key)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const uint8_t *member =
		    group + LITERAL_GROUP + LITERAL_MEMBER * (size_t)middle;
		uint32_t here = literal_u32(member);

		if (here == key)
			return member;
		if (here < key)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/*
 * Have ref looked at, its window being at at, once others were: its bytes are
 * asked for now.  LITERAL_TAIL bytes from there on can be read, as many as a
 * literal has.
 */
static void
literal_wait(struct literal_run *run, const struct literal_view *view,
    struct literal_wait wait)
{
	struct literal_queue *q = &run->queue;
	uint64_t where = (uint64_t)LITERAL_REF_UNIT(wait.ref) * LITERAL_UNIT;
	const uint8_t *entry = run->set->entries;

	if (where > run->set->entries_size || q->steps[wait.window] == 0)
		return;
	q->steps[wait.window]--;
	__builtin_prefetch(entry + where);
	__builtin_prefetch(entry + where + LITERAL_TAIL - 1);
	if (q->tail - q->head < LITERAL_WAITS)
		q->wait[q->tail++ % LITERAL_WAITS] = wait;
	else if ((wait.ref & LITERAL_REF_GROUP) == 0)
		literal_verify(run, view, wait.at, wait.ref);
}

/*
 * Size and print of what stands where ref, its window being at at, has a
 * literal whose size whole tells.
 */
static uint32_t
literal_whole_there(const struct literal_view *view, int32_t at, uint32_t ref,
    uint32_t whole)
{
	return literal_whole(view->bytes + at -
		(int32_t)LITERAL_REF_OFFSET(ref),
	    (whole & 31u) + 1);
}

/* Have a member of a group looked at: a literal, or a group behind it. */
static void
literal_consider(struct literal_run *run, const struct literal_view *view,
    struct literal_wait from, const uint8_t *member)
{
	struct literal_wait wait = from;
	uint32_t whole = literal_u32(member + 8);

	wait.ref = literal_u32(member + 4);
	if ((wait.ref & LITERAL_REF_GROUP) != 0) {
		if (LITERAL_REF_UNIT(wait.ref) > LITERAL_REF_UNIT(from.ref))
			literal_wait(run, view, wait);
		return;
	}
	if (whole == literal_whole_there(view, from.at, wait.ref, whole))
		literal_wait(run, view, wait);
}

/*
 * Have what a group says looked at.  A group leads only to groups behind it,
 * so this ends.  Each step down fixes at least one more byte of 28, and the
 * members left in the groups that are entered agree with the content so far:
 * fewer than 480 places and sizes around one window, each a few steps down.
 */
static void
literal_enter(struct literal_run *run, const struct literal_view *view,
    struct literal_wait from)
{
	uint32_t here = LITERAL_REF_UNIT(from.ref), count, next, i;
	struct literal_wait wait = from;
	const uint8_t *group, *member;
	int32_t shift;

	count = literal_open_group(run->set, here, &group);
	if (count == 0)
		return;
	next = literal_u32(group + 4);
	wait.ref = LITERAL_REF_GROUP | next << 5;
	if (next > here && next < LITERAL_UNITS)
		literal_wait(run, view, wait);
	shift = (int8_t)group[8];
	member = group + LITERAL_GROUP;
	if (shift == LITERAL_NO_SHIFT) {
		for (i = 0; i < count && !run->stopped; i++)
			literal_consider(run, view, from,
			    member + LITERAL_MEMBER * (size_t)i);
	} else if (shift >= -28 && shift <= 28) {
		member = literal_find_member(group, count,
		    literal_u32(view->bytes + from.at + shift));
		if (member != NULL)
			literal_consider(run, view, from, member);
	}
}

void
literal_settle(struct literal_run *run, const struct literal_view *view)
{
	struct literal_queue *q = &run->queue;
	struct literal_wait wait;

	while (q->tail != q->head && !run->stopped) {
		/* The first, or as room runs out the last: 28 may follow it. */
		if (q->tail - q->head < LITERAL_WAITS - 64)
			wait = q->wait[q->head++ % LITERAL_WAITS];
		else
			wait = q->wait[--q->tail % LITERAL_WAITS];
		if ((wait.ref & LITERAL_REF_GROUP) != 0)
			literal_enter(run, view, wait);
		else
			literal_verify(run, view, wait.at, wait.ref);
	}
	q->head = q->tail = q->windows = 0;
}

/* literal_check(), for windows not seen just before. */
static void
literal_look_up(struct literal_run *run, const struct literal_plane *plane,
    const struct literal_view *view, int32_t at, uint64_t mixed,
    uint32_t places)
{
	uint32_t number = (uint32_t)(mixed >> plane->line_shift);
	uint16_t print = literal_print(mixed);
	struct literal_wait wait = { .at = at };
	uint32_t spills, i;

	if (run->queue.windows == LITERAL_WINDOWS)
		literal_settle(run, view);
	wait.window = run->queue.windows++;
	run->queue.steps[wait.window] = LITERAL_STEPS;
	for (spills = 0; spills < LITERAL_SPILLS; spills++) {
		const uint8_t *line =
		    plane->lines + (size_t)number * LITERAL_LINE;

		for (; places != 0; places &= places - 1) {
			uint32_t place = (uint32_t)__builtin_ctz(places);
			uint16_t whole = literal_u16(line + 16 + 2 * place);

			wait.ref = literal_u32(line + 32 + 4 * place);
			if (whole == 0 ||
			    whole ==
				literal_whole_short(literal_whole_there(view,
				    at, wait.ref, whole)))
				literal_wait(run, view, wait);
		}
		if ((literal_u32(line + 32) & LITERAL_REF_SPILLED) == 0)
			return;
		number = (number + 1) & plane->line_mask;
		line = plane->lines + (size_t)number * LITERAL_LINE;
		for (i = 0; i < LITERAL_PLACES; i++)
			places |= (uint32_t)(literal_u16(line + 2 * i) == print)
			    << i;
	}
}

void
literal_check(struct literal_run *run, const struct literal_plane *plane,
    const struct literal_view *view, int32_t at, uint64_t mixed,
    uint32_t places)
{
	const uint8_t *around = view->bytes + at - (int32_t)LITERAL_BEFORE;
	bool is_again = mixed == run->last && plane == run->plane;

	if (is_again && run->is_empty &&
	    memcmp(run->around, around, LITERAL_AROUND) == 0)
		return;
	if (is_again)
		literal_settle(run, view);
	run->was_there = false;
	literal_look_up(run, plane, view, at, mixed, places);
	run->plane = plane;
	run->last = mixed;
	run->is_empty = false;
	if (!is_again)
		return;
	literal_settle(run, view);
	run->is_empty = !run->was_there;
	if (run->is_empty)
		memcpy(run->around, around, LITERAL_AROUND);
}
