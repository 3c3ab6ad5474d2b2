/*
 * t_blob.h - bytes and archives made for a test.
 *
 * What cannot be had or does not fit fails the test.  Whatever takes a blob
 * gives its memory back; what is returned is the caller's, for blob_free().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_T_BLOB_H
#define CANDOR_TESTS_T_BLOB_H

#include "lib/crypto/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOB_ROOM ((size_t)4 << 20)

struct blob {
	uint8_t *bytes;
	size_t size, room;
};

struct blob blob_new(void); /* empty; has BLOB_ROOM */
struct blob blob_text(const char *text);
void blob_add(struct blob *b, const void *bytes, size_t size);
void blob_int(struct blob *b, uint64_t v, size_t size); /* little-endian */
void blob_free(struct blob *b);

/* gzip of b (RFC 1952). */
struct blob gzipped(struct blob b);

/* A ZIP archive (APPNOTE 4.3) being written, from all zeros; members are
   stored. */
struct zip {
	struct blob out, directory;
	uint32_t count;
};

void zip_add(struct zip *z, const char *name, struct blob b);
struct blob zip_end(struct zip *z);

/* One of a single member. */
struct blob zipped(const char *name, struct blob b);

/* A file of tests/corpus/engine; skips the test if it is not there. */
struct blob corpus(const char *name);

/* Signature text "digest:size:Hash", or size first as sections have it; stays
   for three calls more. */
const char *hash_line(enum digest_kind kind, const void *bytes, size_t size,
    bool size_first);

#endif
