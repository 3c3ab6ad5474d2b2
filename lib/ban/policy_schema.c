/*
 * policy_schema.c - which fields a ban has, and of what type: one table.
 *
 * docs/ban.md has the same in words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/policy_parts.h"

#include <stdio.h>

static const struct schema_field source_fields[] = {
	SCHEMA_MUST("title", SCHEMA_TEXT),
	SCHEMA_MUST("url", SCHEMA_URL),
};
SCHEMA_RECORD(source);

static const struct schema_field word_fields[] = {
	SCHEMA_MUST("means", SCHEMA_TEXT),
	SCHEMA_MAY("also", SCHEMA_TEXTS),
	SCHEMA_MAY("may_be", SCHEMA_TEXTS),
	SCHEMA_MAY("why", SCHEMA_TEXT),
	SCHEMA_MAY("by_others", SCHEMA_FLAG),
};
SCHEMA_RECORD(word);

static const struct schema_field fact_fields[] = {
	SCHEMA_MUST("means", SCHEMA_TEXT),
	SCHEMA_MAY("values", SCHEMA_TEXTS),
	SCHEMA_MAY("assume", SCHEMA_TEXT),
};
SCHEMA_RECORD(fact);

static const struct schema_field words_fields[] = {
	{ "act", SCHEMA_NAMED, true, NULL, &word_record },
	{ "party", SCHEMA_NAMED, true, NULL, &word_record },
	{ "product", SCHEMA_NAMED, true, NULL, &word_record },
	{ "facts", SCHEMA_NAMED, true, NULL, &fact_record },
};
SCHEMA_RECORD(words);

static const struct schema_field name_fields[] = {
	SCHEMA_MUST("id", SCHEMA_TEXT),
	SCHEMA_MUST("name", SCHEMA_TEXT),
	SCHEMA_MAY("also", SCHEMA_TEXTS),
	SCHEMA_MAY("country", SCHEMA_TEXT),
	SCHEMA_MAY("role", SCHEMA_TEXT),
	SCHEMA_MAY("lists", SCHEMA_TEXTS),
	SCHEMA_CITED,
};
SCHEMA_RECORD(name);

static const struct schema_field instrument_fields[] = {
	SCHEMA_MUST("id", SCHEMA_TEXT),
	SCHEMA_MUST("title", SCHEMA_TEXT),
	SCHEMA_MUST("jurisdiction", SCHEMA_TEXT),
	SCHEMA_MUST("issuer", SCHEMA_TEXT),
	SCHEMA_MUST("kind", SCHEMA_TEXT),
	SCHEMA_MUST("binding", SCHEMA_FLAG),
	SCHEMA_MAY("citation", SCHEMA_TEXT),
	SCHEMA_MAY("authority", SCHEMA_TEXT),
	SCHEMA_MUST("zone", SCHEMA_TEXT),
	SCHEMA_MUST("since", SCHEMA_TEXT),
	SCHEMA_MAY("status", SCHEMA_TEXT),
	SCHEMA_CITED,
};
SCHEMA_RECORD(instrument);

static const struct schema_field rule_fields[] = {
	SCHEMA_MUST("id", SCHEMA_TEXT),
	SCHEMA_MUST("instrument", SCHEMA_TEXT),
	{ "kind", SCHEMA_CHOICE, true, "prohibit|require|advise|permit", NULL },
	SCHEMA_MUST("act", SCHEMA_TEXTS),
	SCHEMA_MAY("party", SCHEMA_TEXTS),
	SCHEMA_MAY("product", SCHEMA_TEXTS),
	SCHEMA_MAY("any", SCHEMA_TEXTS),
	SCHEMA_MAY("if", SCHEMA_MAP),
	SCHEMA_MAY("listed", SCHEMA_FLAG),
	SCHEMA_MUST("from", SCHEMA_TEXT),
	SCHEMA_MAY("to", SCHEMA_TEXT),
	SCHEMA_MAY("due", SCHEMA_TEXT),
	SCHEMA_MUST("text", SCHEMA_TEXT),
	SCHEMA_MAY("advice", SCHEMA_TEXT),
	SCHEMA_CITED,
};
SCHEMA_RECORD(rule);

static const struct schema_field exemption_fields[] = {
	SCHEMA_MUST("id", SCHEMA_TEXT),
	SCHEMA_MUST("instrument", SCHEMA_TEXT),
	SCHEMA_MAY("act", SCHEMA_TEXTS),
	SCHEMA_MAY("product", SCHEMA_TEXTS),
	SCHEMA_MUST("beats", SCHEMA_TEXTS),
	SCHEMA_MUST("text", SCHEMA_TEXT),
	SCHEMA_CITED,
};
SCHEMA_RECORD(exemption);

static const struct schema_field penalty_fields[] = {
	SCHEMA_MUST("id", SCHEMA_TEXT),
	SCHEMA_MUST("instrument", SCHEMA_TEXT),
	SCHEMA_MUST("law", SCHEMA_TEXT),
	SCHEMA_MUST("text", SCHEMA_TEXT),
	SCHEMA_MAY("usd", SCHEMA_NUMBER),
	SCHEMA_MAY("years", SCHEMA_NUMBER),
	SCHEMA_MAY("from", SCHEMA_TEXT),
	SCHEMA_MAY("to", SCHEMA_TEXT),
	SCHEMA_CITED,
};
SCHEMA_RECORD(penalty);

static const struct schema_field event_fields[] = {
	SCHEMA_MUST("at", SCHEMA_TEXT),
	SCHEMA_MUST("text", SCHEMA_TEXT),
	SCHEMA_CITED,
};
SCHEMA_RECORD(event);

static const struct schema_field ban_fields[] = {
	{ "schema", SCHEMA_CHOICE, true, POLICY_SCHEMA, NULL },
	SCHEMA_MUST("id", SCHEMA_TEXT),
	SCHEMA_MUST("title", SCHEMA_TEXT),
	SCHEMA_MUST("vendor", SCHEMA_TEXT),
	SCHEMA_MUST("as_of", SCHEMA_TEXT),
	SCHEMA_MUST("disclaimer", SCHEMA_TEXT),
	SCHEMA_MUST("zone", SCHEMA_TEXT),
	{ "sources", SCHEMA_NAMED, true, NULL, &source_record },
	SCHEMA_MUST("words", SCHEMA_NAMED),
	{ "entities", SCHEMA_LIST, true, NULL, &name_record },
	{ "persons", SCHEMA_LIST, true, NULL, &name_record },
	{ "not_listed", SCHEMA_LIST, true, NULL, &name_record },
	{ "instruments", SCHEMA_LIST, true, NULL, &instrument_record },
	{ "rules", SCHEMA_LIST, true, NULL, &rule_record },
	{ "exemptions", SCHEMA_LIST, true, NULL, &exemption_record },
	{ "penalties", SCHEMA_LIST, true, NULL, &penalty_record },
	{ "events", SCHEMA_LIST, true, NULL, &event_record },
};
SCHEMA_RECORD(ban);

/* An object of objects of records: "words". */
static void
check_words(struct schema_troubles *t, json_t *value)
{
	size_t i;

	schema_check_record(t, &words_record, value, "words");
	for (i = 0; i < words_record.count; i++) {
		const struct schema_field *f = &words_record.field[i];
		char name[40];

		snprintf(name, sizeof(name), "words.%s", f->name);
		schema_check_records(t, f->record,
		    json_object_get(value, f->name), name);
	}
}

void
policy_schema(struct policy *p, struct schema_troubles *t)
{
	schema_check(t, &ban_record, p->root);
	check_words(t, json_object_get(p->root, "words"));
}
