/*
 * ask.h - what a front asks the broker, and what it hears.
 *
 * A front is whatever has a file and wants a verdict: the clamd front, the
 * guard, a program on candord's local socket (candor scan --daemon).  One
 * SOCK_SEQPACKET record is one frame; integers are little-endian, and every
 * kind of frame has exactly one size.  A record of another size, an unknown
 * kind, a number out of range or a byte that should be zero makes the reader
 * close the connection.
 *
 *   front → broker   ASK + descriptor, CANCEL, STATUS, LEARN
 *   broker → front   GENERATION first and after every reload; per ASK any
 *                    number of DETAIL (if asked for) and NAME, in this order,
 *                    then one ANSWER; per STATUS one STATE; after LEARN a
 *                    DATABASE + descriptor for each database of each
 *                    generation, before anything is said in its numbers
 *
 * What holds:
 *   - Ids are the front's own, not 0, and must differ among its unanswered
 *     ASKs.  DETAILs about different ids may be mixed; the NAMEs of an answer
 *     stand straight before it.
 *   - Every ASK gets exactly one ANSWER while the connection lasts, also after
 *     CANCEL (which only makes it come sooner, UNSCANNED and TIMEOUT), and
 *     also when workers die.  When the connection ends, the front asks again
 *     on the next one whatever was not answered; so it keeps its descriptors.
 *   - The descriptor must be readable and a regular file or a sealed memfd.
 *     Anything else is answered UNSCANNED, DENIED.
 *   - A broker that has enough to do does not read: sending waits.  A front
 *     waits with its requests, never drops them.
 *   - A front that does not read its answers holds up nobody but itself.
 *   - What is found in an ASK with ASK_CONFIRM is told when a second worker,
 *     one that has seen no other file, finds it, too.  If that one does not,
 *     what it said is told, with UNSCANNED_CRASHED beside it; if there is no
 *     time for it, UNSCANNED_TIMEOUT.
 *   - Names come from the database, never from the file, and are text without
 *     control characters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_WIRE_ASK_H
#define CANDOR_WIRE_ASK_H

#include "lib/base/cur.h"
#include "lib/base/verdict.h"

#include <stdint.h>

#define ASK_SMALL 64u  /* bytes of every frame but these: */
#define ASK_WIDE  128u /* ANSWER, DETAIL, STATE */
#define ASK_LARGE 320u /* NAME */

#define ASK_NAME_MAX   288u /* bytes of a signature's name */
#define ASK_NAMES_MAX  64u  /* NAME frames of one ANSWER; more are counted */
#define ASK_DETAIL_MAX 96u  /* bytes of a worker's frame */

#define ASK_KIND_TABLE                      \
	ASK_KIND(ASK, 1, ASK_SMALL)         \
	ASK_KIND(CANCEL, 2, ASK_SMALL)      \
	ASK_KIND(STATUS, 3, ASK_SMALL)      \
	ASK_KIND(LEARN, 4, ASK_SMALL)       \
	ASK_KIND(GENERATION, 16, ASK_SMALL) \
	ASK_KIND(DATABASE, 17, ASK_SMALL)   \
	ASK_KIND(DETAIL, 18, ASK_WIDE)      \
	ASK_KIND(NAME, 19, ASK_LARGE)       \
	ASK_KIND(ANSWER, 20, ASK_WIDE)      \
	ASK_KIND(STATE, 21, ASK_WIDE)

enum ask_kind {
#define ASK_KIND(tag, number, size) ASK_IS_##tag = (number),
	ASK_KIND_TABLE
#undef ASK_KIND
};

/* Who waits, the most urgent first.  A front may not claim to be more urgent
   than what it was started as; the local socket is ASK_LOCAL at best. */
enum ask_class {
	ASK_GUARD = 1,  /* a program hangs in open() */
	ASK_SERVER = 2, /* another program waits: mail, uploads */
	ASK_LOCAL = 3,  /* a person waits */
	ASK_IDLE = 4    /* nobody waits: scheduled scans */
};

