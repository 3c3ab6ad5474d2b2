/*
 * literal.c - open a literal set, walk content in blocks, confirm hits.
 *
 * Input:   the section may be hostile, the content is.  literal_open() checks
 *          what the kernels rely on: that the tables are where they are said
 *          to be, so that an index cut to their size stays inside.  What the
 *          tables lead to is bounded here, at use.
 * Limits:  a spilled line is followed LITERAL_SPILLS times, groups
 *          LITERAL_STEPS times; the builder stays below both.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/literal_set.h"

#define LITERAL_STEPS (1u << 13)

static bool
literal_runs_always(void)
{
	return true;
}

const struct literal_impl literal_impls[] = {
#if defined(__x86_64__)
	{ "avx512", literal_runs_avx512, literal_look_avx512,
	    literal_fold_avx512 },
	{ "avx2", literal_runs_avx2, literal_look_avx2, literal_fold_avx2 },
#endif
#if defined(__aarch64__)
	{ "neon", literal_runs_neon, literal_look_neon, literal_fold_neon },
#endif
	{ "portable", literal_runs_always, literal_look_portable,
	    literal_fold_portable },
};

/* Read the parts of a plane and hold them against the section's size. */
static bool
literal_open_plane(struct cur section, struct cur record,
    struct literal_plane *out, struct why *why)
{
	struct cur filter, lines;
	uint32_t filter_bits, line_bits;
	uint64_t at_filter, at_lines;

	out->kind = cur_u8(&record);
	out->step = cur_u8(&record);
	out->q = cur_u8(&record);
	out->back = cur_u8(&record);
	filter_bits = cur_u8(&record);
	line_bits = cur_u8(&record);
	out->choice = cur_u8(&record);
	(void)cur_u8(&record);
	out->k1 = cur_u64le(&record);
	out->k2 = cur_u64le(&record);
	at_filter = cur_u64le(&record);
	at_lines = cur_u64le(&record);
	if (!cur_ok(&record))
		return why_not(why, WHY_BROKEN, "literal plane cut short");

	if (filter_bits < 12 || filter_bits > 32 || line_bits < 1 ||
	    line_bits > 24 || (out->choice != 0 && out->choice != 5))
		return why_not(why, WHY_BROKEN,
		    "literal plane: tables of 2^%u bits, 2^%u lines",
		    filter_bits, line_bits);
	if (!cur_at(&section, at_filter, (uint64_t)1 << (filter_bits - 3),
		&filter) ||
	    !cur_at(&section, at_lines, (uint64_t)LITERAL_LINE << line_bits,
		&lines))
		return why_not(why, WHY_BROKEN,
		    "literal plane: tables past the end of the section");
	out->filter = filter.base;
	out->lines = lines.base;
	out->filter_shift = 64 - (filter_bits - out->choice);
	out->line_shift = 64 - line_bits;
	out->line_mask = (uint32_t)((1u << line_bits) - 1);
	return true;
}

/* Is this a plane the kernels know how to look through? */
static bool
literal_check_plane(const struct literal_set *set,
    const struct literal_plane *plane, struct why *why)
{
	bool is_known = plane->q == 2 || plane->q == 4 || plane->q == 6 ||
	    plane->q == 8 || plane->q == 12;

	if (plane->kind == LITERAL_STRIDE)
		is_known = is_known && plane->step >= 1 && plane->step <= 32 &&
		    LITERAL_BLOCK % plane->step == 0 && plane->back == 0;
	else
		is_known = is_known && plane->kind == LITERAL_MINI &&
		    set->span != 0 && plane->back <= 16 && plane->choice == 0;
	if (!is_known)
		return why_not(why, WHY_BROKEN,
		    "literal plane of kind %u, step %u, window %u, back %u",
		    plane->kind, plane->step, plane->q, plane->back);
	return true;
}

static bool
literal_open_header(struct literal_set *set, struct cur section,
    struct why *why)
{
	struct cur in = section, entries;
	uint32_t magic = cur_u32le(&in), version = cur_u32le(&in);
	uint64_t at, size;

