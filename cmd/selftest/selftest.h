/*
 * selftest.h - the parts of candor-selftest.
 *
 * Each prints a table for people and returns whether all of it was as it
 * should be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SELFTEST_SELFTEST_H
#define CANDOR_CMD_SELFTEST_SELFTEST_H

#include <sys/types.h>

#include <stdbool.h>

struct part {
	const char *name;
	const char *arguments; /* as usage shows them */
	const char *meaning;
	bool (*run)(int argc, char **argv);
	bool needs_ordinary; /* says nothing about a sanitizer build */
	bool (*knows)(const char *argument); /* NULL: whatever is said */
};

extern const struct part cage_part, alone_part;
extern const struct part calls_part;
extern const struct part layers_part;
extern const struct part view_part;
extern const struct part frames_part;
extern const struct part charges_part;

/* frames.c: be the worker that lies. */
int frames_lie(int argc, char **argv);

/* --- layers.c: a kernel that lacks something ------------------------------- */

#define LACKS_LANDLOCK   1u
#define LACKS_NAMESPACES 2u
#define LACKS_MDWE       4u
#define LACKS_SECCOMP    8u

/* From now on this process has such a kernel. */
bool layers_lack(unsigned what);

/* --- helper.c: things every part needs ------------------------------------ */

enum helper_place {
	HELPER_OPEN, /* no cage; only not root */
	HELPER_IN_WORKER,
	HELPER_IN_COMPILER,
	/* What is left of a worker's where the kernel lacks these; LACKS_ are
	   added to it. */
	HELPER_IN_REST = 16
};

/*
 * Run what() in a process of its own, in one of those cages or none.
 * Descriptor 3 is a channel to us, 4 is file (unless -1).
 */
struct helper {
	pid_t pid;
	int channel;
};
bool helper_start(struct helper *h, unsigned where, int file,
    void (*what)(void *ctx), void *ctx);

/* How it ended: its wait status, or -1 if it had to be killed after 5 s. */
int helper_wait(struct helper *h);

/* In the helper: say two bytes to whoever started it. */
void helper_say(unsigned char a, unsigned char b);

/* By whoever started it, after helper_wait(): what it said, if anything. */
bool helper_heard(const struct helper *h, unsigned char said[2]);

void helper_close(struct helper *h);

/*
 * Stop being root, who could do anything: what a cage adds is shown with a
 * nobody.  Where there is no other user (some containers) stay.
 */
bool helper_be_nobody(void);

#define HELPER_NOBODY  65534u
#define HELPER_CHANNEL 3
#define HELPER_FILE    4
#define HELPER_UNCAGED 77 /* exit status: the cage could not be entered */

#endif
