/*
 * inside.c - files inside an object nobody takes apart.  See inside.h.
 *
 * Which of those found are children:
 *
 *   - of ZIP local headers the first: the ZIP opener looks for the others,
 *     and decodes what they say is compressed by bzip2 or xz;
 *   - an executable ends where the next file begins, or each would hold all
 *     that follow.
 *
 * An image of a disk holds files that no folder tells of.  They stand at
 * sectors as the others do; as those others are only known when the image was
 * taken apart, no more are wanted than are remembered at a time.
 *
 * All bytes of the object are looked at, also those of a file found in it:
 * what a lying header would hide is found.  So nothing is looked for in such a
 * child again (is_looked_at), or every file would be found once more for each
 * that stands before it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/engine/inside.h"

#include "lib/base/ckd.h"
#include "lib/engine/level.h"

#include <string.h>

#define PIECE        ((size_t)64 << 10) /* read at a time when looking again */
#define EXTENT_TIMES 4u
#define SECTOR       2048u

/*
 * Does the opener take all of it apart?  Others give views and pieces, and
 * leave the rest to us; ZIP readers ignore what surrounds the members.
 */
static bool
kind_is_container(enum kind kind)
{
	static const uint8_t container[KIND_COUNT] = { [KIND_GZIP] = 1,
		[KIND_BZIP2] = 1,
		[KIND_XZ] = 1,
		[KIND_LZMA] = 1,
		[KIND_LZIP] = 1,
		[KIND_ZSTD] = 1,
		[KIND_LZ4] = 1,
		[KIND_COMPRESS] = 1,
		[KIND_TAR] = 1,
		[KIND_TAR_OLD] = 1,
		[KIND_CPIO] = 1,
		[KIND_CPIO_ODC] = 1,
		[KIND_CPIO_CRC] = 1,
		[KIND_CPIO_BIN] = 1,
		[KIND_AR] = 1,
		[KIND_RPM] = 1,
		[KIND_SEVENZIP] = 1,
		[KIND_RAR] = 1,
		[KIND_ARJ] = 1,
		[KIND_CAB] = 1,
		[KIND_LHA] = 1,
		[KIND_XAR] = 1,
		[KIND_CHM] = 1,
		[KIND_SZDD] = 1,
		[KIND_KWAJ] = 1 };

	return container[kind] != 0;
}

void
inside_begin(struct level *l)
{
	l->inside.from = 1;
	l->inside.is_disk = l->opened && l->kind == KIND_ISO9660;
	l->inside.has_zip = kind_is(l->kind, KIND_ZIP) && l->opened;
	l->inside.is_wanted = l->role == CHILD_MEMBER && !l->is_looked_at &&
	    (!l->opened || !kind_is_container(l->kind));
}

static void
note(struct level *l, const struct embedded *e)
{
	struct inside *n = &l->inside;
	uint32_t i = n->count;

	if (n->is_disk && (e->off % SECTOR != 0 || n->count == INSIDE_MAX))
		return;
	if (e->off < n->from || (e->kind == KIND_ZIP && n->has_zip) ||
	    (e->off == n->data && e->off > 0))
		return;
	while (i > 0 && n->found[i - 1].off > e->off)
		i--;
	if (i > 0 && n->found[i - 1].off == e->off)
		return;
	if (n->count == INSIDE_MAX) {
		n->is_more = true;
		if (i == INSIDE_MAX)
			return;
		n->count--;
	}
	if (i == n->count)
		n->resume = e->off + 1;
	else if (n->is_more)
		n->resume = n->found[n->count - 1].off + 1;
	memmove(&n->found[i + 1], &n->found[i],
	    (n->count - i) * sizeof(n->found[0]));
	n->found[i] = *e;
	n->count++;
	n->has_zip = n->has_zip || e->kind == KIND_ZIP;
}

void
inside_look(struct level *l, const uint8_t *bytes, size_t size, size_t seen,
    uint64_t off)
{
	/* A header may have been cut by the end of what was given before. */
	size_t again = seen < EMBEDDED_HEADER ? seen : EMBEDDED_HEADER;
	struct cur in = cur_from(bytes + seen - again, size - seen + again);
	struct embedded e;

	if (!l->inside.is_wanted)
		return;
	in.origin = off + seen - again;
	while (embedded_find(&in, &e)) {
		if (e.data != 0)
			l->inside.data = e.data;
		note(l, &e);
	}
}

void
inside_forget(struct level *l, uint64_t off, uint64_t size)
{
	struct inside *n = &l->inside;
	uint32_t i, kept = 0;

	for (i = 0; i < n->count; i++)
		if (n->found[i].off < off || n->found[i].off - off >= size)
			n->found[kept++] = n->found[i];
	n->count = kept;
}

/* The last that was noted is being told: look for what did not fit. */
static void
look_again(struct scan *s, struct level *l)
{
	struct inside *n = &l->inside;
	size_t mark = arena_mark(s->arena), seen = 0, got;
	uint8_t *room = arena_alloc(s->arena, 1, EMBEDDED_HEADER + PIECE);
	uint64_t at;

	at = n->from = n->resume;
	n->count = n->at = 0;
	n->is_more = false;
	if (room == NULL)
		tell_gap(s, l, UNSCANNED_LIMIT);
	while (room != NULL && !n->is_more && scan_may_go_on(s)) {
		got = source_read(&l->source, at, room + seen, PIECE);
		if (got == 0)
			break;
		inside_look(l, room, seen + got, seen, at - seen);
		at += got;
		got += seen;
		seen = got < EMBEDDED_HEADER ? got : EMBEDDED_HEADER;
		memmove(room, room + got - seen, seen);
	}
	arena_reset(s->arena, mark);
}

/*
 * How many bytes are the child's that begins at e->off, where the next begins
 * at next (or nowhere: the end).  Most formats do not say where they end, and
 * a stored archive inside another looks like the next one; so each may have
 * what follows, until all of them had the object EXTENT_TIMES over.
 */
static uint64_t
extent(struct level *l, const struct embedded *e, uint64_t next)
{
	struct inside *n = &l->inside;
	uint64_t end = l->source.size, size, most;

	size = end == SOURCE_SIZE_UNKNOWN ? end : end - e->off;
	if (e->size < size)
		size = e->size;
	if (next == UINT64_MAX || next - e->off >= size)
		return size;
	if (e->kind == KIND_PE || end == SOURCE_SIZE_UNKNOWN ||
	    ckd_mul(&most, end, (uint64_t)EXTENT_TIMES) ||
	    n->given > most - size)
		return next - e->off;
	n->given += size;
	return size;
}

bool
inside_next(struct scan *s, struct level *l, struct child *out)
{
	static const char name[] = "embedded";
	struct inside *n = &l->inside;
	struct embedded e;

	if (n->at == n->count && n->is_more)
		look_again(s, l);
	if (n->at == n->count)
		return false;
	e = n->found[n->at++];
	if (n->at == n->count && n->is_more)
		look_again(s, l);
	*out = (struct child){ .role = CHILD_MEMBER,
		.name_size = sizeof(name) - 1,
		.is_range = true,
		.off = e.off,
		.obstacle = FORMAT_WHOLE };
	memcpy(out->name, name, sizeof(name) - 1);
	out->size =
	    extent(l, &e, n->at < n->count ? n->found[n->at].off : UINT64_MAX);
	return true;
}
