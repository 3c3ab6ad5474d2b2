/*
 * control.c - the sockets for administrators and for listeners of events.
 *
 * Control: a client sends one line and gets lines back, then the connection
 * is closed.  "status" may be asked by everyone (status.c tells the answer),
 * "reload", "configure" (the configuration only) and "stop" by administrators
 * (root, the user candord runs as, [daemon] admin_group).  What takes protection away is root's, or the user's
 * candord runs as:
 *
 *   guard off SECONDS            0: until "guard on"
 *   guard on
 *   exclude KIND VALUE           path, process, hash, signature; until candord
 *   include KIND VALUE           ends, and no more
 *
 * The answer is "done", or "error" and why.  VALUE is as in lib/wire/value.h.  A
 * client that sends more than a line, or nothing, is left.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/supervisor/supervisor.h"

#include "lib/wire/value.h"
#include "sys/listen.h"

#include <sys/socket.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LISTENERS_OWN 2u  /* of one user who is no administrator */
#define LISTENERS_ALL 16u /* of all of those */

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

/*
 * Events have paths in them that are none of others' business: who is no
 * administrator hears, if [log] desktop says so, of what he opened himself
 * (events.c).  A few of those leave room for others.
 */
static bool
may_listen(const struct supervisor *s, const struct client *c)
{
	size_t own = 0, all = 0, i;

	for (i = 0; i < CLIENTS; i++) {
		const struct client *other = &s->client[i];

		if (other == c || other->fd == -1 || !other->is_listener ||
		    other->is_admin)
			continue;
		all++;
		own += other->uid == c->uid;
	}
	return s->config.value[KEY_LOG_DESKTOP].number != 0 &&
	    own < LISTENERS_OWN && all < LISTENERS_ALL;
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
	c->is_admin = listen_peer_is_admin(&peer, geteuid(),
	    s->config.value[KEY_ADMIN_GROUP].text);
	if (is_events && !c->is_admin && !may_listen(s, c))
		control_close(c);
}

static void
reply(struct client *c, const char *error)
{
	char text[128];

	if (error == NULL)
		(void)snprintf(text, sizeof(text), "done\nend\n");
	else
		(void)snprintf(text, sizeof(text), "error %s\nend\n", error);
	c->out = strdup(text);
	c->size = c->out != NULL ? strlen(text) : 0;
}

/* What may be done to candord; NULL, or why it was not. */
static const char *
manage(struct supervisor *s, const struct client *c)
{
	bool is_reload = strcmp(c->asked, "reload") == 0;
	bool is_configure = strcmp(c->asked, "configure") == 0;

	if (!is_reload && !is_configure && strcmp(c->asked, "stop") != 0)
		return "there is no such command";
	if (!c->is_admin) {
		events_note(s, EVENT_DENIED, EVENT_WARNING,
		    "user %u may not %s", c->uid, c->asked);
		return "not allowed";
	}
	if (is_configure) {
		if (!supervisor_configure(s))
			return "the configuration has errors: the old one "
			       "stays";
		/* Exclusions that stay come this way, too. */
		events_note(s, EVENT_CHANGED, EVENT_NOTICE,
		    "user %" PRIu32 " had the configuration read again",
		    c->uid);
		return NULL;
	}
	if (is_reload)
		return supervisor_reload(s)
		    ? NULL
		    : "what is wrong was told: the old one stays";
	supervisor_stop(s);
	return NULL;
}

/* "WORD KIND VALUE" for a kind of exclusion. */
static const char *
exclude(struct supervisor *s, struct client *c)
{
	char *kind = strchr(c->asked, ' ') + 1, *value = strchr(kind, ' ');

	if (value == NULL)
		return "it is KIND VALUE";
	*value++ = '\0';
	if (!value_get(value))
		return "that is no value for it";
	return c->asked[0] == 'e' ? switches_exclude(s, kind, value, c->uid)
				  : switches_include(s, kind, value, c->uid);
}

/* Less protection, or more again: for root.  False if it is none of that. */
static bool
switch_over(struct supervisor *s, struct client *c, const char **error)
{
	bool is_off = strncmp(c->asked, "guard off ", 10) == 0;
	bool is_on = strcmp(c->asked, "guard on") == 0;
	bool is_list = strncmp(c->asked, "exclude ", 8) == 0 ||
	    strncmp(c->asked, "include ", 8) == 0;

	if (!is_off && !is_on && !is_list)
		return false;
	if (c->uid != 0 && c->uid != geteuid()) {
		events_note(s, EVENT_DENIED, EVENT_WARNING,
		    "user %u may not switch the guard or exclude", c->uid);
		*error = "not allowed";
	} else if (is_off) {
		*error = switches_guard_off(s,
		    strtoull(c->asked + 10, NULL, 10), c->uid);
	} else if (is_on) {
		*error = switches_guard_on(s, c->uid);
	} else {
		*error = exclude(s, c);
	}
	return true;
}

static void
obey(struct supervisor *s, struct client *c)
{
	const char *error = NULL;

	if (strcmp(c->asked, "status") == 0) {
		status_write(s, c->is_admin, &c->out, &c->size);
		return;
	}
	if (!switch_over(s, c, &error))
		error = manage(s, c);
	reply(c, error);
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
