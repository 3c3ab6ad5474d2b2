/*
 * hive.h - between hive.c, which walks the keys of a registry, and
 * hive_tell.c, which knows what they mean.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_READER_HIVE_H
#define CANDOR_PROC_READER_HIVE_H

#include "proc/reader/kinds.h"

#include <hivex.h>
#include <stdbool.h>
#include <stdint.h>

/* A registry while its keys are told. */
struct hive {
	hive_h *handle;
	struct say *say;
	enum reader_what what;
	uint32_t control_set; /* in use, of a SYSTEM; 0: not told */
	uint64_t broken;      /* keys and values */
	bool is_whole;        /* none of its last changes is in its logs */
};

/* The names of its first keys tell what a hive is; READER_ANY: of no use. */
enum reader_what hive_guess(struct hive *h, const char *name);

/* What all its keys are below: "HKLM\SOFTWARE". */
const char *hive_root(enum reader_what what);

/* The control set in use, from \Select. */
void hive_find_control_set(struct hive *h);

/* Say what a key is.  path is all of it, parent the size of that before the
   last name. */
void hive_tell(struct hive *h, hive_node_h node, struct cur path,
    size_t parent);

/* hive_certificate.c: whose is the certificate in a Blob of the store?  false:
   it does not tell. */
bool hive_certificate_name(struct cur blob, char *out, size_t size);

#endif
