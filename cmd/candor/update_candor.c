/*
 * update_candor.c - bring a feed that is published in a log up to date.
 *
 * First only documents: every mirror in turn is asked what is newest, until
 * one gives a view that is fresh; of several that are not, the newest is
 * taken.  Then the files, from the mirror that named them, else from the
 * others: they are known by their hashes, so it does not matter from whom.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/update.h"

#include "cmd/candor/checking.h"
#include "cmd/candor/human.h"
#include "lib/base/hex.h"
#include "lib/crypto/digest.h"
#include "lib/trust/state.h"
#include "proc/verify/inputs.h"
#include "sys/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DELTA_MS 600000u

struct work {
	struct update *u;
	const struct feeds_one *feed;
	struct installing installing;
	struct buf anchor, state;
	struct checked *best; /* or NULL */
	size_t best_mirror;
	bool has_answer;          /* a mirror answered, whatever */
	enum trust_outcome worst; /* what was refused; ACCEPTED: nothing */
	char worst_text[256];
	const char *worst_mirror;
};

/* --- documents ------------------------------------------------------------ */

static enum trust_status
status_of(const struct work *w, const struct buf *text)
{
	struct trust_state *s = buf_alloc(1, sizeof(*s));
	enum trust_status status = TRUST_VIEW_STALE;
	struct why why;

	if (text->size > 0 &&
	    trust_state_read(cur_from(text->bytes, text->size), s, &why))
		status = trust_status(s, w->u->time.now, w->u->time.build);
	free(s);
	return status;
}

/* What convicts somebody is kept, under a name that follows from it. */
static void
keep_evidence(struct work *w, const struct checked *c)
{
	uint8_t hash[DIGEST_SIZE_MAX];
	struct why why = { 0 };
	char name[2 * 16 + 1];

	digest_of(DIGEST_SHA256, c->evidence.bytes, c->evidence.size, hash);
	hex_write(hash, 16, name);
	if (!installing_bytes(&w->installing, STORE_EVIDENCE, name,
		c->evidence.bytes, c->evidence.size, &why))
		update_complain(w->feed, NULL, &why);
}

/* What is refused may still have shown newer roots: nobody can go back behind
   them any more. */
static void
keep_state(struct work *w, const struct checked *c)
{
	struct why why = { 0 };

	buf_cut(&w->state, 0);
	buf_add(&w->state, c->state.bytes, c->state.size);
	if (!installing_bytes(&w->installing, STORE_TOP, "state",
		c->state.bytes, c->state.size, &why))
		update_complain(w->feed, NULL, &why);
}

static void
note_refusal(struct work *w, const struct checked *c, const char *mirror)
{
	struct why why = { .kind = WHY_FORGED };

	snprintf(why.text, sizeof(why.text), "%s: %.200s",
	    trust_outcome_name(c->outcome), c->text);
	update_complain(w->feed, mirror, &why);
	if (c->evidence.size > 0)
		keep_evidence(w, c);
	if (c->is_changed)
		keep_state(w, c);
	if (w->worst == TRUST_EQUIVOCATION)
		return;
	w->worst = c->outcome;
	w->worst_mirror = mirror;
	snprintf(w->worst_text, sizeof(w->worst_text), "%s", c->text);
}

/* Is a better than b: a longer log, or vouched for later? */
static bool
is_better(const struct checked *a, const struct checked *b)
{
	struct trust_state *x = buf_alloc(2, sizeof(*x)), *y = x + 1;
	struct why why;
	bool is = b == NULL ||
	    (trust_state_read(cur_from(a->state.bytes, a->state.size), x,
		 &why) &&
		(!trust_state_read(cur_from(b->state.bytes, b->state.size), y,
		     &why) ||
		    x->size > y->size ||
		    (x->size == y->size && x->quorum_time > y->quorum_time)));

	free(x);
	return is;
}

