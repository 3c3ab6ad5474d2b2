/*
 * kin.h - is a process one of candord's own?
 *
 * Those must never wait for the guard: a worker that starts would wait for a
 * verdict that only it could give.  They are the supervisor and whatever
 * descends from it.  What a process is the child of is read from /proc, which
 * is not watched, by a descriptor opened at the start.
 *
 * That costs more than all else there is to do about an event, so strangers
 * are remembered: who is none of ours stays so while he lives, and as long as
 * his pidfd says that he does, his number is nobody else's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_GUARD_KIN_H
#define CANDOR_PROC_GUARD_KIN_H

#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KIN_STRANGERS 256u /* a newer one may take an older one's place */

struct kin {
	int proc;        /* /proc */
	uint32_t eldest; /* the supervisor */
	uint32_t
	    keeper; /* the quarantine, which may not descend from it; or 0 */
	uint32_t self;
	struct {
		uint32_t pid; /* 0: nobody */
		int handle;   /* pidfd, only if there is somebody */
	} stranger[KIN_STRANGERS];
};

bool kin_open(struct kin *k, struct why *why);
void kin_close(struct kin *k);

bool kin_is(struct kin *k, uint32_t pid);

/* The program a process runs, open with O_PATH; -1 if it is gone. */
int kin_program(const struct kin *k, uint32_t pid);

/* Who runs it; UINT32_MAX if it is gone. */
uint32_t kin_user(const struct kin *k, uint32_t pid);

#endif
