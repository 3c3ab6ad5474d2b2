/*
 * inner.h - the open archives, one in the other.  Private to inner.c and
 * inner_stream.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_RECOGNISE_INNER_H
#define CANDOR_RECOGNISE_INNER_H

#include "lib/formats/format.h"
#include "lib/recognise/parts.h"

struct inner;

struct level {
	struct inner *in;
	struct level *parent; /* whose opener decodes, or NULL */
	struct source source;
	struct source_range range; /* under source, for a range */

	uint8_t *window; /* of a stream: its newest bytes */
	uint64_t window_off;
	size_t window_size;
	bool is_ended;

	struct facts facts;
	struct arena room; /* the opener's */
	const struct format *format;
	void *state;
	enum kind kind;
	uint8_t name[FORMAT_NAME_MAX]; /* in the archive it is in */
	size_t name_size;
	size_t mark; /* of the arena, before this level */
	bool is_open;
};

struct inner {
	const struct recognise *to;
	struct level level[RECOGNISE_DEPTH];
	unsigned depth;
	uint32_t members;
	uint64_t decoded;
	bool has_list; /* of a Debian package: its files were told */
	bool is_over;  /* a limit was met and told */
};

/* Decode more of what l's opener gives; counts it.  0 is the end. */
size_t inner_decode(struct level *l, void *bytes, size_t size);

/* Make l's source what its parent's opener decodes; forward only. */
MUST_CHECK bool inner_stream(struct level *l);

#endif
