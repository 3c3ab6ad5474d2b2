/*
 * say.h - what a reader says of the file it looks at, in packets.
 *
 * Nobody is left to hear if the owner is gone: then the process ends, so
 * nothing here fails.  Texts that are longer than READER_TEXT are cut; of a
 * NUL and what follows it nothing is said.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_READER_SAY_H
#define CANDOR_PROC_READER_SAY_H

#include "lib/base/why.h"
#include "proc/reader/protocol.h"

struct say {
	size_t at; /* bytes of packet that are filled */
	uint8_t packet[READER_PACKET];
};

void say_ready(struct say *s, uint32_t layers);

/* A thing of that type; flags are READER_ROW and others. */
void say_seen(struct say *s, enum reader_thing thing, unsigned flags,
    struct cur value, struct cur detail);

/* How many of a kind ("keys") were looked at. */
void say_count(struct say *s, const char *kind, uint64_t count);

/* A file system of an image, and what stands in it. */
void say_part(struct say *s, uint32_t part, const char *text);
void say_name(struct say *s, uint32_t part, enum reader_node node,
    struct cur path, uint64_t size);

/* The next bytes of a file that was asked for. */
void say_bytes(struct say *s, const void *bytes, size_t size);

/* What could not be seen. */
void say_blind(struct say *s, const char *what, const char *why);
void say_blind_bytes(struct say *s, struct cur what, struct cur why);

/* The last of an order. */
void say_done(struct say *s, uint64_t number);
void say_failed(struct say *s, const struct why *why);

#endif
