/*
 * clamd.h - the protocol ClamAV's daemon is asked by, read and written.
 *
 * Spec:    clamd(8), "COMMANDS" and "NOTES"; what the manual leaves open is
 *          as clamd 1.4.6 answered (tests/e2e/test_clamd.py asks it again).
 * Input:   hostile; read through struct cur only.
 * Limits:  CLAMD_LINE_MAX bytes of a command; a chunk of a stream is lent in
 *          pieces, so nothing is kept here.
 *
 * A command comes in one of three forms, and its reply ends accordingly:
 *
 *   nCOMMAND\n   reply ends in \n
 *   zCOMMAND\0   reply ends in \0
 *   COMMAND      bare, the old form: what one packet holds, up to its first
 *                line end; reply ends in \n; not for every command
 *
 * One command per connection, unless it is IDSESSION: then any number until
 * END, replies numbered by command and in any order.  INSTREAM is followed by
 *
 *   offset  size  field
 *        0     4  size of the chunk, big-endian; 0 ends the stream
 *        4  size  bytes
 *
 * and FILDES by one byte of any value, which a descriptor comes with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_WIRE_CLAMD_H
#define CANDOR_WIRE_CLAMD_H

#include "lib/base/cur.h"

#include <stdint.h>

/* A command with its prefix, its path and its end; a longer one is refused. */
#define CLAMD_LINE_MAX 4104u

/* What a command may do; CLAMD_IS_*. */
#define CLAMD_IS_BARE    1u /* comes in the old form, too */
#define CLAMD_IS_SESSION 2u /* comes in a session, too */
#define CLAMD_IS_PATH    4u /* a path follows */
#define CLAMD_IS_ADMIN   8u /* for administrators */

/* In the order in which VERSIONCOMMANDS lists them. */
#define CLAMD_COMMAND_TABLE                                                  \
	CLAMD_COMMAND(SCAN, "SCAN",                                          \
	    CLAMD_IS_BARE | CLAMD_IS_SESSION | CLAMD_IS_PATH)                \
	CLAMD_COMMAND(QUIT, "QUIT", CLAMD_IS_BARE | CLAMD_IS_ADMIN)          \
	CLAMD_COMMAND(RELOAD, "RELOAD", CLAMD_IS_BARE | CLAMD_IS_ADMIN)      \
	CLAMD_COMMAND(PING, "PING", CLAMD_IS_BARE | CLAMD_IS_SESSION)        \
	CLAMD_COMMAND(CONTSCAN, "CONTSCAN", CLAMD_IS_BARE | CLAMD_IS_PATH)   \
	CLAMD_COMMAND(VERSIONCOMMANDS, "VERSIONCOMMANDS", CLAMD_IS_SESSION)  \
	CLAMD_COMMAND(VERSION, "VERSION", CLAMD_IS_BARE | CLAMD_IS_SESSION)  \
	CLAMD_COMMAND(END, "END", CLAMD_IS_SESSION)                          \
	CLAMD_COMMAND(SHUTDOWN, "SHUTDOWN", CLAMD_IS_BARE | CLAMD_IS_ADMIN)  \
	CLAMD_COMMAND(MULTISCAN, "MULTISCAN", CLAMD_IS_BARE | CLAMD_IS_PATH) \
	CLAMD_COMMAND(FILDES, "FILDES", CLAMD_IS_BARE | CLAMD_IS_SESSION)    \
	CLAMD_COMMAND(STATS, "STATS", CLAMD_IS_SESSION)                      \
	CLAMD_COMMAND(IDSESSION, "IDSESSION", 0)                             \
	CLAMD_COMMAND(INSTREAM, "INSTREAM", CLAMD_IS_SESSION)                \
	CLAMD_COMMAND(DETSTATSCLEAR, "DETSTATSCLEAR", CLAMD_IS_BARE)         \
	CLAMD_COMMAND(DETSTATS, "DETSTATS", CLAMD_IS_BARE)                   \
	CLAMD_COMMAND(ALLMATCHSCAN, "ALLMATCHSCAN", CLAMD_IS_PATH)

enum clamd_command {
#define CLAMD_COMMAND(tag, name, what) CLAMD_##tag,
	CLAMD_COMMAND_TABLE
#undef CLAMD_COMMAND
	    CLAMD_COMMANDS
};

