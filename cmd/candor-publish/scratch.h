/*
 * scratch.h - a folder to work in, gone afterwards.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PUBLISH_SCRATCH_H
#define CANDOR_PUBLISH_SCRATCH_H

#include "lib/base/why.h"

#include <stdbool.h>

struct scratch {
	char *path;
	int folder;
};

/* Below $TMPDIR, or /var/tmp; readable by this user only. */
bool scratch_open(struct scratch *out, struct why *why);
void scratch_close(struct scratch *s);

#endif
