/*
 * charges.c - what the ban says such a program could do, tried on this one.
 *
 * Each row is a sentence that a reader can judge, and a trial whose outcome
 * would be another if the sentence were false.  The same table stands in
 * docs/charges.md; tests/trust/test_charges.py compares them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/charges.h"
#include "cmd/selftest/selftest.h"

#include "sys/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const charges[] = {
	[1] = "it collects what is on the machine",
	[2] = "it can install anything through its updates",
	[3] = "it decides who gets which updates",
	[4] = "its government can order it to",
	[5] = "it knows where it runs and what is weak there",
	[6] = "it can be switched off on a date",
};
#define CHARGES 6

static const struct charge_row rows[] = {
	{ 1, "cage",
	    "the process that reads files can do nothing but read and "
	    "answer: 37 ways out are tried from inside",
	    charge_cage },
	{ 1, "numbers",
	    "what it answers is numbers in their ranges, or it is "
	    "replaced",
	    charge_frames },
	{ 1, "silence",
	    "no process of a scan opens a connection: the kernel "
	    "would kill whoever tried",
	    charge_silence },
	{ 2, "bit", "an update with one bit changed, anywhere, is refused",
	    charge_bit },
	{ 2, "two-of-five",
	    "two signatures where three of five are needed are "
	    "refused",
	    charge_two_of_five },
	{ 2, "unlogged",
	    "a release with good signatures that is not in the "
	    "public log is refused",
	    charge_unlogged },
	{ 2, "poison",
	    "a published database that calls the system's shell "
	    "malware is not used",
	    charge_poison },
	{ 2, "data", "nothing that an update leaves can be executed",
	    charge_data },
	{ 3, "quorum",
	    "a log that four of seven witnesses vouch for is not "
	    "believed: five must",
	    charge_quorum },
	{ 3, "two-faces",
	    "a log that shows one person another face is found "
	    "out, and the proof is kept",
	    charge_two_faces },
	{ 3, "rollback", "older signatures are not taken for newer ones",
	    charge_rollback },
	{ 3, "held-back", "who is held back for three days is told so",
	    charge_held_back },
	{ 3, "stick",
	    "an update from a folder is as good as one from the "
	    "network, with no network at all",
	    charge_stick },
	{ 4, "keys",
	    "new keys that are not in the public log are refused, "
	    "though the old ones signed them",
	    charge_keys },
	{ 4, "request",
	    "an update asks a server for named files and tells it "
	    "nothing: these bytes, no other",
	    charge_request },
	{ 5, "same",
	    "two machines ask for the same bytes and keep the same "
	    "bytes",
	    charge_same },
	{ 6, "2040",
	    "in the year 2040, offline, with expired keys, it says so "
	    "and still finds what it found",
	    charge_2040 },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static bool
run_row(struct bench *b, const struct charge_row *r)
{
	uint64_t start = clock_milliseconds();
	bool holds = bench_open(b) && r->run(b);

	bench_close(b);
	(void)printf("  %-4s %-12s %s  (%.1f s)\n", holds ? "ok" : "FAIL",
	    r->name, r->claim, (double)(clock_milliseconds() - start) / 1000);
	if (!holds)
		(void)printf("       because: %s\n", b->why);
	(void)fflush(stdout);
	return holds;
}

/* All rows of a charge (0: of all), or the one of that name. */
static bool
run_rows(unsigned charge, const char *name, size_t *count)
{
	struct bench *b = malloc(sizeof(*b));
	unsigned last = 0;
	bool is_well = b != NULL;
	size_t i;

	*count = 0;
	for (i = 0; i < ROWS && b != NULL; i++) {
		if ((charge != 0 && rows[i].charge != charge) ||
		    (name != NULL && strcmp(rows[i].name, name) != 0))
			continue;
		if (rows[i].charge != last)
			(void)printf("Charge %u: %s\n", rows[i].charge,
			    charges[rows[i].charge]);
		last = rows[i].charge;
		is_well = run_row(b, &rows[i]) && is_well;
		(*count)++;
	}
	free(b);
	return is_well;
}

/* The charge that a word is the number of, or 0. */
static unsigned
charge_of(const char *word)
{
	bool is_one =
	    word[0] >= '1' && word[0] <= '0' + CHARGES && word[1] == '\0';

	return is_one ? (unsigned)(word[0] - '0') : 0;
}

static bool
knows(const char *word)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, word) == 0)
			return true;
	return charge_of(word) != 0;
}

static bool
run_part(int argc, char **argv)
{
	bool is_well = true;
	size_t count = 0, more;
	int i;

	if (argc == 0)
		is_well = run_rows(0, NULL, &count);
	for (i = 0; i < argc; i++) {
		unsigned charge = charge_of(argv[i]);

		is_well &=
		    run_rows(charge, charge == 0 ? argv[i] : NULL, &more);
		count += more;
	}
	(void)printf("%zu trial%s\n", count, count == 1 ? "" : "s");
	return is_well;
}

const struct part charges_part = {
	.name = "charges",
	.arguments = "[N|NAME]...",
	.meaning = "what the ban says such a program could do, tried",
	.run = run_part,
	.knows = knows,
	.needs_ordinary = true,
};
