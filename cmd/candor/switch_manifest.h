/*
 * switch_manifest.h - a tree in words: what has to be the same for it to have
 * come back bit for bit.
 *
 * One JSON object a line, in the order of the names: path below the top,
 * type, mode, owner, time of change, size and SHA-256 of a file, target of a
 * link, which earlier file it is another name of, extended attributes and
 * flags.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SWITCH_MANIFEST_H
#define CANDOR_CMD_SWITCH_MANIFEST_H

#include "cmd/candor/buf.h"
#include "lib/ban/chain.h"
#include "lib/base/why.h"

#include <stdbool.h>
#include <stdint.h>

struct manifest {
	struct buf text;
	char hash[CHAIN_HEX]; /* of the text */
	uint64_t entries, bytes;
};

/* Of name in an open folder.  Free it in any case. */
bool manifest_make(int dir, const char *name, struct manifest *out,
    struct why *why);
void manifest_free(struct manifest *m);

#endif
