/*
 * offset.c - read the offset of a body signature.
 *
 * Spec:    ClamAV documentation, "Extended signature format"; measured on
 *          1.4.6 where that is silent (docs/signatures.md).
 *
 *   *              anywhere
 *   n              n bytes from the start
 *   EOF-n          n bytes before the end
 *   EP+n EP-n      from the entry point
 *   Sx+n           from the start of section x, counted from 0
 *   SL+n           from the start of the last section
 *   SEx            anywhere in section x
 *   VI             at a key or value of the version information
 *   $n$            member of macro group n
 *
 * All but * may be followed by ",s": the pattern may start up to s bytes
 * later.  A missing number is 0.  EP, S and VI only make sense in PE, ELF and
 * Mach-O files, targets 1, 6 and 9.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/offset.h"

#include <string.h>

#define OFFSET_SIZE_MAX    64u
#define OFFSET_MACRO_COUNT 32u

static bool
offset_refuse(struct line *l, const struct cur *c)
{
	return line_refuse(l, cur_where(c), "bad-offset",
	    "the offset is none ClamAV knows, or its number is too large");
}

static bool
offset_read_number(struct cur c, uint32_t *out)
{
	uint64_t value;

	if (!line_number(c, &value) || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

/* Sx+n: both numbers must be there. */
static bool
offset_read_section(struct cur c, struct ir_offset *out)
{
	struct cur section;
	bool has_plus = memchr(c.base + c.pos, '+', cur_left(&c)) != NULL;

	out->kind = IR_OFFSET_SECTION_PLUS;
	return has_plus && cur_until(&c, '+', &section) &&
	    cur_left(&section) > 0 && cur_left(&c) > 0 &&
	    offset_read_number(section, &out->section) &&
	    offset_read_number(c, &out->value);
}

/* Everything that begins with words; false when it is none. */
static bool
offset_read_relative(struct cur c, struct ir_offset *out)
{
	static const struct word {
		const char *text;
		enum ir_offset_kind kind;
	} word[] = {
		{ "EOF-", IR_OFFSET_EOF_MINUS },
		{ "EP+", IR_OFFSET_EP_PLUS },
		{ "EP-", IR_OFFSET_EP_MINUS },
		{ "SL+", IR_OFFSET_LAST_SECTION_PLUS },
	};
	size_t i;

	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		if (!cur_match(&c, word[i].text, strlen(word[i].text)))
			continue;
		out->kind = word[i].kind;
		return offset_read_number(c, &out->value);
	}
	if (cur_match(&c, "SE", 2)) {
		out->kind = IR_OFFSET_IN_SECTION;
		return offset_read_number(c, &out->section);
	}
	if (cur_match(&c, "VI", 2)) {
		out->kind = IR_OFFSET_VERSION_INFO;
		return cur_left(&c) == 0;
	}
	return cur_match(&c, "S", 1) && offset_read_section(c, out);
}

/* $n$ */
static bool
offset_read_macro(struct line *l, struct cur c)
{
	struct cur whole = c, number;
	uint64_t group;

	if (!cur_match(&c, "$", 1) || cur_left(&c) < 2 ||
	    c.base[c.size - 1] != '$' || !cur_until(&c, '$', &number) ||
	    cur_left(&number) == 0 || cur_left(&c) != 0 ||
	    !line_number(number, &group) || group >= OFFSET_MACRO_COUNT)
		return offset_refuse(l, &whole);
	return line_skip(l, "macro",
	    "macro group members are not supported in this version");
}

static bool
offset_is_executable_only(enum ir_offset_kind kind)
{
	return kind >= IR_OFFSET_EP_PLUS;
}

bool
offset_read(struct line *l, struct cur c, uint8_t target, struct ir_offset *out)
{
	struct cur whole = c, place = c, shift;
	uint8_t first = c.size > c.pos ? c.base[c.pos] : '0';

	*out = (struct ir_offset){ .kind = IR_OFFSET_ANY };
	if (cur_is(&c, "*"))
		return true;
	if (cur_left(&c) > OFFSET_SIZE_MAX)
		return offset_refuse(l, &whole);
	if (first == '$')
		return offset_read_macro(l, c);
	if (memchr(c.base + c.pos, ',', cur_left(&c)) != NULL) {
		if (!cur_until(&c, ',', &place))
			return offset_refuse(l, &whole);
		shift = c;
		if (!offset_read_number(shift, &out->max_shift))
			return offset_refuse(l, &shift);
	}
	out->kind = IR_OFFSET_ABSOLUTE;
	if (!offset_read_number(place, &out->value) &&
	    !offset_read_relative(place, out))
		return offset_refuse(l, &whole);
	if (offset_is_executable_only(out->kind) && target != 1 &&
	    target != 6 && target != 9)
		return line_refuse(l, cur_where(&whole), "bad-offset",
		    "this offset needs target 1, 6 or 9 (PE, ELF, Mach-O)");
	return true;
}
