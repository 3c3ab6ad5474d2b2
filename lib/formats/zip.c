/*
 * zip.c - walk the members of a ZIP file, also of one that lies.
 *
 * Spec:    PKWARE APPNOTE 6.3.10 (2022).                         [APPNOTE]
 * Input:   hostile; read through struct window and struct cur only.
 * Emits:   FACT_MEMBERS, _ENCRYPTED, _OVERLAPS, _RECOVERED; a child per
 *          member, directories left out.  Members that are stored and not
 *          encrypted are ranges.
 * Limits:  what is decoded may read the file OPENED_TIMES over, and then
 *          stops: overlapping members (D. Fifield, "A better zip bomb", 2019)
 *          end as FORMAT_LIMIT.  Memory is two windows, a list of spans in at
 *          most a quarter of the arena, and one decoder.
 *
 * Programs disagree about what is in a ZIP file that contradicts itself: some
 * believe the central directory, some read local headers from the start.  So:
 *
 *   - what the directory lists is a child;
 *   - where the local header tells of another method, encryption or extent,
 *     that reading of the bytes is a child, too;
 *   - what lies between the listed members is searched for local headers, and
 *     those are children ("recovered"); so is what a member leaves unused;
 *   - with no directory, everything lies between.
 *
 * A source of unknown size cannot be read from its end.  It is walked by its
 * local headers; the directory is compared when it comes by, and read again
 * only if it lists something that was not met.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/zip.h"

#include "lib/base/ckd.h"
#include "lib/formats/openers.h"

#include <string.h>

#define OPENED_TIMES 4u
#define OPENED_MORE  ((uint64_t)64 << 10)
#define SPANS_MAX    ((size_t)1 << 20)
#define MET_MAX      ((size_t)4096) /* members remembered of a stream */
#define SLACKS_MAX   16u
#define READINGS_MAX 2u /* more than one, of the same member */

enum phase {
	LISTED, /* the directory's entries */
	GAPS,   /* what is between the members; of a stream: everything */
	SLACK,  /* what members left unused */
	LATE,   /* of a stream: entries whose member was not met */
	OVER
};

/* Bytes that are accounted for; of a stream: a member met. */
struct span {
	uint64_t start;
	uint64_t end; /* of a stream: what zip_look() says */
};

struct zip {
	struct window window;
	struct window second;
	struct window *listing; /* to see the directory through: second where
	                           that can stay open beside the members */
	struct arena *arena;
	struct facts *facts;
	const struct passwords *passwords;
	struct zip_directory directory;

	enum phase phase;
	enum format_end end; /* of the walk, the worst so far */
	uint64_t at;         /* next entry, or next byte to search */
	uint64_t listed;     /* entries read */
	bool is_streamed;    /* the size was not known at first */
	bool is_late;        /* the directory lists what was not met */

	struct span *span; /* sorted by start once complete */
	size_t spans, span_room, span_at;
	bool is_span_lost; /* there was no room for one */
	struct span slack[SLACKS_MAX];
	size_t slacks, slack_at;

	struct zip_entry reading[READINGS_MAX]; /* still to emit */
	size_t readings;

	size_t mark; /* what of the arena belongs to the walk */
	struct zip_member member;
	bool has_child;           /* next() described one */
	bool is_range;            /* the child is one */
	enum format_end obstacle; /* of the child */
	enum phase found_in;
	uint64_t opened; /* bytes of input that were decoded */
	uint64_t members, encrypted, recovered, overlaps;
};

/* Remember the first trouble; later ones explain less. */
static void
trouble(struct zip *z, enum format_end end)
{
	if (z->end == FORMAT_WHOLE)
		z->end = end;
}

/* --- spans --------------------------------------------------------------- */

/* Let span[at] sink to its place in the heap of the first count. */
static void
span_sink(struct span *span, size_t at, size_t count)
{
	struct span moved = span[at];

	for (;;) {
		size_t child = at * 2 + 1;

		if (child >= count)
			break;
		if (child + 1 < count &&
		    span[child + 1].start > span[child].start)
			child++;
		if (span[child].start <= moved.start)
			break;
		span[at] = span[child];
		at = child;
	}
	span[at] = moved;
}

