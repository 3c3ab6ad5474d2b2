/*
 * front.h - what the parts of the clamd front share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CLAMD_FRONT_H
#define CANDOR_PROC_CLAMD_FRONT_H

#include "lib/wire/event.h"
#include "proc/asker/asker.h"
#include "proc/clamd/settings.h"
#include "proc/clamd/stream.h"
#include "proc/walker/protocol.h"
#include "sys/ready.h"

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

/* Walkers of all clients. */
#define PATHS_MOST 64u

/* Read from a client at once. */
#define FRONT_SCRATCH ((size_t)256 << 10)

struct client;
struct walk;
struct walker;
struct front;

/* What the supervisor is asked for on behalf of an administrator. */
typedef void (*front_want_fn)(struct front *f, uint32_t want, uint32_t uid);

/* What was found, for whoever hears events. */
typedef void (*front_tell_fn)(struct front *f, const struct event *e);

struct front {
	struct ready ready;
	struct settings settings;
	struct streams streams;
	struct client *first;         /* all clients */
	size_t clients, clients_most; /* as many as there can be descriptors */
	size_t held_back; /* clients that are not read for want of room */
	size_t files, files_max; /* descriptors of what is to be scanned */
	bool is_exhausted; /* accept() failed; try again after the next sweep */
	bool has_room;     /* somebody held back may be able to go on */
	struct asker *asker;
	struct ready_watch broker;
	uint64_t built; /* the newest database, seconds since 1970; or 0 */
	struct walker *walkers_free, *walkers_buried;
	struct walk *walks_line; /* who wait for a walker */
	size_t walkers;
	struct walker *walking[PATHS_MOST]; /* those that have a walk */
	size_t walking_count;
	struct stream
	    *pressed; /* the oldest, at the last sweep under pressure */
	uint64_t pressed_size;
	unsigned pressed_slow; /* sweeps in which it hardly grew */
	uint8_t record[WALKER_RECORD];
	front_want_fn want; /* enum duty_want */
	uid_t owner; /* who started candord: an administrator, as root is */
	front_tell_fn tell;
	struct client *buried; /* to be freed after this turn */
	uint64_t now_ms;
	uint64_t commands; /* ever */
	uint8_t scratch[FRONT_SCRATCH];
};

#endif
