/*
 * import.c - what clamd's settings mean for candord.  See import.h.
 *
 * Spec: clamd.conf(5), ClamAV 1.4.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/import.h"

#include "lib/base/ascii.h"

#include <stdio.h>
#include <string.h>

/* What has to be known of other lines to read one.  The file is gone through
   twice: first only to know that. */
struct importer {
	const struct import_listener *to; /* NULL: the first time */
	struct import_line line;
	uint32_t last[KEY_COUNT]; /* the line that counts; 0: none */
	uint32_t yes[KEY_COUNT];  /* the first that says yes to one of several
	                             options that become one key */
	char port[16];            /* of TCPSocket; "" while none was met */
	char address[IMPORT_VALUE_MAX]; /* of a TCPAddr before it */
	struct import_line address_line;
	bool has_address, told_address;
	bool has_excluded; /* a path */
};

/* "yes", "true", "1" as clamd reads them; nothing at all is yes. */
static bool
is_yes(const char *value)
{
	return value[0] == '\0' || value[0] == 'y' || value[0] == 'Y' ||
	    value[0] == 't' || value[0] == 'T' || value[0] == '1';
}

static void
leave_line(struct importer *m, const struct import_line *at, const char *why)
{
	if (m->to != NULL)
		m->to->leave(m->to->ctx, at, why);
}

static void
leave(struct importer *m, const char *why)
{
	leave_line(m, &m->line, why);
}

/* Take a line over, unless candord would refuse the value, or a later line
   says otherwise: of several, clamd takes the last. */
static void
take_line_as(struct importer *m, const struct import_line *at,
    enum config_key key, const char *text, const char *note)
{
	const struct config_row *row = config_row(key);
	char why[160];
	const char *wrong;

	if (!config_would_take(key, text, &wrong)) {
		(void)snprintf(why, sizeof(why), "candord refuses [%s] %s: %s",
		    row->section, row->key, wrong);
		leave_line(m, at, why);
		return;
	}
	if (m->to == NULL) {
		m->last[key] = at->number;
		return;
	}
	if (!config_has_many(key) && m->last[key] != at->number) {
		(void)snprintf(why, sizeof(why), "line %u says it again",
		    m->last[key]);
		leave_line(m, at, why);
		return;
	}
	m->to->take(m->to->ctx, at, key, text, note);
}

static void
take(struct importer *m, enum config_key key, const char *text,
    const char *note)
{
	take_line_as(m, &m->line, key, text, note);
}

/* One of several options that become one key: one yes is a yes. */
static void
take_any(struct importer *m, enum config_key key, const char *yes,
    const char *no, const char *note_of_no)
{
	char why[64];

	if (is_yes(m->line.value)) {
		if (m->yes[key] == 0)
			m->yes[key] = m->line.number;
		if (m->yes[key] == m->line.number)
			take(m, key, yes, NULL);
	} else if (m->yes[key] == 0) {
		take(m, key, no, note_of_no);
	}
	if (m->yes[key] != 0 && m->yes[key] != m->line.number) {
		(void)snprintf(why, sizeof(why), "line %u says yes to it",
		    m->yes[key]);
		leave(m, why);
	}
}

/* --- options that are more than a value ---------------------------------- */

static void
take_address(struct importer *m, const struct import_line *at, const char *host)
{
	char text[IMPORT_VALUE_MAX + 32];
	bool is_v6 = strchr(host, ':') != NULL;

	(void)snprintf(text, sizeof(text), is_v6 ? "[%s]:%s" : "%s:%s", host,
	    m->port);
	take_line_as(m, at, KEY_CLAMD_TCP, text,
	    "whoever reaches it may ask: the protocol has no passwords; "
	    "about paths only with clamd.tcp_paths = yes");
	m->told_address = true;
}

static void
special_tcp_socket(struct importer *m)
{
	(void)snprintf(m->port, sizeof(m->port), "%s", m->line.value);
	if (m->has_address)
		take_address(m, &m->address_line, m->address);
}

static void
special_tcp_address(struct importer *m)
{
	if (m->port[0] != '\0') {
		take_address(m, &m->line, m->line.value);
		return;
	}
	/* The port may come later. */
	if (m->has_address) {
		leave(m, "put it behind TCPSocket to take over a second one");
		return;
	}
	(void)snprintf(m->address, sizeof(m->address), "%s", m->line.value);
	m->address_line = m->line;
	m->address_line.value = m->address;
	m->has_address = true;
}

