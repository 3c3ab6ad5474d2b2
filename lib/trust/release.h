/*
 * release.h - what a feed gives: a release.
 *
 * A release is the text of a signed note, and an entry of the log:
 *
 *     candor-release/v1
 *     feed NAME
 *     serial N                its number in the log
 *     time SECONDS            since 1970
 *     expires SECONDS         advice: never stops anything
 *     root N                  the version of the root that governs it
 *     engine-min N            what a program must know to use its files
 *     source NAME sha256:HEX  what it was made of; sorted by name; or none
 *     recipe sha256:HEX       how it was made
 *     file NAME SIZE sha256:HEX        sorted by name
 *     delta NAME SERIAL SIZE sha256:HEX  by file and serial; or none: makes
 *                             that file of the one that release had
 *     note TEXT               for people; or none
 *
 * It is printable ASCII and has one form.  A signature of it says: made again
 * of those sources by that recipe, and the files were the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_RELEASE_H
#define CANDOR_TRUST_RELEASE_H

#include "lib/trust/checkpoint.h"
#include "lib/trust/root.h"

#define TRUST_FILES_MAX   16u
#define TRUST_DELTAS_MAX  48u
#define TRUST_SOURCES_MAX 1000u
#define TRUST_FILE_NAME   64u /* [a-z0-9.-], a letter or digit first */
#define TRUST_FILE_SIZE   (UINT64_C(1) << 36)

struct trust_source {
	char name[TRUST_FILE_NAME + 1];
	uint8_t sha256[MERKLE_HASH];
};

struct trust_file {
	char name[TRUST_FILE_NAME + 1];
	uint64_t size; /* bytes, at most TRUST_FILE_SIZE */
	uint8_t sha256[MERKLE_HASH];
};

struct trust_delta {
	size_t file;   /* which of the files it makes */
	uint64_t base; /* serial of the release whose file it changes */
	uint64_t size; /* bytes of the delta */
	uint8_t sha256[MERKLE_HASH];
};

struct trust_release {
	char feed[VKEY_NAME_MAX + 1];
	uint64_t serial;
	uint64_t time, expires; /* seconds since 1970 */
	uint64_t root, engine_min;
	struct cur sources; /* their lines, borrowed from the text */
	uint8_t recipe[MERKLE_HASH];
	size_t file_count;
	struct trust_file file[TRUST_FILES_MAX];
	size_t delta_count;
	struct trust_delta delta[TRUST_DELTAS_MAX];
	struct cur notes; /* lines, borrowed from the text */
};

/* Read the text of a note; sources and notes are borrowed from it. */
bool trust_release_read(struct cur text, struct trust_release *out,
    struct why *why);

/* May a release be like that?  trust_release_read() asks it too. */
bool trust_release_check(const struct trust_release *r, struct why *why);

/* Write its text; false if it may not be like that, or room is short. */
bool trust_release_write(const struct trust_release *r, char *out, size_t room,
    size_t *size, struct why *why);

/* Cut the next source off sources; and write such a line. */
MUST_CHECK bool trust_source_next(struct cur *sources,
    struct trust_source *out);
void trust_source_write(const struct trust_source *s, struct text_out *out);

/* May a file be called that? */
bool trust_file_name_is_good(const char *name);

#endif
