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
#define PIECE       ((size_t)1 << 18) /* bytes hashed and written at once */

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

/* The bytes of a section, wherever they are. */
static struct cur
section_of(const struct pack *p, uint32_t i)
{
	return p->borrowed[i].size > 0
	    ? p->borrowed[i]
	    : cur_from(p->section[i].bytes, p->section[i].size);
}

/* Header and section table; the size of the whole. */
static uint64_t
write_front(struct pack *p, struct compile_output *out)
{
	static const uint8_t zero[DB_ID_SIZE];
	uint64_t off = DB_HEADER_SIZE + DB_SECTION_COUNT * DB_ENTRY_SIZE;
	uint32_t i;

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
	for (i = 0; i < DB_SECTION_COUNT; i++) {
		off = (off + DB_ALIGN - 1) / DB_ALIGN * DB_ALIGN;
		output_u32(out, i);
		output_u32(out, record_size[i]);
		output_u64(out, off);
		output_u64(out, section_of(p, i).size);
		off += section_of(p, i).size;
	}
	output_put_u64(out, 16, off);
	return off;
}

/* A database on its way out. */
struct writing {
	const struct compile_sink *sink;
	bool has_id;          /* of a share nobody asks for one */
	struct digest digest; /* of what came so far */
	uint64_t at;
};

/* Write bytes behind the others, in pieces that stay at hand meanwhile. */
static bool
write_more(struct pack *p, struct writing *w, struct cur bytes)
{
	struct cur piece;

	while (cur_left(&bytes) > 0) {
		size_t left = cur_left(&bytes);

		if (!cur_take(&bytes, left < PIECE ? left : PIECE, &piece))
			return false;
		if (w->has_id)
			digest_add(&w->digest, piece.base, piece.size);
		if (!w->sink->write(w->sink->ctx, w->at, piece.base, piece.size,
			p->why))
			return false;
		w->at += piece.size;
	}
	return true;
}

/* Write the sections, each aligned; they are gone then. */
static bool
write_sections(struct pack *p, struct writing *w)
{
	static const uint8_t zero[DB_ALIGN];
	uint32_t i;

	for (i = 0; i < DB_SECTION_COUNT; i++) {
		size_t pad = (DB_ALIGN - w->at % DB_ALIGN) % DB_ALIGN;

		if (!write_more(p, w, cur_from(zero, pad)) ||
		    !write_more(p, w, section_of(p, i)))
			return false;
		output_fini(&p->section[i]);
	}
	return true;
}

/* Everything; the id is the hash of it, taken while the id is zero. */
static bool
write_database(struct pack *p, const struct compile_sink *sink,
    struct compile_output *texts, uint64_t *size)
{
	struct writing w = { .sink = sink, .has_id = p->share == COMPILE_BOTH };
	struct compile_output front = { 0 };
	uint8_t id[DIGEST_SIZE_MAX];
	bool done;

	*size = write_front(p, &front);
	digest_init(&w.digest, DIGEST_SHA256);
	digest_add(&w.digest, front.bytes, front.size);
	w.at = front.size;
	done = output_ok(&front) ? write_sections(p, &w) : pack_full(p);
	if (done) {
		digest_end(&w.digest, id);
		if (w.has_id)
			memcpy(front.bytes + DB_ID_OFF, id, DB_ID_SIZE);
		if (w.has_id && texts != NULL)
			memcpy(texts->bytes + DB_ID_OFF, id, DB_ID_SIZE);
		done =
		    sink->write(sink->ctx, 0, front.bytes, front.size, p->why);
	}
	output_fini(&front);
	return done;
}

/* Pack tables that are complete. */
static bool
end_tables(struct pack *p)
{
	uint32_t i;

	for (i = 0; i < DB_SECTION_COUNT; i++) {
		/* Those of joined rules are there already. */
		if (column_count[i] > 0 && section_of(p, i).size == 0)
			table_end(&p->table[i], &p->section[i]);
		if (!output_ok(&p->section[i]))
			return pack_full(p);
	}
	return true;
}

/* Write everything. */
static bool
pack_all(struct pack *p, const struct compile_sink *database,
    struct compile_output *texts, uint64_t *size)
{
	if (!pack_hashes(p))
		return false;
	/* Rules of other processes are planned and veiled already. */
	if (p->compared != NULL
		? !pack_join(p)
		: !pack_rules(p) || !pack_plan(p) || !pack_veil(p))
		return false;
	return pack_files(p) && (texts == NULL || pack_texts(p, texts)) &&
	    end_tables(p) && write_database(p, database, texts, size);
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
	if (p->is_rest && ir->hash_count + ir->rule_count > 0)
		return why_not(why, WHY_BUG, "more was read after the rest");
	if (!ignore_apply(ir, why) || !pack_marks(p) || !pack_take_hashes(p) ||
	    !pack_take_rules(p))
		return false;
	if (ir->scratch != ir->pool)
		pool_reset(ir->scratch);
	return true;
}

void
compile_pack_share(struct pack *p, enum compile_share share)
{
	p->share = share;
}

void
compile_pack_join(struct pack *p, const struct db *compared,
    const struct db *searched)
{
	p->compared = compared;
	p->searched = searched;
}

bool
compile_pack_rest(struct pack *p, struct why *why)
{
	if (p->is_rest)
		return why_not(why, WHY_BUG, "there is one rest only");
	if (!compile_pack_take(p, why) || !pack_hashes(p))
		return false;
	table_end(&p->table[DB_HASH_NAME], &p->section[DB_HASH_NAME]);
	table_end(&p->table[DB_HASH_SIZE], &p->section[DB_HASH_SIZE]);
	p->is_rest = true;
	return true;
}

bool
compile_pack_end(struct pack *p, const struct compile_sink *database,
    struct compile_output *texts, struct compile_counts *counts,
    struct why *why)
{
	p->why = why;
	if (!compile_pack_take(p, why) ||
	    !pack_all(p, database, texts, &counts->bytes))
		return false;
	counts->rules = (uint64_t)p->body + p->logical + p->yara;
	counts->hashes = p->hash_count;
	counts->triggers = p->triggers;
	counts->untriggered = p->untriggered;
	return true;
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

/* compile_sink: ctx is an output. */
static bool
write_to_output(void *ctx, uint64_t at, const void *bytes, size_t size,
    struct why *why)
{
	struct compile_output *out = ctx;

	/* The front comes last; its place is kept. */
	if (at > out->size)
		(void)output_room(out, (size_t)at - out->size);
	if (at == out->size)
		output_add(out, bytes, size);
	else if (output_ok(out))
		memcpy(out->bytes + at, bytes, size);
	return output_ok(out) ||
	    why_not(why, WHY_LIMIT, "no memory for the database");
}

struct compile_sink
compile_sink_to(struct compile_output *out)
{
	return (struct compile_sink){ write_to_output, out };
}

bool
compile_pack(struct ir *ir, struct compile_output *database,
    struct compile_output *texts, struct why *why)
{
	const struct compile_sink sink = compile_sink_to(database);
	struct compile_counts counts;
	struct pack *p = compile_pack_open(ir, why);
	bool done;

	if (p == NULL)
		return false;
	done = compile_pack_end(p, &sink, texts, &counts, why);
	compile_pack_close(p);
	return done;
}
