/*
 * request.c - what was asked, until it is answered.  See broker.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/broker/broker.h"

#include "lib/compile/ir.h"
#include "lib/wire/field.h"
#include "proc/crew/hand.h" /* HAND_QUEUE_BYTES: what is large */
#include "sys/clock.h"
#include "sys/place.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_AHEAD 8u    /* requests of one queue that may be passed by */
#define GUARD_MS   20u   /* that the guard, */
#define PATIENT_MS 100u  /* and others, wait for workers that are not theirs */
#define CHECK_MS   50u   /* between looks at the clock */
#define LATE_MS    1000u /* for a worker to say what it found by then */
#define SPARE_FDS  600u  /* descriptors for everything but requests */

/* --- slots and queues ---------------------------------------------------- */

/* Descriptors of requests are open: have as many as the system allows. */
static size_t
count_slots(void)
{
	struct rlimit limit;
	size_t most;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return 64;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	most = limit.rlim_cur > SPARE_FDS + 64
	    ? (size_t)limit.rlim_cur - SPARE_FDS
	    : 64;
	return most < BROKER_REQUESTS ? most : BROKER_REQUESTS;
}

bool
request_open_all(struct broker *b, struct why *why)
{
	size_t i;

	b->request_count = count_slots();
	b->request = calloc(b->request_count, sizeof(b->request[0]));
	if (b->request == NULL)
		return why_not(why, WHY_SYSTEM, "no memory for requests");
	for (i = b->request_count; i > 0; i--) {
		b->request[i - 1].next = b->free;
		b->free = &b->request[i - 1];
	}
	b->free_count = b->request_count;
	for (i = 0; i < (size_t)CREW_LEVELS * BROKER_CLASSES; i++) {
		struct request *head =
		    &b->queue[i / BROKER_CLASSES][i % BROKER_CLASSES].head;

		head->next = head->before = head;
	}
	return true;
}

/* The less urgent, the more must be left for others. */
bool
request_has_room(const struct broker *b, uint32_t class)
{
	size_t spare = class <= ASK_GUARD ? 0
	    : class == ASK_SERVER         ? b->request_count / 8
					  : b->request_count / 4;

	return b->free_count > spare;
}

static struct queue *
queue_of(struct broker *b, const struct request *r)
{
	return &b->queue[r->level][r->class];
}

/* A user's next is a round behind his last, so whoever has many in the queue
   does not hold up who has one. */
static void
enqueue(struct broker *b, struct request *r)
{
	struct queue *q = queue_of(b, r);
	uint64_t *last = &q->user_round[r->uid % BROKER_USERS];
	struct request *before = q->head.before;

	*last = 1 + (*last > q->round ? *last : q->round);
	r->round = *last;
	while (before != &q->head && before->round > r->round)
		before = before->before;
	r->next = before->next;
	r->before = before;
	before->next->before = r;
	before->next = r;
	r->state = REQUEST_WAITING;
	b->waiting++;
}

static void
dequeue(struct broker *b, struct request *r)
{
	struct queue *q = queue_of(b, r);

	if (r->round > q->round)
		q->round = r->round;
	r->before->next = r->next;
	r->next->before = r->before;
	b->waiting--;
}

static void
release(struct broker *b, struct request *r)
{
	if (r->fd != -1)
		(void)close(r->fd);
	r->fd = r->lent = -1;
	free(r->path);
	r->path = NULL;
	bytes_free(&r->detail);
	r->state = REQUEST_FREE;
	r->front = NULL;
	r->next = b->free;
	b->free = r;
	b->free_count++;
}

static uint64_t
number_of(const struct broker *b, const struct request *r)
{
	return (uint64_t)r->turn << 32 | (uint64_t)(r - b->request);
}

/* The request the crew has under that number. */
static struct request *
find(struct broker *b, uint64_t number)
{
	struct request *r;

	if ((uint32_t)number >= b->request_count)
		return NULL;
	r = &b->request[(uint32_t)number];
	return r->turn == number >> 32 && r->state >= REQUEST_AT_WORKER ? r
									: NULL;
}

static bool
is_large(const struct request *r)
{
	return r->size > HAND_QUEUE_BYTES;
}

static bool
wants_all(const struct broker *b, const struct request *r)
{
	return b->all_matches || (r->flags & ASK_ALL_MATCHES) != 0;
}

