/*
 * pack_part.c - write parts of patterns as element programs.
 *
 * Bytes that are fixed are gathered into runs whatever elements they came
 * from; alternatives of single bytes become a set; alternatives stay in the
 * order they were written.  Nested alternatives are walked with an array.
 *
 * On the way the fixed runs at a fixed distance from the part's start are
 * noted: one of them becomes the literal the part is searched by, and one,
 * cut to LITERAL_MAX, its candidate for the one pass.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

#include "lib/base/ascii.h"
#include "lib/compile/literal_build.h"
#include "lib/db/element.h"
#include "lib/db/veil.h"
#include "lib/match/literal.h"

#include <string.h>

#define RUN_MAX     SAME_RUN_MAX /* bytes of one element */
#define SEARCH_MAX  64u /* bytes of the literal a part is searched by */
#define WINDOWS_MAX 16u /* places tried in a long run */
#define COSTS       96u /* bytes whose windows are rated at once */

/* What of the program is written: one level of alternatives. */
struct level {
	const struct ir_element *list;
	uint32_t count, next;
	const struct ir_element *alt; /* whose branch this is; NULL outside */
	uint32_t branch;
	size_t alt_at;     /* its opcode in ELEMENT */
	size_t sizes_at;   /* its table of sizes */
	size_t branch_at;  /* where this branch begins */
	uint32_t min, max; /* of this branch so far */
	uint32_t alt_min, alt_max;
};

struct writer {
	struct pack *pack;
	const struct ir_pattern *pattern;
	struct compile_output *out;
	struct level level[ELEMENT_DEPTH + 1];
	uint32_t depth;
	bool broken;
	uint8_t run_op; /* the element being gathered (enum element_op), or 0 */
	size_t run_at;  /* its opcode */
	uint32_t run_count;
	/* The literal to search by, and the one-pass candidate. */
	size_t search_at; /* of the bytes, or, if is_same, of the element */
	bool search_is_same;
	uint32_t search_size, search_distance;
	const struct pack_literal *best; /* of the parts before */
	struct pack_literal trigger;
	uint8_t trigger_bytes[LITERAL_MAX];
};

/* Grow the current branch by something min to max bytes long. */
static void
extend(struct writer *w, uint32_t min, uint32_t max)
{
	struct level *l = &w->level[w->depth];

	l->min += min;
	l->max += max;
	if (l->max > DB_PART_MAX)
		w->broken = true;
}

/* How common a byte is in files, roughly: high is bad to search for. */
static uint32_t
rate_byte(uint8_t c, bool nocase)
{
	static const char often[] = "etaoinsrhldcumfpgwybvk";
	const char *at;

	if (c == 0)
		return 255;
	if (c == 0xff || c == ' ')
		return 160;
	at = memchr(often, ascii_lower(c), sizeof(often) - 1);
	if (at != NULL)
		return 130 - 4 * (uint32_t)(at - often) - (c < 'a' ? 25 : 0) +
		    (nocase ? 40 : 0);
	if (memchr("\x8b\x48\x89\x0f\xe8\x83\x85\x24\x44\x4c\xc0\x01\x20", c,
		13) != NULL)
		return 100;
	return c >= 0x20 && c < 0x7f ? 60 : 20;
}

void
pack_part_init(struct pack *p)
{
	uint32_t c;

	for (c = 0; c < 256; c++) {
		p->common[0][c] = (uint8_t)rate_byte((uint8_t)c, false);
		p->common[1][c] = (uint8_t)rate_byte((uint8_t)c, true);
	}
}

/* Which byte to search a literal by. */
static uint32_t
rarest(const uint8_t common[256], const uint8_t *bytes, uint32_t size)
{
	uint32_t i, best = 0;

	for (i = 1; i < size; i++)
		if (common[bytes[i]] < common[bytes[best]])
			best = i;
	return best;
}

