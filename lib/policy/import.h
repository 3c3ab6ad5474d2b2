/*
 * import.h - what another scanner's settings mean for candord.
 *
 * Read: clamd.conf(5) of ClamAV 1.4, the OnAccess options of clamonacc among
 * them.  Every line is either taken over as a key of config.def, or left out
 * with the reason: nothing is dropped silently.  An exclusion is carried over
 * exactly or narrower, never wider.
 *
 * Pure: bytes in, calls out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_POLICY_IMPORT_H
#define CANDOR_POLICY_IMPORT_H

#include "lib/base/cur.h"
#include "lib/policy/config.h"

#include <stdint.h>

#define IMPORT_VALUE_MAX 1024u

struct import_line {
	uint32_t number;
	const char *option; /* as clamd knows it, or as written */
	const char *value;  /* "" if there is none */
};

struct import_listener {
	void *ctx;

	/* It becomes key = text; note says more, or is NULL. */
	void (*take)(void *ctx, const struct import_line *l,
	    enum config_key key, const char *text, const char *note);

	/* It is not carried over, because of why. */
	void (*leave)(void *ctx, const struct import_line *l, const char *why);
};

void import_clamd(struct cur file, const struct import_listener *to);

#endif
