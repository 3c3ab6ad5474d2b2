/*
 * report.h - what the engine says of one file, as frames.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_WORKER_REPORT_H
#define CANDOR_PROC_WORKER_REPORT_H

#include "lib/engine/engine.h"

struct report {
	int channel;
	uint64_t scan;       /* number of the file */
	uint64_t until_ns;   /* when to stop, or 0 */
	bool may_say_bytes;  /* the owner allowed NAME and BYTES */
	bool could_not_read; /* the kernel refused bytes: not "changed" */
	bool is_cut;         /* something was left unsaid, and that was said */
	uint32_t sent;       /* frames, OBJECT not counted */
	uint32_t matches, gaps; /* said */
};

/* Start saying things about file number scan. */
void report_begin(struct report *r, int channel, uint64_t scan,
    bool may_say_bytes, uint32_t deadline_ms);

/* The engine's side of it; keeps r. */
struct reporter report_for(struct report *r);

/* Say END. */
void report_end(struct report *r, const struct scan_summary *summary);

#endif
