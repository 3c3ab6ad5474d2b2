/*
 * control.c - the sockets for administrators and for listeners of events.
 *
 * Control: a client sends one line and gets lines back, then the connection
 * is closed.  "status" may be asked by everyone, "reload" and "stop" by
 * administrators (root, the user candord runs as, [daemon] admin_group).
 * The answer to "status" are lines KEY VALUE...; what only administrators see
 * is marked:
 *
 *   candord VERSION PID STARTED            STARTED: seconds since 1970
 *   process NAME STATE PID RESTARTS SECONDS   off|starting|ready|stopping
 *   metric PROCESS NAME VALUE              by the names of lib/wire/event.h
 *   database GENERATION PATH
 *   socket NAME PATH
 *   config FILE                            admin
 *   exclusion KIND VALUE                   admin
 *   end
 *
 * Values go to the end of the line; a byte below 0x20, 0x7f and a backslash
 * is written \xHH.  A client that sends more than a line, or nothing, is left.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/supervisor/supervisor.h"

#include "sys/clock.h"
#include "sys/listen.h"

#include <sys/socket.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- status -------------------------------------------------------------- */

static void
put_value(FILE *to, const char *text)
{
	for (; *text != '\0'; text++) {
		uint8_t c = (uint8_t)*text;

		if (c < 0x20 || c == 0x7f || c == '\\')
			fprintf(to, "\\x%02x", c);
		else
			fputc(c, to);
	}
	fputc('\n', to);
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
put_exclusions(FILE *to, const struct config *c)
{
	static const enum config_key key[] = { KEY_EXCLUDE_PATH,
		KEY_EXCLUDE_PROCESS, KEY_EXCLUDE_HASH, KEY_EXCLUDE_SIGNATURE };
	size_t k, i;

	for (k = 0; k < sizeof(key) / sizeof(key[0]); k++) {
		for (i = 0; i < c->value[key[k]].count; i++) {
			fprintf(to, "exclusion %s ", config_row(key[k])->key);
			put_value(to, c->value[key[k]].word[i]);
		}
	}
}

static void
put_status(FILE *to, const struct supervisor *s, const struct client *c)
{
	static const enum config_key socket[] = { KEY_SOCKET, KEY_CONTROL,
		KEY_EVENTS, KEY_CLAMD_SOCKET };
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
	if (c->is_admin) {
		fputs("config ", to);
		put_value(to, s->config_path != NULL ? s->config_path : "-");
		put_exclusions(to, &s->config);
	}
	fputs("end\n", to);
}

/* --- clients ------------------------------------------------------------- */

void
control_close(struct client *c)
{
	if (c->fd != -1)
		(void)close(c->fd);
	free(c->out);
	memset(c, 0, sizeof(*c));
	c->fd = -1;
}

void
control_flush(struct client *c)
{
	while (c->sent < c->size) {
		ssize_t n = send(c->fd, c->out + c->sent, c->size - c->sent,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN) {
			memmove(c->out, c->out + c->sent, c->size - c->sent);
			c->size -= c->sent;
			c->sent = 0;
			return;
		}
		if (n == -1) {
			c->is_done = true;
			c->size = c->sent = 0;
			return;
		}
		c->sent += (size_t)n;
	}
	free(c->out);
	c->out = NULL;
	c->size = c->sent = 0;
}

void
control_accept(struct supervisor *s, int listening, bool is_events)
{
	struct listen_peer peer;
	struct client *c = NULL;
	size_t i;
	int fd = listen_accept(listening);

	if (fd == -1)
		return;
	for (i = 0; i < CLIENTS && c == NULL; i++)
		if (s->client[i].fd == -1)
			c = &s->client[i];
	if (c == NULL || !listen_peer_get(fd, &peer)) {
		(void)close(fd);
		return;
	}
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->uid = peer.uid;
	c->is_listener = is_events;
	c->is_admin =
	    listen_peer_is_admin(&peer, s->config.value[KEY_ADMIN_GROUP].text);
	/* Events have paths in them that are none of others' business. */
	if (is_events && !c->is_admin)
		control_close(c);
}

static void
reply(struct client *c, const char *text)
{
	c->out = strdup(text);
	c->size = c->out != NULL ? strlen(text) : 0;
}

static void
obey(struct supervisor *s, struct client *c)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to;

	if (strcmp(c->asked, "status") == 0) {
		to = open_memstream(&text, &size);
		if (to == NULL)
			return;
		put_status(to, s, c);
		if (fclose(to) != 0)
			size = 0;
		c->out = text;
		c->size = size;
		return;
	}
	if (strcmp(c->asked, "reload") != 0 && strcmp(c->asked, "stop") != 0) {
		reply(c, "error there is no such command\nend\n");
		return;
	}
	if (!c->is_admin) {
		events_note(s, EVENT_DENIED, EVENT_WARNING,
		    "user %u may not %s", c->uid, c->asked);
		reply(c, "error not allowed\nend\n");
		return;
	}
	if (strcmp(c->asked, "reload") == 0)
		supervisor_reload(s);
	else
		supervisor_stop(s);
	reply(c, "done\nend\n");
}

void
control_hear(struct supervisor *s, struct client *c)
{
	size_t room = sizeof(c->asked) - 1 - c->asked_size;
	ssize_t n;
	char *end;

	n = recv(c->fd, c->asked + c->asked_size, room, MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	/* A listener says nothing; it ends by hanging up. */
	if (n <= 0 || c->is_listener) {
		c->is_done = true;
		c->size = c->sent = 0;
		return;
	}
	c->asked_size += (size_t)n;
	c->asked[c->asked_size] = '\0';
	end = strchr(c->asked, '\n');
	if (end == NULL && c->asked_size < sizeof(c->asked) - 1)
		return;
	c->is_done = true;
	if (end == NULL)
		return;
	*end = '\0';
	obey(s, c);
	control_flush(c);
}

/* --- sockets ------------------------------------------------------------- */

static bool
open_one(const char *name, const char *path, int *fd, char room[108],
    struct why *why)
{
	room[0] = '\0';
	*fd = listen_inherited(name);
	if (*fd != -1 || path[0] == '\0')
		return true;
	(void)snprintf(room, 108, "%s", path);
	if (listen_unix(path, SOCK_STREAM, 0666, (gid_t)-1, fd, why))
		return true;
	room[0] = '\0';
	return false;
}

bool
control_open(struct supervisor *s, struct why *why)
{
	size_t i;

	for (i = 0; i < CLIENTS; i++)
		s->client[i].fd = -1;
	return open_one("control", s->config.value[KEY_CONTROL].text,
		   &s->control, s->control_path, why) &&
	    open_one("events", s->config.value[KEY_EVENTS].text, &s->events,
		s->events_path, why);
}

void
control_end(struct supervisor *s)
{
	size_t i;

	for (i = 0; i < CLIENTS; i++)
		if (s->client[i].fd != -1)
			control_close(&s->client[i]);
	if (s->control_path[0] != '\0')
		(void)unlink(s->control_path);
	if (s->events_path[0] != '\0')
		(void)unlink(s->events_path);
}
