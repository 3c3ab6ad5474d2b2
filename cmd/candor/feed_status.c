/*
 * feed_status.c - how the feeds of this machine are.  See feed_status.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/feed_status.h"

#include "cmd/candor/escape.h"
#include "lib/trust/release.h"
#include "lib/trust/state.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef CANDOR_RELEASED
#error "CANDOR_RELEASED comes from bin/meson.build"
#endif

#define LAST_MAX 4096u /* bytes of the file "last" */

/* One feed, as it is told. */
struct view {
	const struct feeds_one *feed;
	char serial[65];
	char word[24];
	char meaning[400];
	char trust[300];
	uint64_t quorum_time, release_time; /* 0: not known */
	bool is_well;
};

struct feed_time
feed_time_of(uint64_t clock)
{
	const struct feed_time ours = { (uint64_t)time(NULL), CANDOR_RELEASED };
	const struct feed_time given = { clock, 0 };

	return clock != 0 ? given : ours;
}

/* --- what each word means ------------------------------------------------- */

static const struct {
	const char *word, *meaning;
	bool is_well;
} words[] = {
	{ "CURRENT", "all is well", true },
	{ "INSTALLED", "as it was when it was last loaded", true },
	{ "FEED-QUIET",
	    "the publisher has released nothing new; the witnesses confirm "
	    "that nothing newer exists for anybody",
	    true },
	{ "VIEW-STALE",
	    "no recent word from the witnesses: this machine is offline, or "
	    "somebody between it and them is holding it back; try another "
	    "mirror, a proxy, or a bundle",
	    false },
	{ "CLOCK-SUSPECT",
	    "this machine's clock is behind what is known to have been: times "
	    "are not judged",
	    false },
	{ "EQUIVOCATION",
	    "the log has shown two faces: somebody made an update for a few "
	    "only; what was signed is kept, and convicts them (candor log "
	    "evidence)",
	    false },
	{ "ROLLBACK",
	    "the mirrors only have something older than what is installed; "
	    "they are behind, or somebody wants old signatures back",
	    false },
	{ "BAD", "what the mirrors gave is not what was published", false },
	{ "EXPIRED",
	    "the keys of the feed are past their date and nothing newer came: "
	    "a revocation may be missing",
	    false },
	{ "ENGINE", "the newest release needs a newer version of Candor",
	    false },
	{ "BEHIND", "the mirror does not hold enough of the log", false },
	{ "NOT-USED",
	    "the new database was published, but finds something in files that "
	    "are as their packages have them, or cannot be loaded: the one "
	    "before stays in use",
	    false },
	{ "UNREACHABLE", "no mirror answers", false },
	{ "INCOMPLETE", "the last update could not be finished", false },
	{ "NOT-INSTALLED", "nothing is loaded yet: candor update does that",
	    false },
	{ "DAMAGED", "what is kept of it here cannot be read", false },
};

static void
set_word(struct view *v, const char *word, const char *text)
{
	size_t i, count = sizeof(words) / sizeof(words[0]);

	for (i = 0; i < count && strcmp(words[i].word, word) != 0; i++)
		;
	snprintf(v->word, sizeof(v->word), "%.20s", word);
	v->is_well = i < count && words[i].is_well;
	snprintf(v->meaning, sizeof(v->meaning), "%s%s%.150s",
	    i < count ? words[i].meaning : "", text[0] != '\0' ? ": " : "",
	    text);
}

/* --- files ---------------------------------------------------------------- */

static bool
read_state(const char *path, struct buf *text, struct trust_state *out)
{
	struct why why;

	buf_cut(text, 0);
	return feeds_load(path, TRUST_STATE_MAX, text) && text->size > 0 &&
	    trust_state_read(cur_from(text->bytes, text->size), out, &why);
}

static bool
is_newer(const struct trust_state *a, const struct trust_state *b)
{
	if (a->epoch != b->epoch)
		return a->epoch > b->epoch;
	if (a->size != b->size)
		return a->size > b->size;
	if (a->root_version != b->root_version)
		return a->root_version > b->root_version;
	return a->quorum_time > b->quorum_time;
}

void
feed_status_load(const char *within, const char *beside, struct buf *out)
{
	struct trust_state *x = buf_alloc(2, sizeof(*x)), *y = x + 1;
	struct buf a = { 0 }, b = { 0 };
	bool has_a = read_state(within, &a, x),
	     has_b = read_state(beside, &b, y);
	const struct buf *best = NULL;

	if (has_a && (!has_b || !is_newer(y, x)))
		best = &a;
	else if (has_b)
		best = &b;
	buf_cut(out, 0);
	if (best != NULL)
		buf_add(out, best->bytes, best->size);
	buf_free(&a);
	buf_free(&b);
	free(x);
}

