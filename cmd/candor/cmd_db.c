/*
 * cmd_db.c - candor db info, check, list, show: look into a database.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/databases.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/explain.h"
#include "cmd/candor/human.h"
#include "cmd/candor/plan_report.h"
#include "cmd/candor/print.h"
#include "lib/eval/search.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct config {
	bool json, plan;
};

static const struct option_row info_options[] = {
	{ "json", 0, OPTION_FLAG, offsetof(struct config, json), NULL, NULL, 0,
	    0, "print one JSON object" },
	{ "plan", 0, OPTION_FLAG, offsetof(struct config, plan), NULL, NULL, 0,
	    0, "say what is searched for, and what of it costs most" },
};

/* What each command does with an opened database. */
typedef int (*look_fn)(struct databases *d, const struct config *c,
    char **argument);

/* Read the command line: FILE and extra more; open FILE; look. */
static int
look_into(const struct command *self, int argc, char **argv, int extra,
    look_fn look)
{
	struct config c = { 0 };
	struct databases *d;
	struct why why = { 0 };
	int rest = 0, code = EXIT_TROUBLE;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (argc - rest != 1 + extra)
		return options_complain(self, "what is wanted is %s",
		    self->arguments);
	d = buf_alloc(1, sizeof(*d));
	if (databases_open_file(d, argv[rest], &why))
		code = look(d, &c, argv + rest + 1);
	else
		print_why(&why);
	databases_close(d);
	free(d);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return EXIT_TROUBLE;
	return code;
}

/* --- info -------------------------------------------------------------- */

static void
print_info_json(const struct db_info *info)
{
	printf("{\"id\":\"");
	escape_hex(stdout, info->id, sizeof(info->id));
	printf("\",\"built\":%" PRIu64 ",\"size\":%" PRIu64
	       ",\"signatures\":%" PRIu32 ",\"hashes\":%" PRIu32
	       ",\"allows\":%" PRIu32 ",\"body\":%" PRIu32
	       ",\"logical\":%" PRIu32 ",\"yara\":%" PRIu32
	       ",\"triggers\":%" PRIu32 ",\"untriggered\":%" PRIu32
	       ",\"proof\":\"none\"}\n",
	    info->built, info->size, info->signatures, info->hashes,
	    info->allows, info->body, info->logical, info->yara, info->triggers,
	    info->untriggered);
}

static void
print_count(const char *label, uint64_t n)
{
	char room[HUMAN_SIZE];

	printf("  %-14s %14s\n", label, human_count(n, room));
}

static void
print_info(const struct db_info *info)
{
	char date[40] = "not said by its inputs", room[HUMAN_SIZE];
	time_t built = (time_t)info->built;
	struct tm tm;

	if (info->built != 0 && gmtime_r(&built, &tm) != NULL)
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &tm);
	printf("id           ");
	escape_hex(stdout, info->id, sizeof(info->id));
	printf("\nbuilt        %s\nsize         %s\nproof        none\n"
	       "signatures\n",
	    date, human_bytes(info->size, room));
	print_count("hashes", info->hashes);
	print_count("allow list", info->allows);
	print_count("body", info->body);
	print_count("logical", info->logical);
	print_count("yara", info->yara);
	print_count("all", info->signatures);
	printf("search\n");
	print_count("triggers", info->triggers);
	print_count("without one", info->untriggered);
}

static int
look_info(struct databases *d, const struct config *c, char **argument)
{
	struct why why = { 0 };
	struct db_info info;

	(void)argument;
	if (c->plan) {
		if (plan_report_print(&d->db[0], c->json, &why))
			return EXIT_CLEAN;
		print_why(&why);
		return EXIT_TROUBLE;
	}
	db_info_get(&d->db[0], &info);
	if (c->json)
		print_info_json(&info);
	else
		print_info(&info);
	return EXIT_CLEAN;
}

static int
run_info(const struct command *self, int argc, char **argv)
{
	return look_into(self, argc, argv, 0, look_info);
}

const struct command db_info_command = {
	.name = "db info",
	.arguments = "FILE",
	.summary = "Say what is in a database",
	.option = info_options,
	.option_count = sizeof(info_options) / sizeof(info_options[0]),
	.run = run_info,
};

/* --- check ------------------------------------------------------------- */

/*
 * Room for what the sweep sets up: some megabytes, and a few bytes for every
 * signature and literal.  Only what is used is ever touched.
 */