	set->planes = cur_u32le(&in);
	set->literals = cur_u32le(&in);
	at = cur_u64le(&in);
	size = cur_u64le(&in);
	set->multiplier = cur_u32le(&in);
	set->span = cur_u32le(&in);
	if (!cur_ok(&in) || magic != LITERAL_MAGIC ||
	    version != LITERAL_VERSION)
		return why_not(why, WHY_BROKEN, "not a literal set");
	if (set->planes > LITERAL_PLANES || set->multiplier > UINT16_MAX ||
	    (set->span != 0 && set->span != 4 && set->span != 8 &&
		set->span != 16))
		return why_not(why, WHY_BROKEN,
		    "literal set: %u planes, sampler %u of %u", set->planes,
		    set->multiplier, set->span);
	if (size < LITERAL_TAIL || !cur_at(&section, at, size, &entries))
		return why_not(why, WHY_BROKEN,
		    "literal set: entries past the end of the section");
	set->entries = entries.base;
	set->entries_size = size - LITERAL_TAIL;
	set->section = section;
	return true;
}

const struct literal_set *
literal_open_with(struct arena *a, struct cur section,
    const struct literal_impl *impl, struct why *why)
{
	struct literal_set *set = arena_alloc(a, 1, sizeof(*set));
	struct cur record;
	uint32_t i;

	if (set != NULL)
		set->scratch = arena_alloc(a, 1, sizeof(*set->scratch));
	if (set == NULL || set->scratch == NULL) {
		why_not(why, WHY_LIMIT, "no room for a literal set");
		return NULL;
	}
	if (!literal_open_header(set, section, why))
		return NULL;
	for (i = 0; i < set->planes; i++) {
		if (!cur_at(&section, LITERAL_HEADER + i * LITERAL_PLANE,
			LITERAL_PLANE, &record)) {
			why_not(why, WHY_BROKEN, "literal set cut short");
			return NULL;
		}
		if (!literal_open_plane(section, record, &set->plane[i], why) ||
		    !literal_check_plane(set, &set->plane[i], why))
			return NULL;
	}
	set->impl = impl;
	return set;
}

const struct literal_set *
literal_open(struct arena *a, struct cur section, struct why *why)
{
	const struct literal_impl *impl = literal_impls;

	while (!impl->runs())
		impl++;
	return literal_open_with(a, section, impl, why);
}

/* Hand over what has been found so far. */
static void
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

/* Do size bytes at a equal b?  Reads to a 32nd byte. */
static bool
literal_is(const uint8_t *a, const uint8_t *b, uint32_t size)
{
	uint64_t differ = 0;
	uint32_t i;

	for (i = 0; i + 8 <= size; i += 8)
		differ |= literal_u64(a + i) ^ literal_u64(b + i);
	if (i < size)
		differ |= (literal_u64(a + i) ^ literal_u64(b + i))
		    << (64 - 8 * (size - i));
	return differ == 0;
}

/* Is the literal that ref leads to there, with its window at at? */
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

	/* LITERAL_TAIL more bytes can be read, as many as a literal has. */
	if (where > set->entries_size)
		return;
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
	if (count > (set->entries_size - at - LITERAL_GROUP) / 8)
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
		const uint8_t *member = group + LITERAL_GROUP + 8 * middle;
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
 * Go down from a group to the literals in it.  A group leads only to groups
 * behind it, so this ends; those waiting for their turn are on a stack.  Each
 * step down fixes at least one more byte of 28, so at most 28 wait.  And the
 * members left in the groups that are entered agree with the content so far:
 * fewer than 480 places and sizes around one window, each a few steps down.
 */
static void
literal_descend(struct literal_run *run, const struct literal_view *view,
    int32_t at, uint32_t unit)
{
	uint32_t wait[64], waiting = 0, steps, count, i;
	const uint8_t *group, *member;

	wait[waiting++] = unit;
	for (steps = 0; waiting > 0 && steps < LITERAL_STEPS && !run->stopped;
	     steps++) {
		uint32_t here = wait[--waiting], next;
		int32_t shift;

		count = literal_open_group(run->set, here, &group);
		if (count == 0)
			continue;
		next = literal_u32(group + 4);
		if (next > here && waiting < 64)
			wait[waiting++] = next;
		shift = (int8_t)group[8];
		if (shift == LITERAL_NO_SHIFT) {
			for (i = 0; i < count && !run->stopped; i++)
				literal_verify(run, view, at,
				    literal_u32(group + LITERAL_GROUP + 8 * i +
					4));
			continue;
		}
		if (shift < -28 || shift > 28)
			continue;
		member = literal_find_member(group, count,
		    literal_u32(view->bytes + at + shift));
		if (member == NULL)
			continue;
		next = literal_u32(member + 4);
		if ((next & LITERAL_REF_GROUP) == 0)
			literal_verify(run, view, at, next);
		else if (LITERAL_REF_UNIT(next) > here && waiting < 64)
			wait[waiting++] = LITERAL_REF_UNIT(next);
	}
}

