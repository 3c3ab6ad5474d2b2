/*
 * switch_plan.c - gather the plan of a switch-over.  See switch_plan.h.
 *
 * Exported settings were written by a program that goes, on a machine that
 * may not be ours: they are read by lib/ban/settings.c, through struct cur.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_plan.h"

#include "cmd/candor/infile.h"
#include "cmd/candor/print.h"
#include "lib/base/arena.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- what is there -------------------------------------------------------- */

/* The graphical interface is in the product's folder; candor ban scan looks
   at everything else. */
static const struct switch_found products[] = {
	{ "Endpoint Security for Linux", "/opt/kaspersky/kesl" },
	{ "Industrial CyberSecurity for Linux Nodes", "/opt/kaspersky/kics" },
	{ "Embedded Systems Security for Linux", "/opt/kaspersky/kess" },
	{ "Anti-Virus for Linux File Server", "/opt/kaspersky/kav4fs" },
	{ "Linux Mail Server", "/opt/kaspersky/klms" },
	{ "Web Traffic Security", "/opt/kaspersky/kwts" },
	{ "Scan Engine", "/opt/kaspersky/ScanEngine" },
	{ "Security Center", "/opt/kaspersky/ksc64" },
	{ "Network Agent", "/opt/kaspersky/klnagent64" },
	{ "Network Agent", "/opt/kaspersky/klnagent" },
};
_Static_assert(sizeof(products) / sizeof(products[0]) <= SWITCH_FOUND_MAX,
    "all of them may be there");

/* Is there something below the plan's root? */
static bool
is_there(const struct switch_plan *p, const char *path)
{
	struct buf whole = { 0 };
	struct stat st;
	bool found;

	buf_text(&whole, p->root);
	buf_text(&whole, path);
	found = lstat(whole.bytes, &st) == 0;
	buf_free(&whole);
	return found;
}

void
switch_plan_find(struct switch_plan *p)
{
	size_t i;

	for (i = 0; i < sizeof(products) / sizeof(products[0]); i++)
		if (is_there(p, products[i].path))
			p->found[p->found_count++] = products[i];
}

/* --- entries -------------------------------------------------------------- */

struct adding {
	struct switch_plan *plan;
	const char *file;
};

static char *
name_of(const struct setting *s)
{
	struct buf b = { 0 };

	if (s->section[0] != '\0') {
		buf_text(&b, s->section);
		buf_byte(&b, '.');
	}
	buf_text(&b, s->name);
	return b.bytes;
}

static void
add_entry(void *ctx, const struct plan_entry *from)
{
	const struct adding *a = ctx;
	struct switch_plan *p = a->plan;
	struct switch_entry *e;

	p->entry = buf_grow(p->entry, &p->entry_room, p->entries + 1,
	    sizeof(*p->entry));
	e = &p->entry[p->entries++];
	*e = (struct switch_entry){ .file = a->file,
		.line = from->from->line,
		.task = buf_copy(from->task),
		.name = name_of(from->from),
		.value = buf_copy(from->from->value),
		.how = from->how,
		.key = from->key,
		.why = from->why,
		.risk = from->risk,
		.needs_person = from->needs_person };
	p->how[e->how]++;
	if (from->target == NULL)
		return;
	e->target = buf_copy(from->target);
	if ((e->key == KEY_EXCLUDE_PATH || e->key == KEY_EXCLUDE_FILE ||
		e->key == KEY_EXCLUDE_PROCESS) &&
	    strpbrk(e->target, "*?") == NULL && !is_there(p, e->target))
		e->risk |= PLAN_RISK_MISSING;
}

static void
add_trouble(void *ctx, uint32_t line, const char *why)
{
	const struct adding *a = ctx;
	struct switch_plan *p = a->plan;

	p->trouble = buf_grow(p->trouble, &p->trouble_room, p->troubles + 1,
	    sizeof(*p->trouble));
	p->trouble[p->troubles++] =
	    (struct switch_trouble){ a->file, why, line };
}

/* Cut TASK= off TASK=FILE, if there is a task of that name or number. */
static char *
task_of(const char **argument)
{
	const char *equals = strchr(*argument, '=');
	char *task;

	if (equals == NULL)
		return NULL;
	task = buf_copy(*argument);
	task[equals - *argument] = '\0';
	if (settings_task_of(task) == SETTINGS_UNKNOWN) {
		free(task);
		return NULL;
	}
	*argument = equals + 1;
	return task;
}

bool
switch_plan_add(struct switch_plan *p, const char *argument)
{
	struct adding a = { .plan = p };
	struct settings s = { 0 };
	struct why why = { 0 };
	struct buf text = { 0 };
	struct arena arena;
	char *task = task_of(&argument);
	void *room;
	bool is_read;

	a.file = argument;
	is_read =
	    infile_read(AT_FDCWD, argument, SETTINGS_FILE_MAX, &text, &why);
	if (!is_read)
		print_why(&why);
	else {
		room = buf_alloc(1, SETTINGS_ARENA);
		arena_init(&arena, room, SETTINGS_ARENA);
		/* What is not understood was told to add_trouble(). */
		(void)settings_read(&s, &arena, cur_from(text.bytes, text.size),
		    task, add_trouble, &a);
		plan_settings(&s, add_entry, &a);
		free(room);
	}
	buf_free(&text);
	free(task);
	return is_read;
}

