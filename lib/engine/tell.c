/*
 * tell.c - what is said of a scan, and when it has to end.
 *
 * An object is named before anything is said of it, and its containers before
 * it, so that whoever listens can always say where a finding lies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/engine/level.h"

bool
scan_may_go_on(struct scan *s)
{
	if (!s->over && !s->out->may_go_on(s->out->ctx)) {
		s->over = s->late = true;
		tell_gap(s, &s->level[0], UNSCANNED_TIMEOUT);
	}
	return !s->over;
}

enum unscanned
gap_of_source(enum source_state state)
{
	switch (state) {
	case SOURCE_FINE:
		break;
	case SOURCE_TRUNCATED:
	case SOURCE_CORRUPT:
		return UNSCANNED_CORRUPT;
	case SOURCE_ENCRYPTED:
		return UNSCANNED_ENCRYPTED;
	case SOURCE_UNSUPPORTED:
		return UNSCANNED_UNSUPPORTED;
	case SOURCE_CHANGED:
		return UNSCANNED_CHANGED;
	case SOURCE_LIMIT:
		return UNSCANNED_LIMIT;
	}
	return UNSCANNED_NOTHING;
}

enum unscanned
gap_of_format(enum format_end end)
{
	switch (end) {
	case FORMAT_CHILD:
	case FORMAT_WHOLE:
		break;
	case FORMAT_TRUNCATED:
	case FORMAT_MALFORMED:
		return UNSCANNED_CORRUPT;
	case FORMAT_ENCRYPTED:
		return UNSCANNED_ENCRYPTED;
	case FORMAT_UNSUPPORTED:
		return UNSCANNED_UNSUPPORTED;
	case FORMAT_LIMIT:
		return UNSCANNED_LIMIT;
	}
	return UNSCANNED_NOTHING;
}

/* Say which object this is, unless it was said. */
static void
tell_one(struct scan *s, struct level *l, uint32_t depth)
{
	struct report_object o = { .object = l->object,
		.parent = l->parent_object,
		.depth = depth,
		.kind = l->kind,
		.size = l->source.size,
		.name = l->name,
		.name_size = l->name_size };

	if (l->told)
		return;
	l->told = true;
	s->out->object(s->out->ctx, &o);
}

/* Name the object and everything it stands in, outermost first. */
static void
tell_path(struct scan *s, struct level *l)
{
	uint32_t i;

	for (i = 0; &s->level[i] != l; i++)
		tell_one(s, &s->level[i], i);
	tell_one(s, l, i);
}

void
tell_object(struct scan *s, struct level *l)
{
	if ((s->options->flags & SCAN_EXPLAIN) != 0)
		tell_path(s, l);
}

void
tell_gap(struct scan *s, struct level *l, enum unscanned why)
{
	if (why == UNSCANNED_NOTHING)
		return;
	tell_path(s, l);
	s->summary->gaps++;
	if (why != UNSCANNED_ENCRYPTED && why != UNSCANNED_UNSUPPORTED)
		s->summary->had_oddity = true;
	s->out->unscanned(s->out->ctx, l->object, why);
}

/*
 * The matched bytes, where they can be had without decoding again: false for
 * a hash, and for a stream (explain says the offset, not the bytes).
 */
static uint32_t
tell_bytes(struct level *l, const struct search_match *match, uint8_t *out)
{
	bool seekable = l->source.mem != NULL || l->stream.parent == NULL;
	size_t size =
	    match->size < REPORT_BYTES_MAX ? match->size : REPORT_BYTES_MAX;

	if (!seekable || size == 0)
		return 0;
	return (uint32_t)source_read(&l->source, match->offset, out, size);
}

static bool
level_has_told(const struct level *l, const struct search_match *match)
{
	uint32_t i;

	for (i = 0; i < l->rule_count; i++) {
		if (l->rule[i].database == match->database &&
		    l->rule[i].signature == match->signature)
			return true;
	}
	return false;
}

/*
 * Was this rule told of the same bytes: the raw ones, and this is their
 * normalised view, or the same as another kind?  Remembers what is told, as
 * far as there is room.
 */
static bool
tell_is_again(struct level *l, const struct search_match *match)
{
	const struct level *at = l;

	while (at->role != CHILD_MEMBER || at->is_again)
		if (level_has_told(--at, match))
			return true;
	if (l->rule_count < LEVEL_RULES && !level_has_told(l, match))
		l->rule[l->rule_count++] =
		    (struct told_rule){ match->database, match->signature };
	return false;
}

bool
tell_match(struct scan *s, struct level *l, const struct search_match *match)
{
	uint8_t bytes[REPORT_BYTES_MAX];
	struct report_match m = { .object = l->object,
		.database = match->database,
		.signature = match->signature,
		.string = match->string,
		.offset = match->offset,
		.size = match->size,
		.view = l->role };

	if (tell_is_again(l, match) || level_is_allowed(s, l))
		return false;
	tell_path(s, l);
	if ((s->options->flags & SCAN_SAY_BYTES) != 0) {
		m.bytes_size = tell_bytes(l, match, bytes);
		m.bytes = m.bytes_size > 0 ? bytes : NULL;
	}
	s->summary->matches++;
	s->out->match(s->out->ctx, &m);
	if ((s->options->flags & SCAN_ALL_MATCHES) == 0)
		s->over = true;
	return true;
}
