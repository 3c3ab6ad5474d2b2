/*
 * pack.c - write a database: order, sections, header, id.
 *
 * Everything that is written comes from the ir in its order, so the same ir
 * gives the same bytes.  The bytes are described in lib/db/layout.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

#include "lib/compile/clam/ignore.h"
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
	output_u32(out, p->hash_count - p->allows);
	output_u32(out, p->allows);
	output_u32(out, p->body);
	output_u32(out, p->logical);
	output_u32(out, p->yara);
	output_u32(out, p->triggers);
	output_u32(out, p->untriggered);
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

/* Write everything. */
static bool
pack_all(struct pack *p, struct compile_output *database,
    struct compile_output *texts)
{
	uint32_t i;

	if (!pack_hashes(p))
		return false;
	/* Rules of another process are planned and veiled already. */
	if (p->joined != NULL
		? !pack_join(p)
		: !pack_rules(p) || !pack_plan(p) || !pack_veil(p))
		return false;
	if (!pack_files(p) || (texts != NULL && !pack_texts(p, texts)))
		return false;
	for (i = 0; i < DB_SECTION_COUNT; i++) {
		/* Those of joined rules are there already. */
		if (column_count[i] > 0 && p->section[i].size == 0)
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

/* ir->take: the ctx is the pack. */
static bool
take_some(void *ctx, struct why *why)
{
	return compile_pack_take(ctx, why);
}

struct pack *
compile_pack_open(struct ir *ir, struct why *why)
{
	struct pack *p = calloc(1, sizeof(*p));
	uint32_t i;

	if (p == NULL) {
		(void)why_not(why, WHY_LIMIT, "no memory");
		return NULL;
	}
	p->ir = ir;
	pool_init(&p->pool, PACK_MEMORY);
	pack_part_init(p);
	for (i = 0; i < DB_SECTION_COUNT; i++)
		p->table[i].columns = column_count[i];
	ir->take = take_some;
	ir->take_ctx = p;
	return p;
}

bool
compile_pack_take(struct pack *p, struct why *why)
{
	struct ir *ir = p->ir;

	p->why = why;
	if (!ignore_apply(ir, why) || !pack_marks(p) || !pack_take_hashes(p) ||
	    !pack_take_rules(p))
		return false;
	if (ir->scratch != ir->pool)
		pool_reset(ir->scratch);
	return true;
}

void
compile_pack_join(struct pack *p, const struct db *rules)
{
	p->joined = rules;
}

bool
compile_pack_end(struct pack *p, struct compile_output *database,
    struct compile_output *texts, struct why *why)
{
	p->why = why;
	return compile_pack_take(p, why) && pack_all(p, database, texts);
}

void
compile_pack_close(struct pack *p)
{
	uint32_t i;

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
	output_fini(&p->marks);
	pack_hashes_fini(p);
	pool_vector_free(&p->pool, (void **)&p->rule, &p->rule_room,
	    sizeof(*p->rule));
	pool_vector_free(&p->pool, (void **)&p->string, &p->string_room,
	    sizeof(*p->string));
	pool_vector_free(&p->pool, (void **)&p->place, &p->place_room,
	    sizeof(*p->place));
	pool_vector_free(&p->pool, (void **)&p->file, &p->file_room,
	    sizeof(*p->file));
	pool_fini(&p->pool);
	p->ir->take = NULL;
	free(p);
}

bool
compile_pack(struct ir *ir, struct compile_output *database,
    struct compile_output *texts, struct why *why)
{
	struct pack *p = compile_pack_open(ir, why);
	bool done;

	if (p == NULL)
		return false;
	done = compile_pack_end(p, database, texts, why);
	compile_pack_close(p);
	return done;
}
