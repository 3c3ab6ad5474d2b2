/*
 * staff.c - workers of a crew come and go.  See parts.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/crew/parts.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>

void
crew_reap(struct crew *c)
{
	size_t i, left = 0;

	for (i = 0; i < c->dying_count; i++) {
		pid_t got = waitpid(c->dying[i], NULL, WNOHANG);

		if (got == 0 || (got == -1 && errno == EINTR))
			c->dying[left++] = c->dying[i];
	}
	c->dying_count = left;
}

void
crew_dismiss(struct crew *c, struct hand *h)
{
	pid_t pid = hand_kill(h);

	if (pid > 0 && c->dying_count < CREW_DYING_MAX)
		c->dying[c->dying_count++] = pid;
	crew_reap(c);
}

void
crew_retire(struct crew *c, struct hand *h)
{
	if (h->state == HAND_STARTING || h->count == 0)
		crew_dismiss(c, h);
	else
		h->state = HAND_RETIRING;
}

/* A worker ended before it was of any use: say how, and count. */
static void
crew_note_failure(struct crew *c, struct hand *h)
{
	char how[80];
	int status;

	c->failures++;

	/* Dead already, or else it spoke out of turn: then it is now.  It has
	   no file, so nothing can keep it. */
	(void)kill(h->process.pid, SIGKILL);
	status = spawn_wait(&h->process);
	spawn_say_status(status, how, sizeof(how));
	if (WIFEXITED(status) && WEXITSTATUS(status) == FRAME_EXIT_UNCAGED)
		(void)why_not(&c->trouble, WHY_BROKEN,
		    "a worker could not enter its cage, without which nothing "
		    "is scanned (candor-selftest layers: is there seccomp?)");
	else
		(void)why_not(&c->trouble, WHY_BROKEN,
		    "a worker ended before it looked at anything: %s", how);
	h->state = HAND_FREE;
}

void
crew_lose(struct crew *c, struct hand *h, enum unscanned lost)
{
	bool is_again = false;
	struct job job;

	if (h->state == HAND_STARTING ||
	    (h->sent == 0 && lost != UNSCANNED_NOTHING)) {
		crew_take_rest(c, h, 0);
		if (lost == UNSCANNED_TIMEOUT)
			crew_dismiss(c, h);
		else
			crew_note_failure(c, h);
		return;
	}
	crew_dismiss(c, h);
	if (lost != UNSCANNED_NOTHING) {
		job = hand_finish(h);
		job.tries++;
		is_again = lost == UNSCANNED_CRASHED && job.tries < c->tries;
		c->losses++;
		c->failures = 0;
		if (!is_again)
			crew_tell_end(c, &job, NULL, lost);
	}
	crew_take_rest(c, h, 0);
	if (is_again && !crew_return_again(c, &job))
		crew_put_back(c, &job, 1);
}

bool
crew_has_fresh(const struct crew *c)
{
	size_t i;

	for (i = 0; i < c->slots; i++) {
		const struct hand *h = &c->hand[i];

		if (!h->is_aside &&
		    (h->state == HAND_STARTING ||
			(h->state == HAND_READY && h->assigned == 0)))
			return true;
	}
	return false;
}

struct hand *
crew_find_free(struct crew *c)
{
	size_t i;

	for (i = 0; i < c->slots; i++)
		if (c->hand[i].state == HAND_FREE)
			return &c->hand[i];
	return NULL;
}

/* Workers that are, or are about to be, ready: all, or those with the newest
   databases. */
static size_t
crew_active(const struct crew *c, bool is_newest)
{
	size_t i, n = 0;

	for (i = 0; i < c->slots; i++)
		n += (c->hand[i].state == HAND_STARTING ||
			 c->hand[i].state == HAND_READY) &&
		    !c->hand[i].is_aside &&
		    (!is_newest ||
			c->hand[i].generation == c->setup.generation);
	return n;
}

/*
 * While some have older databases, one worker more than there should be: the
 * next to be replaced stays until its successor is ready.
 */
void
crew_staff(struct crew *c)
{
	size_t newest = crew_active(c, true), all = crew_active(c, false);
	size_t most = c->jobs + (all > newest);

	while (newest < c->jobs && all < most &&
	    c->failures < CREW_FAILURES_MAX) {
		struct hand *h = crew_find_free(c);

		if (h == NULL)
			return;
		if (hand_start(h, &c->setup, &c->trouble)) {
			newest++;
			all++;
		} else {
			c->failures++;
		}
	}
}

/* Rather of one that has nothing to do. */
void
crew_retire_old(struct crew *c)
{
	struct hand *old = NULL;
	size_t i;

	for (i = 0; i < c->slots; i++) {
		struct hand *h = &c->hand[i];

		if (h->state == HAND_READY && !h->is_aside &&
		    h->generation != c->setup.generation &&
		    (old == NULL || h->count < old->count))
			old = h;
	}
	if (old != NULL && crew_active(c, false) > c->jobs)
		crew_retire(c, old);
}

bool
crew_is_broken(struct crew *c, struct why *why)
{
	size_t i;

	if (c->failures < CREW_FAILURES_MAX)
		return false;
	for (i = 0; i < c->slots; i++)
		if (c->hand[i].state != HAND_FREE)
			return false;
	for (i = 0; i < c->waiting_count; i++)
		crew_tell_end(c, &c->waiting[i], NULL, UNSCANNED_CRASHED);
	c->waiting_count = 0;
	c->again = 0;
	*why = c->trouble;
	return true;
}
