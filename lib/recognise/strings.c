/*
 * strings.c - which of some strings stand in a program.
 *
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   RECOGNISE_STRING, once for each that is there, as bytes or as
 *          UTF-16 (little-endian).
 * Limits:  STRINGS_READ bytes of the file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/recognise/parts.h"

#define STRINGS_READ  ((uint64_t)512 << 20)
#define STRINGS_PIECE ((uint64_t)1 << 20)
#define NEEDLE_MIN    6u  /* shorter ones stand everywhere */
#define NEEDLE_MAX    64u /* bytes */

struct needle {
	uint8_t wide[2 * NEEDLE_MAX];
	bool is_found;
};

static bool
may_be_looked_for(struct cur needle)
{
	return needle.size >= NEEDLE_MIN && needle.size <= NEEDLE_MAX;
}

static void
widen(struct cur text, uint8_t *out)
{
	while (cur_left(&text) > 0) {
		*out++ = cur_u8(&text);
		*out++ = 0;
	}
}

static bool
holds(struct cur piece, const void *bytes, size_t size)
{
	return piece.size >= size &&
	    memmem(piece.base, piece.size, bytes, size) != NULL;
}

/* How many are still to be found. */
static size_t
look_in(const struct recognise *r, struct cur piece, struct needle *needle)
{
	size_t i, left = 0;

	for (i = 0; i < r->needle_count && i < RECOGNISE_NEEDLES; i++) {
		struct cur text = r->needle[i];

		if (needle[i].is_found || !may_be_looked_for(text))
			continue;
		needle[i].is_found = holds(piece, text.base, text.size) ||
		    holds(piece, needle[i].wide, 2 * text.size);
		if (needle[i].is_found)
			recognise_tell(r, RECOGNISE_STRING, text,
			    cur_from("", 0));
		else
			left++;
	}
	return left;
}

void
recognise_strings(const struct recognise *r)
{
	const uint64_t overlap = 2 * (uint64_t)NEEDLE_MAX;
	size_t mark = arena_mark(r->arena), left = r->needle_count, i;
	struct needle *needle =
	    arena_alloc(r->arena, RECOGNISE_NEEDLES, sizeof(*needle));
	uint64_t at = 0;
	struct cur piece = { .size = 1 };

	for (i = 0; needle != NULL && i < r->needle_count; i++)
		if (i < RECOGNISE_NEEDLES && may_be_looked_for(r->needle[i]))
			widen(r->needle[i], needle[i].wide);
	while (needle != NULL && left > 0 && piece.size > 0 &&
	    at < STRINGS_READ) {
		size_t before = arena_mark(r->arena);

		source_cur_upto(r->source, r->arena, at, STRINGS_PIECE, &piece);
		left = look_in(r, piece, needle);
		arena_reset(r->arena, before);
		if (piece.size < STRINGS_PIECE)
			break;
		at += STRINGS_PIECE - overlap;
	}
	if (at >= STRINGS_READ)
		recognise_gap(r, "strings", "it is larger than 512 MiB");
	arena_reset(r->arena, mark);
}