/* --- the configuration ---------------------------------------------------- */

static bool
has_several(enum config_key key)
{
	enum config_type type = config_row(key)->type;

	return type == CONFIG_WORDS || type == CONFIG_PATHS;
}

/* The entry before this one that goes to the same key: of a list, with the
   same value. */
static const struct switch_entry *
taken_before(const struct switch_plan *p, size_t at)
{
	const struct switch_entry *e = &p->entry[at];
	size_t i;

	for (i = 0; i < at; i++) {
		const struct switch_entry *b = &p->entry[i];

		if (b->target != NULL && b->key == e->key &&
		    (!has_several(e->key) || strcmp(b->target, e->target) == 0))
			return b;
	}
	return NULL;
}

/* FILE line N: NAME VALUE, without what would end a comment. */
static char *
origin_of(const struct switch_entry *e)
{
	struct buf b = { 0 };
	char number[32];
	const char *at;

	for (at = e->file; *at != '\0'; at++)
		buf_byte(&b, (unsigned char)*at < ' ' ? '?' : *at);
	(void)snprintf(number, sizeof(number), " line %" PRIu32 ": ", e->line);
	buf_text(&b, number);
	buf_text(&b, e->name);
	buf_byte(&b, ' ');
	buf_text(&b, e->value);
	return b.bytes;
}

/* Something else than a setting of theirs decides about a key. */
static bool
is_said(const struct switch_plan *p, enum config_key key)
{
	size_t i;

	for (i = 0; i < p->extras; i++)
		if (p->extra[i].key == key)
			return true;
	return p->is_given[key];
}

static void
put_extras(struct confout *o, const struct switch_plan *p)
{
	size_t i;

	for (i = 0; i < p->extras; i++) {
		const struct switch_extra *e = &p->extra[i];

		if (has_several(e->key) || !p->is_given[e->key])
			confout_take(o, e->why, e->key, e->value, NULL);
	}
}

static void
put_entry(struct confout *o, const struct switch_plan *p, size_t at)
{
	const struct switch_entry *e = &p->entry[at], *before;
	char *origin = origin_of(e);

	if (e->target == NULL)
		confout_leave(o, origin, e->why);
	else if (!has_several(e->key) && is_said(p, e->key))
		confout_leave(o, origin,
		    "candor switch, or the configuration that was here, says "
		    "it already");
	else if ((before = taken_before(p, at)) == NULL)
		confout_take(o, origin, e->key, e->target, e->why);
	else if (strcmp(before->target, e->target) == 0)
		confout_leave(o, origin, "the same as another");
	else
		confout_leave(o, origin,
		    "another file says otherwise, and was named before");
	free(origin);
}

/* Would candord take it?  What is wrong is said. */
static bool
check(const struct buf *text)
{
	struct config_troubles *t = buf_alloc(1, sizeof(*t));
	struct config *c = buf_alloc(1, sizeof(*c));
	void *room = buf_alloc(1, CONFIG_ARENA);
	struct arena a;
	bool is_good;
	size_t i;

	arena_init(&a, room, CONFIG_ARENA);
	is_good = text->size <= CONFIG_FILE_MAX && config_init(c, &a) &&
	    config_read(c, &a, cur_from(text->bytes, text->size), t);
	if (!is_good)
		fputs("candor: candord would not take what is carried over; "
		      "nothing is written\n",
		    stderr);
	if (text->size > CONFIG_FILE_MAX)
		fputs("candor: it is longer than a configuration may be\n",
		    stderr);
	for (i = 0; i < t->count; i++)
		fprintf(stderr, "candor: line %" PRIu32 ": %s\n",
		    t->one[i].line, t->one[i].text);
	free(t);
	free(c);
	free(room);
	return is_good;
}

bool
switch_plan_configuration(const struct switch_plan *p, struct buf *out)
{
	struct confout *o = buf_alloc(1, sizeof(*o));
	char *text = NULL;
	size_t size = 0, i;
	FILE *to = open_memstream(&text, &size);

	/* Naming any path takes the default's place, so it is said as well. */
	confout_take(o, "Candor's own default", KEY_EXCLUDE_PATH,
	    config_row(KEY_EXCLUDE_PATH)->fallback, NULL);
	put_extras(o, p);
	for (i = 0; i < p->entries; i++)
		put_entry(o, p, i);
	if (to != NULL) {
		fputs("# Made by 'candor switch'.  Read it before you "
		      "use it.\n",
		    to);
		confout_print(o, to);
		fclose(to);
	}
	buf_add(out, text, size);
	free(text);
	confout_free(o);
	free(o);
	return to != NULL && check(out);
}

void
switch_plan_free(struct switch_plan *p)
{
	size_t i;

	for (i = 0; i < p->entries; i++) {
		free(p->entry[i].task);
		free(p->entry[i].name);
		free(p->entry[i].value);
		free(p->entry[i].target);
	}
	free(p->entry);
	free(p->trouble);
}
