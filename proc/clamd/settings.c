/*
 * settings.c - what the configuration says to the front.  See settings.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/clamd/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The version whose protocol and texts these are. */
#define CLAMAV_VERSION "ClamAV 1.4.6"

static void
read_gaps(struct settings *s, const struct config *c)
{
	static const enum config_key key[UNSCANNED_COUNT] = {
		[UNSCANNED_LIMIT] = KEY_CLAMD_LIMIT,
		[UNSCANNED_ENCRYPTED] = KEY_CLAMD_ENCRYPTED,
		[UNSCANNED_CORRUPT] = KEY_CLAMD_CORRUPT,
		[UNSCANNED_UNSUPPORTED] = KEY_CLAMD_UNSUPPORTED,
		[UNSCANNED_CHANGED] = KEY_CLAMD_CHANGED,
		[UNSCANNED_CRASHED] = KEY_CLAMD_CRASHED,
		[UNSCANNED_DENIED] = KEY_CLAMD_DENIED,
		[UNSCANNED_TIMEOUT] = KEY_CLAMD_TIMEOUT,
	};
	size_t i;

	s->gap[UNSCANNED_NOTHING] = GAP_OK;
	for (i = 1; i < UNSCANNED_COUNT; i++) {
		s->gap[i] = GAP_ERROR;
		if (config_is(c, key[i], "ok"))
			s->gap[i] = GAP_OK;
		else if (config_is(c, key[i], "found"))
			s->gap[i] = GAP_FOUND;
	}
}

void
settings_read(struct settings *s, const struct config *c)
{
	memset(s, 0, sizeof(*s));
	s->is_set = true;
	read_gaps(s, c);
	(void)snprintf(s->admin_group, sizeof(s->admin_group), "%s",
	    c->value[KEY_CLAMD_ADMIN_GROUP].text);
	s->stream_max = c->value[KEY_CLAMD_STREAM_MAX].number;
	s->stream_total = c->value[KEY_CLAMD_STREAM_TOTAL].number;
	s->read_ms = c->value[KEY_CLAMD_READ_TIMEOUT].number;
	s->command_ms = c->value[KEY_CLAMD_COMMAND_TIMEOUT].number;
	s->deadline_ms = (uint32_t)c->value[KEY_DEADLINE].number;
	s->clients_max = (size_t)c->value[KEY_CLAMD_CONNECTIONS].number;
	s->depth_max = (unsigned)c->value[KEY_CLAMD_RECURSION].number;
	s->has_tcp_paths = c->value[KEY_CLAMD_TCP_PATHS].number != 0;
	s->has_suspicious = config_is(c, KEY_CLAMD_SUSPICIOUS, "found");
	s->is_all_matches = c->value[KEY_ALL_MATCHES].number != 0;
	(void)snprintf(s->version, sizeof(s->version), "%s",
	    c->value[KEY_CLAMD_VERSION].text);
}

void
settings_version(const struct settings *s, uint64_t built, char *out,
    size_t room)
{
	time_t when = (time_t)built;
	char date[32];
	struct tm tm;

	if (s->version[0] != '\0')
		(void)snprintf(out, room, "%s", s->version);
	else if (built == 0 || gmtime_r(&when, &tm) == NULL ||
	    strftime(date, sizeof(date), "%a %b %e %H:%M:%S %Y", &tm) == 0)
		(void)snprintf(out, room, "%s", CLAMAV_VERSION);
	else
		(void)snprintf(out, room, "%s/%" PRIu64 "/%s", CLAMAV_VERSION,
		    built / 86400, date);
}
