/*
 * tdb.c - read the target description block of a logical signature.
 *
 * Spec:    ClamAV documentation, "Logical signatures"; measured on 1.4.6
 *          where that is silent (docs/signatures.md).
 *
 *   Engine:a-b            functionality levels; first if present
 *   Target:n              must be there
 *   FileSize:a-b          bytes of the object
 *   EntryPoint:a-b        file offset; targets 1, 6, 9
 *   NumberOfSections:a-b  targets 1, 6, 9
 *   Container:CL_TYPE_x   kind of the parent; ANY: there is no parent
 *   Intermediates:CL_TYPE_x>CL_TYPE_y   ancestors, the last the parent
 *   IconGroup1:text IconGroup2:text     target 1; never holds: icon signatures
 *                         (.idb) are not loaded
 *   HandlerType:CL_TYPE_x kind to look at the object as, instead of telling;
 *                         ANY: as it is
 *
 * Separated by commas.  Anything but Engine and Target asks for an Engine of
 * at least 51.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/tdb.h"

#include "lib/formats/kind.h"

#include <string.h>

#define TDB_FIELDS_MAX   64u
#define TDB_MODERN_LEVEL 51u

_Static_assert(KIND_COUNT < IR_HANDLER_SAME, "kinds fit a handler's byte");

struct tdb {
	struct line *l;
	struct ir_guard *guard;
	uint8_t *handler;
	struct cur at; /* the whole block */
	uint64_t engine_min;
	bool has_target;
};

static bool
tdb_read_range(struct tdb *t, struct cur c, uint64_t *min, uint64_t *max)
{
	struct cur whole = c, first;

	if (memchr(c.base + c.pos, '-', cur_left(&c)) != NULL &&
	    cur_until(&c, '-', &first) && line_number(first, min) &&
	    line_number(c, max))
		return true;
	return line_refuse(t->l, cur_where(&whole), "bad-attribute",
	    "the attribute's value is not two numbers with - between");
}

static bool
tdb_read_engine(struct tdb *t, struct cur c)
{
	uint64_t min, max;

	if (cur_where(&c) != cur_where(&t->at) + strlen("Engine:"))
		return line_refuse(t->l, cur_where(&c), "bad-attribute",
		    "Engine must be the first attribute");
	if (!tdb_read_range(t, c, &min, &max))
		return false;
	if (t->l->options->flevel < min || t->l->options->flevel > max)
		return line_pass(t->l, "level");
	t->engine_min = min;
	return true;
}

static bool
tdb_read_target(struct tdb *t, struct cur c)
{
	uint64_t target;

	if (!line_number(c, &target))
		return line_refuse(t->l, cur_where(&c), "bad-target",
		    "the target is not a number");
	if (target > TDB_TARGET_MAX)
		return line_pass(t->l, "target");
	t->guard->target = (uint8_t)target;
	t->has_target = true;
	return true;
}

static bool
tdb_read_size(struct tdb *t, struct cur c)
{
	t->guard->has_size = true;
	return tdb_read_range(t, c, &t->guard->size_min, &t->guard->size_max);
}

static bool
tdb_read_entry(struct tdb *t, struct cur c)
{
	t->guard->has_entry = true;
	return tdb_read_range(t, c, &t->guard->entry_min, &t->guard->entry_max);
}

static bool
tdb_read_sections(struct tdb *t, struct cur c)
{
	t->guard->has_sections = true;
	return tdb_read_range(t, c, &t->guard->sections_min,
	    &t->guard->sections_max);
}

static const char tdb_no_kind[] =
    "the signature names a kind of file this version does not know";

/* kind + 1 of CL_TYPE_x, any for CL_TYPE_ANY; false after line_skip(). */
static bool
tdb_find_kind(struct tdb *t, struct cur c, uint16_t any, uint16_t *out)
{
	uint32_t kind;

	if (!cur_match(&c, "CL_TYPE_", 8) || cur_left(&c) == 0)
		return line_skip(t->l, "file-kind", tdb_no_kind);
	*out = any;
	if (cur_is(&c, "ANY"))
		return true;
	for (kind = 0; kind < KIND_COUNT; kind++) {
		*out = (uint16_t)(kind + 1);
		if (cur_is(&c, kind_row(kind)->clam))
			return true;
	}
	return line_skip(t->l, "file-kind", tdb_no_kind);
}

