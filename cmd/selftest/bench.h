/*
 * bench.h - a place to try the installed programs on: a folder of our own, a
 * publisher on paper, and what came of it.
 *
 * The publisher is tests/trust/t_feed.h: keys that are no secret, witnesses
 * that say what they are told to, clocks of the year 2025.  What it publishes
 * is given to the shipped candor update, as a mirror would.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SELFTEST_BENCH_H
#define CANDOR_CMD_SELFTEST_BENCH_H

#include "tests/trust/t_feed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_TEXT 65536u /* bytes of what a program says that are kept */
#define BENCH_PATH 200u

struct bench {
	char folder[64]; /* ours, removed in the end */
	char said[BENCH_TEXT];
	char why[160]; /* what was not as it should be */
	struct t_feed feed;
	uint64_t clock; /* by which programs judge */
};

/* One at a time: it is large, and there is one clock. */
bool bench_open(struct bench *b);
void bench_close(struct bench *b);

/* Say what is wrong; false. */
__attribute__((format(printf, 2, 3))) bool bench_fail(struct bench *b,
    const char *format, ...);

/* A path in our folder; lent until the fourth call after. */
const char *bench_path(const char *folder, const char *name);

bool bench_write(const char *path, const void *bytes, size_t size);

/*
 * Run a program of ours to its end, words ending with NULL; what it says goes
 * to b->said.  Its exit status, or -1 if it was killed or took a minute.
 * With no_network, whoever below it opens a socket to a network is killed.
 */
int bench_run(struct bench *b, bool no_network, const char *program,
    const char *const *word);

/* --- a feed, and a machine that takes it --------------------------------- */

/* A database that finds a text; compiled by candor db build. */
bool bench_database(struct bench *b, const char *name, const char *pattern);

/* Append a release of that database; keys that sign: bit i, key i. */
bool bench_release(struct bench *b, const char *database, uint32_t signers);

/* Write what a mirror serves, into the folder mirror. */
bool bench_publish(struct bench *b, const struct t_view *v);

/* Set a machine (a folder of that name) up to take the feed, from a mirror. */
bool bench_machine(struct bench *b, const char *machine, const char *mirror);

/* candor update there: its exit status. */
int bench_update(struct bench *b, const char *machine);

/* The same, where whoever opens a socket to a network is killed. */
int bench_update_without_network(struct bench *b, const char *machine);

/* What candor feed list says of it: does it begin with that word? */
bool bench_is(struct bench *b, const char *machine, const char *word);

/* The release in use there, "" for none; lent until the next call. */
const char *bench_current(const struct bench *b, const char *machine);

/* Does a scan with what is installed there find the text? */
bool bench_finds(struct bench *b, bool no_network, const char *machine,
    const char *text);

#endif
