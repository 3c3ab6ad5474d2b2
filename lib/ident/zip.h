/*
 * zip.h - is a ZIP file an office document.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_IDENT_ZIP_H
#define CANDOR_IDENT_ZIP_H

#include "lib/formats/kind.h"
#include "lib/formats/source.h"

/* KIND_OOXML_*, or KIND_ZIP. */
enum kind zip_guess(struct source *s, struct arena *scratch);

#endif
