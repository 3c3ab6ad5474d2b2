/*
 * ndb.c - read body signatures: .ndb and .ndu.
 *
 * Spec:    ClamAV documentation, "Extended signature format".
 *
 *   name:target:offset:pattern[:minlevel[:maxlevel]]
 *
 * The target is a number or "*", which is 0.  The pattern is body.c's, the
 * offset offset.c's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/ndb.h"

#include "lib/compile/clam/body.h"
#include "lib/compile/clam/condition.h"
#include "lib/compile/clam/offset.h"
#include "lib/compile/clam/tdb.h"

/*
 * A pattern without wildcards needs three bytes, if it is for any file, or for
 * PE files and stands at one place of its own.
 */
#define NDB_PLAIN_MIN 3u
#define NDB_TARGET_PE 1u

static bool
ndb_read_target(struct line *l, struct cur c, uint8_t *out)
{
	uint64_t target = 0;

	*out = IR_ANY_TARGET;
	if (cur_is(&c, "*"))
		return true;
	if (!line_number(c, &target))
		return line_refuse(l, cur_where(&c), "bad-target",
		    "the target is neither a number nor *");
	if (target > TDB_TARGET_MAX)
		return line_pass(l, "target");
	*out = (uint8_t)target;
	return true;
}

/* The one string a body signature has, and room for it. */
struct ndb_string {
	struct ir_string string;
	struct ir_pattern pattern;
};

static bool
ndb_is_fixed(const struct ir_offset *offset)
{
	return offset->kind != IR_OFFSET_ANY &&
	    offset->kind != IR_OFFSET_VERSION_INFO && offset->max_shift == 0;
}

static bool
ndb_read_pattern(struct line *l, const struct cur *field, uint8_t target,
    const struct ir_string **out)
{
	struct body_options options = { 0 };
	struct ir_pattern pattern = { 0 };
	struct ndb_string *s;

	if (!offset_read(l, field[2], target, &pattern.offset))
		return false;
	if (target == IR_ANY_TARGET ||
	    (target == NDB_TARGET_PE && ndb_is_fixed(&pattern.offset)))
		options.plain_min = NDB_PLAIN_MIN;
	if (!body_read(l, field[3], &options, &pattern))
		return false;
	s = pool_alloc(l->ir->scratch, 1, sizeof(*s));
	if (s == NULL)
		return line_full(l);
	s->pattern = pattern;
	s->string.pattern = &s->pattern;
	s->string.pattern_count = 1;
	s->string.name = condition_string_name(0);
	*out = &s->string;
	return true;
}

bool
ndb_read(struct line *l)
{
	struct cur field[6];
	size_t count = line_split(l->text, ':', field, 6);
	struct ir_rule rule = { .kind = SIG_BODY, .string_count = 1 };

	if (count < 4 || count > 6)
		return line_refuse(l, 0, "bad-fields",
		    "a body signature has four to six fields");
	if (!line_check_level(l, count > 4 ? &field[4] : NULL,
		count > 5 ? &field[5] : NULL) ||
	    !line_check_name(l, field[0]) ||
	    !ndb_read_target(l, field[1], &rule.guard.target) ||
	    !ndb_read_pattern(l, field, rule.guard.target, &rule.string))
		return false;
	rule.origin = line_origin(l, field[0]);
	rule.condition = condition_found(0);
	return line_add_rule(l, &rule);
}
