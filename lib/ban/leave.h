/*
 * leave.h - what of a report of candor ban scan is to be stopped, removed or
 * moved away, and what is not to be touched unasked.
 *
 * Input:   the report (ban_seen.h), whose names were seen on a machine that
 *          may be hostile: a name that is not plainly one of a package, a
 *          unit, a module or a group is left out, as is a path that does not
 *          begin at the root or has "..".
 *
 * Pure.  What is lent lives as long as the report.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_LEAVE_H
#define CANDOR_BAN_LEAVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum leave_kind {
	LEAVE_PACKAGE,
	LEAVE_UNIT, /* the name of a unit of systemd */
	LEAVE_PATH, /* a file or folder */
	LEAVE_MODULE,
	LEAVE_USER,
	LEAVE_GROUP,
	LEAVE_KINDS
};

struct leave {
	enum leave_kind kind;
	const char *name;
	const char *product; /* its id */
	const char *vendor;
	const char *in; /* of a package: the list it stands in, or "" */
	bool is_agent;  /* manages the others: goes last */
	/* Held with low confidence, or too weak a sign: only when asked for. */
	bool is_unconfirmed;
	bool is_left; /* a package that was removed, and not purged */
};

#define LEAVE_MAX 2000u

extern const char *const leave_kind_word[LEAVE_KINDS];

/*
 * What is to go, each thing once (a package once for each list it stands in),
 * in the report's order; of paths only the outermost.  How many there are: out
 * has room for LEAVE_MAX.
 */
size_t leave_from_report(const json_t *report, struct leave *out);

/* Findings nobody's removal of the product takes away: engines in other
   products, installers, successors. */
bool leave_is_told_only(const json_t *finding);

/* Is it a package that stands in a database of rpm? */
bool leave_is_rpms(const struct leave *l);

/* Is it a name of a package, unit, module, user or group, and no option? */
bool leave_is_name(const char *text);

/* Does it begin at the root, without "." or ".." or "//"? */
bool leave_is_path(const char *text);

/* Is path that folder, or below it? */
bool leave_is_below(const char *path, const char *folder);

#endif