/* Sort by start: heapsort, since qsort() may allocate. */
static void
span_sort(struct span *span, size_t count)
{
	size_t i;

	for (i = 1; i < count && span[i - 1].start <= span[i].start; i++)
		;
	if (i >= count)
		return;
	for (i = count / 2; i-- > 0;)
		span_sink(span, i, count);
	for (i = count; i-- > 1;) {
		struct span top = span[0];

		span[0] = span[i];
		span[i] = top;
		span_sink(span, 0, i);
	}
}

/*
 * Merge spans that touch; how many began inside another one?  Nothing hides in
 * a gap that is smaller than a local header.
 */
static uint64_t
span_merge(struct zip *z)
{
	uint64_t overlaps = 0;
	size_t i, n = 0;

	span_sort(z->span, z->spans);
	for (i = 0; i < z->spans; i++) {
		struct span s = z->span[i];
		struct span *last = n > 0 ? &z->span[n - 1] : NULL;

		if (last == NULL ||
		    (s.start > last->end &&
			s.start - last->end >= ZIP_LOCAL_SIZE)) {
			z->span[n++] = s;
			continue;
		}
		overlaps += s.start < last->end;
		if (s.end > last->end)
			last->end = s.end;
	}
	z->spans = n;
	return overlaps;
}

static void
span_add(struct zip *z, uint64_t start, uint64_t end)
{
	if (z->spans == z->span_room && !z->is_streamed && !z->is_span_lost) {
		z->overlaps += span_merge(z);

		/* Merging must not become what most of the time is spent on. */
		z->is_span_lost = z->spans > z->span_room / 2;
	}
	if (z->spans == z->span_room)
		z->is_span_lost = true;
	else
		z->span[z->spans++] = (struct span){ start, end };
}

/* Make room for as many as there can be, in a quarter of the arena. */
static void
span_init(struct zip *z, uint64_t most)
{
	size_t left = z->arena->size - z->arena->used;
	size_t room = left / 4 / sizeof(*z->span);

	if (room > SPANS_MAX)
		room = SPANS_MAX;
	if (room > most)
		room = (size_t)most;
	z->span = arena_alloc(z->arena, room, sizeof(*z->span));
	z->span_room = z->span == NULL ? 0 : room;
}

/* --- the directory ------------------------------------------------------- */

/*
 * Go through the directory once: count, and note what bytes its members have.
 * Local headers are not read for this; the name's size is much the same.
 */
static void
survey(struct zip *z)
{
	const struct zip_directory *d = &z->directory;
	uint64_t at = d->at;
	struct zip_entry e;

	span_init(z, (d->end - d->at) / ZIP_CENTRAL_SIZE + 2);
	while (zip_read_central(z->listing, &at, &e)) {
		uint64_t start = e.header + d->base;
		uint64_t end;

		if (!e.is_directory)
			z->members++;
		if ((e.flags & ZIP_ENCRYPTED) != 0)
			z->encrypted++;
		if (ckd_add(&end, start, ZIP_LOCAL_SIZE + e.name_size) ||
		    ckd_add(&end, end, e.packed))
			end = UINT64_MAX;
		if (start < z->window.source->size)
			span_add(z, start, end);
	}
	span_add(z, d->at, at);
	z->overlaps += span_merge(z);
	facts_set(z->facts, FACT_MEMBERS, z->members);
	facts_set(z->facts, FACT_ENCRYPTED, z->encrypted);
	facts_set(z->facts, FACT_OVERLAPS, z->overlaps);
	z->members = z->encrypted = 0;
}

/* Does the local header leave the sizes to a descriptor behind the data? */
static bool
has_open_sizes(const struct zip_entry *e)
{
	return (e->flags & ZIP_DESCRIPTOR) != 0 && e->packed == 0 &&
	    e->size == 0;
}

static void
add_reading(struct zip *z, const struct zip_entry *e)
{
	if (z->readings < READINGS_MAX)
		z->reading[z->readings++] = *e;
}