/* --- answering ----------------------------------------------------------- */

static void
say_details(struct request *r)
{
	struct ask a = { .kind = ASK_IS_DETAIL, .id = r->id };
	size_t at = 0;

	while (at < r->detail.size) {
		const uint8_t *from = r->detail.at + at;
		uint32_t size = (uint32_t)from[0] | (uint32_t)from[1] << 8;

		memset(&a.detail, 0, sizeof(a.detail));
		a.detail.size = size;
		memcpy(a.detail.bytes, from + 2, size);
		front_say(r->front, &a, -1);
		at += 2 + size;
	}
}

static void
say_names(const struct request *r, size_t count)
{
	struct ask a = { .kind = ASK_IS_NAME, .id = r->id };
	uint32_t kind, flags;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct finding *f = &r->finding[i];

		memset(&a.name, 0, sizeof(a.name));
		a.name.kind = f->kind;
		a.name.database = f->database;
		a.name.flags = f->is_weak ? ASK_NAME_WEAK : 0;
		if (bases_kind(r->bases, f->database, f->signature, &kind,
			&flags) &&
		    (flags & SIG_OFFICIAL) != 0)
			a.name.flags |= ASK_NAME_OFFICIAL;
		a.name.size = (uint32_t)bases_name(r->bases, f->database,
		    f->signature, a.name.text, ASK_NAME_MAX);
		front_say(r->front, &a, -1);
	}
}

static void
count_answer(struct broker *b, const struct ask *a)
{
	b->answered++;
	b->infected += a->answer.verdict == VERDICT_INFECTED;
	b->suspicious += a->answer.verdict == VERDICT_SUSPICIOUS;
	b->unscanned += a->answer.verdict == VERDICT_UNSCANNED;
}

static void
add_gap(struct request *r, uint32_t reason)
{
	if (r->reason == UNSCANNED_NOTHING)
		r->reason = reason;
	r->reasons |= 1u << reason;
}

/* A program on the local socket hears that something was found: so does
   whoever hears events.  Processes of candord tell what they find. */
static void
tell_found(struct broker *b, const struct request *r, const struct ask *a)
{
	static struct event e;
	const struct finding *first = &r->finding[0];

	memset(&e, 0, sizeof(e));
	e.kind = EVENT_DETECTED;
	e.level = EVENT_WARNING;
	e.verdict = a->answer.verdict;
	e.reason = a->answer.reason;
	e.pid = r->front->pid;
	e.uid = r->front->uid;
	e.size = a->answer.size;
	e.base = event_base(a->answer.generation, first->database);
	e.name_size = (uint32_t)bases_name(r->bases, first->database,
	    first->signature, e.name, sizeof(e.name));
	e.text_size =
	    field_set(e.text, sizeof(e.text), "a program asked for it");
	e.path_size = field_set(e.path, sizeof(e.path), r->path);
	post_event(b->post, &e);
}

/* Say what is known of it to its front, which is then done with it. */
static void
answer(struct broker *b, struct request *r, const struct frame *end)
{
	struct ask a = { .kind = ASK_IS_ANSWER, .id = r->id };
	size_t names = r->finding_count;

	if (names > 1 && !wants_all(b, r))
		names = 1;
	a.answer.verdict =
	    finding_verdict(names > 0 ? &r->finding[0] : NULL, r->reasons != 0);
	a.answer.reason = r->reason;
	a.answer.reasons = r->reasons;
	a.answer.names = (uint32_t)names;
	a.answer.matches = wants_all(b, r) ? r->matches : (uint32_t)names;
	a.answer.size = r->size;
	a.answer.took_ms = (uint32_t)(clock_milliseconds() - r->since_ms);
	a.answer.generation = r->bases != NULL ? r->bases->number : 0;
	if (end != NULL) {
		a.answer.file_kind = end->end.kind;
		a.answer.searched = end->end.bytes;
		a.answer.objects = end->end.objects;
		a.answer.flags = ASK_HAS_END;
		if ((end->end.flags & FRAME_END_SHA256) != 0)
			a.answer.flags |= ASK_HAS_SHA256;
		memcpy(a.answer.sha256, end->end.sha256,
		    sizeof(a.answer.sha256));
	}
	count_answer(b, &a);
	say_details(r);
	say_names(r, names);
	front_say(r->front, &a, -1);
	if (r->front->role == 0 && names > 0)
		tell_found(b, r, &a);
	r->front->asks--;
	r->front = NULL;
}

