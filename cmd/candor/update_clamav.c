/*
 * update_clamav.c - bring a feed of ClamAV's databases up to date.
 *
 * From a private mirror (NAME.cvd, and with --delta NAME-VERSION.cdiff) or
 * from freshclam's folder (NAME.cld, else NAME.cvd).  What is fetched goes,
 * unseen, to a caged process that verifies it as ClamAV does; a version older
 * than the one that is installed is refused.  All of them make one database.
 *
 * Their signatures are RSA over an MD5, by one party, in no public log: it
 * could give different people different signatures.  candor status says so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/update.h"

#include "cmd/candor/fetching.h"
#include "cmd/candor/human.h"
#include "lib/base/cur.h"
#include "lib/trust/checkpoint.h"
#include "sys/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTAINER_MAX ((uint64_t)2 << 30)
#define DIFF_MAX      ((uint64_t)256 << 20)
#define DIFFS_MAX     60u
#define VERIFY_MS     600000u

static const char *const names[] = { "main", "daily", "bytecode" };
#define NAMES (sizeof(names) / sizeof(names[0]))

/* One container: what is installed, or what a mirror gave. */
struct container {
	char file[24]; /* "daily.cld"; "" if there is none */
	int fd;        /* or -1 */
	uint64_t version, signatures, seconds;
};

struct work {
	struct update *u;
	const struct feeds_one *feed;
	struct installing installing;
	struct buf keys; /* text, or nothing */
	struct container have[NAMES], got[NAMES];
	struct fetching fetching;
};

static void
container_close(struct container *c)
{
	if (c->fd != -1)
		close(c->fd);
	*c = (struct container){ .fd = -1 };
}

/* --- verifying ------------------------------------------------------------ */

static bool
give(struct aide *h, const struct work *w, const char *name, int fd,
    struct why *why)
{
	struct order o = { .kind = ORDER_INPUT };
	struct stat s;

	if (fstat(fd, &s) == -1)
		return why_not(why, WHY_SYSTEM, "fstat");
	o.number[0] = (uint64_t)s.st_size;
	order_put_text(o.name, sizeof(o.name), name);
	if (w->keys.size > 0)
		order_put_text(o.text, sizeof(o.text), w->keys.bytes);
	return aide_tell(h, &o, fd, why);
}

static bool
hear(struct aide *h, struct container *c, uint64_t *made, struct why *why)
{
	struct order o;

	if (!aide_hear(h, &o, VERIFY_MS, why))
		return false;
	if (o.a != ORDER_DONE)
		return why_not(why,
		    o.a == ORDER_FORGED ? WHY_FORGED : WHY_BROKEN, "%.200s",
		    o.text);
	c->version = o.number[0];
	c->signatures = o.number[1];
	c->seconds = o.number[2];
	*made = o.number[3];
	return true;
}

/*
 * Is c what ClamAV signed?  With differences: and what do they make of it?
 * Then c becomes that.
 */
static bool
verify(const struct work *w, struct container *c, const int *diff,
    size_t diff_count, struct why *why)
{
	struct order check = { .kind = ORDER_CHECK };
	struct aide h = { 0 };
	uint64_t made = 0;
	bool is_fine;
	int out = -1;
	size_t i;

	is_fine = memfd_open(&out, why) &&
	    aide_start(&h, "candor-compile", "container", -1, why) &&
	    give(&h, w, c->file, c->fd, why);
	for (i = 0; i < diff_count && is_fine; i++)
		is_fine = give(&h, w, "cdiff", diff[i], why);
	is_fine = is_fine && aide_tell(&h, &check, out, why) &&
	    hear(&h, c, &made, why);
	aide_end(&h);
	if (is_fine && diff_count > 0) {
		close(c->fd);
		c->fd = out;
		out = -1;
		strcpy(strrchr(c->file, '.'), ".cld");
		is_fine = made > 0 && memfd_seal(&c->fd, why);
	}
	if (out != -1)
		close(out);
	return is_fine;
}

