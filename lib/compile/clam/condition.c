/*
 * condition.c - make conditions out of logical expressions.
 *
 * What a term counts, measured on ClamAV 1.4.6 (docs/signatures.md):
 *   - an id: its hits;
 *   - a group: the sum over its terms that hold, 0 if it does not hold;
 *   - "group=n": compares that sum; "group=n,m" asks too that m different
 *     ids took part; ids inside a group with a compare of its own take no
 *     part in the group around it.
 *
 * Terms are numbered so that a term's own terms come later; so all are made
 * from the last to the first, without recursion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/condition.h"

#include "lib/compile/pool.h"

#include <string.h>

#define EIGHT(f, n)                                                           \
	f(n + 0), f(n + 1), f(n + 2), f(n + 3), f(n + 4), f(n + 5), f(n + 6), \
	    f(n + 7)
#define SIXTY_FOUR(f)                                                       \
	EIGHT(f, 0), EIGHT(f, 8), EIGHT(f, 16), EIGHT(f, 24), EIGHT(f, 32), \
	    EIGHT(f, 40), EIGHT(f, 48), EIGHT(f, 56)

#define FOUND(n)                                \
	{                                       \
		.kind = IR_FOUND, .string = (n) \
	}
#define HITS(n)                                \
	{                                      \
		.kind = IR_HITS, .string = (n) \
	}
#define NAME(n)                                                        \
	{                                                              \
		(n) < 10 ? (char)('0' + (n)) : (char)('0' + (n) / 10), \
		    (n) < 10 ? '\0' : (char)('0' + (n) % 10), '\0'     \
	}

static const struct ir_node condition_found_node[] = { SIXTY_FOUR(FOUND) };
static const struct ir_node condition_hits_node[] = { SIXTY_FOUR(HITS) };
static const char condition_name[][3] = { SIXTY_FOUR(NAME) };
static const struct ir_node condition_zero = { .kind = IR_INT };

struct condition {
	struct line *l;
	const struct logic *logic;
	const struct ir_node **made;  /* per term: its condition */
	const struct ir_node **total; /* per group: what it counts */
	bool failed;
};

/* Terms of a group, those of the same operator's groups inside included. */
struct condition_list {
	uint32_t term[LOGIC_TERMS_MAX];
	uint32_t count;
};

const char *
condition_string_name(uint32_t id)
{
	return id < LOGIC_IDS_MAX ? condition_name[id] : "";
}

const struct ir_node *
condition_found(uint32_t id)
{
	return &condition_found_node[id % LOGIC_IDS_MAX];
}

static const struct ir_node *
condition_hits(uint32_t id)
{
	return &condition_hits_node[id % LOGIC_IDS_MAX];
}

/* --- making nodes ------------------------------------------------------ */

/* A node over count children; the only child itself where that is the same. */
static const struct ir_node *
condition_node(struct condition *c, enum ir_node_kind kind,
    const struct ir_node *const *child, uint32_t count)
{
	struct ir_node *node = pool_alloc(c->l->ir->pool, 1, sizeof(*node));
	const struct ir_node **copy =
	    pool_alloc(c->l->ir->pool, count, sizeof(*copy));
	uint32_t i;

	if (node == NULL || copy == NULL) {
		c->failed = true;
		return &condition_zero;
	}
	for (i = 0; i < count; i++)
		copy[i] = child[i];
	*node = (struct ir_node){
		.kind = kind,
		.child = copy,
		.child_count = count,
	};
	return node;
}

static const struct ir_node *
condition_pair(struct condition *c, enum ir_node_kind kind,
    const struct ir_node *left, const struct ir_node *right)
{
	const struct ir_node *child[2] = { left, right };

	return condition_node(c, kind, child, 2);
}

static const struct ir_node *
condition_int(struct condition *c, uint32_t value)
{
	struct ir_node *node;

	if (value == 0)
		return &condition_zero;
	node = pool_alloc(c->l->ir->pool, 1, sizeof(*node));
	if (node == NULL) {
		c->failed = true;
		return &condition_zero;
	}
	*node = (struct ir_node){ .kind = IR_INT, .value = (int64_t)value };
	return node;
}

