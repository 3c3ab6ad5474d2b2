/*
 * level_hash.c - digests of objects, sections and import tables, taken only
 * when a database has one for a thing of that size.
 *
 * What is wanted of an object is noted first, for all databases, and taken in
 * one go (piece.h); then each database is asked for what came out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/engine/level.h"
#include "lib/engine/piece.h"

/* Kinds of digest that a database has of a thing of this size: bits. */
static uint32_t
kinds_wanted(const struct engine *e, enum hash_of of, bool allow, uint64_t size)
{
	uint32_t wanted = 0, n;
	unsigned kind;

	for (n = 0; n < e->count; n++)
		for (kind = 0; kind < DIGEST_KINDS; kind++)
			if ((wanted >> kind & 1) == 0 &&
			    hashes_want(&e->database[n], of, kind, allow, size))
				wanted |= 1u << kind;
	return wanted;
}

void
engine_hash_files(const struct engine *e, const struct source *file,
    size_t count, uint32_t flags, struct file_digests *out)
{
	struct piece_batch batch = { .lanes = e->lanes };
	uint32_t wanted;
	size_t i;

	for (i = 0; i < count; i++) {
		out[i].known = 0;
		if (file[i].mem == NULL)
			continue;
		wanted = kinds_wanted(e, HASH_OF_FILE, false, file[i].size);
		if ((flags & SCAN_HASH) != 0)
			wanted |= 1u << DIGEST_SHA256;
		if (!piece_batch_has_room(&batch))
			piece_batch_take(&batch);
		piece_batch_add(&batch, wanted, file[i].mem,
		    (size_t)file[i].size, &out[i]);
	}
	piece_batch_take(&batch);
}

/* --- what is wanted of an object ------------------------------------------ */

/* Pieces, in the order in which they are told of. */
struct plan {
	struct piece *piece; /* arena */
	size_t count;
};

/* A part of an object of which digests of these kinds are wanted. */
static struct piece
piece_of(const struct level *l, uint32_t wanted, uint64_t off, uint64_t size)
{
	static const uint8_t nothing[1];
	struct piece p = { .wanted = wanted, .off = off, .size = size };

	if (size == 0)
		p.mem = nothing;
	else if (l->source.mem != NULL)
		p.mem = l->source.mem + off;
	return p;
}

static void
plan_whole(struct plan *plan, const struct scan *s, const struct level *l)
{
	struct piece *p = &plan->piece[plan->count];
	uint64_t size = l->source.size;
	uint32_t wanted;

	if (size == SOURCE_SIZE_UNKNOWN)
		return;
	wanted = kinds_wanted(s->engine, HASH_OF_FILE, false, size);
	if (l == s->level && (s->options->flags & SCAN_HASH) != 0)
		wanted |= 1u << DIGEST_SHA256;
	if (wanted == 0)
		return;
	*p = piece_of(l, wanted, 0, size);
	p->of = HASH_OF_FILE;
	p->digests = l->digests;
	plan->count++;
}

static void
plan_section(struct plan *plan, const struct scan *s, const struct level *l,
    const struct section *section)
{
	uint64_t whole = l->source.size;
	uint32_t wanted =
	    kinds_wanted(s->engine, HASH_OF_SECTION, false, section->size);

	/* One that does not end cannot be read either. */
	if (wanted == 0 || section->off > whole ||
	    section->size > whole - section->off)
		return;
	plan->piece[plan->count] =
	    piece_of(l, wanted, section->off, section->size);
	plan->piece[plan->count].of = HASH_OF_SECTION;
	plan->count++;
}

static void
plan_imports(struct plan *plan, const struct scan *s, const struct cur *text)
{
	uint32_t wanted =
	    kinds_wanted(s->engine, HASH_OF_IMPORTS, false, text->size);

	if (wanted != 0)
		plan->piece[plan->count++] =
		    (struct piece){ .of = HASH_OF_IMPORTS,
			    .wanted = wanted,
			    .mem = text->base,
			    .size = text->size };
}

