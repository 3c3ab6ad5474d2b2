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
#include "lib/formats/zip.h"

#include <string.h>

#define PIECE        ((size_t)64 << 10) /* read at a time when looking again */
#define EXTENT_TIMES 4u
#define SECTOR       2048u
#define ZIP_TAIL     ((size_t)22 + 65535) /* an end record and its comment */

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

/*
 * Readers of ZIP look for its end record at the end of a file, whatever the
 * file is otherwise: one behind an archive, or in bytes of it that are no
 * member, is opened as well as that archive.  And what the local headers say
 * they read in the directory, so that one can look like none (embedded.c).
 */
static uint64_t
find_zip_by_its_end(struct scan *s, struct level *l)
{
	static const uint8_t sign[] = { 'P', 'K', 5, 6 };
	const struct source *of = &l->source;
	size_t mark = arena_mark(s->arena), tail;
	uint64_t at = UINT64_MAX;
	struct window w;

	if ((of->mem == NULL && l->stream.parent != NULL) ||
	    of->size == SOURCE_SIZE_UNKNOWN)
		return at;
	if (of->mem != NULL) {
		tail = of->size < ZIP_TAIL ? (size_t)of->size : ZIP_TAIL;
		if (memmem(of->mem + of->size - tail, tail, sign,
			sizeof(sign)) == NULL)
			return at;
	}
	if (!window_init(&w, &l->source, s->arena) || !zip_find_first(&w, &at))
		at = UINT64_MAX;
	arena_reset(s->arena, mark);
	return at;
}

void
inside_begin(struct scan *s, struct level *l)
{
	bool is_zip = kind_is(l->kind, KIND_ZIP) && l->opened;

	l->inside.from = 1;
	l->inside.zip_at = UINT64_MAX;
	if (l->role == CHILD_MEMBER && !l->is_looked_at && !is_zip)
		l->inside.zip_at = find_zip_by_its_end(s, l);
	l->inside.is_disk = l->opened && l->kind == KIND_ISO9660;
	l->inside.has_zip = is_zip;
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
	/* Who opens the first reads the same end. */
	if (e->kind == KIND_ZIP && e->off > n->zip_at)
		return;
	if (e->kind == KIND_ZIP)
		n->zip_at = UINT64_MAX;
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
	if (n->zip_at >= off && n->zip_at - off < size)
		n->zip_at = UINT64_MAX;
}

/* Everything else is known: now the one that its end tells. */
static void
note_zip_by_its_end(struct inside *n)
{
	struct embedded e = {
		.kind = KIND_ZIP, .off = n->zip_at, .size = UINT64_MAX
	};
	uint32_t i = n->count;

	if (n->zip_at == UINT64_MAX || n->zip_at < n->from)
		return;
	n->zip_at = UINT64_MAX;
	if (n->count == INSIDE_MAX)
		return;
	while (i > 0 && n->found[i - 1].off >= e.off)
		i--;
	if (i < n->count && n->found[i].off == e.off)
		return;
	memmove(&n->found[i + 1], &n->found[i],
	    (n->count - i) * sizeof(n->found[0]));
	n->found[i] = e;
	n->count++;
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

	if (n->at == 0)
		note_zip_by_its_end(n);
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