/* --- from a mirror -------------------------------------------------------- */

static bool
fetch(struct work *w, const char *name, uint64_t most, int *fd,
    enum order_end *end, struct why *why)
{
	*end = ORDER_FAILED;
	if (memfd_open(fd, why) &&
	    fetching_save(&w->fetching, name, most, *fd, end, why) &&
	    memfd_seal(fd, why))
		return true;
	if (*fd != -1)
		close(*fd);
	*fd = -1;
	return false;
}

/* NAME.cld of a folder, else NAME.cvd; *is_absent if there is neither. */
static bool
fetch_whole(struct work *w, size_t n, bool *is_absent, struct why *why)
{
	static const char *const ending[] = { ".cld", ".cvd" };
	struct container *c = &w->got[n];
	enum order_end end;
	size_t i;

	*is_absent = false;
	/* What freshclam patched lies in its folder; mirrors have what was
	   signed. */
	for (i = w->fetching.is_below ? 0 : 1; i < 2; i++) {
		snprintf(c->file, sizeof(c->file), "%s%s", names[n], ending[i]);
		if (fetch(w, c->file, CONTAINER_MAX, &c->fd, &end, why))
			return verify(w, c, NULL, 0, why);
		if (end != ORDER_ABSENT)
			return false;
	}
	c->file[0] = '\0';
	*is_absent = true;
	return true;
}

/* The installed one, brought up to date by what the mirror has. */
static bool
fetch_diffs(struct work *w, size_t n, struct why *why)
{
	struct container *c = &w->got[n];
	const struct container *have = &w->have[n];
	int diff[DIFFS_MAX];
	enum order_end end = ORDER_DONE;
	size_t count = 0, i;
	bool is_fine = true;
	char name[64];

	while (count < DIFFS_MAX) {
		snprintf(name, sizeof(name), "%s-%" PRIu64 ".cdiff", names[n],
		    have->version + count + 1);
		if (!fetch(w, name, DIFF_MAX, &diff[count], &end, why))
			break;
		count++;
	}
	is_fine = end == ORDER_ABSENT && count < DIFFS_MAX;
	*c = *have;
	c->fd = fcntl(have->fd, F_DUPFD_CLOEXEC, 3);
	if (is_fine && count > 0)
		is_fine = verify(w, c, diff, count, why);
	for (i = 0; i < count; i++)
		close(diff[i]);
	if (!is_fine)
		container_close(c);
	return is_fine;
}

/* Get one database; false, and why, if the mirror is of no use. */
static bool
get(struct work *w, size_t n, struct why *why)
{
	bool wants_delta = (w->u->wants_delta || w->feed->feed.wants_delta) &&
	    !w->fetching.is_below;
	const struct container *have = &w->have[n];
	struct why inner = { 0 };
	bool is_absent;

	if (wants_delta && have->fd != -1 && fetch_diffs(w, n, &inner))
		return true;
	if (inner.kind == WHY_FORGED)
		update_complain(w->feed, w->fetching.base, &inner);
	if (!fetch_whole(w, n, &is_absent, why))
		return false;
	if (is_absent && have->fd != -1) {
		w->got[n] = *have;
		w->got[n].fd = fcntl(have->fd, F_DUPFD_CLOEXEC, 3);
		return true;
	}
	if (!is_absent && have->fd != -1 && w->got[n].version < have->version)
		return why_not(why, WHY_FORGED,
		    "%s is version %" PRIu64 ", older than %" PRIu64
		    ", which is installed: refused",
		    names[n], w->got[n].version, have->version);
	return true;
}

