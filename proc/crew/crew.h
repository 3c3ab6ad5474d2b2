/*
 * crew.h - keep a crew of workers busy, and believe none of them. AMBER
 *
 * Holds:     one socket to each worker; descriptors of files on their way.
 * Hears:     frames (lib/wire/frame.h) from workers, each checked.
 * Says:      CONFIG, PASSWORD, SCAN and read-only descriptors.
 * If owned:  it could hand out descriptors its user may read anyway.
 *
 * A worker that dies costs the file it was at (UNSCANNED_CRASHED); files
 * waiting behind it are sent again to its successor.  One that is silent past
 * the deadline is killed (UNSCANNED_TIMEOUT).  One that breaks the protocol is
 * killed and its file lost as if it had died.  One is replaced after
 * CREW_FILES files and after any oddity.
 *
 * A file that is not on a local file system is opened by an opener
 * (proc/opener/opener.h), which sends it straight to the worker: here it is
 * held with O_PATH only.  A worker that was waiting for such a file when its
 * deadline passed, and did not compute, has found its mount to be hung; the
 * kernel may keep it for ever, and nobody here waits for it.
 *
 * A few small files wait at each worker, so that it never waits for us; a
 * large one waits alone.  Small ones are sent several at once, but nobody
 * sleeps while a worker could do what was not sent.
 *
 * Before something is done to a file, one worker's word is not enough: the
 * listener may doubt it, and another has to look.
 *
 * A daemon's crew differs in four ways: a file its worker died of is tried
 * once more, on a worker that has seen no other (tries); a worker looks at
 * files of one owner only, then it is replaced; when databases change,
 * workers are replaced one by one (is_gradual); and files that take long
 * cannot keep all workers from short ones (returned).
 *
 * Of that last: a file that takes longer than its slice, while others wait,
 * goes aside.  Its worker keeps it, at a low priority, and takes no other;
 * another is started in its place.  As many may be aside as there are
 * workers.  Beyond that it is taken from its worker and is the caller's again,
 * to be offered once more at its next level; then it gets a worker aside, and
 * a longer slice.  So nobody waits for others much longer than his own file
 * takes, and a long one loses a fraction of its time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CREW_CREW_H
#define CANDOR_PROC_CREW_CREW_H

#include "lib/base/why.h"
#include "lib/engine/engine.h"
#include "lib/wire/frame.h"

#include <signal.h>

#define CREW_FILES         1000u
#define CREW_GRACE_MS      2000u
#define CREW_START_MS      20000u /* to get ready; the first is not: no crew */
#define CREW_JOBS_MAX      1024u
#define CREW_PASSWORDS_MAX 64u

/* How often a file may be taken back: slices are 0.2, 1 and 5 seconds; at the
   last level, which half of the places aside are for, there is none. */
#define CREW_LEVELS 4u

/* What workers look with. */
struct crew_databases {
	const int *fd; /* read-only; must stay open while these are in use */
	const uint32_t *signature_count; /* per database: bounds of MATCH */
	size_t count;
};

struct crew_options {
	unsigned jobs; /* workers */
	struct crew_databases databases;
	struct scan_options scan; /* passwords are copied */
	uint32_t deadline_ms;     /* per file; the worker ends softly at it and
	                         is killed at it + CREW_GRACE_MS; 0 = none */
	unsigned tries;           /* workers that may die of a file; 0 = 1 */
	bool is_gradual;          /* see crew_change_databases() */
	const char *const *command; /* argv of a worker to use instead of
	                               candor-worker (tests), or NULL */
	/* Once this is not 0, nothing is waited for any more; or NULL. */
	const volatile sig_atomic_t *stop;
};

/*
 * What is heard of a file, by the number it was submitted under.  frame()
 * gets OBJECT, NAME, MATCH, BYTES, UNSCANNED as they come, already checked
 * (numbers in range, objects told before used).  end() comes once for every
 * submitted file; lost is UNSCANNED_NOTHING when the worker finished, else
 * why it did not (and end is all zeros).  A file that was written to, or
 * replaced, between crew_submit() and its end gets an UNSCANNED_CHANGED.
 *
 * What was heard before a file is lost stands: a match is a match.
 * A listener calls nothing of the crew.
 */
