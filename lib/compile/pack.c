/*
 * pack.c - write a database: order, sections, header, id.
 *
 * Everything that is written comes from the ir in its order, so the same ir
 * gives the same bytes.  The bytes are described in lib/db/layout.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

#include "lib/crypto/digest.h"
#include "lib/db/db.h"

#include <stdlib.h>
#include <string.h>

#define PACK_MEMORY ((size_t)1 << 33)

bool
pack_full(struct pack *p)
{
	return why_not(p->why, WHY_LIMIT,
	    "writing the database needs more memory than there is");
}

/* Put the rules in order of kind, else as they came. */
static bool
order_rules(struct pack *p)
{
	size_t count = p->ir->rule_count, i, n = 0;
	uint32_t kind;

	if (count >= UINT32_MAX)
		return why_not(p->why, WHY_LIMIT, "too many rules");
	p->order = pool_alloc(&p->pool, count, sizeof(*p->order));
	p->place = pool_alloc(&p->pool, count, sizeof(*p->place));
	if (p->order == NULL || p->place == NULL)
		return pack_full(p);
	for (kind = SIG_BODY; kind <= SIG_HEURISTIC; kind++)
		for (i = 0; i < count; i++)
			if (p->ir->rule[i].kind == kind) {
				p->place[i] = (uint32_t)n;
				p->order[n++] = (uint32_t)i;
			}
	if (n != count)
		return why_not(p->why, WHY_BUG, "a rule without a kind");
	return true;
}

static const uint32_t record_size[DB_SECTION_COUNT] = {
#define SECTION(tag, record) record,
#define TABLE(tag, columns)  1,
	SECTION_TABLE
#undef TABLE
#undef SECTION
};

static const uint32_t column_count[DB_SECTION_COUNT] = {
#define SECTION(tag, record) 0,
#define TABLE(tag, columns)  columns,
	SECTION_TABLE
#undef TABLE
#undef SECTION
};

static void
write_header(struct pack *p, struct compile_output *out)
{
	static const uint8_t zero[DB_ID_SIZE];

	output_add(out, DB_MAGIC, DB_MAGIC_SIZE);
	output_u32(out, DB_VERSION);
	output_u32(out, DB_SECTION_COUNT);
	output_u64(out, 0); /* size: known at the end */
	output_add(out, zero, DB_ID_SIZE);
	output_u64(out, p->ir->built);
	output_u32(out, p->signatures);
	output_u32(out, (uint32_t)p->ir->hash_count - p->allows);
	output_u32(out, p->allows);
	output_u32(out, p->body);
	output_u32(out, p->logical);
	output_u32(out, p->yara);
	output_u32(out, p->triggers);
	output_u32(out, (uint32_t)(p->section[DB_ALWAYS].size / 4));
	output_add(out, zero, DB_HEADER_SIZE - 96);
}

/* Write the section table, then the sections, each aligned. */
static void
write_sections(struct pack *p, struct compile_output *out)
{
	uint64_t off = DB_HEADER_SIZE + DB_SECTION_COUNT * DB_ENTRY_SIZE;
	uint32_t i;

	for (i = 0; i < DB_SECTION_COUNT; i++) {
		off = (off + DB_ALIGN - 1) / DB_ALIGN * DB_ALIGN;
		output_u32(out, i);
		output_u32(out, record_size[i]);
		output_u64(out, off);
		output_u64(out, p->section[i].size);
		off += p->section[i].size;
	}
	output_expect(out, off - out->size);
	for (i = 0; i < DB_SECTION_COUNT; i++) {
		output_align(out, DB_ALIGN);
		output_add(out, p->section[i].bytes, p->section[i].size);
		output_fini(&p->section[i]);
	}
}

/* The id is the hash of everything, taken while it is zero. */
static bool
write_id(struct compile_output *database, struct compile_output *texts)
{
	uint8_t id[DIGEST_SIZE_MAX];

	output_put_u64(database, 16, database->size);
	if (!output_ok(database))
		return false;
	digest_of(DIGEST_SHA256, database->bytes, database->size, id);
	memcpy(database->bytes + DB_ID_OFF, id, DB_ID_SIZE);
	if (output_ok(texts) && texts->size >= DB_TEXTS_HEADER_SIZE)
		memcpy(texts->bytes + DB_ID_OFF, id, DB_ID_SIZE);
	return true;
}

/* Write everything; pack's memory is the caller's to give back. */
static bool
pack_all(struct pack *p, struct ir *ir, struct compile_output *database,
    struct compile_output *texts)
{
	uint32_t i;

	if (!order_rules(p) || !pack_names(p) || !pack_hashes(p))
		return false;
	pool_vector_free(ir->pool, (void **)&ir->hash, &ir->hash_room,
	    sizeof(*ir->hash));
	if (!pack_rules(p) || !pack_plan(p))
		return false;
	if (texts != NULL && !pack_texts(p, texts))
		return false;
	for (i = 0; i < DB_SECTION_COUNT; i++) {
		if (column_count[i] > 0)
			table_end(&p->table[i], &p->section[i]);
		if (!output_ok(&p->section[i]))
			return pack_full(p);
	}
	write_header(p, database);
	write_sections(p, database);
	return write_id(database, texts != NULL ? texts : database)
	    ? true
	    : pack_full(p);
}

bool
compile_pack(struct ir *ir, struct compile_output *database,
    struct compile_output *texts, struct why *why)
{
	struct pack *p = calloc(1, sizeof(*p));
	uint32_t i;
	bool done;

	if (p == NULL)
		return why_not(why, WHY_LIMIT, "no memory");
	p->ir = ir;
	p->why = why;
	pool_init(&p->pool, PACK_MEMORY);
	for (i = 0; i < DB_SECTION_COUNT; i++)
		p->table[i].columns = column_count[i];
	done = pack_all(p, ir, database, texts);
	for (i = 0; i < DB_SECTION_COUNT; i++) {
		output_fini(&p->section[i]);
		table_fini(&p->table[i]);
	}
	once_fini(&p->texts);
	once_fini(&p->elements);
	once_fini(&p->codes);
	once_fini(&p->guards);
	once_fini(&p->programs);
	once_fini(&p->hows);
	once_fini(&p->shapes);
	same_fini(&p->same);
	pool_fini(&p->pool);
	free(p);
	return done;
}