/* Forget what was found, and what was said with it. */
static void
unfind(struct request *r)
{
	r->finding_count = 0;
	r->matches = 0;
	r->detail.size = 0;
}

/* Said by one worker of a file that something would be done to? */
static bool
is_unconfirmed(const struct request *r)
{
	return (r->flags & ASK_CONFIRM) != 0 && r->look != LOOK_SECOND &&
	    r->finding_count > 0;
}

/* Answer without a worker, or before its worker ended. */
static void
answer_early(struct broker *b, struct request *r, enum unscanned reason)
{
	bool is_there = r->state == REQUEST_AT_WORKER;

	if (r->state == REQUEST_WAITING)
		dequeue(b, r);
	if (r->look == LOOK_DOUBTED || is_unconfirmed(r)) {
		unfind(r);
		post_note(b->post, EVENT_UNSCANNED, EVENT_WARNING,
		    "there was no time to confirm what was found in a file");
	}
	add_gap(r, reason);
	answer(b, r, NULL);
	if (is_there) {
		r->state = REQUEST_GHOST;
		crew_forget(b->crew, number_of(b, r));
	} else {
		release(b, r);
	}
}

/* --- asking -------------------------------------------------------------- */

/* Something a worker can read: anything else might hang it. */
static bool
is_readable_file(int fd)
{
	struct stat s;
	int flags = fcntl(fd, F_GETFL);

	return flags != -1 && (flags & O_PATH) == 0 &&
	    (flags & O_ACCMODE) != O_WRONLY && fstat(fd, &s) == 0 &&
	    S_ISREG(s.st_mode);
}

/* What a program on the local socket may hold a worker for is bounded. */
static uint32_t
deadline_of(const struct broker *b, const struct front *f, const struct ask *a)
{
	uint32_t ms = a->ask.deadline_ms;

	if (ms == 0 || (f->role == 0 && ms > b->deadline_ms))
		ms = b->deadline_ms;
	return ms;
}

void
request_add(struct broker *b, struct front *f, const struct ask *a, int fd)
{
	struct request *r = b->free;
	struct bytes detail = { 0 };

	b->free = r->next;
	b->free_count--;
	*r = (struct request){ .turn = r->turn + 1,
		.front = f,
		.id = a->id,
		.fd = fd,
		.lent = -1,
		.size = a->ask.size,
		.flags = a->ask.flags,
		.class = a->ask.class,
		.uid = a->ask.uid,
		.since_ms = clock_milliseconds(),
		.detail = detail };
	r->due_ms = r->since_ms + deadline_of(b, f, a);
	f->asks++;
	b->asked++;
	if (fd == -1 || !is_readable_file(fd))
		answer_early(b, r, UNSCANNED_DENIED);
	else
		enqueue(b, r);
}

bool
request_knows(const struct broker *b, const struct bases *bases)
{
	size_t i;

	for (i = 0; i < b->request_count; i++)
		if (b->request[i].state != REQUEST_FREE &&
		    b->request[i].bases == bases)
			return true;
	return false;
}

void
request_cancel(struct broker *b, struct front *f, uint64_t id)
{
	size_t i;

	for (i = 0; i < b->request_count && f->asks > 0; i++) {
		struct request *r = &b->request[i];

		if (r->state == REQUEST_FREE || r->front != f ||
		    (id != 0 && r->id != id))
			continue;
		answer_early(b, r, UNSCANNED_TIMEOUT);
	}
}

/* --- giving to workers --------------------------------------------------- */

static uint32_t
time_left(const struct request *r)
{
	uint64_t now = clock_milliseconds();
	uint64_t left = r->due_ms > now ? r->due_ms - now : 1;

	return left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
}

static bool
is_overdue(const struct request *r)
{
	return clock_milliseconds() - r->since_ms >=
	    (r->class <= ASK_GUARD ? GUARD_MS : PATIENT_MS);
}

