/*
 * ban_report.h - the forms of a report of candor ban scan.
 *
 * All are made from the report itself (ban_seen.h), which may also have come
 * from a file somebody gave (candor ban merge): what is missing is left out,
 * and what is written is escaped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_REPORT_H
#define CANDOR_CMD_BAN_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* In the order of the words of --format. */
enum ban_report_form {
	BAN_REPORT_TEXT,
	BAN_REPORT_JSON,
	BAN_REPORT_CSV,
	BAN_REPORT_SARIF,
	BAN_REPORT_VEX
};
#define BAN_REPORT_FORMS "text|json|csv|sarif|vex"

/* A text of a record: "" if there is none. */
const char *ban_report_text(const json_t *record, const char *key);

/* A state in words: "engine in another product". */
const char *ban_report_state(const json_t *finding);

/* How sure it is, in words. */
const char *ban_report_ground(const json_t *finding);

void ban_report_print(const json_t *report, enum ban_report_form form,
    FILE *to);

/* --- the forms, and what they need ---------------------------------------- */

void ban_report_print_text(const json_t *report, FILE *to);
void ban_report_print_csv(const json_t *report, FILE *to);
json_t *ban_report_sarif(const json_t *report); /* yours */
json_t *ban_report_vex(const json_t *report);   /* yours */

/* A page of its own (page.h) at path; false, and said why. */
bool ban_report_write_page(const json_t *report, const char *path);

#endif
