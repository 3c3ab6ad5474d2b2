/*
 * scan.c - walk, hand files to workers, hear what they found.
 * The contract is in scan.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/scan.h"

#include "cmd/candor/progress.h"
#include "cmd/candor/remote.h"
#include "cmd/candor/stream.h"
#include "cmd/candor/verdicts.h"
#include "proc/crew/crew.h"
#include "proc/opener/opener.h"
#include "sys/clock.h"
#include "sys/machine.h"
#include "sys/memfd.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define TURN_MS       100 /* how long one wait for workers may take */
#define FILES_PER_JOB 64u /* on their way to one worker */

/* On their way to the daemon: when there are so many, wait until there are
   only so few, for then a whole batch can be sent.  A file at a time would wake
   it, and us, once for each. */
#define REMOTE_FILES 56u
#define REMOTE_LEFT  24u

/* Set by the signal handler, read by the loop. */
static volatile sig_atomic_t is_interrupted;

struct runner {
	struct scan *scan;
	struct walk *walk;
	struct crew *crew;
	struct opener *opener;
	struct progress *progress;
	struct verdicts *verdicts; /* or NULL */
	unsigned jobs;
	struct why *why;
};

/*
 * The first signal ends the scan well.  A later one means that this takes too
 * long; one in the same second is the first again (timeout(1) sends two).
 */
static void
interrupt(int sig)
{
	static volatile sig_atomic_t since;
	sig_atomic_t now = (sig_atomic_t)time(NULL);

	if (is_interrupted && now > since + 1)
		_exit(EXIT_TROUBLE);
	if (!is_interrupted)
		since = now;
	is_interrupted = sig;
}

static void
catch_signals(void)
{
	struct sigaction a = { .sa_handler = interrupt };

	is_interrupted = 0;
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
	/* A worker that died must not take us along; nor must "| head". */
	a.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &a, NULL);
	/* Nor somebody who opens a file while it is leased (verdicts.c). */
	sigaction(SIGIO, &a, NULL);
}

/* Files on their way to workers are open: allow as many as the system does. */
static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Count a settled result and pass it on. */
static void
hear_result(void *ctx, const struct result *r)
{
	struct runner *run = ctx;

	totals_add(&run->scan->totals, r);
	if (r->state.is_good && r->kind == RESULT_SCANNED &&
	    r->verdict == VERDICT_CLEAN && r->gap_count == 0 && r->dropped == 0)
		verdicts_keep(run->verdicts, &r->state, r->size);
	if (r->verdict != VERDICT_CLEAN)
		progress_hide(run->progress);
	run->scan->file(run->scan->ctx, r);
	if (run->scan->is_unwanted && !is_interrupted)
		is_interrupted = SIGPIPE;
}

/* --- who looks ---------------------------------------------------------- */

/* Files that were handed over and have not ended. */
static size_t
pending(const struct runner *run)
{
	return (run->crew != NULL ? crew_pending(run->crew) : 0) +
	    (run->scan->remote != NULL ? remote_pending(run->scan->remote) : 0);
}

/* Hear workers, those of the daemon and ours, for a while. */
static bool
turn(struct runner *run)
{
	struct remote *remote = run->scan->remote;
	bool is_ours = run->crew != NULL && crew_pending(run->crew) > 0;

	if (remote != NULL && remote_pending(remote) > 0 &&
	    !remote_turn(remote, is_ours ? 0 : TURN_MS, run->why))
		return false;
	return !is_ours || crew_turn(run->crew, TURN_MS, run->why);
}

/* --- one file ---------------------------------------------------------- */

/* Wait for a free slot, hearing workers meanwhile. */
static struct result *
begin_result(struct runner *run)
{
	struct result *r;

	while ((r = collect_begin(&run->scan->collect)) == NULL) {
		if (is_interrupted || !turn(run))
			return NULL;
		progress_turn(run->progress, &run->scan->totals);
	}
	return r;
}

/* Who hears what workers say. */
static struct crew_listener
listener_of(struct scan *s)
{
	return (struct crew_listener){
		.ctx = &s->collect,
		.frame = collect_frame,
		.end = collect_end,
		.doubts = s->wants_stamp ? collect_doubts : NULL,
	};
}

static bool
start_crew(struct runner *run)
{
	const struct scan *s = run->scan;
	const struct databases *d = s->databases;
	struct cur *word = buf_alloc(s->password.count + 1, sizeof(*word));
	struct passwords passwords = { word, s->password.count };
	int fd[DB_MAX];
	uint32_t count[DB_MAX];
	struct crew_options options = {
		.jobs = run->jobs,
		.databases = { fd, count, d->count },
		.scan = { .flags = s->flags,
		    .limits = s->limits,
		    .passwords = &passwords },
		.deadline_ms = (uint32_t)s->deadline_ms,
		.stop = &is_interrupted,
	};
	const struct crew_listener listener = listener_of(run->scan);
	size_t i;

	for (i = 0; i < d->count; i++) {
		fd[i] = d->one[i].fd;
		count[i] = db_signature_count(&d->db[i]);
	}
	for (i = 0; i < s->password.count; i++)
		word[i] =
		    cur_from(s->password.word[i], strlen(s->password.word[i]));
	run->crew = crew_start(&options, &listener, run->why);
	free(word);
	return run->crew != NULL;
}

