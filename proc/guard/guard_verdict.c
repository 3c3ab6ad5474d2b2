/*
 * guard_verdict.c - what the broker found, and what is done about it.
 * See guard.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/guard.h"

#include "lib/policy/action.h"
#include "lib/wire/field.h"
#include "proc/guard/opening.h"
#include "proc/quarantine/packaged.h"
#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/place.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Times of a file system that does not keep finer ones are multiples of it. */
#define TOO_ROUND_NS 1000000u

bool
guard_own_path(const struct guard *g, int fd, char *out, size_t room)
{
	struct place at;

	out[0] = '\0';
	return place_get(fd, "", &at, NULL) &&
	    mounts_has(&g->mounts, at.mount) && place_path(fd, out, room);
}

/* What is moved away is told by the path it had. */
static void
keep_path(struct guard *g, const struct look *look)
{
	size_t i;

	for (i = 0; i < GUARD_TAKEN; i++)
		if (g->taken[i].token == 0) {
			g->taken[i].token = looks_token(g->looks, look);
			(void)place_path(look->fd, g->taken[i].path,
			    sizeof(g->taken[i].path));
			return;
		}
}

static const char *
find_path(struct guard *g, const struct look *look)
{
	uint64_t token = looks_token(g->looks, look);
	size_t i;

	for (i = 0; i < GUARD_TAKEN; i++)
		if (g->taken[i].token == token)
			return g->taken[i].path;
	return NULL;
}

static void
forget_path(struct guard *g, const struct look *look)
{
	uint64_t token = looks_token(g->looks, look);
	size_t i;

	for (i = 0; i < GUARD_TAKEN; i++)
		if (g->taken[i].token == token)
			g->taken[i].token = 0;
}

void
guard_tell(struct guard *g, const struct look *look, uint32_t kind,
    uint32_t level, const char *text)
{
	struct event *e = &g->event;
	const char *path = find_path(g, look);
	char now[PATH_MAX];

	if (path == NULL) {
		(void)place_path(look->fd, now, sizeof(now));
		path = now;
	}
	memset(e, 0, sizeof(*e));
	e->kind = kind;
	e->level = level;
	e->verdict = look->verdict;
	e->reason = look->reason;
	e->pid = look->pid;
	e->uid = kin_user(&g->kin, look->pid);
	e->size = look->stamp.size;
	e->base = look->base;
	e->name_size = field_set(e->name, sizeof(e->name), look->signature);
	e->text_size = field_set(e->text, sizeof(e->text), text);
	e->path_size = field_set(e->path, sizeof(e->path), path);
	post_event(g->post, e);
}

/* --- nothing was found -------------------------------------------------- */

/* Does the reason lie in the file, so that looking again changes nothing? */
static bool
is_of_the_file(uint32_t reason)
{
	return reason == UNSCANNED_LIMIT || reason == UNSCANNED_ENCRYPTED ||
	    reason == UNSCANNED_CORRUPT || reason == UNSCANNED_UNSUPPORTED;
}

/* Whoever is answered has waited since the look began, and could do nothing
   else, so that what he writes from now on shows in the file's times (but not
   through a mapping that he made before: docs/guard.md). */
static bool
has_waited_alone(const struct guard *g, const struct look *look)
{
	const struct waiter *w = look->waiters;

	return !look->is_later && !look->is_recalled && !look->is_running &&
	    !look->is_late && w != NULL && w->next == NULL &&
	    clock_nanoseconds() - look->since_ns >= g->tick_ns &&
	    look->stamp.ctime_ns % TOO_ROUND_NS != 0 &&
	    opening_is_by_one_thread(g->kin.proc, look->pid);
}

/* The kernel need not ask again until it is modified. */
static void
settle(struct guard *g, struct look *look)
{
	struct subject_stamp now;
	char path[PATH_MAX];
	struct why why;
	int put_aside;

	if (look->is_spoiled)
		return;
	if (!watch_ignore(&g->watch, look->fd)) {
		if (has_waited_alone(g, look))
			again_keep(&g->again, &look->stamp, look->pid,
			    clock_milliseconds());
		return;
	}
	/* Modified between its scan and the mark: the mark came too late. */
	if (!subject_stamp(look->fd, &now, &why) ||
	    !subject_is_same(&look->stamp, &now)) {
		watch_attend(&g->watch, look->fd);
		return;
	}
	put_aside =
	    later_drop(&g->later, look->stamp.device, look->stamp.inode);
	if (put_aside != -1)
		(void)close(put_aside);
	/* What was too much to look into would be so again. */
	if (look->verdict == VERDICT_CLEAN &&
	    guard_own_path(g, look->fd, path, sizeof(path)))
		recall_keep(&g->recall, path);
}

