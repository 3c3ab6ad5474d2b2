/*
 * log_tiles.h - recompute a tiled log on disk from its entries.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_LOG_TILES_H
#define CANDOR_CMD_LOG_TILES_H

#include "lib/base/why.h"
#include "lib/trust/checkpoint.h"

#include <stdbool.h>

/*
 * Read every bundle of entries of the log in the folder, compare every tile,
 * and the root with the checkpoint's.  False and why at the first difference.
 */
bool log_tiles_check(int folder, const struct checkpoint *c, struct why *why);

#endif
