/*
 * literal_kernel.h - look at a block through every plane, once for each
 * instruction set.
 *
 * The including file defines:
 *   KERNEL(name)  name with the variant's suffix
 *   TARGET        the instructions the compiler may use, or nothing
 *   PLACES(line, print)
 *                 bit i set where print[i] of the line equals print
 *   SAMPLE(set, bytes, size, out)
 *                 the sampler
 *   PASS_EACH(plane, bytes, size, q, out)
 *                 which of all positions pass the filter, where windows have
 *                 q bytes, 4 or 2, and choose; without it pass_grid() says
 *   PASS_GRID(plane, bytes, size, out)
 *                 which positions of a grid of eight pass, where windows have
 *                 12 bytes and do not choose; without it pass_grid() says
 *
 * Reads at most 20 bytes before and 32 behind a position of the view; a view
 * has LITERAL_MARGIN.  Lists of positions have room for one of each byte of
 * a block, and one is written before it is known whether it counts: hence
 * their extra room.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

#define KERNEL_AHEAD 16u /* lines asked for before they are needed */

/*
 * What is used of a plane in a loop that writes: a copy, which the compiler
 * knows is not written to.
 */
struct KERNEL(keys) {
	const uint8_t *filter;
	uint64_t k1, k2;
	uint32_t shift;
};

TARGET __attribute__((always_inline)) static inline struct KERNEL(keys)
    KERNEL(keys_of)(const struct literal_plane *plane)
{
	struct KERNEL(keys)
	    keys = { plane->filter, plane->k1, plane->k2, plane->filter_shift };

	return keys;
}

/* Does a window with this hash, which does not choose, pass?  0 or 1. */
TARGET __attribute__((always_inline)) static inline uint32_t
KERNEL(passes)(const struct KERNEL(keys) * keys, uint64_t hash)
{
	uint64_t bit = hash >> keys->shift;
	uint64_t word = literal_u64(keys->filter + bit / 64 * 8);

	return (uint32_t)(word >> bit % 64 &
		   word >> literal_other(hash, keys->shift)) &
	    1;
}

/* Does the window at at, which chooses, pass the filter?  0 or 1. */
TARGET __attribute__((always_inline)) static inline uint32_t
KERNEL(chooses)(const struct KERNEL(keys) * keys, const uint8_t *at, unsigned q)
{
	uint64_t bit = literal_hash(at, q, keys->k1, keys->k2) >> keys->shift;

	bit = bit << 5 | literal_choice(literal_u32(at + q));
	return keys->filter[bit >> 3] >> (bit & 7) & 1;
}

/* Which positions of the grid pass the filter? */
TARGET __attribute__((always_inline)) static inline uint32_t
KERNEL(pass_grid)(const struct literal_plane *plane, const uint8_t *bytes,
    uint32_t size, unsigned q, bool chooses, uint16_t *out)
{
	const struct KERNEL(keys) keys = KERNEL(keys_of)(plane);
	uint32_t step = plane->step;
	uint32_t count = 0, i;

	for (i = 0; i < size; i += step) {
		out[count] = (uint16_t)i;
		count += chooses
		    ? KERNEL(chooses)(&keys, bytes + i, q)
		    : KERNEL(passes)(&keys,
			  literal_hash(bytes + i, q, keys.k1, keys.k2));
	}
	return count;
}

/* Which of the picked positions pass the filter? */
TARGET __attribute__((always_inline)) static inline uint32_t
KERNEL(pass_picked)(const struct literal_plane *plane, const uint8_t *bytes,
    const uint16_t *picked, uint32_t size, unsigned q, uint16_t *out)
{
	const struct KERNEL(keys) keys = KERNEL(keys_of)(plane);
	uint32_t count = 0, i;

	bytes -= plane->back;
	for (i = 0; i < size; i++) {
		out[count] = picked[i];
		count += KERNEL(passes)(&keys,
		    literal_hash(bytes + picked[i], q, keys.k1, keys.k2));
	}
	return count;
}

/*
 * Look up the line of every position that passed.  A line is asked for long
 * before it is needed, and its mixed hash kept until then.
 */
