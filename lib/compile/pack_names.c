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
 * Read a number off the end of name: digits without a needless zero, a dash
 * before them.  The size of what is before that, or 0.
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
	if (at == size || at < 2 || name[at - 1] != '-' ||
	    (name[at] == '0' && at + 1 < size))
		return 0;
	*out = v;
	return at - 1;
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
	uint64_t last;

	outer = take_number(name, size, UINT32_MAX, &last);
	if (outer == 0)
		return n;
	n = (struct name){ .size = outer, .first = last, .form = 1 };
	if (last > UINT16_MAX)
		return n;
	inner = take_number(name, outer, UINT32_MAX, &n.first);
	if (inner == 0) {
		n.first = last;
		return n;
	}
	return (struct name){
		.size = inner, .first = n.first, .second = last, .form = 2
	};
}

enum field {
	FIELD_TEXT,
	FIELD_FIRST,
	FIELD_SECOND,
	FIELD_FORM,
	FIELDS
};

/* Names and runs, as far as they are not written yet. */
struct names {
	uint32_t value[DB_NAME_COUNT][FIELDS];
	uint32_t count; /* in value */
	uint32_t signatures;
	struct ir_origin last; /* the latest signature's */
	enum sig_kind kind;
};

/* Bits a number has. */
static uint32_t
bits_of(uint32_t v)
{
	uint32_t bits = 0;

	for (; v != 0; v >>= 1)
		bits++;
	return bits;
}

/* What a block says of a field: its least value, and bits for the rest. */
static void
measure(const struct names *n, enum field f, uint32_t *least, uint32_t *bits)
{
	uint32_t i, most = 0;

	*least = UINT32_MAX;
	for (i = 0; i < n->count; i++) {
		uint32_t v = n->value[i][f];

		*least = v < *least ? v : *least;
		most = v > most ? v : most;
	}
	*bits = bits_of(most - *least);
}

/* Write the values, each in its bits, the lowest bit first. */
static void
write_bits(struct compile_output *out, const struct names *n,
    const uint32_t least[FIELDS], const uint32_t bits[FIELDS])
{
	uint64_t rest = 0;
	uint32_t i, f, have = 0;

	for (i = 0; i < n->count; i++)
		for (f = 0; f < FIELDS; f++) {
			rest |= (uint64_t)(n->value[i][f] - least[f]) << have;
			for (have += bits[f]; have >= 8; have -= 8) {
				output_u8(out, rest & 0xff);
				rest >>= 8;
			}
		}
	if (have > 0)
		output_u8(out, rest & 0xff);
}

static void
write_block(struct pack *p, struct names *n)
{
	struct compile_output *out = &p->section[DB_NAME_BLOCK];
	uint32_t least[FIELDS], bits[FIELDS], f;

	if (n->count == 0)
		return;
	for (f = 0; f < FIELDS; f++)
		measure(n, (enum field)f, &least[f], &bits[f]);
	output_u32(out, (uint32_t)p->section[DB_NAME].size);
	output_u32(out, least[FIELD_TEXT]);
	output_u32(out, least[FIELD_FIRST]);
	output_u16(out, least[FIELD_SECOND]);
	output_u8(out, least[FIELD_FORM]);
	for (f = 0; f < FIELDS; f++)
		output_u8(out, bits[f]);
	output_u8(out, 0);
	write_bits(&p->section[DB_NAME], n, least, bits);
	n->count = 0;
}

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
	uint32_t *value = n->value[n->count++];

	if (!goes_on(n, o, kind))
		write_run(p, n->signatures, o, kind);
	value[FIELD_TEXT] = pack_text(p, o->name, name.size);
	value[FIELD_FIRST] = (uint32_t)name.first;
	value[FIELD_SECOND] = (uint32_t)name.second;
	value[FIELD_FORM] = name.form;
	n->signatures++;
	n->last = *o;
	n->kind = kind;
	if (n->count == DB_NAME_COUNT)
		write_block(p, n);
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
	write_block(p, &names);
	write_run(p, names.signatures, &end, SIG_HASH);
	p->signatures = names.signatures;
	return output_ok(&p->section[DB_NAME]) &&
		output_ok(&p->section[DB_RUN]) &&
		p->section[DB_NAME].size <= UINT32_MAX
	    ? true
	    : pack_full(p);
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
