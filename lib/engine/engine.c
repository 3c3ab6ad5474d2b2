/*
 * engine.c - the walk of one file.  The contract is in engine.h.
 *
 * Every object is looked at in the same order: identify, open (facts), match
 * and evaluate, and then its children one after the other.  The stack of open
 * containers is an array, so nesting costs no C stack and one branch of the
 * tree is in memory at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/engine/engine.h"

#include "lib/base/ckd.h"
#include "lib/engine/level.h"
#include "lib/ident/ident.h"

#include <string.h>

#define DEPTH_DEFAULT   16u
#define OBJECTS_DEFAULT 1000000u
#define RATIO_DEFAULT   2000u
#define RATIO_FREE      ((uint64_t)1 << 30) /* decoded bytes nobody counts */
#define WINDOW          ((size_t)1 << 20)   /* bytes read at a time */
#define GRACE           64u /* questions, of a few milliseconds each */
#define FOUND_HEAD      ((size_t)64 << 10) /* bytes; see is_endless() */

struct engine *
engine_open(struct arena *a, const struct db *databases, size_t count,
    struct why *why)
{
	struct engine *e = arena_alloc(a, 1, sizeof(*e));

	if (e == NULL) {
		(void)why_not(why, WHY_LIMIT, "engine: no room for a scan");
		return NULL;
	}
	e->arena = a;
	e->database = databases;
	e->count = count;
	e->lanes = lanes_choose(&e->lanes_refused);
	e->search = search_open(a, databases, count, why);
	return e->search == NULL ? NULL : e;
}

const char *
engine_refused(const struct engine *e)
{
	const char *refused = search_refused(e->search);

	return refused != NULL ? refused : e->lanes_refused;
}

/* Fill in what was left at 0. */
static void
limits_default(struct scan *s, uint64_t file_size)
{
	struct limits *l = &s->limits;
	uint64_t by_ratio, free_of_ratio = 0;

	*l = s->options->limits;
	if (l->max_object_size == 0)
		l->max_object_size = UINT64_MAX;
	if (l->max_total == 0)
		l->max_total = UINT64_MAX;
	if (l->max_depth == 0)
		l->max_depth = DEPTH_DEFAULT;
	/* One level for the file itself, one for a view of the deepest. */
	if (l->max_depth > LEVEL_DEPTH_MAX - 2)
		l->max_depth = LEVEL_DEPTH_MAX - 2;
	if (l->max_objects == 0)
		l->max_objects = OBJECTS_DEFAULT;
	/* Whoever names a ratio means it, for small files too. */
	if (l->max_ratio == 0) {
		l->max_ratio = RATIO_DEFAULT;
		free_of_ratio = RATIO_FREE;
	}
	if (ckd_mul(&by_ratio, file_size, (uint64_t)l->max_ratio))
		by_ratio = UINT64_MAX;
	if (by_ratio < free_of_ratio)
		by_ratio = free_of_ratio;
	s->decoded_max = by_ratio < l->max_total ? by_ratio : l->max_total;
}

/*
 * Kinds that hold other objects in ways nothing here opens yet: saying clean
 * of them would be a guess.
 */
static bool
kind_is_closed(enum kind kind)
{
	static const uint8_t closed[KIND_COUNT] = { [KIND_OLE2] = 1,
		[KIND_MAIL] = 1,
		[KIND_PDF] = 1,
		[KIND_RTF] = 1,
		[KIND_SWF] = 1,
		[KIND_TNEF] = 1,
		[KIND_UUENCODED] = 1,
		[KIND_BINHEX] = 1,
		[KIND_SIS] = 1,
		[KIND_ISHIELD] = 1,
		[KIND_AUTOIT] = 1,
		[KIND_NSIS] = 1,
		[KIND_ONENOTE] = 1,
		[KIND_EGG] = 1,
		[KIND_ALZ] = 1,
		[KIND_DMG] = 1,
		[KIND_UDF] = 1,
		[KIND_SCRENC] = 1,
		[KIND_XML_WORD] = 1,
		[KIND_XDP] = 1,
		[KIND_HWP3] = 1,
		[KIND_HWPOLE2] = 1,
		[KIND_CRYPTFF] = 1,
		[KIND_GPT] = 1,
		[KIND_APM] = 1 };

	return closed[kind] != 0;
}

