/*
 * main.c - candor-quarantine: holds what the guard wants away.  GREEN
 *
 * Holds:     the vault, and the right to take any file (root).
 * Hears:     fixed frames of the guard (lib/wire/hold.h), with descriptors.
 * Says:      whose a file is, and what became of it.
 * If owned:  it is root; so it reads no format, and acts on descriptors.
 *
 * The guard lets pass what this process opens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/field.h"
#include "lib/wire/hold.h"
#include "proc/duty/attach.h"
#include "proc/duty/post.h"
#include "proc/quarantine/packaged.h"
#include "proc/quarantine/steady.h"
#include "proc/quarantine/take.h"
#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/place.h"
#include "sys/spawn.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TURN_MS 1000
#define TIDY_MS 3600000u /* how often old files are deleted */

/* What is held for less is not deleted to make room: somebody must have had
   the time to see that it was taken, and perhaps wrongly. */
#define YOUNG_S (7 * 86400)

struct keeper {
	struct post *post;
	const struct config *config;
	struct vault vault;
	int guard; /* channel, or -1 */
	struct steady clock;
	uint64_t tidied_ms;
	bool is_tidied, may_age;  /* tidied by age, too */
	struct vault_totals held; /* as of then, and taken since */
	bool is_open, is_stopping;
	struct event event;
	char path[PATH_MAX]; /* of the file at hand */
};

/* --- the vault ------------------------------------------------------------ */

/* A large file takes longer than the supervisor waits for a word. */
static void
stay_alive(void *ctx)
{
	struct keeper *k = ctx;

	post_answer(k->post);
}

static bool
open_vault(struct keeper *k)
{
	const char *path = k->config->value[KEY_QUARANTINE_DIR].text;
	struct why why = { 0 };

	if (k->is_open)
		return vault_lock(&k->vault);
	k->is_open = vault_open(path, true, &k->vault, &why);
	k->vault.alive = stay_alive;
	k->vault.alive_ctx = k;
	if (!k->is_open)
		post_note(k->post, EVENT_NOTE, EVENT_ERROR, "%s: %s", why.text,
		    strerror(why.err));
	return k->is_open;
}

static void
tell(struct keeper *k, uint32_t kind, const struct held *h, const char *text)
{
	struct event *e = &k->event;

	memset(e, 0, sizeof(*e));
	e->kind = kind;
	e->level = EVENT_NOTICE;
	e->uid = UINT32_MAX;
	e->size = h->size;
	e->path_size = field_set(e->path, EVENT_PATH_MAX, h->path);
	e->text_size = field_set(e->text, EVENT_TEXT_MAX, text);
	post_event(k->post, e);
}

static void
tell_totals(struct keeper *k)
{
	post_metric(k->post, METRIC_VAULT_FILES, k->held.count);
	post_metric(k->post, METRIC_VAULT_BYTES, k->held.bytes);
}

static void
tell_gone(void *ctx, const struct held *h, bool is_old)
{
	tell(ctx, EVENT_DELETED, h,
	    is_old ? "held for long enough" : "to make room (max_size)");
}

/* What may be deleted now: nothing by a clock that is not believed. */
static struct vault_wish
wish_now(struct keeper *k)
{
	uint64_t days = k->config->value[KEY_QUARANTINE_KEEP].number;
	struct vault_wish wish = {
		.most = k->config->value[KEY_QUARANTINE_MAX].number,
		.young = k->may_age ? time(NULL) - YOUNG_S : INT64_MIN,
		.gone = tell_gone,
		.ctx = k,
	};

	if (days != 0 && k->may_age)
		wish.before = time(NULL) - (int64_t)days * 86400;
	return wish;
}

/* --- the times of what is held -------------------------------------------- */

static bool
move_time(void *ctx, int64_t *time)
{
	return steady_move(ctx, time);
}

static bool
mend_time(void *ctx, int64_t *time)
{
	return steady_mend(*(const int64_t *)ctx, time);
}

/* False if a time that should not be believed is still there. */
static bool
date_all(struct keeper *k, vault_date_fn date, void *ctx)
{
	struct why why = { 0 };
	bool good;

	if (!open_vault(k))
		return false;
	good = vault_date(&k->vault, date, ctx, &why);
	vault_unlock(&k->vault);
	if (!good)
		post_note(k->post, EVENT_NOTE, EVENT_ERROR, "%.120s", why.text);
	return good;
}

/* --- how long it is held -------------------------------------------------- */

