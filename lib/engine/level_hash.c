/*
 * level_hash.c - digests of objects, sections and import tables, taken only
 * when a database has one for a thing of that size.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/hashes.h"
#include "lib/engine/level.h"

#define HASH_STEP ((size_t)64 << 10) /* bytes read at a time */
#define HASH_JOBS 64u                /* digests taken at once */

/* Digest size bytes of s from off; false if they could not all be read. */
static bool
digest_range(struct scan *scan, struct source *s, enum digest_kind kind,
    uint64_t off, uint64_t size, uint8_t *out)
{
	size_t mark = arena_mark(scan->arena);
	struct digest d;
	struct cur piece;

	digest_init(&d, kind);
	while (size > 0) {
		uint64_t step =
		    s->mem != NULL || size < HASH_STEP ? size : HASH_STEP;

		if ((s->mem == NULL && !scan_may_go_on(scan)) ||
		    !source_cur(s, scan->arena, off, step, &piece))
			break;
		digest_add(&d, piece.base, piece.size);
		arena_reset(scan->arena, mark);
		off += step;
		size -= step;
	}
	digest_end(&d, out);
	return size == 0;
}

/* The object's own digest, taken once. */
static bool
level_digest(struct scan *s, struct level *l, enum digest_kind kind)
{
	if ((l->digests.known >> kind & 1) != 0)
		return true;
	if (l->source.size == SOURCE_SIZE_UNKNOWN ||
	    !digest_range(s, &l->source, kind, 0, l->source.size,
		l->digests.digest[kind]))
		return false;
	l->digests.known |= 1u << kind;
	return true;
}

/* Tell every signature of database number n that has this digest. */
static void
tell_hashes(struct scan *s, struct level *l, uint32_t n, enum hash_of of,
    enum digest_kind kind, const uint8_t *digest, uint64_t size)
{
	struct search_match m = { .database = n, .string = MATCH_NO_STRING };
	uint32_t from = 0;

	while (!s->over &&
	    hashes_find(&s->engine->database[n], of, kind, false, digest, size,
		from, &m.signature)) {
		(void)tell_match(s, l, &m);
		from = m.signature + 1;
	}
}

/* Whole-file signatures. */
static void
check_file_hashes(struct scan *s, struct level *l, uint32_t n)
{
	const struct db *db = &s->engine->database[n];
	unsigned kind;

	for (kind = 0; kind < DIGEST_KINDS && !s->over; kind++) {
		if (hashes_want(db, HASH_OF_FILE, kind, false,
			l->source.size) &&
		    level_digest(s, l, (enum digest_kind)kind))
			tell_hashes(s, l, n, HASH_OF_FILE,
			    (enum digest_kind)kind, l->digests.digest[kind],
			    l->source.size);
	}
}

/* Signatures of one section of an executable. */
static void
check_section(struct scan *s, struct level *l, uint32_t n,
    const struct section *section)
{
	const struct db *db = &s->engine->database[n];
	uint8_t digest[DIGEST_SIZE_MAX];
	unsigned kind;

	for (kind = 0; kind < DIGEST_KINDS && !s->over; kind++) {
		if (hashes_want(db, HASH_OF_SECTION, kind, false,
			section->size) &&
		    digest_range(s, &l->source, (enum digest_kind)kind,
			section->off, section->size, digest))
			tell_hashes(s, l, n, HASH_OF_SECTION,
			    (enum digest_kind)kind, digest, section->size);
	}
}

/* Signatures of the import table. */
static void
check_imports(struct scan *s, struct level *l, uint32_t n)
{
	const struct db *db = &s->engine->database[n];
	const struct cur *text = &l->facts.import_text;
	uint8_t digest[DIGEST_SIZE_MAX];
	unsigned kind;

	for (kind = 0; kind < DIGEST_KINDS && !s->over; kind++) {
		if (!hashes_want(db, HASH_OF_IMPORTS, kind, false, text->size))
			continue;
		digest_of((enum digest_kind)kind, text->base, text->size,
		    digest);
		tell_hashes(s, l, n, HASH_OF_IMPORTS, (enum digest_kind)kind,
		    digest, text->size);
	}
}

uint32_t
level_check_hashes(struct scan *s, struct level *l)
{
	uint32_t before = s->summary->matches;
	uint32_t n, i;

	for (n = 0; n < s->engine->count && !s->over; n++) {
		check_file_hashes(s, l, n);
		for (i = 0; l->facts.section_hashes_apply &&
		     i < l->facts.section_count && !s->over;
		     i++)
			check_section(s, l, n, &l->facts.section[i]);
		if (l->facts.has_import_text)
			check_imports(s, l, n);
	}
	return s->summary->matches - before;
}

/* Does database number n allow this very object? */
static bool
allows(struct scan *s, struct level *l, uint32_t n)
{
	const struct db *db = &s->engine->database[n];
	uint32_t signature;
	unsigned kind;

	for (kind = 0; kind < DIGEST_KINDS; kind++) {
		if (hashes_want(db, HASH_OF_FILE, kind, true, l->source.size) &&
		    level_digest(s, l, (enum digest_kind)kind) &&
		    hashes_find(db, HASH_OF_FILE, kind, true,
			l->digests.digest[kind], l->source.size, 0, &signature))
			return true;
	}
	return false;
}

bool
level_is_allowed(struct scan *s, struct level *l)
{
	struct level *at;
	uint32_t n;

	for (at = l;; at--) {
		for (n = 0; n < s->engine->count; n++) {
			if (allows(s, at, n))
				return true;
		}
		if (at == s->level)
			return false;
	}
}

/* The kinds of digest a database wants of a whole file of this size: bits. */
static uint32_t
wanted_of_file(const struct engine *e, uint64_t size)
{
	uint32_t wanted = 0, n;
	unsigned kind;

	for (n = 0; n < e->count; n++)
		for (kind = 0; kind < DIGEST_KINDS; kind++)
			if (hashes_want(&e->database[n], HASH_OF_FILE, kind,
				false, size))
				wanted |= 1u << kind;
	return wanted;
}

/* Append a job for each kind of digest wanted; how many. */
static size_t
add_jobs(uint32_t wanted, const void *bytes, uint64_t size,
    uint8_t (*out)[DIGEST_SIZE_MAX], struct digest_job *job)
{
	size_t count = 0;
	unsigned kind;

	for (kind = 0; kind < DIGEST_KINDS; kind++)
		if ((wanted >> kind & 1) != 0)
			job[count++] =
			    (struct digest_job){ (enum digest_kind)kind, bytes,
				    (size_t)size, out[kind] };
	return count;
}

void
engine_hash_files(const struct engine *e, const struct source *file,
    size_t count, uint32_t flags, struct file_digests *out)
{
	struct digest_job job[HASH_JOBS];
	size_t jobs = 0, i;

	for (i = 0; i < count; i++) {
		out[i].known = 0;
		if (file[i].mem == NULL)
			continue;
		out[i].known = wanted_of_file(e, file[i].size);
		if ((flags & SCAN_HASH) != 0)
			out[i].known |= 1u << DIGEST_SHA256;
		if (jobs + DIGEST_KINDS > HASH_JOBS) {
			digest_many(e->lanes, job, jobs);
			jobs = 0;
		}
		jobs += add_jobs(out[i].known, file[i].mem, file[i].size,
		    out[i].digest, job + jobs);
	}
	digest_many(e->lanes, job, jobs);
}
