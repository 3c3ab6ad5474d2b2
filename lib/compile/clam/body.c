/*
 * body.c - read a body pattern.
 *
 * Spec:    ClamAV documentation, "Body-based signature content format";
 *          measured on 1.4.6 where that is silent (docs/signatures.md).
 *
 *   aa              a byte            a? ?a   a nibble       ??   any byte
 *   (aa|bbcc)       one of            !(aa|bb)               none of
 *   (B) (L) (W)     boundary, line end, word end; !(W) its opposite
 *   *               any distance
 *   {n} {n-m} {-m} {n-}                a distance of n to m bytes
 *   aa[n-m]bbcc..   a byte near the front, bbcc..[n-m]aa near the end
 *
 * "*" and {…} cut the pattern into parts.  As long as no other brace came
 * before, {n} with 0 < n < 128 is n times ?? instead and cuts nothing.  An
 * upper end of 0 is no upper end: {0} is "*".  Every part needs two literal
 * bytes side by side.
 *
 * Wide puts 00 after every byte, also inside alternatives, not after bytes of
 * {n}.  Fullword is (W) around all.  Either turns […] into {…}.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/body.h"

#include "lib/base/ascii.h"
#include "lib/base/ckd.h"
#include "lib/base/hex.h"

#include <string.h>

#define BODY_DEPTH_MAX 15u   /* alternatives inside alternatives */
#define BODY_ANY_MAX   127u  /* {n} that is ?? n times */
#define BODY_NEAR_MAX  32u   /* aa[n-m]: m */
#define BODY_RUN_MAX   2048u /* a literal element; longer ones are cut */
#define BODY_GAP_MAX   INT32_MAX

struct body_piece {
	struct ir_element element;
	uint32_t longest; /* bytes it can take */
};

struct body_frame {
	uint64_t at;   /* column of its parenthesis */
	size_t piece;  /* first piece of the branch being read */
	size_t branch; /* first branch */
	uint32_t longest;
	bool negated;
};

struct body {
	struct line *l;
	struct body_scratch *s;
	const struct body_options *options;
	struct cur c;
	uint64_t part_at; /* column the part begins at */
	bool fills;       /* {n} is still ?? n times */
	bool is_plain;    /* no wildcard so far */
	uint32_t gap_min, gap_max;
	struct ir_near before, after;
	struct body_frame frame[BODY_DEPTH_MAX];
	unsigned depth;
};

void
body_scratch_fini(struct pool *p, struct body_scratch *s)
{
	pool_vector_free(p, (void **)&s->piece, &s->piece_room,
	    sizeof(*s->piece));
	pool_vector_free(p, (void **)&s->branch, &s->branch_room,
	    sizeof(*s->branch));
	pool_vector_free(p, (void **)&s->part, &s->part_room, sizeof(*s->part));
	pool_vector_free(p, (void **)&s->run, &s->run_room, 1);
	*s = (struct body_scratch){ 0 };
}

static bool
body_refuse(struct body *b, const char *kind, const char *reason)
{
	return line_refuse(b->l, cur_where(&b->c), kind, reason);
}

/* --- elements --------------------------------------------------------- */

static bool
body_push(struct body *b, const struct ir_element *e, uint32_t longest)
{
	struct body_scratch *s = b->s;

	if (b->depth == 0 && b->after.there)
		return body_refuse(b, "bad-near",
		    "aa[n-m] at the end of a part must end it");
	if (longest > BODY_RUN_MAX)
		return body_refuse(b, "too-long",
		    "an alternative is longer than 2048 bytes");
	if (!pool_vector_grow(b->l->ir->pool, (void **)&s->piece,
		&s->piece_room, s->piece_count, sizeof(*s->piece)))
		return line_full(b->l);
	s->piece[s->piece_count++] =
	    (struct body_piece){ .element = *e, .longest = longest };
	return true;
}

/* Make the literal bytes read so far an element. */
static bool
body_end_run(struct body *b)
{
	struct body_scratch *s = b->s;
	struct ir_element e = { .kind = IR_LITERAL };

	if (s->run_count == 0)
		return true;
	e.count = (uint32_t)s->run_count;
	e.bytes =
	    (const uint8_t *)pool_text(b->l->ir->scratch, s->run, s->run_count);
	if (e.bytes == NULL)
		return line_full(b->l);
	s->run_count = 0;
	return body_push(b, &e, e.count);
}

static bool
body_add(struct body *b, const struct ir_element *e, uint32_t longest)
{
	return body_end_run(b) && body_push(b, e, longest);
}