/* Wait while enough files are on their way.  (Doing that here rather than in
   crew_submit() leaves Ctrl-C awake.) */
static bool
make_room(struct runner *run, bool is_remote)
{
	size_t most =
	    is_remote ? REMOTE_FILES : (size_t)run->jobs * FILES_PER_JOB;

	if (pending(run) < most)
		return true;
	if (is_remote)
		most = REMOTE_LEFT;
	while (pending(run) >= most) {
		if (!turn(run) || is_interrupted)
			return false;
		progress_turn(run->progress, &run->scan->totals);
	}
	return true;
}

/* Hand a file to the workers; the crew starts with the first. */
static bool
submit(struct runner *run, struct result *r, const struct walk_entry *e)
{
	struct crew_file file = {
		.scan = collect_number(&run->scan->collect, r),
		.fd = e->fd,
		.size = r->size,
	};
	/* What our opener has to open cannot be handed to another. */
	bool is_remote = run->scan->remote != NULL && e->outcome != WALK_FAR;

	if (is_remote) {
		file.flags = run->scan->flags;
		file.deadline_ms = (uint32_t)run->scan->deadline_ms;
	}
	if (!is_remote && run->crew == NULL && !start_crew(run)) {
		close(e->fd);
		return false;
	}
	if (!make_room(run, is_remote)) {
		close(e->fd);
		return false;
	}
	if (e->outcome == WALK_FAR) {
		file.opener = run->opener;
		file.mount = e->mount;
	}
	if (is_remote)
		return remote_submit(run->scan->remote, &file, run->why);
	return crew_submit(run->crew, &file, run->why);
}

/* A result without a worker: why there is nothing to look at. */
static void
finish_unopened(struct runner *run, struct result *r,
    const struct walk_entry *e)
{
	static const struct {
		enum result_kind kind;
		enum unscanned why;
	} row[] = {
		[WALK_TROUBLE] = { RESULT_NOT_OPENED, UNSCANNED_DENIED },
		[WALK_ABSENT] = { RESULT_ABSENT, UNSCANNED_DENIED },
		[WALK_LINK] = { RESULT_LINK, UNSCANNED_NOTHING },
		[WALK_ODD] = { RESULT_ODD, UNSCANNED_UNSUPPORTED },
	};

	r->kind = row[e->outcome].kind;
	r->err = e->err;
	r->is_folder = e->is_folder;
	if (e->err == ETIMEDOUT)
		result_add_gap(r, 0, UNSCANNED_TIMEOUT);
	else if (row[e->outcome].why != UNSCANNED_NOTHING)
		result_add_gap(r, 0, row[e->outcome].why);
	collect_done(&run->scan->collect, r);
}

/*
 * Some files say they are empty and are not (/proc), a stream has no size at
 * all: read them into memory first.
 */
static bool
take_stream(struct runner *run, struct result *r, struct walk_entry *e)
{
	uint64_t most = run->scan->stream_max;
	struct stream s;
	struct why why;

	if (!stream_read(e->fd, most != 0 ? most : SCAN_STREAM_MAX,
		&is_interrupted, &s, &why)) {
		close(e->fd);
		e->outcome = WALK_TROUBLE;
		e->err = why.err;
		return false;
	}
	close(e->fd);
	e->fd = s.fd;
	r->size = s.size;
	if (s.is_cut)
		result_add_gap(r, 0, UNSCANNED_LIMIT);
	return true;
}

/* The same of a file that is not local, which the opener reads. */
static bool
take_far_stream(struct runner *run, struct result *r, struct walk_entry *e)
{
	uint64_t most = run->scan->stream_max;
	const struct opener_place at = { e->fd, e->mount };
	struct opener_copied copied = { 0 };
	bool is_done;
	struct why why;
	int fd = -1;

	is_done = memfd_open(&fd, &why) &&
	    opener_copy(run->opener, at, fd, most != 0 ? most : SCAN_STREAM_MAX,
		&copied, &why) &&
	    memfd_seal(&fd, &why);
	r->size = copied.size;
	close(e->fd);
	e->fd = fd;
	if (is_done && copied.is_cut)
		result_add_gap(r, 0, UNSCANNED_LIMIT);
	if (is_done)
		return true;
	if (fd != -1)
		close(fd);
	e->outcome = WALK_TROUBLE;
	e->err = why.err;
	return false;
}

