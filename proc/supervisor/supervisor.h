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

#define ROLES          4u      /* enum duty_role: 1 to ROLES */
#define START_MS       120000u /* to get ready */
#define PING_MS        5000u
#define PONG_MS        10000u
#define STOP_MS        10000u
#define BACKOFF_MS     100u /* doubled with each early death, up to: */
#define BACKOFF_TOP    10000u
#define COMES_MS       5000u  /* who comes by itself, or it is told */
#define LIVES_LONG_MS  10000u /* a death after that is not an early one */
#define LISTENS        16u
#define CLIENTS        32u
#define SOURCES        64u
#define CONFIG_PATH    "/etc/candor/candor.conf"
#define LINE_MAX_ASKED 4400u /* of who asks on the control socket */
#define ADDED_MAX      64u
#define GUARD_OFF_MOST (7u * 86400) /* seconds */

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
	int pidfd; /* of one that came by itself; -1: it is our child */
	uint64_t missed_ms; /* since when such a one is wanted; 0: it is here */
	bool is_missed;     /* and that was told */
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
	char asked[LINE_MAX_ASKED];
	size_t asked_size;
	char *out;
	size_t size, sent;
	uint32_t lost;
};

/* An exclusion that ends with candord. */
struct added {
	enum config_key key;
	char *value; /* owned */
};

struct supervisor {
	const char *config_path;            /* NULL: there is none */
	char drop_ins[1100];                /* folder of more of it */
	uint8_t given[CONFIG_FILE_MAX + 1]; /* the files, one after another */
	size_t given_size;
	struct added added[ADDED_MAX];
	size_t added_count;
	bool is_guard_off;
	uint64_t guard_on_ms; /* when it is on again; 0: when it is told */
	bool is_foreground, is_plain; /* plain: events on stderr */
	struct config config;
	alignas(max_align_t) uint8_t config_memory[2][CONFIG_ARENA];
	bool is_second; /* of the two is in use: texts are in its memory */
	int config_fd;  /* sealed memfd */
	struct process process[ROLES + 1];
	int post[ROLES + 1]; /* listening for who comes by itself, or -1 */
	struct listening listening[LISTENS];
	size_t listening_count;
	int control, events; /* listening */
	char control_path[108], events_path[108];
	struct client client[CLIENTS];
	struct sources sources;
	struct spawned builder; /* of a database from texts; pid -1: none */
	char build_path[300];
	bool is_told_ready, is_stopping, is_reloading;
	bool has_failed; /* there never were databases */
	uint64_t stop_ms, watchdog_ms, barked_ms;
	uint64_t start_time; /* seconds since 1970 */
	uid_t uid;           /* for AMBER processes; -1: ours */
	gid_t gid;
};

/* --- settings.c: the configuration --------------------------------------- */

/* Read the files and put them in force; complaints go to stderr, and then
   nothing is changed. */
bool settings_read(struct supervisor *s);

/* The same with what was read last: something was added to it, or taken. */
bool settings_renew(struct supervisor *s);

/* --- switches.c: what root changed since the start ------------------------ */

/* What is wrong with it, or NULL. */
const char *switches_exclude(struct supervisor *s, const char *kind,
    const char *value, uint32_t uid);
const char *switches_include(struct supervisor *s, const char *kind,
    const char *value, uint32_t uid);
const char *switches_guard_off(struct supervisor *s, uint64_t seconds,
    uint32_t uid);
const char *switches_guard_on(struct supervisor *s, uint32_t uid);

/* Append what was excluded as text of a configuration. */
bool switches_add(const struct supervisor *s, uint8_t *to, size_t room,
    size_t *size);

/* All that is excluded. */
void switches_list(const struct supervisor *s,
    void (*tell)(void *ctx, const char *kind, bool is_added, const char *value),
    void *ctx);

/* Seconds until the guard is on again; 0: nobody said when. */
uint64_t switches_guard_left(const struct supervisor *s);
void switches_turn(struct supervisor *s);

/* --- sources.c: databases ------------------------------------------------ */

/*
 * Open what the configuration names as the next generation; false: nothing
 * changed, and why.  If there are texts among it, *is_building is true and
 * sources_finish() comes later.
 */
bool sources_open(struct supervisor *s, bool *is_building, struct why *why);

/* The builder ended with this status. */
bool sources_finish(struct supervisor *s, int status, struct why *why);

/* The feed of a database in use that event_base() names, as feed_of_path(). */
struct cur sources_feed(const struct sources *s, uint32_t base);

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

/* --- attach.c: processes that come by themselves -------------------------- */

/* Take the sockets for those that a service manager gave. */
void attach_open(struct supervisor *s);

/* Is one there?  Then it has a channel from now on. */
bool attach_take(struct supervisor *s, uint32_t role);

/* --- events.c ------------------------------------------------------------ */

/* Tell an event that process (0: candord itself) said. */
void events_tell(struct supervisor *s, uint32_t role, const struct event *e);

/* One of our own. */
__attribute__((format(printf, 4, 5))) void events_note(struct supervisor *s,
    enum event_kind kind, enum event_level level, const char *format, ...);

/* --- status.c ------------------------------------------------------------- */

/* How everything is, as lines; text is the caller's to free. */
void status_write(const struct supervisor *s, bool is_admin, char **text,
    size_t *size);

/* --- control.c ----------------------------------------------------------- */

bool control_open(struct supervisor *s, struct why *why);
void control_accept(struct supervisor *s, int listening, bool is_events);
void control_hear(struct supervisor *s, struct client *c);
void control_flush(struct client *c);
void control_close(struct client *c);
void control_end(struct supervisor *s);

/* --- main.c -------------------------------------------------------------- */

bool supervisor_configure(struct supervisor *s); /* false: it has errors */
/* False: something was refused, and told. */
bool supervisor_reload(struct supervisor *s);
void supervisor_stop(struct supervisor *s);

/* Bind the guard's socket, if the guard is wanted and it is not there yet. */
void supervisor_open_guard(struct supervisor *s);

#endif
