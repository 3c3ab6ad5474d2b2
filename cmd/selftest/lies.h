/*
 * lies.h - the ways in which a worker can lie.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SELFTEST_LIES_H
#define CANDOR_CMD_SELFTEST_LIES_H

#include "lib/engine/engine.h"
#include "lib/wire/frame.h"

#define LIES_DATABASES  1u
#define LIES_SIGNATURES 10u

struct lie {
	const char *name;
	const char *meaning;
	enum unscanned wanted; /* what must become of the file */
	void (*tell)(const struct lie *lie, uint64_t scan);
	struct frame frame; /* for those that are one wrong frame */
	bool after_object;  /* which comes after an honest OBJECT 0 */
};

extern const struct lie lies[];
extern const size_t lies_count;

#endif