static bool
body_add_byte(struct body *b, uint8_t byte)
{
	struct body_scratch *s = b->s;

	if (b->depth == 0 && b->after.there)
		return body_refuse(b, "bad-near",
		    "aa[n-m] at the end of a part must end it");
	if (s->run_count == BODY_RUN_MAX && !body_end_run(b))
		return false;
	if (!pool_vector_grow(b->l->ir->pool, (void **)&s->run, &s->run_room,
		s->run_count, 1))
		return line_full(b->l);
	s->run[s->run_count++] = byte;
	return true;
}

/* The first piece of the branch or part being read. */
static size_t
body_first(const struct body *b)
{
	return b->depth == 0 ? 0 : b->frame[b->depth - 1].piece;
}

static bool
body_add_any(struct body *b, uint32_t count)
{
	struct body_scratch *s = b->s;
	struct ir_element e = { .kind = IR_ANY, .count = count };
	struct body_piece *last;

	b->is_plain = false;
	if (s->run_count == 0 && s->piece_count > body_first(b)) {
		last = &s->piece[s->piece_count - 1];
		if (last->element.kind == IR_ANY && !b->after.there &&
		    last->element.count + count <= BODY_RUN_MAX) {
			last->element.count += count;
			last->longest += count;
			return true;
		}
	}
	return body_add(b, &e, count);
}

/* --- bytes ------------------------------------------------------------ */

/* One digit or question mark; false if it is neither. */
static bool
body_read_digit(struct cur *c, uint8_t *value, uint8_t *mask)
{
	uint8_t u = cur_u8(c);
	int digit = ascii_hex(u);

	*value = (uint8_t)(*value << 4);
	*mask = (uint8_t)(*mask << 4);
	if (digit < 0)
		return u == '?';
	*value = (uint8_t)(*value | digit);
	*mask = (uint8_t)(*mask | 0x0f);
	return true;
}

static bool
body_read_pair(struct body *b, uint8_t *value, uint8_t *mask)
{
	uint64_t at = cur_where(&b->c);

	*value = *mask = 0;
	if (cur_left(&b->c) < 2)
		return body_refuse(b, "bad-hex",
		    "the number of hexadecimal digits is odd");
	if (!body_read_digit(&b->c, value, mask))
		return line_refuse(b->l, at, "bad-hex",
		    "not a hexadecimal digit");
	if (!body_read_digit(&b->c, value, mask))
		return line_refuse(b->l, at + 1, "bad-hex",
		    "not a hexadecimal digit");
	return true;
}

static bool
body_read_byte(struct body *b)
{
	struct ir_element e = { .kind = IR_MASKED, .count = 1 };

	if (!body_read_pair(b, &e.value, &e.mask))
		return false;
	if (e.mask == 0xff) {
		if (!body_add_byte(b, e.value))
			return false;
	} else if (e.mask == 0) {
		if (!body_add_any(b, 1))
			return false;
	} else {
		b->is_plain = false;
		if (!body_add(b, &e, 1))
			return false;
	}
	return !b->options->wide || body_add_byte(b, 0);
}

/* --- parts ------------------------------------------------------------ */

/*
 * (B), (L) and (W) at the ends of a part look at the neighbour; but !(B) and
 * its like take a byte at the front, so that is where the part begins.
 */
static void
body_set_sides(struct body_piece *piece, size_t count)
{
	struct ir_element *first = &piece[0].element;
	struct ir_element *last = &piece[count - 1].element;

	if (first->kind >= IR_BOUNDARY && !first->negated)
		first->side = IR_BEFORE;
	if (last->kind >= IR_BOUNDARY && last != first)
		last->side = IR_AFTER;
}

static bool
body_has_anchor(const struct body_piece *piece, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (piece[i].element.kind == IR_LITERAL &&
		    piece[i].element.count >= 2)
			return true;
	return false;
}

/* Copy count pieces to the pool. */
static const struct ir_element *
body_keep(struct body *b, const struct body_piece *piece, size_t count)
{
	struct ir_element *e = pool_alloc(b->l->ir->scratch, count, sizeof(*e));
	size_t i;

	for (i = 0; e != NULL && i < count; i++)
		e[i] = piece[i].element;
	return e;
}

/* One more part: count pieces, right after the last or gap bytes later. */
static bool
body_add_part(struct body *b, const struct body_piece *piece, size_t count)
{
	struct body_scratch *s = b->s;
	struct ir_part part = {
		.gap_min = b->gap_min,
		.gap_max = b->gap_max,
		.count = (uint32_t)count,
		.before = b->before,
	};

	part.element = body_keep(b, piece, count);
	if (part.element == NULL ||
	    !pool_vector_grow(b->l->ir->pool, (void **)&s->part, &s->part_room,
		s->part_count, sizeof(part)))
		return line_full(b->l);
	s->part[s->part_count++] = part;
	b->gap_min = b->gap_max = 0;
	b->before = (struct ir_near){ 0 };
	return true;
}

