/*
 * ban_seen.h - what candor ban scan has seen, and the report that comes of it.
 *
 * A report is one JSON object, schema candor-ban-report/1 (docs/ban-scan.md);
 * every form of output is made from it, and candor ban merge reads it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_SEEN_H
#define CANDOR_CMD_BAN_SEEN_H

#include "lib/ban/footprint_file.h"

#include <jansson.h>
#include <stdint.h>

#define BAN_REPORT_SCHEMA "candor-ban-report/1"

struct ban_seen {
	const struct footprint_set *set; /* borrowed */
	struct footprint_tally *tally;   /* of each product */
	json_t **evidence;               /* the same: arrays, or NULL */
	uint64_t *more;                  /* evidence that was left out */
	struct ban_near *near;           /* pieces of engines */
	json_t *mentions, *not_seen, *looked_at;
};

void ban_seen_open(const struct footprint_set *set, struct ban_seen *out);
void ban_seen_close(struct ban_seen *s);

/* What is said of one thing besides what it is. */
struct ban_seen_as {
	const char *in;     /* the file it was read in, or NULL */
	const char *detail; /* more of it: a version, a program; or NULL */
	const char *place;  /* path of the file it was seen in; or NULL: what
	                       is seen is the path, if it is one */
	bool is_left;       /* it was removed, this was not: a residue */
	bool is_running;    /* what is installed is also running */
	bool is_mention;    /* whatever it is, it is only named */
	bool is_link;       /* a unit that is one may lead nowhere */
};

/* Something of a type, or with a path: is it a sign?  True: of a finding. */
bool ban_seen_value(struct ban_seen *s, enum footprint_type type,
    struct cur value, const struct ban_seen_as *as);
bool ban_seen_path(struct ban_seen *s, struct cur path,
    const struct ban_seen_as *as);

/* The same of a path in a system within a system: names alone are known. */
bool ban_seen_placed(struct ban_seen *s, struct cur path,
    const struct ban_seen_as *as);

/* A sign of a file that was looked into, and weighed. */
void ban_seen_hit(struct ban_seen *s, const struct footprint_hit *h,
    const struct ban_seen_as *as);

/* How many of a kind ("packages") were looked at. */
void ban_seen_count(struct ban_seen *s, const char *kind, uint64_t count);

/* What could not be seen, and why. */
void ban_seen_blind(struct ban_seen *s, const char *what, const char *why);

/* The report (yours); where: what was looked at, a machine or a file. */
json_t *ban_seen_report(const struct ban_seen *s, const char *kind,
    const char *where);

/* 1 a finding, 2 none but something was not seen, 0. */
int ban_report_exit(const json_t *report);

#endif