static bool
tdb_read_container(struct tdb *t, struct cur c)
{
	return tdb_find_kind(t, c, IR_CONTAINER_ROOT, &t->guard->container);
}

static bool
tdb_read_intermediates(struct tdb *t, struct cur c)
{
	struct cur field[IR_INTERMEDIATES_MAX];
	size_t count = line_split(c, '>', field, IR_INTERMEDIATES_MAX), i;

	if (count > IR_INTERMEDIATES_MAX)
		return line_refuse(t->l, cur_where(&c), "bad-attribute",
		    "more than 16 intermediates");
	for (i = 0; i < count; i++)
		if (!tdb_find_kind(t, field[i], 0, &t->guard->intermediate[i]))
			return false;
	t->guard->intermediate_count = (uint32_t)count;
	return true;
}

static bool
tdb_read_icon(struct tdb *t, struct cur c)
{
	(void)c;
	t->guard->has_icon = true;
	return true;
}

static bool
tdb_read_handler(struct tdb *t, struct cur c)
{
	uint16_t kind;

	if (!tdb_find_kind(t, c, IR_HANDLER_SAME, &kind))
		return false;
	*t->handler = (uint8_t)kind;
	return true;
}

/* What each attribute is and does. */
static const struct tdb_attribute {
	const char *name;
	bool (*read)(struct tdb *t, struct cur value);
	bool is_old; /* needs no Engine */
} tdb_attribute[] = {
	{ "Engine", tdb_read_engine, true },
	{ "Target", tdb_read_target, true },
	{ "FileSize", tdb_read_size, false },
	{ "EntryPoint", tdb_read_entry, false },
	{ "NumberOfSections", tdb_read_sections, false },
	{ "Container", tdb_read_container, false },
	{ "Intermediates", tdb_read_intermediates, false },
	{ "IconGroup1", tdb_read_icon, false },
	{ "IconGroup2", tdb_read_icon, false },
	{ "HandlerType", tdb_read_handler, false },
};

static bool
tdb_read_attribute(struct tdb *t, struct cur c)
{
	const struct tdb_attribute *a;
	struct cur whole = c, name;
	size_t i;

	if (memchr(c.base + c.pos, ':', cur_left(&c)) == NULL ||
	    !cur_until(&c, ':', &name))
		return line_refuse(t->l, cur_where(&whole), "bad-attribute",
		    "an attribute is not of the form Name:value");
	for (i = 0; i < sizeof(tdb_attribute) / sizeof(tdb_attribute[0]); i++) {
		a = &tdb_attribute[i];
		if (!cur_is(&name, a->name))
			continue;
		if (!a->is_old && t->engine_min < TDB_MODERN_LEVEL)
			return line_refuse(t->l, cur_where(&whole),
			    "bad-attribute",
			    "this attribute needs Engine:51-255 or later "
			    "in front");
		return a->read(t, c);
	}
	return line_skip(t->l, "attribute",
	    "the signature asks for an attribute this version does not know");
}

static bool
tdb_check(struct tdb *t)
{
	const struct ir_guard *g = t->guard;
	bool is_executable = g->target == 1 || g->target == 6 || g->target == 9;

	if (!t->has_target)
		return line_refuse(t->l, cur_where(&t->at), "bad-attribute",
		    "the signature has no Target");
	if ((g->has_entry || g->has_sections) && !is_executable)
		return line_refuse(t->l, cur_where(&t->at), "bad-attribute",
		    "EntryPoint and NumberOfSections need target 1, 6 or 9");
	if (g->has_icon && g->target != 1)
		return line_refuse(t->l, cur_where(&t->at), "bad-attribute",
		    "IconGroup1 and IconGroup2 need target 1");
	return true;
}

bool
tdb_read(struct line *l, struct cur c, struct ir_rule *out)
{
	struct tdb t = {
		.l = l, .guard = &out->guard, .handler = &out->handler, .at = c
	};
	struct cur field[TDB_FIELDS_MAX];
	size_t count = line_split(c, ',', field, TDB_FIELDS_MAX), i;

	out->guard = (struct ir_guard){ 0 };
	out->handler = 0;
	if (count > TDB_FIELDS_MAX)
		return line_refuse(l, cur_where(&c), "bad-attribute",
		    "more than 64 attributes");
	for (i = 0; i < count; i++)
		if (!tdb_read_attribute(&t, field[i]))
			return false;
	return tdb_check(&t);
}