/* What a literal in the one pass costs; runs of one byte cost most. */
static uint64_t
cost_of(const uint8_t *bytes, uint32_t size, uint64_t cost)
{
	uint32_t i, same = 0, same2 = 0;

	for (i = 1; i < size; i++) {
		same += ascii_lower(bytes[i]) == ascii_lower(bytes[i - 1]);
		same2 +=
		    i > 1 && ascii_lower(bytes[i]) == ascii_lower(bytes[i - 2]);
	}
	if (same == size - 1)
		return cost + ((uint64_t)1 << 30);
	if (size > 4 && same2 == size - 2)
		return cost * 64;
	return cost;
}

/*
 * Try bytes, distance into the part, as the part's candidate; ordinary is how
 * often they are in files.
 */
static void
consider(struct writer *w, const uint8_t *bytes, uint32_t size,
    uint32_t distance, uint64_t ordinary)
{
	struct pack_literal *t = &w->trigger;
	uint64_t cost;

	if (ordinary > t->cost || (ordinary == t->cost && size <= t->size))
		return;
	cost = cost_of(bytes, size, ordinary);
	if (cost > t->cost || (cost == t->cost && size <= t->size))
		return;
	memcpy(w->trigger_bytes, bytes, size);
	*t = (struct pack_literal){
		.size = size, .distance = distance, .cost = cost
	};
}

/* Can no literal of so many bytes be better than this one? */
static bool
is_perfect(const struct pack_literal *l, uint32_t size)
{
	return l->cost == LITERAL_COST_MIN && l->size >= size;
}

/*
 * Try the windows of a run, distance into the part, until one is as rare as
 * can be told; most often that is the first.
 */
static void
consider_run(struct writer *w, const uint8_t *bytes, uint32_t size,
    uint32_t distance)
{
	uint32_t window = size < LITERAL_MAX ? size : LITERAL_MAX;
	uint32_t step = (size - window) / WINDOWS_MAX + 1;
	uint32_t cost[COSTS], at, next, have, i;

	consider(w, bytes, window, distance, literal_cost(bytes, window));
	for (i = step;
	     i + window <= size && !is_perfect(&w->trigger, window);) {
		/* The costs of some windows at once, from place i on. */
		at = i;
		have = size - at < COSTS ? size - at : COSTS;
		literal_costs(bytes + at, have, window, cost);
		for (next = at + have - window; i <= next; i += step)
			consider(w, bytes + i, window, distance + i,
			    cost[i - at]);
	}
}

/* A run outside alternatives is complete: what is it good for? */
static void
note_run(struct writer *w, const uint8_t *bytes, uint32_t size,
    uint32_t distance)
{
	uint32_t window = size < LITERAL_MAX ? size : LITERAL_MAX;

	if (size >= 2 && !is_perfect(w->best, window) &&
	    !is_perfect(&w->trigger, window))
		consider_run(w, bytes, size, distance);
}

/* Search by this piece of a run, if it is longer than what there is. */
static void
note_piece(struct writer *w, size_t at, bool is_same, uint32_t size,
    uint32_t distance)
{
	if (size <= w->search_size)
		return;
	w->search_at = at;
	w->search_is_same = is_same;
	w->search_size = size;
	w->search_distance = distance;
}

/* Write size bytes as they are, as an element of their own. */
static void
write_piece(struct writer *w, uint8_t op, const uint8_t *bytes, uint32_t size,
    uint32_t distance)
{
	if (size == 0)
		return;
	output_u8(w->out, op);
	output_u16(w->out, size);
	note_piece(w, w->out->size, false, size, distance);
	output_add(w->out, bytes, size);
}

/*
 * Write the run of n bytes again: as pieces, those that stand elsewhere in
 * ELEMENT by their place.
 */