/* value if condition holds, else 0 */
static const struct ir_node *
condition_if(struct condition *c, const struct ir_node *condition,
    const struct ir_node *value)
{
	const struct ir_node *child[3] = { condition, value, &condition_zero };

	return condition_node(c, IR_IF, child, 3);
}

static const struct ir_node *
condition_compare(struct condition *c, const struct ir_node *value,
    const struct logic_term *t)
{
	enum ir_node_kind kind = IR_EQ;

	if (t->compare == '<')
		kind = IR_LT;
	if (t->compare == '>')
		kind = IR_GT;
	return condition_pair(c, kind, value, condition_int(c, t->count));
}

static const struct ir_node *
condition_set(struct condition *c, enum ir_node_kind kind,
    const struct condition_list *list)
{
	struct ir_node *node = pool_alloc(c->l->ir->pool, 1, sizeof(*node));
	uint32_t *set = pool_alloc(c->l->ir->pool, list->count, sizeof(*set));
	uint32_t i;

	if (node == NULL || set == NULL) {
		c->failed = true;
		return &condition_zero;
	}
	for (i = 0; i < list->count; i++)
		set[i] = c->logic->term[list->term[i]].id;
	*node = (struct ir_node){
		.kind = kind,
		.set = set,
		.set_count = list->count,
	};
	return node;
}

/* --- groups ------------------------------------------------------------ */

/* Is n part of its group as if there were no parentheses? */
static bool
condition_is_inner(const struct logic_term *t, enum logic_kind kind)
{
	return t->kind == kind && t->kind != LOGIC_ID && t->compare == 0;
}

/* The terms of group n, in their order. */
static void
condition_gather(const struct condition *c, uint32_t n,
    struct condition_list *out)
{
	uint32_t stack[LOGIC_TERMS_MAX], count = 0;
	enum logic_kind kind = c->logic->term[n].kind;

	out->count = 0;
	stack[count++] = c->logic->term[n].right;
	stack[count++] = c->logic->term[n].left;
	while (count > 0) {
		uint32_t at = stack[--count];
		const struct logic_term *t = &c->logic->term[at];

		if (!condition_is_inner(t, kind)) {
			out->term[out->count++] = at;
			continue;
		}
		stack[count++] = t->right;
		stack[count++] = t->left;
	}
}

/* Are all of list plain ids, each once? */
static bool
condition_is_set(const struct condition *c, const struct condition_list *list)
{
	uint64_t seen = 0;
	uint32_t i;

	for (i = 0; i < list->count; i++) {
		const struct logic_term *t = &c->logic->term[list->term[i]];
		uint64_t bit = (uint64_t)1 << (t->id % LOGIC_IDS_MAX);

		if (t->kind != LOGIC_ID || t->compare != 0 || (seen & bit) != 0)
			return false;
		seen |= bit;
	}
	return true;
}

/* Does group n hold, its own compare left aside? */
static const struct ir_node *
condition_truth(struct condition *c, uint32_t n,
    const struct condition_list *list)
{
	const struct ir_node *child[LOGIC_TERMS_MAX];
	uint32_t i;

	for (i = 0; i < list->count; i++)
		child[i] = c->made[list->term[i]];
	return condition_node(c,
	    c->logic->term[n].kind == LOGIC_AND ? IR_AND : IR_OR, child,
	    list->count);
}

/*
 * How much list counts in all; 0 for terms that do not hold.  Where all of
 * them hold anyway (all_hold), that need not be asked.
 */
static const struct ir_node *
condition_sum(struct condition *c, const struct condition_list *list,
    bool all_hold)
{
	const struct ir_node *sum = NULL, *one;
	uint32_t i;

	if (condition_is_set(c, list))
		return condition_set(c, IR_SET_HITS, list);
	for (i = 0; i < list->count; i++) {
		uint32_t n = list->term[i];
		const struct logic_term *t = &c->logic->term[n];

		one = t->kind == LOGIC_ID ? condition_hits(t->id) : c->total[n];
		if (t->compare != 0 && !all_hold)
			one = condition_if(c, c->made[n], one);
		sum = sum == NULL ? one : condition_pair(c, IR_ADD, sum, one);
	}
	return sum;
}

