/*
 * screen.h - is a name one of those that are listed?
 *
 * Names are compared as sounds, roughly: Cyrillic is written with Latin
 * letters, and the ways of doing that are folded into one; order, initials
 * and legal forms do not matter.  A word that is common in names of companies
 * ("lab", "group", "security") makes no match by itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_SCREEN_H
#define CANDOR_BAN_SCREEN_H

#include "lib/ban/policy.h"

enum screen_grade {
	SCREEN_NO,
	SCREEN_POSSIBLE, /* initials, a surname alone, more or fewer words */
	SCREEN_MATCH
};

#define SCREEN_NAME_MAX 1000u /* bytes of a name */

/* Compare a name with a record of "entities", "persons" or "not_listed". */
enum screen_grade screen_record(const char *name, const json_t *record,
    bool is_person);

/* Does a ban say in so many words that this person is not listed? */
bool screen_is_cleared(const struct policy *ban, const char *name);

/* The best grade among what this instrument lists. */
enum screen_grade screen_instrument(const struct policy *ban,
    const char *instrument, const char *name);

#endif