static void
special_user(struct importer *m)
{
	if (strcmp(m->line.value, "root") == 0)
		leave(m,
		    "what speaks with clients never runs as root; it opens "
		    "files as who asks may");
	else
		take(m, KEY_USER, m->line.value, NULL);
}

/* The first line of [exclude] path replaces candord's default: keep that. */
static void
exclude_path(struct importer *m, const char *text, const char *note)
{
	const char *fallback = config_row(KEY_EXCLUDE_PATH)->fallback;

	if (!m->has_excluded)
		take(m, KEY_EXCLUDE_PATH, fallback,
		    "candord's default, which this line would replace");
	m->has_excluded = true;
	take(m, KEY_EXCLUDE_PATH, text, note);
}

/*
 * clamd's is a POSIX regular expression, found anywhere in the path.  One that
 * is a folder's name and nothing else, fixed at the start, is a glob; any
 * other could become wider, and is left to a person.
 */
static void
special_exclude_path(struct importer *m)
{
	const char *from = m->line.value;
	char text[IMPORT_VALUE_MAX];
	size_t n = 0;

	if (from[0] != '^' || from[1] != '/') {
		leave(m,
		    "this expression fits paths anywhere: write it as a glob "
		    "under [exclude] path");
		return;
	}
	for (from++; *from != '\0'; from++) {
		if (from[0] == '$' && from[1] == '\0')
			break;
		if (from[0] == '\\' && from[1] != '\0' &&
		    strchr(".[]()*+?{}|^$\\-", from[1]) != NULL)
			from++;
		else if (strchr(".[]()*+?{}|^$\\", *from) != NULL) {
			leave(m,
			    "this expression is more than a path: write it as "
			    "a glob under [exclude] path");
			return;
		}
		text[n++] = *from;
	}
	/* "^/a" fits /ab as well; only /a and what is in it is taken over,
	   which is narrower. */
	while (n > 1 && text[n - 1] == '/')
		n--;
	text[n] = '\0';
	if (strpbrk(text, "*?") != NULL)
		leave(m, "* and ? stand for others in a glob");
	else
		exclude_path(m, text,
		    "this folder or file and what is in it, when it is "
		    "opened: who asks for it to be scanned gets an answer");
}

/* Milliseconds; 0 is for ever, which there is not. */
static void
special_scan_time(struct importer *m)
{
	char text[IMPORT_VALUE_MAX + 4];

	if (strcmp(m->line.value, "0") == 0) {
		leave(m, "there is always a deadline: [scan] deadline");
		return;
	}
	(void)snprintf(text, sizeof(text), "%sms", m->line.value);
	take(m, KEY_DEADLINE, text, NULL);
}

static void
special_encrypted(struct importer *m)
{
	take_any(m, KEY_CLAMD_ENCRYPTED, "found", "ok",
	    "what is encrypted passes as OK: candord's own default is an "
	    "error");
}

static void
special_exceeds(struct importer *m)
{
	take_any(m, KEY_CLAMD_LIMIT, "found", "ok",
	    "what is beyond a limit passes as OK: candord's own default is an "
	    "error");
}

/* What the guard does with them is [policy] suspicious, as before. */
static void
special_detect_pua(struct importer *m)
{
	take(m, KEY_CLAMD_SUSPICIOUS, is_yes(m->line.value) ? "found" : "ok",
	    NULL);
}

static void
special_exclude_pua(struct importer *m)
{
	char text[IMPORT_VALUE_MAX + 16];

	(void)snprintf(text, sizeof(text), "PUA*.%s.*", m->line.value);
	take(m, KEY_EXCLUDE_SIGNATURE, text, NULL);
}

static void
special_include_path(struct importer *m)
{
	take(m, KEY_GUARD_MOUNTS, m->line.value,
	    "the whole file system it is on is watched");
}

static void
special_deny_on_error(struct importer *m)
{
	take(m, KEY_GUARD_UNSCANNED, is_yes(m->line.value) ? "deny" : "allow",
	    NULL);
}

static void
special_log_syslog(struct importer *m)
{
	take(m, KEY_LOG_JOURNAL, is_yes(m->line.value) ? "yes" : "no", NULL);
}

/* --- the table ----------------------------------------------------------- */

enum row_sort {
	ROW_SAME,
	ROW_LIMIT,
	ROW_PATH,
	ROW_SPECIAL,
	ROW_LEFT
};

