/*
 * limits.h - what this machine can do at best, to compare with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_BENCH_LIMITS_H
#define CANDOR_TESTS_BENCH_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* GB/s: reading memory that no cache holds, and hashing it with XXH3 (0
   where that is not installed). */
double limits_read(const uint8_t *bytes, size_t size);
double limits_xxh3(const uint8_t *bytes, size_t size);

#endif
