/*
 * cage.c - run every attack, with the cage and without.
 *
 * Without the cage (but not as root) most attacks work, and that shows that
 * the attack and the observers are good for something.  In the cage every one
 * must fail and nobody outside may notice anything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/attacks.h"
#include "cmd/selftest/selftest.h"

#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum ending {
	ENDING_WORKED,
	ENDING_REFUSED, /* the kernel said no; err says why */
	ENDING_KILLED,  /* by the filter */
	ENDING_NO_CAGE, /* it could not be entered */
	ENDING_ODD      /* some other signal, or it hung */
};

struct outcome {
	enum ending ending;
	int err;
	const char *noticed;
};

struct attempt {
	const struct attack *attack;
	const struct stage *stage;
};

/* In the process of the attacker. */
static void
attempt_run(void *ctx)
{
	const struct attempt *a = ctx;
	bool worked;

	errno = 0;
	worked = a->attack->run(a->stage);
	helper_say(worked ? 1 : 0, (unsigned char)errno);
}

static enum ending
ending_of(const struct helper *h, int status, int *err)
{
	unsigned char said[2];

	*err = 0;
	if (status == -1)
		return ENDING_ODD;
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? ENDING_KILLED : ENDING_ODD;
	if (WEXITSTATUS(status) == HELPER_UNCAGED)
		return ENDING_NO_CAGE;

	/* Gone without a word: it became another program. */
	if (!helper_heard(h, said))
		return ENDING_WORKED;
	*err = said[1];
	return said[0] == 1 ? ENDING_WORKED : ENDING_REFUSED;
}

static struct outcome
run(struct stage *s, const struct attack *attack, unsigned where)
{
	struct attempt a = { attack, s };
	struct outcome out = { ENDING_ODD, 0, "nothing" };
	struct helper h;

	stage_reset(s);
	if (!helper_start(&h, where, s->file, attempt_run, &a))
		return out;
	out.ending = ending_of(&h, helper_wait(&h), &out.err);
	out.noticed = stage_notice(s);
	helper_close(&h);
	return out;
}

static const char *
outcome_text(const struct outcome *o)
{
	switch (o->ending) {
	case ENDING_WORKED:
		return "worked";
	case ENDING_REFUSED:
		return o->err == 0 ? "failed" : strerrorname_np(o->err);
	case ENDING_KILLED:
		return "killed";
	case ENDING_NO_CAGE:
		return "NO CAGE";
	case ENDING_ODD:
		break;
	}
	return "ODD";
}

/* Held: refused or killed, and nobody noticed. */
static bool
has_held(const struct outcome *o)
{
	return (o->ending == ENDING_REFUSED || o->ending == ENDING_KILLED) &&
	    strcmp(o->noticed, "nothing") == 0;
}

/* An attack that worked in the open and should show, did show. */
static bool
is_seen(const struct attack *attack, const struct outcome *open)
{
	return open->ending != ENDING_WORKED || !attack->leaves_traces ||
	    strcmp(open->noticed, "nothing") != 0;
}

static bool
try_attack(struct stage *s, const struct attack *attack)
{
	struct outcome open = run(s, attack, HELPER_OPEN);
	struct outcome caged = run(s, attack, HELPER_IN_WORKER);
	bool is_well = has_held(&caged) && is_seen(attack, &open);

	(void)printf("%-36s %-13s %-19s %-8s %-19s%s\n", attack->name,
	    outcome_text(&open), open.noticed, outcome_text(&caged),
	    caged.noticed, is_well ? "" : " <- NOT HELD");
	(void)fflush(stdout);
	return is_well;
}

static bool
cage_run(int argc, char **argv)
{
	struct stage s;
	bool is_well = true;
	size_t i, tried = 0;

	if (!stage_open(&s)) {
		(void)printf("cannot set the stage: %s\n", strerror(errno));
		return false;
	}
	(void)printf("%-36s %-13s %-19s %-8s %s\n", "attack", "in the open",
	    "noticed outside", "caged", "noticed outside");
	for (i = 0; i < attacks_count; i++) {
		if (argc > 0 && strstr(attacks[i].name, argv[0]) == NULL)
			continue;
		tried++;
		if (!try_attack(&s, &attacks[i]))
			is_well = false;
	}
	stage_close(&s);
	(void)printf("%zu of %zu attacks tried\n", tried, attacks_count);
	return is_well && tried > 0;
}

const struct part cage_part = { "cage", "[ATTACK]",
	"do what an intruder would, inside a worker's cage", cage_run, true,
	NULL };

/* --- one layer at a time --------------------------------------------------- */

/*
 * While the filter hides it, nobody would notice that another layer does
 * nothing any more.  Limits, the other user and the lost capabilities are in
 * force in every column.
 */
static const struct {
	const char *name;
	unsigned lacks;
} column[] = {
	{ "none",
	    LACKS_LANDLOCK | LACKS_NAMESPACES | LACKS_MDWE | LACKS_SECCOMP },
	{ "namespaces", LACKS_LANDLOCK | LACKS_MDWE | LACKS_SECCOMP },
	{ "landlock", LACKS_NAMESPACES | LACKS_MDWE | LACKS_SECCOMP },
	{ "mdwe", LACKS_LANDLOCK | LACKS_NAMESPACES | LACKS_SECCOMP },
	{ "seccomp", LACKS_LANDLOCK | LACKS_NAMESPACES | LACKS_MDWE },
};
#define COLUMNS (sizeof(column) / sizeof(column[0]))

static bool
try_alone(struct stage *s, const struct attack *attack)
{
	bool is_well = true;
	size_t i;

	(void)printf("%-36s", attack->name);
	for (i = 0; i < COLUMNS; i++) {
		struct outcome o =
		    run(s, attack, HELPER_IN_REST + column[i].lacks);

		(void)printf(" %-12s", outcome_text(&o));
		is_well &= o.ending != ENDING_NO_CAGE;
	}
	(void)printf("\n");
	(void)fflush(stdout);
	return is_well;
}

static bool
alone_run(int argc, char **argv)
{
	struct stage s;
	bool is_well = true;
	size_t i;

	(void)argc;
	(void)argv;
	if (!stage_open(&s)) {
		(void)printf("cannot set the stage: %s\n", strerror(errno));
		return false;
	}
	(void)printf("%-36s", "attack");
	for (i = 0; i < COLUMNS; i++)
		(void)printf(" %-12s", column[i].name);
	(void)printf("\n");
	for (i = 0; i < attacks_count; i++)
		is_well &= try_alone(&s, &attacks[i]);
	stage_close(&s);
	return is_well;
}

const struct part alone_part = { "alone", "",
	"do the same with one layer of the cage at a time", alone_run, true,
	NULL };