/* Look at one thing the walk found; false to stop. */
static bool
take_entry(struct runner *run, struct walk_entry *e)
{
	struct result *r = begin_result(run);
	bool is_file = e->outcome == WALK_FILE; /* not a stream */
	struct why why;
	char byte;

	if (r == NULL) {
		if (e->fd != -1)
			close(e->fd);
		return false;
	}
	buf_add(&r->path, e->path, e->path_size);
	r->size = e->size;
	if (e->outcome == WALK_KNOWN) {
		r->is_cached = true;
		collect_done(&run->scan->collect, r);
		return true;
	}
	if (e->outcome == WALK_FILE && run->verdicts != NULL)
		verdicts_begin(run->verdicts, e->fd, &r->state);
	if (e->outcome == WALK_FILE && e->size == 0 &&
	    pread(e->fd, &byte, 1, 0) != 0) {
		r->state.is_good = false;
		e->outcome = WALK_STREAM;
	}
	if (e->outcome == WALK_STREAM && take_stream(run, r, e))
		e->outcome = WALK_FILE;
	if (e->outcome == WALK_FAR && e->size == 0 &&
	    take_far_stream(run, r, e))
		e->outcome = WALK_FILE;
	if (e->outcome == WALK_FILE && run->scan->wants_stamp)
		r->has_stamp = is_file && subject_stamp(e->fd, &r->stamp, &why);
	if (e->outcome == WALK_FILE || e->outcome == WALK_FAR)
		return submit(run, r, e);
	finish_unopened(run, r, e);
	return true;
}

/* --- all files --------------------------------------------------------- */

/* Wait until every file has ended. */
static bool
drain(struct runner *run)
{
	while (pending(run) > 0) {
		if (is_interrupted)
			return true;
		if (!turn(run))
			return false;
		progress_turn(run->progress, &run->scan->totals);
	}
	return true;
}

static bool
walk_all(struct runner *run)
{
	struct walk_entry e;

	for (;;) {
		if (is_interrupted)
			return true;
		walk_next(run->walk, &e);
		if (e.outcome == WALK_END)
			return drain(run);
		if (!take_entry(run, &e))
			return is_interrupted != 0;
		progress_turn(run->progress, &run->scan->totals);
	}
}

static bool
is_known(void *ctx, int near, const struct stat *s)
{
	return verdicts_know(ctx, near, s);
}

/* What was found of earlier scans decides which files are opened. */
static void
open_verdicts(struct runner *run, struct walk_options *walk)
{
	const struct scan *s = run->scan;
	const struct verdicts_scope scope = {
		.databases = s->databases,
		/* Only how a file is printed that is never remembered. */
		.flags = s->flags & ~SCAN_HASH_GAPS,
		.limits = &s->limits,
		.deadline_ms = s->deadline_ms,
	};

	if (s->may_remember)
		run->verdicts = verdicts_open(&scope);
	if (run->verdicts == NULL)
		return;
	walk->is_known = is_known;
	walk->known_ctx = run->verdicts;
}

static bool
is_stopped(void *ctx)
{
	(void)ctx;
	return is_interrupted != 0;
}

/* Make everything ready that must be given back at the end. */
static bool
open_all(struct runner *run)
{
	static const struct opener_options opener = {
		.is_stopped = is_stopped,
	};
	struct scan *s = run->scan;
	struct walk_options walk = s->walk;
	struct crew_listener listener;
	size_t i;

	run->opener = opener_open(&opener, run->why);
	if (run->opener == NULL)
		return false;
	s->collect = (struct collect){
		.databases = s->databases,
		.in_order = s->in_order,
		.all_matches = (s->flags & SCAN_ALL_MATCHES) != 0,
		.file = hear_result,
		.ctx = run,
	};
	collect_open(&s->collect);
	listener = listener_of(s);
	if (s->remote != NULL)
		remote_listen(s->remote, &listener);
	run->jobs = s->jobs != 0 ? s->jobs : machine_cpus();
	open_verdicts(run, &walk);
	walk.opener = run->opener;
	run->walk = walk_open(&walk);
	for (i = 0; i < s->path.count; i++)
		walk_add(run->walk, s->path.word[i]);
	if (s->has_progress)
		run->progress = progress_open(&s->walk, &s->path);
	return true;
}

bool
scan_run(struct scan *s, struct why *why)
{
	struct runner run = { .scan = s, .why = why };
	uint64_t start = clock_nanoseconds();
	bool done;

	catch_signals();
	raise_file_limit();
	memset(&s->totals, 0, sizeof(s->totals));
	s->totals.start = time(NULL);
	if (!open_all(&run))
		return false;
	done = walk_all(&run);
	collect_flush(&s->collect);
	progress_close(&run.progress);
	if (s->remote != NULL)
		s->totals.layers = remote_layers(s->remote);
	else if (run.crew != NULL)
		s->totals.layers = crew_layers(run.crew);
	crew_stop(&run.crew);
	s->totals.walk = *walk_counts(run.walk);
	s->totals.is_interrupted = is_interrupted != 0;
	s->totals.seconds = (double)(clock_nanoseconds() - start) / 1e9;
	s->totals.end = time(NULL);
	walk_close(&run.walk);
	opener_close(&run.opener);
	verdicts_close(&run.verdicts);
	collect_close(&s->collect);
	return done;
}
