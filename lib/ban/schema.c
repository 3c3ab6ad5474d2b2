/*
 * schema.c - hold a data file against tables.  The contract is in schema.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/schema.h"

#include <stdio.h>
#include <string.h>

/* More is nothing that people wrote; checks may take squares of these. */
#define TEXTS_MAX   200u
#define RECORDS_MAX 2000u

void
schema_complain(struct schema_troubles *t, const char *where, const char *what)
{
	t->count++;
	t->complain(t->self, where, what);
}

static void
say(struct schema_troubles *t, const char *where, const char *key,
    const char *what)
{
	char path[200];

	snprintf(path, sizeof(path), "%s%s%.60s", where,
	    where[0] != '\0' && key[0] != '\0' ? "." : "", key);
	schema_complain(t, path, what);
}

static bool
is_text(const json_t *value)
{
	return json_is_string(value) && json_string_length(value) > 0;
}

static bool
is_texts(const json_t *value)
{
	size_t i;
	const json_t *one;

	if (!json_is_array(value) || json_array_size(value) > TEXTS_MAX)
		return false;
	json_array_foreach(value, i, one) if (!is_text(one)) return false;
	return true;
}

static bool
is_map(json_t *value)
{
	const char *key;
	json_t *one;

	if (!json_is_object(value))
		return false;
	json_object_foreach(value, key,
	    one) if (!is_texts(one) || json_array_size(one) == 0) return false;
	return true;
}

static bool
is_list(const json_t *value)
{
	return json_is_array(value) && json_array_size(value) <= RECORDS_MAX;
}

static bool
is_named(const json_t *value)
{
	return json_is_object(value) && json_object_size(value) <= RECORDS_MAX;
}

/* Is it one of the words of "a|b|c"? */
static bool
is_choice(const char *choices, const json_t *value)
{
	const char *word = is_text(value) ? json_string_value(value) : "";
	size_t len = strlen(word);

	while (len > 0 && *choices != '\0') {
		size_t one = strcspn(choices, "|");

		if (one == len && strncmp(choices, word, len) == 0)
			return true;
		choices += one + (choices[one] == '|' ? 1 : 0);
	}
	return false;
}

static bool
is_url(const json_t *value)
{
	const char *url = json_string_value(value);

	return url != NULL &&
	    (strncmp(url, "https://", 8) == 0 ||
		strncmp(url, "http://", 7) == 0) &&
	    strpbrk(url, " \t\r\n\"<>") == NULL;
}

static bool
is_right(const struct schema_field *f, json_t *value)
{
	switch (f->type) {
	case SCHEMA_TEXT:
		return is_text(value);
	case SCHEMA_TEXTS:
		return is_texts(value);
	case SCHEMA_FLAG:
		return json_is_boolean(value);
	case SCHEMA_NUMBER:
		return json_integer_value(value) >= 0 && json_is_integer(value);
	case SCHEMA_CHOICE:
		return is_choice(f->choices, value);
	case SCHEMA_URL:
		return is_url(value);
	case SCHEMA_MAP:
		return is_map(value);
	case SCHEMA_LIST:
	case SCHEMA_ANY_LIST:
		return is_list(value);
	case SCHEMA_NAMED:
		return is_named(value);
	}
	return false;
}

/* What a value should have been, or NULL if it is. */
static const char *
wrong_type(const struct schema_field *f, json_t *value)
{
	static const char *const wrong[] = {
		[SCHEMA_TEXT] = "not a text",
		[SCHEMA_TEXTS] = "not a list of texts",
		[SCHEMA_FLAG] = "not true or false",
		[SCHEMA_NUMBER] = "not a whole number",
		[SCHEMA_CHOICE] = "not one of the words that may stand here",
		[SCHEMA_URL] = "not the address of a page",
		[SCHEMA_MAP] = "not names with lists of texts",
		[SCHEMA_LIST] = "not a list of at most 2000",
		[SCHEMA_NAMED] = "not an object of at most 2000",
		[SCHEMA_ANY_LIST] = "not a list of at most 2000",
	};

	return is_right(f, value) ? NULL : wrong[f->type];
}

static const struct schema_field *
find_field(const struct schema_record *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (strcmp(r->field[i].name, name) == 0)
			return &r->field[i];
	return NULL;
}

void
schema_check_record(struct schema_troubles *t, const struct schema_record *r,
    json_t *value, const char *where)
{
	const char *key;
	json_t *one;
	size_t i;

	if (!json_is_object(value)) {
		say(t, where, "", "not an object");
		return;
	}
	json_object_foreach(value, key, one)
	{
		const struct schema_field *f = find_field(r, key);
		const char *wrong =
		    f == NULL ? "no such field" : wrong_type(f, one);

		if (wrong != NULL)
			say(t, where, key, wrong);
	}
	for (i = 0; i < r->count; i++)
		if (r->field[i].is_required &&
		    json_object_get(value, r->field[i].name) == NULL)
			say(t, where, r->field[i].name, "missing");
}

void
schema_check_records(struct schema_troubles *t, const struct schema_record *r,
    json_t *value, const char *name)
{
	char where[120];
	const char *key;
	json_t *one;
	size_t i;

	json_array_foreach(value, i, one)
	{
		snprintf(where, sizeof(where), "%s[%zu]", name, i);
		schema_check_record(t, r, one, where);
	}
	if (!json_is_object(value))
		return;
	json_object_foreach(value, key, one)
	{
		snprintf(where, sizeof(where), "%s.%.60s", name, key);
		schema_check_record(t, r, one, where);
	}
}

void
schema_check(struct schema_troubles *t, const struct schema_record *r,
    json_t *root)
{
	size_t i;

	schema_check_record(t, r, root, "");
	for (i = 0; i < r->count; i++)
		if (r->field[i].record != NULL)
			schema_check_records(t, r->field[i].record,
			    json_object_get(root, r->field[i].name),
			    r->field[i].name);
}

json_t *
schema_load(struct cur text, struct schema_troubles *t)
{
	json_error_t error;
	char where[60];
	json_t *root;

	if (text.size > SCHEMA_SIZE_MAX) {
		schema_complain(t, "", "larger than 4 MiB");
		return NULL;
	}
	root = json_loadb((const char *)text.base, text.size,
	    JSON_REJECT_DUPLICATES, &error);
	if (root == NULL) {
		snprintf(where, sizeof(where), "line %d, column %d", error.line,
		    error.column);
		schema_complain(t, where, error.text);
	}
	return root;
}
