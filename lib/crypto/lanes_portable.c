/*
 * lanes_portable.c - four lanes, which both x86-64 (SSE2) and 64-bit ARM
 * (NEON) always have; elsewhere the compiler makes four words of a vector.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/lanes_set.h"

#define KERNEL(name) lanes_##name##_portable
#define TARGET
#define LANES      4
#define LOW(a, b)  __builtin_shufflevector((a), (b), 0, 4, 1, 5)
#define HIGH(a, b) __builtin_shufflevector((a), (b), 2, 6, 3, 7)

#include "lib/crypto/lanes_kernel.h"
