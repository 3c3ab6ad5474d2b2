/*
 * recipe.h - which sources make which file of a release, and with what.
 *
 *     candor-recipe/v1
 *     compiler candor-compile 0.1.0
 *     file main-1.cand clean-feed house-rules
 *
 * A file is compiled of its sources in the order of the line, and of each
 * source's files in the order of its listing.  Whoever rebuilds a release
 * needs the same compiler; a release's note holds the recipe's hash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PUBLISH_RECIPE_H
#define CANDOR_PUBLISH_RECIPE_H

#include "cmd/feed/sources.h"

#define RECIPE_FILES 16u
#define RECIPE_NAME  65u

struct recipe_file {
	char name[RECIPE_NAME];
	char source[SOURCES_MAX][RECIPE_NAME];
	size_t count;
};

struct recipe {
	char compiler[RECIPE_NAME];
	struct recipe_file file[RECIPE_FILES];
	size_t count;
};

/* This program's own compiler, as a recipe names it. */
const char *recipe_compiler(void);

bool recipe_read(struct cur text, struct recipe *out, struct why *why);

/* The plain one: a file main-1.cand of all sources. */
void recipe_plain(const struct source_folder *source, size_t count,
    struct buf *out);

/* A file that was made. */
struct recipe_made {
	uint64_t size;
	uint8_t sha256[DIGEST_SIZE_MAX];
};

/*
 * Compile a file of a recipe into fd, which is open for reading and writing
 * and empty.  What the compiler says of the texts goes to stderr; a line that
 * is not well formed is an error.
 */
bool recipe_make(const struct recipe_file *file,
    const struct source_folder *source, size_t count, int fd,
    struct recipe_made *out, struct why *why);

#endif
