/*
 * evidence.h - a text that convicts a log, or those who cosigned it.
 *
 *     candor-evidence/v1
 *     log VKEY
 *     cosigner VKEY           each that cosigned both; or none
 *     first N                 bytes of a signed checkpoint
 *     second N                bytes of another, of a tree not smaller
 *     root BASE64             only if the sizes differ and the log forked:
 *                             what the first leaves of the second hash to
 *     hash BASE64             each of the consistency proof of that
 *                             (an empty line)
 *     the first, the second
 *
 * What it can prove:
 *
 *   - The log signed two trees of which neither is the beginning of the
 *     other: of one size with two roots; or a proof (RFC 6962, 2.1.2) shows
 *     that the second tree begins with another root than the first.
 *   - A cosigner cosigned two such trees, or a smaller tree at a later time
 *     than a larger one, which a cosignature says it never does.
 *
 * Whoever holds such a text needs nobody's word: everything in it is signed
 * by those whom it convicts.  He should compare the keys with those he knows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_EVIDENCE_H
#define CANDOR_TRUST_EVIDENCE_H

#include "lib/trust/client.h"

#define TRUST_EVIDENCE_MAX (2 * NOTE_MAX + 32768u) /* bytes */

struct trust_evidence {
	struct vkey log;
	size_t cosigner_count;
	struct vkey cosigner[TRUST_WITNESSES_MAX];
	struct checkpoint first, second; /* what was signed; borrowed */
	bool is_log_guilty;              /* it shows two faces */
	uint32_t guilty;                 /* bit i: cosigner[i] is */
};

/*
 * After trust_client_check() gave TRUST_EQUIVOCATION or TRUST_ROLLBACK: write
 * what can be proved, and what that is; false if nothing can be, or room is
 * short.
 */
bool trust_evidence_write(const struct trust_answer *a,
    const struct trust_state *old, char *out, size_t room, size_t *size,
    struct trust_evidence *proved);

/* Check such a text; false if it proves nothing. */
bool trust_evidence_read(struct cur text, struct trust_evidence *out,
    struct why *why);

#endif
