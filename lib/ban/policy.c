/*
 * policy.c - read a ban and look things up in it.  The contract is in
 * policy.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/policy_parts.h"

#include "lib/base/ascii.h"

#include <stdio.h>
#include <string.h>

const char *
policy_text(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

bool
policy_holds(const json_t *record, const char *key, const char *text)
{
	const json_t *list = json_object_get(record, key), *one;
	size_t i;

	json_array_foreach(list, i,
	    one) if (strcmp(json_string_value(one), text) == 0) return true;
	return false;
}

json_t *
policy_find(const struct policy *p, const char *list, const char *id)
{
	const json_t *records = json_object_get(p->root, list);
	json_t *one;
	size_t i;

	json_array_foreach(records, i, one)
	{
		const char *its = policy_text(one, "id");

		if (its != NULL && strcmp(its, id) == 0)
			return one;
	}
	return NULL;
}

bool
policy_is_unconfirmed(const json_t *record)
{
	const char *confidence = policy_text(record, "confidence");

	return confidence != NULL && strcmp(confidence, "high") != 0;
}

static struct cur
text_of(const char *text)
{
	return cur_from(text, strlen(text));
}

struct when_clock
policy_clock(const json_t *instrument)
{
	struct when_clock clock;
	const char *zone = policy_text(instrument, "zone");

	if (zone == NULL || !when_find_clock(text_of(zone), &clock))
		return when_utc;
	return clock;
}

bool
policy_when(const struct policy *p, const json_t *record, const char *key,
    struct when *out)
{
	const char *text = policy_text(record, key);
	const char *id = policy_text(record, "instrument");
	struct when_clock clock;

	/* An instrument is its own; what has none is the ban's. */
	if (id != NULL)
		record = policy_find(p, "instruments", id);
	else if (policy_text(record, "zone") == NULL)
		record = p->root;
	clock = policy_clock(record);
	return text != NULL && when_read(text_of(text), &clock, out);
}

/* --- words --------------------------------------------------------------- */

static uint8_t
fold(char c)
{
	if (c == '-' || c == ' ')
		return '_';
	return ascii_lower((uint8_t)c);
}

bool
policy_same_word(const char *a, const char *b)
{
	while (*a != '\0' && fold(*a) == fold(*b)) {
		a++;
		b++;
	}
	return *a == '\0' && *b == '\0';
}

/* "KES 12.1 for Linux" is "KES for Linux": a version says nothing here. */
static const char *
skip_version(const char *at)
{
	while ((fold(*at) == '_' && ascii_is_digit((uint8_t)at[1])) ||
	    (fold(*at) == '_' && ascii_lower((uint8_t)at[1]) == 'v' &&
		ascii_is_digit((uint8_t)at[2]))) {
		at++;
		while (*at != '\0' && *at != ' ' && *at != '_')
			at++;
	}
	return at;
}

/* As policy_same_word(); "Kite *" is what begins so. */
static bool
is_name(const char *name, const char *written, bool is_loose)
{
	for (;;) {
		written = skip_version(written);
		if (is_loose && name[0] == '*' && name[1] == '\0')
			return true;
		if (*name == '\0' || fold(*name) != fold(*written))
			return *name == '\0' && *written == '\0';
		name++;
		written++;
	}
}

static bool
stands_for(const char *term, const json_t *word, const char *written,
    bool is_loose)
{
	const json_t *also = json_object_get(word, "also"), *one;
	size_t i;

	if (policy_same_word(term, written))
		return true;
	json_array_foreach(also, i, one)
	{
		const char *name = json_string_value(one);

		if (policy_same_word(name, written) ||
		    is_name(name, written, is_loose))
			return true;
	}
	return false;
}

static const char *
find_term(json_t *words, const char *written, const char *from, bool is_loose)
{
	bool is_after = from == NULL;
	const char *term;
	json_t *word;

	json_object_foreach(words, term, word)
	{
		if (is_after && stands_for(term, word, written, is_loose))
			return term;
		is_after = is_after || strcmp(term, from) == 0;
	}
	return NULL;
}

const char *
policy_term(const struct policy *p, const char *kind, const char *written,
    const char *from)
{
	json_t *words =
	    json_object_get(json_object_get(p->root, "words"), kind);

	/* A name that only begins as one does is not also another's. */
	if (find_term(words, written, NULL, false) != NULL)
		return find_term(words, written, from, false);
	return find_term(words, written, from, true);
}

/* --- reading ------------------------------------------------------------- */

bool
policy_read(struct cur text, struct policy *out, policy_complain_fn complain,
    void *self)
{
	struct schema_troubles t = { complain, self, 0 };

	out->root = schema_load(text, &t);
	if (out->root == NULL)
		return false;
	policy_schema(out, &t);
	/* What follows relies on types. */
	if (t.count == 0)
		policy_check(out, &t);
	if (t.count > 0)
		policy_free(out);
	return t.count == 0;
}

void
policy_free(struct policy *p)
{
	json_decref(p->root);
	p->root = NULL;
}
