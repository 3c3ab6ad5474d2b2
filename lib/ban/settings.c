/*
 * settings.c - read exported settings.  See settings.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/settings.h"

#include "lib/base/ascii.h"

#include <string.h>

/* --- names ---------------------------------------------------------------- */

bool
settings_same(const char *a, const char *b)
{
	while (*a != '\0' &&
	    ascii_lower((uint8_t)*a) == ascii_lower((uint8_t)*b)) {
		a++;
		b++;
	}
	return *a == *b;
}

/* The predefined tasks, by name and number (the manual's list of tasks). */
static const struct {
	const char *name, *number;
	enum settings_task task;
} tasks[] = {
	{ "File_Threat_Protection", "1", SETTINGS_ON_ACCESS },
	{ "Scan_My_Computer", "2", SETTINGS_ON_DEMAND },
	{ "Scan_File", "3", SETTINGS_ON_DEMAND },
	{ "Critical_Areas_Scan", "4", SETTINGS_ON_DEMAND },
	{ "Update", "6", SETTINGS_UPDATE },
	{ "Rollback", "7", SETTINGS_UPDATE },
	{ "License", "9", SETTINGS_OTHER },
	{ "Backup", "10", SETTINGS_OTHER },
	{ "System_Integrity_Monitoring", "11", SETTINGS_OTHER },
	{ "Firewall_Management", "12", SETTINGS_OTHER },
	{ "Anti_Cryptor", "13", SETTINGS_OTHER },
	{ "Web_Threat_Protection", "14", SETTINGS_OTHER },
	{ "Device_Control", "15", SETTINGS_OTHER },
	{ "Removable_Drives_Scan", "16", SETTINGS_ON_DEMAND },
	{ "Network_Threat_Protection", "17", SETTINGS_OTHER },
	{ "Container_Scan", "18", SETTINGS_ON_DEMAND },
	{ "Custom_Container_Scan", "19", SETTINGS_ON_DEMAND },
	{ "Behavior_Detection", "20", SETTINGS_BEHAVIOUR },
	{ "Application_Control", "21", SETTINGS_OTHER },
	{ "Web_Control", "22", SETTINGS_OTHER },
	{ "Inventory_Scan", "", SETTINGS_OTHER },
	/* No tasks: words of ours for what other commands print. */
	{ "", "schedule", SETTINGS_SCHEDULE },
	{ "", "product", SETTINGS_PRODUCT },
};

enum settings_task
settings_task_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++)
		if (name[0] != '\0' &&
		    (settings_same(name, tasks[i].name) ||
			strcmp(name, tasks[i].number) == 0))
			return tasks[i].task;
	return SETTINGS_UNKNOWN;
}

/*
 * Names that only one kind of task has, where no name of a task is given.
 * Those of a scan stand in its documented defaults and not in those of
 * File_Threat_Protection, and the other way round.
 */
static const struct {
	const char *name;
	enum settings_task task;
} tells[] = {
	{ "ScanByAccessType", SETTINGS_ON_ACCESS },
	{ "ScanFiles", SETTINGS_ON_DEMAND },
	{ "ScanBootSectors", SETTINGS_ON_DEMAND },
	{ "ScanComputerMemory", SETTINGS_ON_DEMAND },
	{ "ScanStartupObjects", SETTINGS_ON_DEMAND },
	{ "ScanPriority", SETTINGS_ON_DEMAND },
	{ "UseTrustedPrograms", SETTINGS_BEHAVIOUR },
	{ "SourceType", SETTINGS_UPDATE },
	{ "ApplicationUpdateMode", SETTINGS_UPDATE },
	{ "RuleType", SETTINGS_SCHEDULE },
	{ "UseKSN", SETTINGS_PRODUCT },
	{ "UseMDR", SETTINGS_PRODUCT },
};

/* --- the reader ----------------------------------------------------------- */

struct reader {
	struct settings *out;
	struct arena *arena;
	settings_trouble_fn tell;
	void *ctx;
	uint32_t line;
	uint32_t group,
	    groups;          /* where a NAME=VALUE goes; how many there are */
	const char *section; /* its name */
	char dotted[64];     /* the section of the dotted name before */
	uint32_t dotted_group;
	bool is_good;
};

static void
trouble(struct reader *r, const char *why)
{
	r->tell(r->ctx, r->line, why);
	r->is_good = false;
}

