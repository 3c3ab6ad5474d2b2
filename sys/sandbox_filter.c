/*
 * sandbox_filter.c - from promises.def to a seccomp filter.
 *
 * The filter is a list of comparisons, first match decides; whatever is left
 * kills the whole process.  It looks at the low half of an argument only:
 * every argument compared here is an int or a set of low bits to the kernel.
 *
 *     ld arch; jne NATIVE → kill        another instruction set's numbers
 *     ld nr                             (x32 numbers match nothing below)
 *     jne NR → next; [rule]; allow      for each promise
 *     kill
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/filter_program.h"
#include "sys/sandbox_parts.h"

#include <sys/mman.h>

#define CHANNEL_FD 3u

static const struct promise promises[] = {
#define PROMISE(call, who, rule) \
	{ #call, SYS_##call, PROMISE_##who, PROMISE_##rule },
#include "sys/promises.def"
#undef PROMISE
};
#define PROMISES (sizeof(promises) / sizeof(promises[0]))

/* Allow, except to those who skip one line. */
static void
add_allow_or_kill(struct filter_program *p)
{
	filter_answer(p, SECCOMP_RET_ALLOW);
	filter_answer(p, SECCOMP_RET_KILL_PROCESS);
}

static void
add_rule(struct filter_program *p, enum promise_rule rule)
{
	const uint32_t no_code = ~(uint32_t)(PROT_READ | PROT_WRITE);

	switch (rule) {
	case PROMISE_ANY:
		filter_answer(p, SECCOMP_RET_ALLOW);
		break;
	case PROMISE_CHANNEL:
		filter_load_argument(p, 0);
		filter_add(p, BPF_JMP | BPF_JEQ | BPF_K, CHANNEL_FD, 0, 1);
		add_allow_or_kill(p);
		break;
	case PROMISE_ANONYMOUS:
		filter_load_argument(p, 2);
		filter_skip_if_bits(p, no_code, 4);
		filter_load_argument(p, 3);
		filter_skip_if_bits(p, MAP_SHARED, 2);
		filter_add(p, BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 1);
		add_allow_or_kill(p);
		break;
	case PROMISE_NO_EXEC:
		filter_load_argument(p, 2);
		filter_skip_if_bits(p, no_code, 1);
		add_allow_or_kill(p);
		break;
	case PROMISE_ADVICE:
		filter_load_argument(p, 2);
		filter_skip_if(p, MADV_NORMAL, 3);
		filter_skip_if(p, MADV_HUGEPAGE, 2);
		filter_skip_if(p, MADV_DONTNEED, 1);
		filter_add(p, BPF_JMP | BPF_JEQ | BPF_K, MADV_FREE, 0, 1);
		add_allow_or_kill(p);
		break;
	}
}

/* One promise: if it is this call, its rule decides. */
static void
add_promise(struct filter_program *p, const struct promise *promise)
{
	unsigned short jump = p->count;

	filter_add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)promise->nr, 0, 0);
	add_rule(p, promise->rule);
	p->line[jump].jf = (uint8_t)(p->count - jump - 1);
}

static void
add_promises(struct filter_program *p, const struct promise *list, size_t count,
    enum sandbox_profile profile)
{
	size_t i;

	for (i = 0; i < count; i++)
		if ((list[i].who & 1u << profile) != 0)
			add_promise(p, &list[i]);
}

/* Fits by far: at most 9 lines a promise. */
_Static_assert(PROMISES * 9 + 32 * 9 + 8 < FILTER_LINES_MAX,
    "more FILTER_LINES_MAX are needed");

static void
program_make(enum sandbox_profile profile, struct filter_program *p)
{
	filter_begin(p);
	add_promises(p, sandbox_extra, sandbox_extra_count, profile);
	add_promises(p, promises, PROMISES, profile);
	filter_answer(p, SECCOMP_RET_KILL_PROCESS);
}

bool
sandbox_filter(enum sandbox_profile profile, uint32_t *layers, struct why *why)
{
	struct filter_program p;

	program_make(profile, &p);
	if (!filter_install(&p))
		return why_not(why, WHY_SYSTEM,
		    "this kernel gives no seccomp filter, without which "
		    "nothing is scanned");
	*layers |= SANDBOX_SECCOMP;
	return true;
}

/* --- asking about the table ---------------------------------------------- */

static const char *
rule_text(enum promise_rule rule)
{
	switch (rule) {
	case PROMISE_ANY:
		return NULL;
	case PROMISE_CHANNEL:
		return "only on descriptor 3";
	case PROMISE_ANONYMOUS:
		return "only private memory without a file, not executable";
	case PROMISE_NO_EXEC:
		return "not executable";
	case PROMISE_ADVICE:
		return "only MADV_NORMAL, MADV_HUGEPAGE, MADV_DONTNEED, "
		       "MADV_FREE";
	}
	return NULL;
}

static const struct promise *
find(const struct promise *list, size_t count, enum sandbox_profile profile,
    long nr)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i].nr == nr && (list[i].who & 1u << profile) != 0)
			return &list[i];
	return NULL;
}

bool
sandbox_allows(enum sandbox_profile profile, long nr, const char **name,
    const char **rule)
{
	const struct promise *p =
	    find(sandbox_extra, sandbox_extra_count, profile, nr);

	if (p == NULL)
		p = find(promises, PROMISES, profile, nr);
	*name = p == NULL ? NULL : p->name;
	*rule = p == NULL ? NULL : rule_text(p->rule);
	return p != NULL;
}

bool
sandbox_is_ordinary(void)
{
	return sandbox_extra_count == 0;
}
