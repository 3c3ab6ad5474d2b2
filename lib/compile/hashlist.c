/*
 * hashlist.c - read plain lists of hashes: .md5 .sha1 .sha256 .csv.
 *
 * Three forms, told apart line by line:
 *
 *   bare       <hash>
 *   coreutils  <hash>  <file name>, as md5sum and its kin print
 *   CSV        one or more columns are hashes, the longest counts; RFC 4180
 *              quotes; a first line without a hash, perhaps behind "#", names
 *              the columns
 *
 * The length of a hash says which digest it is.  A signature is called like
 * the file without its ending, a colon and the hash; a CSV column "signature",
 * "name", "malware", "threat" or "family" names it where that is filled in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/hashlist.h"

#include "lib/base/ascii.h"
#include "lib/compile/clam/hash.h"
#include "lib/compile/pool.h"

#include <string.h>

#define HASHLIST_COLUMNS_MAX 64u
#define HASHLIST_STEM_MAX    128u
#define HASHLIST_LINE_MAX    60000u /* leaves room for the name behind it */

void
hashlist_init(struct hashlist *list, const char *name)
{
	const char *cut = strrchr(name, '/');
	const char *dot;

	*list = (struct hashlist){ .stem = cut == NULL ? name : cut + 1 };
	dot = strrchr(list->stem, '.');
	list->stem_size =
	    dot == NULL ? strlen(list->stem) : (size_t)(dot - list->stem);
	if (list->stem_size > HASHLIST_STEM_MAX)
		list->stem_size = HASHLIST_STEM_MAX;
	list->is_csv = dot != NULL && strcmp(dot, ".csv") == 0;
}

/* Without the blanks and quotes around it. */
static struct cur
hashlist_trim(struct cur c)
{
	while (cur_left(&c) > 0 &&
	    (cur_match(&c, " ", 1) || cur_match(&c, "\"", 1) ||
		cur_match(&c, "\t", 1)))
		;
	while (cur_left(&c) > 0 &&
	    (c.base[c.size - 1] == ' ' || c.base[c.size - 1] == '"' ||
		c.base[c.size - 1] == '\t'))
		c.size--;
	return c;
}

/* Cut the next cell off; commas and semicolons inside quotes don't end it. */
static bool
hashlist_take_cell(struct cur *c, struct cur *out)
{
	struct cur ahead = *c;
	bool quoted = false;
	uint64_t size = 0;

	if (cur_left(c) == 0)
		return false;
	while (cur_left(&ahead) > 0) {
		uint8_t u = cur_u8(&ahead);

		if (u == '"')
			quoted = !quoted;
		if (!quoted && (u == ',' || u == ';'))
			break;
		size++;
	}
	return cur_take(c, size, out) && (cur_left(c) == 0 || cur_skip(c, 1));
}

static bool
hashlist_is_word(struct cur c, const char *word)
{
	for (; *word != '\0'; word++)
		if (ascii_lower(cur_u8(&c)) != (uint8_t)*word)
			return false;
	return cur_ok(&c) && cur_left(&c) == 0;
}

static bool
hashlist_is_name_column(struct cur c)
{
	static const char *const word[] = { "signature", "name", "malware",
		"threat", "family" };
	size_t i;

	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (hashlist_is_word(c, word[i]))
			return true;
	return false;
}

bool
hashlist_is_header(struct hashlist *list, struct cur line)
{
	uint8_t bytes[32];
	enum ir_digest digest;
	struct cur cell;
	size_t column = 0, name = 0;
	bool has_name = false;

	if (!list->is_csv || list->has_rows)
		return false;
	if ((cur_match(&line, "#", 1) && cur_left(&line) == 0) ||
	    cur_left(&line) == 0)
		return false;
	for (; hashlist_take_cell(&line, &cell); column++) {
		cell = hashlist_trim(cell);
		if (hash_read_digest(cell, &digest, bytes)) {
			list->has_rows = true;
			return false;
		}
		if (!has_name && hashlist_is_name_column(cell)) {
			has_name = true;
			name = column;
		}
	}
	/* A comment among others says nothing of columns. */
	if (has_name) {
		list->has_name_column = true;
		list->name_column = name;
	}
	return column > 1;
}

