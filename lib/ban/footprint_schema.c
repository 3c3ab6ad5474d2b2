/*
 * footprint_schema.c - which fields a footprint has, and what they may hold.
 *
 * docs/ban-scan.md has the same in words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint_parts.h"

#include <stdio.h>
#include <string.h>

#define SIGN_MAX 300u /* bytes of a value */

static const struct schema_field source_fields[] = {
	SCHEMA_MUST("title", SCHEMA_TEXT),
	SCHEMA_MAY("url", SCHEMA_URL),
};
SCHEMA_RECORD(source);

static const struct schema_field product_fields[] = {
	SCHEMA_MUST("id", SCHEMA_TEXT),
	SCHEMA_MUST("name", SCHEMA_TEXT),
	SCHEMA_MUST("platform", SCHEMA_TEXTS),
	{ "class", SCHEMA_CHOICE, true,
	    "antivirus|cybersecurity_product_or_service|"
	    "embedded_or_white_label|other_kaspersky_software|"
	    "successor|unclassified",
	    NULL },
	SCHEMA_MUST("signs", SCHEMA_ANY_LIST),
	{ "role", SCHEMA_CHOICE, false, "agent", NULL },
	SCHEMA_MAY("note", SCHEMA_TEXT),
};
SCHEMA_RECORD(product);

static const struct schema_field sign_fields[] = {
	{ "type", SCHEMA_CHOICE, true,
	    "package|unit|path|file|installer|module|process|socket|user|group|"
	    "app|program|service|registry|certificate|signer|supplier|"
	    "domain|cpe|purl|company|string|class",
	    NULL },
	SCHEMA_MUST("value", SCHEMA_TEXT),
	{ "strength", SCHEMA_CHOICE, true, "proof|strong|supporting", NULL },
	{ "state", SCHEMA_CHOICE, true,
	    "running|installed|engine_embedded|ran_here|installer_only|"
	    "successor|residue|mention_only",
	    NULL },
	{ "purpose", SCHEMA_CHOICE, false, "update|cloud|activation|web",
	    NULL },
	SCHEMA_CITED,
};
SCHEMA_RECORD(sign);

static const struct schema_field embed_fields[] = {
	SCHEMA_MUST("name", SCHEMA_TEXT),
	SCHEMA_MUST("vendor", SCHEMA_TEXT),
	SCHEMA_MUST("text", SCHEMA_TEXT),
	SCHEMA_MUST("how", SCHEMA_TEXT),
	SCHEMA_CITED,
};
SCHEMA_RECORD(embed);

static const struct schema_field footprint_fields[] = {
	{ "schema", SCHEMA_CHOICE, true, FOOTPRINT_SCHEMA, NULL },
	SCHEMA_MUST("id", SCHEMA_TEXT),
	SCHEMA_MUST("title", SCHEMA_TEXT),
	SCHEMA_MUST("vendor", SCHEMA_TEXT),
	SCHEMA_MUST("as_of", SCHEMA_TEXT),
	{ "sources", SCHEMA_NAMED, true, NULL, &source_record },
	{ "products", SCHEMA_LIST, true, NULL, &product_record },
	{ "embeds", SCHEMA_LIST, true, NULL, &embed_record },
};
SCHEMA_RECORD(footprint);

/* --- what signs say ------------------------------------------------------- */

static const char *
text_of(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

/* What is wrong with a sign's value, or NULL. */
static const char *
wrong_value(const char *type, const char *value)
{
	size_t size = strlen(value);

	if (size > SIGN_MAX)
		return "longer than 300 bytes";
	if (strspn(value, "*?/.") == size)
		return "matches everything";
	if (strcmp(type, "string") == 0)
		return size >= 6 && size <= 64 && strpbrk(value, "*?") == NULL
		    ? NULL
		    : "a string has 6 to 64 bytes, and no * or ?";
	if (strcmp(type, "path") == 0)
		return value[0] == '/' || strncmp(value, "**/", 3) == 0
		    ? NULL
		    : "a path begins with / or **/";
	if ((strcmp(type, "file") == 0 || strcmp(type, "installer") == 0 ||
		strcmp(type, "unit") == 0) &&
	    strchr(value, '/') != NULL)
		return "a name has no /";
	return NULL;
}

static void
check_sources(const struct footprint *f, struct schema_troubles *t,
    const json_t *record, const char *where)
{
	const json_t *known = json_object_get(f->root, "sources");
	const json_t *list = json_object_get(record, "source"), *one;
	const char *confidence = text_of(record, "confidence");
	size_t i;

	json_array_foreach(list, i,
	    one) if (json_object_get(known, json_string_value(one)) == NULL)
	    schema_complain(t, where, "no such source");
	if (json_array_size(list) == 0 && strcmp(confidence, "low") != 0)
		schema_complain(t, where,
		    "without a source, confidence can only be low");
}

static void
check_signs(const struct footprint *f, struct schema_troubles *t,
    json_t *product, const char *name)
{
	json_t *signs = json_object_get(product, "signs"), *one;
	size_t before = t->count, i;
	char where[200];

	schema_check_records(t, &sign_record, signs, name);
	if (t->count > before)
		return;
	json_array_foreach(signs, i, one)
	{
		const char *wrong =
		    wrong_value(text_of(one, "type"), text_of(one, "value"));

		snprintf(where, sizeof(where), "%s[%zu]", name, i);
		if (wrong != NULL)
			schema_complain(t, where, wrong);
		check_sources(f, t, one, where);
	}
}

static void
check_ids(const struct footprint *f, struct schema_troubles *t)
{
	const json_t *list = json_object_get(f->root, "products");
	size_t count = json_array_size(list), i, k;

	for (i = 0; i < count; i++)
		for (k = 0; k < i; k++)
			if (strcmp(text_of(json_array_get(list, i), "id"),
				text_of(json_array_get(list, k), "id")) == 0)
				schema_complain(t,
				    text_of(json_array_get(list, i), "id"),
				    "two products of this name");
}

void
footprint_schema(struct footprint *f, struct schema_troubles *t)
{
	const json_t *list;
	json_t *one;
	char name[60];
	size_t i;

	schema_check(t, &footprint_record, f->root);
	if (t->count > 0)
		return;
	check_ids(f, t);
	list = json_object_get(f->root, "products");
	json_array_foreach(list, i, one)
	{
		snprintf(name, sizeof(name), "products[%zu].signs", i);
		check_signs(f, t, one, name);
	}
	list = json_object_get(f->root, "embeds");
	json_array_foreach(list, i, one)
	{
		snprintf(name, sizeof(name), "embeds[%zu]", i);
		check_sources(f, t, one, name);
	}
}
