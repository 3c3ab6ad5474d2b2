/*
 * t_engine.c - an engine for tests.  The contract is in t_engine.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t_engine.h"

#include "lib/compile/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32u
#define SLACK     ((uint64_t)1) /* read to see the end */

const struct t_signatures t_engine_signatures[] = {
	{ "t.ndb",
	    "T.Marker:0:*:63616e646f7220656e67696e6520736565643a206861\n"
	    "T.Start:0:0:504b0304\n"
	    "T.End:0:EOF-20,18:6861726d6c657373\n"
	    "T.Entry:1:EP+0,8:90909090\n"
	    "T.Section:1:S1+0,64:0000??00\n"
	    "T.Last:1:SL+0:0000??\n"
	    "T.Any:1:SE0:9090{-16}31c0\n"
	    "T.Version:1:VI:4300*6e00\n"
	    "T.Elf:6:EP+0,16:4831ff\n"
	    "T.Macho:9:EP+0,64:4831ff\n"
	    "T.Html:3:*:3c736372697074{-40}6576616c28\n"
	    "T.Text:7:*:6576616c286261736536345f6465636f6465\n"
	    "T.Gap:0:*:63616e646f72{1-30}73656564*6c657373\n" },
	{ "t.ldb",
	    "T.Both;Engine:51-255,Target:0;0&1;63616e646f72;6861726d6c657373\n"
	    "T.Many;Engine:51-255,Target:0;(0|1)>3,2;6c696e65;66696c65\n"
	    "T.Wide;Engine:51-255,Target:0;0|1;63616e646f72::w;"
	    "43414e444f5220454e47494e45::i\n"
	    "T.Not;Engine:51-255,Target:7;0&(1=0);6576616c;6e6f7468696e67\n"
	    "T.InZip;Engine:51-255,Container:CL_TYPE_ZIP,Target:0;0;"
	    "63616e646f7220656e67696e65\n"
	    "T.InBoth;Engine:51-255,Intermediates:CL_TYPE_GZ>CL_TYPE_ZIP,"
	    "Target:0;0;63616e646f7220656e67696e65\n"
	    "T.Sections;Engine:51-255,NumberOfSections:1-9,EntryPoint:1-99999,"
	    "Target:1;0;EP+0,4:9090\n"
	    "T.Handler;Engine:51-255,Target:9,HandlerType:CL_TYPE_ZIP;0;"
	    "4831ff\n"
	    "T.Icon;Engine:51-255,Target:1,IconGroup1:X;0;9090\n"
	    "T.Size;Engine:51-255,FileSize:1-5000,Target:0;0;"
	    "63616e646f7220656e67(69|78)6e65\n" },
	{ "t.hsb",
	    "0cc175b9c0f1b6a831c399e269772661:1:T.A\n"
	    "d41d8cd98f00b204e9800998ecf8427e:*:T.Star:73\n"
	    "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
	    ":1:T.A256\n" },
	{ "t.mdb", "512:bf619eac0cdf3f68d496ea9344137e8b:T.Zeros\n" },
	{ "t.imp", "0cc175b9c0f1b6a831c399e269772661:30:T.Imports\n" },
	{ "t.fp", "8277e0910d750195b448797616e091ad:1:T.D\n" }, { NULL, NULL }
};

static void
require(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "t_engine: %s\n", what);
	abort();
}

const struct t_signatures t_marker_only[] = {
	{ "t.ndb", "Marker:0:*:" T_MARKER_HEX "\n" }, { NULL, NULL }
};

/* --- making one ----------------------------------------------------------- */