/* How many of the pieces fit into one part. */
static size_t
body_fit(const struct body_piece *piece, size_t count)
{
	uint32_t longest = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		longest += piece[i].longest;
		if (longest > IR_PART_MAX)
			break;
	}
	return i;
}

/* The part is read: check it and keep it, in pieces if it is very long. */
static bool
body_end_part(struct body *b)
{
	struct body_scratch *s = b->s;
	size_t at = 0, fit;

	if (!body_end_run(b))
		return false;
	if (s->piece_count == 0)
		return line_refuse(b->l, b->part_at, "too-short",
		    "a part of the pattern is empty");
	if (!body_has_anchor(s->piece, s->piece_count))
		return line_refuse(b->l, b->part_at, "too-short",
		    "a part of the pattern has no two literal bytes side "
		    "by side");
	body_set_sides(s->piece, s->piece_count);
	while (at < s->piece_count) {
		fit = body_fit(&s->piece[at], s->piece_count - at);
		if (!body_add_part(b, &s->piece[at], fit))
			return false;
		at += fit;
	}
	s->part[s->part_count - 1].after = b->after;
	b->after = (struct ir_near){ 0 };
	s->piece_count = 0;
	b->part_at = cur_where(&b->c);
	return true;
}

static bool
body_end_part_with_gap(struct body *b, uint32_t min, uint32_t max)
{
	b->is_plain = false;
	if (!body_end_part(b))
		return false;
	b->gap_min = min;
	b->gap_max = max;
	return true;
}

/* --- distances -------------------------------------------------------- */

/* "n", "n-m", "-m", "n-", "" or "-"; a missing number is 0. */
static bool
body_read_range(struct cur c, uint64_t *min, uint64_t *max, bool *is_single)
{
	struct cur first = c;

	*is_single = memchr(c.base + c.pos, '-', cur_left(&c)) == NULL;
	if (*is_single) {
		if (!line_number(c, min))
			return false;
		*max = *min;
		return true;
	}
	return cur_until(&c, '-', &first) && line_number(first, min) &&
	    line_number(c, max);
}

/* {…}, or […] where that means the same; the opening one is read. */
static bool
body_read_gap(struct body *b, uint8_t closing)
{
	uint64_t at = cur_where(&b->c), min, max;
	struct cur inside;
	bool is_single;

	if (memchr(b->c.base + b->c.pos, closing, cur_left(&b->c)) == NULL ||
	    !cur_until(&b->c, closing, &inside))
		return line_refuse(b->l, at, "bad-range",
		    "the bracket is not closed");
	if (!body_read_range(inside, &min, &max, &is_single) ||
	    min > BODY_GAP_MAX || max > BODY_GAP_MAX || (max != 0 && min > max))
		return line_refuse(b->l, at, "bad-range",
		    "not a distance: n, n-m, -m or n-");
	if (b->fills && is_single && cur_left(&inside) > 0 && min > 0 &&
	    min <= BODY_ANY_MAX)
		return body_add_any(b, (uint32_t)min);
	b->fills = false;
	if (b->depth > 0)
		return line_refuse(b->l, at, "bad-alternative",
		    "an alternative can't hold this distance");
	return body_end_part_with_gap(b, (uint32_t)min,
	    max == 0 ? IR_UNBOUNDED : (uint32_t)max);
}

/* Was exactly one byte read of this part?  Then take it back into near. */
static bool
body_take_single(struct body *b, struct ir_near *near)
{
	struct body_scratch *s = b->s;
	const struct ir_element *e;

	if (b->before.there || s->run_count + s->piece_count != 1)
		return false;
	if (s->run_count == 1) {
		near->value = s->run[0];
		near->mask = 0xff;
		s->run_count = 0;
		return true;
	}
	e = &s->piece[0].element;
	if (e->count != 1 || (e->kind != IR_MASKED && e->kind != IR_ANY))
		return false;
	near->value = e->value;
	near->mask = e->mask;
	s->piece_count = 0;
	return true;
}