static void
write_pieces(struct writer *w, uint8_t op, uint32_t n, uint32_t distance)
{
	struct same *same = &w->pack->same;
	size_t at = w->run_at + 3;
	struct same_piece piece[RUN_MAX / SAME_MIN];
	uint8_t run[RUN_MAX];
	uint32_t pieces = 0, done = 0, i;

	while (same_find(same, w->out, at, n, done, &piece[pieces])) {
		piece[pieces].from -= at;
		done = (uint32_t)(piece[pieces].from + piece[pieces].size);
		pieces++;
	}
	if (pieces == 0) {
		note_piece(w, at, false, n, distance);
		if (!same_add(same, w->out, at, n, 0))
			output_spoil(w->out);
		return;
	}
	memcpy(run, w->out->bytes + at, n);
	w->out->size = w->run_at;
	for (i = 0, done = 0; i < pieces; i++) {
		uint32_t front = (uint32_t)piece[i].from;
		uint32_t size = (uint32_t)piece[i].size;

		write_piece(w, op, run + done, front - done, distance + done);
		note_piece(w, w->out->size, true, size, distance + front);
		output_u8(w->out,
		    op == ELEMENT_LITERAL ? ELEMENT_SAME : ELEMENT_SAME_FOLDED);
		output_u16(w->out, size);
		output_u32(w->out, piece[i].off);
		done = front + size;
	}
	at = w->out->size + 3;
	write_piece(w, op, run + done, n - done, distance + done);
	if (!same_add(same, w->out, at, n - done, done))
		output_spoil(w->out);
}

/* Close the run being gathered. */
static void
end_run(struct writer *w)
{
	const struct level *l = &w->level[w->depth];
	uint8_t op = w->run_op;
	uint32_t n = w->run_count;

	w->run_op = 0;
	if (op == 0 || !output_ok(w->out))
		return;
	w->out->bytes[w->run_at + 1] = (uint8_t)n;
	w->out->bytes[w->run_at + 2] = (uint8_t)(n >> 8);
	if ((op != ELEMENT_LITERAL && op != ELEMENT_FOLDED) || w->depth > 0 ||
	    l->min != l->max)
		return;
	if (!pack_compares(w->pack)) {
		note_run(w, w->out->bytes + w->run_at + 3, n, l->min - n);
		return;
	}
	if (n >= SAME_MIN &&
	    !same_ask(&w->pack->same, w->out->bytes + w->run_at + 3, n)) {
		output_spoil(w->out);
		return;
	}
	if (pack_searches(w->pack))
		note_run(w, w->out->bytes + w->run_at + 3, n, l->min - n);
	if (n >= SAME_MIN)
		write_pieces(w, op, n, l->min - n);
	else
		note_piece(w, w->run_at + 3, false, n, l->min - n);
}

/* Go on with a run of this kind, or begin one. */
static void
continue_run(struct writer *w, uint8_t op)
{
	if (w->run_op == op && w->run_count < RUN_MAX)
		return;
	end_run(w);
	w->run_op = op;
	w->run_at = w->out->size;
	w->run_count = 0;
	output_u8(w->out, op);
	output_u16(w->out, 0);
}

/* Fixed bytes, as many as fit in each run at once. */
static void
write_bytes(struct writer *w, const uint8_t *bytes, uint32_t count)
{
	uint8_t op = w->pattern->nocase ? ELEMENT_FOLDED : ELEMENT_LITERAL;
	uint8_t *to;
	uint32_t n, i;

	for (; count > 0 && !w->broken; bytes += n, count -= n) {
		continue_run(w, op);
		n = RUN_MAX - w->run_count;
		n = count < n ? count : n;
		to = output_room(w->out, n);
		if (to == NULL)
			return;
		for (i = 0; i < n; i++)
			to[i] = op == ELEMENT_FOLDED ? ascii_lower(bytes[i])
						     : bytes[i];
		w->run_count += n;
		extend(w, n, n);
	}
}

