/*
 * part.c - run an element program over bytes.  The contract is in part.h,
 * elements are described in lib/db/element.h.
 *
 * Alternatives of different lengths need backtracking; the choices still open
 * are kept in an array.  Alternatives of one length are closed (COMMIT) as
 * soon as one fits, so ordinary signatures never backtrack.
 *
 * (B), (L) and (W) are as clamscan 1.4 measures: the tables below were taken
 * from its answers, byte by byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/part.h"

#include "lib/base/ascii.h"
#include "lib/db/element.h"
#include "lib/db/veil.h"

#include <string.h>

#define CHOICES_MAX 64u

/* A branch of an ALT that has not been tried yet. */
struct choice {
	struct cur sizes; /* of the branches from this one on */
	size_t start;     /* of the branch, in the program */
	size_t alt;       /* opcode of its ALT, in the program */
	size_t pos;       /* in the span */
};

struct machine {
	const struct span *s;
	struct cur program;
	const struct cur *heap;
	size_t first; /* where the part starts in the span */
	size_t pos;   /* next byte to compare */
	bool cut;     /* some way ended at the end of the span */
	uint32_t fuel;
	uint32_t choices;
	struct choice *choice; /* CHOICES_MAX of them, once an ALT was met */
};

static bool
is_word(uint8_t c)
{
	return ascii_is_digit(c) || ascii_is_letter(c);
}

/* Is c in text?  (Zero bytes are not.) */
static bool
is_one_of(uint8_t c, const char *text)
{
	return c != 0 && strchr(text, c) != NULL;
}

/* Are n bytes left to compare?  If not, say whether more could come. */
static bool
has(struct machine *m, uint64_t n)
{
	if (n <= m->s->size - m->pos)
		return true;
	m->cut = m->cut || !m->s->at_end;
	return false;
}

/* The tables of (B): left and right neighbours differ, and !(B) again. */
static bool
is_boundary(uint8_t c, uint32_t what)
{
	static const char *const right = "\n\r \"'-/=>_";
	static const char *const either = "\n\r \"'-./<=>@_";

	if ((what & EDGE_RIGHT) != 0)
		return is_one_of(c, right);
	if ((what & EDGE_LEFT) != 0 && (what & EDGE_NEGATED) == 0)
		return is_one_of(c, " -./<@_");
	return is_one_of(c, either);
}

/* What stands before the part?  1 yes, 0 no, -1 the span does not say. */
static int
look_left(const struct machine *m, uint32_t what)
{
	uint64_t before = m->s->off + m->first;
	const uint8_t *at = m->s->bytes + m->first;
	bool pair = (what & EDGE_WIDE) != 0;

	if (before == 0 || (pair && before == 1))
		return 1;
	if (m->first < (pair ? 2u : 1u))
		return -1;
	switch (what & EDGE_WHICH) {
	case EDGE_LINE:
		return at[-1] == '\n';
	case EDGE_WORD:
		return pair ? !(is_word(at[-2]) && at[-1] == 0)
			    : !is_word(at[-1]);
	default:
		return is_boundary(at[-1], what);
	}
}

/* What stands behind?  As look_left. */
static int
look_right(const struct machine *m, uint32_t what)
{
	size_t left = m->s->size - m->pos;
	const uint8_t *at = m->s->bytes + m->pos;
	bool pair = (what & EDGE_WIDE) != 0;

	if (left < 2 && !m->s->at_end)
		return -1;
	if (left == 0 || (pair && left == 1))
		return 1;
	switch (what & EDGE_WHICH) {
	case EDGE_LINE:
		return at[0] == '\n' ||
		    (at[0] == '\r' && left > 1 && at[1] == '\n');
	case EDGE_WORD:
		return pair ? !(is_word(at[0]) && at[1] == 0) : !is_word(at[0]);
	default:
		return is_boundary(at[0], what);
	}
}

/* LF or CR LF here?  It is taken, else one byte. */
static bool
take_line(struct machine *m)
{
	uint8_t c = m->s->bytes[m->pos++];

	if (c != '\r')
		return c == '\n';
	if (!has(m, 1) || m->s->bytes[m->pos] != '\n')
		return false;
	m->pos++;
	return true;
}

/*
 * (B), (L) or (W) inside a part takes what it matches; its opposite a byte.
 * At the end of the object both hold.
 */
static bool
take_inside(struct machine *m, uint32_t what)
{
	bool negated = (what & EDGE_NEGATED) != 0;
	uint8_t c;

	if (m->pos == m->s->size && m->s->at_end)
		return true;
	if (!has(m, 1))
		return false;
	if ((what & EDGE_WHICH) == EDGE_LINE)
		return take_line(m) != negated;
	c = m->s->bytes[m->pos++];
	if ((what & EDGE_WHICH) == EDGE_WORD)
		return !is_word(c) != negated;
	return is_boundary(c, what) != negated;
}

static bool
do_edge(struct machine *m, uint32_t what)
{
	int is;

	if ((what & (EDGE_LEFT | EDGE_RIGHT)) == 0)
		return take_inside(m, what);
	is = (what & EDGE_LEFT) != 0 ? look_left(m, what) : look_right(m, what);
	if (is < 0) {
		m->cut = true;
		return false;
	}
	return (is != 0) != ((what & EDGE_NEGATED) != 0);
}

/* Is there a byte like this near the part?  operand: side value mask min max */
static bool
do_near(struct machine *m, const uint8_t *operand)
{
	const struct span *s = m->s;
	uint32_t gap;

	for (gap = operand[3]; gap <= operand[4]; gap++) {
		const uint8_t *at;

		if (operand[0] == 0) {
			if (m->first < gap + 1) {
				m->cut = m->cut || s->off > 0;
				return false;
			}
			at = s->bytes + m->first - gap - 1;
		} else {
			if (s->size - m->pos < gap + 1) {
				m->cut = m->cut || !s->at_end;
				return false;
			}
			at = s->bytes + m->pos + gap;
		}
		if ((*at & operand[2]) == operand[1])
			return true;
	}
	return false;
}