TARGET __attribute__((always_inline)) static inline void
KERNEL(drain)(struct literal_run *run, const struct literal_plane *plane,
    const struct literal_view *view, const uint16_t *passed, uint32_t count,
    unsigned q)
{
	const struct KERNEL(keys) keys = KERNEL(keys_of)(plane);
	const uint8_t *from = view->bytes - plane->back;
	const uint8_t *lines = plane->lines;
	uint32_t line_shift = plane->line_shift, i;
	uint64_t ahead[KERNEL_AHEAD];

	for (i = 0; i < count + KERNEL_AHEAD; i++) {
		uint64_t mixed = ahead[i % KERNEL_AHEAD];
		const uint8_t *line;
		uint32_t places, at;

		if (i < count) {
			uint64_t next =
			    literal_mix(literal_hash(from + passed[i], q,
				keys.k1, keys.k2));

			ahead[i % KERNEL_AHEAD] = next;
			__builtin_prefetch(lines +
			    (next >> line_shift) * LITERAL_LINE);
		}
		if (i < KERNEL_AHEAD)
			continue;
		at = passed[i - KERNEL_AHEAD];
		line = lines + (mixed >> line_shift) * LITERAL_LINE;
		places = PLACES(line, literal_print(mixed));
		if (places == 0 && line[35] >> 7 == 0)
			continue;
		literal_check(run, plane, view,
		    (int32_t)at - (int32_t)plane->back, mixed, places);
		if (run->stopped)
			return;
	}
}

/* Look through one plane, with everything the compiler may know of it. */
TARGET __attribute__((always_inline)) static inline void
KERNEL(plane)(struct literal_run *run, const struct literal_plane *plane,
    const struct literal_view *view, uint32_t picked, unsigned q)
{
	struct literal_scratch *room = run->set->scratch;
	uint32_t count;

	if (plane->kind == LITERAL_MINI)
		count = KERNEL(pass_picked)(plane, view->bytes, room->picked,
		    picked, q, room->passed);
#ifdef PASS_GRID
	else if (plane->choice == 0 && q == 12 && plane->step == 8)
		count = PASS_GRID(plane, view->bytes, view->size, room->passed);
#endif
#ifdef PASS_EACH
	else if (plane->choice != 0 && q <= 4 && plane->step == 1)
		count =
		    PASS_EACH(plane, view->bytes, view->size, q, room->passed);
#endif
	else if (plane->choice != 0)
		count = KERNEL(pass_grid)(plane, view->bytes, view->size, q,
		    true, room->passed);
	else
		count = KERNEL(pass_grid)(plane, view->bytes, view->size, q,
		    false, room->passed);
	KERNEL(drain)(run, plane, view, room->passed, count, q);
}

TARGET static void
KERNEL(q2)(struct literal_run *run, const struct literal_plane *plane,
    const struct literal_view *view, uint32_t picked)
{
	KERNEL(plane)(run, plane, view, picked, 2);
}

TARGET static void
KERNEL(q4)(struct literal_run *run, const struct literal_plane *plane,
    const struct literal_view *view, uint32_t picked)
{
	KERNEL(plane)(run, plane, view, picked, 4);
}

TARGET static void
KERNEL(q6)(struct literal_run *run, const struct literal_plane *plane,
    const struct literal_view *view, uint32_t picked)
{
	KERNEL(plane)(run, plane, view, picked, 6);
}

TARGET static void
KERNEL(q8)(struct literal_run *run, const struct literal_plane *plane,
    const struct literal_view *view, uint32_t picked)
{
	KERNEL(plane)(run, plane, view, picked, 8);
}

TARGET static void
KERNEL(q12)(struct literal_run *run, const struct literal_plane *plane,
    const struct literal_view *view, uint32_t picked)
{
	KERNEL(plane)(run, plane, view, picked, 12);
}

TARGET void
KERNEL(look)(struct literal_run *run, const struct literal_view *view)
{
	const struct literal_set *set = run->set;
	uint32_t picked = 0, i;

	if (set->span != 0)
		picked =
		    SAMPLE(set, view->bytes, view->size, set->scratch->picked);
	for (i = 0; i < set->planes && !run->stopped; i++) {
		const struct literal_plane *plane = &set->plane[i];

		switch (plane->q) {
		case 2:
			KERNEL(q2)(run, plane, view, picked);
			break;
		case 4:
			KERNEL(q4)(run, plane, view, picked);
			break;
		case 6:
			KERNEL(q6)(run, plane, view, picked);
			break;
		case 8:
			KERNEL(q8)(run, plane, view, picked);
			break;
		default:
			KERNEL(q12)(run, plane, view, picked);
			break;
		}
	}
}
