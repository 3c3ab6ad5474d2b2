/*
 * ldb.c - read logical signatures: .ldb and .ldu.
 *
 * Spec:    ClamAV documentation, "Logical signatures".
 *
 *   name;description;logic;subsignature0;subsignature1;…
 *
 * At most 64 subsignatures, exactly as many as the logic speaks of.  One is
 *
 *   [offset:]pattern[::modifiers]     modifiers: i no case, w wide,
 *                                     f fullword, a also not wide
 *   trigger/regex/flags               PCRE
 *   id(>>n#…#…)                       byte compare
 *   ${n-m}id$                         macro
 *   fuzzy_img#…                       image hash
 *
 * of which the last four are recognised and make the line "not loaded".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/ldb.h"

#include "lib/compile/clam/body.h"
#include "lib/compile/clam/condition.h"
#include "lib/compile/clam/offset.h"
#include "lib/compile/clam/tdb.h"

#include <string.h>

#define LDB_HEAD       3u /* fields before the subsignatures */
#define LDB_FIELDS_MAX (LDB_HEAD + LOGIC_IDS_MAX)

struct ldb_modifiers {
	bool nocase, wide, fullword, ascii;
};

static bool
ldb_has_byte(struct cur c, char byte)
{
	return memchr(c.base + c.pos, byte, cur_left(&c)) != NULL;
}

static bool
ldb_has(struct cur c, const char *text)
{
	return cur_left(&c) > 0 &&
	    memmem(c.base + c.pos, cur_left(&c), text, strlen(text)) != NULL;
}

/* Subsignatures this version can't search for. */
struct ldb_special {
	const char *kind, *reason;
};

static const struct ldb_special ldb_fuzzy = { "fuzzy-image",
	"image hashes are not supported in this version" };
static const struct ldb_special ldb_macro = { "macro",
	"macro subsignatures are not supported in this version" };
static const struct ldb_special ldb_pcre = { "pcre",
	"PCRE subsignatures are not supported in this version" };
static const struct ldb_special ldb_compare = { "byte-compare",
	"byte comparisons are not supported in this version" };

static const struct ldb_special *
ldb_find_special(struct cur c)
{
	if (cur_match(&c, "fuzzy_img#", 10))
		return &ldb_fuzzy;
	if (cur_match(&c, "${", 2))
		return &ldb_macro;
	if (ldb_has_byte(c, '/'))
		return &ldb_pcre;
	/* Most have not even a parenthesis, and that is told sooner. */
	if (ldb_has_byte(c, '(') && (ldb_has(c, "(>>") || ldb_has(c, "(<<")))
		return &ldb_compare;
	return NULL;
}

static bool
ldb_check_special(struct line *l, const struct cur *sub, size_t count)
{
	const struct ldb_special *special;
	size_t i;

	for (i = 0; i < count; i++) {
		special = ldb_find_special(sub[i]);
		if (special != NULL)
			return line_skip(l, special->kind, special->reason);
	}
	return true;
}

static bool
ldb_read_modifiers(struct line *l, struct cur c, struct ldb_modifiers *out)
{
	while (cur_left(&c) > 0) {
		uint64_t at = cur_where(&c);

		switch (cur_u8(&c)) {
		case 'i':
			out->nocase = true;
			break;
		case 'w':
			out->wide = true;
			break;
		case 'f':
			out->fullword = true;
			break;
		case 'a':
			out->ascii = true;
			break;
		default:
			return line_refuse(l, at, "bad-modifier",
			    "the modifiers are i, w, f and a");
		}
	}
	return true;
}

/* Cut "pattern::modifiers" apart. */
static bool
ldb_cut_modifiers(struct line *l, struct cur *c, struct ldb_modifiers *out)
{
	const uint8_t *at = NULL;
	struct cur pattern;

	if (ldb_has_byte(*c, ':'))
		at = memmem(c->base + c->pos, cur_left(c), "::", 2);
	if (at == NULL)
		return true;
	if (!cur_take(c, (uint64_t)(at - (c->base + c->pos)), &pattern) ||
	    !cur_skip(c, 2) || !ldb_read_modifiers(l, *c, out))
		return false;
	*c = pattern;
	return true;
}

/* The string: one pattern, or two for "wide and ascii". */
static bool
ldb_add_patterns(struct line *l, struct cur c, const struct ldb_modifiers *m,
    const struct ir_offset *offset, struct ir_string *out)
{
	struct body_options options = {
		.nocase = m->nocase,
		.wide = m->wide,
		.fullword = m->fullword,
	};
	uint32_t count = m->wide && m->ascii ? 2 : 1, i;
	struct ir_pattern *pattern =
	    pool_alloc(l->ir->scratch, count, sizeof(*pattern));

	if (pattern == NULL)
		return line_full(l);
	for (i = 0; i < count; i++) {
		pattern[i].offset = *offset;
		if (!body_read(l, c, &options, &pattern[i]))
			return false;
		options.wide = false;
	}
	out->pattern = pattern;
	out->pattern_count = count;
	return true;
}

static bool
ldb_read_sub(struct line *l, struct cur c, uint8_t target,
    struct ir_string *out)
{
	struct ldb_modifiers modifiers = { 0 };
	struct ir_offset offset = { .kind = IR_OFFSET_ANY };
	struct cur place;

	if (!ldb_cut_modifiers(l, &c, &modifiers))
		return false;
	if (ldb_has_byte(c, ':') &&
	    (!cur_until(&c, ':', &place) ||
		!offset_read(l, place, target, &offset)))
		return false;
	return ldb_add_patterns(l, c, &modifiers, &offset, out);
}

static bool
ldb_read_subs(struct line *l, const struct cur *sub, uint32_t count,
    struct ir_rule *rule)
{
	struct ir_string *string =
	    pool_alloc(l->ir->scratch, count, sizeof(*string));
	uint32_t i;

	if (string == NULL)
		return line_full(l);
	for (i = 0; i < count; i++) {
		string[i].name = condition_string_name(i);
		if (!ldb_read_sub(l, sub[i], rule->guard.target, &string[i]))
			return false;
	}
	rule->string = string;
	rule->string_count = count;
	return true;
}

bool
ldb_read(struct line *l)
{
	struct cur field[LDB_FIELDS_MAX];
	size_t count = line_split(l->text, ';', field, LDB_FIELDS_MAX);
	struct ir_rule rule = { .kind = SIG_LOGICAL };
	uint32_t id_count;

	if (count <= LDB_HEAD || count > LDB_FIELDS_MAX)
		return line_refuse(l, 0, "bad-fields",
		    "a logical signature has a name, a description, logic and "
		    "1 to 64 subsignatures");
	if (!line_check_name(l, field[0]) || !tdb_read(l, field[1], &rule) ||
	    !ldb_check_special(l, &field[LDB_HEAD], count - LDB_HEAD))
		return false;
	rule.condition = condition_read(l, field[2], &id_count);
	if (rule.condition == NULL)
		return false;
	if (id_count != count - LDB_HEAD)
		return line_refuse(l, cur_where(&field[2]), "bad-logic",
		    "the logic speaks of another number of subsignatures than "
		    "there are");
	if (!ldb_read_subs(l, &field[LDB_HEAD], id_count, &rule))
		return false;
	rule.origin = line_origin(l, field[0]);
	return line_add_rule(l, &rule);
}