static void
found_nothing(struct guard *g, struct look *look)
{
	bool may = true;

	if (look->verdict == VERDICT_UNSCANNED) {
		may = !config_is(g->config, KEY_GUARD_UNSCANNED, "deny");
		guard_tell(g, look, EVENT_UNSCANNED,
		    may ? EVENT_INFO : EVENT_WARNING, may ? "" : "denied");
		if (!may)
			known_keep(&g->known, &look->stamp, false);
	}
	if (may && look->generation == g->generation &&
	    (look->verdict == VERDICT_CLEAN || is_of_the_file(look->reason)))
		settle(g, look);
	/* While workers are replaced, one of the old databases may have had
	   it: then all are recalled once more.  (0: none had it.) */
	if (look->is_recalled && look->generation != 0 &&
	    look->generation != g->generation)
		g->wants |= GUARD_SWEEP_RECALLED;
	guard_finish(g, look, may);
}

/* --- something was found ------------------------------------------------ */

static struct hold_stamp
hold_stamp_of(const struct subject_stamp *s)
{
	return (struct hold_stamp){
		.device = s->device,
		.inode = s->inode,
		.size = s->size,
		.mtime_s = s->mtime_s,
		.ctime_s = s->ctime_s,
		.mtime_ns = s->mtime_ns,
		.ctime_ns = s->ctime_ns,
	};
}

/* Send a JUDGE or TAKE; false if there is nobody, or no room. */
static bool
ask_quarantine(struct guard *g, const struct look *look, uint32_t kind)
{
	struct hold h = {
		.kind = kind,
		.token = looks_token(g->looks, look),
	};
	uint8_t record[HOLD_SIZE];

	if (kind == HOLD_TAKE) {
		h.name_size = field_set(h.name, HOLD_NAME_MAX, look->signature);
		h.stamp = hold_stamp_of(&look->stamp);
	}
	return g->hold != -1 && hold_put(&h, record) &&
	    channel_offer(g->hold, record, sizeof(record), look->fd) ==
	    CHANNEL_DONE;
}

/* Ask for it to be moved away; false if nobody will. */
static bool
take_away(struct guard *g, const struct look *look)
{
	keep_path(g, look);
	if (ask_quarantine(g, look, HOLD_TAKE))
		return true;
	forget_path(g, look);
	return false;
}

static enum action
action_of(struct guard *g, const struct look *look, bool is_packaged)
{
	char path[PATH_MAX];
	struct action_case f = {
		.path = path,
		.verdict = look->verdict,
		.kind = look->kind,
		.signature = look->signature,
		.is_packaged = is_packaged,
	};

	(void)guard_own_path(g, look->fd, path, sizeof(path));
	f.path_size = strlen(path);
	return action_for(g->config, &f);
}

/* All is known: do it. */
static void
act(struct guard *g, struct look *look, bool is_packaged, const char *owner)
{
	enum action action = action_of(g, look, is_packaged);
	bool may = action == ACTION_REPORT || !g->watch.prevents;
	char text[EVENT_TEXT_MAX];
	const char *how = "";

	if (look->is_running)
		how = "it is running";
	else if (look->is_late)
		how = "somebody had been allowed to open it";
	(void)snprintf(text, sizeof(text), "%s%s%s", how,
	    how[0] != '\0' && owner[0] != '\0' ? "; " : "", owner);
	guard_tell(g, look, may ? EVENT_DETECTED : EVENT_BLOCKED, EVENT_WARNING,
	    text);
	known_keep(&g->known, &look->stamp, may);
	watch_attend(&g->watch, look->fd);
	if (action == ACTION_QUARANTINE && !look->is_running &&
	    take_away(g, look)) {
		int fd;

		/* Nobody needs to wait until it is gone. */
		while ((fd = looks_release(g->looks, look)) != -1) {
			g->counts.denied += !may;
			watch_answer(&g->watch, fd, may);
		}
		look->stage = LOOK_TAKEN;
		return;
	}
	guard_finish(g, look, may);
}

static void
found(struct guard *g, struct look *look)
{
	char path[PATH_MAX];

	if (ask_quarantine(g, look, HOLD_JUDGE)) {
		look->stage = LOOK_JUDGED;
		return;
	}
	/* Nobody says whose it is: what holds the system together counts as
	   a package's own. */
	(void)guard_own_path(g, look->fd, path, sizeof(path));
	act(g, look, packaged_is_in_system(path), "");
}