struct opener;
struct crew_file;
struct crew_listener {
	void *ctx;
	void (*frame)(void *ctx, const struct frame *f);
	void (*end)(void *ctx, uint64_t scan, const struct frame *end,
	    enum unscanned lost);
	/* Or NULL.  The file was given to a worker: what is said of it from
	   now on is in numbers of that generation of databases.  Comes again
	   when the worker is lost and the file is given to another: what was
	   heard of it before is void. */
	void (*given)(void *ctx, uint64_t scan, uint32_t generation);
	/* Or NULL.  A worker is done with the file: shall one that has seen no
	   other look at it, too, before its end is told?  Asked once a file;
	   if so, what was heard of it is void from now on, and the worker that
	   said it is replaced. */
	bool (*doubts)(void *ctx, uint64_t scan);
	/* Or NULL: no file is ever taken back.  The file is the caller's again,
	   its descriptor too, as if it had not been offered; what was heard of
	   it is void.  Offer it again as it is here. */
	void (*returned)(void *ctx, const struct crew_file *file);
};

struct crew;

/* Start the workers and wait until one is ready; if it is to stop before
   that, it fails with ECANCELED. */
struct crew *crew_start(const struct crew_options *options,
    const struct crew_listener *listener, struct why *why);

/* A file to be looked at. */
struct crew_file {
	uint64_t scan;        /* the caller's number for it */
	int fd;               /* regular file or sealed memfd, read-only */
	uint64_t size;        /* bytes */
	uint32_t flags;       /* SCAN_*, on top of the crew's */
	uint32_t deadline_ms; /* 0: the crew's */
	uint32_t owner;       /* whose; workers are not shared */

	/* Who has to wait for whom; nothing of this counts if no file is ever
	   taken back. */
	uint32_t urgency; /* 0 is the most urgent: others give way to it */
	bool leaves_one;  /* not to the last worker, if others like it have
	                     the rest */
	bool is_overdue;  /* it waited for so long that a worker that belongs
	                     to others shall be replaced for it */

	/* Of one that was returned: */
	unsigned level;
	unsigned tries; /* workers that died of it */
	bool is_second; /* a worker looked, and was doubted */

	/* For a file that is not local, who opens it (borrowed until its end)
	   and on which mount; fd is then open with O_PATH.  Else NULL. */
	struct opener *opener;
	uint64_t mount;
};

/*
 * Hand over a file; its descriptor is taken.  Waits, delivering what is heard,
 * while every worker has enough to do or until it is to stop.  False only when
 * no worker can be started; then every file that was waiting, this one
 * included, has been ended.
 */
bool crew_submit(struct crew *c, const struct crew_file *file, struct why *why);

/* The same without waiting: false, and nothing taken, if no worker has room
   for it now.  Then it waits, and others are taken back for it in crew_turn()
   if it is offered before each. */
bool crew_offer(struct crew *c, const struct crew_file *file);

/* Nobody waits for this one any more: it is taken back when its slice is over,
   whether others wait or not. */
void crew_forget(struct crew *c, uint64_t scan);

/* Wait up to timeout_ms (-1: for ever) for something to be heard; deliver it.
   False as in crew_submit(). */
bool crew_turn(struct crew *c, int timeout_ms, struct why *why);

/* The same, and wait for others, too: count of them, as poll() has them. */
struct pollfd;
bool crew_turn_beside(struct crew *c, int timeout_ms, struct pollfd *other,
    size_t count, struct why *why);

/* No worker could be started, three times: try again. */
void crew_forgive(struct crew *c);

/*
 * Go over to other databases, the next generation; those the crew was started
 * with are generation 0.  Returns at once.  New workers are started, and get
 * all files from now on; those there are end the files they hold (up to
 * HAND_QUEUE each) and go.  A caged worker never maps a new file.
 *
 * A gradual crew does this without a moment in which nobody works: there is
 * one worker more for a while, and each of those there stays, and takes files,
 * until a successor is ready.
 *
 * The fds of the databases before are of no use to the crew any more; the
 * numbers of their signatures are heard until crew_oldest() is past them.
 * False, with nothing changed, if there are too many.
 */
bool crew_change_databases(struct crew *c,
    const struct crew_databases *databases, struct why *why);

/* The same with other limits, another deadline and number of workers, too; what
   else is in options stays as it was. */
bool crew_change(struct crew *c, const struct crew_options *options,
    struct why *why);

/* The oldest generation any worker has. */
uint32_t crew_oldest(const struct crew *c);

/* How many workers are ready for files; unless the crew is gradual, all of the
   newest generation. */
size_t crew_ready(const struct crew *c);

/* Workers that are there or starting, and those that have a file. */
void crew_count(const struct crew *c, size_t *workers, size_t *busy);

/* Workers that died of a file, hung, lied. */
uint64_t crew_losses(const struct crew *c);

/* How many submitted files have not ended. */
size_t crew_pending(const struct crew *c);

/* SANDBOX_* layers in force in every worker so far (sys/sandbox.h). */
uint32_t crew_layers(const struct crew *c);

/* Stop and reap all workers, and free. */
void crew_stop(struct crew **c);

#endif
