/*
 * ban_timeline.c - candor ban timeline: what began and ended when.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_timeline.h"

#include "cmd/candor/ban_data.h"
#include "cmd/candor/ban_print.h"
#include "cmd/candor/commands.h"
#include "cmd/candor/outfile.h"
#include "cmd/candor/print.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct config {
	const char *data, *svg, *vendor, *at;
	bool json;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "svg", 0, OPTION_WORD, FIELD(svg), "FILE", NULL, 0, 0,
	    "draw it there (- is standard output)" },
	{ "vendor", 0, OPTION_WORD, FIELD(vendor), "VENDOR", NULL, 0, 0,
	    "of this ban alone: kaspersky" },
	{ "at", 0, OPTION_WORD, FIELD(at), "TIME", NULL, 0, 0,
	    "where the line of the present is drawn (default: now)" },
	{ "data", 0, OPTION_WORD, FIELD(data), "FOLDER", NULL, 0, 0,
	    "data files to use" },
	{ "json", 0, OPTION_FLAG, FIELD(json), NULL, NULL, 0, 0,
	    "print a JSON object a line" },
};

/* --- what happens --------------------------------------------------------- */

enum moment_kind {
	MOMENT_EVENT,
	MOMENT_BEGINS,
	MOMENT_DUE,
	MOMENT_ENDS
};

struct moment {
	const struct policy *ban;
	const json_t *record;
	struct when when;
	enum moment_kind kind;
	size_t index; /* as found: keeps the order of equals */
};

struct moments {
	struct moment *one;
	size_t count, room;
};

static void
add(struct moments *m, const struct policy *ban, const json_t *record,
    const char *key, enum moment_kind kind)
{
	struct when w;

	if (!policy_when(ban, record, key, &w))
		return;
	m->one = buf_grow(m->one, &m->room, m->count + 1, sizeof(*m->one));
	m->one[m->count] = (struct moment){ ban, record, w, kind, m->count };
	m->count++;
}

static void
gather(struct moments *m, const struct policy *ban)
{
	const json_t *events = json_object_get(ban->root, "events");
	const json_t *rules = json_object_get(ban->root, "rules"), *one;
	size_t i;

	json_array_foreach(events, i, one) add(m, ban, one, "at", MOMENT_EVENT);
	json_array_foreach(rules, i, one)
	{
		add(m, ban, one, "from", MOMENT_BEGINS);
		add(m, ban, one, "due", MOMENT_DUE);
		add(m, ban, one, "to", MOMENT_ENDS);
	}
}

static int
compare(const void *a, const void *b)
{
	const struct moment *one = a, *two = b;

	if (one->when.first != two->when.first)
		return one->when.first < two->when.first ? -1 : 1;
	return one->index < two->index ? -1 : 1;
}

/* --- text and JSON -------------------------------------------------------- */

static struct when_clock
clock_of(const struct moment *m)
{
	const char *id = policy_text(m->record, "instrument");

	return policy_clock(id != NULL ? policy_find(m->ban, "instruments", id)
				       : m->ban->root);
}

static const char *
word_of(const struct moment *m)
{
	const char *kind = policy_text(m->record, "kind");

	switch (m->kind) {
	case MOMENT_EVENT:
		return "";
	case MOMENT_DUE:
		return "due by then";
	case MOMENT_ENDS:
		return "ends";
	case MOMENT_BEGINS:
		break;
	}
	if (strcmp(kind, "prohibit") == 0)
		return "forbidden from then on";
	if (strcmp(kind, "require") == 0)
		return "required from then on";
	return strcmp(kind, "advise") == 0 ? "advised from then on"
					   : "permitted from then on";
}

static void
tell_text(const struct moment *m)
{
	struct when_clock clock = clock_of(m);
	struct buf b = { 0 };
	char room[WHEN_ROOM];

	printf("%-21s ", when_write_span(&m->when, &clock, room));
	if (m->kind != MOMENT_EVENT) {
		buf_text(&b, policy_text(m->record, "id"));
		buf_text(&b, " ");
		buf_text(&b, word_of(m));
		buf_text(&b, ": ");
	}
	buf_text(&b, policy_text(m->record, "text"));
	if (policy_is_unconfirmed(m->record))
		buf_text(&b, " (unconfirmed)");
	buf_byte(&b, '\0');
	ban_print_wrapped(stdout, 22, b.bytes);
	buf_free(&b);
}

