/*
 * charge_scan.c - trials about looking at files.  See charges.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/charges.h"

#include <string.h>

/* One of our own parts, run as anybody could: its last line says PASS. */
static bool
passes(struct bench *b, const char *part, const char *argument)
{
	const char *const word[] = { part, argument, NULL };

	return (bench_run(b, false, "candor-selftest", word) == 0 &&
		   strstr(b->said, ": PASS") != NULL) ||
	    bench_fail(b, "see candor-selftest %s", part);
}

bool
charge_cage(struct bench *b)
{
	return passes(b, "cage", NULL) && passes(b, "view", NULL);
}

bool
charge_frames(struct bench *b)
{
	/* Each lie once; without "each" random bits as well. */
	return passes(b, "frames", "each");
}

bool
charge_silence(struct bench *b)
{
	if (!charge_begin(b, "a"))
		return false;
	if (!bench_finds(b, true, "a", CHARGE_TEXT))
		return bench_fail(b,
		    "a scan without sockets does not find what it should");
	/* The net would catch something: who asks the web is killed in it. */
	return bench_machine(b, "b", "http://127.0.0.1:1/") &&
	    ((bench_update_without_network(b, "b") != 0 &&
		 strstr(b->said, "signal") != NULL) ||
		bench_fail(b, "the trap does not work"));
}
