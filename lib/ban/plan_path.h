/*
 * plan_path.h - a folder and a mask of the old product as globs of ours.
 *
 * Spec:  there, * is any run without a slash, ** any run with slashes, once in
 *        a path, ? one character; a mask is of names of files.  Here, see
 *        lib/policy/glob.h: ? is one byte, and [exclude] path takes with a
 *        folder what is in it, [exclude] file does not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_PLAN_PATH_H
#define CANDOR_BAN_PLAN_PATH_H

#include "lib/ban/settings.h"

#define PLAN_PATHS_MAX 2u
#define PLAN_PATH_MAX  1000u /* bytes of a path or mask that is taken */

struct plan_path {
	char glob[2 * PLAN_PATH_MAX + 8];
	bool is_file;     /* [exclude] file; otherwise path */
	bool is_narrower; /* than it was, because of why */
	const char *why;
	unsigned risk; /* PLAN_RISK_ */
};

/*
 * The files below path whose name fits mask, as globs.  0: it is left out,
 * *why says for what reason.
 */
size_t plan_path_of(const char *path, const char *mask,
    struct plan_path out[PLAN_PATHS_MAX], const char **why);

/* Why it is no path to be carried over; NULL: it is one. */
const char *plan_path_complaint(const char *path);

unsigned plan_path_program_risk(const char *program);

#endif
