/*
 * embedded.h - archives, documents and programs that stand inside something else.
 *
 * A self-extracting shell script, a picture with a ZIP file behind it, an ELF
 * installer: programs find such archives wherever they begin, and so do we.
 * This looks at bytes that pass by anyway and says where a file of its own
 * begins; the engine makes an object of it (lib/engine/inside.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_EMBEDDED_H
#define CANDOR_FORMATS_EMBEDDED_H

#include "lib/base/cur.h"
#include "lib/formats/kind.h"

/* No header that is checked here is longer: have that much behind a place. */
#define EMBEDDED_HEADER 2816u

struct embedded {
	uint64_t off;
	uint64_t
	    size; /* as its header says; SOURCE_SIZE_UNKNOWN if it doesn't */
	uint64_t data; /* of a ZIP member that is bzip2 or xz inside: where that
	                  begins; else 0 */
	enum kind kind;
};

/*
 * Find the next file that begins in *in, and leave *in behind its first byte.
 * Headers that are not whole, or do not hold, are none.
 */
bool embedded_find(struct cur *in, struct embedded *out);

#endif
