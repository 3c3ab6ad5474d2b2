/*
 * ckd.h - arithmetic that says when it did not fit.
 *
 * Same shape as C23 <stdckdint.h>: true means "the result is wrong".
 * Sizes and offsets that came from a file are added and multiplied with
 * these and with nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BASE_CKD_H
#define CANDOR_BASE_CKD_H

#define ckd_add(out, a, b) __builtin_add_overflow((a), (b), (out))
#define ckd_sub(out, a, b) __builtin_sub_overflow((a), (b), (out))
#define ckd_mul(out, a, b) __builtin_mul_overflow((a), (b), (out))

#endif
