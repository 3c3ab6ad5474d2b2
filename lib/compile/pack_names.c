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

void
pack_name(struct pack *p, const char *name, size_t size, uint32_t row[4])
{
	struct name n =
	    split_name(name, size < NAME_MAX_SIZE ? size : NAME_MAX_SIZE);

	row[0] = pack_text(p, name, n.size);
	row[1] = (uint32_t)n.first;
	row[2] = (uint32_t)n.second;
	row[3] = n.form;
}

/* Is this one written right behind the last? */
static bool
goes_on(const struct pack *p, const struct pack_place *at)
{
	return p->signatures > 0 && at->file == p->last.file &&
	    at->line == p->last.line + 1 && at->flags == p->last.flags &&
	    at->kind == p->last.kind;
}

static void
write_run(struct pack *p, const struct pack_place *at)
{
	struct compile_output *out = &p->section[DB_RUN];

	output_u32(out, p->signatures);
	output_u32(out, at->line);
	output_u16(out, at->file);
	output_u8(out, at->kind);
	output_u8(out, at->flags);
}

void
pack_place(struct pack *p, const struct pack_place *place)
{
	if (!goes_on(p, place))
		write_run(p, place);
	p->last = *place;
	p->signatures++;
}

bool
pack_files(struct pack *p)
{
	static const struct pack_place end;
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
	write_run(p, &end);
	return output_ok(&p->section[DB_RUN]) ? true : pack_full(p);
}

/* Write where every DB_TEXTS_LINES-th line begins of what a text has that was
   not looked at yet. */
static void
write_marks(struct compile_output *out, const struct ir_file *f,
    struct pack_file *seen)
{
	const uint8_t *at = f->text, *end = at;

	if (f->size == seen->size)
		return;
	for (end += f->size - seen->size; at != NULL && at < end;
	     seen->lines++) {
		if (seen->lines % DB_TEXTS_LINES == 0)
			output_u64(out, seen->size + (uint64_t)(at - f->text));
		at = memchr(at, '\n', (size_t)(end - at));
		if (at != NULL)
			at++;
	}
	seen->size = f->size;
}

bool
pack_marks(struct pack *p)
{
	const struct ir *ir = p->ir;

	/* The last one may have grown. */
	if (p->file_count > 0)
		write_marks(&p->marks, &ir->file[p->file_count - 1],
		    &p->file[p->file_count - 1]);
	for (; p->file_count < ir->file_count; p->file_count++) {
		if (!pool_vector_grow(&p->pool, (void **)&p->file,
			&p->file_room, p->file_count, sizeof(*p->file)))
			return pack_full(p);
		p->file[p->file_count] =
		    (struct pack_file){ .mark = p->marks.size / 8 };
		write_marks(&p->marks, &ir->file[p->file_count],
		    &p->file[p->file_count]);
	}
	return output_ok(&p->marks) ? true : pack_full(p);
}

bool
pack_texts(struct pack *p, struct compile_output *out)
{
	uint64_t off = DB_TEXTS_HEADER_SIZE, size;
	size_t i;

	output_add(out, DB_TEXTS_MAGIC, DB_MAGIC_SIZE);
	output_u32(out, DB_VERSION);
	output_u32(out, (uint32_t)p->file_count);
	for (i = 16; i < DB_TEXTS_HEADER_SIZE; i += 8)
		output_u64(out, 0); /* size, id and marks come last */
	for (i = 0; i < p->file_count; i++) {
		output_u64(out, off);
		output_u64(out, p->file[i].size);
		output_u64(out, p->file[i].mark);
		off += p->file[i].size;
	}
	output_add(out, p->marks.bytes, p->marks.size);
	size = off + out->size - DB_TEXTS_HEADER_SIZE;
	output_put_u64(out, 16, size);
	output_put_u64(out, DB_TEXTS_HEADER_SIZE - 8, p->marks.size / 8);
	return output_ok(out) ? true : pack_full(p);
}
