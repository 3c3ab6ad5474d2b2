/*
 * db_fuzz.c - any bytes as a database: open, check, search.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/hashes.h"
#include "lib/eval/search.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define ARENA ((size_t)16 << 20)

static bool
told(void *ctx, const struct search_match *m)
{
	struct db_signature s;

	if (db_signature_get(ctx, m->signature, &s))
		(void)db_string_name(ctx, m->signature, m->string);
	return true;
}

static uint32_t steps;

static bool
may_go_on(void *ctx)
{
	(void)ctx;
	return steps++ < 20;
}

/* Search the database's own bytes: its literals are in there. */
static void
search(struct search *s, struct db *db, const uint8_t *bytes, size_t size)
{
	static const struct facts facts = { .section_count = 0 };
	const struct search_listener l = { .ctx = db,
		.match = told,
		.may_go_on = may_go_on,
		.all = true,
		.explain = true };
	struct search_object o = {
		.kind = KIND_UNKNOWN, .target = 1, .facts = &facts, .size = size
	};
	struct source source = source_from(bytes, size);

	steps = 0;
	search_begin(s, &o);
	search_window(s, bytes, size, 0, 0);
	(void)search_finish(s, &source, &l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static uint8_t *memory;
	struct arena arena;
	struct search *s;
	struct why why;
	struct db db;
	uint32_t found;

	if (memory == NULL)
		memory = malloc(ARENA);
	if (memory == NULL || !db_open(&db, bytes, size, &why))
		return 0;
	arena_init(&arena, memory, ARENA);
	(void)db_sweep(&db, &why);
	(void)search_sweep(&arena, &db, &why);
	if (size >= 32)
		(void)hashes_find(&db, HASH_OF_FILE, 0, false, bytes, size, 0,
		    &found);
	s = search_open(&arena, &db, 1, &why);
	if (s != NULL)
		search(s, &db, bytes, size < 65536 ? size : 65536);
	return 0;
}