/* aa[n-m] in front of a part or [n-m]aa after it; the bracket is read. */
static bool
body_read_near(struct body *b)
{
	uint64_t at = cur_where(&b->c), min, max;
	struct ir_near near = { .there = true };
	struct cur inside;
	bool is_single;

	b->is_plain = false;
	if (b->depth > 0)
		return line_refuse(b->l, at, "bad-alternative",
		    "an alternative can't hold [n-m]");
	if (memchr(b->c.base + b->c.pos, ']', cur_left(&b->c)) == NULL ||
	    !cur_until(&b->c, ']', &inside) || cur_left(&inside) == 0 ||
	    inside.base[inside.pos] == '-' ||
	    !body_read_range(inside, &min, &max, &is_single) || min > max ||
	    max > BODY_NEAR_MAX)
		return line_refuse(b->l, at, "bad-range",
		    "not a range [n-m] with n <= m <= 32");
	near.min = (uint8_t)min;
	near.max = (uint8_t)max;
	if (body_take_single(b, &near)) {
		b->before = near;
		return true;
	}
	if (b->after.there)
		return line_refuse(b->l, at, "bad-near",
		    "a part can have one [n-m] in front and one at its end");
	if (!body_end_run(b) || !body_read_pair(b, &near.value, &near.mask))
		return false;
	b->after = near;
	return true;
}

/* --- parentheses ------------------------------------------------------ */

static bool
body_open(struct body *b, bool negated)
{
	struct body_frame *f;

	if (!body_end_run(b))
		return false;
	if (b->depth == BODY_DEPTH_MAX)
		return body_refuse(b, "bad-alternative",
		    "alternatives are nested more than 15 deep");
	if (negated && b->depth > 0)
		return body_refuse(b, "bad-alternative",
		    "an alternative can't hold a negated one");
	f = &b->frame[b->depth++];
	*f = (struct body_frame){
		.at = cur_where(&b->c),
		.piece = b->s->piece_count,
		.branch = b->s->branch_count,
		.negated = negated,
	};
	b->is_plain = false;
	return true;
}

/* An alternative is read, up to "|" or ")". */
static bool
body_end_branch(struct body *b)
{
	struct body_frame *f = &b->frame[b->depth - 1];
	struct body_scratch *s = b->s;
	struct ir_branch branch;
	uint32_t longest = 0;
	size_t i, count;

	if (!body_end_run(b))
		return false;
	count = s->piece_count - f->piece;
	if (count == 0)
		return body_refuse(b, "bad-alternative",
		    "an alternative is empty");
	for (i = f->piece; i < s->piece_count; i++)
		if (ckd_add(&longest, longest, s->piece[i].longest))
			return body_refuse(b, "too-long",
			    "an alternative is too long");
	if (longest > f->longest)
		f->longest = longest;
	branch.count = (uint32_t)count;
	branch.element = body_keep(b, &s->piece[f->piece], count);
	if (branch.element == NULL ||
	    !pool_vector_grow(b->l->ir->pool, (void **)&s->branch,
		&s->branch_room, s->branch_count, sizeof(branch)))
		return line_full(b->l);
	s->branch[s->branch_count++] = branch;
	s->piece_count = f->piece;
	return true;
}

/* May these alternatives be negated: literals, all equally long? */
static bool
body_may_negate(const struct ir_branch *branch, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (branch[i].count != 1 ||
		    branch[i].element[0].kind != IR_LITERAL ||
		    branch[i].element[0].count != branch[0].element[0].count)
			return false;
	return true;
}

static bool
body_close(struct body *b)
{
	struct body_scratch *s = b->s;
	struct body_frame *f;
	struct ir_element e = { .kind = IR_ALT };
	struct ir_branch *branch;

	if (b->depth == 0)
		return body_refuse(b, "bad-alternative",
		    "a parenthesis is closed that was not opened");
	if (!body_end_branch(b))
		return false;
	f = &b->frame[b->depth - 1];
	e.count = (uint32_t)(s->branch_count - f->branch);
	branch = pool_alloc(b->l->ir->scratch, e.count, sizeof(*branch));
	if (branch == NULL)
		return line_full(b->l);
	memcpy(branch, &s->branch[f->branch], e.count * sizeof(*branch));
	if (f->negated && !body_may_negate(branch, e.count))
		return line_refuse(b->l, f->at, "bad-alternative",
		    "only equally long literals can be negated");
	e.kind = f->negated ? IR_NOT_ALT : IR_ALT;
	e.branch = branch;
	s->branch_count = f->branch;
	b->depth--;
	return body_push(b, &e, f->longest);
}