/* Text of what is left of c; NULL if the arena is full. */
static char *
keep(struct reader *r, struct cur c)
{
	char *text = arena_alloc(r->arena, cur_left(&c) + 1, 1);
	size_t i = 0;

	if (text == NULL)
		return NULL;
	while (cur_left(&c) > 0)
		text[i++] = (char)cur_u8(&c);
	return text;
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* What is left of c without blanks at either end. */
static struct cur
trimmed(struct cur c)
{
	struct cur out = cur_from(NULL, 0), rest = c;
	size_t end = 0, n = 0;

	while (cur_left(&c) > 0 && is_blank(c.base[c.pos]))
		(void)cur_u8(&c);
	rest = c;
	while (cur_left(&rest) > 0) {
		n++;
		if (!is_blank(cur_u8(&rest)))
			end = n;
	}
	if (!cur_take(&c, end, &out))
		return cur_from(NULL, 0);
	return out;
}

/* Is it "item_" and digits? */
static bool
is_item(const char *text)
{
	size_t i;

	if (strlen(text) < 6 || strncmp(text, "item_", 5) != 0)
		return false;
	for (i = 5; text[i] != '\0'; i++)
		if (!ascii_is_digit((uint8_t)text[i]))
			return false;
	return true;
}

static uint32_t
part_now(const struct reader *r)
{
	return (uint32_t)r->out->part_count - 1;
}

/* The next task of the file begins. */
static void
begin_part(struct reader *r, const char *name)
{
	struct settings *s = r->out;

	if (s->part_count == SETTINGS_MAX) {
		trouble(r, "too many tasks in one file");
		return;
	}
	s->part[s->part_count].task = settings_task_of(name);
	s->part[s->part_count].name = name;
	s->part_count++;
	r->group = 0;
	r->section = "";
	r->dotted[0] = '\0';
}

/* [ScanScope.item_0000], [File_Threat_Protection] or both with a stop. */
static void
read_section(struct reader *r, struct cur line)
{
	struct cur inside;
	char *text, *stop;

	if (!cur_skip(&line, 1) || cur_left(&line) == 0 ||
	    line.base[line.size - 1] != ']' ||
	    !cur_take(&line, cur_left(&line) - 1, &inside) ||
	    cur_left(&inside) == 0) {
		trouble(r, "a section has no name, or no ] at its end");
		return;
	}
	text = keep(r, trimmed(inside));
	if (text == NULL) {
		trouble(r, "too much text in one file; this is not read");
		return;
	}
	if (settings_task_of(text) != SETTINGS_UNKNOWN) {
		begin_part(r, text);
		return;
	}
	stop = strrchr(text, '.');
	if (stop != NULL && is_item(stop + 1))
		*stop = '\0';
	r->section = text;
	r->group = ++r->groups;
}

/* Add one; section.item_N.name and name.item_N are taken apart. */
static void
add(struct reader *r, char *name, const char *value)
{
	struct settings *s = r->out;
	struct setting *one = &s->one[s->count];
	char *last = strrchr(name, '.'), *first;

	if (s->count == SETTINGS_MAX) {
		trouble(r, "too many settings in one file; this is not read");
		return;
	}
	*one = (struct setting){ r->line, part_now(r), r->group, r->section,
		name, value };
	s->count++;
	if (last != NULL && is_item(last + 1)) {
		*last = '\0';
		last = strrchr(name, '.');
	}
	first = strchr(name, '.');
	if (first == NULL || last == NULL || r->group != 0 || first == last)
		return;
	*last = '\0';
	if (!is_item(first + 1) || strlen(name) >= sizeof(r->dotted)) {
		*last = '.';
		return;
	}
	/* Of one section as long as it is called the same. */
	if (!settings_same(r->dotted, name))
		r->dotted_group = ++r->groups;
	memcpy(r->dotted, name, strlen(name) + 1);
	*first = '\0';
	one->section = name;
	one->group = r->dotted_group;
	one->name = last + 1;
}

static void
read_pair(struct reader *r, struct cur line)
{
	const struct cur whole = line;
	struct cur name, value;
	char *name_text, *value_text;

	if (!cur_until(&line, '=', &name) || cur_left(&name) == 0 ||
	    cur_left(&name) == cur_left(&whole)) {
		trouble(r, "neither a [section] nor NAME=VALUE");
		return;
	}
	value = trimmed(line);
	if (cur_left(&value) > 0 && value.base[value.pos] == '"') {
		if (cur_left(&value) < 2 || value.base[value.size - 1] != '"') {
			trouble(r, "a quote is not closed");
			return;
		}
		if (!cur_skip(&value, 1) ||
		    !cur_take(&value, cur_left(&value) - 1, &value))
			return;
	}
	name_text = keep(r, trimmed(name));
	value_text = keep(r, value);
	if (name_text == NULL || value_text == NULL)
		trouble(r, "too much text in one file; this is not read");
	else if (name_text[0] == '\0')
		trouble(r, "a value without a name");
	else
		add(r, name_text, value_text);
}

/* A CR at the end of a line was cut off before. */
static bool
has_controls(struct cur c)
{
	while (cur_left(&c) > 0) {
		uint8_t byte = cur_u8(&c);

		if ((byte < ' ' && byte != '\t') || byte == 0x7f)
			return true;
	}
	return false;
}

static void
read_line(struct reader *r, struct cur line)
{
	struct cur text = trimmed(line);

	if (cur_left(&text) == 0 || text.base[text.pos] == '#' ||
	    text.base[text.pos] == ';')
		return;
	if (cur_left(&text) > SETTINGS_LINE_MAX)
		trouble(r, "longer than a line may be");
	else if (has_controls(text))
		trouble(r, "control characters: this is no text");
	else if (text.base[text.pos] == '[')
		read_section(r, text);
	else
		read_pair(r, text);
}

/* --- a file --------------------------------------------------------------- */

/* Say of each part what it is, by the names in it. */
static void
tell_parts(struct settings *s)
{
	size_t i, k;

	for (i = 0; i < s->count; i++) {
		struct settings_part *p = &s->part[s->one[i].part];

		for (k = 0; k < sizeof(tells) / sizeof(tells[0]); k++)
			if (p->task == SETTINGS_UNKNOWN &&
			    s->one[i].group == 0 &&
			    settings_same(s->one[i].name, tells[k].name))
				p->task = tells[k].task;
	}
}

/* What is no INI file at all is said once, not line by line. */
static const char *
other_format(const struct cur *file)
{
	struct cur c = *file;
	uint8_t first = cur_left(&c) > 0 ? c.base[c.pos] : 0;

	if (cur_left(&c) > SETTINGS_FILE_MAX)
		return "the file is larger than settings are";
	if (first == '{' || first == '<')
		return "JSON or XML: export the settings again without --json";
	if (cur_match(&c, "\xff\xfe", 2) || cur_match(&c, "\xfe\xff", 2))
		return "UTF-16: kesl-control writes UTF-8";
	return NULL;
}

bool
settings_read(struct settings *out, struct arena *a, struct cur file,
    const char *task, settings_trouble_fn tell, void *ctx)
{
	struct reader r = { .out = out,
		.arena = a,
		.tell = tell,
		.ctx = ctx,
		.section = "",
		.is_good = true };
	const char *other = other_format(&file);
	struct cur line;

	*out = (struct settings){ 0 };
	out->one = arena_alloc(a, SETTINGS_MAX, sizeof(*out->one));
	out->part = arena_alloc(a, SETTINGS_MAX, sizeof(*out->part));
	if (out->one == NULL || out->part == NULL)
		other = "no memory";
	if (other != NULL) {
		*out = (struct settings){ 0 };
		trouble(&r, other);
		return false;
	}
	/* A mark of UTF-8 is no part of the first name. */
	if (cur_match(&file, "\xef\xbb\xbf", 3))
		r.line = 0;
	begin_part(&r, task != NULL ? task : "");
	while (cur_line(&file, &line)) {
		r.line++;
		read_line(&r, line);
	}
	tell_parts(out);
	return r.is_good;
}

const struct setting *
settings_find(const struct settings *s, uint32_t part, uint32_t group,
    const char *name, bool *is_twice)
{
	const struct setting *found = NULL;
	size_t i;

	for (i = 0; i < s->count; i++) {
		const struct setting *one = &s->one[i];

		if (one->part != part || one->group != group ||
		    !settings_same(one->name, name))
			continue;
		if (found != NULL && strcmp(found->value, one->value) != 0)
			*is_twice = true;
		if (found == NULL)
			found = one;
	}
	return found;
}