#define CHECK_ROOM     ((size_t)64 << 20)
#define CHECK_ROOM_PER ((size_t)64)

static bool
check_whole(const struct db *db, struct why *why)
{
	size_t size = CHECK_ROOM + db_signature_count(db) * CHECK_ROOM_PER;
	void *room = malloc(size);
	struct arena arena;
	bool holds;

	if (room == NULL)
		return why_not(why, WHY_SYSTEM, "no memory to check in");
	arena_init(&arena, room, size);
	holds = search_sweep(&arena, db, why);
	free(room);
	return holds;
}

static int
look_check(struct databases *d, const struct config *c, char **argument)
{
	struct why why = { 0 };

	(void)c;
	(void)argument;
	if (!check_whole(&d->db[0], &why)) {
		print_why(&why);
		return EXIT_TROUBLE;
	}
	printf("%s: every record of %" PRIu64 " signature%s is well formed\n",
	    d->one[0].path, databases_count(d), human_s(databases_count(d)));
	return EXIT_CLEAN;
}

static int
run_check(const struct command *self, int argc, char **argv)
{
	return look_into(self, argc, argv, 0, look_check);
}

const struct command db_check_command = {
	.name = "db check",
	.arguments = "FILE",
	.summary = "Check every record of a database",
	.run = run_check,
};

/* --- list and show ----------------------------------------------------- */

static int
look_list(struct databases *d, const struct config *c, char **argument)
{
	uint32_t count = db_signature_count(&d->db[0]), i;
	struct db_signature s;

	(void)c;
	(void)argument;
	for (i = 0; i < count; i++) {
		if (!db_signature_get(&d->db[0], i, &s)) {
			fprintf(stderr,
			    "candor: signature %" PRIu32 " is broken\n", i);
			return EXIT_TROUBLE;
		}
		escape_text(stdout, s.name.base, s.name.size);
		putchar('\n');
	}
	return EXIT_CLEAN;
}

static int
run_list(const struct command *self, int argc, char **argv)
{
	return look_into(self, argc, argv, 0, look_list);
}

const struct command db_list_command = {
	.name = "db list",
	.arguments = "FILE",
	.summary = "Print the names of all signatures",
	.run = run_list,
};

/* Where it comes from, and its source. */
static bool
show_one(struct databases *d, uint32_t index, const struct db_signature *s)
{
	struct cur text;

	printf("# ");
	escape_text(stdout, s->name.base, s->name.size);
	printf(", %s%s%s, ", print_kind((enum sig_kind)s->kind),
	    (s->flags & SIG_PUA) != 0 ? ", possibly unwanted" : "",
	    (s->flags & SIG_OFFICIAL) != 0 ? ", official" : "");
	if (!explain_is_feed_known(s)) {
		escape_text(stdout, s->feed.base, s->feed.size);
		printf(", ");
	}
	escape_text(stdout, s->file.base, s->file.size);
	printf(":%" PRIu32 "\n", s->line);
	if (!databases_text(d, 0, index, &text)) {
		fprintf(stderr,
		    "candor: the source texts (%s.src) are not "
		    "there or belong to another database\n",
		    d->one[0].path);
		return false;
	}
	print_source(stdout, text);
	return true;
}

static int
look_show(struct databases *d, const struct config *c, char **argument)
{
	uint32_t count = db_signature_count(&d->db[0]), i;
	size_t len = strlen(argument[0]);
	struct db_signature s;
	bool is_found = false, is_shown = true;

	(void)c;
	for (i = 0; i < count; i++) {
		if (!db_signature_get(&d->db[0], i, &s) || s.name.size != len ||
		    memcmp(s.name.base, argument[0], len) != 0)
			continue;
		is_found = true;
		is_shown &= show_one(d, i, &s);
	}
	if (!is_found)
		fprintf(stderr, "candor: %s has no signature '%s'\n",
		    d->one[0].path, argument[0]);
	return is_found && is_shown ? EXIT_CLEAN : EXIT_TROUBLE;
}

static int
run_show(const struct command *self, int argc, char **argv)
{
	return look_into(self, argc, argv, 1, look_show);
}

const struct command db_show_command = {
	.name = "db show",
	.arguments = "FILE NAME",
	.summary = "Print where a signature comes from and its source text",
	.run = run_show,
};
