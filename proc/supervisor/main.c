/*
 * candord - start the processes that protect a machine, and keep them.  GREEN
 *
 * Holds:     whatever it was started with (root, mostly); the listening
 *            sockets, the databases, read-only; a channel to each process.
 * Hears:     lib/wire/duty.h from its processes; a line from administrators;
 *            the configuration file, which is root's.
 * Says:      who gets which descriptor; events; how everybody is.
 * If owned:  all that it was started with.  So no byte of a scanned file, of
 *            a client's request or of a text signature comes here, and none
 *            of the code for those is linked (tools/green).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/supervisor/supervisor.h"

#include "sys/clock.h"
#include "sys/listen.h"
#include "sys/notify.h"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TURN_MS 250
#define NOBODY  65534

static struct supervisor super;

/* --- reload and end ------------------------------------------------------ */

bool
supervisor_configure(struct supervisor *s)
{
	bool is_good = settings_read(s);

	if (is_good)
		processes_send_config(s);
	else
		events_note(s, EVENT_REFUSED, EVENT_ERROR,
		    "the configuration has errors: the old one stays");
	return is_good;
}

bool
supervisor_reload(struct supervisor *s)
{
	struct why why = { 0 };
	bool is_building, is_good;

	if (s->is_stopping)
		return false;
	notify_reloading();
	s->is_reloading = true;
	is_good = supervisor_configure(s);
	if (s->builder.pid != -1)
		return is_good;
	if (!sources_open(s, &is_building, &why)) {
		events_note(s, EVENT_REFUSED, EVENT_ERROR,
		    "databases: %.110s: the old ones stay", why.text);
		return false;
	}
	if (!is_building)
		processes_send_databases(s);
	return is_good;
}

void
supervisor_stop(struct supervisor *s)
{
	if (s->is_stopping)
		return;
	s->is_stopping = true;
	s->stop_ms = clock_milliseconds();
	notify_send("STOPPING=1\nSTATUS=ending");
	events_note(s, EVENT_STOPPED, EVENT_NOTICE, "candord ends");
}

/* --- start --------------------------------------------------------------- */

/* Who AMBER processes run as. */
static void
choose_user(struct supervisor *s)
{
	const char *name = s->config.value[KEY_USER].text;
	const struct passwd *user;

	s->uid = (uid_t)-1;
	s->gid = (gid_t)-1;
	if (geteuid() != 0 || name[0] == '\0')
		return;
	user = getpwnam(name);
	s->uid = user != NULL ? user->pw_uid : NOBODY;
	s->gid = user != NULL ? user->pw_gid : NOBODY;
	if (user == NULL)
		events_note(s, EVENT_NOTE, EVENT_WARNING,
		    "there is no user %.60s: the broker and the clamd front "
		    "run as nobody",
		    name);
}

static bool
add_listening(struct supervisor *s, uint32_t role, uint32_t what, int fd,
    const char *path, struct why *why)
{
	struct listening *l = &s->listening[s->listening_count];

	if (s->listening_count == LISTENS)
		return why_not(why, WHY_LIMIT, "more than %u sockets", LISTENS);
	s->listening_count++;
	l->role = role;
	l->what = what;
	l->fd = fd;
	(void)snprintf(l->path, sizeof(l->path), "%s", path);
	return true;
}

/* The sockets a service manager gave for this; false: there are none. */
static bool
add_inherited(struct supervisor *s, const char *name, uint32_t role,
    uint32_t what, uint32_t what_tcp)
{
	struct why why;
	bool is_any = false;
	int fd;

	while ((fd = listen_inherited(name)) != -1) {
		struct sockaddr_storage a = { 0 };
		socklen_t size = sizeof(a);

		(void)getsockname(fd, (struct sockaddr *)&a, &size);
		is_any |= add_listening(s, role,
		    a.ss_family == AF_UNIX ? what : what_tcp, fd, "", &why);
	}
	return is_any;
}

static gid_t
group_of(const char *name)
{
	const struct group *g = name[0] != '\0' ? getgrnam(name) : NULL;

	return g != NULL ? g->gr_gid : (gid_t)-1;
}

