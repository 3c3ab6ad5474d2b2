/*
 * plan.h - what the settings of the product that goes mean for Candor, and
 * the steps of the way there.
 *
 * Every setting is carried over to a key of lib/policy/config.def, exactly or
 * narrower, or left out with the reason.  An exclusion never becomes wider:
 * where it is not sure what one leaves out there, it is left to a person.
 * docs/switch.md has the rules.
 *
 * Pure: settings in, calls out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_PLAN_H
#define CANDOR_BAN_PLAN_H

#include "lib/ban/settings.h"
#include "lib/policy/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plan_how {
	PLAN_EXACT,    /* means the same here */
	PLAN_NARROWER, /* leaves out less, or protects more */
	PLAN_LEFT_OUT
};

/* What a person should look at in what is carried over. */
enum plan_risk {
	PLAN_RISK_WRITABLE = 1,    /* everybody may put files there */
	PLAN_RISK_HOME = 2,        /* people keep their files there */
	PLAN_RISK_RUNS = 4,        /* files so named are executed */
	PLAN_RISK_INTERPRETER = 8, /* the program runs what others wrote */
	PLAN_RISK_REPORTS = 16,    /* what is infected is not stopped */
	PLAN_RISK_WIDE = 32,       /* a whole folder of the root */
	PLAN_RISK_MISSING = 64     /* there is no such file (callers add it) */
};
#define PLAN_RISKS 7u

struct plan_entry {
	const struct setting *from;
	const char *task; /* as the file or the caller calls it, or "" */
	enum plan_how how;
	enum config_key key; /* where it goes, unless it is left out */
	const char *target;  /* the value there; NULL if it is left out */
	const char *why;     /* NULL only where it is exact */
	unsigned risk;
	bool needs_person; /* left out, and somebody has to decide */
};

typedef void (*plan_tell_fn)(void *ctx, const struct plan_entry *e);

/*
 * Tell what becomes of every setting.  Those of one section (an area) are
 * told together, by the one that stands for them; entries live for the call.
 */
void plan_settings(const struct settings *s, plan_tell_fn tell, void *ctx);

const char *plan_how_text(enum plan_how how); /* "exact", "left out" */
const char *plan_risk_text(unsigned bit);     /* of one PLAN_RISK_ */

/* --- the way there -------------------------------------------------------- */

/*
 * In order.  At every moment one of the two protects: the old one is stopped
 * only when the new one was seen to block.
 */
struct plan_step {
	const char *name;
	const char *what; /* what is done */
	const char *seen; /* what must be seen before the next begins */
	const char *back; /* the way back */
};

const struct plan_step *plan_steps(size_t *count);

/* What the product did and Candor does not do: a task's name, and what. */
struct plan_loss {
	const char *task, *what;
};

const struct plan_loss *plan_losses(size_t *count);

#endif