static bool
give(struct broker *b, struct request *r)
{
	struct crew_file file = { .scan = number_of(b, r),
		.fd = r->fd,
		.size = r->size,
		.deadline_ms = time_left(r),
		.owner = r->uid,
		.urgency = r->class - ASK_GUARD,
		.is_overdue = is_overdue(r),
		.level = r->level,
		.tries = r->tries,
		.is_second = r->look == LOOK_DOUBTED };

	/* Large files of others must not take all workers from the guard. */
	file.leaves_one = b->has_guard && r->class > ASK_GUARD && is_large(r);
	/* Behind a signature that does not count may be one that does. */
	if (wants_all(b, r) ||
	    b->config->value[KEY_EXCLUDE_SIGNATURE].count > 0)
		file.flags |= SCAN_ALL_MATCHES;
	if ((r->flags & ASK_HASH) != 0)
		file.flags |= SCAN_HASH;
	if ((r->flags & ASK_DETAILS) != 0)
		file.flags |= SCAN_HASH_GAPS;
	/* The crew tells at once that it has given it. */
	r->state = REQUEST_AT_WORKER;
	r->lent = r->fd;
	if (!crew_offer(b->crew, &file)) {
		r->state = REQUEST_WAITING;
		return false;
	}
	dequeue(b, r);
	r->fd = -1;
	return true;
}

static void
dispatch_queue(struct broker *b, struct queue *q)
{
	struct request *head = &q->head, *r, *next;
	unsigned passed = 0;

	for (r = head->next; r != head && passed < LOOK_AHEAD; r = next) {
		next = r->next;
		passed += !give(b, r);
	}
}

void
request_dispatch(struct broker *b)
{
	uint32_t level, class;

	for (level = 0; level < CREW_LEVELS; level++)
		for (class = ASK_GUARD;
		     class < BROKER_CLASSES && b->waiting > 0; class ++)
			dispatch_queue(b, &b->queue[level][class]);
}

/* It took longer than others that wait should have to. */
void
request_returned(void *ctx, const struct crew_file *file)
{
	struct broker *b = ctx;
	struct request *r = find(b, file->scan);

	if (r == NULL) {
		(void)close(file->fd);
		return;
	}
	r->fd = file->fd;
	if (r->state == REQUEST_GHOST) {
		release(b, r);
		return;
	}
	r->level = file->level;
	r->tries = file->tries;
	if (file->is_second)
		r->look = LOOK_DOUBTED;
	unfind(r);
	enqueue(b, r);
}

void
request_check_clock(struct broker *b)
{
	uint64_t now = clock_milliseconds();
	size_t i;

	if (now < b->checked_ms + CHECK_MS)
		return;
	b->checked_ms = now;
	for (i = 0; i < b->request_count; i++) {
		struct request *r = &b->request[i];

		if ((r->state == REQUEST_WAITING && now >= r->due_ms) ||
		    (r->state == REQUEST_AT_WORKER &&
			now >= r->due_ms + LATE_MS))
			answer_early(b, r, UNSCANNED_TIMEOUT);
	}
}

/* --- hearing workers ----------------------------------------------------- */

void
request_given(void *ctx, uint64_t scan, uint32_t generation)
{
	struct broker *b = ctx;
	struct request *r = find(b, scan);
	const struct bases *bases = b->bases;

	if (r == NULL)
		return;
	while (bases->crew > generation && bases->older != NULL)
		bases = bases->older;
	if (r->look == LOOK_DOUBTED)
		r->look = LOOK_SECOND;
	r->bases = bases;
	r->reason = r->reasons = 0;
	unfind(r);
}

/* Keep the first findings in order, each signature once. */
static void
add_finding(struct request *r, const struct finding *f)
{
	size_t at, count = r->finding_count;

	for (at = 0; at < count; at++)
		if (r->finding[at].database == f->database &&
		    r->finding[at].signature == f->signature)
			return;
	r->matches++;
	if (count == ASK_NAMES_MAX &&
	    finding_compare(f, &r->finding[count - 1]) >= 0)
		return;
	if (count == ASK_NAMES_MAX)
		count--;
	for (at = count; at > 0 && finding_compare(f, &r->finding[at - 1]) < 0;
	     at--)
		r->finding[at] = r->finding[at - 1];
	r->finding[at] = *f;
	r->finding_count = count + 1;
}

static bool
is_excluded(const struct broker *b, const struct request *r,
    const struct frame *f)
{
	char name[ASK_NAME_MAX + 1];
	size_t size;

	if (b->config->value[KEY_EXCLUDE_SIGNATURE].count == 0)
		return false;
	size = bases_name(r->bases, f->match.database, f->match.signature, name,
	    ASK_NAME_MAX);
	name[size] = '\0';
	return action_excludes_signature(b->config, name);
}

