/*
 * literal_sweep.c - check everything in a literal set (db check).
 *
 * The scan bounds what it reads where it reads it; this says whether there is
 * anything in the section that it would have to ignore.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/literal_set.h"

#include "lib/db/veil.h"

#define SWEEP_DEPTH 64u /* groups in groups */

struct sweep {
	const struct literal_set *set;
	const struct literal_plane *plane;
	uint64_t left; /* groups that may still be entered */
	uint32_t depth;
	struct {
		uint32_t unit, next; /* a group, and its member to look at */
	} frame[SWEEP_DEPTH];
	struct why *why;
};

/* A literal that has a window of its plane's size where ref says. */
static bool
sweep_literal(const struct sweep *s, uint32_t ref, uint32_t *whole)
{
	const struct literal_set *set = s->set;
	uint32_t unit = LITERAL_REF_UNIT(ref), size, i;
	uint64_t at = (uint64_t)unit * LITERAL_UNIT;
	const uint8_t *entry;
	uint8_t bytes[LITERAL_TAIL];

	if (at > set->entries_size)
		return why_not(s->why, WHY_BROKEN,
		    "literal at unit %u: past the end", unit);
	entry = set->entries + at;
	size = entry[4];
	if (size < 2 || size > LITERAL_MAX || entry[5] > 1 ||
	    LITERAL_REF_OFFSET(ref) + s->plane->q > size)
		return why_not(s->why, WHY_BROKEN,
		    "literal at unit %u: %u bytes, window of %u at %u", unit,
		    size, s->plane->q, LITERAL_REF_OFFSET(ref));
	/* literal_whole() reads more than size, and LITERAL_TAIL is there. */
	veil_copy(bytes, entry + 8, 0, LITERAL_MAX);
	for (i = 0; i < size; i++) {
		if (literal_fold_byte(bytes[i]) != bytes[i])
			return why_not(s->why, WHY_BROKEN,
			    "literal at unit %u: not folded", unit);
	}
	*whole = literal_whole(bytes, size);
	if (entry[5] == 0)
		return true;
	at = (uint64_t)literal_u32(entry) * LITERAL_UNIT;
	if (at + 4 > set->entries_size ||
	    literal_u32(set->entries + at) > (set->entries_size - at - 4) / 4)
		return why_not(s->why, WHY_BROKEN,
		    "literal at unit %u: numbers past the end", unit);
	return true;
}

/* Does whoever leads to a literal say of it what is so? */
static bool
sweep_whole(const struct sweep *s, uint32_t ref, uint32_t whole, uint32_t said)
{
	if (whole != said)
		return why_not(s->why, WHY_BROKEN,
		    "literal at unit %u: print %x, said to be %x",
		    LITERAL_REF_UNIT(ref), whole, said);
	return true;
}

/* Go into a group, if it is all there and its keys ascend. */
static bool
sweep_enter(struct sweep *s, uint32_t unit)
{
	const struct literal_set *set = s->set;
	uint64_t at = (uint64_t)unit * LITERAL_UNIT;
	const uint8_t *group = set->entries + at, *member;
	uint32_t i;
	int8_t shift;

	if (s->depth == SWEEP_DEPTH || s->left-- == 0)
		return why_not(s->why, WHY_BROKEN, "groups lead too far");
	if (at + LITERAL_GROUP > set->entries_size || literal_u32(group) == 0 ||
	    literal_u32(group) >
		(set->entries_size - at - LITERAL_GROUP) / LITERAL_MEMBER)
		return why_not(s->why, WHY_BROKEN,
		    "group at unit %u: past the end", unit);
	shift = (int8_t)group[8];
	if (shift != LITERAL_NO_SHIFT && (shift < -28 || shift > 28))
		return why_not(s->why, WHY_BROKEN, "group at unit %u: shift %d",
		    unit, shift);
	for (i = 1; i < literal_u32(group); i++) {
		member = group + LITERAL_GROUP + LITERAL_MEMBER * (size_t)i;
		if (shift != LITERAL_NO_SHIFT &&
		    literal_u32(member - LITERAL_MEMBER) >= literal_u32(member))
			return why_not(s->why, WHY_BROKEN,
			    "group at unit %u: keys out of order", unit);
	}
	s->frame[s->depth].unit = unit;
	s->frame[s->depth++].next = 0;
	return true;
}

/* Look at the next thing in the deepest group; leave it at its end. */
static bool
sweep_step(struct sweep *s)
{
	uint32_t here = s->frame[s->depth - 1].unit;
	uint32_t i = s->frame[s->depth - 1].next++, next, ref, whole;
	const uint8_t *group = s->set->entries + (uint64_t)here * LITERAL_UNIT;
	const uint8_t *member =
	    group + LITERAL_GROUP + LITERAL_MEMBER * (size_t)i;

	if (i < literal_u32(group)) {
		ref = literal_u32(member + 4);
		if ((ref & LITERAL_REF_GROUP) == 0)
			return sweep_literal(s, ref, &whole) &&
			    sweep_whole(s, ref, whole, literal_u32(member + 8));
		next = LITERAL_REF_UNIT(ref);
	} else {
		/* The last step: go on in its place. */
		s->depth--;
		next = literal_u32(group + 4);
		if (next == 0)
			return true;
	}
	if (next <= here)
		return why_not(s->why, WHY_BROKEN,
		    "group at unit %u: leads back to unit %u", here, next);
	return sweep_enter(s, next);
}

/* One place of a line. */
static bool
sweep_ref(struct sweep *s, uint32_t ref, uint16_t said)
{
	uint32_t whole;

	if ((ref & LITERAL_REF_GROUP) == 0)
		return sweep_literal(s, ref, &whole) &&
		    sweep_whole(s, ref, literal_whole_short(whole), said);
	if (!sweep_whole(s, ref, 0, said))
		return false;
	if (!sweep_enter(s, LITERAL_REF_UNIT(ref)))
		return false;
	while (s->depth > 0) {
		if (!sweep_step(s))
			return false;
	}
	return true;
}

static bool
sweep_lines(struct sweep *s)
{
	const uint8_t *line;
	uint32_t number, i;

	for (number = 0; number <= s->plane->line_mask; number++) {
		line = s->plane->lines + (size_t)number * LITERAL_LINE;
		for (i = 0; i < LITERAL_PLACES; i++) {
			if (literal_u16(line + 2 * (size_t)i) != 0 &&
			    !sweep_ref(s, literal_u32(line + 32 + 4 * i),
				literal_u16(line + 16 + 2 * (size_t)i)))
				return false;
		}
	}
	return true;
}

bool
literal_sweep(const struct literal_set *set, struct why *why)
{
	struct sweep s = { .set = set, .why = why };
	uint32_t i;

	/* A group is entered from one place only, so this many at most. */
	s.left = set->entries_size / LITERAL_GROUP + 1;
	for (i = 0; i < set->planes; i++) {
		s.plane = &set->plane[i];
		if (!sweep_lines(&s))
			return false;
	}
	return true;
}
