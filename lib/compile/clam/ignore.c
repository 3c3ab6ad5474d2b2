/*
 * ignore.c - signatures that are switched off: .ign and .ign2.
 *
 * Spec:    ClamAV documentation, "Allow list databases".
 *
 *   name               every signature of this exact name
 *   name:md5           only if its line has this MD5 (hexadecimal)
 *   database:line:name the old form; ClamAV goes by the name alone, and so
 *                      do we
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/ignore.h"

#include "lib/base/hex.h"
#include "lib/compile/pool.h"
#include "lib/crypto/digest.h"

#include <stdlib.h>
#include <string.h>

#define IGNORE_FILTER_BITS 65536u

bool
ignore_read(struct line *l)
{
	struct cur field[3], name;
	size_t count = line_split(l->text, ':', field, 3);
	struct ir *ir = l->ir;
	struct ir_ignore row = { 0 };

	if (count > 3)
		return line_refuse(l, 0, "bad-fields",
		    "an ignored signature has one to three fields");
	name = field[count == 3 ? 2 : 0];
	if (!line_check_name(l, name))
		return false;
	row.name = pool_text(ir->pool, name.base + name.pos, cur_left(&name));
	if (row.name == NULL)
		return line_full(l);
	row.name_size = (uint32_t)cur_left(&name);
	row.has_md5 = count == 2;
	if (row.has_md5 && !hex_read(field[1], row.md5, sizeof(row.md5)))
		return line_refuse(l, cur_where(&field[1]), "bad-hash",
		    "the MD5 of the signature's line is not 32 hexadecimal "
		    "digits");
	if (!pool_vector_grow(ir->pool, (void **)&ir->ignore, &ir->ignore_room,
		ir->ignore_count, sizeof(row)))
		return line_full(l);
	ir->ignore[ir->ignore_count++] = row;
	return true;
}

/* --- applying ---------------------------------------------------------- */

struct ignore_set {
	const struct ir_ignore *row; /* sorted */
	size_t count;
	uint64_t filter[IGNORE_FILTER_BITS / 64]; /* of the names' hashes */
};

static int
ignore_compare_name(const char *a, size_t a_size, const char *b, size_t b_size)
{
	size_t size = a_size < b_size ? a_size : b_size;
	int order = memcmp(a, b, size);

	if (order != 0 || a_size == b_size)
		return order;
	return a_size < b_size ? -1 : 1;
}

static int
ignore_compare(const void *a, const void *b)
{
	const struct ir_ignore *x = a, *y = b;
	int order =
	    ignore_compare_name(x->name, x->name_size, y->name, y->name_size);

	if (order != 0)
		return order;
	if (x->has_md5 != y->has_md5)
		return x->has_md5 ? 1 : -1;
	return memcmp(x->md5, y->md5, sizeof(x->md5));
}

static uint32_t
ignore_hash(const char *name, size_t size)
{
	uint32_t hash = 0x811c9dc5u; /* FNV-1a */
	size_t i;

	for (i = 0; i < size; i++)
		hash = (hash ^ (uint8_t)name[i]) * 0x01000193u;
	return (hash ^ hash >> 16) % IGNORE_FILTER_BITS;
}

static bool
ignore_is_line(const struct ir_ignore *row, const struct ir_origin *origin)
{
	uint8_t md5[DIGEST_SIZE_MAX];

	if (!row->has_md5)
		return true;
	digest_of(DIGEST_MD5, origin->text, origin->text_size, md5);
	return memcmp(md5, row->md5, sizeof(row->md5)) == 0;
}

static bool
ignore_has(const struct ignore_set *set, const struct ir_origin *origin)
{
	uint32_t hash = ignore_hash(origin->name, origin->name_size);
	size_t low = 0, high = set->count;

	if ((set->filter[hash / 64] >> hash % 64 & 1) == 0)
		return false;
	/* The first row that is not before the name. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct ir_ignore *row = &set->row[middle];

		if (ignore_compare_name(row->name, row->name_size, origin->name,
			origin->name_size) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < set->count; low++) {
		const struct ir_ignore *row = &set->row[low];

		if (ignore_compare_name(row->name, row->name_size, origin->name,
			origin->name_size) != 0)
			return false;
		if (ignore_is_line(row, origin))
			return true;
	}
	return false;
}

/* Move one of the signatures a file had loaded to "ignored". */
static bool
ignore_recount(struct ir *ir, uint32_t file)
{
	const char *what = ir->file[file].what;

	return ir_count(ir, what, NULL, false, UINT64_MAX) && /* one less */
	    ir_count(ir, what, "ignored", false, 1);
}

static bool
ignore_apply_rules(struct ir *ir, const struct ignore_set *set)
{
	size_t i, kept = 0;

	for (i = 0; i < ir->rule_count; i++) {
		if (!ignore_has(set, &ir->rule[i].origin))
			ir->rule[kept++] = ir->rule[i];
		else if (!ignore_recount(ir, ir->rule[i].origin.file))
			return false;
	}
	ir->rule_count = kept;
	return true;
}

static bool
ignore_apply_hashes(struct ir *ir, const struct ignore_set *set)
{
	size_t i, kept = 0;

	for (i = 0; i < ir->hash_count; i++) {
		struct ir_origin origin = ir_hash_origin(ir, &ir->hash[i]);

		if (ir->hash[i].allow || !ignore_has(set, &origin))
			ir->hash[kept++] = ir->hash[i];
		else if (!ignore_recount(ir, origin.file))
			return false;
	}
	ir->hash_count = kept;
	return true;
}

bool
ignore_apply(struct ir *ir, struct why *why)
{
	struct ignore_set *set;
	size_t i;

	if (ir->ignore_count == 0)
		return true;
	set = pool_alloc(ir->pool, 1, sizeof(*set));
	if (set == NULL)
		return why_not(why, WHY_LIMIT, "no memory for ignore lists");
	qsort(ir->ignore, ir->ignore_count, sizeof(*ir->ignore),
	    ignore_compare);
	set->row = ir->ignore;
	set->count = ir->ignore_count;
	for (i = 0; i < set->count; i++) {
		uint32_t hash =
		    ignore_hash(set->row[i].name, set->row[i].name_size);

		set->filter[hash / 64] |= (uint64_t)1 << hash % 64;
	}
	if (!ignore_apply_rules(ir, set) || !ignore_apply_hashes(ir, set))
		return why_not(why, WHY_LIMIT, "no memory for ignore lists");
	return true;
}