/*
 * Join a directory entry with its local header.  Where the two tell of
 * different bytes, the local header's is one more reading.
 */
static void
join(struct zip *z, struct zip_entry *e, const struct zip_entry *local)
{
	struct zip_entry other = *local;
	uint64_t end;
	bool differs = local->method != e->method ||
	    local->aes_strength != e->aes_strength ||
	    ((local->flags ^ e->flags) & ZIP_ENCRYPTED) != 0;

	e->header = local->header;
	e->data = local->data;
	if (local->crc != 0)
		e->other_crc = local->crc;
	if (has_open_sizes(local)) {
		other.packed = e->packed;
		other.size = e->size;
	} else if (!zip_ends_itself(e)) {
		differs |= local->packed != e->packed || local->size != e->size;
	}
	if (differs) {
		other.other_crc = e->crc;
		memcpy(other.name, e->name, e->name_size);
		other.name_size = e->name_size;
		add_reading(z, &other);
	}

	/* Some readers take as many stored bytes as the other size says. */
	if (e->method == ZIP_STORED && (e->flags & ZIP_ENCRYPTED) == 0 &&
	    e->size != e->packed && !ckd_add(&end, e->data, e->size) &&
	    end <= z->window.source->size) {
		other = *e;
		other.packed = e->size;
		add_reading(z, &other);
	}
}

/* Was this member met in the walk of a stream, and did it look the same? */
static bool
was_met(const struct zip *z, uint64_t header, uint64_t look)
{
	size_t low = 0, high = z->spans;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (z->span[middle].start < header)
			low = middle + 1;
		else
			high = middle;
	}
	return low < z->spans && z->span[low].start == header &&
	    z->span[low].end == look;
}

/* What of a header must agree for two readings to be one. */
static uint64_t
look_of(const struct zip_entry *e)
{
	return e->method | (uint64_t)(e->flags & ZIP_ENCRYPTED) << 16;
}

/* Find the next listed member; its obstacle if its header is not there. */
static bool
next_listed(struct zip *z, struct zip_entry *out, enum format_end *obstacle)
{
	struct zip_entry local;

	*obstacle = FORMAT_WHOLE;
	while (zip_read_central(z->listing, &z->at, out)) {
		uint64_t header = out->header + z->directory.base;

		z->listed += z->phase == LISTED;
		if (z->phase == LATE && was_met(z, header, look_of(out)))
			continue;
		if (zip_read_local(&z->window, header, &local) ||
		    zip_read_local(&z->window, out->header, &local)) {
			if (out->is_directory &&
			    (local.packed == 0 || local.is_directory))
				continue;
			join(z, out, &local);
			return true;
		}
		if (out->is_directory)
			continue;
		*obstacle = header < z->window.source->size ? FORMAT_MALFORMED
							    : FORMAT_TRUNCATED;
		return true;
	}
	return false;
}

/* --- gaps ---------------------------------------------------------------- */

/* Find the bytes to search from z->at on; false if there are no more. */
static bool
next_gap(struct zip *z, uint64_t *to)
{
	for (; z->phase == GAPS && !z->is_streamed && z->span_at < z->spans;
	     z->span_at++) {
		const struct span *s = &z->span[z->span_at];

		if (z->at < s->start) {
			*to = s->start;
			return true;
		}
		if (z->at < s->end)
			z->at = s->end;
	}
	for (; z->phase == SLACK && z->slack_at < z->slacks; z->slack_at++) {
		const struct span *s = &z->slack[z->slack_at];

		if (z->at < s->start)
			z->at = s->start;
		*to = s->end;
		if (z->at < s->end)
			return true;
		z->at = 0;
	}
	*to = z->window.source->size;
	return z->phase == GAPS && z->at < *to;
}

/* Does one of the two records begin at off? */
static bool
is_record(struct zip *z, uint64_t off, const char *signature)
{
	struct cur c;

	return window_cur(&z->window, off, 4, &c) &&
	    cur_match(&c, signature, 4);
}

