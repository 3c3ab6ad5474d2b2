/*
 * sandbox_parts.h - the pieces sandbox.c puts together.  Private to sys/.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_SANDBOX_PARTS_H
#define CANDOR_SYS_SANDBOX_PARTS_H

#include "sys/sandbox.h"

/* --- sandbox_namespaces.c ------------------------------------------------ */

/* Stop being root, and leave every namespace the kernel lets us leave. */
void sandbox_leave(uint32_t *layers);

/* Lose every capability, and the means to get one back. */
bool sandbox_drop_capabilities(uint32_t *layers, struct why *why);

/* --- sandbox_landlock.c -------------------------------------------------- */

void sandbox_landlock(uint32_t *layers);

/*
 * A ruleset that handles every right over files the kernel knows, and the
 * network if that is to be refused and can be (*has_network); rules may be
 * added.  -1 without Landlock.
 */
int sandbox_landlock_ruleset(bool refuses_network, bool *has_network);

/* --- sandbox_filter.c ---------------------------------------------------- */

enum promise_rule {
	PROMISE_ANY,
	PROMISE_CHANNEL,
	PROMISE_ANONYMOUS,
	PROMISE_NO_EXEC,
	PROMISE_ADVICE
};

#define PROMISE_WORKER   (1u << SANDBOX_WORKER)
#define PROMISE_COMPILER (1u << SANDBOX_COMPILER)
#define PROMISE_BOTH     (PROMISE_WORKER | PROMISE_COMPILER)

struct promise {
	const char *name;
	long nr;
	unsigned who; /* PROMISE_WORKER and others */
	enum promise_rule rule;
};

/* The last step: from here on only what is promised. */
bool sandbox_filter(enum sandbox_profile profile, uint32_t *layers,
    struct why *why);

/* --- sandbox_plain.c or, in sanitizer builds, sandbox_sanitized.c -------- */

/* Promises on top of promises.def, looked at first. */
extern const struct promise sandbox_extra[];
extern const size_t sandbox_extra_count;

/* Sanitizers map terabytes and want to say what they found. */
extern const bool sandbox_limits_memory;
extern const bool sandbox_keeps_stderr;

#endif
