/*
 * qcow2.h - the disk behind a qcow2 image.
 *
 * Spec:    QEMU, docs/interop/qcow2.txt, versions 2 and 3.
 * Input:   hostile; every number of it is read through struct cur, every
 *          offset through struct source.
 *
 * Read-only; without backing file, external data file, encryption or
 * subclusters, which are refused.  The state the image is in, no snapshot.
 * Two small reads find a cluster, so nothing is kept of the tables and a table
 * that leads anywhere leads nowhere else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_READER_QCOW2_H
#define CANDOR_PROC_READER_QCOW2_H

#include "lib/base/why.h"
#include "lib/formats/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QCOW2_MAGIC       "QFI\xfb"
#define QCOW2_CLUSTER_MAX ((size_t)1 << 21)

struct qcow2 {
	struct source *file; /* borrowed */
	uint64_t size;       /* bytes of the disk */
	uint32_t cluster_bits;
	uint64_t l1_offset;
	uint32_t l1_count;
	uint8_t *room;     /* 2 * QCOW2_CLUSTER_MAX, for compressed clusters */
	uint64_t unpacked; /* which cluster is in it, + 1 */
};

/* Read the header; room is the caller's. */
MUST_CHECK bool qcow2_open(struct source *file, uint8_t *room,
    struct qcow2 *out, struct why *why);

/* Bytes of the disk from off; fewer only at its end or where the image is
   broken. */
size_t qcow2_read(struct qcow2 *q, uint64_t off, void *bytes, size_t size);

#endif
