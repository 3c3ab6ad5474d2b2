/*
 * footprint_log.h - the names of hosts in a line of a log of DNS or a proxy.
 *
 * Input:   hostile, any form of lines: a name is a run of letters, digits, -,
 *          _ and dots, with a dot between others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_FOOTPRINT_LOG_H
#define CANDOR_BAN_FOOTPRINT_LOG_H

#include "lib/base/cur.h"

#include <stdbool.h>

/* Cut the next name off line, without a dot at its end; false: no more. */
MUST_CHECK bool log_next_name(struct cur *line, struct cur *out);

/*
 * Does the line tell that somebody asked?  One of a list to block by (hosts,
 * Adblock, RPZ, a bare name) does not, nor does a comment.
 */
bool log_is_entry(struct cur line);

#endif