/* Delete what is held for too long, then the oldest beyond the size. */
static void
tidy(struct keeper *k)
{
	struct vault_wish wish = wish_now(k);
	struct why why = { 0 };
	int64_t now = time(NULL);

	k->is_tidied = true;
	k->tidied_ms = clock_asleep_milliseconds();
	if (k->may_age && !date_all(k, mend_time, &now))
		return;
	if (!open_vault(k))
		return;
	if (!vault_purge(&k->vault, &wish, &k->held, &why))
		post_note(k->post, EVENT_NOTE, EVENT_ERROR, "%.120s", why.text);
	vault_unlock(&k->vault);
	tell_totals(k);
}

/* One more is held.  All records are read again only if that is too much. */
static void
count_held(struct keeper *k, uint64_t size)
{
	uint64_t most = k->config->value[KEY_QUARANTINE_MAX].number;

	k->held.count++;
	k->held.bytes += size;
	if (most != 0 && k->held.bytes > most)
		tidy(k);
	else
		tell_totals(k);
}

/* --- what the guard asks -------------------------------------------------- */

static void
judge(struct keeper *k, int fd, struct hold *answer)
{
	char package[PACKAGED_NAME_MAX];

	answer->what = HOLD_NOBODYS;
	if (!place_path(fd, k->path, sizeof(k->path)) || k->path[0] != '/')
		return;
	switch (packaged_by(k->path, fd, package)) {
	case PACKAGED_NOT:
		break;
	case PACKAGED_AS_SHIPPED:
		answer->what = HOLD_AS_SHIPPED;
		break;
	case PACKAGED_CHANGED:
		answer->what = HOLD_CHANGED;
		break;
	case PACKAGED_BOOT:
		answer->what = HOLD_TO_BOOT;
		break;
	}
	answer->name_size = field_set(answer->name, HOLD_NAME_MAX, package);
}

/* Can it be held?  Asked before anything is done: what cannot be must cost
   nothing that is held already. */
static bool
has_room(struct keeper *k, uint64_t size, struct why *why)
{
	struct vault_wish wish = wish_now(k);

	/* All records are read only if it is not plain from their sum. */
	if (k->is_tidied && k->held.bytes <= wish.most &&
	    size <= wish.most - k->held.bytes)
		return true;
	return vault_has_room(&k->vault, &wish, size, why);
}

/* Is it still the file that was scanned? */
static bool
is_unchanged(int fd, const struct subject_stamp *scanned, struct why *why)
{
	struct subject_stamp now;

	if (!subject_stamp(fd, &now, why) || !subject_is_same(scanned, &now))
		return why_not(why, WHY_BROKEN, "it changed since its scan");
	return true;
}

static void
take(struct keeper *k, int fd, const struct hold *h, struct hold *answer)
{
	struct cur name = cur_from(h->name, h->name_size);
	const struct subject_stamp stamp = {
		.device = h->stamp.device,
		.inode = h->stamp.inode,
		.size = h->stamp.size,
		.mtime_s = h->stamp.mtime_s,
		.ctime_s = h->stamp.ctime_s,
		.mtime_ns = h->stamp.mtime_ns,
		.ctime_ns = h->stamp.ctime_ns,
	};
	struct held held = { .path = NULL };
	struct why why = { 0 };
	struct take_request r = { k->path, &stamp, NULL, &name,
		h->name_size > 0 };
	enum take_end end = TAKE_FAILED;
	bool is_same = true;

	if (!open_vault(k))
		(void)why_not(&why, WHY_SYSTEM, "the quarantine is not open");
	else {
		if (!place_path(fd, k->path, sizeof(k->path)) ||
		    k->path[0] != '/')
			(void)why_not(&why, WHY_SYSTEM, "it has no path");
		else if ((is_same = is_unchanged(fd, &stamp, &why)) &&
		    has_room(k, stamp.size, &why))
			end = take_path(&k->vault, &r, &held, &why);
		vault_unlock(&k->vault);
	}
	answer->what = end == TAKE_MOVED ? HOLD_MOVED
	    : end == TAKE_KEPT           ? HOLD_KEPT
	    : is_same                    ? HOLD_FAILED
					 : HOLD_CHANGED_SINCE;
	if (end == TAKE_MOVED)
		answer->id_size = field_set(answer->id, HOLD_ID_MAX, held.id);
	else
		answer->text_size =
		    field_set(answer->text, HOLD_TEXT_MAX, why.text);
	if (end == TAKE_MOVED)
		count_held(k, held.size);
	held_free(&held);
}