/* Ask one mirror; true if there is no need to ask another. */
static bool
ask(struct work *w, size_t number, const char *mirror)
{
	const struct checking checking = { &w->anchor, &w->state,
		w->u->time.now, w->u->time.build };
	struct checked *c = buf_alloc(1, sizeof(*c));
	struct fetching f = { 0 };
	struct why why = { 0 };
	bool is_checked = fetching_open(&f, mirror, w->feed->feed.proxy,
			      w->u->quiet_ms, &why) &&
	    checking_run(&checking, &f, c, &why);

	fetching_close(&f);
	w->has_answer |= is_checked;
	if (is_checked && !c->is_changed)
		buf_add(&c->state, w->state.bytes, w->state.size);
	if (!is_checked)
		update_complain(w->feed, mirror, &why);
	else if (c->outcome != TRUST_ACCEPTED && c->outcome != TRUST_UNCHANGED)
		note_refusal(w, c, mirror);
	else if (is_better(c, w->best)) {
		struct checked *old = w->best;

		w->best = c;
		w->best_mirror = number;
		c = old;
	}
	if (c != NULL)
		checked_free(c);
	free(c);
	if (w->best == NULL)
		return false;
	return status_of(w, &w->best->state) == TRUST_CURRENT ||
	    status_of(w, &w->best->state) == TRUST_FEED_QUIET;
}

/* --- files ---------------------------------------------------------------- */

/* blob/sha256/ab/cdef... */
static void
blob_path(const uint8_t sha256[32], char out[96])
{
	char hex[65];

	hex_write(sha256, 32, hex);
	snprintf(out, 96, "blob/sha256/%.2s/%s", hex, hex + 2);
}

/* From the mirror's process straight into the installer's. */
static bool
fetch_file(struct work *w, struct fetching *f, const struct trust_file *file,
    struct why *why)
{
	struct store_file to = { .place = STORE_NEW,
		.name = file->name,
		.size = file->size,
		.hash = file->sha256 };
	char path[96];
	struct why inner = { 0 };
	enum order_end end = ORDER_FAILED;
	bool is_told, is_fetched, is_written;
	int ends[2];

	if (f->aide.program == NULL)
		return why_not(why, WHY_BROKEN, "candor-fetch is gone");
	blob_path(file->sha256, path);
	if (pipe2(ends, O_CLOEXEC) == -1)
		return why_not(why, WHY_SYSTEM, "pipe");
	to.from = ends[0];
	is_told = installing_tell(&w->installing, &to, why);
	close(ends[0]);
	/* Without an installer the pipe breaks; without a mirror it ends. */
	is_fetched = fetching_begin(f, path, file->size, ends[1], why) &&
	    fetching_end(f, file->size, &end, why);
	is_written = is_told && installing_hear(&w->installing, &inner);
	/* Who does not listen any more knows better why. */
	if (is_told && !is_written && (is_fetched || end == ORDER_FAILED))
		*why = inner;
	return is_fetched && is_written;
}

/* The difference from what is installed to that file, if there is one. */
static const struct checking_delta *
find_delta(const struct work *w, const struct trust_file *file)
{
	const struct checked *c = w->best;
	char used[65], base[48];
	size_t i;

	feeds_current(w->u->place, w->feed->name, used);
	for (i = 0; i < c->delta_count; i++) {
		snprintf(base, sizeof(base), "%" PRIu64 "-%" PRIu64, c->epoch,
		    c->delta[i].base);
		if (&c->file[c->delta[i].file] == file &&
		    strcmp(base, used) == 0 &&
		    (w->u->wants_delta || w->feed->feed.wants_delta))
			return &c->delta[i];
	}
	return NULL;
}

/* Give a file that is open to candor-verify. */
static bool
give(struct aide *h, enum verify_delta_input which, int fd, struct why *why)
{
	struct order o = { .kind = ORDER_INPUT, .a = which };
	struct stat s;

	if (fd == -1 || fstat(fd, &s) == -1)
		return why_not(why, WHY_SYSTEM, "the file before");
	o.number[0] = (uint64_t)s.st_size;
	return aide_tell(h, &o, fd, why);
}

