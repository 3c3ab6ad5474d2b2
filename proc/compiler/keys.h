/*
 * keys.h - other public keys than ClamAV's own, as the owner gives them.
 *
 * Lines of decimal digits, each a modulus: of the header of containers, of
 * .info, of differences.  Those that are left out are the published ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_COMPILER_KEYS_H
#define CANDOR_PROC_COMPILER_KEYS_H

#include "lib/compile/compile.h"

#define KEYS_COUNT 3u
#define KEYS_DIGIT 640u /* digits one may have */

struct keys {
	char text[KEYS_COUNT][KEYS_DIGIT + 1];
};

/* Read text into k and have options point there; false if it is no keys. */
bool keys_read(const char *text, struct keys *k,
    struct compile_options *options);

#endif