/* ask.flags */
#define ASK_ALL_MATCHES 1u /* every signature, not only the first */
#define ASK_HASH        2u /* SHA-256 also of what is clean or has gaps */
#define ASK_DETAILS     4u /* what the worker said; and SHA-256 with gaps */
#define ASK_CONFIRM     8u /* something is done to it: two workers must agree */
#define ASK_FLAGS       15u

/* name.flags */
#define ASK_NAME_WEAK     1u /* suspicious, not infected */
#define ASK_NAME_OFFICIAL 2u /* of a CVD whose signature holds: SIG_OFFICIAL */
#define ASK_NAME_FLAGS    3u

/* answer.flags */
#define ASK_HAS_SHA256 1u
#define ASK_HAS_END    2u /* a worker was done with it; else it was lost */
#define ASK_HAS        3u

/*
 * One frame, unpacked.  Which fields mean something depends on kind; ask.c
 * has the byte table.
 */
struct ask {
	uint32_t kind; /* enum ask_kind */
	uint64_t id;   /* in ASK, CANCEL, DETAIL, NAME, ANSWER; STATUS, STATE:
	                  any; else 0 */
	union {
		struct {
			uint64_t size;        /* of the file, from fstat */
			uint32_t flags;       /* ASK_* */
			uint32_t class;       /* enum ask_class */
			uint32_t deadline_ms; /* from when it is read; 0: what
			                         the configuration says */
			uint32_t uid; /* whose file, or who wants it: workers
			                 are not shared between users */
		} ask;
		struct {
			uint64_t generation; /* counts from 1 */
			uint64_t signatures; /* in all its databases */
			uint64_t built;      /* seconds since 1970 of the newest
			                   database that says so, or 0 */
			uint32_t databases;
			uint32_t layers; /* SANDBOX_* in force in workers */
		} generation;
		struct {
			uint64_t generation;
			uint32_t database; /* which, from 0 */
			uint32_t databases;
		} database;
		struct {
			uint32_t size; /* a frame of lib/wire/frame.h, its scan
			                  replaced by id */
			uint8_t bytes[ASK_DETAIL_MAX];
		} detail;
		struct {
			uint32_t kind;     /* enum sig_kind */
			uint32_t flags;    /* ASK_NAME_* */
			uint32_t database; /* whose it is, from 0 */
			uint32_t size;     /* of the name */
			char text[ASK_NAME_MAX];
		} name;
		struct {
			uint32_t verdict; /* enum verdict */
			uint32_t reason;  /* enum unscanned: the first gap, also
			                     beside a detection; else NOTHING */
			uint32_t reasons; /* a bit 1 << reason for each */
			uint32_t names;   /* NAME frames that came */
			uint32_t matches; /* signatures that matched */
			uint32_t flags;   /* ASK_HAS_* */
			uint32_t file_kind;  /* enum kind */
			uint32_t took_ms;    /* waiting included */
			uint64_t size;       /* of the file */
			uint64_t generation; /* of the databases */
			uint8_t sha256[32];
			uint64_t searched; /* bytes; with ASK_HAS_END */
			uint32_t objects;  /* looked at; the same */
		} answer;
		struct {
			uint32_t workers, busy; /* processes */
			uint32_t waiting;       /* ASKs no worker has yet */
			uint32_t fronts;        /* connections */
			uint64_t asked, answered, found, unscanned; /* ever */
			uint64_t crashed; /* workers that died at a file */
			uint64_t bytes;   /* searched */
			uint64_t generation;
		} state;
	};
};

/* The size every frame of this kind has, or 0 if there is no such kind. */
size_t ask_size(uint32_t kind);

/* Write a into out; the size to send.  0 if a is not a good frame. */
size_t ask_put(const struct ask *a, uint8_t out[ASK_LARGE]);

/* Read a record; false if it is not exactly one good frame. */
bool ask_get(struct cur record, struct ask *out);

#endif