/* Compare the directory with what was met, as it comes by in a stream. */
static void
pass_directory(struct zip *z)
{
	struct zip_entry e;

	if (z->listed == 0)
		z->directory.at = z->at;
	while (zip_read_central(&z->window, &z->at, &e)) {
		z->listed++;
		if (!e.is_directory && !was_met(z, e.header, look_of(&e)))
			z->is_late = true;
	}
}

/*
 * Find where stored bytes, or others that do not know their end, stop if only
 * a descriptor behind them can tell: at one that tells their size, else where
 * the next record begins, else at the end.                   [APPNOTE 4.3.9]
 */
static void
find_extent(struct zip *z, struct zip_entry *e)
{
	uint64_t next = SOURCE_SIZE_UNKNOWN;
	uint64_t at = e->data;
	struct cur c;

	while (window_find(&z->window, at, SOURCE_SIZE_UNKNOWN, "PK", 2, &at)) {
		window_view(&z->window, at, 16, &c);
		if (cur_match(&c, "PK\7\10", 4)) {
			uint32_t crc = cur_u32le(&c);

			if (cur_u32le(&c) == (uint32_t)(at - e->data) &&
			    cur_ok(&c)) {
				e->crc = e->other_crc = crc;
				e->packed = at - e->data;
				e->size = cur_u32le(&c);
				return;
			}
		}
		if (cur_match(&c, "PK\3\4", 4) || cur_match(&c, "PK\1\2", 4)) {
			next = at;
			break;
		}
		at += 2;
	}
	if (next != SOURCE_SIZE_UNKNOWN)
		e->packed = next - e->data;
	else if (z->window.source->size > e->data)
		e->packed = z->window.source->size - e->data;
	else
		e->packed = 0;
	if (e->method == ZIP_STORED && (e->flags & ZIP_ENCRYPTED) == 0)
		e->size = e->packed;
}

/* Get a local header that no directory vouches for ready to be read. */
static void
adopt(struct zip *z, struct zip_entry *e)
{
	e->is_recovered = true;
	if (!has_open_sizes(e))
		return;
	e->packed = e->size = SOURCE_SIZE_UNKNOWN;
	e->is_directory = false;
	if (!zip_ends_itself(e) || (e->flags & ZIP_ENCRYPTED) != 0)
		find_extent(z, e);
}

/* Go to the next record in [z->at, to) that may be one of ours. */
static bool
find_record(struct zip *z, uint64_t to)
{
	if (!z->is_streamed)
		return window_find(&z->window, z->at, to, "PK\3\4", 4, &z->at);
	return window_find(&z->window, z->at, to, "PK", 2, &z->at);
}

/* Find the next member that shows itself by its local header. */
static bool
next_found(struct zip *z, struct zip_entry *out)
{
	uint64_t to, at;

	while (next_gap(z, &to)) {
		if (!find_record(z, to)) {
			z->at = to;
			continue;
		}
		at = z->at;
		if (z->is_streamed && is_record(z, at, "PK\1\2"))
			pass_directory(z);
		if (z->at == at)
			z->at += 2;
		if (!zip_read_local(&z->window, at, out) ||
		    !zip_is_plausible(out))
			continue;
		z->at = out->data;
		if (out->is_directory)
			continue;
		if (z->is_streamed)
			span_add(z, at, look_of(out));
		adopt(z, out);
		return true;
	}
	return false;
}

/* --- the walk ------------------------------------------------------------ */

