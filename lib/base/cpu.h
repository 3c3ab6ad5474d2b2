/*
 * cpu.h - which instructions this processor has, beyond those every one of
 * its kind has.
 *
 * Whoever chooses between variants of something at run time asks here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BASE_CPU_H
#define CANDOR_BASE_CPU_H

#include <stdbool.h>

#if defined(__x86_64__)
#include <cpuid.h>

static inline bool
cpu_has_avx2(void)
{
	return __builtin_cpu_supports("avx2") &&
	    __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

/*
 * With VBMI2, which Ice Lake, Zen 4 and later have: those do not slow down
 * for wide vectors.
 */
static inline bool
cpu_has_avx512(void)
{
	return __builtin_cpu_supports("avx512vbmi2") &&
	    __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512vbmi") &&
	    __builtin_cpu_supports("bmi2");
}

/* SHA-1's and SHA-256's own; clang 14 has no name for them. */
static inline bool
cpu_has_sha(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
	    (b >> 29 & 1) != 0;
}
#endif

#endif