/* --- different ids ------------------------------------------------------ */

/* A term to look at, and what must hold for its ids to count. */
struct condition_visit {
	uint32_t term;
	enum logic_kind around;
	const struct ir_node *guard; /* NULL: nothing more */
};

struct condition_ids {
	const struct ir_node *counts[LOGIC_IDS_MAX]; /* NULL: never */
	struct condition_visit stack[LOGIC_TERMS_MAX];
	uint32_t depth;
};

static void
condition_visit_term(struct condition *c, struct condition_ids *ids,
    struct condition_visit v)
{
	const struct logic_term *t = &c->logic->term[v.term];
	const struct ir_node *holds = c->made[v.term];

	if (t->kind == LOGIC_ID) {
		const struct ir_node **at = &ids->counts[t->id % LOGIC_IDS_MAX];

		if (v.guard != NULL)
			holds = condition_pair(c, IR_AND, v.guard, holds);
		*at =
		    *at == NULL ? holds : condition_pair(c, IR_OR, *at, holds);
		return;
	}
	if (t->compare != 0)
		return;
	if (t->kind == LOGIC_AND && v.around != LOGIC_AND)
		v.guard = v.guard == NULL
		    ? holds
		    : condition_pair(c, IR_AND, v.guard, holds);
	ids->stack[ids->depth++] =
	    (struct condition_visit){ t->right, t->kind, v.guard };
	ids->stack[ids->depth++] =
	    (struct condition_visit){ t->left, t->kind, v.guard };
}

/* How many different ids take part in group n. */
static const struct ir_node *
condition_distinct(struct condition *c, uint32_t n,
    const struct condition_list *list)
{
	const struct logic_term *t = &c->logic->term[n];
	struct condition_ids ids = { .depth = 2 };
	const struct ir_node *sum = NULL;
	uint32_t i;

	if (condition_is_set(c, list))
		return condition_set(c, IR_SET_FOUND, list);
	ids.stack[0] = (struct condition_visit){ t->right, t->kind, NULL };
	ids.stack[1] = (struct condition_visit){ t->left, t->kind, NULL };
	while (ids.depth > 0)
		condition_visit_term(c, &ids, ids.stack[--ids.depth]);
	for (i = 0; i < LOGIC_IDS_MAX; i++) {
		if (ids.counts[i] == NULL)
			continue;
		sum = sum == NULL
		    ? ids.counts[i]
		    : condition_pair(c, IR_ADD, sum, ids.counts[i]);
	}
	return sum == NULL ? &condition_zero : sum;
}

/* --- all of it ---------------------------------------------------------- */

static void
condition_make_id(struct condition *c, uint32_t n)
{
	const struct logic_term *t = &c->logic->term[n];

	c->made[n] = t->compare == 0
	    ? condition_found(t->id)
	    : condition_compare(c, condition_hits(t->id), t);
}

static void
condition_make_group(struct condition *c, uint32_t n, bool is_counted)
{
	const struct logic_term *t = &c->logic->term[n];
	struct condition_list list;
	const struct ir_node *truth, *total, *distinct;

	condition_gather(c, n, &list);
	truth = condition_truth(c, n, &list);
	c->made[n] = truth;
	if (t->compare == 0 && !is_counted)
		return;
	total = condition_sum(c, &list, t->kind == LOGIC_AND);
	if (t->kind == LOGIC_AND)
		total = condition_if(c, truth, total);
	c->total[n] = total;
	if (t->compare == 0)
		return;
	c->made[n] = condition_compare(c, total, t);
	if (!t->has_distinct)
		return;
	distinct = condition_distinct(c, n, &list);
	if (t->kind == LOGIC_AND)
		distinct = condition_if(c, truth, distinct);
	c->made[n] = condition_pair(c, IR_AND, c->made[n],
	    condition_pair(c, IR_GE, distinct, condition_int(c, t->distinct)));
}