static void
write_masked(struct writer *w, uint8_t value, uint8_t mask)
{
	if (mask == 0xff) {
		write_bytes(w, &value, 1);
		return;
	}
	continue_run(w, ELEMENT_MASKED);
	output_u8(w->out, value & mask);
	output_u8(w->out, mask);
	w->run_count++;
	extend(w, 1, 1);
}

static void
write_any(struct writer *w, uint32_t count)
{
	end_run(w);
	for (; count > 0 && !w->broken;
	     count -= count < RUN_MAX ? count : RUN_MAX) {
		uint32_t n = count < RUN_MAX ? count : RUN_MAX;

		output_u8(w->out, ELEMENT_ANY);
		output_u16(w->out, n);
		extend(w, n, n);
	}
}

/* (B), (L), (W). */
static void
write_edge(struct writer *w, const struct ir_element *e)
{
	uint32_t what = e->kind == IR_BOUNDARY ? EDGE_BOUNDARY
	    : e->kind == IR_LINE               ? EDGE_LINE
					       : EDGE_WORD;

	end_run(w);
	if (e->side == IR_BEFORE)
		what |= EDGE_LEFT;
	else if (e->side == IR_AFTER)
		what |= EDGE_RIGHT;
	else
		extend(w, 1, e->kind == IR_LINE && !e->negated ? 2 : 1);
	if (e->negated)
		what |= EDGE_NEGATED;
	if (w->pattern->wide && e->side != IR_INSIDE)
		what |= EDGE_WIDE;
	output_u8(w->out, ELEMENT_EDGE);
	output_u8(w->out, what);
}

static void
write_near(struct writer *w, const struct ir_near *near, uint32_t side)
{
	uint8_t value = near->value & near->mask, mask = near->mask;

	if (!near->there)
		return;
	end_run(w);
	if (w->pattern->nocase && mask == 0xff && ascii_is_letter(value)) {
		mask = 0xdf;
		value &= mask;
	}
	output_u8(w->out, ELEMENT_NEAR);
	output_u8(w->out, side);
	output_u8(w->out, value);
	output_u8(w->out, mask);
	output_u8(w->out, near->min);
	output_u8(w->out, near->max);
}

/* Is branch one byte, fixed or masked? */
static bool
is_single(const struct ir_branch *branch)
{
	const struct ir_element *e = branch->element;

	return branch->count == 1 &&
	    (e->kind == IR_MASKED || (e->kind == IR_LITERAL && e->count == 1));
}

/* Put the bytes a single-byte branch allows into the set. */
static void
add_to_set(const struct writer *w, const struct ir_element *e, uint8_t set[32])
{
	uint8_t value = e->kind == IR_MASKED ? e->value : e->bytes[0];
	uint8_t mask = e->kind == IR_MASKED ? e->mask : 0xff;
	uint32_t c;

	for (c = 0; c < 256; c++) {
		bool is = (c & mask) == (value & mask);

		if (w->pattern->nocase && mask == 0xff)
			is = ascii_lower((uint8_t)c) == ascii_lower(value);
		if (is)
			set[c / 8] |= (uint8_t)(1u << c % 8);
	}
}

/* Alternatives of single bytes, or none of them: one set.  False: not so. */
static bool
write_set(struct writer *w, const struct ir_element *e)
{
	uint8_t set[32] = { 0 };
	uint32_t i;

	for (i = 0; i < e->count; i++)
		if (!is_single(&e->branch[i]))
			return false;
	for (i = 0; i < e->count; i++)
		add_to_set(w, e->branch[i].element, set);
	for (i = 0; i < 32 && e->kind == IR_NOT_ALT; i++)
		set[i] = (uint8_t)~set[i];
	end_run(w);
	output_u8(w->out, ELEMENT_SET);
	output_add(w->out, set, 32);
	extend(w, 1, 1);
	return true;
}

