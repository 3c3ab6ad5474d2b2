/*
 * remake.h - make a release again from its sources, and compare.
 *
 * What a release signer's signature says was done.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PUBLISH_REMAKE_H
#define CANDOR_PUBLISH_REMAKE_H

#include "cmd/candor-publish/recipe.h"
#include "lib/trust/release.h"

#include <stdio.h>

/*
 * Take recipe and sources from where they lie in a tree, or a source from
 * given (which must hash to what the release says), compile them, and compare
 * every file.  What is done goes to say, a line each.  False and why if
 * anything differs.
 */
bool remake(const struct from *f, const struct trust_release *r,
    const struct source_folder *given, size_t given_count, FILE *say,
    struct why *why);

#endif
