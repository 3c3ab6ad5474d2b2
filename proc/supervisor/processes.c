/*
 * processes.c - start processes, watch them, replace those that die.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/supervisor/supervisor.h"

#include "lib/wire/ask.h"
#include "sys/beside.h"
#include "sys/channel.h"
#include "sys/clock.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FRAMES_AT_ONCE 256u

/* What a front is at most. */
static const uint32_t class_of[ROLES + 1] = {
	[ROLE_CLAMD] = ASK_SERVER,
	[ROLE_GUARD] = ASK_GUARD,
};

static bool
is_running(const struct process *p)
{
	return p->state == PROCESS_STARTED || p->state == PROCESS_READY;
}

/* AMBER processes do not need what we may. */
static bool
is_unprivileged(uint32_t role)
{
	return role == ROLE_BROKER || role == ROLE_CLAMD;
}

static void
end(const struct process *p)
{
	if (p->pidfd != -1)
		(void)syscall(SYS_pidfd_send_signal, p->pidfd, SIGKILL, NULL,
		    0);
	else if (p->spawned.pid > 0)
		(void)kill(p->spawned.pid, SIGKILL);
}

/* --- telling ------------------------------------------------------------- */

/* False if it does not listen; then it is killed. */
static bool
say(struct process *p, const struct duty *d, int fd)
{
	static uint8_t record[DUTY_LARGE];
	size_t size = duty_put(d, record);

	if (size != 0 &&
	    channel_offer(p->spawned.channel, record, size, fd) == CHANNEL_DONE)
		return true;
	end(p);
	return false;
}

static void
say_kind(struct process *p, uint32_t kind, int fd)
{
	struct duty d = { .kind = kind };

	(void)say(p, &d, fd);
}

static void
say_databases(struct supervisor *s, struct process *p)
{
	struct duty d = { .kind = DUTY_DATABASE };
	uint32_t i;

	for (i = 0; i < s->sources.count; i++) {
		d.database.generation = s->sources.generation;
		d.database.database = i;
		d.database.databases = (uint32_t)s->sources.count;
		(void)say(p, &d, s->sources.fd[i]);
	}
}

static void
say_listening(struct supervisor *s, struct process *p, uint32_t role)
{
	struct duty d = { .kind = DUTY_LISTEN };
	size_t i;

	for (i = 0; i < s->listening_count; i++) {
		if (s->listening[i].role != role)
			continue;
		d.listen.what = s->listening[i].what;
		(void)say(p, &d, s->listening[i].fd);
	}
}

/* Give p its end of a channel to other. */
static void
say_link(struct supervisor *s, uint32_t p, uint32_t other, int fd)
{
	struct duty d = { .kind = DUTY_LINK };

	d.link.role = other;
	/* Only the broker wants to know what the other may ask for. */
	d.link.class = p == ROLE_BROKER ? class_of[other] : 0;
	d.link.pid = (uint32_t)s->process[other].spawned.pid;
	(void)say(&s->process[p], &d, fd);
}

/* Make a channel between two that run, and give each its end. */
static void
join(struct supervisor *s, uint32_t a, uint32_t b)
{
	int pair[2];

	if (!is_running(&s->process[a]) || !is_running(&s->process[b]))
		return;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1) {
		events_note(s, EVENT_NOTE, EVENT_ERROR,
		    "cannot make a channel: %s", strerror(errno));
		return;
	}
	say_link(s, a, b, pair[0]);
	say_link(s, b, a, pair[1]);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/* Who speaks with whom. */
static void
join_all(struct supervisor *s, uint32_t role)
{
	if (role == ROLE_BROKER || role == ROLE_CLAMD)
		join(s, ROLE_BROKER, ROLE_CLAMD);
	if (role == ROLE_BROKER || role == ROLE_GUARD)
		join(s, ROLE_BROKER, ROLE_GUARD);
	if (role == ROLE_QUARANTINE || role == ROLE_GUARD)
		join(s, ROLE_QUARANTINE, ROLE_GUARD);
}

/* --- starting ------------------------------------------------------------ */

