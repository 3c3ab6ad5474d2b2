/*
 * switches.c - what root changed since the start: the guard is off, and more is
 * excluded.  All of it ends with candord.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/supervisor/supervisor.h"

#include "sys/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum config_key exclusion[] = { KEY_EXCLUDE_PATH, KEY_EXCLUDE_FILE,
	KEY_EXCLUDE_PROCESS, KEY_EXCLUDE_HASH, KEY_EXCLUDE_SIGNATURE };
#define EXCLUSIONS (sizeof(exclusion) / sizeof(exclusion[0]))

/* --- exclusions ---------------------------------------------------------- */

/* As in a configuration: [exclude] KEY = "VALUE". */
static void
put_added(FILE *to, const struct added *a)
{
	const char *at;

	fprintf(to, "[exclude]\n%s = \"", config_row(a->key)->key);
	for (at = a->value; *at != '\0'; at++)
		fprintf(to, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
	fputs("\"\n", to);
}

bool
switches_add(const struct supervisor *s, uint8_t *to, size_t room, size_t *size)
{
	char *text = NULL;
	size_t more = 0, i;
	FILE *f = open_memstream(&text, &more);
	bool is_fine = f != NULL;

	for (i = 0; i < s->added_count && f != NULL; i++)
		put_added(f, &s->added[i]);
	if (f != NULL)
		is_fine = fclose(f) == 0 && more <= room - *size;
	if (is_fine && more > 0)
		memcpy(to + *size, text, more);
	if (is_fine)
		*size += more;
	free(text);
	return is_fine;
}

static bool
key_of(const char *kind, enum config_key *out)
{
	size_t i;

	for (i = 0; i < EXCLUSIONS; i++)
		if (strcmp(config_row(exclusion[i])->key, kind) == 0) {
			*out = exclusion[i];
			return true;
		}
	return false;
}

/* Which of those added it is; added_count if none. */
static size_t
find_added(const struct supervisor *s, enum config_key key, const char *value)
{
	size_t i;

	for (i = 0; i < s->added_count; i++)
		if (s->added[i].key == key &&
		    strcmp(s->added[i].value, value) == 0)
			break;
	return i;
}

static void
drop_added(struct supervisor *s, size_t at)
{
	free(s->added[at].value);
	s->added_count--;
	memmove(&s->added[at], &s->added[at + 1],
	    (s->added_count - at) * sizeof(s->added[0]));
}

static bool
is_hash(const char *text)
{
	return strlen(text) == 64 &&
	    strspn(text, "0123456789abcdefABCDEF") == 64;
}

const char *
switches_exclude(struct supervisor *s, const char *kind, const char *value,
    uint32_t uid)
{
	struct added *a = &s->added[s->added_count];
	enum config_key key;

	if (!key_of(kind, &key))
		return "there is no such kind of exclusion";
	if (value[0] == '\0' || (key == KEY_EXCLUDE_HASH && !is_hash(value)))
		return "that is no value for it";
	if (find_added(s, key, value) < s->added_count)
		return NULL;
	if (s->added_count == ADDED_MAX)
		return "there are too many: write them into the configuration";
	*a = (struct added){ key, strdup(value) };
	if (a->value == NULL)
		return "no memory";
	s->added_count++;
	if (!settings_renew(s)) {
		drop_added(s, s->added_count - 1);
		return "that is no value for it";
	}
	processes_send_config(s);
	events_note(s, EVENT_CHANGED, EVENT_WARNING,
	    "user %" PRIu32 " excluded %s %.100s, until candord ends", uid,
	    kind, value);
	return NULL;
}

const char *
switches_include(struct supervisor *s, const char *kind, const char *value,
    uint32_t uid)
{
	enum config_key key;
	size_t at;

	if (!key_of(kind, &key))
		return "there is no such kind of exclusion";
	at = find_added(s, key, value);
	if (at == s->added_count)
		return "it is not excluded, or by the configuration";
	drop_added(s, at);
	if (!settings_renew(s))
		return "the configuration cannot be passed on";
	processes_send_config(s);
	events_note(s, EVENT_CHANGED, EVENT_NOTICE,
	    "user %" PRIu32 " excludes %s %.100s no more", uid, kind, value);
	return NULL;
}

void
switches_list(const struct supervisor *s,
    void (*tell)(void *ctx, const char *kind, bool is_added, const char *value),
    void *ctx)
{
	size_t k, i;

	for (k = 0; k < EXCLUSIONS; k++) {
		const struct config_value *v = &s->config.value[exclusion[k]];

		for (i = 0; i < v->count; i++)
			tell(ctx, config_row(exclusion[k])->key,
			    find_added(s, exclusion[k], v->word[i]) <
				s->added_count,
			    v->word[i]);
	}
}

/* --- the guard ----------------------------------------------------------- */

const char *
switches_guard_off(struct supervisor *s, uint64_t seconds, uint32_t uid)
{
	char until[64] = "until it is switched on";

	if (s->config.value[KEY_GUARD_ENABLED].number == 0)
		return "the guard is not enabled in the configuration";
	if (seconds > GUARD_OFF_MOST)
		return "that is too long";
	if (seconds > 0)
		(void)snprintf(until, sizeof(until), "for %" PRIu64 " s",
		    seconds);
	s->is_guard_off = true;
	s->guard_on_ms =
	    seconds > 0 ? clock_asleep_milliseconds() + seconds * 1000 : 0;
	processes_send_config(s);
	events_note(s, EVENT_CHANGED, EVENT_WARNING,
	    "user %" PRIu32 " switched the guard off %s: nobody looks at files "
	    "before they are opened",
	    uid, until);
	return NULL;
}

const char *
switches_guard_on(struct supervisor *s, uint32_t uid)
{
	if (s->config.value[KEY_GUARD_ENABLED].number == 0)
		return "the guard is not enabled in the configuration";
	if (!s->is_guard_off)
		return NULL;
	s->is_guard_off = false;
	processes_send_config(s);
	events_note(s, EVENT_CHANGED, EVENT_NOTICE,
	    "user %" PRIu32 " switched the guard on", uid);
	return NULL;
}

uint64_t
switches_guard_left(const struct supervisor *s)
{
	uint64_t now = clock_asleep_milliseconds();

	/* In whole seconds, and not 0 before it is over. */
	return s->guard_on_ms > now ? (s->guard_on_ms - now + 999) / 1000 : 0;
}

void
switches_turn(struct supervisor *s)
{
	if (!s->is_guard_off || s->guard_on_ms == 0 ||
	    clock_asleep_milliseconds() < s->guard_on_ms)
		return;
	s->is_guard_off = false;
	processes_send_config(s);
	events_note(s, EVENT_CHANGED, EVENT_NOTICE,
	    "the time is over: the guard is on again");
}