/* One record; false if the guard is gone, or talks nonsense. */
static bool
serve(struct keeper *k)
{
	uint8_t record[HOLD_SIZE];
	struct hold h, answer = { .what = 0 };
	bool is_lost, good = false;
	enum channel_end end;
	size_t size;
	int fd = -1;

	end = channel_take(k->guard, record, sizeof(record), &size, &fd,
	    &is_lost);
	if (end == CHANNEL_WAIT)
		return true;
	if (end == CHANNEL_DONE && fd != -1 &&
	    hold_get(cur_from(record, size), &h) &&
	    (h.kind == HOLD_JUDGE || h.kind == HOLD_TAKE)) {
		answer.token = h.token;
		answer.kind = h.kind == HOLD_JUDGE ? HOLD_JUDGED : HOLD_TAKEN;
		if (h.kind == HOLD_JUDGE)
			judge(k, fd, &answer);
		else
			take(k, fd, &h, &answer);
		good = hold_put(&answer, record) &&
		    channel_send(k->guard, record, sizeof(record), -1) ==
			CHANNEL_DONE;
	}
	if (fd != -1)
		(void)close(fd);
	return good;
}

/* --- what the supervisor says --------------------------------------------- */

static void
hear_config(void *ctx, const struct config *c)
{
	struct keeper *k = ctx;

	/* Another folder: open it when it is needed. */
	if (k->is_open)
		vault_close(&k->vault);
	k->is_open = false;
	k->config = c;
	k->is_tidied = false;
}

static void
hear_link(void *ctx, uint32_t role, uint32_t class, int fd)
{
	struct keeper *k = ctx;

	(void)class;
	if (role != ROLE_GUARD) {
		(void)close(fd);
		return;
	}
	if (k->guard != -1)
		(void)close(k->guard);
	k->guard = fd;
}

static void
hear_go(void *ctx)
{
	struct keeper *k = ctx;

	post_ready(k->post);
}

static void
hear_stop(void *ctx)
{
	struct keeper *k = ctx;

	k->is_stopping = true;
}

/* Once an hour; and at once when the clock may be believed again. */
static void
mind_age(struct keeper *k)
{
	uint64_t now = clock_asleep_milliseconds();
	int64_t wall = time(NULL);
	struct steady_step step;
	bool is_moved = steady_step(&k->clock, wall, now, &step);
	bool may =
	    steady_look(&k->clock, wall, now) && steady_is_plausible(wall);
	bool is_due = !k->is_tidied || now - k->tidied_ms >= TIDY_MS ||
	    (may && !k->may_age);

	k->may_age = may;
	if (k->config != NULL && is_moved)
		(void)date_all(k, move_time, &step);
	if (k->config != NULL && is_due)
		tidy(k);
}

static bool
turn(struct keeper *k)
{
	struct pollfd p[2] = {
		{ .fd = post_fd(k->post), .events = POLLIN },
		{ .fd = k->guard, .events = POLLIN },
	};

	if (poll(p, 2, TURN_MS) == -1 && errno != EINTR)
		return false;
	if (!post_hear(k->post))
		return false;
	if (p[1].revents != 0 && p[1].fd == k->guard && !serve(k)) {
		(void)close(k->guard);
		k->guard = -1;
	}
	mind_age(k);
	post_flush(k->post);
	return true;
}

int
main(int argc, char **argv)
{
	uint32_t supervisor = 0;
	struct keeper *k = calloc(1, sizeof(*k));
	struct post_listener hear = { k, hear_config, hear_link, NULL, NULL,
		hear_go, hear_stop };
	struct why why = { 0 };

	if (k == NULL)
		return 1;
	(void)signal(SIGPIPE, SIG_IGN);
	k->guard = -1;
	/* In a unit of our own: wait for candord at that socket. */
	if (argc != 2 || attach_wait(argv[1], SPAWN_CHANNEL, &supervisor, &why))
		k->post = post_open(SPAWN_CHANNEL, &hear, &why);
	if (k->post == NULL) {
		fprintf(stderr, "candor-quarantine: %s%s%s\n", why.text,
		    why.err != 0 ? ": " : "",
		    why.err != 0 ? strerror(why.err) : "");
		return 1;
	}
	while (!k->is_stopping && turn(k))
		continue;
	if (k->is_open)
		vault_close(&k->vault);
	post_close(&k->post);
	free(k);
	return 0;
}