/* One byte of a NOT branch, as value and mask. */
static void
write_pair(struct writer *w, uint8_t value, uint8_t mask)
{
	if (w->pattern->nocase && mask == 0xff && ascii_is_letter(value))
		mask = 0xdf;
	output_u8(w->out, value & mask);
	output_u8(w->out, mask);
}

/* Write one branch of a NOT; its length. */
static uint32_t
write_not_branch(struct writer *w, const struct ir_branch *branch)
{
	uint32_t i, k, size = 0;

	for (i = 0; i < branch->count; i++) {
		const struct ir_element *e = &branch->element[i];
		uint32_t n = e->kind == IR_MASKED ? 1 : e->count;

		if (e->kind > IR_ANY || n > RUN_MAX) {
			w->broken = true;
			return 0;
		}
		for (k = 0; k < n; k++)
			write_pair(w,
			    e->kind == IR_LITERAL      ? e->bytes[k]
				: e->kind == IR_MASKED ? e->value
						       : 0,
			    e->kind == IR_LITERAL      ? 0xff
				: e->kind == IR_MASKED ? e->mask
						       : 0);
		size += n;
	}
	return size;
}

static void
write_not(struct writer *w, const struct ir_element *e)
{
	uint32_t i, size = 0;
	size_t at;

	end_run(w);
	output_u8(w->out, ELEMENT_NOT);
	output_u16(w->out, e->count);
	at = w->out->size;
	output_u16(w->out, 0);
	for (i = 0; i < e->count && !w->broken; i++) {
		uint32_t n = write_not_branch(w, &e->branch[i]);

		if (n == 0 || (i > 0 && n != size))
			w->broken = true;
		size = n;
	}
	if (size > RUN_MAX || e->count == 0 || e->count > UINT16_MAX)
		w->broken = true;
	if (!output_ok(w->out) || w->broken)
		return;
	w->out->bytes[at] = (uint8_t)size;
	w->out->bytes[at + 1] = (uint8_t)(size >> 8);
	extend(w, size, size);
}

/* Begin writing branch number l->branch of l->alt. */
static void
begin_branch(struct writer *w)
{
	struct level *l = &w->level[w->depth];

	l->list = l->alt->branch[l->branch].element;
	l->count = l->alt->branch[l->branch].count;
	l->next = 0;
	l->min = l->max = 0;
	l->branch_at = w->out->size;
}

static void
begin_alt(struct writer *w, const struct ir_element *e)
{
	struct level *l;
	uint32_t i;

	end_run(w);
	if (w->depth == ELEMENT_DEPTH || e->count == 0 ||
	    e->count > UINT16_MAX) {
		w->broken = true;
		return;
	}
	l = &w->level[++w->depth];
	*l = (struct level){ .alt = e, .alt_min = UINT32_MAX };
	l->alt_at = w->out->size;
	output_u8(w->out, ELEMENT_ALT);
	output_u16(w->out, e->count);
	l->sizes_at = w->out->size;
	for (i = 0; i < e->count; i++)
		output_u32(w->out, 0);
	begin_branch(w);
}

/* All branches are written: fill in what their ends jump over. */
static void
end_alt(struct writer *w)
{
	struct level l = w->level[w->depth--];
	size_t at = l.sizes_at + (size_t)l.alt->count * 4, end = w->out->size;
	uint32_t i;

	for (i = 0; i < l.alt->count && output_ok(w->out); i++) {
		at += output_get_u32(w->out, l.sizes_at + (size_t)i * 4);
		w->out->bytes[at - 9] =
		    l.alt_min == l.alt_max ? ELEMENT_COMMIT : ELEMENT_JUMP;
		output_put_u32(w->out, at - 8, (uint32_t)(end - at));
		output_put_u32(w->out, at - 4, (uint32_t)(at - 9 - l.alt_at));
	}
	extend(w, l.alt_min, l.alt_max);
}

