/*
 * scan.h - walk, hand files to workers, hear what they found.
 *
 * What candor scan and candor explain have in common.  No byte of a scanned
 * file is parsed here: descriptors go out, checked numbers come back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SCAN_H
#define CANDOR_CMD_SCAN_H

#include "cmd/candor/collect.h"
#include "cmd/candor/databases.h"
#include "cmd/candor/totals.h"
#include "cmd/candor/walk.h"
#include "lib/base/why.h"
#include "lib/engine/engine.h"

#include <stdbool.h>
#include <stdint.h>

#define SCAN_STREAM_MAX (UINT64_C(1) << 30) /* bytes of stdin kept in memory */

struct remote;

struct scan {
	/* The caller fills in these: */
	const struct databases *databases;
	struct remote *remote; /* look with candord's workers, or NULL */
	struct walk_options walk;
	struct words path;     /* what to look at */
	struct words password; /* for encrypted archives */
	uint32_t flags;        /* SCAN_* of lib/engine */
	struct limits limits;
	uint64_t deadline_ms; /* of one file; 0 = none */
	unsigned jobs;        /* 0: one per processor */
	uint64_t stream_max;  /* bytes; 0: SCAN_STREAM_MAX */
	bool in_order;
	bool may_remember; /* verdicts of files that do not change */
	bool has_progress; /* on stderr */
	bool wants_stamp;  /* of every file that is opened */
	collect_fn file;   /* gets every result */
	void *ctx;

	/* The caller may set this from file(): nobody wants the rest. */
	bool is_unwanted;

	/* The scan's own: */
	struct totals totals;
	struct collect collect;
};

/*
 * Do it all.  False if there was no way to go on (no worker would start);
 * what was found by then was told.  Ctrl-C ends it early and well.
 */
bool scan_run(struct scan *s, struct why *why);

#endif