/* Make the file of two others, straight into the installer's hands. */
static bool
apply_delta(struct work *w, const struct trust_file *file, int old, int delta,
    struct why *why)
{
	struct store_file to = { .place = STORE_NEW,
		.name = file->name,
		.size = file->size,
		.hash = file->sha256 };
	struct order o = { .kind = ORDER_CHECK };
	struct aide h = { 0 };
	bool is_made, is_told;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return why_not(why, WHY_SYSTEM, "pipe");
	to.from = ends[0];
	o.number[0] = file->size;
	is_told = installing_tell(&w->installing, &to, why);
	close(ends[0]);
	is_made = is_told &&
	    aide_start(&h, "candor-verify", "delta", -1, why) &&
	    give(&h, VERIFY_OLD, old, why) &&
	    give(&h, VERIFY_DELTA, delta, why) &&
	    aide_tell(&h, &o, ends[1], why);
	close(ends[1]);
	/* Whatever it says of the difference: if what came out is what was
	   signed, it was good. */
	if (is_made)
		(void)aide_hear(&h, &o, DELTA_MS, why);
	aide_end(&h);
	return is_told && installing_hear(&w->installing, why);
}

/* By a difference; false if that did not work: then the whole file is got. */
static bool
get_by_delta(struct work *w, const char *mirror, const struct trust_file *file,
    struct why *why)
{
	const struct checking_delta *d = find_delta(w, file);
	struct buf path = { 0 };
	struct fetching f = { 0 };
	int old, delta = -1;
	enum order_end end;
	char blob[96];
	bool is_done;

	if (d == NULL)
		return false;
	buf_text(&path, w->u->place->state);
	buf_text(&path, "/");
	buf_text(&path, w->feed->name);
	buf_text(&path, "/current/");
	buf_text(&path, file->name);
	old = open(path.bytes, O_RDONLY | O_CLOEXEC);
	blob_path(d->sha256, blob);
	is_done = memfd_open(&delta, why) &&
	    fetching_open(&f, mirror, w->feed->feed.proxy, w->u->quiet_ms,
		why) &&
	    fetching_save(&f, blob, d->size, delta, &end, why) &&
	    memfd_seal(&delta, why) && apply_delta(w, file, old, delta, why);
	fetching_close(&f);
	if (!is_done)
		update_complain(w->feed, mirror, why);
	if (old != -1)
		close(old);
	if (delta != -1)
		close(delta);
	buf_free(&path);
	return is_done;
}

/* From whoever has it. */
static bool
get_file(struct work *w, const struct trust_file *file, struct why *why)
{
	size_t i, count = w->u->from != NULL ? 1 : w->feed->feed.mirror_count;

	for (i = 0; i < count; i++) {
		const char *mirror =
		    update_mirror(w->u, w->feed, (w->best_mirror + i) % count);
		struct fetching f = { 0 };
		bool is_done;

		if (get_by_delta(w, mirror, file, why))
			return true;
		is_done = fetching_open(&f, mirror, w->feed->feed.proxy,
			      w->u->quiet_ms, why) &&
		    fetch_file(w, &f, file, why);
		fetching_close(&f);
		if (is_done)
			return true;
		update_complain(w->feed, mirror, why);
		if (w->installing.aide.program == NULL)
			return false;
	}
	return why_not(why, WHY_BROKEN, "no mirror has %s as it was published",
	    file->name);
}

static bool
install(struct work *w, const char *serial, struct why *why)
{
	const struct checked *c = w->best;
	size_t i;

	if (!installing_begin(&w->installing, why))
		return false;
	for (i = 0; i < c->file_count; i++)
		if (!get_file(w, &c->file[i], why))
			return false;
	return installing_bytes(&w->installing, STORE_NEW, "state",
		   c->state.bytes, c->state.size, why) &&
	    installing_bytes(&w->installing, STORE_NEW, "roots", c->roots.bytes,
		c->roots.size, why) &&
	    installing_bytes(&w->installing, STORE_NEW, "latest",
		c->latest.bytes, c->latest.size, why) &&
	    installing_try(&w->installing, why) &&
	    installing_commit(&w->installing, serial, why);
}

