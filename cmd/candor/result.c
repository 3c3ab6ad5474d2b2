/*
 * result.c - what is known of one file.  The contract is in result.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/result.h"

#include "lib/formats/format.h"
#include "proc/crew/finding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
result_clear(struct result *r)
{
	buf_cut(&r->path, 0);
	buf_cut(&r->bytes, 0);
	r->object_count = r->hit_count = r->gap_count = 0;
	r->detection_count = 0;
	r->kind = RESULT_SCANNED;
	r->size = r->dropped = r->searched = 0;
	r->objects = r->file_kind = 0;
	r->err = 0;
	r->is_folder = r->has_sha256 = r->is_cached = r->has_stamp = false;
	r->is_doubted = r->state.is_good = false;
	r->verdict = VERDICT_CLEAN;
}

void
result_doubt(struct result *r)
{
	buf_cut(&r->bytes, 0);
	r->object_count = r->hit_count = r->gap_count = 0;
	r->dropped = 0;
	r->is_doubted = true;
}

void
result_free(struct result *r)
{
	buf_free(&r->path);
	buf_free(&r->bytes);
	free(r->object);
	free(r->hit);
	free(r->gap);
	free(r->detection);
}

/* --- frames ------------------------------------------------------------ */

/* Where the object of that number is or would stand. */
static size_t
find_object(const struct result *r, uint32_t number)
{
	size_t low = 0, high = r->object_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->object[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct result_object *
result_object(const struct result *r, uint32_t number)
{
	size_t at = find_object(r, number);

	if (at == r->object_count || r->object[at].number != number)
		return NULL;
	return &r->object[at];
}

static void
take_object(struct result *r, const struct frame *f)
{
	size_t at = find_object(r, f->object.object);

	if (r->object_count >= RESULT_OBJECTS ||
	    (at < r->object_count &&
		r->object[at].number == f->object.object)) {
		r->dropped++;
		return;
	}
	r->object = buf_grow(r->object, &r->object_room, r->object_count + 1,
	    sizeof(r->object[0]));
	memmove(r->object + at + 1, r->object + at,
	    (r->object_count - at) * sizeof(r->object[0]));
	r->object[at] = (struct result_object){
		.number = f->object.object,
		.parent = f->object.parent,
		.depth = f->object.depth,
		.kind = f->object.kind,
		.size = f->object.size,
	};
	r->object_count++;
}

static void
take_name(struct result *r, const struct frame *f)
{
	size_t at = find_object(r, f->payload.object);
	uint32_t size = f->payload.size;

	if (at == r->object_count ||
	    r->object[at].number != f->payload.object ||
	    size > FRAME_PAYLOAD_MAX)
		return;
	r->object[at].name = r->bytes.size;
	r->object[at].name_size = size;
	buf_add(&r->bytes, f->payload.bytes, size);
}

static void
take_match(struct result *r, const struct frame *f)
{
	if (r->hit_count >= RESULT_HITS) {
		r->dropped++;
		return;
	}
	r->hit =
	    buf_grow(r->hit, &r->hit_room, r->hit_count + 1, sizeof(r->hit[0]));
	r->hit[r->hit_count++] = (struct result_hit){
		.object = f->match.object,
		.database = f->match.database,
		.signature = f->match.signature,
		.string = f->match.string,
		.view = f->match.view,
		.size = f->match.size,
		.offset = f->match.offset,
	};
}

/* Bytes follow the match they belong to. */
static void
take_bytes(struct result *r, const struct frame *f)
{
	struct result_hit *hit;

	if (r->hit_count == 0 || f->payload.size > FRAME_PAYLOAD_MAX)
		return;
	hit = &r->hit[r->hit_count - 1];
	if (hit->object != f->payload.object || hit->bytes_size != 0)
		return;
	hit->bytes = r->bytes.size;
	hit->bytes_size = f->payload.size;
	buf_add(&r->bytes, f->payload.bytes, f->payload.size);
}

void
result_add_gap(struct result *r, uint32_t object, enum unscanned why)
{
	if (r->gap_count >= RESULT_GAPS) {
		r->dropped++;
		return;
	}
	r->gap =
	    buf_grow(r->gap, &r->gap_room, r->gap_count + 1, sizeof(*r->gap));
	r->gap[r->gap_count++] = (struct result_gap){ object, why };
}

void
result_take(struct result *r, const struct frame *f)
{
	switch (f->kind) {
	case FRAME_OBJECT:
		take_object(r, f);
		break;
	case FRAME_NAME:
		take_name(r, f);
		break;
	case FRAME_MATCH:
		take_match(r, f);
		break;
	case FRAME_BYTES:
		take_bytes(r, f);
		break;
	case FRAME_UNSCANNED:
		result_add_gap(r, f->unscanned.object,
		    (enum unscanned)f->unscanned.reason);
		break;
	default:
		break;
	}
}

void
result_take_end(struct result *r, const struct frame *end, enum unscanned lost)
{
	if (lost != UNSCANNED_NOTHING) {
		result_add_gap(r, 0, lost);
		return;
	}
	/* The first worker found something: one of the two is wrong. */
	if (r->is_doubted && r->hit_count == 0)
		result_add_gap(r, 0, UNSCANNED_CRASHED);
	r->searched = end->end.bytes;
	r->objects = end->end.objects;
	r->file_kind = end->end.kind;
	r->has_sha256 = (end->end.flags & FRAME_END_SHA256) != 0;
	memcpy(r->sha256, end->end.sha256, sizeof(r->sha256));
}

/* --- verdict ----------------------------------------------------------- */

/* -1, 0 or 1, as qsort wants it. */
static int
compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
hit_compare(const void *a, const void *b)
{
	const struct result_hit *x = a, *y = b;
	int c = compare(x->object, y->object);

	c = c != 0 ? c : compare(x->database, y->database);
	c = c != 0 ? c : compare(x->signature, y->signature);
	c = c != 0 ? c : compare(x->view, y->view);
	c = c != 0 ? c : compare(x->string, y->string);
	return c != 0 ? c : compare(x->offset, y->offset);
}

static struct finding
finding_of(const struct detection *d)
{
	return (struct finding){ d->object, d->database, d->signature,
		(uint32_t)d->kind, d->is_weak };
}

static int
detection_compare(const void *a, const void *b)
{
	struct finding x = finding_of(a), y = finding_of(b);

	return finding_compare(&x, &y);
}

static bool
same_detection(const struct result_hit *a, const struct result_hit *b)
{
	return a->object == b->object && a->database == b->database &&
	    a->signature == b->signature;
}

/* Make a detection of count hits from first on. */
static void
add_detection(struct result *r, const struct databases *databases, size_t first,
    size_t count)
{
	const struct result_hit *hit = &r->hit[first];
	struct db_signature s;
	struct detection d = {
		.first = first,
		.count = count,
		.object = hit->object,
		.database = hit->database,
		.signature = hit->signature,
	};

	if (databases_signature(databases, d.database, d.signature, &s)) {
		d.kind = (enum sig_kind)s.kind;
		d.is_weak = finding_is_weak(s.kind, s.flags);
	}
	r->detection = buf_grow(r->detection, &r->detection_room,
	    r->detection_count + 1, sizeof(r->detection[0]));
	r->detection[r->detection_count++] = d;
}

/* What was found in a view of an object was found in the object. */
static void
leave_view(const struct result *r, struct result_hit *hit)
{
	const struct result_object *o = result_object(r, hit->object);

	if (hit->view != CHILD_MEMBER && o != NULL)
		hit->object = o->parent;
}

void
result_settle(struct result *r, const struct databases *databases,
    bool all_matches)
{
	struct finding first;
	size_t i, from = 0;

	for (i = 0; i < r->hit_count; i++)
		leave_view(r, &r->hit[i]);
	if (r->hit_count > 1)
		qsort(r->hit, r->hit_count, sizeof(r->hit[0]), hit_compare);
	for (i = 1; i <= r->hit_count; i++) {
		if (i < r->hit_count &&
		    same_detection(&r->hit[from], &r->hit[i]))
			continue;
		add_detection(r, databases, from, i - from);
		from = i;
	}
	if (r->detection_count > 1)
		qsort(r->detection, r->detection_count, sizeof(r->detection[0]),
		    detection_compare);
	if (!all_matches && r->detection_count > 1)
		r->detection_count = 1;
	if (r->detection_count > 0)
		first = finding_of(&r->detection[0]);
	r->verdict = finding_verdict(r->detection_count > 0 ? &first : NULL,
	    r->gap_count > 0 || r->dropped > 0 ||
		r->kind == RESULT_NOT_OPENED || r->kind == RESULT_ABSENT ||
		r->kind == RESULT_ODD);
}

/* --- names ------------------------------------------------------------- */

size_t
result_where(const struct result *r, uint32_t number,
    const struct result_object *out[RESULT_DEPTH])
{
	const struct result_object *o = result_object(r, number);
	size_t count = 0, i;

	while (o != NULL && o->number != 0 && count < RESULT_DEPTH) {
		out[count++] = o;
		if (o->parent >= o->number)
			break;
		o = result_object(r, o->parent);
	}
	for (i = 0; i < count / 2; i++) {
		const struct result_object *other = out[i];

		out[i] = out[count - 1 - i];
		out[count - 1 - i] = other;
	}
	return count;
}

struct cur
result_name(const struct result *r, const struct result_object *o,
    char room[64])
{
	if (o->name_size > 0)
		return cur_from(r->bytes.bytes + o->name, o->name_size);
	snprintf(room, 64, "(%s)", kind_row(o->kind)->text);
	return cur_from(room, strlen(room));
}
