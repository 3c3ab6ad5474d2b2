/*
 * hash.h - read lines of hash signatures.  The grammar is in hash.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_HASH_H
#define CANDOR_COMPILE_CLAM_HASH_H

#include "lib/compile/clam/line.h"

/* Is c the hexadecimal digits of a digest, of which, and what are its bytes? */
bool hash_read_digest(struct cur c, enum ir_digest *out, uint8_t bytes[32]);

bool hash_read_file(struct line *l);    /* .hdb .hsb .hdu .hsu .fp .sfp */
bool hash_read_section(struct line *l); /* .mdb .msb .mdu .msu */
bool hash_read_imports(struct line *l); /* .imp */

#endif
