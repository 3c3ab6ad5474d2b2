/*
 * literal.c - open a literal set, walk content in blocks.
 *
 * Input:   the section may be hostile, the content is.  literal_open() checks
 *          what the kernels rely on: that the tables are where they are said
 *          to be, so that an index cut to their size stays inside.  What the
 *          tables lead to is bounded at use (literal_confirm.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/literal_set.h"

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

static struct literal_set *
literal_open_as(struct arena *a, struct cur section,
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
	set->refused = NULL;
	return set;
}

const struct literal_set *
literal_open_with(struct arena *a, struct cur section,
    const struct literal_impl *impl, struct why *why)
{
	return literal_open_as(a, section, impl, why);
}

const struct literal_impl *
literal_portable(void)
{
	return &literal_impls[sizeof(literal_impls) / sizeof(*literal_impls) -
	    1];
}

const struct literal_set *
literal_open_checked(struct arena *a, struct cur section,
    const struct literal_impl *impl, struct why *why)
{
	struct literal_set *set = literal_open_as(a, section, impl, why);

	if (set != NULL && impl != literal_portable() && !literal_agrees(set)) {
		set->refused = impl->name;
		set->impl = literal_portable();
	}
	return set;
}

const struct literal_set *
literal_open(struct arena *a, struct cur section, struct why *why)
{
	const struct literal_impl *impl = literal_impls;

	while (!impl->runs())
		impl++;
	return literal_open_checked(a, section, impl, why);
}

const char *
literal_refused(const struct literal_set *set)
{
	return set->refused;
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
	literal_settle(run, view);
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
	run.queue.head = run.queue.tail = run.queue.windows = 0;

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
