/*
 * schema.h - which fields the records of a data file have, and of what type:
 * tables, and the one function that holds a file against them.
 *
 * No I/O.  What a schema names and times mean is checked by its own file
 * (policy_check.c, footprint_check.c), after this.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_SCHEMA_H
#define CANDOR_BAN_SCHEMA_H

#include "lib/base/cur.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Told of each thing that is wrong: where ("rules[3].from") and what. */
typedef void (*schema_complain_fn)(void *self, const char *where,
    const char *what);

/* Whom to tell what is wrong, and how often somebody was. */
struct schema_troubles {
	schema_complain_fn complain;
	void *self;
	size_t count;
};

void schema_complain(struct schema_troubles *t, const char *where,
    const char *what);

enum schema_type {
	SCHEMA_TEXT,    /* a string that is not empty */
	SCHEMA_TEXTS,   /* a list of them */
	SCHEMA_FLAG,    /* true or false */
	SCHEMA_NUMBER,  /* a whole one, not negative */
	SCHEMA_CHOICE,  /* one of the words of choices */
	SCHEMA_URL,     /* http:// or https:// */
	SCHEMA_MAP,     /* names and, for each, a list of texts */
	SCHEMA_LIST,    /* a list of records */
	SCHEMA_NAMED,   /* an object of records */
	SCHEMA_ANY_LIST /* a list; its own checker goes into it */
};

struct schema_record;

struct schema_field {
	const char *name;
	enum schema_type type;
	bool is_required;
	const char *choices;                /* SCHEMA_CHOICE: "a|b" */
	const struct schema_record *record; /* SCHEMA_LIST, SCHEMA_NAMED */
};

struct schema_record {
	const struct schema_field *field;
	size_t count;
};

#define SCHEMA_RECORD(name)                                                \
	static const struct schema_record name##_record = { name##_fields, \
		sizeof(name##_fields) / sizeof(struct schema_field) }
#define SCHEMA_MAY(name, type)                \
	{                                     \
		name, type, false, NULL, NULL \
	}
#define SCHEMA_MUST(name, type)              \
	{                                    \
		name, type, true, NULL, NULL \
	}
/* What a record that states a fact of the world has besides. */
#define SCHEMA_CITED                                                        \
	SCHEMA_MUST("source", SCHEMA_TEXTS),                                \
	    { "confidence", SCHEMA_CHOICE, true, "high|medium|low", NULL }, \
	    SCHEMA_MAY("note", SCHEMA_TEXT)

#define SCHEMA_SIZE_MAX ((size_t)4 << 20) /* bytes of a data file */

/* The JSON of a data file: yours to json_decref, or NULL, and it was told why. */
json_t *schema_load(struct cur text, struct schema_troubles *t);

/* One record's own fields; lists and objects in it are not gone into. */
void schema_check_record(struct schema_troubles *t,
    const struct schema_record *r, json_t *value, const char *where);

/* The records in a list or an object, which is called name. */
void schema_check_records(struct schema_troubles *t,
    const struct schema_record *r, json_t *value, const char *name);

/* A whole file: its record, and those of its lists. */
void schema_check(struct schema_troubles *t, const struct schema_record *r,
    json_t *root);

#endif
