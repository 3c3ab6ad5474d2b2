/*
 * path.c - files by their paths.  See path.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/clamd/path.h"

#include "proc/walker/protocol.h"
#include "sys/beside.h"
#include "sys/channel.h"
#include "sys/spawn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Read of a walker before others have their turn. */
#define RECORDS_AT_ONCE 32

/* A process that walks, or has nothing to do. */
struct walker {
	struct ready_watch watch;
	struct spawned process;
	struct walker *next; /* of those with nothing to do */
	struct walk *walk;
};

struct walk {
	struct client *client;
	struct walk *after;  /* of the same client */
	struct walk *behind; /* in the line for a walker */
	struct walker *walker;
	enum clamd_command command;
	struct clamd_tag tag;
	unsigned pending; /* files asked about */
	enum request_end worst;
	bool is_waiting, is_stopped, is_walked;
	size_t path_size;
	char path[]; /* as the client said it, without the last slashes */
};

static void walker_turn(struct ready_watch *w, unsigned what);

/* --- walkers ------------------------------------------------------------- */

/* It has no walk any more. */
static void
walker_rest(struct front *f, const struct walker *w)
{
	size_t i;

	for (i = 0; i < f->walking_count; i++)
		if (f->walking[i] == w) {
			f->walking[i] = f->walking[--f->walking_count];
			return;
		}
}

static void
walker_end(struct front *f, struct walker *w)
{
	walker_rest(f, w);
	ready_forget(&f->ready, &w->watch);
	spawn_end(&w->process);
	f->walkers--;
	w->watch.fd = -1;
	w->next = f->walkers_buried;
	f->walkers_buried = w;
}

static struct walker *
walker_start(struct front *f)
{
	static const char *const argv[] = { "candor-walker", NULL };
	struct walker *w = calloc(1, sizeof(*w));
	char path[1024];
	struct why why;

	if (w == NULL)
		return NULL;
	w->watch.turn = walker_turn;
	if (!beside_program(argv[0], path, sizeof(path), &why) ||
	    !spawn_neighbour(path, argv, (uid_t)-1, (gid_t)-1, &w->process,
		&why)) {
		free(w);
		return NULL;
	}
	w->watch.fd = w->process.channel;
	f->walkers++;
	return w;
}

/* One with nothing to do, or a new one; NULL: none can be had now. */
static struct walker *
walker_get_free(struct front *f)
{
	struct walker *w = f->walkers_free;

	if (w != NULL)
		f->walkers_free = w->next;
	else if (f->walkers < PATHS_MOST)
		w = walker_start(f);
	return w;
}

static bool
walker_say(struct front *f, struct walker *w, const struct walker_message *m,
    int fd)
{
	size_t size = walker_put(m, f->record);

	return size > 0 &&
	    channel_offer(w->watch.fd, f->record, size, fd) == CHANNEL_DONE;
}

/* --- the end of a walk --------------------------------------------------- */

static void
walk_free(struct walk *w)
{
	struct walk **at = &w->client->walks;

	while (*at != w)
		at = &(*at)->after;
	*at = w->after;
	free(w);
}

static void
walk_say(const struct walk *w, enum clamd_ending ending, const char *what)
{
	const struct clamd_reply r = { w->tag, ending, w->path, w->path_size,
		what };

	client_say(w->client, &r);
}

/* Is it over?  Then say the last word. */
static void
walk_finish(struct walk *w)
{
	struct client *c = w->client;

	if (!w->is_walked || w->pending > 0)
		return;
	if (w->worst == REQUEST_CLEAN)
		walk_say(w, CLAMD_SAYS_OK, NULL);
	if (c->is_buried)
		return;
	walk_free(w);
	client_answered(c);
}

static void
walk_fail(struct walk *w, const char *what)
{
	walk_say(w, CLAMD_SAYS_ERROR, what);
	if (w->client->is_buried)
		return;
	w->worst = REQUEST_ERROR;
	w->is_walked = true;
	walk_finish(w);
}

static void
walk_stop(struct walk *w)
{
	static const struct walker_message stop = { .kind = WALKER_STOP };

	if (w->is_stopped || w->walker == NULL)
		return;
	w->is_stopped = true;
	(void)walker_say(w->client->front, w->walker, &stop, -1);
}

/* --- the line for walkers ------------------------------------------------ */

static void
line_leave(struct front *f, struct walk *w)
{
	struct walk **at = &f->walks_line;

	while (*at != NULL && *at != w)
		at = &(*at)->behind;
	if (*at == w)
		*at = w->behind;
}

static void
line_enter(struct front *f, struct walk *w)
{
	struct walk **at = &f->walks_line;

	while (*at != NULL)
		at = &(*at)->behind;
	*at = w;
}