bool
guard_guess(struct guard *g, const struct look *look)
{
	char path[PATH_MAX];

	if (look->stage == LOOK_ASKED)
		return !config_is(g->config, KEY_GUARD_OVERRUN, "deny");
	(void)guard_own_path(g, look->fd, path, sizeof(path));
	return action_of(g, look, packaged_is_in_system(path)) == ACTION_REPORT;
}

/* The quarantine has done what it can about a file. */
static void
taken(struct guard *g, struct look *look, const struct hold *h)
{
	char text[EVENT_TEXT_MAX];
	uint32_t pid = look->pid;
	int fd = -1;

	(void)snprintf(text, sizeof(text), "%.*s%.*s", (int)h->id_size, h->id,
	    (int)h->text_size, h->text);
	guard_tell(g, look,
	    h->what == HOLD_MOVED ? EVENT_QUARANTINED : EVENT_DETECTED,
	    EVENT_WARNING, text);
	forget_path(g, look);
	/* No event may come of what changed it: it may only have been given
	   another name, or mode. */
	if (h->what == HOLD_CHANGED_SINCE)
		fd = fcntl(look->fd, F_DUPFD_CLOEXEC, 0);
	guard_finish(g, look, false);
	if (fd != -1)
		guard_look_again(g, fd, pid);
}

void
guard_held(struct guard *g, const struct hold *h)
{
	static const char *const owner[HOLD_OWNERS] = {
		[HOLD_NOBODYS] = "",
		[HOLD_AS_SHIPPED] = "it is as its package installed it",
		[HOLD_CHANGED] = "it is not as its package installed it",
		[HOLD_TO_BOOT] = "the machine may need it to start",
	};
	struct look *look = looks_of_token(g->looks, h->token);

	if (look == NULL)
		return;
	if (h->kind == HOLD_JUDGED && look->stage == LOOK_JUDGED)
		act(g, look,
		    h->what == HOLD_AS_SHIPPED || h->what == HOLD_TO_BOOT,
		    owner[h->what]);
	else if (h->kind == HOLD_TAKEN && look->stage == LOOK_TAKEN)
		taken(g, look, h);
}

void
guard_hold_is_gone(struct guard *g)
{
	char path[PATH_MAX];
	struct look *look;
	size_t i;

	(void)close(g->hold);
	g->hold = -1;
	for (i = 0; i < LOOKS_MAX; i++) {
		look = looks_at(g->looks, i);
		if (look == NULL || look->stage == LOOK_ASKED)
			continue;
		if (look->stage == LOOK_TAKEN) {
			forget_path(g, look);
			guard_finish(g, look, false);
			continue;
		}
		(void)guard_own_path(g, look->fd, path, sizeof(path));
		act(g, look, packaged_is_in_system(path), "");
	}
}

/* --- the broker's answer ------------------------------------------------- */

static const char *
kind_text(uint32_t kind)
{
	static const char *const text[] = { "hash", "body", "logical", "yara" };

	return kind < sizeof(text) / sizeof(text[0]) ? text[kind] : "heuristic";
}

/* Keep the first name that counts; false if all are excluded. */
static bool
choose_name(struct guard *g, struct look *look, const struct ask *a,
    const struct asker_name *name, size_t count)
{
	size_t i;

	if ((a->answer.flags & ASK_HAS_SHA256) != 0 &&
	    action_excludes_hash(g->config, a->answer.sha256))
		return false;
	for (i = 0; i < count; i++) {
		if (action_excludes_signature(g->config, name[i].text))
			continue;
		look->is_weak = name[i].is_weak;
		look->kind = kind_text(name[i].kind);
		look->base = event_base(a->answer.generation, name[i].database);
		(void)snprintf(look->signature, sizeof(look->signature), "%s",
		    name[i].text);
		return true;
	}
	return count == 0;
}

void
guard_answer(void *ctx, uint64_t token, const struct ask *a,
    const struct asker_name *name, size_t count)
{
	struct guard *g = ctx;
	struct look *look = looks_of_token(g->looks, token);

	if (look == NULL)
		return;
	look->kind = "heuristic";
	look->verdict = a->answer.verdict;
	look->reason = a->answer.reason;
	look->generation = a->answer.generation;
	if (a->answer.verdict < VERDICT_SUSPICIOUS) {
		found_nothing(g, look);
		return;
	}
	if (!choose_name(g, look, a, name, count)) {
		look->verdict = a->answer.reason == UNSCANNED_NOTHING
		    ? VERDICT_CLEAN
		    : VERDICT_UNSCANNED;
		found_nothing(g, look);
		return;
	}
	look->verdict = look->is_weak ? VERDICT_SUSPICIOUS : a->answer.verdict;
	found(g, look);
}
