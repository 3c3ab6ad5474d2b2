/*
 * pack_names.c - write signatures: names, kinds, where they come from.
 *
 * Names of one family end in numbers ("Win.Trojan.Agent-1234-1"); the family
 * is stored once and the numbers with the signature.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

#include <string.h>

#define NAME_MAX_SIZE 255u

uint32_t
pack_text(struct pack *p, const void *bytes, size_t size)
{
	struct compile_output *out = &p->section[DB_TEXT];
	size_t from = out->size, at;

	if (size > UINT16_MAX)
		size = UINT16_MAX;
	output_u16(out, (uint32_t)size);
	output_add(out, bytes, size);
	at = once_keep(&p->texts, out, from);
	return at > UINT32_MAX ? 0 : (uint32_t)at;
}

/*
 * Read a number off the end of name: digits without a needless zero.  The
 * size of what is before it, or 0.
 */
static size_t
take_number(const char *name, size_t size, uint64_t max, uint64_t *out)
{
	uint64_t v = 0, unit = 1;
	size_t at = size;

	while (at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9') {
		v += (uint64_t)(name[at - 1] - '0') * unit;
		unit *= 10;
		if (v > max || size - at > 10)
			return 0;
		at--;
	}
	if (at == size || (name[at] == '0' && at + 1 < size))
		return 0;
	*out = v;
	return at;
}

/* The same, with a dash before the number, which is left out too. */
static size_t
take_dashed(const char *name, size_t size, uint64_t max, uint64_t *out)
{
	size_t at = take_number(name, size, max, out);

	return at > 1 && name[at - 1] == '-' ? at - 1 : 0;
}

struct name {
	size_t size; /* of the family */
	uint64_t first, second;
	uint32_t form;
};

/* Split a name into its family and numbers. */
static struct name
split_name(const char *name, size_t size)
{
	struct name n = { .size = size };
	size_t outer, inner;
	uint64_t last, first;

	outer = take_number(name, size, UINT32_MAX, &last);
	if (outer == 0)
		return n;
	n = (struct name){ outer, last, 0, DB_FORM_TAIL };
	if (outer < 2 || name[outer - 1] != '-')
		return n;
	n = (struct name){ outer - 1, last, 0, DB_FORM_ONE };
	inner = take_dashed(name, n.size, UINT32_MAX, &first);
	if (inner == 0 || last > UINT16_MAX)
		return n;
	return (struct name){ inner, first, last, DB_FORM_TWO };
}

/* Runs, as far as they are not written yet. */
struct names {
	uint32_t signatures;
	struct ir_origin last; /* the latest signature's */
	enum sig_kind kind;
};

/* Is this one written right behind the last? */
static bool
goes_on(const struct names *n, const struct ir_origin *o, enum sig_kind kind)
{
	return n->signatures > 0 && o->file == n->last.file &&
	    o->line == n->last.line + 1 && o->flags == n->last.flags &&
	    kind == n->kind;
}

static void
write_run(struct pack *p, uint32_t first, const struct ir_origin *o,
    enum sig_kind kind)
{
	struct compile_output *out = &p->section[DB_RUN];

	output_u32(out, first);
	output_u32(out, o->line);
	output_u16(out, o->file);
	output_u8(out, kind);
	output_u8(out, o->flags);
}

static void
write_signature(struct pack *p, struct names *n, const struct ir_origin *o,
    enum sig_kind kind)
{
	size_t size =
	    o->name_size < NAME_MAX_SIZE ? o->name_size : NAME_MAX_SIZE;
	struct name name = split_name(o->name, size);
	uint32_t row[4];

	if (!goes_on(n, o, kind))
		write_run(p, n->signatures, o, kind);
	row[0] = pack_text(p, o->name, name.size);
	row[1] = (uint32_t)name.first;
	row[2] = (uint32_t)name.second;
	row[3] = name.form;
	table_add(&p->table[kind == SIG_HASH ? DB_HASH_NAME : DB_RULE_NAME],
	    row);
	n->signatures++;
	n->last = *o;
	n->kind = kind;
}