/* Is there something to be read of its walker now? */
static bool
may_read(const struct walk *w)
{
	const struct front *f = w->client->front;
	unsigned most = w->command == CLAMD_MULTISCAN ? PATHS_MULTIPLE : 1;

	if (w->is_stopped)
		return true;
	return w->pending < most && f->files < f->files_max &&
	    !client_is_slow(w->client);
}

static void
watch_walker(struct walk *w)
{
	if (w->walker != NULL)
		(void)ready_set(&w->client->front->ready, &w->walker->watch,
		    may_read(w) ? READY_READ : 0);
}

static bool
walk_start(struct walk *w, struct walker *walker)
{
	/* It opens with the rights of who asks, as far as that is known. */
	struct front *f = w->client->front;
	int asker = w->client->is_local ? w->client->watch.fd : -1;
	const struct walker_message m = { .kind = WALKER_WALK,
		.what = w->client->front->settings.depth_max,
		.err = asker != -1,
		.path = cur_from(w->path, w->path_size) };

	w->walker = walker;
	walker->walk = w;
	f->walking[f->walking_count++] = walker;
	if (!walker_say(f, walker, &m, asker))
		return false;
	watch_walker(w);
	return true;
}

/* Do enough walk for that user already?  One who does not read what was said
   holds up his walks, but not others'. */
static bool
has_enough(const struct front *f, uid_t user)
{
	size_t i, n = 0;

	for (i = 0; i < f->walking_count; i++) {
		struct client *c = f->walking[i]->walk->client;

		n += client_peer(c)->uid == user && !client_is_slow(c);
	}
	return n >= PATHS_AT_ONCE;
}

/* Who is the next that may walk?  The lines of users are one behind another. */
static struct walk **
line_next(struct front *f)
{
	struct walk **at = &f->walks_line;
	bool is_refused = false;
	uid_t refused = 0, user;

	for (; *at != NULL; at = &(*at)->behind) {
		user = client_peer((*at)->client)->uid;
		if (is_refused && user == refused)
			continue;
		if (!has_enough(f, user))
			return at;
		is_refused = true;
		refused = user;
	}
	return NULL;
}

/* Let walk who waits, while there are walkers.  The caller goes on with the
   client now, if there is one; others are gone on with here. */
static void
line_go_on(struct front *f, const struct client *now)
{
	struct walk **at;

	while (f->walks_line != NULL && (at = line_next(f)) != NULL) {
		struct walker *walker = walker_get_free(f);
		struct walk *w = *at;
		struct client *c;

		if (walker == NULL && f->walkers > 0)
			return;
		*at = w->behind;
		if (walker != NULL && walk_start(w, walker))
			continue;
		w->walker = NULL;
		if (walker != NULL)
			walker_end(f, walker);
		c = w->client;
		walk_fail(w, "Can't start a process");
		if (c != now)
			client_settle(c);
	}
}

/* --- what a walker says -------------------------------------------------- */

static void
hear_file(struct walk *w, const struct walker_message *m, int fd)
{
	struct request_wish wish = { .tag = w->tag,
		.name = (const char *)m->path.base,
		.name_size = cur_left(&m->path),
		.fd = fd,
		.size = m->size,
		.is_all_matches = w->command == CLAMD_ALLMATCHSCAN ||
		    w->client->front->settings.is_all_matches,
		.walk = w };
	struct clamd_reply no_memory = { .tag = w->tag,
		.ending = CLAMD_SAYS_ERROR,
		.what = "Can't allocate memory" };

	if (w->is_stopped) {
		(void)close(fd);
		return;
	}
	if (request_begin(w->client, &wish)) {
		w->pending++;
		return;
	}
	no_memory.name = wish.name;
	no_memory.name_size = wish.name_size;
	w->worst = REQUEST_ERROR;
	client_say(w->client, &no_memory);
}

static void
hear_gap(struct walk *w, const struct walker_message *m)
{
	char what[128];
	struct clamd_reply r = { .tag = w->tag,
		.ending = CLAMD_SAYS_ERROR,
		.name = (const char *)m->path.base,
		.name_size = cur_left(&m->path),
		.what = what };

	if (w->is_stopped)
		return;
	switch (m->what) {
	case WALKER_DENIED:
		r.what = "Access denied.";
		break;
	case WALKER_ODD:
		r.what = "Not supported file type";
		break;
	case WALKER_DEEP:
		r.what = "Exceeded a limit";
		break;
	default:
		(void)snprintf(what, sizeof(what),
		    "File path check failure: %s.", strerror((int)m->err));
		break;
	}
	if (w->worst == REQUEST_CLEAN)
		w->worst = REQUEST_ERROR;
	client_say(w->client, &r);
}

