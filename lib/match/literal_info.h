/*
 * literal_info.h - what a literal set's header says, for people.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_MATCH_LITERAL_INFO_H
#define CANDOR_MATCH_LITERAL_INFO_H

#include "lib/base/cur.h"
#include "lib/match/literal_layout.h"

struct literal_plane_info {
	bool is_sampled; /* else: every step-th position */
	uint32_t step;
	uint32_t window; /* bytes */
	uint32_t windows;
};

struct literal_info {
	uint32_t literals;
	uint32_t planes;
	struct literal_plane_info plane[LITERAL_PLANES];
};

/* Read the header of a set; false if it is broken. */
MUST_CHECK bool literal_info_get(struct cur section, struct literal_info *out);

#endif