static bool
has_evidence(const struct feeds *place, const char *name)
{
	char *path = feeds_path(place->state, name, "/evidence");
	DIR *d = opendir(path);
	const struct dirent *e;
	bool is_any = false;

	while (d != NULL && (e = readdir(d)) != NULL)
		is_any |= e->d_name[0] != '.';
	if (d != NULL)
		closedir(d);
	free(path);
	return is_any;
}

/* What the last update came to, if it was refused or failed: word and text. */
static bool
last_trouble(const struct feeds *place, const char *name, char word[24],
    char text[200])
{
	char *path = feeds_path(place->state, name, "/last");
	struct buf file = { 0 };
	struct cur c, line;

	word[0] = text[0] = '\0';
	if (feeds_load(path, LAST_MAX, &file)) {
		c = cur_from(file.bytes, file.size);
		if (cur_line(&c, &line))
			snprintf(word, 24, "%.*s",
			    (int)(line.size < 23 ? line.size : 23),
			    (const char *)line.base);
		if (cur_line(&c, &line))
			snprintf(text, 200, "%.*s",
			    (int)(line.size < 199 ? line.size : 199),
			    (const char *)line.base);
	}
	buf_free(&file);
	free(path);
	return word[0] != '\0' && strcmp(word, "OK") != 0;
}

/* --- trust ---------------------------------------------------------------- */

/* From the root the administrator gave: who has to agree. */
static void
tell_candor_trust(const struct feeds *place, struct view *v)
{
	char *path = feeds_path(place->settings, v->feed->name, ".root");
	struct trust_root *root = buf_alloc(1, sizeof(*root));
	struct buf file = { 0 };
	struct note note;
	struct why why;

	if (feeds_load(path, NOTE_MAX, &file) &&
	    note_read(cur_from(file.bytes, file.size), &note, &why) &&
	    trust_root_read(note.text, root, &why))
		snprintf(v->trust, sizeof(v->trust),
		    "made again from source and signed by %" PRIu64
		    " of %zu parties, in a public log that %zu others watch, "
		    "of whom %d may lie",
		    root->release.threshold, root->release.count,
		    root->policy.witness_count,
		    trust_policy_tolerates(&root->policy));
	else
		snprintf(v->trust, sizeof(v->trust),
		    "its root note cannot be read");
	buf_free(&file);
	free(root);
	free(path);
}

static void
tell_trust(const struct feeds *place, struct view *v)
{
	if (v->feed->feed.kind == FEED_CANDOR)
		tell_candor_trust(place, v);
	else if (v->feed->feed.kind == FEED_CLAMAV)
		snprintf(v->trust, sizeof(v->trust),
		    "signed by one party and in no public log: it could give "
		    "different people different signatures, and nobody would "
		    "see");
	else
		snprintf(v->trust, sizeof(v->trust),
		    "signed by nobody: whoever can write to the folder decides");
}

/* --- one feed ------------------------------------------------------------- */

/* From the state: how fresh; false if there is none. */
static bool
tell_freshness(const struct feeds *place, struct view *v,
    const struct feed_time *t)
{
	const char *name = v->feed->name;
	char *within = feeds_path(place->state, name, "/current/state");
	char *beside = feeds_path(place->state, name, "/state");
	struct trust_state *s = buf_alloc(1, sizeof(*s));
	struct buf text = { 0 };
	struct why why;
	bool is_there;

	feed_status_load(within, beside, &text);
	is_there = text.size > 0 &&
	    trust_state_read(cur_from(text.bytes, text.size), s, &why);
	if (is_there) {
		v->quorum_time = s->quorum_time;
		v->release_time = s->release_time;
		set_word(v,
		    trust_status_name(trust_status(s, t->now, t->build)),
		    trust_is_alarming(s, t->now, t->build)
			? "for more than three days now"
			: "");
	}
	buf_free(&text);
	free(s);
	free(within);
	free(beside);
	return is_there;
}

static void
view_make(const struct feeds *place, const struct feeds_one *feed,
    const struct feed_time *t, struct view *v)
{
	char word[24], text[200];
	bool is_trouble;

	*v = (struct view){ .feed = feed };
	feeds_current(place, feed->name, v->serial);
	tell_trust(place, v);
	if (feed->feed.kind == FEED_CANDOR) {
		if (!tell_freshness(place, v, t) && v->serial[0] != '\0')
			set_word(v, "DAMAGED", "");
	} else {
		set_word(v, "INSTALLED", "");
	}
	if (v->serial[0] == '\0')
		set_word(v, "NOT-INSTALLED", "");
	is_trouble = last_trouble(place, feed->name, word, text);
	if (has_evidence(place, feed->name))
		set_word(v, "EQUIVOCATION", "");
	/* A fresh view is fresh, also while the mirrors are gone. */
	else if (is_trouble &&
	    !(v->is_well && strcmp(word, "UNREACHABLE") == 0))
		set_word(v, word, text);
}

