/*
 * pack_literal.c - which literals are looked for together.
 *
 * An object is searched only for rules of its own target and for those of
 * any.  Most rules are for Windows programs; whoever looks at a text or at a
 * Linux program should not pay for them.  So there is a set for every target
 * that many literals are for, with those of rules for any target beside them,
 * and one more for all other targets together: an object is passed once,
 * through one set.  A literal keeps its number in all of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

#include "lib/compile/literal_build.h"

/*
 * A set of its own pays where it takes many literals away from the others,
 * and not too few for those of any target that it repeats.
 */
#define MANY      4096u
#define ANY_TIMES 2u

#define BIT(target) ((uint16_t)(1u << (target)))
#define ALL         UINT16_MAX

_Static_assert(DB_TARGETS == 16, "a bit for each");

/* Which targets have a set of their own. */
static uint16_t
choose_sets(const uint16_t *targets, size_t count)
{
	uint32_t own[DB_TARGETS] = { 0 }, target;
	uint16_t chosen = 0;
	size_t i;

	for (i = 0; i < count; i++)
		for (target = 0; target < DB_TARGETS; target++)
			own[target] += targets[i] >> target & 1;
	for (target = 1; target < DB_TARGETS; target++)
		if (own[target] >= MANY && own[target] * ANY_TIMES >= own[0])
			chosen |= BIT(target);
	return chosen;
}

/*
 * Write the set that objects of these targets are searched with; some has
 * room for all.
 */
static bool
write_set(struct pack *p, const struct literal *literal,
    const uint16_t *targets, uint16_t of, uint64_t seed, struct literal *some)
{
	struct compile_output *heap = &p->section[DB_LITERAL];
	struct compile_output *set = &p->section[DB_LITERAL_SET];
	size_t i, from, count = 0;

	for (i = 0; i < p->triggers; i++)
		if ((targets[i] & (of | BIT(0))) != 0)
			some[count++] = literal[i];
	output_align(heap, DB_ALIGN);
	from = heap->size;
	if (!literal_build(some, count, seed, heap, p->why))
		return false;
	output_u64(set, from);
	output_u64(set, heap->size - from);
	output_u32(set, of);
	output_u32(set, 0);
	return output_ok(heap) && output_ok(set) ? true : pack_full(p);
}

bool
pack_literals(struct pack *p, const struct literal *literal,
    const uint16_t *targets, uint64_t seed)
{
	struct literal *some = pool_alloc(&p->pool, p->triggers, sizeof(*some));
	uint16_t chosen = choose_sets(targets, p->triggers);
	uint32_t target;

	if (some == NULL)
		return pack_full(p);
	for (target = 1; target < DB_TARGETS; target++)
		if ((chosen & BIT(target)) != 0 &&
		    !write_set(p, literal, targets, BIT(target), seed, some))
			return false;
	return write_set(p, literal, targets, (uint16_t)(ALL & ~chosen), seed,
	    some);
}
