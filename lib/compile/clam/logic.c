/*
 * logic.c - read the logical expression of a .ldb signature.
 *
 * Spec:    ClamAV documentation, "Logical signatures"; how it associates was
 *          measured on 1.4.6 (docs/signatures.md).
 *
 *   expression   term | term & expression | term "|" expression
 *   term         id [compare] | ( expression ) [compare]
 *   compare      =n | <n | >n, for groups also =n,m | <n,m | >n,m
 *
 * There is no precedence: outside parentheses the leftmost operator divides
 * (0&1|2 is 0&(1|2)), but when parentheses surround everything the last
 * operator directly inside them does ((0&1|2) is (0&1)|2).  A group that
 * holds a single id takes no compare.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/logic.h"

#define LOGIC_SIZE_MAX  8192u
#define LOGIC_DEPTH_MAX 64u
#define LOGIC_COUNT_MAX INT32_MAX

struct logic_reader {
	struct line *l;
	struct logic *out;
};

/* How a range divides: what a walk over it at depths 0 and 1 finds. */
struct logic_shape {
	uint64_t top;   /* leftmost operator outside parentheses */
	uint64_t inner; /* last operator directly inside a pair of them */
	uint64_t close; /* where the last pair closed */
	bool has_top, has_inner, has_close;
};

static bool
logic_refuse(const struct logic_reader *r, uint64_t at, const char *reason)
{
	return line_refuse(r->l, at, "bad-logic", reason);
}

static struct cur
logic_trim(struct cur c)
{
	while (cur_left(&c) > 0 && cur_match(&c, " ", 1))
		;
	while (cur_left(&c) > 0 && c.base[c.size - 1] == ' ')
		c.size--;
	return c;
}

/* The part of c from column first on, up to but without column end. */
static struct cur
logic_cut(struct cur c, uint64_t first, uint64_t end)
{
	struct cur out;

	if (end > first && cur_at(&c, first - c.origin, end - first, &out))
		return out;
	out = cur_from(NULL, 0);
	out.origin = first;
	return out;
}

static bool
logic_walk(const struct logic_reader *r, struct cur c, struct logic_shape *out)
{
	unsigned depth = 0;

	*out = (struct logic_shape){ 0 };
	while (cur_left(&c) > 0 && !out->has_top) {
		uint64_t at = cur_where(&c);
		uint8_t u = cur_u8(&c);
		bool is_operator = u == '&' || u == '|';

		if (u == '(' && ++depth > LOGIC_DEPTH_MAX)
			return logic_refuse(r, at,
			    "parentheses are nested more than 64 deep");
		if (u == ')' && depth-- == 0)
			return logic_refuse(r, at,
			    "a parenthesis is closed that was not opened");
		if (u == ')' && depth == 0) {
			out->close = at;
			out->has_close = true;
		}
		if (is_operator && depth == 0) {
			out->top = at;
			out->has_top = true;
		}
		if (is_operator && depth == 1) {
			out->inner = at;
			out->has_inner = true;
		}
	}
	if (depth > 0)
		return logic_refuse(r, cur_where(&c),
		    "a parenthesis is not closed");
	return true;
}

static bool
logic_read_number(struct cur *c, uint32_t *out)
{
	uint64_t value = 0;
	size_t digits = 0;

	while (cur_left(c) > 0 && c->base[c->pos] >= '0' &&
	    c->base[c->pos] <= '9') {
		value = value * 10 + (uint64_t)(cur_u8(c) - '0');
		digits++;
		if (value > LOGIC_COUNT_MAX)
			return false;
	}
	*out = (uint32_t)value;
	return digits > 0;
}

/* "=n", "<n" or ">n" and an optional ",m"; nothing is fine too. */
static bool
logic_read_compare(const struct logic_reader *r, struct cur c,
    struct logic_term *t)
{
	uint64_t at = cur_where(&c);

