/*
 * ban_print.h - what the forms of candor ban share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_PRINT_H
#define CANDOR_CMD_BAN_PRINT_H

#include "lib/ban/policy.h"

#include <jansson.h>
#include <stdio.h>

#define BAN_WIDTH 80

/*
 * Print text through escape, but for backslashes, which are not doubled:
 * names in registries are full of them.
 */
void ban_print_escaped(FILE *to, const char *text, size_t size,
    void (*escape)(FILE *to, const void *bytes, size_t size));

/*
 * Print text from column indent on, in lines of at most BAN_WIDTH columns;
 * the first is already at that column.  Ends the line.
 */
void ban_print_wrapped(FILE *to, int indent, const char *text);

/* A line of its own: label at indent, text wrapped behind it. */
void ban_print_labelled(FILE *to, int indent, const char *label,
    const char *text);

/* The sources a record cites, by title and address, and its confidence. */
void ban_print_sources(FILE *to, int indent, const struct policy *ban,
    const json_t *record);

/* The record with its sources written out and "confirmed", for programs. */
json_t *ban_print_record(const struct policy *ban, const json_t *record);

/* An object on a line of stdout; gives it back. */
void ban_print_object(json_t *object);

/* "Not legal advice", as the first of the bans says it. */
const char *ban_print_disclaimer(const struct policy *ban, size_t count);

/* A string for json_object_set_new(); what is not UTF-8 becomes U+FFFD. */
json_t *ban_print_string(const char *text);
json_t *ban_print_bytes(struct cur c);

#endif
