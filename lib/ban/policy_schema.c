/*
 * policy_schema.c - which fields a ban has, and of what type: one table.
 *
 * docs/ban.md has the same in words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/policy_parts.h"

#include <stdio.h>
#include <string.h>

/* More is no ban that people wrote; checks may take squares of these. */
#define TEXTS_MAX   200u
#define RECORDS_MAX 2000u

enum field_type {
	FIELD_TEXT,   /* a string that is not empty */
	FIELD_TEXTS,  /* a list of them */
	FIELD_FLAG,   /* true or false */
	FIELD_NUMBER, /* a whole one, not negative */
	FIELD_CHOICE, /* one of the words of choices */
	FIELD_URL,    /* http:// or https:// */
	FIELD_MAP,    /* names and, for each, a list of texts */
	FIELD_LIST,   /* a list of records */
	FIELD_NAMED   /* an object of records */
};

struct record;

struct field {
	const char *name;
	enum field_type type;
	bool is_required;
	const char *choices;         /* FIELD_CHOICE: "a|b" */
	const struct record *record; /* FIELD_LIST, FIELD_NAMED */
};

struct record {
	const struct field *field;
	size_t count;
};

#define RECORD(name)                                                \
	static const struct record name##_record = { name##_fields, \
		sizeof(name##_fields) / sizeof(struct field) }
#define MAY(name, type)                       \
	{                                     \
		name, type, false, NULL, NULL \
	}
#define MUST(name, type)                     \
	{                                    \
		name, type, true, NULL, NULL \
	}
#define CITED                                                              \
	MUST("source", FIELD_TEXTS),                                       \
	    { "confidence", FIELD_CHOICE, true, "high|medium|low", NULL }, \
	    MAY("note", FIELD_TEXT)

static const struct field source_fields[] = {
	MUST("title", FIELD_TEXT),
	MUST("url", FIELD_URL),
};
RECORD(source);

static const struct field word_fields[] = {
	MUST("means", FIELD_TEXT),
	MAY("also", FIELD_TEXTS),
	MAY("may_be", FIELD_TEXTS),
	MAY("why", FIELD_TEXT),
};
RECORD(word);

static const struct field fact_fields[] = {
	MUST("means", FIELD_TEXT),
	MAY("values", FIELD_TEXTS),
	MAY("assume", FIELD_TEXT),
};
RECORD(fact);

static const struct field words_fields[] = {
	{ "act", FIELD_NAMED, true, NULL, &word_record },
	{ "party", FIELD_NAMED, true, NULL, &word_record },
	{ "product", FIELD_NAMED, true, NULL, &word_record },
	{ "facts", FIELD_NAMED, true, NULL, &fact_record },
};
RECORD(words);

static const struct field name_fields[] = {
	MUST("id", FIELD_TEXT),
	MUST("name", FIELD_TEXT),
	MAY("also", FIELD_TEXTS),
	MAY("country", FIELD_TEXT),
	MAY("role", FIELD_TEXT),
	MAY("lists", FIELD_TEXTS),
	CITED,
};
RECORD(name);

static const struct field instrument_fields[] = {
	MUST("id", FIELD_TEXT),
	MUST("title", FIELD_TEXT),
	MUST("jurisdiction", FIELD_TEXT),
	MUST("issuer", FIELD_TEXT),
	MUST("kind", FIELD_TEXT),
	MUST("binding", FIELD_FLAG),
	MAY("citation", FIELD_TEXT),
	MAY("authority", FIELD_TEXT),
	MUST("zone", FIELD_TEXT),
	MUST("since", FIELD_TEXT),
	MAY("status", FIELD_TEXT),
	CITED,
};
RECORD(instrument);

static const struct field rule_fields[] = {
	MUST("id", FIELD_TEXT),
	MUST("instrument", FIELD_TEXT),
	{ "kind", FIELD_CHOICE, true, "prohibit|require|advise|permit", NULL },
	MUST("act", FIELD_TEXTS),
	MAY("party", FIELD_TEXTS),
	MAY("product", FIELD_TEXTS),
	MAY("any", FIELD_TEXTS),
	MAY("if", FIELD_MAP),
	MAY("listed", FIELD_FLAG),
	MUST("from", FIELD_TEXT),
	MAY("to", FIELD_TEXT),
	MAY("due", FIELD_TEXT),
	MUST("text", FIELD_TEXT),
	MAY("advice", FIELD_TEXT),
	CITED,
};
RECORD(rule);

static const struct field exemption_fields[] = {
	MUST("id", FIELD_TEXT),
	MUST("instrument", FIELD_TEXT),
	MAY("act", FIELD_TEXTS),
	MAY("product", FIELD_TEXTS),
	MUST("beats", FIELD_TEXTS),
	MUST("text", FIELD_TEXT),
	CITED,
};
RECORD(exemption);

static const struct field penalty_fields[] = {
	MUST("id", FIELD_TEXT),
	MUST("instrument", FIELD_TEXT),
	MUST("law", FIELD_TEXT),
	MUST("text", FIELD_TEXT),
	MAY("usd", FIELD_NUMBER),
	MAY("years", FIELD_NUMBER),
	MAY("from", FIELD_TEXT),
	MAY("to", FIELD_TEXT),
	CITED,
};
RECORD(penalty);

static const struct field event_fields[] = {
	MUST("at", FIELD_TEXT),
	MUST("text", FIELD_TEXT),
	CITED,
};
RECORD(event);

static const struct field ban_fields[] = {
	{ "schema", FIELD_CHOICE, true, POLICY_SCHEMA, NULL },
	MUST("id", FIELD_TEXT),
	MUST("title", FIELD_TEXT),
	MUST("vendor", FIELD_TEXT),
	MUST("as_of", FIELD_TEXT),
	MUST("disclaimer", FIELD_TEXT),
	MUST("zone", FIELD_TEXT),
	{ "sources", FIELD_NAMED, true, NULL, &source_record },
	MUST("words", FIELD_NAMED),
	{ "entities", FIELD_LIST, true, NULL, &name_record },
	{ "persons", FIELD_LIST, true, NULL, &name_record },
	{ "not_listed", FIELD_LIST, true, NULL, &name_record },
	{ "instruments", FIELD_LIST, true, NULL, &instrument_record },
	{ "rules", FIELD_LIST, true, NULL, &rule_record },
	{ "exemptions", FIELD_LIST, true, NULL, &exemption_record },
	{ "penalties", FIELD_LIST, true, NULL, &penalty_record },
	{ "events", FIELD_LIST, true, NULL, &event_record },
};
RECORD(ban);

/* --- checking ------------------------------------------------------------- */

static void
say(struct policy_troubles *t, const char *where, const char *key,
    const char *what)
{
	char path[200];

	snprintf(path, sizeof(path), "%s%s%.60s", where,
	    where[0] != '\0' && key[0] != '\0' ? "." : "", key);
	policy_complain(t, path, what);
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
is_right(const struct field *f, json_t *value)
{
	switch (f->type) {
	case FIELD_TEXT:
		return is_text(value);
	case FIELD_TEXTS:
		return is_texts(value);
	case FIELD_FLAG:
		return json_is_boolean(value);
	case FIELD_NUMBER:
		return json_integer_value(value) >= 0 && json_is_integer(value);
	case FIELD_CHOICE:
		return is_choice(f->choices, value);
	case FIELD_URL:
		return is_url(value);
	case FIELD_MAP:
		return is_map(value);
	case FIELD_LIST:
		return is_list(value);
	case FIELD_NAMED:
		return is_named(value);
	}
	return false;
}

/* What a value should have been, or NULL if it is. */
static const char *
wrong_type(const struct field *f, json_t *value)
{
	static const char *const wrong[] = {
		[FIELD_TEXT] = "not a text",
		[FIELD_TEXTS] = "not a list of texts",
		[FIELD_FLAG] = "not true or false",
		[FIELD_NUMBER] = "not a whole number",
		[FIELD_CHOICE] = "not one of the words that may stand here",
		[FIELD_URL] = "not the address of a page",
		[FIELD_MAP] = "not names with lists of texts",
		[FIELD_LIST] = "not a list of at most 2000",
		[FIELD_NAMED] = "not an object of at most 2000",
	};

	return is_right(f, value) ? NULL : wrong[f->type];
}

static const struct field *
find_field(const struct record *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (strcmp(r->field[i].name, name) == 0)
			return &r->field[i];
	return NULL;
}

/* One record's own fields; lists and objects in it are not gone into. */
static void
check_record(struct policy_troubles *t, const struct record *r, json_t *value,
    const char *where)
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
		const struct field *f = find_field(r, key);
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

/* The records in a list or an object. */
static void
check_records(struct policy_troubles *t, const struct record *r, json_t *value,
    const char *name)
{
	char where[120];
	const char *key;
	json_t *one;
	size_t i;

	json_array_foreach(value, i, one)
	{
		snprintf(where, sizeof(where), "%s[%zu]", name, i);
		check_record(t, r, one, where);
	}
	if (!json_is_object(value))
		return;
	json_object_foreach(value, key, one)
	{
		snprintf(where, sizeof(where), "%s.%.60s", name, key);
		check_record(t, r, one, where);
	}
}

/* An object of objects of records: "words". */
static void
check_words(struct policy_troubles *t, json_t *value)
{
	size_t i;

	check_record(t, &words_record, value, "words");
	for (i = 0; i < words_record.count; i++) {
		const struct field *f = &words_record.field[i];
		char name[40];

		snprintf(name, sizeof(name), "words.%s", f->name);
		check_records(t, f->record, json_object_get(value, f->name),
		    name);
	}
}

void
policy_complain(struct policy_troubles *t, const char *where, const char *what)
{
	t->count++;
	t->complain(t->self, where, what);
}

void
policy_schema(struct policy *p, struct policy_troubles *t)
{
	size_t i;

	check_record(t, &ban_record, p->root, "");
	for (i = 0; i < ban_record.count; i++)
		if (ban_record.field[i].record != NULL)
			check_records(t, ban_record.field[i].record,
			    json_object_get(p->root, ban_record.field[i].name),
			    ban_record.field[i].name);
	check_words(t, json_object_get(p->root, "words"));
}