/* --- all of it ------------------------------------------------------------ */

/* The state: of what is installed, or a later one beside it. */
static void
load_state(struct work *w)
{
	char *beside = feeds_path(w->u->place->state, w->feed->name, "/state");
	char *within =
	    feeds_path(w->u->place->state, w->feed->name, "/current/state");

	feed_status_load(within, beside, &w->state);
	free(beside);
	free(within);
}

static bool
load_anchor(struct work *w, struct why *why)
{
	char *path = feeds_path(w->u->place->settings, w->feed->name, ".root");
	bool is_there = feeds_load(path, NOTE_MAX, &w->anchor) ||
	    why_not(why, WHY_SYSTEM, "%.150s", path);

	free(path);
	return is_there;
}

/* Take over the best that was found; false if that did not work. */
static bool
take_over(struct work *w, struct why *why)
{
	char serial[48], used[65];

	/* Another log (epoch) begins to count anew. */
	snprintf(serial, sizeof(serial), "%" PRIu64 "-%" PRIu64, w->best->epoch,
	    w->best->serial);
	feeds_current(w->u->place, w->feed->name, used);
	if (strcmp(serial, used) != 0) {
		if (!install(w, serial, why))
			return false;
		w->u->is_new = true;
		printf("%s: tried on %" PRIu64 " file%s of this machine\n"
		       "%s: release %s installed, %zu file%s\n",
		    w->feed->name, w->installing.tried,
		    human_s(w->installing.tried), w->feed->name, serial,
		    w->best->file_count, human_s(w->best->file_count));
	}
	return !w->best->is_changed ||
	    installing_bytes(&w->installing, STORE_TOP, "state",
		w->best->state.bytes, w->best->state.size, why);
}

static enum update_end
finish(struct work *w)
{
	struct why why = { 0 };
	bool is_refused = w->best == NULL && w->has_answer;
	enum trust_status status;

	if (w->best == NULL && !w->has_answer) {
		(void)why_not(&why, WHY_BROKEN, "no mirror answers");
		return update_fail(&w->installing, w->feed, NULL, "UNREACHABLE",
		    &why);
	}
	if (w->best != NULL && !take_over(w, &why))
		return update_fail(&w->installing, w->feed, NULL,
		    why.kind == WHY_FORGED ? "NOT-USED" : "INCOMPLETE", &why);
	if (!update_remember(&w->installing,
		is_refused ? trust_outcome_name(w->worst) : "OK",
		is_refused ? w->worst_mirror : NULL,
		is_refused ? w->worst_text : "", &why)) {
		update_complain(w->feed, NULL, &why);
		return UPDATE_TROUBLE;
	}
	if (is_refused || w->worst == TRUST_EQUIVOCATION)
		return UPDATE_ATTENTION;
	status = status_of(w, &w->best->state);
	printf("%s: %s\n", w->feed->name, trust_status_name(status));
	return status == TRUST_CURRENT || status == TRUST_FEED_QUIET
	    ? UPDATE_FINE
	    : UPDATE_ATTENTION;
}

enum update_end
update_candor(struct update *u, const struct feeds_one *feed)
{
	struct work w = { .u = u, .feed = feed, .worst = TRUST_ACCEPTED };
	enum update_end end = UPDATE_TROUBLE;
	const char *mirror;
	struct why why = { 0 };
	size_t i;

	if (!load_anchor(&w, &why) ||
	    !installing_open(&w.installing, u->place, feed->name, &why)) {
		update_complain(feed, NULL, &why);
	} else {
		load_state(&w);
		for (i = 0; (mirror = update_mirror(u, feed, i)) != NULL; i++)
			if (ask(&w, i, mirror))
				break;
		end = finish(&w);
		installing_close(&w.installing);
	}
	if (w.best != NULL)
		checked_free(w.best);
	free(w.best);
	buf_free(&w.anchor);
	buf_free(&w.state);
	return end;
}