/* Everything was walked: does the directory hold? */
static void
finish(struct zip *z)
{
	const struct zip_directory *d = &z->directory;
	enum source_state state = z->window.source->state;

	if (state != SOURCE_FINE)
		trouble(z,
		    state == SOURCE_LIMIT ? FORMAT_LIMIT : FORMAT_TRUNCATED);
	if (!d->is_found)
		trouble(z, FORMAT_TRUNCATED);
	else if (d->is_secret)
		trouble(z, FORMAT_ENCRYPTED);
	else if (!d->is_valid)
		trouble(z, FORMAT_MALFORMED);
	else if (d->is_cut)
		trouble(z, FORMAT_TRUNCATED);
	else if (z->listed != d->count &&
	    (d->count > UINT16_MAX || (z->listed & UINT16_MAX) != d->count))
		trouble(z, FORMAT_MALFORMED);
	if (z->is_span_lost && !z->is_streamed)
		trouble(z, FORMAT_LIMIT);
	if (z->is_streamed && !d->is_valid)
		z->recovered = z->members;
	facts_set(z->facts, FACT_MEMBERS, z->members);
	facts_set(z->facts, FACT_ENCRYPTED, z->encrypted);
	facts_set(z->facts, FACT_RECOVERED, z->recovered);
}

/* After a stream: is there anything in the directory that was not met? */
static bool
must_look_again(struct zip *z)
{
	uint64_t passed = z->directory.at;

	if (z->window.source->size == SOURCE_SIZE_UNKNOWN)
		return false;
	zip_find_directory(&z->window, &z->directory);
	return z->directory.is_valid &&
	    (z->is_late || z->is_span_lost || passed != z->directory.at ||
		z->directory.base != 0);
}

static void
next_phase(struct zip *z)
{
	switch (z->phase) {
	case LISTED:
		z->phase = GAPS;
		z->at = 0;
		break;
	case GAPS:
		z->phase = SLACK;
		z->at = 0;
		if (z->is_streamed && must_look_again(z)) {
			z->phase = LATE;
			z->at = z->directory.at;
		}
		break;
	case LATE:
		z->phase = SLACK;
		z->at = 0;
		break;
	case SLACK:
	case OVER:
		finish(z);
		z->phase = OVER;
		break;
	}
}

/* Where to look on after a member that only its local header told of. */
static uint64_t
after_found(const struct zip *z)
{
	const struct zip_entry *e = &z->member.entry;
	uint64_t end;

	if (z->member.is_complete)
		return e->data + z->member.used;

	/*
	 * What could not be decoded may not be one member: look inside, except
	 * in a stream, where that would begin it anew.
	 */
	if (z->obstacle == FORMAT_WHOLE && !z->is_range &&
	    z->member.end != FORMAT_CHILD)
		return z->is_streamed && z->window.start > e->data
		    ? z->window.start
		    : e->data;
	if (e->packed == SOURCE_SIZE_UNKNOWN ||
	    ckd_add(&end, e->data, e->packed))
		return e->data;
	return end;
}

/* A listed member may have left part of its extent unused: note that. */
static void
note_slack(struct zip *z)
{
	const struct zip_member *m = &z->member;
	uint64_t end;

	if (!m->is_complete || m->used + ZIP_LOCAL_SIZE > m->entry.packed ||
	    ckd_add(&end, m->entry.data, m->entry.packed))
		return;
	if (end > z->window.source->size)
		end = z->window.source->size;
	if (z->slacks == SLACKS_MAX)
		trouble(z, FORMAT_LIMIT);
	else
		z->slack[z->slacks++] =
		    (struct span){ m->entry.data + m->used, end };
}

/* See to what the child before left behind. */
static void
settle(struct zip *z)
{
	if (!z->has_child)
		return;
	z->has_child = false;
	if (z->is_range)
		z->opened += z->member.entry.packed;
	else if (z->member.is_open)
		z->opened += codec_used(&z->member.codec);
	zip_member_close(&z->member);
	if (z->found_in == GAPS || z->found_in == SLACK)
		z->at = after_found(z);
	else if (!z->is_range)
		note_slack(z);
	arena_reset(z->arena, z->mark);
}

/* May another member be decoded? */
static bool
may_open(const struct zip *z)
{
	uint64_t size = z->window.source->size, most;

	return z->is_streamed || ckd_mul(&most, size, OPENED_TIMES) ||
	    ckd_add(&most, most, OPENED_MORE) || z->opened <= most;
}