static void
t_engine_compile(struct t_engine *e, const struct t_signatures *texts)
{
	static const struct compile_options options = { .flevel = 240 };
	struct why why = { 0 };
	struct pool pool;
	struct ir ir;
	bool is_good = true;
	size_t i;

	pool_init(&pool, (size_t)1 << 28);
	ir_init(&ir, &pool);
	for (; is_good && texts->name != NULL; texts++)
		is_good = compile_text(&ir, texts->name,
		    cur_from(texts->text, strlen(texts->text)), &options, &why);
	is_good = is_good && compile_finish(&ir, &why) &&
	    compile_pack(&ir, &e->database, NULL, &why);
	require(is_good, why.text);
	for (i = 0; i < ir.complaint_count; i++)
		require(ir.complaint[i].is_warning, ir.complaint[i].reason);
	ir_fini(&ir);
	pool_fini(&pool);
}

void
t_engine_resize(struct t_engine *e, size_t arena)
{
	struct why why;

	free(e->memory);
	e->memory = malloc(arena + 1);
	require(e->memory != NULL, "no memory for the test itself");
	arena_init(&e->arena, e->memory, arena);
	e->engine = engine_open(&e->arena, &e->db, 1, &why);
}

void
t_engine_open(struct t_engine *e, const struct t_signatures *texts,
    size_t arena)
{
	struct why why = { 0 };

	memset(e, 0, sizeof(*e));
	t_engine_compile(e, texts);
	require(db_open(&e->db, e->database.bytes, e->database.size, &why),
	    why.text);
	t_engine_resize(e, arena);
}

void
t_engine_close(struct t_engine *e)
{
	free(e->memory);
	free(e->database.bytes);
	memset(e, 0, sizeof(*e));
}

struct t_engine *
t_engine_new(const struct t_signatures *texts, size_t arena)
{
	struct t_engine *e = malloc(sizeof(*e));

	require(e != NULL, "no memory for the test itself");
	t_engine_open(e, texts, arena);
	require(e->engine != NULL, "the arena is too small");
	return e;
}

void
t_engine_free(struct t_engine *e)
{
	t_engine_close(e);
	free(e);
}

/* --- listening ------------------------------------------------------------ */

static void
copy_name(char *to, const uint8_t *name, size_t size)
{
	if (size > T_SAID_NAME - 1)
		size = T_SAID_NAME - 1;
	if (size > 0)
		memcpy(to, name, size);
	to[size] = '\0';
}

/* Was this object told?  True past what is remembered. */
static bool
is_told(const struct t_said *said, uint32_t object)
{
	return object >= T_SAID_OBJECTS || said->object[object].told;
}

static void
on_object(void *ctx, const struct report_object *o)
{
	struct t_said *said = ctx;
	struct t_said_object *out;

	require((uint32_t)o->kind < KIND_COUNT, "a kind that is none");
	require(o->depth < DEPTH_MAX, "an object too deep");
	require(o->object == 0 ? o->parent == 0 && o->depth == 0
			       : o->parent < o->object && o->depth > 0,
	    "an object before its parent");
	require(o->object == 0 || is_told(said, o->parent),
	    "a parent that was not told");
	if (o->object >= T_SAID_OBJECTS)
		return;
	out = &said->object[o->object];
	require(!out->told, "an object told twice");
	require(o->object == 0 || o->parent >= T_SAID_OBJECTS ||
		said->object[o->parent].depth + 1 == o->depth,
	    "a depth that is not the parent's and one");
	*out = (struct t_said_object){ .told = true,
		.parent = o->parent,
		.depth = o->depth,
		.kind = o->kind,
		.size = o->size };
	copy_name(out->name, o->name, o->name_size);
}

static void
on_match(void *ctx, const struct report_match *m)
{
	struct t_said *said = ctx;
	struct t_said_match *out;
	struct db_signature s;
	uint64_t end;

	require(is_told(said, m->object), "a match in an object not told");
	require(m->database == 0 &&
		db_signature_get(said->db, m->signature, &s),
	    "a match of no signature");
	require(m->view <= CHILD_HTML_VIEW, "a match in no view");
	require(!__builtin_add_overflow(m->offset, m->size, &end),
	    "a match past any end");
	require(m->bytes_size <= REPORT_BYTES_MAX &&
		(m->bytes == NULL) == (m->bytes_size == 0),
	    "matched bytes that are not there");
	if (said->matches < T_SAID_MATCHES) {
		out = &said->match[said->matches];
		*out = (struct t_said_match){ .object = m->object,
			.view = m->view,
			.size = m->size,
			.offset = m->offset };
		copy_name(out->name, s.name.base, s.name.size);
	}
	said->matches++;
}

