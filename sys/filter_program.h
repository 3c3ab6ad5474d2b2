/*
 * filter_program.h - write a seccomp filter, line by line (seccomp(2), "BPF
 * programs" of linux/filter.h).  Private to sys/.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_FILTER_PROGRAM_H
#define CANDOR_SYS_FILTER_PROGRAM_H

#include <sys/syscall.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#if defined(__x86_64__)
#define FILTER_NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FILTER_NATIVE AUDIT_ARCH_AARCH64
#else
#error "which AUDIT_ARCH is this, and is it little-endian?"
#endif

#define FILTER_LINES_MAX 512u

struct filter_program {
	struct sock_filter line[FILTER_LINES_MAX];
	unsigned short count;
};

static inline void
filter_add(struct filter_program *p, uint16_t code, uint32_t k, uint8_t yes,
    uint8_t no)
{
	p->line[p->count++] = (struct sock_filter){ code, yes, no, k };
}

/* The last word on the call: SECCOMP_RET_*. */
static inline void
filter_answer(struct filter_program *p, uint32_t answer)
{
	filter_add(p, BPF_RET | BPF_K, answer, 0, 0);
}

/* Look at a word of struct seccomp_data. */
static inline void
filter_load(struct filter_program *p, size_t offset)
{
	filter_add(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* The low half of argument n (little-endian). */
static inline void
filter_load_argument(struct filter_program *p, unsigned n)
{
	filter_load(p, offsetof(struct seccomp_data, args) + 8 * (size_t)n);
}

/* Jump over that many lines if the loaded word is, or has a bit of, k. */
static inline void
filter_skip_if(struct filter_program *p, uint32_t k, uint8_t lines)
{
	filter_add(p, BPF_JMP | BPF_JEQ | BPF_K, k, lines, 0);
}

static inline void
filter_skip_if_bits(struct filter_program *p, uint32_t k, uint8_t lines)
{
	filter_add(p, BPF_JMP | BPF_JSET | BPF_K, k, lines, 0);
}

/* Begin: another instruction set's numbers kill; then the call's is loaded. */
static inline void
filter_begin(struct filter_program *p)
{
	p->count = 0;
	filter_load(p, offsetof(struct seccomp_data, arch));
	filter_skip_if(p, FILTER_NATIVE, 1);
	filter_answer(p, SECCOMP_RET_KILL_PROCESS);
	filter_load(p, offsetof(struct seccomp_data, nr));
}

/* In force from now on, in all threads; false if the kernel has no filters. */
static inline bool
filter_install(struct filter_program *p)
{
	struct sock_fprog all = { p->count, p->line };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		   SECCOMP_FILTER_FLAG_TSYNC, &all) == 0;
}

#endif