/* Do n (value, mask) pairs fit the bytes at at? */
static bool
fits_masked(const uint8_t *at, const uint8_t *pair, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if ((at[i] & pair[2 * i + 1]) != pair[2 * i])
			return false;
	return true;
}

static bool
do_not(struct machine *m, const struct element *e)
{
	const uint8_t *pair = e->bytes.base;
	uint32_t i;

	if (!has(m, e->size))
		return false;
	for (i = 0; i < e->count; i++, pair += 2 * e->size)
		if (fits_masked(m->s->bytes + m->pos, pair, e->size))
			return false;
	m->pos += e->size;
	return true;
}

/* Compare an element that is as long as it says. */
static bool
do_fixed(struct machine *m, const struct element *e)
{
	const uint8_t *at = m->s->bytes + m->pos;
	uint32_t n = e->op == ELEMENT_SET ? 1 : e->count;
	bool fits = true;

	if (!has(m, n))
		return false;
	if (e->op == ELEMENT_LITERAL)
		fits = veil_is(at, e->bytes.base, e->off, n);
	else if (e->op == ELEMENT_FOLDED)
		fits = veil_is_folded(at, e->bytes.base, e->off, n);
	else if (e->op == ELEMENT_MASKED)
		fits = fits_masked(at, e->bytes.base, n);
	else if (e->op == ELEMENT_SET)
		fits = (e->bytes.base[*at / 8] >> (*at % 8) & 1) != 0;
	m->pos += n;
	return fits;
}

/* Go into the first of the branches whose sizes are given; keep the rest. */
static bool
enter_branch(struct machine *m, struct cur sizes, size_t start, size_t alt)
{
	uint32_t size = cur_u32le(&sizes);

	if (!cur_ok(&sizes))
		return false;
	if (cur_left(&sizes) > 0) {
		if (m->choices == CHOICES_MAX) {
			m->fuel = 0;
			return false;
		}
		m->choice[m->choices++] = (struct choice){ .sizes = sizes,
			.start = start + size,
			.alt = alt,
			.pos = m->pos };
	}
	return cur_seek(&m->program, start);
}

/* Leave a branch that fits; all branches being equally long, for good. */
static bool
do_commit(struct machine *m, const struct element *e, size_t at)
{
	size_t alt = e->back <= at ? at - e->back : 0;

	while (m->choices > 0 && m->choice[m->choices - 1].alt >= alt)
		m->choices--;
	return cur_skip(&m->program, e->size);
}

/* Run the element at program's place; false: this way does not fit. */
static bool
step(struct machine *m)
{
	size_t at = m->program.pos;
	struct element e;

	if (!element_read(&m->program, m->heap, &e))
		return false;
	switch (e.op) {
	case ELEMENT_LITERAL:
	case ELEMENT_FOLDED:
	case ELEMENT_MASKED:
	case ELEMENT_SET:
	case ELEMENT_ANY:
		return do_fixed(m, &e);
	case ELEMENT_ALT:
		return enter_branch(m, e.bytes, m->program.pos, at);
	case ELEMENT_JUMP:
		return cur_skip(&m->program, e.size);
	case ELEMENT_COMMIT:
		return do_commit(m, &e, at);
	case ELEMENT_NOT:
		return do_not(m, &e);
	case ELEMENT_EDGE:
		return do_edge(m, e.size);
	case ELEMENT_NEAR:
		return do_near(m, e.bytes.base);
	case ELEMENT_SAME: /* element_read() gives LITERAL, FOLDED */
	case ELEMENT_SAME_FOLDED:
		break;
	}
	return false;
}

/* Go back to the last open choice; false if there is none. */
static bool
retry(struct machine *m, const struct cur *program)
{
	struct choice c;

	if (m->choices == 0)
		return false;
	c = m->choice[--m->choices];
	m->program = *program;
	m->pos = c.pos;
	return enter_branch(m, c.sizes, c.start, c.alt);
}

/* Go on until the program ends or no way is left. */
static enum part_end
run(struct machine *m, const struct cur *program)
{
	while (cur_left(&m->program) > 0) {
		if (m->fuel == 0)
			return PART_SPENT;
		m->fuel--;
		if (step(m))
			continue;
		if (m->fuel > 0 && !retry(m, program))
			return m->cut ? PART_CUT : PART_NO;
	}
	return m->program.bad ? PART_NO : PART_YES;
}

/* The same from the first ALT on; most parts have none and save the array. */
static enum part_end
run_choices(struct machine *m, const struct cur *program)
{
	struct choice choice[CHOICES_MAX];

	m->choice = choice;
	return run(m, program);
}

/* Is the next element an ALT? */
static bool
is_alt(const struct cur *program)
{
	return program->base[program->pos] == ELEMENT_ALT;
}

enum part_end
part_match(const struct db_part *part, const struct span *s, size_t at,
    size_t *end, uint32_t *cost)
{
	struct machine m = { .s = s,
		.program = part->element,
		.heap = part->heap,
		.first = at,
		.pos = at,
		.fuel = PART_FUEL };
	enum part_end is = PART_YES;

	*cost = 0;
	if (at > s->size)
		return PART_NO;
	while (cur_left(&m.program) > 0) {
		if (is_alt(&m.program)) {
			is = run_choices(&m, &part->element);
			break;
		}
		++*cost;
		if (!step(&m))
			return m.cut ? PART_CUT : PART_NO;
	}
	*cost += PART_FUEL - m.fuel;
	*end = m.pos;
	return is;
}
