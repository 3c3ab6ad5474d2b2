/*
 * cmd_config.c - candor config: candord's configuration, shown, checked, and
 * made of clamd's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/confout.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/infile.h"
#include "cmd/candor/print.h"
#include "lib/policy/action.h"
#include "lib/policy/import.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_FILE "/etc/candor/candor.conf"
#define CLAMD_FILE   "/etc/clamav/clamd.conf"

struct config_options {
	bool json, all;
	const char *output;
};

#define FIELD(name) offsetof(struct config_options, name)

static const struct option_row show_options[] = {
	{ "all", 'a', OPTION_FLAG, FIELD(all), NULL, NULL, 0, 0,
	    "also what each key means" },
	{ "json", 0, OPTION_FLAG, FIELD(json), NULL, NULL, 0, 0,
	    "print one JSON object a key" },
};
static const struct option_row import_options[] = {
	{ "output", 'o', OPTION_WORD, FIELD(output), "FILE", NULL, 0, 0,
	    "write the configuration here; it must not be there yet" },
};

/* A file, whole; false after saying why. */
static bool
read_file(const char *path, struct buf *out)
{
	struct why why = { 0 };

	if (infile_read(AT_FDCWD, path, CONFIG_FILE_MAX, out, &why))
		return true;
	print_why(&why);
	return false;
}

/* --- check ---------------------------------------------------------------- */

/* What the reader of values cannot see: rules, and hashes. */
static size_t
check_meaning(const char *path, const struct config *c)
{
	struct action_trouble t;
	size_t at = 0, bad = 0;

	for (; action_next_trouble(c, &at, &t); bad++)
		fprintf(stderr, "%s: %s '%s': %s\n", path, t.key, t.word,
		    t.why);
	return bad;
}

/* A configuration, and which file said what of it. */
struct loaded {
	struct config config;
	const char *origin[KEY_COUNT]; /* NULL: default */
	struct words files;            /* owned */
	struct config_troubles troubles;
	struct arena arena;
};

#define UNREAD SIZE_MAX

/* Read one file on top; how much is wrong with it (and was said). */
static size_t
load_file(struct loaded *l, const char *path)
{
	struct config *c = &l->config;
	const struct config_troubles *t = &l->troubles;
	struct config was = *c;
	struct buf text = { 0 };
	size_t i;

	if (!read_file(path, &text))
		return UNREAD;
	(void)config_read(c, &l->arena, cur_from(text.bytes, text.size),
	    &l->troubles);
	for (i = 0; i < t->count; i++)
		fprintf(stderr, "%s:%" PRIu32 ": %s\n", path, t->one[i].line,
		    t->one[i].text);
	if (t->more > 0)
		fprintf(stderr, "%s: %zu more\n", path, t->more);
	for (i = 0; i < KEY_COUNT; i++)
		if (c->value[i].line != was.value[i].line ||
		    c->value[i].count != was.value[i].count)
			l->origin[i] = path;
	buf_free(&text);
	return t->count + t->more;
}

static int
is_part(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 5 &&
	    strcmp(d->d_name + len - 5, ".conf") == 0;
}

/* The files of FILE.d, as candord reads them. */
static size_t
load_parts(struct loaded *l, const char *path)
{
	struct buf folder = { 0 }, name = { 0 };
	struct dirent **found = NULL;
	size_t bad = 0;
	int count, i;

	buf_text(&folder, path);
	buf_text(&folder, ".d");
	config_keep_lists(&l->config);
	count = scandir(folder.bytes, &found, is_part, alphasort);
	for (i = 0; i < count; i++) {
		buf_cut(&name, 0);
		buf_text(&name, folder.bytes);
		buf_byte(&name, '/');
		buf_text(&name, found[i]->d_name);
		words_add(&l->files, buf_copy(name.bytes));
		bad += load_file(l, l->files.word[l->files.count - 1]) == 0 ? 0
									    : 1;
		free(found[i]);
	}
	free(found);
	buf_free(&folder);
	buf_free(&name);
	return bad;
}