static void
count_member(struct zip *z, const struct zip_entry *e)
{
	z->members++;
	if (z->members > z->facts->value[FACT_MEMBERS])
		facts_set(z->facts, FACT_MEMBERS, z->members);
	if ((e->flags & ZIP_ENCRYPTED) != 0)
		z->encrypted++;
	if (z->encrypted > z->facts->value[FACT_ENCRYPTED])
		facts_set(z->facts, FACT_ENCRYPTED, z->encrypted);
	if (z->is_streamed || (z->phase != GAPS && z->phase != SLACK))
		return;
	z->recovered++;
	facts_set(z->facts, FACT_RECOVERED, z->recovered);
}

/* Describe a range of stored bytes, as far as they are there. */
static void
describe_range(struct zip *z, struct child *out)
{
	const struct zip_entry *e = &z->member.entry;
	uint64_t end;

	out->is_range = z->is_range = true;
	out->off = e->data;
	out->size = e->packed;
	if (ckd_add(&end, e->data, e->packed) ||
	    (!z->is_streamed && end > z->window.source->size))
		trouble(z, FORMAT_TRUNCATED);
}

static enum format_end
emit(struct zip *z, const struct zip_entry *e, enum format_end obstacle,
    struct child *out)
{
	struct zip_member *m = &z->member;

	count_member(z, e);
	if (obstacle == FORMAT_WHOLE)
		obstacle = may_open(z) ? zip_member_init(m, e, z->passwords)
				       : FORMAT_LIMIT;
	*out = (struct child){ .role = CHILD_MEMBER,
		.name_size = e->name_size,
		.size = e->size,
		.obstacle = obstacle };
	memcpy(out->name, e->name, e->name_size);
	z->has_child = true;
	z->is_range = false;
	z->obstacle = obstacle;
	z->found_in = z->phase;
	if (obstacle == FORMAT_WHOLE && m->entry.method == ZIP_STORED &&
	    (m->entry.flags & ZIP_ENCRYPTED) == 0)
		describe_range(z, out);
	return FORMAT_CHILD;
}

static enum format_end
zip_next(void *state, struct child *out)
{
	struct zip *z = state;
	enum format_end obstacle = FORMAT_WHOLE;
	struct zip_entry e;

	settle(z);
	for (; z->phase != OVER; next_phase(z)) {
		if (z->readings > 0) {
			e = z->reading[--z->readings];
			return emit(z, &e, FORMAT_WHOLE, out);
		}
		if (z->phase == LISTED || z->phase == LATE
			? next_listed(z, &e, &obstacle)
			: next_found(z, &e))
			return emit(z, &e, obstacle, out);
	}
	return z->end;
}

static size_t
zip_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct zip *z = state;

	return zip_member_read(&z->member, buf, size, end);
}

static void
zip_close(void *state)
{
	struct zip *z = state;

	zip_member_close(&z->member);
}

static enum format_end
zip_open(struct opening *in, void **state)
{
	struct zip *z = arena_alloc(in->arena, 1, sizeof(*z));

	if (z == NULL || !window_init(&z->window, in->source, in->arena))
		return FORMAT_LIMIT;
	z->arena = in->arena;
	z->facts = in->facts;
	z->passwords = in->passwords;
	z->member.window = &z->window;
	z->member.arena = in->arena;
	z->member.max_memory = in->max_memory;
	z->end = FORMAT_WHOLE;
	z->is_streamed = in->source->size == SOURCE_SIZE_UNKNOWN;
	z->phase = GAPS;
	z->listing = z->is_streamed ? &z->window : &z->second;
	if (z->is_streamed) {
		span_init(z, MET_MAX);
	} else {
		if (!window_init(&z->second, in->source, in->arena))
			return FORMAT_LIMIT;
		zip_find_directory(z->listing, &z->directory);
		if (z->directory.is_valid) {
			survey(z);
			z->phase = LISTED;
			z->at = z->directory.at;
		}
	}
	z->mark = arena_mark(in->arena);
	*state = z;
	return FORMAT_WHOLE;
}

const struct format zip_opener = {
	.name = "zip",
	.open = zip_open,
	.next = zip_next,
	.read = zip_read,
	.close = zip_close,
};
