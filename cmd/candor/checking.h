/*
 * checking.h - have candor-verify check what one mirror gave.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_CHECKING_H
#define CANDOR_CMD_CHECKING_H

#include "cmd/candor/buf.h"
#include "cmd/candor/fetching.h"
#include "lib/trust/client.h"

#include <stdbool.h>
#include <stdint.h>

struct checking_delta {
	size_t file;
	uint64_t base; /* serial */
	uint64_t size;
	uint8_t sha256[32];
};

struct checked {
	enum trust_outcome outcome;
	bool is_changed;  /* state is to be kept */
	struct buf state; /* text */
	char text[256];   /* why not */
	char feed[ORDER_NAME];
	uint64_t epoch, serial;
	uint64_t tree; /* entries */
	struct trust_file file[TRUST_FILES_MAX];
	size_t file_count;
	struct checking_delta delta[TRUST_DELTAS_MAX];
	size_t delta_count;

	struct buf evidence;      /* text, if somebody is convicted */
	struct buf roots, latest; /* as the mirror gave them */
};

struct checking {
	const struct buf *anchor, *state; /* borrowed */
	uint64_t now, build_time;
};

/*
 * Fetch the documents and have them checked.  False, and why, if there was
 * nothing to check: the mirror did not answer, a process failed.  Free with
 * checked_free() in any case.
 */
bool checking_run(const struct checking *c, struct fetching *f,
    struct checked *out, struct why *why);

void checked_free(struct checked *c);

#endif
