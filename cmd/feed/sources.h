/*
 * sources.h - the texts a database is made of: a folder, and its one hash.
 *
 * The hash is of the listing that coreutils make:
 *
 *     cd FOLDER && find . -type f -printf '%P\0' | LC_ALL=C sort -z |
 *         xargs -0 sha256sum | sha256sum
 *
 * Names are letters, digits and "._+=,@~-", so that they are the same in
 * every locale, on every file system and in every URL; none begins with a
 * dot.  Only regular files; a link is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FEED_SOURCES_H
#define CANDOR_FEED_SOURCES_H

#include "cmd/feed/from.h"
#include "lib/base/cur.h"
#include "lib/trust/release.h"

#define SOURCES_MAX     16u
#define RECIPE_MAX      8192u              /* bytes of a recipe */
#define SOURCES_LISTING ((size_t)64 << 20) /* bytes of a listing */
#define SOURCES_FILE    ((size_t)2 << 30)  /* bytes of a file */

struct source_file {
	const char *path; /* in the folder; borrowed from the listing */
	size_t path_len;
	uint8_t sha256[DIGEST_SIZE_MAX];
};

struct source_folder {
	char *name; /* in the release; owned, as the next */
	char *folder;
	struct buf listing;
	uint8_t sha256[DIGEST_SIZE_MAX]; /* of the listing */
};

/* Read "NAME=FOLDER", and the folder. */
bool source_open(const char *word, struct source_folder *out, struct why *why);
bool source_load(const char *name, const char *folder,
    struct source_folder *out, struct why *why);
void source_close(struct source_folder *s);

/* The next line of a listing that is well formed. */
bool source_next(struct cur *listing, struct source_file *out);

/*
 * Copy a source that lies at PREFIX/ in a tree (with its listing, whose hash
 * is sha256, at PREFIX.sha256) to PREFIX/ and PREFIX.sha256 in folder.
 */
bool source_copy(const struct from *f, const char *prefix,
    const uint8_t sha256[DIGEST_SIZE_MAX], int folder, struct why *why);

/* Where a tree keeps what release serial was made of: sources/N/NAME; its
   recipe is called so too. */
void sources_path(uint64_t serial, const char *name, struct buf *out);

/* Copy all that a release was made of, and its recipe, from a tree to another
   folder. */
bool sources_copy(const struct from *f, const struct trust_release *r,
    int folder, struct why *why);

/* Save one to PREFIX/ and PREFIX.sha256 in folder. */
bool source_save(const struct source_folder *s, int folder, const char *prefix,
    struct why *why);

#endif