static void
on_gap(void *ctx, uint32_t object, enum unscanned why)
{
	struct t_said *said = ctx;

	require(is_told(said, object), "a gap in an object not told");
	require(why > UNSCANNED_NOTHING && why < UNSCANNED_COUNT,
	    "a gap without a reason");
	said->gaps++;
	said->gap_count[why]++;
	said->gap_object[why] = object;
}

static bool
on_ask(void *ctx)
{
	struct t_said *said = ctx;

	said->asked++;
	return said->stop_at == 0 || said->asked < said->stop_at;
}

/* --- scanning ------------------------------------------------------------- */

/* No object has more bytes than the file, or than may be decoded. */
static void
check_bytes(const struct t_said *said, uint64_t size, const struct limits *l)
{
	uint64_t most = l->max_total, bytes;

	if (most == 0 || size == SOURCE_SIZE_UNKNOWN)
		return;
	most = (most > size ? most : size) + SLACK;
	if (l->max_object_size != 0 && l->max_object_size < most)
		most = l->max_object_size;
	if (!__builtin_mul_overflow(most, (uint64_t)said->summary.objects,
		&bytes))
		require(said->summary.bytes <= bytes, "too much was searched");
}

void
t_engine_scan(struct t_engine *e, struct source *file,
    const struct scan_options *options, struct t_said *said)
{
	static const struct scan_options none;
	const struct reporter out = { said, on_object, on_match, on_gap,
		on_ask };
	const struct scan_options *o = options != NULL ? options : &none;
	size_t mark = arena_mark(&e->arena);
	uint64_t size = file->size, stop_at = said->stop_at;

	memset(said, 0, sizeof(*said));
	said->stop_at = stop_at;
	said->db = &e->db;
	engine_scan(e->engine, file, o, &out, &said->summary);
	require(arena_mark(&e->arena) == mark, "the arena is not as before");
	require(said->summary.matches == said->matches, "matches miscounted");
	require(said->summary.gaps == said->gaps, "gaps miscounted");
	require(said->summary.objects > 0, "no object at all");
	require((o->flags & SCAN_ALL_MATCHES) != 0 || said->matches <= 1 ||
		(o->flags & SCAN_EXPLAIN) != 0,
	    "more than the first match");
	require((uint32_t)said->summary.kind < KIND_COUNT, "no kind");
	require(o->limits.max_objects == 0 ||
		said->summary.objects <= o->limits.max_objects,
	    "too many objects");
	check_bytes(said, size, &o->limits);
}

void
t_engine_bytes(struct t_engine *e, const void *bytes, size_t size,
    const struct scan_options *options, struct t_said *said)
{
	struct source file = source_from(bytes, size);

	t_engine_scan(e, &file, options, said);
}

static size_t
read_pieces(struct source *s, uint64_t off, void *buf, size_t size)
{
	struct source *under = s->ctx;

	return source_read(under, off, buf, size);
}

void
t_engine_pieces(struct t_engine *e, const void *bytes, size_t size,
    const struct scan_options *options, struct t_said *said)
{
	struct source under = source_from(bytes, size);
	struct source file = {
		.size = size, .read = read_pieces, .ctx = &under
	};

	t_engine_scan(e, &file, options, said);
}

const struct t_said_match *
t_said_find(const struct t_said *said, const char *name)
{
	uint32_t i;

	for (i = 0; i < said->matches && i < T_SAID_MATCHES; i++) {
		if (strcmp(said->match[i].name, name) == 0)
			return &said->match[i];
	}
	return NULL;
}

bool
t_said_only(const struct t_said *said, enum unscanned why)
{
	return said->gaps > 0 && said->gap_count[why] == said->gaps;
}