static bool
get_all(struct work *w, const char *mirror, struct why *why)
{
	bool is_fine = fetching_open(&w->fetching, mirror, w->feed->feed.proxy,
	    w->u->quiet_ms, why);
	size_t n, count = 0;

	for (n = 0; n < NAMES && is_fine; n++) {
		is_fine = get(w, n, why);
		count += w->got[n].fd != -1;
	}
	fetching_close(&w->fetching);
	if (is_fine && count == 0)
		is_fine = why_not(why, WHY_BROKEN,
		    "there is no main, daily or bytecode database");
	for (n = 0; n < NAMES && !is_fine; n++)
		container_close(&w->got[n]);
	return is_fine;
}

/* --- what is installed ---------------------------------------------------- */

/* "FILE VERSION SIGNATURES SECONDS", a line each. */
static bool
read_line(struct cur line, struct container *c, size_t *n)
{
	struct cur file, word[3];
	size_t i;

	if (!cur_until(&line, ' ', &file) || !cur_until(&line, ' ', &word[0]) ||
	    !cur_until(&line, ' ', &word[1]) ||
	    !cur_until(&line, ' ', &word[2]))
		return false;
	if (file.size >= sizeof(c->file) ||
	    !checkpoint_number(word[0], &c->version) ||
	    !checkpoint_number(word[1], &c->signatures) ||
	    !checkpoint_number(word[2], &c->seconds))
		return false;
	memcpy(c->file, file.base, file.size);
	c->file[file.size] = '\0';
	for (i = 0; i < NAMES; i++)
		if (strncmp(c->file, names[i], strlen(names[i])) == 0 &&
		    c->file[strlen(names[i])] == '.') {
			*n = i;
			return strchr(c->file, '/') == NULL;
		}
	return false;
}

static void
load_installed(struct work *w)
{
	char *folder =
	    feeds_path(w->u->place->state, w->feed->name, "/current");
	char *path = feeds_path(folder, "state", "");
	struct buf state = { 0 };
	struct cur c, line;
	size_t n;

	if (feeds_load(path, FEED_FILE_MAX, &state) &&
	    strncmp(state.bytes != NULL ? state.bytes : "", FEEDS_STATE_CLAMAV,
		strlen(FEEDS_STATE_CLAMAV)) == 0) {
		c = cur_from(state.bytes, state.size);
		while (cur_line(&c, &line)) {
			struct container one = { .fd = -1 };
			char *file;

			if (!read_line(cur_from(line.base, line.size), &one,
				&n))
				continue;
			file = feeds_path(folder, one.file, "");
			one.fd = open(file, O_RDONLY | O_CLOEXEC);
			free(file);
			w->have[n] = one;
		}
	}
	buf_free(&state);
	free(path);
	free(folder);
}

static void
write_state(const struct work *w, struct buf *state, char serial[65])
{
	char line[128];
	size_t n, at = 0;

	serial[0] = '\0';
	buf_text(state, FEEDS_STATE_CLAMAV);
	for (n = 0; n < NAMES; n++) {
		const struct container *c = &w->got[n];

		if (c->fd == -1)
			continue;
		snprintf(line, sizeof(line),
		    "%s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", c->file,
		    c->version, c->signatures, c->seconds);
		buf_text(state, line);
		if (at < 64)
			at += (size_t)snprintf(serial + at, 65 - at,
			    "%s%.4s%" PRIu64, at > 0 ? "-" : "", names[n],
			    c->version);
	}
}

/* --- installing ----------------------------------------------------------- */

static void
make_inputs(const struct work *w, struct inputs *in)
{
	size_t n;

	for (n = 0; n < NAMES; n++) {
		const struct container *c = &w->got[n];
		struct input *one;
		struct stat s;

		if (c->fd == -1 || fstat(c->fd, &s) == -1)
			continue;
		in->one =
		    buf_grow(in->one, &in->room, in->count + 1, sizeof(*one));
		one = &in->one[in->count++];
		*one = (struct input){ .path = buf_copy(c->file),
			.fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 3) };
		one->stamp.size = (uint64_t)s.st_size;
	}
}