static bool
open_clamd(struct supervisor *s, struct why *why)
{
	const struct config_value *v = s->config.value;
	const char *path = v[KEY_CLAMD_SOCKET].text;
	size_t i;
	int fd;

	if (v[KEY_CLAMD_ENABLED].number == 0)
		return true;
	if (add_inherited(s, "clamd", ROLE_CLAMD, LISTEN_CLAMD,
		LISTEN_CLAMD_TCP)) {
		if (v[KEY_CLAMD_TCP].count > 0)
			events_note(s, EVENT_NOTE, EVENT_WARNING,
			    "[clamd] tcp is not used: the service manager says "
			    "where to listen (candord.socket)");
		return true;
	}
	if (path[0] != '\0' &&
	    (!listen_unix(path, SOCK_STREAM,
		 (mode_t)v[KEY_CLAMD_SOCKET_MODE].number,
		 group_of(v[KEY_CLAMD_SOCKET_GROUP].text), &fd, why) ||
		!add_listening(s, ROLE_CLAMD, LISTEN_CLAMD, fd, path, why)))
		return false;
	for (i = 0; i < v[KEY_CLAMD_TCP].count; i++)
		if (!listen_tcp(v[KEY_CLAMD_TCP].word[i], &fd, why) ||
		    !add_listening(s, ROLE_CLAMD, LISTEN_CLAMD_TCP, fd, "",
			why))
			return false;
	return true;
}

static bool
open_records(struct supervisor *s, enum config_key key, const char *name,
    uint32_t role, uint32_t what, mode_t mode, struct why *why)
{
	const char *path = s->config.value[key].text;
	int fd;

	if (add_inherited(s, name, role, what, what) || path[0] == '\0')
		return true;
	return listen_unix(path, SOCK_SEQPACKET, mode, (gid_t)-1, &fd, why) &&
	    add_listening(s, role, what, fd, path, why);
}

static bool
open_sockets(struct supervisor *s, struct why *why)
{
	if (!control_open(s, why) ||
	    !open_records(s, KEY_SOCKET, "local", ROLE_BROKER, LISTEN_LOCAL,
		0666, why) ||
	    !open_clamd(s, why))
		return false;
	supervisor_open_guard(s);
	return true;
}

void
supervisor_open_guard(struct supervisor *s)
{
	struct why why = { 0 };
	size_t i;

	if (!s->process[ROLE_GUARD].is_wanted)
		return;
	for (i = 0; i < s->listening_count; i++)
		if (s->listening[i].what == LISTEN_GUARD)
			return;
	if (!open_records(s, KEY_GUARD_SOCKET, "guard", ROLE_GUARD,
		LISTEN_GUARD, 0600, &why))
		events_note(s, EVENT_NOTE, EVENT_WARNING,
		    "candor guard status cannot ask the guard: %.90s: %.30s",
		    why.text, strerror(why.err));
}

static void
close_sockets(struct supervisor *s)
{
	size_t i;

	for (i = 0; i < s->listening_count; i++)
		if (s->listening[i].path[0] != '\0')
			(void)unlink(s->listening[i].path);
	control_end(s);
}

/* --- the loop ------------------------------------------------------------ */

#define WAITED (4 + ROLES + CLIENTS)

/* Who is waited for, each in a place of his own. */
struct waiting {
	struct pollfd p[WAITED];
};

/* poll() those who are there: it refuses more than we may have open. */
static void
poll_open(struct waiting *w)
{
	struct pollfd open[WAITED];
	size_t place[WAITED], count = 0, i;

	for (i = 0; i < WAITED; i++) {
		if (w->p[i].fd == -1)
			continue;
		place[count] = i;
		open[count++] = w->p[i];
	}
	if (poll(open, count, TURN_MS) <= 0)
		return;
	for (i = 0; i < count; i++)
		w->p[place[i]].revents = open[i].revents;
}

static void
wait_for(struct supervisor *s, int signals, struct waiting *w)
{
	uint32_t role;
	size_t i;

	w->p[0] = (struct pollfd){ signals, POLLIN, 0 };
	w->p[1] = (struct pollfd){ s->control, POLLIN, 0 };
	w->p[2] = (struct pollfd){ s->events, POLLIN, 0 };
	for (role = 0; role <= ROLES; role++)
		w->p[3 + role] = (struct pollfd){ role > 0 &&
				s->process[role].state != PROCESS_OFF
			    ? s->process[role].spawned.channel
			    : -1,
			POLLIN, 0 };
	for (i = 0; i < CLIENTS; i++) {
		const struct client *c = &s->client[i];

		w->p[4 + ROLES + i] = (struct pollfd){ c->fd,
			(short)((c->is_done ? 0 : POLLIN) |
			    (c->sent < c->size ? POLLOUT : 0)),
			0 };
	}
	poll_open(w);
}

static void
hear_signals(struct supervisor *s, int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			processes_reap(s);
		else if (info.ssi_signo == SIGHUP)
			(void)supervisor_reload(s);
		else
			supervisor_stop(s);
	}
}

