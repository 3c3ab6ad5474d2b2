/*
 * candor-selftest - try to break out, and see whether anything comes of it.
 *
 * Shipped, so that anybody can ask the installed program on his own machine
 * whether it is as closed as we say.  It uses the same sandbox_enter(), the
 * same candor-worker and the same crew as a scan does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/selftest.h"

#include "sys/sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct part *const parts[] = { &cage_part, &alone_part,
	&calls_part, &layers_part, &view_part, &frames_part, &charges_part };
#define PARTS (sizeof(parts) / sizeof(parts[0]))

static void
print_usage(FILE *to)
{
	size_t i;

	(void)fprintf(to,
	    "usage: candor-selftest [PART [ARGUMENT...]]\n"
	    "Without PART, all of these one after another:\n\n");
	for (i = 0; i < PARTS; i++)
		(void)fprintf(to, "  %-7s %-11s %s\n", parts[i]->name,
		    parts[i]->arguments, parts[i]->meaning);
	(void)fprintf(to,
	    "\nExit: 0 everything held, 1 something did not, 64 usage.\n");
}

static bool
run(const struct part *part, int argc, char **argv)
{
	bool is_well;

	if (part->needs_ordinary && !sandbox_is_ordinary()) {
		(void)printf("%s: SKIP (built with sanitizers, which need a "
			     "wider filter)\n\n",
		    part->name);
		return true;
	}
	is_well = part->run(argc, argv);
	(void)printf("%s: %s\n\n", part->name, is_well ? "PASS" : "FAIL");
	(void)fflush(stdout);
	return is_well;
}

/* Nothing held as far as anybody can tell whom nothing reached. */
static bool
is_written(void)
{
	bool is_fine = fflush(stdout) == 0 && ferror(stdout) == 0;

	if (!is_fine)
		(void)fputs("candor-selftest: the output could not be "
			    "written\n",
		    stderr);
	return is_fine;
}

static int
run_all(void)
{
	bool is_well = true;
	size_t i;

	for (i = 0; i < PARTS; i++)
		if (!run(parts[i], 0, NULL))
			is_well = false;
	return is_well && is_written() ? 0 : 1;
}

/* A part that was named, if all that was said of it makes sense. */
static int
run_named(const struct part *part, int argc, char **argv)
{
	bool is_well;
	int i;

	for (i = 0; i < argc; i++)
		if (part->knows != NULL && !part->knows(argv[i])) {
			(void)fprintf(stderr, "%s: there is no trial '%s'\n",
			    part->name, argv[i]);
			return 64;
		}
	is_well = run(part, argc, argv);
	return is_well && is_written() ? 0 : 1;
}

int
main(int argc, char **argv)
{
	size_t i;

	(void)signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		return run_all();
	if (strcmp(argv[1], "lie") == 0)
		return frames_lie(argc - 2, argv + 2);
	if (strcmp(argv[1], "--help") == 0) {
		print_usage(stdout);
		return 0;
	}
	for (i = 0; i < PARTS; i++)
		if (strcmp(argv[1], parts[i]->name) == 0)
			return run_named(parts[i], argc - 2, argv + 2);
	print_usage(stderr);
	return 64;
}
