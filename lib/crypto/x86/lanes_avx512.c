/*
 * lanes_avx512.c - sixteen lanes; it rotates, and takes any function of three
 * words, in one instruction each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/lanes_set.h"

#if defined(__x86_64__)
#if !defined(__clang__)
/* GCC 12's own header begins with values it does not set (GCC bug 105593). */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#define KERNEL(name) lanes_##name##_avx512
#define TARGET       __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define WITH_SHA
#define LANES 16
#define LOW(a, b)                                                            \
	__builtin_shufflevector((a), (b), 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, \
	    5, 21, 6, 22, 7, 23)
#define HIGH(a, b)                                                          \
	__builtin_shufflevector((a), (b), 8, 24, 9, 25, 10, 26, 11, 27, 12, \
	    28, 13, 29, 14, 30, 15, 31)

/* Bit 4x + 2y + z of table is what the function says of bits x, y and z. */
#define TERNARY(x, y, z, table)                                     \
	((VEC)_mm512_ternarylogic_epi32((__m512i)(x), (__m512i)(y), \
	    (__m512i)(z), (table)))
#define ROTATE(v, n)      ((VEC)_mm512_rol_epi32((__m512i)(v), (n)))
#define CHOOSE(x, y, z)   TERNARY(x, y, z, 0xca)
#define MAJORITY(x, y, z) TERNARY(x, y, z, 0xe8)
#define PARITY(x, y, z)   TERNARY(x, y, z, 0x96)
#define MD5_G(x, y, z)    CHOOSE(z, x, y)
#define MD5_I(x, y, z)    TERNARY(x, y, z, 0x39)

#include "lib/crypto/lanes_kernel.h"
#endif
