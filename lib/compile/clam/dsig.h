/*
 * dsig.h - check the kinds of signature ClamAV's containers and diffs carry.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_DSIG_H
#define CANDOR_COMPILE_CLAM_DSIG_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stdint.h>

/* ClamAV's public moduli, decimal. */
extern const char dsig_legacy_modulus[];
extern const char dsig_info_modulus[];
extern const char dsig_diff_modulus[];

/* Does sig, the header's seventh field, sign this MD5? */
bool dsig_check_legacy(const char *modulus, struct cur sig,
    const uint8_t md5[16]);

/* Does sig, what follows "DSIG:", sign this SHA-256? */
bool dsig_check_info(const char *modulus, struct cur sig,
    const uint8_t sha256[32]);

/* The same of a .cdiff, with its own key. */
bool dsig_check_diff(const char *modulus, struct cur sig,
    const uint8_t sha256[32]);

/* Make libcrypto set up what it sets up late. */
void dsig_warm(void);

#endif