/* "(" is read: (B), (L), (W) or alternatives. */
static bool
body_read_parenthesis(struct body *b, bool negated)
{
	struct ir_element e = { .negated = negated, .count = 1 };

	if (cur_match(&b->c, "B)", 2))
		e.kind = IR_BOUNDARY;
	else if (cur_match(&b->c, "L)", 2))
		e.kind = IR_LINE;
	else if (cur_match(&b->c, "W)", 2))
		e.kind = IR_WORD;
	else
		return body_open(b, negated);
	b->is_plain = false;
	if (b->depth > 0)
		return body_refuse(b, "bad-alternative",
		    "an alternative can't hold (B), (L) or (W)");
	return body_add(b, &e, 2);
}

/* --- the pattern ------------------------------------------------------ */

/* What is not a byte: the sign u is read. */
static bool
body_read_sign(struct body *b, uint8_t u)
{
	uint64_t at = cur_where(&b->c) - 1;
	bool brackets_are_gaps = b->options->wide || b->options->fullword;

	switch (u) {
	case '*':
		if (b->depth > 0)
			return body_refuse(b, "bad-alternative",
			    "an alternative can't hold *");
		return body_end_part_with_gap(b, 0, IR_UNBOUNDED);
	case '{':
		return body_read_gap(b, '}');
	case '[':
		return brackets_are_gaps ? body_read_gap(b, ']')
					 : body_read_near(b);
	case '!':
		if (cur_match(&b->c, "(", 1))
			return body_read_parenthesis(b, true);
		return line_refuse(b->l, at, "bad-hex",
		    "! is not followed by (");
	case '(':
		return body_read_parenthesis(b, false);
	case ')':
		return body_close(b);
	case '|':
		if (b->depth > 0)
			return body_end_branch(b);
		return line_refuse(b->l, at, "bad-hex",
		    "| stands outside parentheses");
	default:
		return line_refuse(b->l, at, "bad-hex",
		    "not a hexadecimal digit");
	}
}

/*
 * Most of a pattern is plain bytes: take as many as stand here at once.  False
 * only when memory is out.
 */
static bool
body_read_run(struct body *b)
{
	struct body_scratch *s = b->s;
	size_t count;

	if (b->options->wide || b->after.there)
		return true; /* byte by byte */
	if (s->run_count == BODY_RUN_MAX && !body_end_run(b))
		return false;
	if (!pool_vector_reserve(b->l->ir->pool, (void **)&s->run, &s->run_room,
		0, BODY_RUN_MAX, 1))
		return line_full(b->l);
	count =
	    hex_run(b->c, s->run + s->run_count, BODY_RUN_MAX - s->run_count);
	s->run_count += count;
	return cur_skip(&b->c, 2 * count);
}

static bool
body_step(struct body *b)
{
	struct cur ahead;
	uint8_t u;

	if (!body_read_run(b))
		return false;
	if (cur_left(&b->c) == 0)
		return true;
	ahead = b->c;
	u = cur_u8(&ahead);
	if (u == '?' || ascii_hex(u) >= 0)
		return body_read_byte(b);
	b->c = ahead;
	return body_read_sign(b, u);
}

static bool
body_read_all(struct body *b)
{
	const struct ir_element word = { .kind = IR_WORD, .count = 1 };

	if (b->options->fullword && !body_add(b, &word, 1))
		return false;
	while (cur_left(&b->c) > 0)
		if (!body_step(b))
			return false;
	if (b->depth > 0)
		return line_refuse(b->l, b->frame[b->depth - 1].at,
		    "bad-alternative", "the parenthesis is not closed");
	if (b->options->fullword && !body_add(b, &word, 1))
		return false;
	if (b->is_plain && b->s->run_count + b->s->piece_count == 0)
		return body_refuse(b, "too-short", "the pattern is empty");
	if (b->is_plain && b->s->piece_count == 0 &&
	    b->s->run_count < b->options->plain_min)
		return body_refuse(b, "too-short",
		    "a pattern without wildcards needs three bytes here");
	return body_end_part(b);
}

bool
body_read(struct line *l, struct cur text, const struct body_options *options,
    struct ir_pattern *out)
{
	struct body b = {
		.l = l,
		.s = l->body,
		.options = options,
		.c = text,
		.part_at = cur_where(&text),
		.fills = true,
		.is_plain = true,
	};
	struct ir_part *part;

	b.s->piece_count = b.s->branch_count = 0;
	b.s->part_count = b.s->run_count = 0;
	if (!body_read_all(&b))
		return false;
	part = pool_alloc(l->ir->scratch, b.s->part_count, sizeof(*part));
	if (part == NULL)
		return line_full(l);
	memcpy(part, b.s->part, b.s->part_count * sizeof(*part));
	out->nocase = options->nocase;
	out->wide = options->wide;
	out->part = part;
	out->part_count = (uint32_t)b.s->part_count;
	return true;
}
