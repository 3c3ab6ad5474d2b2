/*
 * ban_timeline.h - between ban_timeline.c and the picture it may draw.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_TIMELINE_H
#define CANDOR_CMD_BAN_TIMELINE_H

#include "lib/ban/policy.h"

#include <stdio.h>

/* Draw the rules of bans as bars on an axis of time, with a line at now. */
void ban_timeline_svg(FILE *to, const struct policy *ban, size_t count,
    int64_t now);

#endif