static void
turn_clients(struct supervisor *s, const struct pollfd *p)
{
	size_t i;

	for (i = 0; i < CLIENTS; i++) {
		struct client *c = &s->client[i];

		if (c->fd == -1 || p[i].fd != c->fd)
			continue;
		if ((p[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
		    !c->is_done)
			control_hear(s, c);
		if ((p[i].revents & POLLOUT) != 0)
			control_flush(c);
		if ((p[i].revents & (POLLERR | POLLHUP)) != 0 ||
		    (c->is_done && c->sent >= c->size))
			control_close(c);
	}
}

/* Tell the service manager how it goes. */
static void
notify(struct supervisor *s)
{
	uint64_t now = clock_milliseconds();
	const struct process *broker = &s->process[ROLE_BROKER];

	if (!s->is_told_ready && processes_are_ready(s)) {
		s->is_told_ready = true;
		notify_send("READY=1\nSTATUS=all processes work");
		events_note(s, EVENT_STARTED, EVENT_NOTICE, "candord works");
	}
	if (s->is_reloading && s->builder.pid == -1 &&
	    broker->metric[METRIC_GENERATION] == s->sources.generation) {
		s->is_reloading = false;
		notify_send("READY=1");
	}
	if (s->watchdog_ms != 0 && now >= s->barked_ms + s->watchdog_ms) {
		s->barked_ms = now;
		notify_send("WATCHDOG=1");
	}
}

static void
run(struct supervisor *s, int signals)
{
	struct waiting w;
	uint32_t role;

	while (!s->is_stopping || !processes_are_gone(s)) {
		switches_turn(s);
		processes_turn(s);
		if (s->is_stopping)
			processes_stop(s);
		wait_for(s, signals, &w);
		if (w.p[1].revents != 0)
			control_accept(s, s->control, false);
		if (w.p[2].revents != 0)
			control_accept(s, s->events, true);
		for (role = 1; role <= ROLES; role++)
			if (w.p[3 + role].revents != 0)
				processes_hear(s, role);
		hear_signals(s, signals);
		turn_clients(s, &w.p[4 + ROLES]);
		notify(s);
	}
}

static int
catch_signals(void)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Everything that can be refused is, before the first process is started. */
static bool
begin(struct supervisor *s, struct why *why)
{
	bool is_building;

	s->start_time = (uint64_t)time(NULL);
	s->builder.pid = -1;
	s->watchdog_ms = notify_watchdog_ms();
	choose_user(s);
	processes_begin(s);
	return open_sockets(s, why) && sources_open(s, &is_building, why);
}

static int
trouble(const struct why *why)
{
	fprintf(stderr, "candord: %s%s%s\n", why->text,
	    why->err != 0 ? ": " : "", why->err != 0 ? strerror(why->err) : "");
	return 2;
}

/* --- the command line ---------------------------------------------------- */

static int
usage(FILE *to)
{
	fputs("Usage: candord [--foreground] [--config FILE] [--check]\n\n"
	      "  -f, --foreground   stay in the foreground\n"
	      "  -c, --config FILE  read this file (default: " CONFIG_PATH
	      ", if it is there)\n"
	      "  -t, --check        say what is wrong with it, and end\n"
	      "  -h, --help, -V, --version\n",
	    to);
	return to == stdout ? 0 : 64;
}

/* -1: go on. */
static int
read_options(struct supervisor *s, int argc, char **argv, bool *is_check)
{
	static const struct option row[] = {
		{ "foreground", no_argument, NULL, 'f' },
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "fc:thV", row, NULL)) != -1) {
		switch (c) {
		case 'f':
			s->is_foreground = true;
			break;
		case 'c':
			s->config_path = optarg;
			break;
		case 't':
			*is_check = true;
			break;
		case 'h':
			return usage(stdout);
		case 'V':
			printf("candord %s\n", CANDOR_VERSION);
			return 0;
		default:
			return usage(stderr);
		}
	}
	if (optind < argc)
		return usage(stderr);
	if (s->config_path == NULL && access(CONFIG_PATH, F_OK) == 0)
		s->config_path = CONFIG_PATH;
	return -1;
}

int
main(int argc, char **argv)
{
	struct supervisor *s = &super;
	struct why why = { 0 };
	bool is_check = false;
	int end, signals;

	s->control = s->events = s->config_fd = -1;
	attach_open(s);
	s->is_plain = getenv("JOURNAL_STREAM") == NULL;
	end = read_options(s, argc, argv, &is_check);
	if (end != -1)
		return end;
	if (!settings_read(s))
		return 2;
	if (is_check)
		return 0;
	/* A service manager knows us by our number: that must not change. */
	if (getenv("NOTIFY_SOCKET") != NULL)
		s->is_foreground = true;
	if (!s->is_foreground && daemon(0, 0) == -1)
		return 2;
	signals = catch_signals();
	if (signals == -1)
		(void)why_not(&why, WHY_SYSTEM, "cannot hear signals");
	if (signals == -1 || !begin(s, &why)) {
		end = trouble(&why);
	} else {
		run(s, signals);
		end = s->has_failed ? 2 : 0;
	}
	close_sockets(s);
	return end;
}