static bool
write_files(struct pack *p)
{
	const struct ir *ir = p->ir;
	size_t i;

	if (ir->file_count > UINT16_MAX)
		return why_not(p->why, WHY_LIMIT,
		    "more than %d signature files", UINT16_MAX);
	for (i = 0; i < ir->file_count; i++) {
		const struct ir_file *f = &ir->file[i];
		const char *feed =
		    f->feed < ir->feed_count ? ir->feed[f->feed] : "";

		output_u32(&p->section[DB_FILE],
		    pack_text(p, feed, strlen(feed)));
		output_u32(&p->section[DB_FILE],
		    pack_text(p, f->name, strlen(f->name)));
	}
	return true;
}

static void
count_kind(struct pack *p, enum sig_kind kind)
{
	p->body += kind == SIG_BODY;
	p->logical += kind == SIG_LOGICAL;
	p->yara += kind == SIG_YARA;
}

bool
pack_names(struct pack *p)
{
	static const struct ir_origin end;
	const struct ir *ir = p->ir;
	struct names names = { 0 };
	size_t i;

	if (ir->hash_count + ir->rule_count > UINT32_MAX - 1)
		return why_not(p->why, WHY_LIMIT, "too many signatures");
	if (!write_files(p))
		return false;
	for (i = 0; i < ir->hash_count; i++) {
		struct ir_origin o = ir_hash_origin(ir, &ir->hash[i]);

		write_signature(p, &names, &o, SIG_HASH);
		p->allows += ir->hash[i].allow;
	}
	for (i = 0; i < ir->rule_count; i++) {
		const struct ir_rule *rule = &ir->rule[p->order[i]];

		write_signature(p, &names, &rule->origin, rule->kind);
		count_kind(p, rule->kind);
	}
	write_run(p, names.signatures, &end, SIG_HASH);
	p->signatures = names.signatures;
	return output_ok(&p->section[DB_RUN]) ? true : pack_full(p);
}

/* Write where every DB_TEXTS_LINES-th line of a text begins; how many. */
static uint64_t
write_marks(struct compile_output *out, const struct ir_file *f)
{
	const uint8_t *at = f->text, *end;
	uint64_t line = 0, marks = 0;

	if (f->size == 0)
		return 0;
	for (end = at + f->size; at != NULL && at < end; line++) {
		if (line % DB_TEXTS_LINES == 0) {
			output_u64(out, (uint64_t)(at - f->text));
			marks++;
		}
		at = memchr(at, '\n', (size_t)(end - at));
		if (at != NULL)
			at++;
	}
	return marks;
}

bool
pack_texts(struct pack *p, struct compile_output *out)
{
	const struct ir *ir = p->ir;
	struct compile_output marks = { 0 };
	uint64_t mark = 0, off;
	size_t i;

	output_add(out, DB_TEXTS_MAGIC, DB_MAGIC_SIZE);
	output_u32(out, DB_VERSION);
	output_u32(out, (uint32_t)ir->file_count);
	for (i = 16; i < DB_TEXTS_HEADER_SIZE; i += 8)
		output_u64(out, 0); /* size, id and marks come last */
	for (i = 0; i < ir->file_count; i++) {
		output_u64(out, 0);
		output_u64(out, ir->file[i].size);
		output_u64(out, mark);
		mark += write_marks(&marks, &ir->file[i]);
	}
	if (output_ok(&marks))
		output_add(out, marks.bytes, marks.size);
	else
		output_expect(out, SIZE_MAX);
	output_fini(&marks);
	off = out->size;
	for (i = 0; i < ir->file_count; i++) {
		output_put_u64(out,
		    DB_TEXTS_HEADER_SIZE + i * DB_TEXTS_FILE_SIZE, off);
		off += ir->file[i].size;
	}
	output_put_u64(out, 16, off);
	output_put_u64(out, DB_TEXTS_HEADER_SIZE - 8, mark);
	return output_ok(out) ? true : pack_full(p);
}