static bool
install(struct work *w, const struct buf *state, const char *serial,
    struct why *why)
{
	struct update_made made = {
		.keys = w->keys.bytes, .database_fd = -1, .texts_fd = -1
	};
	struct inputs in = { 0 };
	bool is_fine;
	size_t n;

	make_inputs(w, &in);
	is_fine = update_compile(&in, &made, why) &&
	    installing_begin(&w->installing, why) &&
	    update_put_made(&w->installing, w->feed, &made, why);
	inputs_close(&in);
	for (n = 0; n < NAMES && is_fine; n++)
		if (w->got[n].fd != -1)
			is_fine = update_put_file(&w->installing,
			    w->got[n].file, w->got[n].fd, why);
	is_fine = is_fine &&
	    installing_bytes(&w->installing, STORE_NEW, "state", state->bytes,
		state->size, why) &&
	    installing_try(&w->installing, why) &&
	    installing_commit(&w->installing, serial, why);
	if (is_fine)
		printf("%s: %s installed, %" PRIu64 " signature%s\n",
		    w->feed->name, serial, made.signatures,
		    human_s(made.signatures));
	update_made_close(&made);
	return is_fine;
}

static enum update_end
take_over(struct work *w, const char *mirror)
{
	struct buf state = { 0 };
	char serial[65], used[65];
	struct why why = { 0 };
	bool is_fine = true;

	write_state(w, &state, serial);
	feeds_current(w->u->place, w->feed->name, used);
	if (strcmp(serial, used) == 0) {
		printf("%s: nothing new\n", w->feed->name);
	} else {
		is_fine = install(w, &state, serial, &why);
		w->u->is_new |= is_fine;
	}
	buf_free(&state);
	if (!is_fine)
		return update_fail(&w->installing, w->feed, mirror,
		    why.kind == WHY_FORGED ? "NOT-USED" : "INCOMPLETE", &why);
	if (update_remember(&w->installing, "OK", NULL, "", &why))
		return UPDATE_FINE;
	update_complain(w->feed, NULL, &why);
	return UPDATE_TROUBLE;
}

static enum update_end
run(struct work *w)
{
	struct why why = { 0 }, worst = { 0 };
	const char *mirror, *guilty = NULL;
	size_t i;

	load_installed(w);
	(void)why_not(&worst, WHY_BROKEN, "no mirror is set");
	for (i = 0; (mirror = update_mirror(w->u, w->feed, i)) != NULL; i++) {
		why = (struct why){ 0 };
		if (get_all(w, mirror, &why))
			return take_over(w, mirror);
		update_complain(w->feed, mirror, &why);
		if (guilty == NULL || why.kind == WHY_FORGED) {
			worst = why;
			guilty = mirror;
		}
	}
	return update_fail(&w->installing, w->feed, guilty,
	    worst.kind == WHY_FORGED ? "ROLLBACK" : "UNREACHABLE", &worst);
}

static bool
load_keys(struct work *w, struct why *why)
{
	const char *path = w->feed->feed.keys;

	return path[0] == '\0' || feeds_load(path, ORDER_TEXT - 1, &w->keys) ||
	    why_not(why, WHY_SYSTEM, "%.150s", path);
}

enum update_end
update_clamav(struct update *u, const struct feeds_one *feed)
{
	struct work w = { .u = u, .feed = feed };
	enum update_end end = UPDATE_TROUBLE;
	struct why why = { 0 };
	size_t n;

	for (n = 0; n < NAMES; n++)
		w.have[n].fd = w.got[n].fd = -1;
	if (!load_keys(&w, &why) ||
	    !installing_open(&w.installing, u->place, feed->name, &why)) {
		update_complain(feed, NULL, &why);
	} else {
		end = run(&w);
		installing_close(&w.installing);
	}
	for (n = 0; n < NAMES; n++) {
		container_close(&w.have[n]);
		container_close(&w.got[n]);
	}
	buf_free(&w.keys);
	return end;
}