/* Note everything that databases want of an object; false if there is no
   room for that. */
static bool
plan_make(struct plan *plan, struct scan *s, const struct level *l)
{
	const struct facts *f = &l->facts;
	uint32_t sections = f->section_hashes_apply ? f->section_count : 0, i;

	plan->count = 0;
	plan->piece =
	    arena_alloc(s->arena, (size_t)sections + 2, sizeof(*plan->piece));
	if (plan->piece == NULL)
		return false;
	plan_whole(plan, s, l);
	for (i = 0; i < sections; i++)
		plan_section(plan, s, l, &f->section[i]);
	if (f->has_import_text)
		plan_imports(plan, s, &f->import_text);
	return true;
}

/* --- what databases say of it --------------------------------------------- */

/* Was enough told?  Out of time is no reason not to say what is known. */
static bool
told_enough(const struct scan *s)
{
	bool one_is_enough = (s->options->flags & SCAN_ALL_MATCHES) == 0;

	return s->over &&
	    (!s->late || (one_is_enough && s->summary->matches > 0));
}

/* Tell every signature of database number n that has one of these digests. */
static void
tell_piece(struct scan *s, struct level *l, uint32_t n, const struct piece *p)
{
	struct search_match m = { .database = n, .string = MATCH_NO_STRING };
	uint32_t known = p->wanted & p->digests.known, from;
	unsigned kind;

	for (kind = 0; kind < DIGEST_KINDS; kind++) {
		from = 0;
		while ((known >> kind & 1) != 0 && !told_enough(s) &&
		    hashes_find(&s->engine->database[n], p->of, kind, false,
			p->digests.digest[kind], p->size, from, &m.signature)) {
			(void)tell_match(s, l, &m);
			from = m.signature + 1;
		}
	}
}

uint32_t
level_check_hashes(struct scan *s, struct level *l)
{
	uint32_t before = s->summary->matches, n;
	size_t mark = arena_mark(s->arena), i;
	struct plan plan;

	if (s->over)
		return 0;
	if (!plan_make(&plan, s, l) ||
	    !pieces_take(s, &l->source, plan.piece, plan.count))
		tell_gap(s, l, UNSCANNED_LIMIT);
	if (plan.count > 0 && plan.piece[0].of == HASH_OF_FILE)
		l->digests = plan.piece[0].digests;
	for (n = 0; n < s->engine->count; n++)
		for (i = 0; i < plan.count; i++)
			tell_piece(s, l, n, &plan.piece[i]);
	arena_reset(s->arena, mark);
	return s->summary->matches - before;
}

/* --- allow lists ---------------------------------------------------------- */

/* Have the object's own digests of these kinds, as far as it can be read. */
static void
level_digests(struct scan *s, struct level *l, uint32_t wanted)
{
	struct piece p;

	if ((wanted & ~l->digests.known) == 0)
		return;
	p = piece_of(l, wanted, 0, l->source.size);
	p.digests = l->digests;
	(void)pieces_take(s, &l->source, &p, 1);
	l->digests = p.digests;
}

/* Does database number n allow this very object? */
static bool
allows(const struct scan *s, const struct level *l, uint32_t n)
{
	uint32_t signature;
	unsigned kind;

	for (kind = 0; kind < DIGEST_KINDS; kind++)
		if ((l->digests.known >> kind & 1) != 0 &&
		    hashes_find(&s->engine->database[n], HASH_OF_FILE, kind,
			true, l->digests.digest[kind], l->source.size, 0,
			&signature))
			return true;
	return false;
}

bool
level_is_allowed(struct scan *s, struct level *l)
{
	struct level *at;
	uint32_t n;

	for (at = l;; at--) {
		if (at->source.size != SOURCE_SIZE_UNKNOWN)
			level_digests(s, at,
			    kinds_wanted(s->engine, HASH_OF_FILE, true,
				at->source.size));
		for (n = 0; n < s->engine->count; n++)
			if (allows(s, at, n))
				return true;
		if (at == s->level)
			return false;
	}
}