typedef int (*act_fn)(const struct config_options *o, const char *path,
    const struct loaded *l, size_t bad);

static int
with_file(const struct config_options *o, const char *path, bool may_miss,
    act_fn act)
{
	struct loaded *l = buf_alloc(1, sizeof(*l));
	void *room = buf_alloc(1, CONFIG_ARENA);
	size_t bad = 0, i;
	int code = EXIT_TROUBLE;

	arena_init(&l->arena, room, CONFIG_ARENA);
	if (!config_init(&l->config, &l->arena))
		bad = UNREAD;
	else if (!may_miss || access(path, F_OK) == 0)
		bad = load_file(l, path);
	/* Without a file everything is at its default, as for candord. */
	if (bad != UNREAD) {
		bad += load_parts(l, path);
		bad += check_meaning(path, &l->config);
		code = act(o, path, l, bad);
	}
	for (i = 0; i < l->files.count; i++)
		free((void *)(uintptr_t)l->files.word[i]);
	free(l->files.word);
	free(room);
	free(l);
	return code;
}

/* Read the file of a command line and do something with it. */
static int
with_config(const struct command *self, int argc, char **argv, act_fn act)
{
	struct config_options o = { 0 };
	int rest = 0, code;
	enum options_end end = options_parse(self, &o, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (argc - rest > 1)
		return options_complain(self, "at most one file is wanted");
	code = with_file(&o, argc > rest ? argv[rest] : DEFAULT_FILE,
	    argc == rest, act);
	return fflush(stdout) == 0 && ferror(stdout) == 0 ? code : EXIT_TROUBLE;
}

static int
act_check(const struct config_options *o, const char *path,
    const struct loaded *l, size_t bad)
{
	(void)o;
	(void)l;
	if (bad == 0)
		printf("%s: good\n", path);
	return bad == 0 ? EXIT_CLEAN : EXIT_TROUBLE;
}

/* --- show ---------------------------------------------------------------- */

static bool
has_words(enum config_type type)
{
	return type == CONFIG_WORDS || type == CONFIG_PATHS ||
	    type == CONFIG_ADDRESSES || type == CONFIG_LINES;
}

static void
show_text(const struct config_options *o, const char *path,
    const struct config_row *r, const struct config_value *v)
{
	size_t i;

	if (o->all)
		printf("# %s\n", r->help);
	if (has_words(r->type) && v->count > 0)
		for (i = 0; i < v->count; i++) {
			printf("%s = ", r->key);
			if (r->type == CONFIG_LINES)
				fputs(v->word[i], stdout);
			else
				confout_value(stdout, v->word[i]);
			putchar('\n');
		}
	else if (has_words(r->type))
		printf("%s =\n", r->key);
	else {
		printf("%s = ", r->key);
		confout_value(stdout, v->line != 0 ? v->text : r->fallback);
		putchar('\n');
	}
	if (v->line != 0)
		printf("    # %s:%" PRIu32 "\n", path, v->line);
}

static void
show_json(const char *path, const struct config_row *r,
    const struct config_value *v)
{
	size_t i;

	printf("{\"section\":\"%s\",\"key\":\"%s\",\"type\":\"%s\",\"value\":",
	    r->section, r->key, config_type_text(r->type));
	if (has_words(r->type)) {
		for (i = 0; i < v->count; i++) {
			putchar(i == 0 ? '[' : ',');
			escape_json_string(stdout, v->word[i],
			    strlen(v->word[i]));
		}
		fputs(v->count == 0 ? "[]" : "]", stdout);
	} else {
		const char *text = v->line != 0 ? v->text : r->fallback;

		escape_json_string(stdout, text, strlen(text));
	}
	fputs(",\"from\":", stdout);
	if (v->line == 0)
		fputs("\"default\"", stdout);
	else {
		escape_json_string(stdout, path, strlen(path));
		printf(",\"line\":%" PRIu32, v->line);
	}
	fputs("}\n", stdout);
}

static int
act_show(const struct config_options *o, const char *path,
    const struct loaded *l, size_t bad)
{
	const struct config *c = &l->config;
	const char *section = "";
	int key;

	(void)path;

	for (key = 0; key < KEY_COUNT; key++) {
		const struct config_row *r = config_row((enum config_key)key);

		if (o->json) {
			show_json(l->origin[key], r, &c->value[key]);
			continue;
		}
		if (strcmp(section, r->section) != 0)
			printf("%s[%s]\n", key == 0 ? "" : "\n", r->section);
		section = r->section;
		show_text(o, l->origin[key], r, &c->value[key]);
	}
	return bad == 0 ? EXIT_CLEAN : EXIT_TROUBLE;
}

/* --- import -------------------------------------------------------------- */

static void
make_origin(struct buf *b, const struct import_line *l)
{
	char number[32];

	(void)snprintf(number, sizeof(number), "line %" PRIu32 ": ", l->number);
	buf_text(b, number);
	buf_text(b, l->option);
	buf_byte(b, ' ');
	buf_text(b, l->value);
}

static void
take_line(void *ctx, const struct import_line *l, enum config_key key,
    const char *text, const char *note)
{
	struct buf origin = { 0 };

	make_origin(&origin, l);
	confout_take(ctx, origin.bytes, key, text, note);
	buf_free(&origin);
}

static void
leave_line(void *ctx, const struct import_line *l, const char *why)
{
	struct buf origin = { 0 };

	make_origin(&origin, l);
	confout_leave(ctx, origin.bytes, why);
	buf_free(&origin);
}

static int
import_file(const char *path, const struct buf *text, FILE *to)
{
	struct confout *m = buf_alloc(1, sizeof(*m));
	const struct import_listener hear = { m, take_line, leave_line };
	bool good;

	import_clamd(cur_from(text->bytes, text->size), &hear);
	fputs("# Made by 'candor config import' of ", to);
	escape_text(to, path, strlen(path));
	fputs(".\n", to);
	confout_print(m, to);
	fprintf(stderr, "%zu settings taken over, %zu not: see the end\n",
	    m->taken, m->not_taken);
	confout_free(m);
	free(m);
	good = fflush(to) == 0 && ferror(to) == 0;
	if (to != stdout)
		good = fclose(to) == 0 && good;
	return good ? EXIT_CLEAN : EXIT_TROUBLE;
}

static int
run_import(const struct command *self, int argc, char **argv)
{
	struct config_options o = { 0 };
	struct buf text = { 0 };
	int rest = 0, code = EXIT_TROUBLE;
	enum options_end end = options_parse(self, &o, argc, argv, &rest);
	const char *path;
	FILE *to;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (argc - rest > 1)
		return options_complain(self, "at most one file is wanted");
	path = argc - rest == 1 ? argv[rest] : CLAMD_FILE;
	if (read_file(path, &text) && (to = confout_open(o.output)) != NULL)
		code = import_file(path, &text, to);
	buf_free(&text);
	return code;
}

/* --- the commands -------------------------------------------------------- */

static int
run_check(const struct command *self, int argc, char **argv)
{
	return with_config(self, argc, argv, act_check);
}

static int
run_show(const struct command *self, int argc, char **argv)
{
	return with_config(self, argc, argv, act_show);
}

#define OPTIONS(rows) rows, sizeof(rows) / sizeof((rows)[0])

const struct command config_check_command = { "config check", "[FILE]",
	"Say what is wrong with candord's configuration",
	"FILE is " DEFAULT_FILE " unless another is named. Exit code: 0 it "
	"is good, 2 it is not.",
	NULL, 0, run_check, NULL };
const struct command config_show_command = { "config show", "[FILE]",
	"Show what is in force, and where it came from",
	"Every key, with the line that sets it; the others are at their "
	"default.",
	OPTIONS(show_options), run_show, NULL };
const struct command config_import_command = { "config import", "[CLAMD.CONF]",
	"Make a configuration of clamd's and clamonacc's",
	"Every line is taken over, or listed at the end with the reason why "
	"not. An exclusion never becomes wider. The file is " CLAMD_FILE
	" unless another is named.",
	OPTIONS(import_options), run_import, NULL };