static bool
spawn(struct supervisor *s, uint32_t role, struct why *why)
{
	struct process *p = &s->process[role];
	char name[32], path[1024];
	const char *argv[] = { name, NULL };
	bool is_other = is_unprivileged(role) && s->uid != (uid_t)-1;

	(void)snprintf(name, sizeof(name), "candor-%s", duty_role_name(role));
	return beside_program(name, path, sizeof(path), why) &&
	    spawn_neighbour(path, argv, is_other ? s->uid : (uid_t)-1, s->gid,
		&p->spawned, why);
}

/* It died, or did not start: later again, the later the sooner it died. */
static void
put_off(struct supervisor *s, struct process *p)
{
	uint64_t now = clock_milliseconds(), wait = 0;

	if (now - p->since_ms >= LIVES_LONG_MS)
		p->early = 0;
	else if (p->early < 16)
		p->early++;
	if (p->early > 1)
		wait = (uint64_t)BACKOFF_MS << (p->early - 2);
	if (wait > BACKOFF_TOP)
		wait = BACKOFF_TOP;
	p->state = PROCESS_OFF;
	p->again_ms = now + wait;
	if (!s->is_stopping)
		p->restarts++;
}

/* One that should come by itself is not there. */
static void
miss(struct supervisor *s, uint32_t role)
{
	struct process *p = &s->process[role];
	uint64_t now = clock_milliseconds();

	if (p->missed_ms == 0)
		p->missed_ms = now;
	if (p->is_missed || now - p->missed_ms < COMES_MS)
		return;
	p->is_missed = true;
	events_note(s, role == ROLE_GUARD ? EVENT_GAP : EVENT_NOTE, EVENT_ERROR,
	    "candor-%s has not come: is its unit running?%s",
	    duty_role_name(role),
	    role == ROLE_GUARD ? " Nobody looks at files before they are opened"
			       : "");
}

static void
start(struct supervisor *s, uint32_t role)
{
	struct process *p = &s->process[role];
	struct why why;

	if (s->post[role] != -1 && !attach_take(s, role)) {
		miss(s, role);
		return;
	}
	p->missed_ms = 0;
	p->is_missed = false;
	p->since_ms = p->pong_ms = clock_milliseconds();
	p->ping_ms = 0;
	if (s->post[role] == -1 && !spawn(s, role, &why)) {
		p->early++;
		put_off(s, p);
		events_note(s, EVENT_NOTE, EVENT_ERROR,
		    "cannot start candor-%s: %.80s: %.30s",
		    duty_role_name(role), why.text, strerror(why.err));
		return;
	}
	p->state = PROCESS_STARTED;
	memset(p->has_metric, 0, sizeof(p->has_metric));
	say_kind(p, DUTY_CONFIG, s->config_fd);
	if (role == ROLE_BROKER)
		say_databases(s, p);
	say_listening(s, p, role);
	join_all(s, role);
	say_kind(p, DUTY_GO, -1);
}

void
processes_begin(struct supervisor *s)
{
	const struct config_value *v = s->config.value;
	bool is_root = geteuid() == 0;

	s->process[ROLE_BROKER].is_wanted = true;
	s->process[ROLE_CLAMD].is_wanted = v[KEY_CLAMD_ENABLED].number != 0;
	s->process[ROLE_GUARD].is_wanted =
	    is_root && v[KEY_GUARD_ENABLED].number != 0 && !s->is_guard_off;
	s->process[ROLE_QUARANTINE].is_wanted =
	    is_root && v[KEY_QUARANTINE_ENABLED].number != 0;
}

/* Programs this build does not have are said once, and left out. */
static bool
has_program(uint32_t role)
{
	char name[32], path[1024];
	struct why why;

	(void)snprintf(name, sizeof(name), "candor-%s", duty_role_name(role));
	return beside_program(name, path, sizeof(path), &why);
}

/* --- watching ------------------------------------------------------------ */

