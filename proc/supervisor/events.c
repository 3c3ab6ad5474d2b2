/*
 * events.c - tell what happened: to the journal, to listeners, to stderr.
 *
 * A listener gets JSON Lines, one object an event:
 *
 *   {"time":"2026-11-22T09:00:00.123Z","event":"blocked","level":"warning",
 *    "process":"guard","verdict":"infected","name":"...","feed":"main",
 *    "path":"/...","size":68,"pid":1,"uid":0,"reason":"...","text":"..."}
 *
 * What is not known is left out.  A path that is not UTF-8 has each bad byte
 * as U+FFFD, and the right bytes in "path_hex".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/supervisor/supervisor.h"

#include "lib/base/utf.h"
#include "sys/journal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LISTENER_MOST ((size_t)1 << 20) /* bytes that wait for a listener */

static const char *
level_word(uint32_t level)
{
	static const char *const word[] = { [EVENT_ERROR] = "error",
		[EVENT_WARNING] = "warning",
		[EVENT_NOTICE] = "notice",
		[EVENT_INFO] = "info",
		[EVENT_DEBUG] = "debug" };

	return word[level];
}

static const char *
process_word(uint32_t role)
{
	return role == 0 ? "candord" : duty_role_name(role);
}

/* --- JSON ---------------------------------------------------------------- */

/* Bytes of the character that begins here; 0 if it cannot be written as is. */
static size_t
character(const uint8_t *at, size_t left)
{
	struct cur c = cur_from(at, left);
	uint32_t one;

	return utf8_read(&c, &one) && one >= 0x20 && one != 0x7f
	    ? left - cur_left(&c)
	    : 0;
}

/* Write a string; false if some of its bytes could not be written. */
static bool
put_string(FILE *to, const char *text, size_t size)
{
	const uint8_t *at = (const uint8_t *)text;
	bool is_right = true;
	size_t i = 0, n;

	fputc('"', to);
	while (i < size) {
		n = character(at + i, size - i);
		if (at[i] == '"' || at[i] == '\\')
			fprintf(to, "\\%c", at[i]);
		else if (n > 0)
			(void)fwrite(at + i, 1, n, to);
		else if (at[i] < 0x80)
			fprintf(to, "\\u%04x", at[i]);
		else
			fputs("\\ufffd", to);
		is_right &= n > 0 || at[i] < 0x80;
		i += n > 0 ? n : 1;
	}
	fputc('"', to);
	return is_right;
}

static void
put_field(FILE *to, const char *name, const char *text, size_t size)
{
	if (size == 0)
		return;
	fprintf(to, ",\"%s\":", name);
	(void)put_string(to, text, size);
}

static void
put_path(FILE *to, const struct event *e)
{
	size_t i;

	if (e->path_size == 0)
		return;
	fputs(",\"path\":", to);
	if (put_string(to, e->path, e->path_size))
		return;
	fputs(",\"path_hex\":\"", to);
	for (i = 0; i < e->path_size; i++)
		fprintf(to, "%02x", (uint8_t)e->path[i]);
	fputc('"', to);
}

static void
put_time(FILE *to)
{
	struct timespec now = { 0, 0 };
	struct tm date;
	char text[40];

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &date);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &date);
	fprintf(to, "{\"time\":\"%s.%03ldZ\"", text, now.tv_nsec / 1000000);
}

static void
put_event(FILE *to, const struct sources *sources, uint32_t role,
    const struct event *e)
{
	struct cur feed = sources_feed(sources, e->base);
	const char *verdict = verdict_text(e->verdict);
	const char *reason = unscanned_text(e->reason);

	put_time(to);
	fprintf(to, ",\"event\":\"%s\",\"level\":\"%s\",\"process\":\"%s\"",
	    event_word(e->kind), level_word(e->level), process_word(role));
	if (e->verdict != VERDICT_CLEAN)
		fprintf(to, ",\"verdict\":\"%s\"", verdict);
	if (e->reason != UNSCANNED_NOTHING)
		fprintf(to, ",\"reason\":\"%s\"", reason);
	put_field(to, "name", e->name, e->name_size);
	put_field(to, "feed", (const char *)feed.base, feed.size);
	put_path(to, e);
	if (e->size != 0)
		fprintf(to, ",\"size\":%" PRIu64, e->size);
	if (e->pid != 0)
		fprintf(to, ",\"pid\":%" PRIu32, e->pid);
	if (e->uid != UINT32_MAX)
		fprintf(to, ",\"uid\":%" PRIu32, e->uid);
	put_field(to, "text", e->text, e->text_size);
	fputs("}\n", to);
}

/* --- listeners ----------------------------------------------------------- */

static bool
append(struct client *c, const char *text, size_t size)
{
	char *more;

	if (c->size + size > LISTENER_MOST)
		return false;
	more = realloc(c->out, c->size + size);
	if (more == NULL)
		return false;
	c->out = more;
	memcpy(c->out + c->size, text, size);
	c->size += size;
	return true;
}

