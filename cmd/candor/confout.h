/*
 * confout.h - a configuration of candord that is made of something else.
 *
 * Entries are kept by key, so that each section is written once, and each
 * stands below a comment that says where it comes from; what was left out
 * stands at the end with the reason.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_CONFOUT_H
#define CANDOR_CMD_CONFOUT_H

#include "cmd/candor/buf.h"
#include "lib/policy/config.h"

#include <stdio.h>

struct confout {
	struct buf by_key[KEY_COUNT];
	struct buf left;
	size_t taken, not_taken;
};

/* key = text, because of origin; note says more, or is NULL. */
void confout_take(struct confout *o, const char *origin, enum config_key key,
    const char *text, const char *note);
void confout_leave(struct confout *o, const char *origin, const char *why);

void confout_print(const struct confout *o, FILE *to);
void confout_free(struct confout *o);

/* A value as it would be written, in quotes if it needs them. */
void confout_value(FILE *to, const char *text);

/* Standard output (NULL, "-"), or a file that was not there; NULL after
   saying why. */
FILE *confout_open(const char *path);

#endif