static void
watch(struct supervisor *s, uint32_t role, uint64_t now)
{
	struct process *p = &s->process[role];
	struct duty d = { .kind = DUTY_PING };
	const char *what = NULL;

	if (p->state == PROCESS_STARTED && now > p->since_ms + START_MS)
		what = "was not ready in time";
	else if (p->state == PROCESS_READY && p->ping_ms > p->pong_ms &&
	    now > p->ping_ms + PONG_MS)
		what = "does not answer";
	else if (p->state == PROCESS_STOPPING && now > p->since_ms + STOP_MS)
		what = "does not end";
	if (what != NULL) {
		events_note(s, EVENT_DIED, EVENT_ERROR, "candor-%s %s: killed",
		    duty_role_name(role), what);
		end(p);
		p->since_ms = p->pong_ms = p->ping_ms = now;
		return;
	}
	if (p->state != PROCESS_READY || now < p->pong_ms + PING_MS ||
	    p->ping_ms > p->pong_ms)
		return;
	d.id = ++p->ping;
	p->ping_ms = now;
	(void)say(p, &d, -1);
}

void
processes_turn(struct supervisor *s)
{
	uint64_t now = clock_milliseconds();
	uint32_t role;

	for (role = 1; role <= ROLES; role++) {
		struct process *p = &s->process[role];

		if (p->state != PROCESS_OFF) {
			watch(s, role, now);
			continue;
		}
		if (!p->is_wanted || s->is_stopping || now < p->again_ms ||
		    (role == ROLE_BROKER && s->sources.count == 0))
			continue;
		if (s->post[role] == -1 && p->restarts == 0 && p->early == 0 &&
		    !has_program(role)) {
			p->is_wanted = false;
			events_note(s, EVENT_NOTE, EVENT_WARNING,
			    "candor-%s is not installed: left out",
			    duty_role_name(role));
			continue;
		}
		start(s, role);
	}
}

static void
become_ready(struct supervisor *s, uint32_t role)
{
	struct process *p = &s->process[role];

	p->state = PROCESS_READY;
	p->pong_ms = clock_milliseconds();
	events_note(s, EVENT_STARTED, EVENT_INFO, "candor-%s works (%d)",
	    duty_role_name(role), (int)p->spawned.pid);
	if (role == ROLE_GUARD && p->restarts > 0)
		events_note(s, EVENT_GAP, EVENT_WARNING,
		    "files are looked at again before they are opened");
}

/* False if no process says that. */
static bool
take(struct supervisor *s, uint32_t role, const struct duty *d)
{
	struct process *p = &s->process[role];

	switch (d->kind) {
	case DUTY_READY:
		if (p->state == PROCESS_STARTED)
			become_ready(s, role);
		return true;
	case DUTY_PONG:
		if (d->id == p->ping)
			p->pong_ms = clock_milliseconds();
		return true;
	case DUTY_METRIC:
		p->metric[d->metric.metric] = d->metric.value;
		p->has_metric[d->metric.metric] = true;
		return true;
	case DUTY_EVENT:
		events_tell(s, role, &d->event);
		return true;
	case DUTY_WANT:
		events_note(s, EVENT_NOTE, EVENT_NOTICE,
		    "user %u asked candor-%s for %s", d->want.uid,
		    duty_role_name(role),
		    d->want.want == WANT_RELOAD ? "a reload" : "the end");
		if (d->want.want == WANT_RELOAD)
			(void)supervisor_reload(s);
		else
			supervisor_stop(s);
		return true;
	default:
		return false;
	}
}

static void
bury(struct supervisor *s, uint32_t role, const char *how)
{
	struct process *p = &s->process[role];
	bool was_told = p->state == PROCESS_STOPPING;

	(void)close(p->spawned.channel);
	p->spawned.channel = -1;
	p->spawned.pid = -1;
	if (p->pidfd != -1)
		(void)close(p->pidfd);
	p->pidfd = -1;
	put_off(s, p);
	if (was_told || s->is_stopping)
		return;
	events_note(s, EVENT_DIED, EVENT_ERROR,
	    "candor-%s ended (%s): started again", duty_role_name(role), how);
	if (role == ROLE_GUARD)
		events_note(s, EVENT_GAP, EVENT_ERROR,
		    "nobody looks at files before they are opened");
}

/* It hung up: dead, or as good as; of a child the kernel tells when. */
static void
lose(struct supervisor *s, uint32_t role)
{
	struct process *p = &s->process[role];
	bool is_child = p->pidfd == -1;

	if (!is_child || p->state != PROCESS_STOPPING)
		end(p);
	if (!is_child)
		bury(s, role, "it hung up");
}