/* --- for people ----------------------------------------------------------- */

static void
print_age(const char *what, uint64_t then, uint64_t now)
{
	if (then != 0 && then <= now)
		printf("%-12s %s %" PRIu64 " hours ago\n", "", what,
		    (now - then) / 3600);
}

static void
print_text(const struct view *v, uint64_t now)
{
	size_t i;

	printf("Feed         %s: %s\n", v->feed->name, v->word);
	printf("             ");
	escape_text(stdout, v->meaning, strlen(v->meaning));
	printf("\n             trust: %s\n", v->trust);
	if (v->serial[0] != '\0')
		printf("             release %s\n", v->serial);
	print_age("released", v->release_time, now);
	print_age("confirmed by witnesses", v->quorum_time, now);
	for (i = 0; i < v->feed->feed.mirror_count; i++)
		printf("             from %s\n", v->feed->feed.mirror[i]);
}

/* --- for programs --------------------------------------------------------- */

static void
print_json_text(const char *name, const char *text)
{
	printf("\"%s\":", name);
	escape_json_string(stdout, text, strlen(text));
}

static void
print_json(const struct view *v)
{
	size_t i;

	fputc('{', stdout);
	print_json_text("feed", v->feed->name);
	fputc(',', stdout);
	print_json_text("kind", feed_kind_text(v->feed->feed.kind));
	fputc(',', stdout);
	print_json_text("status", v->word);
	fputc(',', stdout);
	print_json_text("meaning", v->meaning);
	fputc(',', stdout);
	print_json_text("trust", v->trust);
	fputc(',', stdout);
	print_json_text("release", v->serial);
	printf(",\"well\":%s,\"released\":%" PRIu64 ",\"confirmed\":%" PRIu64
	       ",\"mirrors\":[",
	    v->is_well ? "true" : "false", v->release_time, v->quorum_time);
	for (i = 0; i < v->feed->feed.mirror_count; i++) {
		if (i > 0)
			fputc(',', stdout);
		escape_json_string(stdout, v->feed->feed.mirror[i],
		    strlen(v->feed->feed.mirror[i]));
	}
	fputs("]}", stdout);
}

static void
print_metrics(const struct view *v, size_t count)
{
	size_t i;

	printf("# HELP candor_feed_well 1 if a feed wants no attention\n"
	       "# TYPE candor_feed_well gauge\n");
	for (i = 0; i < count; i++)
		printf("candor_feed_well{feed=\"%s\",status=\"%s\"} %d\n",
		    v[i].feed->name, v[i].word, v[i].is_well);
	printf("# HELP candor_feed_confirmed_timestamp_seconds as of then, "
	       "witnesses say, nothing is newer\n"
	       "# TYPE candor_feed_confirmed_timestamp_seconds gauge\n");
	for (i = 0; i < count; i++)
		printf("candor_feed_confirmed_timestamp_seconds{feed=\"%s\"} "
		       "%" PRIu64 "\n",
		    v[i].feed->name, v[i].quorum_time);
}

static void
print_all(const struct view *v, size_t count, uint64_t now,
    enum feed_status_form form)
{
	size_t i;

	if (form == FEED_STATUS_METRICS) {
		print_metrics(v, count);
		return;
	}
	if (form == FEED_STATUS_JSON_LIST)
		fputc('[', stdout);
	for (i = 0; i < count; i++) {
		if (form == FEED_STATUS_TEXT)
			print_text(&v[i], now);
		else
			print_json(&v[i]);
		if (form == FEED_STATUS_JSON_LINES)
			fputc('\n', stdout);
		else if (form == FEED_STATUS_JSON_LIST && i + 1 < count)
			fputc(',', stdout);
	}
	if (form == FEED_STATUS_JSON_LIST)
		fputc(']', stdout);
}

bool
feed_status_print(const struct feeds *place, const struct feed_time *t,
    enum feed_status_form form, bool *is_well, struct why *why)
{
	struct feeds_list list;
	struct view *v;
	size_t i;

	if (!feeds_read(place, &list, why)) {
		feeds_free(&list);
		return false;
	}
	v = buf_alloc(list.count + 1, sizeof(*v));
	for (i = 0; i < list.count; i++) {
		view_make(place, &list.one[i], t, &v[i]);
		*is_well &= v[i].is_well;
	}
	print_all(v, list.count, t->now, form);
	free(v);
	feeds_free(&list);
	return true;
}
