/*
 * again.h - who was answered a moment ago, and asks about the same file again.
 *
 * For files that somebody has open for writing: the kernel is told of none of
 * those that it need not ask.  git opens a pack that it writes once for each
 * of its threads.  docs/guard.md says why that one may be answered so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_GUARD_AGAIN_H
#define CANDOR_PROC_GUARD_AGAIN_H

#include "sys/subject.h"

#include <stdbool.h>
#include <stdint.h>

#define AGAIN_MAX 64u /* a newer one may take an older one's place */
#define AGAIN_MS  50u /* what a moment is */

/* All zeros: empty. */
struct again {
	struct {
		struct subject_stamp stamp;
		uint64_t until_ms;
		uint32_t pid;
	} one[AGAIN_MAX];
};

/* Was that process told, a moment before now, that it may open the file in
   just this state? */
bool again_has(const struct again *a, const struct subject_stamp *s,
    uint32_t pid, uint64_t now_ms);

/* It is told so now. */
void again_keep(struct again *a, const struct subject_stamp *s, uint32_t pid,
    uint64_t now_ms);

void again_forget(struct again *a);

#endif
