/*
 * supervisor.h - what candord holds, and its parts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_SUPERVISOR_SUPERVISOR_H
#define CANDOR_PROC_SUPERVISOR_SUPERVISOR_H

#include "lib/db/db.h"
#include "lib/policy/config.h"
#include "lib/wire/duty.h"
#include "sys/spawn.h"

#include <sys/types.h>

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROLES         4u      /* enum duty_role: 1 to ROLES */
#define START_MS      120000u /* to get ready */
#define PING_MS       5000u
#define PONG_MS       10000u
#define STOP_MS       10000u
#define BACKOFF_MS    100u /* doubled with each early death, up to: */
#define BACKOFF_TOP   10000u
#define LIVES_LONG_MS 10000u /* a death after that is not an early one */
#define LISTENS       16u
#define CLIENTS       32u
#define SOURCES       64u

enum process_state {
	PROCESS_OFF,     /* not configured, or waiting to be started again */
	PROCESS_STARTED, /* until READY */
	PROCESS_READY,
	PROCESS_STOPPING
};

struct process {
	enum process_state state;
	bool is_wanted;
	struct spawned spawned;
	uint64_t since_ms, again_ms; /* in this state; when to start it */
	uint64_t ping, ping_ms, pong_ms;
	uint32_t restarts, early;
	uint64_t metric[METRIC_MAX];
	bool has_metric[METRIC_MAX];
};

/* A listening socket, kept over deaths of who serves it. */
struct listening {
	uint32_t what; /* enum duty_listen */
	uint32_t role;
	int fd;
	char path[108]; /* to be removed at the end; empty: inherited, TCP */
};

/* The databases to be used, opened. */
struct sources {
	uint64_t generation;
	int fd[DB_MAX];
	char path[DB_MAX][256]; /* what status says */
	size_t count;
};

/* Who speaks on the control or the event socket. */
struct client {
	int fd;           /* -1: free */
	bool is_listener; /* of events */
	bool is_admin, is_done;
	uint32_t uid;
	char asked[64];
	size_t asked_size;
	char *out;
	size_t size, sent;
	uint32_t lost;
};

struct supervisor {
	const char *config_path;
	bool is_foreground, is_plain; /* plain: events on stderr */
	struct config config;
	alignas(max_align_t) uint8_t config_memory[2][CONFIG_ARENA];
	bool is_second; /* of the two is in use */
	int config_fd;  /* sealed memfd */
	struct process process[ROLES + 1];
	struct listening listening[LISTENS];
	size_t listening_count;
	int control, events; /* listening */
	char control_path[108], events_path[108];
	struct client client[CLIENTS];
	struct sources sources;
	struct spawned builder; /* of a database from texts; pid -1: none */
	char build_path[300];
	bool is_told_ready, is_stopping, is_reloading;
	uint64_t stop_ms, watchdog_ms, barked_ms;
	uint64_t start_time; /* seconds since 1970 */
	uid_t uid;           /* for AMBER processes; -1: ours */
	gid_t gid;
};

/* --- settings.c: the configuration --------------------------------------- */

/* Read the file (NULL: all defaults) into c; complaints go to stderr. */
bool settings_read(const char *path, struct config *c, uint8_t *memory,
    int *fd);

/* --- sources.c: databases ------------------------------------------------ */

/*
 * Open what the configuration names as the next generation; false: nothing
 * changed, and why.  If there are texts among it, *is_building is true and
 * sources_finish() comes later.
 */
bool sources_open(struct supervisor *s, bool *is_building, struct why *why);

/* The builder ended with this status. */
bool sources_finish(struct supervisor *s, int status, struct why *why);

/* --- processes.c --------------------------------------------------------- */

void processes_begin(struct supervisor *s); /* which are wanted */
void processes_turn(struct supervisor *s);  /* start, ping, give up */
void processes_hear(struct supervisor *s, uint32_t role);
void processes_reap(struct supervisor *s);
void processes_send_databases(struct supervisor *s);
void processes_send_config(struct supervisor *s);
void processes_stop(struct supervisor *s);
bool processes_are_ready(const struct supervisor *s);
bool processes_are_gone(const struct supervisor *s);

/* --- events.c ------------------------------------------------------------ */

/* Tell an event that process (0: candord itself) said. */
void events_tell(struct supervisor *s, uint32_t role, const struct event *e);

/* One of our own. */
__attribute__((format(printf, 4, 5))) void events_note(struct supervisor *s,
    enum event_kind kind, enum event_level level, const char *format, ...);

/* --- control.c ----------------------------------------------------------- */

bool control_open(struct supervisor *s, struct why *why);
void control_accept(struct supervisor *s, int listening, bool is_events);
void control_hear(struct supervisor *s, struct client *c);
void control_flush(struct client *c);
void control_close(struct client *c);
void control_end(struct supervisor *s);

/* --- main.c -------------------------------------------------------------- */

void supervisor_reload(struct supervisor *s);
void supervisor_stop(struct supervisor *s);

#endif