struct row {
	const char *option;
	enum row_sort sort;
	enum config_key key;
	void (*special)(struct importer *m);
	const char *why;
};

static const struct row row[] = {
#define SAME(option, key)     { option, ROW_SAME, KEY_##key, NULL, NULL },
#define LIMIT(option, key)    { option, ROW_LIMIT, KEY_##key, NULL, NULL },
#define PATH(option, key)     { option, ROW_PATH, KEY_##key, NULL, NULL },
#define SPECIAL(option, name) { option, ROW_SPECIAL, 0, special_##name, NULL },
#define LEFT(option, why)     { option, ROW_LEFT, 0, NULL, why },
#include "lib/policy/import.def"
#undef SAME
#undef LIMIT
#undef PATH
#undef SPECIAL
#undef LEFT
};

static bool
same_word(const char *a, const char *b)
{
	while (*a != '\0' &&
	    ascii_lower((uint8_t)*a) == ascii_lower((uint8_t)*b)) {
		a++;
		b++;
	}
	return *a == *b;
}

static void
take_line(struct importer *m)
{
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (same_word(m->line.option, row[i].option))
			break;
	if (i == sizeof(row) / sizeof(row[0])) {
		leave(m, "clamd 1.4 has no such option");
		return;
	}
	m->line.option = row[i].option;
	switch (row[i].sort) {
	case ROW_LIMIT:
		if (strcmp(m->line.value, "0") == 0) {
			leave(m,
			    "0 is no limit; candord keeps its own, and says "
			    "when it is reached");
			return;
		}
		take(m, row[i].key, m->line.value, NULL);
		return;
	case ROW_PATH:
		if (strpbrk(m->line.value, "*?") != NULL) {
			leave(m, "* and ? stand for others in a glob");
			return;
		}
		if (row[i].key == KEY_EXCLUDE_PATH)
			exclude_path(m, m->line.value, NULL);
		else
			take(m, row[i].key, m->line.value, NULL);
		return;
	case ROW_SAME:
		take(m, row[i].key, m->line.value, NULL);
		return;
	case ROW_SPECIAL:
		row[i].special(m);
		return;
	case ROW_LEFT:
		leave(m, row[i].why);
		return;
	}
}

/* --- the file ------------------------------------------------------------ */

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Cut a word off a line: up to a blank, or what is in double quotes. */
static void
read_word(struct cur *c, bool rest_of_line, char *out, size_t room)
{
	uint8_t stop = ' ';
	size_t n = 0;

	while (cur_left(c) > 0 && is_blank(c->base[c->pos]))
		(void)cur_u8(c);
	if (cur_left(c) > 0 && c->base[c->pos] == '"') {
		stop = '"';
		(void)cur_u8(c);
	}
	while (cur_left(c) > 0) {
		uint8_t byte = cur_u8(c);

		if (stop == '"' ? byte == '"' : !rest_of_line && is_blank(byte))
			break;
		if (n + 1 < room && byte >= ' ')
			out[n++] = (char)byte;
	}
	while (stop != '"' && n > 0 && is_blank((uint8_t)out[n - 1]))
		n--;
	out[n] = '\0';
}

static void
read_lines(struct importer *m, struct cur file)
{
	char option[64], value[IMPORT_VALUE_MAX];
	struct cur line;

	m->line.number = 0;
	m->port[0] = m->address[0] = '\0';
	m->has_address = m->told_address = m->has_excluded = false;
	while (cur_line(&file, &line)) {
		m->line.number++;
		read_word(&line, false, option, sizeof(option));
		if (option[0] == '\0' || option[0] == '#')
			continue;
		read_word(&line, true, value, sizeof(value));
		m->line.option = option;
		m->line.value = value;
		take_line(m);
	}
	if (m->port[0] != '\0' && !m->told_address) {
		m->line.option = "TCPSocket";
		m->line.value = m->port;
		leave(m,
		    "without TCPAddr clamd listens at every address; name "
		    "those you want under [clamd] tcp");
	} else if (m->has_address && !m->told_address)
		leave_line(m, &m->address_line,
		    "without TCPSocket nothing listens there");
}

void
import_clamd(struct cur file, const struct import_listener *to)
{
	struct importer m = { 0 };

	read_lines(&m, file);
	m.to = to;
	read_lines(&m, file);
}
