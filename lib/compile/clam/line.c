/*
 * line.c - one line of a signature file.  See line.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/line.h"

#include "lib/base/ckd.h"
#include "lib/compile/pool.h"

#include <string.h>

bool
line_refuse(struct line *l, uint64_t at, const char *kind, const char *reason)
{
	l->kind = kind;
	l->reason = reason;
	l->column = at >= UINT32_MAX ? 0 : (uint32_t)at + 1;
	l->is_error = true;
	return false;
}

bool
line_skip(struct line *l, const char *kind, const char *reason)
{
	l->kind = kind;
	l->reason = reason;
	return false;
}

bool
line_pass(struct line *l, const char *kind)
{
	l->kind = kind;
	l->is_quiet = true;
	return false;
}

bool
line_full(struct line *l)
{
	l->is_full = true;
	return false;
}

size_t
line_split(struct cur text, uint8_t cut, struct cur *field, size_t max)
{
	/* Millions of lines come this way; at stays between base and end. */
	const uint8_t *at = text.base + text.pos, *end = text.base + text.size;
	const uint8_t *stop;
	size_t count;

	for (count = 0; count < max; count++, at = stop + 1) {
		stop = memchr(at, cut, (size_t)(end - at));
		field[count] =
		    cur_from(at, (size_t)((stop == NULL ? end : stop) - at));
		field[count].origin = text.origin + (uint64_t)(at - text.base);
		if (stop == NULL)
			return count + 1;
	}
	return max + 1;
}

bool
line_number(struct cur c, uint64_t *out)
{
	uint64_t value = 0;

	while (cur_left(&c) > 0) {
		uint8_t digit = (uint8_t)(cur_u8(&c) - '0');

		if (digit > 9 || ckd_mul(&value, value, (uint64_t)10) ||
		    ckd_add(&value, value, (uint64_t)digit))
			return false;
	}
	*out = value;
	return true;
}

bool
line_check_name(struct line *l, struct cur name)
{
	size_t i;

	if (cur_left(&name) == 0)
		return line_refuse(l, cur_where(&name), "bad-name",
		    "the signature has no name");
	if (cur_left(&name) > LINE_NAME_MAX)
		return line_refuse(l, cur_where(&name), "bad-name",
		    "the signature's name is longer than 512 bytes");
	/* Where they lie: i stays below name.size. */
	for (i = name.pos; i < name.size; i++)
		if (name.base[i] < 0x20 || name.base[i] == 0x7f)
			return line_refuse(l, name.origin + i, "bad-name",
			    "the signature's name holds a control character");
	return true;
}

bool
line_check_level(struct line *l, const struct cur *min, const struct cur *max)
{
	uint64_t level = 0;

	if (min != NULL && !line_number(*min, &level))
		return line_refuse(l, cur_where(min), "bad-level",
		    "the lowest functionality level is not a number");
	if (min != NULL && level > l->options->flevel)
		return line_pass(l, "level");
	if (max != NULL && !line_number(*max, &level))
		return line_refuse(l, cur_where(max), "bad-level",
		    "the highest functionality level is not a number");
	if (max != NULL && level < l->options->flevel)
		return line_pass(l, "level");
	return true;
}

struct ir_origin
line_origin(const struct line *l, struct cur name)
{
	/* Both lie in the input, which outlives ir (compile_text()). */
	return (struct ir_origin){
		.name = (const char *)name.base + name.pos,
		.name_size = (uint32_t)cur_left(&name),
		.feed = l->ir->file[l->file].feed,
		.file = l->file,
		.line = l->number,
		.text = (const char *)l->text.base,
		.text_size = (uint32_t)l->text.size,
		.flags = l->flags,
	};
}

bool
line_add_rule(struct line *l, const struct ir_rule *rule)
{
	struct ir *ir = l->ir;

	if (!pool_vector_grow(ir->pool, (void **)&ir->rule, &ir->rule_room,
		ir->rule_count, sizeof(*ir->rule)))
		return line_full(l);
	ir->rule[ir->rule_count++] = *rule;
	return true;
}

bool
line_add_hash(struct line *l, const struct ir_hash *hash)
{
	struct ir *ir = l->ir;

	if (!pool_vector_grow(ir->pool, (void **)&ir->hash, &ir->hash_room,
		ir->hash_count, sizeof(*ir->hash)))
		return line_full(l);
	ir->hash[ir->hash_count++] = *hash;
	return true;
}
