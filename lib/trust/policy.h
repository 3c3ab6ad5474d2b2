/*
 * policy.h - which cosignatures are enough.
 *
 * Spec: C2SP tlog-policy (2026-06-11), the language of Sigsum's policy files:
 *
 *     log VKEY [URL]
 *     witness NAME VKEY [URL]
 *     group NAME K|any|all MEMBER...
 *     quorum NAME
 *
 * Names are defined before they are used, and stand in one group at most; so
 * a policy is a tree of thresholds.  Mirror cosigners are witnesses like
 * others here: what they promise beyond that is in docs/trust.md.
 *
 * Narrower than the specification: one log, not several; names are printable
 * ASCII; "quorum none" is refused, because a log nobody watches proves
 * nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_POLICY_H
#define CANDOR_TRUST_POLICY_H

#include "lib/trust/note.h"
#include "lib/trust/text.h"

#define TRUST_WITNESSES_MAX 32u
#define TRUST_GROUPS_MAX    32u
#define TRUST_NAME_MAX      63u

/* A member is a number: of a witness, or TRUST_WITNESSES_MAX + of a group. */
struct trust_group {
	char name[TRUST_NAME_MAX + 1];
	char count[4];      /* as it stands: "any", "all" or a number */
	unsigned threshold; /* the same as a number */
	uint64_t members;   /* a bit each */
};

struct trust_policy {
	struct vkey log; /* its name is the log's origin */
	bool has_log;
	size_t witness_count;
	struct vkey witness[TRUST_WITNESSES_MAX];
	char witness_name[TRUST_WITNESSES_MAX][TRUST_NAME_MAX + 1];
	size_t group_count;
	struct trust_group group[TRUST_GROUPS_MAX];
	uint64_t used; /* members that stand in a group */
	bool has_quorum;
	unsigned quorum; /* a member */
};

/* Read a whole policy, with comments, URLs and white space as they come. */
bool trust_policy_read(struct cur text, struct trust_policy *out,
    struct why *why);

/* The same a line at a time (p begins as zeros), and what must be true in the
   end. */
bool trust_policy_add(struct trust_policy *p, struct cur line, struct why *why);
bool trust_policy_check(const struct trust_policy *p, struct why *why);

/* Write its one form, each line behind before: "" or "policy ". */
void trust_policy_write(const struct trust_policy *p, const char *before,
    struct text_out *out);

/* Are these cosigners enough?  Bit i is witness[i]. */
bool trust_policy_holds(const struct trust_policy *p, uint32_t cosigned);

/* Who of a policy cosigned a note, and when. */
struct trust_cosigned {
	bool is_logged; /* the log signed it */
	uint32_t by;    /* bit i: witness[i] did */
	uint64_t time[TRUST_WITNESSES_MAX];
};

/* Ask; false if a signature of any of them does not hold. */
bool trust_policy_ask(const struct trust_policy *p, const struct note *n,
    struct trust_cosigned *out, struct why *why);

/*
 * The time that a quorum vouches for: the largest t so that those who
 * cosigned at t or later are enough.  So the liars that a policy tolerates
 * can't push it ahead.  0 if there is no quorum.
 */
uint64_t trust_policy_time(const struct trust_policy *p,
    const struct trust_cosigned *c);

/*
 * The linter: how many of the cosigners may lie so that two quorums still
 * share an honest one.  For k of n that is 2k - n - 1.  -1: two quorums need
 * not even share a key.
 */
int trust_policy_tolerates(const struct trust_policy *p);

#endif