/*
 * Which signatures look at the bytes as they are: those for the kind, but
 * text and HTML are searched for their own signatures in their normalised
 * views only, as ClamAV was observed to do.
 */
static uint8_t
target_of(const struct level *l)
{
	uint8_t target = kind_row(l->kind)->target;

	switch (l->role) {
	case CHILD_TEXT_VIEW:
		return 7;
	case CHILD_HTML_VIEW:
		return 3;
	case CHILD_MEMBER:
		break;
	}
	return target == 7 || target == 3 ? 0 : target;
}

/*
 * What the object on top stands in, outermost first.  A view is the object
 * itself, seen otherwise: its parent's containers are its own.
 */
static void
set_ancestors(const struct scan *s, const struct level *l,
    struct search_object *out)
{
	uint32_t i;

	out->depth = s->depth - (l->role == CHILD_MEMBER ? 1 : 2);
	for (i = 0; i < out->depth; i++)
		out->ancestor[i] = (uint16_t)s->level[i].kind;
}

/*
 * What FileSize speaks of: the file itself when the view of a text is looked
 * at, as in ClamAV.  (The views of HTML are files of their own there.)
 */
static uint64_t
file_size_of(const struct level *l)
{
	bool is_text =
	    l->role == CHILD_TEXT_VIEW && kind_row(l->kind)->target == 7;

	return is_text ? l[-1].source.size : l->source.size;
}

struct search_call {
	struct scan *scan;
	struct level *level;
};

static bool
on_match(void *ctx, const struct search_match *m)
{
	struct search_call *call = ctx;

	return !retype_note(call->level, m) &&
	    tell_match(call->scan, call->level, m);
}

static bool
on_ask(void *ctx)
{
	struct search_call *call = ctx;
	struct scan *s = call->scan;

	if (scan_may_go_on(s))
		return true;
	if (s->grace == 0)
		return false;
	s->grace--;
	return true;
}

/* One compressed file, that does not say where it ends. */
static bool
kind_is_stream(enum kind kind)
{
	return kind == KIND_GZIP || kind == KIND_BZIP2 || kind == KIND_XZ;
}

/*
 * Was l found inside another file, of which it has all that follows?  That was
 * searched as the other's bytes: once, and not again for each such file, but
 * for what it begins with, FOUND_HEAD bytes.
 */
static bool
is_endless(const struct level *l)
{
	return l->is_found && !l->is_again && kind_is_stream(l->kind);
}

/* Give the search the bytes of an object that is in memory. */
static void
search_memory(struct scan *s, struct level *l)
{
	uint64_t size = l->source.size;

	if (is_endless(l) && size > FOUND_HEAD)
		size = FOUND_HEAD;
	if (size > s->limits.max_object_size) {
		size = s->limits.max_object_size;
		tell_gap(s, l, UNSCANNED_LIMIT);
	}
	search_window(s->engine->search, l->source.mem, (size_t)size, 0, 0);
	inside_look(l, l->source.mem, (size_t)size, 0, 0);
	s->summary->bytes += size;
}

/*
 * The same for one that is read piece by piece.  room holds the last bytes of
 * the piece before (seen of them), then the new ones.
 */
