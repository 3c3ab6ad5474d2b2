/*
 * root.h - who may do what for a feed: its root.
 *
 * A root is the text of a signed note, and an entry of the log:
 *
 *     candor-root/v1
 *     feed NAME               of the log, when the feed began
 *     version N               1, 2, 3 ...
 *     epoch N                 one more whenever the log is another
 *     time SECONDS            since 1970
 *     expires SECONDS
 *     root-threshold K
 *     root-key VKEY           sorted; at most TRUST_KEYS_MAX
 *     release-threshold K
 *     release-key VKEY        sorted; at most TRUST_KEYS_MAX
 *     policy LINE             of policy.h: log, witnesses, groups, quorum
 *
 * It is printable ASCII and has one form: a number has no leading zero, one
 * blank stands between words, members of a group stand in the order in which
 * they are defined.  A public key stands in it once: who signs releases is no
 * witness.  Two quorums of the policy must share a key.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_ROOT_H
#define CANDOR_TRUST_ROOT_H

#include "lib/trust/policy.h"

#define TRUST_ENTRY_MAX 32768u /* bytes of an entry: a root or a release */
#define TRUST_KEYS_MAX  32u    /* of one role */

/* So many of these keys. */
struct trust_role {
	uint64_t threshold;
	size_t count;
	struct vkey key[TRUST_KEYS_MAX];
};

struct trust_root {
	char feed[VKEY_NAME_MAX + 1];
	uint64_t version, epoch;
	uint64_t time, expires; /* seconds since 1970 */
	struct trust_role root, release;
	struct trust_policy policy;
};

/* Read the text of a note; nothing is kept of it. */
bool trust_root_read(struct cur text, struct trust_root *out, struct why *why);

/* May a root be like that?  trust_root_read() asks it too. */
bool trust_root_check(const struct trust_root *r, struct why *why);

/* Write its text; false if it may not be like that, or room is short. */
bool trust_root_write(const struct trust_root *r, char *out, size_t room,
    size_t *size, struct why *why);

/* Have as many keys of a role signed as must? */
bool trust_role_signed(const struct trust_role *role, const struct note *n,
    struct why *why);

/*
 * May that root come after before?  One version on, of the same feed, in the
 * same epoch unless the log is another, and signed by enough keys of both.
 * (Whether it is in the log is asked elsewhere.)
 */
bool trust_root_follows(const struct trust_root *before,
    const struct trust_root *r, const struct note *n, struct why *why);

#endif
