/*
 * footprint.c - read a footprint, and weigh what was seen.  The contract is
 * in footprint.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint_parts.h"

#include <stdio.h>
#include <string.h>

const char *const footprint_type_word[FOOTPRINT_TYPES] = {
	[FOOTPRINT_PACKAGE] = "package",
	[FOOTPRINT_UNIT] = "unit",
	[FOOTPRINT_PATH] = "path",
	[FOOTPRINT_FILE] = "file",
	[FOOTPRINT_SETUP] = "installer",
	[FOOTPRINT_MODULE] = "module",
	[FOOTPRINT_PROCESS] = "process",
	[FOOTPRINT_SOCKET] = "socket",
	[FOOTPRINT_USER] = "user",
	[FOOTPRINT_GROUP] = "group",
	[FOOTPRINT_APP] = "app",
	[FOOTPRINT_PROGRAM] = "program",
	[FOOTPRINT_SERVICE] = "service",
	[FOOTPRINT_REGISTRY] = "registry",
	[FOOTPRINT_CERTIFICATE] = "certificate",
	[FOOTPRINT_SIGNER] = "signer",
	[FOOTPRINT_SUPPLIER] = "supplier",
	[FOOTPRINT_DOMAIN] = "domain",
	[FOOTPRINT_CPE] = "cpe",
	[FOOTPRINT_PURL] = "purl",
	[FOOTPRINT_COMPANY] = "company",
	[FOOTPRINT_STRING] = "string",
	[FOOTPRINT_CLASS] = "class",
};

const char *const footprint_state_word[FOOTPRINT_STATES] = {
	[FOOTPRINT_RUNNING] = "running",
	[FOOTPRINT_INSTALLED] = "installed",
	[FOOTPRINT_EMBEDDED] = "engine_embedded",
	[FOOTPRINT_RAN_HERE] = "ran_here",
	[FOOTPRINT_INSTALLER] = "installer_only",
	[FOOTPRINT_SUCCESSOR] = "successor",
	[FOOTPRINT_RESIDUE] = "residue",
	[FOOTPRINT_MENTION] = "mention_only",
};

const char *const footprint_strength_word[] = {
	[FOOTPRINT_SUPPORTING] = "supporting",
	[FOOTPRINT_STRONG] = "strong",
	[FOOTPRINT_PROOF] = "proof",
};

const char *const footprint_ground_word[] = {
	[FOOTPRINT_PROVEN] = "proven",
	[FOOTPRINT_TWO_SIGNS] = "two signs",
	[FOOTPRINT_ONE_SIGN] = "one sign",
};

bool
footprint_read(struct cur text, struct footprint *out,
    schema_complain_fn complain, void *self)
{
	struct schema_troubles t = { complain, self, 0 };

	out->root = schema_load(text, &t);
	if (out->root == NULL)
		return false;
	footprint_schema(out, &t);
	if (t.count > 0)
		footprint_free(out);
	return t.count == 0;
}

void
footprint_free(struct footprint *f)
{
	json_decref(f->root);
	f->root = NULL;
}

/* --- weighing ------------------------------------------------------------- */

/* The first part of a path: what is below one folder may be one leftover. */
static size_t
place_size(const char *path)
{
	return path[0] == '/' ? 1 + strcspn(path + 1, "/") : 0;
}

bool
footprint_are_independent(const struct footprint_sign *a,
    const struct footprint_sign *b)
{
	size_t n;

	if (a->type != b->type)
		return true;
	if (a->type != FOOTPRINT_PATH)
		return false;
	n = place_size(a->value);
	return n != place_size(b->value) || memcmp(a->value, b->value, n) != 0;
}

void
footprint_count(struct footprint_tally *t, const struct footprint_sign *sign,
    enum footprint_state state, enum footprint_strength strength)
{
	t->has_any[state] = true;
	if (strength == FOOTPRINT_PROOF)
		t->has_proof[state] = true;
	if (strength == FOOTPRINT_SUPPORTING)
		return;
	if (t->strong[state] == NULL)
		t->strong[state] = sign;
	else if (footprint_are_independent(t->strong[state], sign))
		t->has_two[state] = true;
}

/* A strong sign that it runs and one that it is there are two. */
static bool
is_there_by_two(const struct footprint_tally *t)
{
	return t->strong[FOOTPRINT_RUNNING] != NULL &&
	    (t->strong[FOOTPRINT_INSTALLED] != NULL ||
		t->strong[FOOTPRINT_RESIDUE] != NULL);
}

/* What one strong sign alone is worth. */
static bool
decide_by_one(const struct footprint_tally *t, enum footprint_state *state)
{
	int s;

	for (s = 0; s < FOOTPRINT_MENTION; s++)
		/* What an engine holds stands in its tests, in what fights it
		   and in photographs, too: one piece is none. */
		if (t->strong[s] != NULL && s != FOOTPRINT_EMBEDDED) {
			/* What lies about does not prove a product. */
			*state = s == FOOTPRINT_INSTALLED
			    ? FOOTPRINT_RESIDUE
			    : (enum footprint_state)s;
			return true;
		}
	*state = FOOTPRINT_MENTION;
	return false;
}

bool
footprint_decide(const struct footprint_tally *t, enum footprint_state *state,
    enum footprint_ground *ground)
{
	bool runs_by_two = is_there_by_two(t) ||
	    (t->strong[FOOTPRINT_RUNNING] != NULL &&
		t->has_proof[FOOTPRINT_INSTALLED]);
	int s;

	for (s = 0; s < FOOTPRINT_MENTION; s++) {
		bool by_two =
		    t->has_two[s] || (s == FOOTPRINT_RUNNING && runs_by_two);

		/* It was removed, says who did it: what lies about is left. */
		if (s == FOOTPRINT_INSTALLED && t->is_removed)
			by_two = false;

		if (!t->has_proof[s] && !by_two)
			continue;
		*state = (enum footprint_state)s;
		*ground =
		    t->has_proof[s] ? FOOTPRINT_PROVEN : FOOTPRINT_TWO_SIGNS;
		return true;
	}
	*ground = FOOTPRINT_ONE_SIGN;
	return decide_by_one(t, state);
}