/* A row: where the hash and, if there is one, the name stand. */
struct hashlist_row {
	struct cur hash, name;
	enum ir_digest digest;
	uint8_t bytes[32];
	bool has_hash, has_name;
};

static void
hashlist_read_csv(const struct hashlist *list, struct cur c,
    struct hashlist_row *out)
{
	uint8_t bytes[32];
	enum ir_digest digest;
	struct cur cell;
	size_t column;

	for (column = 0;
	     column < HASHLIST_COLUMNS_MAX && hashlist_take_cell(&c, &cell);
	     column++) {
		cell = hashlist_trim(cell);
		if (list->has_name_column && column == list->name_column &&
		    cur_left(&cell) > 0 && !cur_is(&cell, "n/a")) {
			out->name = cell;
			out->has_name = true;
		}
		if (!hash_read_digest(cell, &digest, bytes) ||
		    (out->has_hash && digest <= out->digest))
			continue;
		out->hash = cell;
		out->digest = digest;
		memcpy(out->bytes, bytes, sizeof(bytes));
		out->has_hash = true;
	}
}

static void
hashlist_read_plain(struct cur c, struct hashlist_row *out)
{
	struct cur word;

	c = hashlist_trim(c);
	/* coreutils marks escaped file names with a backslash in front. */
	if (cur_match(&c, "\\", 1))
		c = hashlist_trim(c);
	if (!cur_until(&c, ' ', &word))
		return;
	out->has_hash = hash_read_digest(word, &out->digest, out->bytes);
	out->hash = word;
}

/* Put the line and, behind it, "stem:hash" into the pool. */
static bool
hashlist_make_name(struct line *l, struct cur hash, struct ir_hash *h)
{
	const struct hashlist *list = l->list;
	size_t hex = cur_left(&hash);
	size_t size = l->text.size;
	char *copy =
	    pool_alloc(l->ir->scratch, 1, size + list->stem_size + 1 + hex);

	if (copy == NULL)
		return line_full(l);
	memcpy(copy, l->text.base, size);
	memcpy(copy + size, list->stem, list->stem_size);
	copy[size + list->stem_size] = ':';
	memcpy(copy + size + list->stem_size + 1, hash.base + hash.pos, hex);
	h->text = copy;
	h->name_at = (uint16_t)size;
	h->name_size = (uint16_t)(list->stem_size + 1 + hex);
	return true;
}

bool
hashlist_read(struct line *l)
{
	struct hashlist_row row = { 0 };
	struct ir_hash h = { .of = IR_HASH_FILE, .size = IR_SIZE_ANY };

	l->list->has_rows = true;
	if (l->text.size > HASHLIST_LINE_MAX)
		return line_refuse(l, HASHLIST_LINE_MAX, "too-long",
		    "the line is longer than 60000 bytes");
	if (l->list->is_csv)
		hashlist_read_csv(l->list, l->text, &row);
	else
		hashlist_read_plain(l->text, &row);
	if (!row.has_hash)
		return line_refuse(l, 0, "bad-hash",
		    "no 32, 40 or 64 hexadecimal digits here");
	h.text = (const char *)l->text.base;
	h.text_size = (uint16_t)l->text.size;
	h.line = l->number;
	h.file = l->file;
	h.digest = (uint8_t)row.digest;
	memcpy(h.bytes, row.bytes, sizeof(h.bytes));
	h.flags = (uint8_t)l->flags;
	if (row.has_name) {
		if (!line_check_name(l, row.name))
			return false;
		h.name_at = (uint16_t)cur_where(&row.name);
		h.name_size = (uint16_t)cur_left(&row.name);
	} else if (!hashlist_make_name(l, row.hash, &h)) {
		return false;
	}
	return line_add_hash(l, &h);
}
