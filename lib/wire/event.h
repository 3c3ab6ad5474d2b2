/*
 * event.h - what is worth telling, and the numbers that are counted.
 *
 * Any process of candord says an event once, to the supervisor (lib/wire/
 * duty.h), which writes it to the journal and to whoever listens on the event
 * socket.  Kinds and metrics are tables: the JSON, the journal fields and the
 * OpenMetrics names are made from them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_WIRE_EVENT_H
#define CANDOR_WIRE_EVENT_H

#include "lib/base/verdict.h"

#include <stddef.h>
#include <stdint.h>

/* As syslog's, so that they need no translation. */
enum event_level {
	EVENT_ERROR = 3,
	EVENT_WARNING = 4,
	EVENT_NOTICE = 5,
	EVENT_INFO = 6,
	EVENT_DEBUG = 7
};

/* Append only: crosses processes, and programs read the words. */
#define EVENT_TABLE                                                           \
	EVENT(NOTE, 1, "note")         /* text says all */                    \
	EVENT(STARTED, 2, "started")   /* a process of candord */             \
	EVENT(DIED, 3, "died")         /* one that is going to be replaced */ \
	EVENT(STOPPED, 4, "stopped")   /* candord */                          \
	EVENT(RELOADED, 5, "reloaded") /* databases or configuration */       \
	EVENT(REFUSED, 6, "refused")   /* a reload; the old stays in force */ \
	EVENT(DETECTED, 7, "detected")                                        \
	EVENT(BLOCKED, 8, "blocked") /* an open or exec was denied */         \
	EVENT(UNSCANNED, 9, "unscanned")                                      \
	EVENT(OVERRUN, 10, "overrun") /* no verdict before the deadline */    \
	EVENT(GAP, 11, "gap")         /* the guard was away */                \
	EVENT(QUARANTINED, 12, "quarantined")                                 \
	EVENT(RESTORED, 13, "restored")                                       \
	EVENT(DELETED, 14, "deleted") /* from quarantine */                   \
	EVENT(DENIED, 15, "denied")   /* somebody asked what he may not */    \
	EVENT(CHANGED, 16, "changed") /* root switched or excluded */

enum event_kind {
#define EVENT(tag, number, word) EVENT_##tag = (number),
	EVENT_TABLE
#undef EVENT
};

#define EVENT_NAME_MAX 288u
#define EVENT_TEXT_MAX 160u
#define EVENT_PATH_MAX 4096u

/*
 * One event.  Sizes are of the bytes in use; what is not known is 0 or empty.
 * path holds bytes as the kernel has them: whoever prints them escapes them.
 */
struct event {
	uint32_t kind;            /* enum event_kind */
	uint32_t level;           /* enum event_level */
	uint32_t verdict, reason; /* enum verdict, enum unscanned */
	uint32_t pid, uid; /* who opened, executed, asked; uid UINT32_MAX: not
	                      known */
	uint32_t name_size, text_size, path_size;
	uint32_t base;             /* whose the signature is: event_base() */
	uint64_t size;             /* of the file */
	char name[EVENT_NAME_MAX]; /* signature, or process of candord */
	char text[EVENT_TEXT_MAX]; /* more, for a person */
	char path[EVENT_PATH_MAX];
};

/*
 * One database (from 0) of one generation in a word, never 0.  Generations
 * that lie a multiple of 2^24 apart look alike.
 */
static inline uint32_t
event_base(uint64_t generation, uint32_t database)
{
	return (uint32_t)(generation << 8) | ((database + 1) & 0xff);
}

/* The word of the table; NULL if there is no such kind. */
const char *event_word(uint32_t kind);

/*
 * Numbers a process tells the supervisor, and candor status --metrics prints.
 * A counter only grows while its process lives.
 */
enum metric_type {
	METRIC_COUNTER,
	METRIC_GAUGE
};

#define METRIC_TABLE                                                           \
	METRIC(WORKERS, 1, GAUGE, "workers", "worker processes")               \
	METRIC(BUSY, 2, GAUGE, "workers_busy", "workers with a file")          \
	METRIC(WAITING, 3, GAUGE, "requests_waiting",                          \
	    "files without a worker")                                          \
	METRIC(FRONTS, 4, GAUGE, "connections", "connections to the broker")   \
	METRIC(ASKED, 5, COUNTER, "requests", "files that were to be scanned") \
	METRIC(ANSWERED, 6, COUNTER, "answers", "verdicts given")              \
	METRIC(INFECTED, 7, COUNTER, "infected", "files that are infected")    \
	METRIC(SUSPICIOUS, 8, COUNTER, "suspicious",                           \
	    "files that are suspicious")                                       \
	METRIC(UNSCANNED, 9, COUNTER, "unscanned",                             \
	    "files not wholly looked at, and nothing found")                   \
	METRIC(CRASHED, 10, COUNTER, "worker_crashes",                         \
	    "workers that died at a file")                                     \
	METRIC(BYTES, 11, COUNTER, "scanned_bytes", "bytes searched")          \
	METRIC(GENERATION, 12, GAUGE, "database_generation",                   \
	    "which databases are in use, counted from 1")                      \
	METRIC(SIGNATURES, 13, GAUGE, "signatures", "signatures in use")       \
	METRIC(BUILT, 14, GAUGE, "database_timestamp_seconds",                 \
	    "when the newest database was made")                               \
	METRIC(LAYERS, 15, GAUGE, "cage_layers", "set of layers in force")     \
	METRIC(CLIENTS, 32, GAUGE, "clamd_clients", "clamd connections")       \
	METRIC(COMMANDS, 33, COUNTER, "clamd_commands",                        \
	    "commands of the clamd protocol")                                  \
	METRIC(STREAM_BYTES, 34, GAUGE, "clamd_stream_bytes",                  \
	    "memory held for streams")                                         \
	METRIC(GUARD_STATE, 48, GAUGE, "guard_state",                          \
	    "0 off, 1 reports, 2 prevents")                                    \
	METRIC(GUARD_MARKS, 49, GAUGE, "guard_filesystems",                    \
	    "filesystems that are watched")                                    \
	METRIC(GUARD_EVENTS, 50, COUNTER, "guard_events",                      \
	    "opens and executions the kernel asked about")                     \
	METRIC(GUARD_DENIED, 51, COUNTER, "guard_denied",                      \
	    "opens and executions that were denied")                           \
	METRIC(GUARD_OVERRUNS, 52, COUNTER, "guard_overruns",                  \
	    "answers given without a verdict because of the deadline")         \
	METRIC(GUARD_WAITING, 53, GAUGE, "guard_waiting",                      \
	    "programs that wait for a verdict")                                \
	METRIC(GUARD_LOOKS, 54, GAUGE, "guard_looks",                          \
	    "files that the guard looks at or has still to look at")           \
	METRIC(VAULT_FILES, 64, GAUGE, "quarantine_files",                     \
	    "files in quarantine")                                             \
	METRIC(VAULT_BYTES, 65, GAUGE, "quarantine_bytes",                     \
	    "bytes in quarantine")

enum metric_id {
#define METRIC(tag, number, type, name, help) METRIC_##tag = (number),
	METRIC_TABLE
#undef METRIC
};

#define METRIC_MAX 128u /* ids are below it */

struct metric_row {
	uint32_t id;
	enum metric_type type;
	const char *name; /* without "candor_" and "_total" */
	const char *help;
};

/* The row of a metric, or NULL; and all of them. */
const struct metric_row *metric_row(uint32_t id);
const struct metric_row *metric_rows(size_t *count);

#endif
