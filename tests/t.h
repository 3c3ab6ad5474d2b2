/*
 * t.h - the test vocabulary: cmocka, and inputs that end at a fence.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_T_H
#define CANDOR_TESTS_T_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What a comparison looks at, whatever its type. */
#define t_eq(got, want) assert_int_equal((uintmax_t)(got), (uintmax_t)(want))

/*
 * Copy size bytes to a place where the next byte is unreadable, so that an
 * overread of one byte dies here even without a sanitizer.  Lent until the
 * next call.  At most T_ROOM bytes.
 */
#define T_ROOM ((size_t)1 << 22)
const uint8_t *t_fence(const void *bytes, size_t size);

/* Numbers that look random, the same in every run: below n, after a seed. */
void t_seed(uint64_t seed);
uint32_t t_below(uint32_t n);

#endif