/* The walk is done; its walker is free for another. */
static void
hear_done(struct front *f, struct walker *walker)
{
	struct walk *w = walker->walk;

	w->is_walked = true;
	w->walker = NULL;
	walker_rest(f, walker);
	walker->walk = NULL;
	ready_forget(&f->ready, &walker->watch);
	walker->next = f->walkers_free;
	f->walkers_free = walker;
	walk_finish(w);
}

/* False: it is none of ours any more. */
static bool
hear(struct front *f, struct walker *walker, const struct walker_message *m,
    int fd)
{
	struct walk *w = walker->walk;

	if ((m->kind == WALKER_FILE) != (fd != -1)) {
		if (fd != -1)
			(void)close(fd);
		return false;
	}
	switch (m->kind) {
	case WALKER_FILE:
		hear_file(w, m, fd);
		return true;
	case WALKER_GAP:
		hear_gap(w, m);
		return true;
	case WALKER_DONE:
		hear_done(f, walker);
		return true;
	default:
		return false;
	}
}

/* It died, or is ill: what it walked is not wholly walked. */
static void
walker_lost(struct front *f, struct walker *walker)
{
	struct walk *w = walker->walk;

	walker_end(f, walker);
	w->walker = NULL;
	if (w->worst != REQUEST_FOUND) {
		walk_fail(w, "Scanner crashed");
		return;
	}
	w->is_walked = true;
	walk_finish(w);
}

static void
walker_turn(struct ready_watch *watch, unsigned what)
{
	struct walker *walker = (struct walker *)(void *)watch;
	struct client *c = walker->walk->client;
	struct front *f = c->front;
	struct walker_message m;
	size_t size;
	bool is_lost;
	int fd, i;

	(void)what;
	for (i = 0; i < RECORDS_AT_ONCE && !c->is_buried &&
	     walker->walk != NULL && may_read(walker->walk);
	     i++) {
		enum channel_end end = channel_take(walker->watch.fd, f->record,
		    sizeof(f->record), &size, &fd, &is_lost);

		if (end == CHANNEL_WAIT)
			break;
		if (end != CHANNEL_DONE ||
		    !walker_get(cur_from(f->record, size), &m) ||
		    !hear(f, walker, &m, fd)) {
			walker_lost(f, walker);
			break;
		}
	}
	if (!c->is_buried && walker->walk != NULL && walker->watch.fd != -1)
		watch_walker(walker->walk);
	line_go_on(f, c);
	client_settle(c);
}

/* --- from outside -------------------------------------------------------- */

void
path_begin(struct client *c, const struct clamd_request *r)
{
	struct walk *w;
	size_t size = cur_left(&r->path);

	while (size > 1 && r->path.base[size - 1] == '/')
		size--;
	w = malloc(sizeof(*w) + size + 1);
	if (w == NULL) {
		client_say_text(c, r->tag, CLAMD_SAYS_FAILED);
		return;
	}
	memset(w, 0, sizeof(*w));
	w->client = c;
	w->command = r->command;
	w->tag = r->tag;
	w->path_size = size;
	memcpy(w->path, r->path.base, size);
	w->path[size] = '\0';
	w->after = c->walks;
	c->walks = w;
	c->pending++;
	line_enter(c->front, w);
	line_go_on(c->front, c);
}

void
path_answered(struct walk *w, enum request_end end)
{
	w->pending--;
	if (end > w->worst || end == REQUEST_FOUND)
		w->worst = end;
	if (end == REQUEST_FOUND &&
	    (w->command == CLAMD_SCAN || w->command == CLAMD_ALLMATCHSCAN))
		walk_stop(w);
	watch_walker(w);
	walk_finish(w);
}

void
paths_go_on(struct client *c)
{
	struct walk *w;

	for (w = c->walks; w != NULL; w = w->after)
		watch_walker(w);
}

void
paths_forget(struct client *c)
{
	struct front *f = c->front;
	struct walk *w;

	while ((w = c->walks) != NULL) {
		if (w->walker != NULL)
			walker_end(f, w->walker);
		else if (!w->is_walked)
			line_leave(f, w);
		walk_free(w);
	}
}

static void
bury_walkers(struct front *f)
{
	struct walker *w;

	while ((w = f->walkers_buried) != NULL) {
		f->walkers_buried = w->next;
		free(w);
	}
}

void
paths_turn(struct front *f)
{
	line_go_on(f, NULL);
	bury_walkers(f);
}

void
paths_close(struct front *f)
{
	struct walker *w;

	while ((w = f->walkers_free) != NULL) {
		f->walkers_free = w->next;
		walker_end(f, w);
	}
	bury_walkers(f);
}
