/*
 * find.h - search an object for one string of a rule.
 *
 * A trigger says that a rule may hold; then its strings are searched for, one
 * by one, on demand.  A finder walks front to back over spans (all of the
 * object at once, or windows of it) and gives the string's hits in the order
 * in which clamscan would count them.
 *
 * What a hit is, as clamscan 1.4 measures:
 *   - one part: every place counts, overlapping ones too, but never a place
 *     at or before the last;
 *   - several parts: in order and without overlap; a place of the last part
 *     counts when a remembered place of the part before it is at the right
 *     distance, and so on to the first.  Of each part the first place and the
 *     latest eight are remembered.
 * With overlaps set (YARA) every start of the first part from which the rest
 * can be reached counts once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_MATCH_FIND_H
#define CANDOR_MATCH_FIND_H

#include "lib/base/arena.h"
#include "lib/formats/facts.h"
#include "lib/match/part.h"

#define FIND_NONE UINT64_MAX

/* How much work may still be done for an object; shared by its searches. */
struct find_budget {
	uint64_t left;  /* steps: a nanosecond or so each */
	uint64_t check; /* ask again when left falls below this */
	bool spent;
	void *ctx;
	bool (*may_go_on)(void *ctx);
};

/* Take steps off; false, for good, once they are used up. */
bool find_charge(struct find_budget *b, uint64_t steps);

struct find_object {
	const struct facts *facts;
	uint64_t size; /* known by now */
};

struct find_hit {
	uint64_t off;
	uint64_t size;
};

struct finder;

/*
 * Make a finder for string number string of db, in a.  NULL if a is full or
 * the string is broken.  Keeps object and budget.
 */
struct finder *find_open(struct arena *a, const struct db *db, uint32_t string,
    const struct find_object *object, struct find_budget *budget);

/* Only hits whose first part starts in first..last are wanted. */
void find_limit(struct finder *f, uint64_t first, uint64_t last);

/*
 * Look at the next span: it begins at or before where the last one stopped,
 * with 4096 bytes of what was before, if there are so many.  Places from
 * until on are left for the next span; unless s->at_end, s has
 * FIND_AHEAD bytes from until on.
 */
#define FIND_AHEAD (2 * DB_PART_MAX)
void find_span(struct finder *f, const struct span *s, uint64_t until);

/*
 * The next hit in the span.  False when there is none (left in it), or the
 * budget is spent.
 */
MUST_CHECK bool find_next(struct finder *f, struct find_hit *out);

/* Does the finder need no more spans? */
bool find_is_over(const struct finder *f);

/*
 * Was something not looked at as it should have been (too many alternatives,
 * a budget)?
 */
bool find_is_partial(const struct finder *f);

/*
 * Find the next place in s at or after from and before until where part
 * stands.
 */
MUST_CHECK bool find_part(const struct db_part *part, bool nocase,
    const struct span *s, uint64_t from, uint64_t until,
    struct find_budget *budget, bool *partial, struct find_hit *out);

#endif