/* Which terms stand, however deep, in a group that is counted? */
static void
condition_find_counted(const struct logic *logic, bool *counted, bool *inner)
{
	uint32_t n, i;

	counted[0] = inner[0] = false;
	for (n = 0; n < logic->term_count; n++) {
		const struct logic_term *t = &logic->term[n];
		uint32_t child[2] = { t->left, t->right };

		for (i = 0; i < 2 && t->kind != LOGIC_ID; i++) {
			counted[child[i]] = counted[n] || t->compare != 0;
			inner[child[i]] =
			    condition_is_inner(&logic->term[child[i]], t->kind);
		}
	}
}

/* Is the tree under node small enough to be written out? */
static bool
condition_is_small(struct logic_cache *cache, const struct ir_node *node)
{
	const struct ir_node **stack = cache->stack;
	uint32_t depth = 0, count = 0, i;

	stack[depth++] = node;
	while (depth > 0) {
		node = stack[--depth];
		if (++count > CONDITION_NODES_MAX ||
		    node->child_count > CONDITION_NODES_MAX - depth)
			return false;
		for (i = 0; i < node->child_count; i++)
			stack[depth++] = node->child[i];
	}
	return true;
}

static const struct ir_node *
condition_make(struct line *l, struct cur at)
{
	struct condition c = {
		.l = l,
		.logic = &l->logic->logic,
		.made = l->logic->made,
		.total = l->logic->total,
	};
	bool counted[LOGIC_TERMS_MAX], inner[LOGIC_TERMS_MAX];
	uint32_t n;

	condition_find_counted(c.logic, counted, inner);
	for (n = c.logic->term_count; n-- > 0 && !c.failed;) {
		if (c.logic->term[n].kind == LOGIC_ID)
			condition_make_id(&c, n);
		else if (!inner[n])
			condition_make_group(&c, n, counted[n]);
	}
	if (c.failed) {
		(void)line_full(l);
		return NULL;
	}
	if (!condition_is_small(l->logic, c.made[0])) {
		(void)line_refuse(l, cur_where(&at), "bad-logic",
		    "the expression is too complicated");
		return NULL;
	}
	return c.made[0];
}

/* Where text is, or would be, in the cache. */
static struct logic_cache_entry *
condition_find_entry(struct logic_cache *cache, struct cur c)
{
	const uint8_t *text = c.base + c.pos;
	size_t size = cur_left(&c), i;
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */

	for (i = 0; i < size; i++)
		hash = (hash ^ text[i]) * 0x100000001b3u;
	hash ^= hash >> 32;
	for (;; hash++) {
		struct logic_cache_entry *e =
		    &cache->entry[hash % LOGIC_CACHE_SIZE];

		if (e->text == NULL ||
		    (e->size == size && memcmp(e->text, text, size) == 0))
			return e;
	}
}

const struct ir_node *
condition_read(struct line *l, struct cur c, uint32_t *id_count)
{
	struct logic_cache_entry *e = condition_find_entry(l->logic, c);
	const struct ir_node *condition;

	if (e->text != NULL) {
		*id_count = e->id_count;
		return e->condition;
	}
	if (!logic_read(l, c, &l->logic->logic))
		return NULL;
	*id_count = l->logic->logic.id_count;
	condition = condition_make(l, c);
	/* A quarter stays empty, so that looking up always ends. */
	if (condition != NULL && l->logic->count < LOGIC_CACHE_SIZE / 4 * 3) {
		const char *text =
		    pool_text(l->ir->pool, c.base + c.pos, cur_left(&c));

		if (text == NULL) {
			(void)line_full(l);
			return NULL;
		}
		l->logic->count++;
		*e = (struct logic_cache_entry){
			.text = (const uint8_t *)text,
			.size = cur_left(&c),
			.condition = condition,
			.id_count = *id_count,
		};
	}
	return condition;
}