void
processes_hear(struct supervisor *s, uint32_t role)
{
	static uint8_t record[DUTY_LARGE];
	static struct duty d;
	struct process *p = &s->process[role];
	size_t size;
	unsigned i;

	for (i = 0; i < FRAMES_AT_ONCE && p->state != PROCESS_OFF; i++) {
		switch (channel_read(p->spawned.channel, record, sizeof(record),
		    &size)) {
		case CHANNEL_WAIT:
			return;
		case CHANNEL_DONE:
			if (duty_get(cur_from(record, size), &d) &&
			    take(s, role, &d))
				break;
			events_note(s, EVENT_DIED, EVENT_ERROR,
			    "candor-%s said what it may not: killed",
			    duty_role_name(role));
			end(p);
			return;
		case CHANNEL_GONE:
		case CHANNEL_ODD:
			lose(s, role);
			return;
		}
	}
}

/* --- ending -------------------------------------------------------------- */

static void
reap(struct supervisor *s, uint32_t role, int status)
{
	char how[80];

	/* Its last words; its number may be another's by now. */
	s->process[role].spawned.pid = 0;
	processes_hear(s, role);
	spawn_say_status(status, how, sizeof(how));
	bury(s, role, how);
}

static void
reap_builder(struct supervisor *s, int status)
{
	struct why why = { 0 };

	s->builder.pid = -1;
	(void)close(s->builder.channel);
	if (sources_finish(s, status, &why)) {
		processes_send_databases(s);
		return;
	}
	events_note(s, EVENT_REFUSED, EVENT_ERROR, "%.150s", why.text);
	if (s->sources.count > 0)
		return;
	/* As with databases that cannot be read at the start: nobody would
	   ever be answered. */
	s->has_failed = true;
	supervisor_stop(s);
}

void
processes_reap(struct supervisor *s)
{
	int status;
	uint32_t role;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == s->builder.pid) {
			reap_builder(s, status);
			continue;
		}
		for (role = 1; role <= ROLES; role++)
			if (s->process[role].spawned.pid == pid &&
			    s->process[role].state != PROCESS_OFF)
				reap(s, role, status);
	}
}

void
processes_send_databases(struct supervisor *s)
{
	struct process *p = &s->process[ROLE_BROKER];

	if (is_running(p))
		say_databases(s, p);
}

void
processes_send_config(struct supervisor *s)
{
	uint32_t role;

	processes_begin(s);
	supervisor_open_guard(s);
	for (role = 1; role <= ROLES; role++) {
		struct process *p = &s->process[role];

		if (!is_running(p))
			continue;
		if (p->is_wanted) {
			say_kind(p, DUTY_CONFIG, s->config_fd);
			continue;
		}
		p->state = PROCESS_STOPPING;
		p->since_ms = clock_milliseconds();
		say_kind(p, DUTY_STOP, -1);
	}
}

/* Fronts first: the broker answers what they still have. */
void
processes_stop(struct supervisor *s)
{
	uint32_t role;
	bool has_front = false;

	for (role = ROLES; role >= 1; role--) {
		struct process *p = &s->process[role];

		if (role == ROLE_BROKER && has_front)
			return;
		has_front |= p->state != PROCESS_OFF;
		if (!is_running(p))
			continue;
		p->state = PROCESS_STOPPING;
		p->since_ms = clock_milliseconds();
		say_kind(p, DUTY_STOP, -1);
	}
}

bool
processes_are_ready(const struct supervisor *s)
{
	uint32_t role;

	/* Who comes by itself may come later, or never. */
	for (role = 1; role <= ROLES; role++)
		if (s->process[role].is_wanted &&
		    s->process[role].state != PROCESS_READY &&
		    (s->post[role] == -1 ||
			s->process[role].state != PROCESS_OFF))
			return false;
	return true;
}

bool
processes_are_gone(const struct supervisor *s)
{
	uint32_t role;

	for (role = 1; role <= ROLES; role++)
		if (s->process[role].state != PROCESS_OFF)
			return false;
	return true;
}