/* A branch is written: close it, and go to the next or end the ALT. */
static void
end_branch(struct writer *w)
{
	struct level *l = &w->level[w->depth];

	end_run(w);
	output_u8(w->out, ELEMENT_COMMIT);
	output_u64(w->out, 0);
	output_put_u32(w->out, l->sizes_at + (size_t)l->branch * 4,
	    (uint32_t)(w->out->size - l->branch_at));
	l->alt_min = l->min < l->alt_min ? l->min : l->alt_min;
	l->alt_max = l->max > l->alt_max ? l->max : l->alt_max;
	if (++l->branch < l->alt->count)
		begin_branch(w);
	else
		end_alt(w);
}

static void
write_element(struct writer *w, const struct ir_element *e)
{
	switch (e->kind) {
	case IR_LITERAL:
		write_bytes(w, e->bytes, e->count);
		return;
	case IR_MASKED:
		write_masked(w, e->value, e->mask);
		return;
	case IR_ANY:
		write_any(w, e->count);
		return;
	case IR_ALT:
		if (!write_set(w, e))
			begin_alt(w, e);
		return;
	case IR_NOT_ALT:
		if (!write_set(w, e))
			write_not(w, e);
		return;
	case IR_BOUNDARY:
	case IR_LINE:
	case IR_WORD:
		write_edge(w, e);
		return;
	}
}

/* Write all elements of a part. */
static void
write_elements(struct writer *w, const struct ir_part *part)
{
	write_near(w, &part->before, 0);
	w->level[0] =
	    (struct level){ .list = part->element, .count = part->count };
	while (!w->broken && output_ok(w->out)) {
		struct level *l = &w->level[w->depth];

		if (l->next < l->count)
			write_element(w, &l->list[l->next++]);
		else if (w->depth > 0)
			end_branch(w);
		else
			break;
	}
	end_run(w);
	write_near(w, &part->after, 1);
}

/* The bytes a part is searched by. */
static const uint8_t *
search_bytes(const struct writer *w)
{
	size_t at = w->search_at;

	if (w->search_is_same)
		at = output_get_u32(w->out, w->search_at + 3);
	return w->out->bytes + at;
}

/* (B), (L) and (W) with none but such behind: at the end of the object they
   hold without a byte (lib/match/part.c). */
static uint32_t
edges_at_end(const struct ir_part *part)
{
	uint32_t n = 0, i;

	for (i = part->count; i > 0; i--) {
		if (part->element[i - 1].kind < IR_BOUNDARY)
			break;
		if (part->element[i - 1].side == IR_INSIDE)
			n++;
	}
	return n;
}

/* Write the record of a part whose elements stand at at. */
static void
write_record(struct writer *w, const struct ir_part *part, size_t at,
    size_t size)
{
	struct compile_output *out = &w->pack->section[DB_SHAPE];
	size_t from = out->size;
	uint32_t n = w->search_size < SEARCH_MAX ? w->search_size : SEARCH_MAX;
	uint32_t rare = 0, row[2] = { (uint32_t)at, 0 };

	if (n > 0)
		rare = rarest(w->pack->common[w->pattern->nocase],
		    search_bytes(w), n);
	output_u32(out, part->gap_min);
	output_u32(out, part->gap_max);
	output_u32(out, (uint32_t)size);
	output_u32(out,
	    n == 0 ? 0
		   : (uint32_t)(w->search_at - at) |
		    (w->search_is_same ? DB_LITERAL_SAME : 0));
	output_u16(out, w->search_distance);
	output_u16(out, w->level[0].min - edges_at_end(part));
	output_u16(out, w->level[0].max);
	output_u8(out, n);
	output_u8(out, rare);
	row[1] = (uint32_t)(once_keep(&w->pack->shapes, out, from) / 24);
	table_add(&w->pack->table[DB_PART], row);
}

