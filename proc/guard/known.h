/*
 * known.h - files found to be bad a moment ago, so that asking again and
 * again for one costs nothing and is told once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_GUARD_KNOWN_H
#define CANDOR_PROC_GUARD_KNOWN_H

#include "sys/subject.h"

#include <stdbool.h>
#include <stdint.h>

#define KNOWN_MAX 1024u /* a newer one may take an older one's place */

struct known {
	struct {
		struct subject_stamp stamp;
		bool is_used, may;
	} one[KNOWN_MAX];
};

/* Is the file in just this state known?  Then *may says what was decided. */
bool known_find(const struct known *k, const struct subject_stamp *s,
    bool *may);
void known_keep(struct known *k, const struct subject_stamp *s, bool may);
void known_forget(struct known *k);

#endif