static void
search_pieces(struct scan *s, struct level *l, uint8_t *room)
{
	size_t seen = 0, got, keep;
	uint64_t off = 0, left = s->limits.max_object_size;

	if (is_endless(l) && left > FOUND_HEAD)
		left = FOUND_HEAD;
	while (left > 0 && scan_may_go_on(s)) {
		got = source_read(&l->source, off, room + seen,
		    left < WINDOW ? (size_t)left : WINDOW);
		if (got == 0)
			break;
		search_window(s->engine->search, room, seen + got, seen,
		    off - seen);
		inside_look(l, room, seen + got, seen, off - seen);
		off += got;
		left -= got;
		s->summary->bytes += got;
		keep =
		    seen + got < SEARCH_OVERLAP ? seen + got : SEARCH_OVERLAP;
		memmove(room, room + seen + got - keep, keep);
		seen = keep;
	}
	if (left == 0 && !is_endless(l) && source_has(&l->source, off))
		tell_gap(s, l, UNSCANNED_LIMIT);
	else if (left > 0 && !s->over && off < l->source.size &&
	    l->source.size != SOURCE_SIZE_UNKNOWN &&
	    l->source.state == SOURCE_FINE)
		l->source.state = SOURCE_CHANGED;
}

static void
search_windows(struct scan *s, struct level *l)
{
	size_t mark = arena_mark(s->arena);
	uint8_t *room = arena_alloc(s->arena, 1, SEARCH_OVERLAP + WINDOW);

	if (room == NULL)
		tell_gap(s, l, UNSCANNED_LIMIT);
	else
		search_pieces(s, l, room);
	arena_reset(s->arena, mark);
}

/* Match and evaluate: which rules hold for this object. */
static void
level_search(struct scan *s, struct level *l)
{
	struct search_call call = { s, l };
	struct search_listener listener = { .ctx = &call,
		.match = on_match,
		.may_go_on = on_ask,
		.all = (s->options->flags & SCAN_ALL_MATCHES) != 0,
		.explain = (s->options->flags & SCAN_EXPLAIN) != 0 };
	struct search_object object = { .kind = l->kind,
		.target = target_of(l),
		.facts = &l->facts,
		.size = l->source.size,
		.file_size = file_size_of(l) };

	set_ancestors(s, l, &object);
	search_begin(s->engine->search, &object);
	if (l->source.mem != NULL)
		search_memory(s, l);
	else
		search_windows(s, l);
	if (search_finish(s->engine->search, &l->source, &listener) !=
		SEARCH_DONE &&
	    !s->over)
		tell_gap(s, l, UNSCANNED_LIMIT);
}

/*
 * Programs hold the ten bytes a gzip file begins with, to write them.  What
 * was found inside another file and breaks before it gave a byte is no file:
 * nobody gets anything out of it.
 */
static bool
level_is_mistake(const struct scan *s, const struct level *l)
{
	return s->depth > 1 && l[-1].is_found && l->source.size == 0 &&
	    l->source.state == SOURCE_CORRUPT && kind_is_stream(l[-1].kind);
}

/*
 * What is missing when l's opener ended like that.  If a signature said what
 * to open l as and was wrong, nothing is: l was looked at as what it is.
 */
static enum unscanned
gap_of_opener(const struct level *l, enum format_end end)
{
	bool is_wrong = end == FORMAT_TRUNCATED || end == FORMAT_MALFORMED ||
	    end == FORMAT_UNSUPPORTED;

	return l->is_again && is_wrong ? UNSCANNED_NOTHING : gap_of_format(end);
}

/* Say what was looked at, and what could not be; end is how opening ended. */
static void
level_tell(struct scan *s, struct level *l, enum format_end end)
{
	bool was_said = l->is_again && l->source.state == l[-1].source.state;

	tell_object(s, l);
	if (!was_said && !level_is_mistake(s, l))
		tell_gap(s, l, gap_of_source(l->source.state));
	if (l->role == CHILD_MEMBER && !l->is_again && kind_is_closed(l->kind))
		tell_gap(s, l, UNSCANNED_UNSUPPORTED);
	if (l->format != NULL && l->format->next != NULL)
		tell_gap(s, l, gap_of_opener(l, end));
}

/*
 * Look at the object on top of the stack itself: everything but its children.
 * Facts come before the search, for entry points and sections; hashes come
 * after it has read a stream to its end and so knows its size.
 */
