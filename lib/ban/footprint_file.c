/*
 * footprint_file.c - what the signs in one file are worth together.  The
 * contract is in footprint_file.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint_file.h"

#include "lib/base/ascii.h"

#include <string.h>

#define MEMBER_MAX 512u /* bytes of a member's name */

/* --- gathering ------------------------------------------------------------ */

struct gathering {
	struct footprint_file *file;
	struct cur seen;
	bool is_place, is_found;
};

static bool
has_platform(const struct footprint_file *f, const struct footprint_sign *sign)
{
	const json_t *list =
	    json_object_get(f->set->product[sign->product], "platform");
	const json_t *one;
	size_t i;

	json_array_foreach(list, i,
	    one) if (strcmp(json_string_value(one), "any") == 0 ||
	    strcmp(json_string_value(one), f->platform) == 0) return true;
	return false;
}

static void
gather(void *self, const struct footprint_sign *sign)
{
	struct gathering *g = self;
	struct footprint_file *f = g->file;
	struct footprint_hit *h = &f->hit[f->count];
	size_t n =
	    g->seen.size < FOOTPRINT_SEEN ? g->seen.size : FOOTPRINT_SEEN;
	size_t i;

	for (i = 0; i < f->count; i++)
		if (f->hit[i].sign == sign) {
			g->is_found = true;
			return;
		}
	if (f->count == FOOTPRINT_HITS)
		return;
	g->is_found = true;
	h->sign = sign;
	h->is_place = g->is_place;
	memcpy(h->seen, g->seen.base, n);
	h->seen[n] = '\0';
	f->count++;
}

bool
footprint_is_own_place(const struct footprint_set *set, uint32_t product,
    struct cur path)
{
	const char *vendor =
	    json_string_value(json_object_get(set->product_file[product]->root,
		"vendor"));
	size_t n = strlen(vendor), i, k;

	for (i = 0; i + n < path.size; i++) {
		if (path.base[i] != '/')
			continue;
		for (k = 0; k < n; k++)
			if (ascii_lower(path.base[i + 1 + k]) !=
			    ascii_lower((uint8_t)vendor[k]))
				break;
		if (k == n)
			return true;
	}
	return false;
}

void
footprint_file_begin(struct footprint_file *f, const struct footprint_set *set,
    struct cur path)
{
	struct gathering g = { f, path, true, false };
	uint32_t i;

	f->set = set;
	f->platform = NULL;
	f->is_setup = f->is_in_place = false;
	f->count = 0;
	footprint_match_path(set, path, gather, &g);
	for (i = 0; i < set->product_count && !f->is_in_place; i++)
		f->is_in_place = footprint_is_own_place(set, i, path);
}

bool
footprint_file_add(struct footprint_file *f, enum footprint_type type,
    struct cur value)
{
	struct gathering g = { f, value, false, false };

	footprint_match(f->set, type, value, gather, &g);
	return g.is_found;
}

/* "./a/b" and "a/b" are paths from a root, too. */
bool
footprint_file_add_member(struct footprint_file *f, struct cur name)
{
	char path[MEMBER_MAX + 1] = "/";
	struct gathering g = { f, cur_from(path, 1), false, false };
	const uint8_t *at = name.base;
	size_t left = name.size;

	while (left > 0 &&
	    (at[0] == '/' || (left > 1 && at[0] == '.' && at[1] == '/'))) {
		left -= at[0] == '/' ? 1 : 2;
		at += at[0] == '/' ? 1 : 2;
	}
	if (left == 0 || left > MEMBER_MAX - 1)
		return false;
	memcpy(path + 1, at, left);
	g.seen.size += left;
	footprint_match_path(f->set, g.seen, gather, &g);
	return g.is_found;
}

/* --- weighing ------------------------------------------------------------- */

/* Does it say who made the file, or which product it is? */
static bool
is_of_maker(const struct footprint_hit *h)
{
	switch ((unsigned)h->sign->type) {
	case FOOTPRINT_SIGNER:
	case FOOTPRINT_COMPANY:
	case FOOTPRINT_SUPPLIER:
	case FOOTPRINT_APP:
	case FOOTPRINT_PACKAGE:
		return !h->is_place;
	default:
		return false;
	}
}

/* Signers, makers and ids stand in products of each platform. */
static bool
is_foreign(const struct footprint_file *f, const struct footprint_hit *h)
{
	return f->platform != NULL &&
	    (h->sign->type == FOOTPRINT_SIGNER ||
		h->sign->type == FOOTPRINT_COMPANY ||
		h->sign->type == FOOTPRINT_APP) &&
	    !has_platform(f, h->sign);
}

struct together {
	bool has_maker, is_installed;
	const struct footprint_sign *engine;
};

static struct together
see_together(const struct footprint_file *f)
{
	struct together t = { .is_installed = f->is_in_place };
	size_t i;

	for (i = 0; i < f->count; i++) {
		const struct footprint_hit *h = &f->hit[i];

		if (is_of_maker(h) && !is_foreign(f, h) &&
		    h->sign->strength > FOOTPRINT_SUPPORTING)
			t.has_maker = true;
		if (h->sign->state == FOOTPRINT_EMBEDDED && t.engine == NULL)
			t.engine = h->sign;
		if (h->is_place && h->sign->type == FOOTPRINT_PATH &&
		    h->sign->state == FOOTPRINT_INSTALLED)
			t.is_installed = true;
	}
	return t;
}

/* A piece of the engine. */
static void
weigh_engine(const struct footprint_file *f, const struct together *t,
    struct footprint_hit *h)
{
	/* In what the vendor makes it is a part of that. */
	if (t->is_installed || (f->is_setup && t->has_maker)) {
		h->counts = false;
		return;
	}
	/* A name that is held with low confidence, but its maker signs it. */
	if (t->has_maker && h->strength == FOOTPRINT_SUPPORTING)
		h->strength = FOOTPRINT_STRONG;
	else if (h->is_place)
		h->counts = false;
}

/* Who made it. */
static void
weigh_maker(const struct footprint_file *f, const struct together *t,
    struct footprint_hit *h)
{
	if (t->engine != NULL && !t->is_installed && !f->is_setup) {
		h->product = t->engine->product;
		h->state = FOOTPRINT_EMBEDDED;
	} else if (f->is_setup ? !f->is_in_place : !t->is_installed)
		h->state = FOOTPRINT_INSTALLER;
	/* A signer is not verified, and anybody can write a name. */
	if (h->sign->type != FOOTPRINT_PACKAGE &&
	    h->sign->type != FOOTPRINT_APP && h->strength > FOOTPRINT_STRONG)
		h->strength = FOOTPRINT_STRONG;
}

static void
weigh(const struct footprint_file *f, const struct together *t,
    struct footprint_hit *h)
{
	h->counts = !is_foreign(f, h);
	h->product = h->sign->product;
	h->state = h->sign->state;
	h->strength = h->sign->strength;
	if (h->state == FOOTPRINT_EMBEDDED)
		weigh_engine(f, t, h);
	else if (h->is_place)
		h->counts = false;
	else if (is_of_maker(h))
		weigh_maker(f, t, h);
	/* Settings and logs in an archive are somebody's copy of them. */
	else if (f->is_setup && h->state > FOOTPRINT_INSTALLER)
		h->counts = false;
	else if (f->is_setup)
		h->state = FOOTPRINT_INSTALLER;
}

void
footprint_file_weigh(struct footprint_file *f)
{
	const struct together t = see_together(f);
	size_t i;

	for (i = 0; i < f->count; i++)
		weigh(f, &t, &f->hit[i]);
}
