/*
 * mspack_host.h - the machine that libmspack thinks it runs on.  Private to
 *            lib/formats.
 *
 * libmspack knows files and pushes; we have sources and are pulled.  Here its
 * files are the source (for reading) and the buffer of whoever reads now (for
 * writing), its memory is bounded, and nothing else exists.  What is pushed
 * is asked for in parts that fit: its extract() takes a record with offset
 * and length, so a record of our own with a piece of them goes on where the
 * last one stopped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_MSPACK_HOST_H
#define CANDOR_FORMATS_MSPACK_HOST_H

#include "lib/formats/format.h"

#include <mspack.h>

/* The most a library is asked for at once. */
#define MSPACK_PIECE ((size_t)32 << 10)

struct mspack_host {
	struct mspack_system sys; /* first: libmspack hands it back */
	struct source *source;
	uint64_t room;     /* bytes that may still be allocated */
	uint8_t *out;      /* where what is extracted goes */
	size_t out_room;   /* bytes still free there */
	size_t out_size;   /* bytes written there */
	uint64_t out_skip; /* bytes to be thrown away first */
	bool out_over;     /* more was written than there was room for */
	bool at_end;       /* more was read than there is */
	bool is_full;      /* an allocation was refused */
};

/* The names libmspack opens: its own way to say which file is meant. */
#define MSPACK_IN  "in"
#define MSPACK_OUT "out"

/* Set up a host that reads in->source. */
void mspack_host_init(struct mspack_host *h, const struct opening *in);

/* Let the next extraction write to buf. */
void mspack_host_aim(struct mspack_host *h, void *buf, size_t size);

/* What an error of libmspack (MSPACK_ERR_*) says about the file. */
enum format_end mspack_host_end(const struct mspack_host *h, int error);

#endif
