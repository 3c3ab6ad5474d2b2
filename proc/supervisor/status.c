/*
 * status.c - how candord is, in lines.
 *
 *   candord VERSION PID STARTED            STARTED: seconds since 1970
 *   process NAME STATE PID RESTARTS SECONDS   off|starting|ready|stopping
 *   metric PROCESS NAME VALUE              by the names of lib/wire/event.h
 *   database GENERATION PATH
 *   socket NAME PATH
 *   guard on|off SECONDS                   if it is configured; off for so long,
 *                                          0: until it is told
 *   config FILE                            administrators only, as the rest
 *   drop-ins FOLDER                        more of it
 *   exclusion KIND file|added VALUE        added: until candord ends; KIND may
 *                                          be unscanned_..., VALUE is ok then
 *   end
 *
 * Values go to the end of the line, as in lib/wire/value.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/supervisor/supervisor.h"

#include "lib/wire/value.h"
#include "sys/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
put_value(FILE *to, const char *text)
{
	static char value[VALUE_ROOM(EVENT_PATH_MAX)];

	(void)value_put(text, value, sizeof(value));
	fprintf(to, "%s\n", value);
}

static void
put_process(FILE *to, uint32_t role, const struct process *p)
{
	static const char *const state[] = { [PROCESS_OFF] = "off",
		[PROCESS_STARTED] = "starting",
		[PROCESS_READY] = "ready",
		[PROCESS_STOPPING] = "stopping" };
	const struct metric_row *row;
	size_t count, i;

	if (!p->is_wanted && p->state == PROCESS_OFF)
		return;
	fprintf(to, "process %s %s %d %" PRIu32 " %" PRIu64 "\n",
	    duty_role_name(role), state[p->state],
	    p->state == PROCESS_OFF ? 0 : (int)p->spawned.pid, p->restarts,
	    (clock_milliseconds() - p->since_ms) / 1000);
	row = metric_rows(&count);
	for (i = 0; i < count; i++)
		if (p->has_metric[row[i].id])
			fprintf(to, "metric %s %s %" PRIu64 "\n",
			    duty_role_name(role), row[i].name,
			    p->metric[row[i].id]);
}

static void
put_exclusion(void *ctx, const char *kind, bool is_added, const char *value)
{
	FILE *to = ctx;

	fprintf(to, "exclusion %s %s ", kind, is_added ? "added" : "file");
	put_value(to, value);
}

/* What passes as OK although it was not looked at is left out as well. */
static void
put_passed(FILE *to, const struct supervisor *s)
{
	static const enum config_key key[] = { KEY_CLAMD_LIMIT,
		KEY_CLAMD_ENCRYPTED, KEY_CLAMD_CORRUPT, KEY_CLAMD_UNSUPPORTED,
		KEY_CLAMD_CHANGED, KEY_CLAMD_CRASHED, KEY_CLAMD_DENIED,
		KEY_CLAMD_TIMEOUT };
	size_t i;

	for (i = 0; i < sizeof(key) / sizeof(key[0]); i++)
		if (config_is(&s->config, key[i], "ok"))
			put_exclusion(to, config_row(key[i])->key, false, "ok");
}

static void
put_guard(FILE *to, const struct supervisor *s)
{
	if (s->config.value[KEY_GUARD_ENABLED].number != 0)
		fprintf(to, "guard %s %" PRIu64 "\n",
		    s->is_guard_off ? "off" : "on", switches_guard_left(s));
}

static void
put_status(FILE *to, const struct supervisor *s, bool is_admin)
{
	static const enum config_key socket[] = { KEY_SOCKET, KEY_CONTROL,
		KEY_EVENTS, KEY_CLAMD_SOCKET, KEY_GUARD_SOCKET };
	uint32_t role;
	size_t i;

	fprintf(to, "candord %s %d %" PRIu64 "\n", CANDOR_VERSION,
	    (int)getpid(), s->start_time);
	for (role = 1; role <= ROLES; role++)
		put_process(to, role, &s->process[role]);
	for (i = 0; i < s->sources.count; i++) {
		fprintf(to, "database %" PRIu64 " ", s->sources.generation);
		put_value(to, s->sources.path[i]);
	}
	for (i = 0; i < sizeof(socket) / sizeof(socket[0]); i++) {
		const struct config_row *row = config_row(socket[i]);

		if (s->config.value[socket[i]].text[0] == '\0')
			continue;
		fprintf(to, "socket %s.%s ", row->section, row->key);
		put_value(to, s->config.value[socket[i]].text);
	}
	put_guard(to, s);
	if (is_admin) {
		fputs("config ", to);
		put_value(to, s->config_path != NULL ? s->config_path : "-");
		fputs("drop-ins ", to);
		put_value(to, s->drop_ins);
		switches_list(s, put_exclusion, to);
		put_passed(to, s);
	}
	fputs("end\n", to);
}

void
status_write(const struct supervisor *s, bool is_admin, char **text,
    size_t *size)
{
	FILE *to = open_memstream(text, size);

	if (to == NULL)
		return;
	put_status(to, s, is_admin);
	if (fclose(to) != 0)
		*size = 0;
}
