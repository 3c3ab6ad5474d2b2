/*
 * lanes_avx2.c - eight lanes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/lanes_set.h"

#if defined(__x86_64__)
#define KERNEL(name) lanes_##name##_avx2
#define TARGET       __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define WITH_SHA
#define LANES      8
#define LOW(a, b)  __builtin_shufflevector((a), (b), 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH(a, b) __builtin_shufflevector((a), (b), 4, 12, 5, 13, 6, 14, 7, 15)

#include "lib/crypto/lanes_kernel.h"
#endif
