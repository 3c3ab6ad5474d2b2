/*
 * config.c - candord's configuration.  The contract is in config.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/config.h"

#include "lib/policy/config_value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct config_row rows[KEY_COUNT] = {
#define CONFIG(tag, section, key, type, def, least, most, choices, help) \
	{ section, key, CONFIG_##type, def, least, most, choices, help },
#include "lib/policy/config.def"
#undef CONFIG
};

const struct config_row *
config_row(enum config_key key)
{
	return &rows[key];
}

const char *
config_type_text(enum config_type type)
{
	static const char *const text[] = {
		[CONFIG_TEXT] = "text",
		[CONFIG_PATH] = "path",
		[CONFIG_FLAG] = "yes or no",
		[CONFIG_COUNT] = "number",
		[CONFIG_OCTAL] = "octal number",
		[CONFIG_SIZE] = "size",
		[CONFIG_SECONDS] = "time",
		[CONFIG_CHOICE] = "choice",
		[CONFIG_WORDS] = "words",
		[CONFIG_PATHS] = "paths",
		[CONFIG_ADDRESSES] = "addresses",
		[CONFIG_LINES] = "lines",
	};

	return text[type];
}

bool
config_is(const struct config *c, enum config_key key, const char *choice)
{
	return strcmp(c->value[key].text, choice) == 0;
}

/* --- complaints ---------------------------------------------------------- */

/* What a person reads on a terminal is text, whatever the file has. */
static void
blank_controls(char *text)
{
	for (; *text != '\0'; text++)
		if ((uint8_t)*text < 0x20 || (uint8_t)*text >= 0x7f)
			*text = '?';
}

__attribute__((format(printf, 3, 4))) static void
complain(struct config_troubles *out, uint32_t line, const char *format, ...)
{
	struct config_trouble *t;
	va_list list;

	if (out->count == CONFIG_TROUBLES) {
		out->more++;
		return;
	}
	t = &out->one[out->count++];
	t->line = line;
	va_start(list, format);
	(void)vsnprintf(t->text, sizeof(t->text), format, list);
	va_end(list);
	blank_controls(t->text);
}

/* --- lines --------------------------------------------------------------- */

/* What reading goes through the file with. */
struct reader {
	struct config *config;
	struct arena *arena;
	struct config_troubles *out;
	char section[32]; /* of the line it is at; empty before the first */
	bool is_known;    /* is there such a section? */
	uint32_t line;
	char text[CONFIG_LINE_MAX + 1]; /* the line */
};

/* Cut blanks off both ends, in place. */
static char *
trim(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		text[--len] = '\0';
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

/* Copy a line to be worked on; false if it cannot be one of a text. */
static bool
copy_line(struct reader *r, struct cur line)
{
	size_t size = 0;

	if (cur_left(&line) > CONFIG_LINE_MAX) {
		complain(r->out, r->line, "the line is longer than %u bytes",
		    CONFIG_LINE_MAX);
		return false;
	}
	while (cur_left(&line) > 0) {
		uint8_t c = cur_u8(&line);

		if ((c < 0x20 && c != '\t') || c == 0x7f) {
			complain(r->out, r->line,
			    "there is a control character (0x%02x) in it", c);
			return false;
		}
		r->text[size++] = (char)c;
	}
	r->text[size] = '\0';
	return true;
}

static bool
is_section(const char *name)
{
	size_t i;

	for (i = 0; i < KEY_COUNT; i++)
		if (strcmp(rows[i].section, name) == 0)
			return true;
	return false;
}

static void
read_section(struct reader *r, char *text)
{
	size_t len = strlen(text);

	r->is_known = false;
	r->section[0] = '\0';
	if (text[len - 1] != ']') {
		complain(r->out, r->line, "%s: no ] at the end", text);
		return;
	}
	text[len - 1] = '\0';
	text = trim(text + 1);
	(void)snprintf(r->section, sizeof(r->section), "%s", text);
	r->is_known = is_section(text);
	if (!r->is_known)
		complain(r->out, r->line, "there is no section [%s]", text);
}

static void
read_value(struct reader *r, enum config_key key, const char *text)
{
	const struct config_row *row = &rows[key];
	struct config_value *value = &r->config->value[key];
	struct config_value was = *value, now = *value;
	const char *why = "";

	if (was.line != 0 && !config_type_has_many(row->type)) {
		complain(r->out, r->line, "%s: was given in line %u already",
		    row->key, was.line);
		return;
	}
	/* The first line of a list replaces the default. */
	if (was.line == 0 && !was.is_added_to)
		now.count = 0;
	now.line = r->line;
	if (config_value_read(&now, row, r->arena, text, &why))
		*value = now;
	else if (row->type == CONFIG_CHOICE)
		complain(r->out, r->line, "%s: %.60s %s %s", row->key, text,
		    why, row->choices);
	else
		complain(r->out, r->line, "%s: %.60s %s", row->key, text, why);
}

static void
read_pair(struct reader *r, char *text)
{
	char *equals = strchr(text, '='), *key;
	size_t i;

	if (equals == NULL) {
		complain(r->out, r->line,
		    "%.80s: neither [SECTION] nor KEY =", text);
		return;
	}
	*equals = '\0';
	key = trim(text);
	if (r->section[0] == '\0' && !r->is_known) {
		complain(r->out, r->line, "%.80s: stands in no section", key);
		return;
	}
	if (!r->is_known)
		return;
	for (i = 0; i < KEY_COUNT; i++)
		if (strcmp(rows[i].section, r->section) == 0 &&
		    strcmp(rows[i].key, key) == 0)
			break;
	if (i == KEY_COUNT)
		complain(r->out, r->line, "there is no key %.80s in [%s]", key,
		    r->section);
	else
		read_value(r, (enum config_key)i, trim(equals + 1));
}

static void
read_line(struct reader *r, struct cur line)
{
	char *text;

	r->line++;
	if (!copy_line(r, line))
		return;
	text = trim(r->text);
	if (text[0] == '\0' || text[0] == '#' || text[0] == ';')
		return;
	if (text[0] == '[')
		read_section(r, text);
	else
		read_pair(r, text);
}

bool
config_has_many(enum config_key key)
{
	return config_type_has_many(rows[key].type);
}

bool
config_would_take(enum config_key key, const char *text, const char **why)
{
	return config_value_fits(&rows[key], text, why);
}

/* --- all of it ----------------------------------------------------------- */

bool
config_init(struct config *c, struct arena *a)
{
	const char *why;
	size_t i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < KEY_COUNT; i++)
		if (!config_value_read(&c->value[i], &rows[i], a,
			rows[i].fallback, &why))
			return false;
	return true;
}

void
config_keep_lists(struct config *c)
{
	size_t i;

	for (i = 0; i < KEY_COUNT; i++)
		c->value[i].is_added_to = config_type_has_many(rows[i].type);
}

bool
config_read(struct config *c, struct arena *a, struct cur file,
    struct config_troubles *out)
{
	struct reader r = { .config = c, .arena = a, .out = out };
	struct cur line;

	out->count = out->more = 0;
	if (cur_left(&file) > CONFIG_FILE_MAX) {
		complain(out, 0, "the file is longer than %u bytes",
		    CONFIG_FILE_MAX);
		return false;
	}
	while (cur_line(&file, &line))
		read_line(&r, line);
	return out->count == 0;
}