/* literal_check(), for windows not seen just before. */
static void
literal_look_up(struct literal_run *run, const struct literal_plane *plane,
    const struct literal_view *view, int32_t at, uint64_t mixed,
    uint32_t places)
{
	uint32_t number = (uint32_t)(mixed >> plane->line_shift);
	uint16_t print = literal_print(mixed);
	uint32_t spills, i;

	for (spills = 0; spills < LITERAL_SPILLS; spills++) {
		const uint8_t *line =
		    plane->lines + (size_t)number * LITERAL_LINE;

		for (; places != 0; places &= places - 1) {
			uint32_t place = (uint32_t)__builtin_ctz(places);
			uint16_t near = literal_u16(line + 16 + 2 * place);
			uint32_t ref = literal_u32(line + 32 + 4 * place);
			uint32_t where = near & 15u;

			if (where != LITERAL_NOWHERE &&
			    literal_near_print(view->bytes + at +
				    literal_near[where],
				where) != near)
				continue;
			if ((ref & LITERAL_REF_GROUP) != 0)
				literal_descend(run, view, at,
				    LITERAL_REF_UNIT(ref));
			else
				literal_verify(run, view, at, ref);
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
	run->was_there = false;
	literal_look_up(run, plane, view, at, mixed, places);
	run->plane = plane;
	run->last = mixed;
	run->is_empty = is_again && !run->was_there;
	if (run->is_empty)
		memcpy(run->around, around, LITERAL_AROUND);
}

/*
 * Make a view of count positions from at on: a folded copy with its margins,
 * of zeros where the window has none.
 */
static struct literal_view
literal_view_of(const struct literal_set *set, const uint8_t *bytes,
    size_t size, size_t at, size_t count)
{
	struct literal_view view = { .size = (uint32_t)count, .at = at };
	uint8_t *room = set->scratch->bytes;
	size_t before = at < LITERAL_MARGIN ? at : LITERAL_MARGIN;
	size_t behind = size - at - count;

	behind = behind < 2 * LITERAL_MARGIN ? behind : 2 * LITERAL_MARGIN;
	view.bytes = room + LITERAL_MARGIN;
	memset(room, 0, LITERAL_MARGIN - before);
	room += LITERAL_MARGIN - before;
	set->impl->fold(room, bytes + at - before, before + count + behind);
	memset(room + before + count + behind, 0, 2 * LITERAL_MARGIN - behind);
	return view;
}

/*
 * The byte this view is nothing but, margins included; -1 if it has several
 * or reaches over an end of the window (where margins are not content).
 */
static int
literal_run_of(const struct literal_view *view, size_t size)
{
	const uint8_t *from = view->bytes - LITERAL_MARGIN;
	size_t whole = view->size + 3 * LITERAL_MARGIN;

	if (view->size != LITERAL_BLOCK || view->at < LITERAL_MARGIN ||
	    size - view->at - view->size < 2 * LITERAL_MARGIN)
		return -1;
	return memcmp(from, from + 1, whole - 1) == 0 ? *from : -1;
}

/*
 * Look at one block.  In a long run of one byte (zeros of a sparse file) a
 * block is the same as the one before, so what was not there is not here.
 */
static void
literal_scan_block(struct literal_run *run, const struct literal_view *view)
{
	int run_of = literal_run_of(view, run->size);

	if (run_of != -1 && run_of == run->run_of)
		return;
	run->found = false;
	run->set->impl->look(run, view);
	run->run_of = run->found ? -1 : run_of;
}

bool
literal_scan(const struct literal_set *set, const uint8_t *bytes, size_t size,
    size_t seen, literal_hit_fn told, void *ctx)
{
	struct literal_run run;
	struct literal_view view;
	size_t at, count;

	if (set->planes == 0 || seen >= size)
		return true;
	run.set = set;
	run.size = size;
	run.seen = seen;
	run.told = told;
	run.ctx = ctx;
	run.count = 0;
	run.stopped = false;
	run.plane = NULL;
	run.last = 0;
	run.is_empty = false;
	run.run_of = -1;

	/* One that ends behind seen begins at most this much before it. */
	at = seen < LITERAL_MAX ? 0 : seen - LITERAL_MAX;
	for (; at < size && !run.stopped; at += count) {
		count = size - at < LITERAL_BLOCK ? size - at : LITERAL_BLOCK;
		view = literal_view_of(set, bytes, size, at, count);
		literal_scan_block(&run, &view);
	}
	literal_flush(&run);
	return !run.stopped;
}
