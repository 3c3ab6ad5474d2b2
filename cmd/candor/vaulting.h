/*
 * vaulting.h - candor scan --quarantine: what is infected goes away.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_VAULTING_H
#define CANDOR_CMD_VAULTING_H

#include "cmd/candor/print.h"
#include "lib/base/why.h"

#include <stdbool.h>

struct vaulting; /* defined in vaulting.c */

/* Open, or make, the quarantine at path (NULL: the default one). */
struct vaulting *vaulting_open(const char *path, struct why *why);

/*
 * If the file of this result is infected, move it there and say what became
 * of it: in the text and JSON forms as a line of the output, else on stderr.
 * The same as words, or NULL where nothing was to be moved; good until the
 * next one.
 */
const char *vaulting_file(struct vaulting *q, const struct output *o,
    unsigned format, const struct result *r);

/* How many should have been moved and were not. */
size_t vaulting_failed(const struct vaulting *q);

void vaulting_close(struct vaulting **q);

#endif
