/*
 * text_put.h - what bytes of text become for signatures of target 7, in
 * variants for different processors.  text.c says what that is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_TEXT_PUT_H
#define CANDOR_FORMATS_TEXT_PUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Put what size bytes become at out, where there is room for as many, and say
 * how many that are.  *in_space: the last byte put was a space, so that white
 * space that follows adds nothing; kept from piece to piece.
 */
typedef size_t (*text_put_fn)(const uint8_t *bytes, size_t size, uint8_t *out,
    bool *in_space);

struct text_putter {
	const char *name;   /* "portable", "avx512" */
	bool (*runs)(void); /* can this machine run it? */
	text_put_fn put;
};

/* The fastest first; the last one, portable, runs everywhere. */
extern const struct text_putter text_putters[];

size_t text_put_portable(const uint8_t *bytes, size_t size, uint8_t *out,
    bool *in_space);

#if defined(__x86_64__)
bool text_runs_avx512(void);
size_t text_put_avx512(const uint8_t *bytes, size_t size, uint8_t *out,
    bool *in_space);
#endif

#endif
