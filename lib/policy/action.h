/*
 * action.h - what is found, and what is left out: pure decisions of the
 * configuration ([policy], [exclude]).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_POLICY_ACTION_H
#define CANDOR_POLICY_ACTION_H

#include "lib/base/verdict.h"
#include "lib/policy/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum action {
	ACTION_REPORT,    /* say it */
	ACTION_BLOCK,     /* and deny it to who asked */
	ACTION_QUARANTINE /* and move it away */
};

/* One detection in one file: what is to be decided about. */
struct action_case {
	const char *path; /* bytes; "" if it has none (a stream) */
	size_t path_size;
	uint32_t verdict;      /* VERDICT_INFECTED or SUSPICIOUS */
	const char *kind;      /* "hash", "body", "logical", ... */
	const char *signature; /* its name */
	bool is_packaged;      /* the file is as its package installed it */
};

/*
 * The first [policy] rule that fits decides; else packaged for a packaged
 * file; else infected or suspicious.
 */
enum action action_for(const struct config *c, const struct action_case *f);

/* Is the rule of a line well formed?  If not, *why says what is wrong. */
bool action_rule_is_good(const char *line, const char **why);

/* What is wrong with a rule or a hash, which the reader of values cannot see. */
struct action_trouble {
	const char *key; /* "[policy] rule" */
	const char *word, *why;
};

/* The next one behind *at (0 at first); false if there is none. */
bool action_next_trouble(const struct config *c, size_t *at,
    struct action_trouble *out);

/* --- [exclude] ------------------------------------------------------------ */

bool action_excludes_path(const struct config *c, const char *path,
    size_t size);
bool action_excludes_process(const struct config *c, const char *path);
bool action_excludes_hash(const struct config *c, const uint8_t sha256[32]);
bool action_excludes_signature(const struct config *c, const char *name);

#endif