bool
pack_veil(struct pack *p)
{
	struct compile_output *out = &p->section[DB_ELEMENT];
	const struct cur heap = cur_from(out->bytes, out->size);
	struct cur program = heap;

	while (output_ok(out) && cur_left(&program) > 0) {
		uint8_t op = out->bytes[program.pos];
		struct element e;

		if (!element_read(&program, &heap, &e))
			return why_not(p->why, WHY_BUG,
			    "the elements cannot be read back");
		if (op == ELEMENT_LITERAL || op == ELEMENT_FOLDED)
			veil_copy(out->bytes + e.off, e.bytes.base, e.off,
			    e.bytes.size);
	}
	return true;
}

/*
 * A hash of a part, before it is written; 0 if it is not worth the trouble.
 * Most parts are bytes and distances.
 */
static uint32_t
hash_part(const struct ir_pattern *pattern, const struct ir_part *part)
{
	uint32_t hash = pattern->nocase + 2u * pattern->wide + 1, i;

	if (part->before.there || part->after.there)
		return 0;
	for (i = 0; i < part->count; i++) {
		const struct ir_element *e = &part->element[i];

		if (e->kind > IR_ANY)
			return 0;
		hash = (hash ^ e->count ^ (uint32_t)e->kind << 30 ^
			   (uint32_t)e->value << 24 ^ (uint32_t)e->mask << 16) *
		    0x9e3779b1u;
		if (e->kind == IR_LITERAL)
			hash ^= once_hash(e->bytes, e->count);
	}
	/* The low bits say where it is looked for. */
	hash = (hash ^ hash >> 16) * 0x85ebca6bu;
	return hash ^ hash >> 13;
}

void
pack_part_ask(const struct pack *p, const struct ir_pattern *pattern,
    const struct ir_part *part)
{
	uint32_t hash = hash_part(pattern, part);

	if (hash != 0)
		once_ask(&p->elements, hash);
}

/* Keep the elements of a part, which stand from from on, and what is said of
   them. */
static bool
keep_elements(struct writer *w, const struct ir_part *part, size_t from)
{
	struct pack *p = w->pack;
	uint32_t hash = hash_part(w->pattern, part);
	size_t size = w->out->size - from, at;

	if (hash == 0)
		hash = once_hash(w->out->bytes + from, size);
	at = once_keep_by(&p->elements, w->out, from, hash);
	same_cut(&p->same, w->out->size);
	if (at > UINT32_MAX)
		return pack_full(p);
	w->search_at -= w->search_size > 0 ? from - at : 0;
	write_record(w, part, at, size);
	return true;
}

/* Make the part's literal the pattern's if it is better. */
static bool
keep_literal(const struct writer *w, struct pack_literal *best)
{
	uint8_t *bytes;

	if (w->trigger.cost > best->cost ||
	    (w->trigger.cost == best->cost && w->trigger.size <= best->size))
		return true;
	bytes = pool_alloc(&w->pack->pool, 1, LITERAL_MAX);
	if (bytes == NULL)
		return pack_full(w->pack);
	memcpy(bytes, w->trigger_bytes, LITERAL_MAX);
	*best = w->trigger;
	best->bytes = bytes;
	best->part = w->pack->parts;
	return true;
}

bool
pack_part(struct pack *p, const struct ir_pattern *pattern,
    const struct ir_part *part, struct pack_literal *best)
{
	struct writer w = { .pack = p,
		.pattern = pattern,
		.out = &p->section[DB_ELEMENT],
		.best = best,
		.trigger = { .cost = PLAN_NEVER } };
	size_t from = w.out->size;

	write_elements(&w, part);
	if (w.broken || w.level[0].max == 0)
		return why_not(p->why, WHY_BROKEN,
		    "a part of a pattern is empty or too long");
	if (!output_ok(w.out))
		return pack_full(p);
	if (pack_compares(p) && !keep_elements(&w, part, from))
		return false;
	if (!pack_compares(p))
		w.out->size = from; /* it was to be looked at only */
	if (pack_searches(p) && !keep_literal(&w, best))
		return false;
	p->parts++;
	return true;
}