static void
level_examine(struct scan *s, struct level *l)
{
	enum format_end end = FORMAT_WHOLE;
	size_t mark;

	level_load(s, l);
	mark = arena_mark(s->arena);
	if (l->role == CHILD_MEMBER && !l->is_again)
		l->kind = ident_guess(&l->source, s->arena);
	arena_reset(s->arena, mark);
	if (s->depth == 1)
		s->summary->kind = l->kind;
	l->format = l->role == CHILD_MEMBER ? format_of(l->kind) : NULL;
	if (l->format != NULL)
		end = level_open(s, l);
	inside_begin(s, l);
	facts_set(&l->facts, FACT_SIZE, l->source.size);
	if (l->source.mem != NULL && l->role == CHILD_MEMBER)
		(void)level_check_hashes(s, l);
	if (!s->over || (s->late && l->source.mem != NULL))
		level_search(s, l);
	if (l->source.mem == NULL && l->role == CHILD_MEMBER && !s->over)
		(void)level_check_hashes(s, l);
	level_tell(s, l, end);
}

/* Put a new, empty level on the stack. */
static struct level *
level_push(struct scan *s)
{
	struct level *l = &s->level[s->depth++];

	memset(l, 0, sizeof(*l));
	l->mark = arena_mark(s->arena);
	l->object = s->objects++;
	l->parent_object = s->depth > 1 ? l[-1].object : l->object;
	s->summary->objects++;
	return l;
}

/* Read the file itself once more, for its SHA-256. */
static bool
scan_read_sha256(struct scan *s, struct source *file, uint8_t *out)
{
	uint64_t off = 0;
	struct cur piece;
	struct digest d;

	digest_init(&d, DIGEST_SHA256);
	while (off < file->size && s->out->may_go_on(s->out->ctx)) {
		size_t mark = arena_mark(s->arena);
		uint64_t left = file->size - off;

		source_cur_upto(file, s->arena, off,
		    left < WINDOW ? left : WINDOW, &piece);
		digest_add(&d, piece.base, piece.size);
		off += piece.size;
		arena_reset(s->arena, mark);
		if (piece.size == 0)
			break;
	}
	digest_end(&d, out);
	return off == file->size;
}

/*
 * SHA-256 of the file itself, whose level l is, when it is asked for or something
 * was found in it.  One that was cut short while it was read has none.
 */
static void
scan_hash_file(struct scan *s, struct level *l)
{
	struct scan_summary *to = s->summary;
	uint32_t flags = s->options->flags;
	bool is_wanted = (flags & SCAN_HASH) != 0 || to->matches > 0 ||
	    ((flags & SCAN_HASH_GAPS) != 0 && to->gaps > 0);

	if (!is_wanted || l->source.size != s->file_size ||
	    s->file_size == SOURCE_SIZE_UNKNOWN)
		return;
	if ((l->digests.known >> DIGEST_SHA256 & 1) != 0) {
		memcpy(to->sha256, l->digests.digest[DIGEST_SHA256],
		    sizeof(to->sha256));
		to->has_sha256 = true;
	} else {
		to->has_sha256 = scan_read_sha256(s, &l->source, to->sha256);
	}
}

/* Take the top level off the stack, with all its memory. */
static void
level_pop(struct scan *s)
{
	struct level *l = &s->level[--s->depth];

	if (l->opened && l->format->close != NULL)
		l->format->close(l->state);
	if (s->depth == 0) {
		if (l->source.mem == NULL)
			arena_reset(s->arena, l->mark);
		scan_hash_file(s, l);
	}
	arena_reset(s->arena, l->mark);
}