static void
tell_json(const struct moment *m)
{
	static const char *const kinds[] = {
		[MOMENT_EVENT] = "event",
		[MOMENT_BEGINS] = "begins",
		[MOMENT_DUE] = "due",
		[MOMENT_ENDS] = "ends",
	};
	struct when_clock clock = clock_of(m);
	char utc[WHEN_ROOM], local[WHEN_ROOM];
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "type",
	    "ban_moment", "ban", policy_text(m->ban->root, "id"), "kind",
	    kinds[m->kind], "at", when_write_utc(m->when.first, utc), "local",
	    when_write_span(&m->when, &clock, local), "exact",
	    m->when.kind <= WHEN_DAY);

	json_object_set_new(o, "record", ban_print_record(m->ban, m->record));
	ban_print_object(o);
}

static void
print_all(const struct ban_files *files, bool json)
{
	struct moments m = { 0 };
	size_t i;

	for (i = 0; i < files->good_count; i++)
		gather(&m, &files->good[i]);
	if (m.count > 0)
		qsort(m.one, m.count, sizeof(*m.one), compare);
	for (i = 0; i < m.count; i++)
		if (json)
			tell_json(&m.one[i]);
		else
			tell_text(&m.one[i]);
	if (!json) {
		putchar('\n');
		ban_print_wrapped(stdout, 0,
		    ban_print_disclaimer(files->good, files->good_count));
	}
	free(m.one);
}

/* --- the picture ---------------------------------------------------------- */

static bool
draw(const struct ban_files *files, const char *path, int64_t now,
    struct why *why)
{
	struct outfile out;
	FILE *to;
	bool good;

	if (strcmp(path, "-") == 0) {
		ban_timeline_svg(stdout, files->good, files->good_count, now);
		return true;
	}
	if (!outfile_open(AT_FDCWD, path, 0666, &out, why))
		return false;
	to = fdopen(dup(out.fd), "w");
	if (to == NULL)
		good = why_not(why, WHY_SYSTEM, "%s", path);
	else {
		ban_timeline_svg(to, files->good, files->good_count, now);
		good = fclose(to) == 0 || why_not(why, WHY_SYSTEM, "%s", path);
	}
	good = good && outfile_commit(&out, false, why);
	outfile_close(&out);
	return good;
}

/* --- the command ---------------------------------------------------------- */

/* Keep the ban that was named. */
static bool
choose(struct ban_files *files, const char *vendor)
{
	size_t i, kept = 0;

	for (i = 0; i < files->good_count; i++)
		if (vendor == NULL ||
		    policy_same_word(vendor,
			policy_text(files->good[i].root, "id")))
			files->good[kept++] = files->good[i];
	files->good_count = kept;
	return kept > 0;
}

static int
show(const struct command *self, const struct config *c,
    struct ban_files *files)
{
	struct when now = { WHEN_INSTANT, (int64_t)time(NULL), 0 };
	struct why why = { 0 };

	if (c->at != NULL &&
	    !when_read(cur_from(c->at, strlen(c->at)), &when_utc, &now))
		return options_complain(self, "--at: not a time");
	if (!choose(files, c->vendor))
		return options_complain(self, "no such ban; candor ban list");
	if (c->svg == NULL) {
		print_all(files, c->json);
		return EXIT_CLEAN;
	}
	if (draw(files, c->svg, now.first, &why))
		return EXIT_CLEAN;
	print_why(&why);
	return EXIT_TROUBLE;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	struct ban_files files;
	int rest = 0, code;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest != argc)
		return options_complain(self, "no argument is wanted");
	if (!ban_data_open(c.data, &files))
		return EXIT_TROUBLE;
	code = show(self, &c, &files);
	ban_data_close(&files);
	return fflush(stdout) == 0 ? code : EXIT_TROUBLE;
}

const struct command ban_timeline_command = {
	.name = "ban timeline",
	.arguments = "",
	.summary = "Tell in order of time what began, was due and ended",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