/* Its path is for the event alone, and only asked for here: most files have
   nothing in them. */
static void
keep_path(struct request *r)
{
	char path[EVENT_PATH_MAX];

	if (r->front->role == 0 && r->path == NULL && r->lent != -1 &&
	    place_path_here(r->lent, path, sizeof(path)))
		r->path = strdup(path);
}

static void
take_match(struct request *r, const struct frame *f)
{
	struct finding found = {
		.object = f->match.object,
		.database = f->match.database,
		.signature = f->match.signature,
	};
	uint32_t flags = 0;

	(void)bases_kind(r->bases, found.database, found.signature, &found.kind,
	    &flags);
	found.is_weak = finding_is_weak(found.kind, flags);
	add_finding(r, &found);
	keep_path(r);
}

static void
keep_detail(struct request *r, const struct frame *f)
{
	struct frame mine = *f;
	uint8_t record[FRAME_LARGE];
	size_t size;

	if ((r->flags & ASK_DETAILS) == 0 || r->has_dropped)
		return;
	mine.scan = r->id;
	size = frame_put(&mine, record);
	if (size == 0 || size > ASK_DETAIL_MAX ||
	    !bytes_add(&r->detail, record, size, REQUEST_DETAIL_MAX)) {
		r->has_dropped = true;
		add_gap(r, UNSCANNED_LIMIT);
	}
}

void
request_frame(void *ctx, const struct frame *f)
{
	struct broker *b = ctx;
	struct request *r = find(b, f->scan);

	if (r == NULL || r->state == REQUEST_GHOST ||
	    (f->kind == FRAME_MATCH && is_excluded(b, r, f)))
		return;
	keep_detail(r, f);
	if (f->kind == FRAME_MATCH)
		take_match(r, f);
	else if (f->kind == FRAME_UNSCANNED)
		add_gap(r, f->unscanned.reason);
}

/* Content that is never infected: nothing was found in it. */
static void
forgive_hash(const struct broker *b, struct request *r, const struct frame *end)
{
	if (r->finding_count == 0 || (end->end.flags & FRAME_END_SHA256) == 0 ||
	    !action_excludes_hash(b->config, end->end.sha256))
		return;
	unfind(r);
}

/* Something is going to be done to this file: one worker may lie, as one that
   an earlier file has taken over would. */
bool
request_doubts(void *ctx, uint64_t scan)
{
	struct broker *b = ctx;
	struct request *r = find(b, scan);

	if (r == NULL || r->state == REQUEST_GHOST ||
	    (r->flags & ASK_CONFIRM) == 0 || r->finding_count == 0)
		return false;
	r->look = LOOK_DOUBTED;
	r->was_weak = r->finding[0].is_weak;
	return true;
}

/* The second worker is done.  Does it say what the first said?  (Of a file
   that was written to meanwhile, it need not.) */
static void
compare_looks(struct broker *b, struct request *r)
{
	if (r->look != LOOK_SECOND ||
	    (r->reasons & 1u << UNSCANNED_CHANGED) != 0 ||
	    (r->finding_count > 0 && r->finding[0].is_weak <= r->was_weak))
		return;
	add_gap(r, UNSCANNED_CRASHED);
	post_note(b->post, EVENT_UNSCANNED, EVENT_WARNING,
	    "two workers disagree about a file: the first found something in "
	    "it, a fresh one does not");
}

void
request_end(void *ctx, uint64_t scan, const struct frame *end,
    enum unscanned lost)
{
	struct broker *b = ctx;
	struct request *r = find(b, scan);

	if (r == NULL)
		return;
	if (lost == UNSCANNED_NOTHING)
		b->searched += end->end.bytes;
	if (r->state == REQUEST_GHOST) {
		release(b, r);
		return;
	}
	if (lost != UNSCANNED_NOTHING) {
		if (is_unconfirmed(r))
			unfind(r);
		add_gap(r, lost);
		if (lost == UNSCANNED_CRASHED)
			post_note(b->post, EVENT_UNSCANNED, EVENT_WARNING,
			    "a file was given up: two workers died of it");
	} else {
		compare_looks(b, r);
		forgive_hash(b, r, end);
	}
	answer(b, r, lost == UNSCANNED_NOTHING ? end : NULL);
	release(b, r);
}