const char *clamd_command_name(enum clamd_command command);
unsigned clamd_command_flags(enum clamd_command command); /* CLAMD_IS_* */

/* --- reading ------------------------------------------------------------- */

enum clamd_state {
	CLAMD_AT_COMMAND,
	CLAMD_AT_SIZE,       /* of a chunk */
	CLAMD_AT_CHUNK,      /* in it */
	CLAMD_AT_DESCRIPTOR, /* the byte after FILDES */
	CLAMD_AT_END         /* nothing more is read */
};

/* Where one connection is.  All zeros but stream_max to begin with. */
struct clamd {
	uint64_t stream_max; /* bytes a stream may have */
	enum clamd_state state;
	bool is_session;
	bool is_nul; /* replies end in \0, not \n */
	uint32_t id; /* of the last command in a session, from 1 */
	uint32_t chunk_left;
	uint64_t stream_size; /* so far, this chunk included */
};

/* How the reply to a command looks: kept with the command until then. */
struct clamd_tag {
	uint32_t id; /* 0: not in a session */
	bool is_nul;
};

enum clamd_event {
	CLAMD_WAITS,      /* for more bytes: show what is left again */
	CLAMD_ASKS,       /* command and path; FILDES once its byte is there */
	CLAMD_STREAMS,    /* bytes, of the last INSTREAM */
	CLAMD_STREAM_END, /* all of it came */
	CLAMD_REFUSED,    /* error is to be said, then nothing more is read */
	CLAMD_ENDS        /* nothing more is read; close when all is answered */
};

struct clamd_request {
	enum clamd_command command;
	struct clamd_tag tag; /* in every event but WAITS and ENDS */
	struct cur path;      /* no NUL in it */
	struct cur bytes;
	const char *error;
	bool is_failed; /* clamd also says CLAMD_SAYS_FAILED after it */
};

/*
 * What comes next in the bytes received so far.  Cursors in out are views of
 * in.  Call again until CLAMD_WAITS, CLAMD_REFUSED or CLAMD_ENDS.  In the old
 * form the end of in is the end of the command, so in must not be cut short.
 */
enum clamd_event clamd_next(struct clamd *c, struct cur *in,
    struct clamd_request *out);

/* A descriptor came that no FILDES asks for: always CLAMD_REFUSED. */
enum clamd_event clamd_refuse_descriptor(struct clamd *c,
    struct clamd_request *out);

/* --- writing ------------------------------------------------------------- */

#define CLAMD_SAYS_UNKNOWN       "UNKNOWN COMMAND"
#define CLAMD_SAYS_TIMEOUT       "COMMAND READ TIMED OUT"
#define CLAMD_SAYS_REFUSED       "COMMAND UNAVAILABLE"
#define CLAMD_SAYS_FAILED        "Error processing command. ERROR"
#define CLAMD_SAYS_NO_DESCRIPTOR "No file descriptor received. ERROR"

enum clamd_ending {
	CLAMD_SAYS_TEXT,  /* what */
	CLAMD_SAYS_OK,    /* name: OK */
	CLAMD_SAYS_FOUND, /* name: what FOUND */
	CLAMD_SAYS_ERROR  /* name: what ERROR */
};

struct clamd_reply {
	struct clamd_tag tag;
	enum clamd_ending ending;
	const char *name; /* path, "stream", "fd[12]" */
	size_t name_size;
	const char *what;
};

/* Bytes a reply takes at most. */
size_t clamd_reply_room(const struct clamd_reply *r);

/*
 * Write it into out, which has that room; how many bytes it took.  A line end
 * in a name becomes '?' where a line end ends the reply, lest a file's name
 * say that another file is clean.
 */
size_t clamd_put(const struct clamd_reply *r, uint8_t *out);

/* The list after the version in the reply to VERSIONCOMMANDS. */
size_t clamd_put_commands(char *out, size_t room);

/* What STATS tells besides the requests that are under way. */
struct clamd_stats {
	unsigned workers, busy;
	uint64_t waiting;
	unsigned idle_s;
	uint64_t bytes_held, bytes_max; /* of streams in memory */
};

/* The text before and after the lines of requests; the size, 0: no room. */
size_t clamd_put_stats_head(const struct clamd_stats *s, char *out,
    size_t room);
size_t clamd_put_stats_tail(const struct clamd_stats *s, char *out,
    size_t room);

#endif