/* Start on a child the top level described; it becomes the top. */
static void
level_enter(struct scan *s, struct level *parent, const struct child *child)
{
	struct level *l = level_push(s);

	l->role = child->role;
	l->kind = child->role == CHILD_MEMBER ? KIND_UNKNOWN : parent->kind;
	l->name_size = child->name_size;
	memcpy(l->name, child->name, child->name_size);
	if (child->is_range) {
		l->range = (struct source_range){ &parent->source, child->off };
		source_cut(&l->range, child->size, &l->source);
		if (l->source.size < child->size)
			l->source.state = SOURCE_TRUNCATED;
		l->is_found = parent->inside.is_wanted &&
		    (parent->walked || !parent->opened);
		l->is_looked_at = parent->is_looked_at || l->is_found;
	} else {
		stream_init(s, l, parent);
	}
	if (child->obstacle != FORMAT_WHOLE) {
		l->source = source_from(NULL, 0);
		l->source.size = child->size;
		tell_gap(s, l, gap_of_format(child->obstacle));
		level_pop(s);
		return;
	}
	level_examine(s, l);
}

/* Look at the bytes of the top level once more, as those of a kind. */
static void
level_enter_again(struct scan *s, struct level *parent, enum kind kind)
{
	struct level *l = level_push(s);

	l->role = CHILD_MEMBER;
	l->kind = kind;
	l->is_again = l->is_found = true;
	l->is_looked_at = parent->is_looked_at || parent->inside.is_wanted;
	l->range = (struct source_range){ &parent->source, 0 };
	source_cut(&l->range, parent->source.size, &l->source);
	l->digests = parent->digests;
	level_examine(s, l);
}

/* May a child of the top level be looked at?  A view is no deeper. */
static bool
level_may_go_down(struct scan *s, struct level *l, enum child_role role)
{
	uint32_t depth = role == CHILD_MEMBER ? s->depth : s->depth - 1;

	if (depth <= s->limits.max_depth && s->objects < s->limits.max_objects)
		return true;
	tell_gap(s, l, UNSCANNED_LIMIT);
	return false;
}

/*
 * The next child of l: those its opener tells of, then what was found inside.
 * FORMAT_WHOLE when there are no more.
 */
static enum format_end
level_next(struct scan *s, struct level *l, struct child *out)
{
	enum format_end end;

	if (l->opened && !l->walked) {
		end = l->format->next(l->state, out);
		if (end == FORMAT_CHILD) {
			if (out->is_range)
				inside_forget(l, out->off, out->size);
			return end;
		}
		tell_gap(s, l, gap_of_opener(l, end));
		l->walked = true;
	}
	return inside_next(s, l, out) ? FORMAT_CHILD : FORMAT_WHOLE;
}

/* Go on to the next child of the top level, or take the level off. */
static void
level_step(struct scan *s)
{
	struct level *l = &s->level[s->depth - 1];
	struct child child = { .role = CHILD_MEMBER };
	enum kind kind;

	if (scan_may_go_on(s) && retype_next(l, &kind) &&
	    level_may_go_down(s, l, CHILD_MEMBER)) {
		level_enter_again(s, l, kind);
		return;
	}
	if (!scan_may_go_on(s) || level_next(s, l, &child) != FORMAT_CHILD ||
	    !level_may_go_down(s, l, child.role)) {
		level_pop(s);
		return;
	}
	l->children++;

	/* What follows a file found inside another is the other's, and was
	   looked at there. */
	if (!(child.is_rest && l->is_found))
		level_enter(s, l, &child);
}

void
engine_scan(struct engine *e, struct source *file,
    const struct scan_options *options, const struct reporter *out,
    struct scan_summary *summary)
{
	struct scan *s = &e->scan;
	size_t mark = arena_mark(e->arena);
	struct level *l;

	memset(summary, 0, sizeof(*summary));
	memset(s, 0, offsetof(struct scan, level));
	s->engine = e;
	s->arena = e->arena;
	s->options = options;
	s->out = out;
	s->summary = summary;
	s->grace = GRACE;
	s->file_size = file->size;
	limits_default(s, file->size);
	l = level_push(s);
	l->role = CHILD_MEMBER;
	l->source = *file;
	if (options->known != NULL)
		l->digests = *options->known;
	level_examine(s, l);
	while (s->depth > 0)
		level_step(s);
	arena_reset(e->arena, mark);
}