	if (cur_left(&c) == 0)
		return true;
	t->compare = cur_u8(&c);
	if ((t->compare != '=' && t->compare != '<' && t->compare != '>') ||
	    !logic_read_number(&c, &t->count))
		return logic_refuse(r, at,
		    "expected =, < or > and a number here");
	if (cur_match(&c, ",", 1) && cur_left(&c) > 0) {
		if (!logic_read_number(&c, &t->distinct))
			return logic_refuse(r, cur_where(&c),
			    "expected a number after the comma");
		t->has_distinct = t->kind != LOGIC_ID && t->distinct > 0;
	}
	if (cur_left(&c) > 0)
		return logic_refuse(r, cur_where(&c),
		    "unexpected text after the count");
	return true;
}

static bool
logic_read_id(const struct logic_reader *r, struct cur c, struct logic_term *t)
{
	uint64_t at = cur_where(&c);

	t->kind = LOGIC_ID;
	if (!logic_read_number(&c, &t->id) || t->id >= LOGIC_IDS_MAX)
		return logic_refuse(r, at,
		    "expected the number of a subsignature, 0 to 63");
	if (t->id >= r->out->id_count)
		r->out->id_count = t->id + 1;
	return logic_read_compare(r, c, t);
}

static bool
logic_divide(struct logic_reader *r, struct logic_term *t, struct cur left,
    struct cur right, uint8_t sign)
{
	struct logic *out = r->out;

	if (out->term_count > LOGIC_TERMS_MAX - 2)
		return logic_refuse(r, cur_where(&left),
		    "the expression has more than 256 terms");
	t->kind = sign == '&' ? LOGIC_AND : LOGIC_OR;
	t->left = out->term_count++;
	t->right = out->term_count++;
	out->range[t->left] = left;
	out->range[t->right] = right;
	return true;
}

/* c is "(" … ")" and perhaps a compare, with an operator inside. */
static bool
logic_read_group(struct logic_reader *r, struct cur c,
    const struct logic_shape *shape, struct logic_term *t)
{
	uint64_t first = cur_where(&c), end = c.origin + c.size;

	if (c.base[c.pos] != '(')
		return logic_refuse(r, first,
		    "expected a subsignature or a parenthesis here");
	t->kind = LOGIC_AND; /* a group, for logic_read_compare() */
	return logic_read_compare(r, logic_cut(c, shape->close + 1, end), t) &&
	    logic_divide(r, t, logic_cut(c, first + 1, shape->inner),
		logic_cut(c, shape->inner + 1, shape->close),
		c.base[shape->inner - c.origin]);
}

/* Read term number n from its range; it may ask for more terms. */
static bool
logic_read_term(struct logic_reader *r, uint32_t n)
{
	struct logic_term *t = &r->out->term[n];
	struct logic_shape shape;
	struct cur c;

	*t = (struct logic_term){ 0 };
	for (;;) {
		uint64_t first, end;

		c = logic_trim(r->out->range[n]);
		first = cur_where(&c);
		end = c.origin + c.size;
		if (!logic_walk(r, c, &shape))
			return false;
		if (shape.has_top)
			return logic_divide(r, t,
			    logic_cut(c, first, shape.top),
			    logic_cut(c, shape.top + 1, end),
			    c.base[shape.top - c.origin]);
		if (shape.has_inner)
			return logic_read_group(r, c, &shape, t);
		if (!shape.has_close)
			return logic_read_id(r, c, t);
		if (c.base[c.pos] != '(' || shape.close + 1 != end)
			return logic_refuse(r, shape.close,
			    "expected nothing after the parenthesis");
		r->out->range[n] = logic_cut(c, first + 1, shape.close);
	}
}

bool
logic_read(struct line *l, struct cur c, struct logic *out)
{
	struct logic_reader r = { .l = l, .out = out };
	uint32_t n;

	if (cur_left(&c) > LOGIC_SIZE_MAX)
		return logic_refuse(&r, cur_where(&c),
		    "the expression is longer than 8192 bytes");
	out->term_count = 1;
	out->id_count = 0;
	out->range[0] = c;
	for (n = 0; n < out->term_count; n++)
		if (!logic_read_term(&r, n))
			return false;
	return true;
}
