/*
 * policy.h - bans as data: read, checked, looked up.
 *
 * Spec:    docs/ban.md, schema candor-ban/1, one JSON file per ban.
 * Input:   anything; what does not keep to the schema is complained of and
 *          not used.
 *
 * No I/O: the caller brings the bytes.  Memory is jansson's.  What is lent
 * lives as long as the policy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_POLICY_H
#define CANDOR_BAN_POLICY_H

#include "lib/ban/when.h"
#include "lib/base/cur.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define POLICY_SCHEMA "candor-ban/1"

struct policy {
	json_t *root; /* owned; follows the schema */
};

/* Told of each thing that is wrong: where ("rules[3].from") and what. */
typedef void (*policy_complain_fn)(void *self, const char *where,
    const char *what);

/*
 * Read a file.  True if nothing was complained of; out is then to be given
 * back with policy_free().
 */
MUST_CHECK bool policy_read(struct cur text, struct policy *out,
    policy_complain_fn complain, void *self);
void policy_free(struct policy *p);

/* A text of a record, or NULL. */
const char *policy_text(const json_t *record, const char *key);

/* Is the text one of the list at key?  A list that is absent holds nothing. */
bool policy_holds(const json_t *record, const char *key, const char *text);

/* The record of a list ("rules", "instruments", …) with this id, or NULL. */
json_t *policy_find(const struct policy *p, const char *list, const char *id);

/* Is it held with less than high confidence? */
bool policy_is_unconfirmed(const json_t *record);

/* The clock by which an instrument's dates are meant. */
struct when_clock policy_clock(const json_t *instrument);

/* The time at key of a record by the clock of its instrument. */
MUST_CHECK bool policy_when(const struct policy *p, const json_t *record,
    const char *key, struct when *out);

/* Same word, whatever the case; - and blank count as _. */
bool policy_same_word(const char *a, const char *b);

/*
 * Which word of a kind ("act", "party", "product") is meant by what somebody
 * wrote; the next one after from, as one may stand for several ("license").
 * A version in what was written does not matter ("KES 12.1"), and of another
 * way to write it that ends in * the beginning is enough if nothing is called
 * so as a whole.  NULL: none (more).
 */
const char *policy_term(const struct policy *p, const char *kind,
    const char *written, const char *from);

#endif
