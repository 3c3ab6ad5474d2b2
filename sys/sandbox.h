/*
 * sandbox.h - give up everything but the work at hand, for good.
 *
 * sandbox_enter() is called once, early in main() of a program that is going
 * to read bytes an enemy may have chosen.  Afterwards the process can read
 * the descriptors it holds or is sent, compute, and answer on its channel.
 * There is no way back, and no way out that does not need a bug in the
 * kernel.  docs/cage.md tells what each layer is for and how to look at it.
 *
 * The system calls that remain are one table, promises.def.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_SANDBOX_H
#define CANDOR_SYS_SANDBOX_H

#include "lib/base/why.h"

#include <stddef.h>
#include <stdint.h>

enum sandbox_profile {
	SANDBOX_WORKER,  /* reads descriptors, answers on the channel */
	SANDBOX_COMPILER /* also writes to descriptors it was given */
};

/* What can be in force.  Append only: crosses processes. */
#define SANDBOX_LAYER_TABLE                                      \
	SANDBOX_LAYER(SECCOMP, 0, "seccomp")                     \
	SANDBOX_LAYER(NO_NEW_PRIVILEGES, 1, "no-new-privileges") \
	SANDBOX_LAYER(NOT_ROOT, 2, "not-root")                   \
	SANDBOX_LAYER(NO_CAPABILITIES, 3, "no-capabilities")     \
	SANDBOX_LAYER(LIMITS, 4, "limits")                       \
	SANDBOX_LAYER(UNDUMPABLE, 5, "undumpable")               \
	SANDBOX_LAYER(EMPTY_ROOT, 6, "empty-root")               \
	SANDBOX_LAYER(NO_NETWORK, 7, "no-network")               \
	SANDBOX_LAYER(OWN_USERS, 8, "own-users")                 \
	SANDBOX_LAYER(OWN_PROCESSES, 9, "own-processes")         \
	SANDBOX_LAYER(OWN_IPC, 10, "own-ipc")                    \
	SANDBOX_LAYER(OWN_HOSTNAME, 11, "own-hostname")          \
	SANDBOX_LAYER(NO_NEW_CODE, 12, "no-new-code")            \
	SANDBOX_LAYER(LANDLOCK, 13, "landlock")                  \
	SANDBOX_LAYER(LANDLOCK_NETWORK, 14, "landlock-network")

enum sandbox_layer {
#define SANDBOX_LAYER(tag, bit, text) SANDBOX_##tag = 1 << (bit),
	SANDBOX_LAYER_TABLE
#undef SANDBOX_LAYER
};

/*
 * Enter.  False, and why, if the layers nothing can stand in for (seccomp, no
 * new privileges, no capabilities) cannot be had: then nothing may be
 * scanned.  *layers says what is in force.  For a process with one thread.
 */
bool sandbox_enter(enum sandbox_profile profile, uint32_t *layers,
    struct why *why);

/*
 * Is the second wall missing: neither an empty root without a network, nor
 * Landlock over files and network?  Then scanning goes on behind seccomp
 * alone, and every report says DEGRADED.
 */
bool sandbox_is_degraded(uint32_t layers);

/* Words for the layers in (or, inverted, missing from) a set, with commas. */
void sandbox_say(uint32_t layers, char *out, size_t size);

/*
 * Is call number nr, on this machine, in the table for the profile?  *rule is
 * then a word for the condition on its arguments, or NULL.
 */
bool sandbox_allows(enum sandbox_profile profile, long nr, const char **name,
    const char **rule);

/* False in sanitizer builds, whose filter is wider and which never ship. */
bool sandbox_is_ordinary(void);

#endif