/* Administrators hear all, others of the files that they opened. */
static bool
may_hear(const struct supervisor *s, const struct client *c,
    const struct event *e)
{
	return c->is_admin ||
	    (s->config.value[KEY_LOG_DESKTOP].number != 0 && e->path_size > 0 &&
		e->uid == c->uid);
}

static void
tell_listener(struct client *c, const char *line, size_t size)
{
	char lost[64];
	int n;

	if (c->lost > 0) {
		n = snprintf(lost, sizeof(lost),
		    "{\"event\":\"lost\",\"count\":%" PRIu32 "}\n", c->lost);
		if (append(c, lost, (size_t)n))
			c->lost = 0;
	}
	if (c->lost > 0 || !append(c, line, size))
		c->lost++;
	control_flush(c);
}

/* --- journal ------------------------------------------------------------- */

static bool
tell_journal(const struct sources *sources, uint32_t role,
    const struct event *e, const char *message)
{
	struct cur feed = sources_feed(sources, e->base);
	char level[2] = { (char)('0' + e->level), '\0' };
	char pid[16], uid[16], size[24];
	const char *process = process_word(role);
	const char *kind = event_word(e->kind);
	const char *verdict = verdict_text(e->verdict);
	const struct journal_field field[] = {
		{ "MESSAGE", message, strlen(message) },
		{ "PRIORITY", level, 1 },
		{ "SYSLOG_IDENTIFIER", "candord", 7 },
		{ "CANDOR_EVENT", kind, strlen(kind) },
		{ "CANDOR_PROCESS", process, strlen(process) },
		{ "CANDOR_VERDICT", verdict,
		    e->verdict != VERDICT_CLEAN ? strlen(verdict) : 0 },
		{ "CANDOR_REASON", unscanned_text(e->reason),
		    strlen(unscanned_text(e->reason)) },
		{ "CANDOR_NAME", e->name, e->name_size },
		{ "CANDOR_FEED", (const char *)feed.base, feed.size },
		{ "CANDOR_PATH", e->path, e->path_size },
		{ "CANDOR_SIZE", size,
		    (size_t)snprintf(size, sizeof(size), "%" PRIu64, e->size) },
		{ "CANDOR_PID", pid,
		    e->pid != 0
			? (size_t)snprintf(pid, sizeof(pid), "%" PRIu32, e->pid)
			: 0 },
		{ "CANDOR_UID", uid,
		    e->uid != UINT32_MAX
			? (size_t)snprintf(uid, sizeof(uid), "%" PRIu32, e->uid)
			: 0 },
	};

	return journal_send(field, sizeof(field) / sizeof(field[0]));
}

/* One line for a person, without control characters. */
static void
say_line(const struct event *e, char *out, size_t room)
{
	size_t i;

	(void)snprintf(out, room, "%s%s%.*s%s%.*s%s%.*s", event_word(e->kind),
	    e->name_size > 0 ? " " : "", (int)e->name_size, e->name,
	    e->path_size > 0 ? " in " : "", (int)e->path_size, e->path,
	    e->text_size > 0 ? ": " : "", (int)e->text_size, e->text);
	for (i = 0; out[i] != '\0'; i++)
		if ((uint8_t)out[i] < 0x20 || out[i] == 0x7f)
			out[i] = '?';
}

/* --- telling ------------------------------------------------------------- */

void
events_tell(struct supervisor *s, uint32_t role, const struct event *e)
{
	static char
	    message[EVENT_NAME_MAX + EVENT_PATH_MAX + EVENT_TEXT_MAX + 64];
	uint32_t level =
	    EVENT_ERROR + (uint32_t)s->config.value[KEY_LOG_LEVEL].number;
	char *line = NULL;
	size_t size = 0, i;
	FILE *to;

	if (e->level > level)
		return;
	say_line(e, message, sizeof(message));
	if ((s->config.value[KEY_LOG_JOURNAL].number == 0 ||
		!tell_journal(&s->sources, role, e, message) || s->is_plain) &&
	    s->is_foreground)
		fprintf(stderr, "candord: %s: %s\n", level_word(e->level),
		    message);
	to = open_memstream(&line, &size);
	if (to == NULL)
		return;
	put_event(to, &s->sources, role, e);
	if (fclose(to) == 0)
		for (i = 0; i < CLIENTS; i++)
			if (s->client[i].fd != -1 && s->client[i].is_listener &&
			    may_hear(s, &s->client[i], e))
				tell_listener(&s->client[i], line, size);
	free(line);
}

void
events_note(struct supervisor *s, enum event_kind kind, enum event_level level,
    const char *format, ...)
{
	static struct event e;
	va_list list;
	char text[EVENT_TEXT_MAX + 1];
	size_t i;

	memset(&e, 0, sizeof(e));
	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	e.kind = kind;
	e.level = level;
	e.uid = UINT32_MAX;
	e.text_size = (uint32_t)strlen(text);
	for (i = 0; i < e.text_size; i++)
		e.text[i] = (uint8_t)text[i] < 0x20 ? '?' : text[i];
	events_tell(s, 0, &e);
}
