/*
 * opener.c - have paths touched by a process that can be given up.
 * The contract is in opener.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/opener/opener.h"

#include "proc/opener/protocol.h"
#include "sys/beside.h"
#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/spawn.h"

#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TURN_MS    100 /* how often is_stopped() is asked */
#define DYING_MAX  64u
#define GROUPS_MAX (OPENER_PAYLOAD / 4)

struct opener {
	struct opener_options options;
	uint8_t *group; /* as IDENTITY has them */
	size_t group_size;
	struct spawned process; /* pid -1: none */
	uint64_t blamed;        /* the mount whose answer is awaited, or 0 */
	uint64_t hung[OPENER_HUNG_MAX];
	size_t hung_count;
	pid_t dying[DYING_MAX]; /* killed, and not yet gone */
	size_t dying_count;
	struct opener_message answer;
	uint8_t out[OPENER_RECORD];
	uint8_t in[OPENER_RECORD + 1];
};

/* --- its life ------------------------------------------------------------ */

struct opener *
opener_open(const struct opener_options *options, struct why *why)
{
	struct opener *o = calloc(1, sizeof(*o));
	size_t size = 4 * options->group_count, i;

	if (o != NULL && options->group_count <= GROUPS_MAX)
		o->group = calloc(1, size + 1);
	if (o == NULL || o->group == NULL) {
		free(o);
		(void)why_not(why, WHY_LIMIT, "no room for an opener");
		return NULL;
	}
	o->options = *options;
	o->group_size = size;
	for (i = 0; i < size; i++)
		o->group[i] = (uint8_t)(options->group[i / 4] >> 8 * (i % 4));
	if (o->options.deadline_ms == 0)
		o->options.deadline_ms = OPENER_DEADLINE_MS;
	o->process.pid = o->process.channel = -1;
	return o;
}

static void
reap(struct opener *o)
{
	size_t i, left = 0;

	for (i = 0; i < o->dying_count; i++) {
		pid_t got = waitpid(o->dying[i], NULL, WNOHANG);

		if (got == 0 || (got == -1 && errno == EINTR))
			o->dying[left++] = o->dying[i];
	}
	o->dying_count = left;
}

/* Kill it, and do not wait: it may be beyond the reach of signals. */
static void
abandon(struct opener *o)
{
	if (o->process.pid <= 0)
		return;
	(void)kill(o->process.pid, SIGKILL);
	(void)close(o->process.channel);
	reap(o);
	if (o->dying_count < DYING_MAX)
		o->dying[o->dying_count++] = o->process.pid;
	o->process.pid = o->process.channel = -1;
}

void
opener_close(struct opener **opener)
{
	struct opener *o = *opener;
	unsigned i;

	if (o == NULL)
		return;
	abandon(o);
	/* One that does not hang is gone in no time. */
	for (i = 0; i < 20 && o->dying_count > 0; i++) {
		reap(o);
		if (o->dying_count > 0)
			(void)poll(NULL, 0, 1);
	}
	free(o->group);
	free(o);
	*opener = NULL;
}

/* --- asking and hearing -------------------------------------------------- */

static bool
fail(struct why *why, int err, const char *text)
{
	why_not(why, WHY_SYSTEM, "%s", text);
	why->err = err;
	return false;
}

bool
opener_is_hung(const struct opener *o, uint64_t mount)
{
	size_t i;

	for (i = 0; i < o->hung_count; i++)
		if (mount != 0 && o->hung[i] == mount)
			return true;
	return false;
}

void
opener_set_hung(struct opener *o, uint64_t mount)
{
	if (mount == 0 || opener_is_hung(o, mount))
		return;
	/* So many at once: the oldest gets another chance. */
	if (o->hung_count == OPENER_HUNG_MAX)
		memmove(o->hung, o->hung + 1,
		    --o->hung_count * sizeof(o->hung[0]));
	o->hung[o->hung_count++] = mount;
}

static bool
give_up(struct opener *o, struct why *why)
{
	opener_set_hung(o, o->blamed);
	abandon(o);
	return fail(why, ETIMEDOUT, "a file system does not answer");
}

/* Wait until there is something to read. */
static bool
await(struct opener *o, struct why *why)
{
	uint64_t end = clock_milliseconds() + o->options.deadline_ms;

	for (;;) {
		struct pollfd p = { .fd = o->process.channel,
			.events = POLLIN };
		uint64_t now = clock_milliseconds();

		if (o->options.is_stopped != NULL &&
		    o->options.is_stopped(o->options.ctx)) {
			abandon(o);
			return fail(why, ECANCELED, "stopped");
		}
		if (now >= end)
			return give_up(o, why);
		if (poll(&p, 1,
			end - now < TURN_MS ? (int)(end - now) : TURN_MS) > 0)
			return true;
	}
}

/* Hear the next message and the descriptor with it (-1: none). */
static bool
hear_any(struct opener *o, int *fd, struct why *why)
{
	size_t size;

	*fd = -1;
	if (!await(o, why))
		return false;
	if (channel_receive(o->process.channel, o->in, OPENER_RECORD, &size,
		fd) == CHANNEL_DONE &&
	    opener_get(cur_from(o->in, size), &o->answer))
		return true;
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
	abandon(o);
	return fail(why, EIO, "candor-opener ended");
}

/* The same, with notes taken; of a DONE that tells of an error, that. */
static bool
hear(struct opener *o, int *fd, struct why *why)
{
	for (;;) {
		if (!hear_any(o, fd, why))
			return false;
		if (o->answer.kind != OPENER_NOTE)
			break;
		if (*fd != -1)
			(void)close(*fd);
		o->blamed = o->answer.mount;
		if (opener_is_hung(o, o->blamed))
			return give_up(o, why);
	}
	if (o->answer.kind == OPENER_DONE && o->answer.err != 0)
		return fail(why, (int)o->answer.err, "cannot open");
	return true;
}

static bool
say(struct opener *o, const struct opener_message *m, int fd, struct why *why)
{
	size_t size = opener_put(m, o->out);

	/* Nothing is on its way to it, so there is room. */
	if (channel_offer(o->process.channel, o->out, size, fd) == CHANNEL_DONE)
		return true;
	abandon(o);
	return fail(why, EIO, "candor-opener does not listen");
}

/* Break off with an opener that says what was not asked for. */
static bool
is_odd(struct opener *o, int fd, struct why *why)
{
	if (fd != -1)
		(void)close(fd);
	abandon(o);
	return fail(why, EIO, "candor-opener spoke out of turn");
}

/* Tell a new opener whose rights count. */
static bool
identify(struct opener *o, struct why *why)
{
	const struct opener_message m = {
		.kind = OPENER_IDENTITY,
		.type = o->options.uid,
		.mode = o->options.gid,
		.payload = cur_from(o->group, o->group_size),
	};
	int fd;

	if (!say(o, &m, -1, why))
		return false;
	if (!hear(o, &fd, why)) {
		abandon(o);
		return false;
	}
	return (o->answer.kind == OPENER_DONE && fd == -1) ||
	    is_odd(o, fd, why);
}

/* Whoever is to judge by owners has to see them as they are, not as a
   namespace of users shows them. */
static bool
spawn(struct opener *o, const char *path, struct why *why)
{
	static const char *const argv[] = { "candor-opener", NULL };

	return o->options.has_user && geteuid() != 0
	    ? spawn_neighbour(path, argv, (uid_t)-1, (gid_t)-1, &o->process,
		  why)
	    : spawn_start(path, argv, NULL, 0, &o->process, why);
}

static bool
start(struct opener *o, struct why *why)
{
	const char *program = o->options.program;
	char path[PATH_MAX];

	if (o->process.pid > 0)
		return true;
	reap(o);
	if (program == NULL &&
	    !beside_program("candor-opener", path, sizeof(path), why))
		return false;
	return spawn(o, program != NULL ? program : path, why) &&
	    (!o->options.has_user || identify(o, why));
}

/* Ask about a mount (0: not known), with up to two descriptors. */
static bool
ask(struct opener *o, const struct opener_message *m, int fd, int lent,
    struct why *why)
{
	const struct opener_message lend = { .kind = OPENER_LEND };

	if (opener_is_hung(o, m->mount))
		return fail(why, ETIMEDOUT, "a file system does not answer");
	if (!start(o, why))
		return false;
	o->blamed = m->mount;
	return (lent == -1 || say(o, &lend, lent, why)) && say(o, m, fd, why);
}

/* --- questions ----------------------------------------------------------- */

static bool
hear_found(struct opener *o, struct opener_found *out, struct why *why)
{
	int fd;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	if (!hear(o, &fd, why))
		return false;
	out->kind = subject_kind_of(o->answer.mode);
	if (o->answer.kind != OPENER_FOUND ||
	    (fd != -1 && out->kind != SUBJECT_FILE &&
		out->kind != SUBJECT_FOLDER))
		return is_odd(o, fd, why);
	out->is_local = (o->answer.flags & OPENER_LOCAL) != 0;
	out->fd = fd;
	out->mount = o->answer.mount;
	out->file_system = o->answer.type;
	out->stamp = o->answer.stamp;
	return true;
}

/* At a path as somebody said it, if the folder is none (-1). */
static bool
look(struct opener *o, struct opener_place folder, const char *name,
    struct opener_found *out, struct why *why)
{
	const struct opener_message m = {
		.kind = OPENER_LOOK,
		.flags = folder.fd == -1 ? OPENER_AS_SAID : 0,
		.mount = folder.mount,
		.payload = cur_from(name, strlen(name)),
	};

	if (strlen(name) >= PATH_MAX)
		return fail(why, ENAMETOOLONG, "cannot open");
	if (!ask(o, &m, folder.fd, -1, why) || !hear_found(o, out, why))
		return false;
	if (out->fd == -1 &&
	    (out->kind == SUBJECT_FILE || out->kind == SUBJECT_FOLDER))
		return is_odd(o, -1, why);
	return true;
}

bool
opener_look_as_said(struct opener *o, const char *path,
    struct opener_found *out, struct why *why)
{
	const struct opener_place none = { .fd = -1 };

	return look(o, none, path, out, why);
}

bool
opener_look_below(struct opener *o, struct opener_place folder,
    const char *name, struct opener_found *out, struct why *why)
{
	if (folder.fd == -1)
		return fail(why, EBADF, "cannot open");
	return look(o, folder, name, out, why);
}

static bool
tell_names(struct cur names, opener_name_fn tell, void *ctx)
{
	const char *name;
	uint8_t type;

	while (opener_get_name(&names, &type, &name)) {
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (!tell(ctx, type, name))
			return false;
	}
	return true;
}

bool
opener_list(struct opener *o, struct opener_place folder, opener_name_fn tell,
    void *ctx, struct why *why)
{
	const struct opener_message m = { .kind = OPENER_LIST,
		.mount = folder.mount };
	int fd;

	if (!ask(o, &m, folder.fd, -1, why))
		return false;
	for (;;) {
		if (!hear(o, &fd, why))
			return false;
		if (fd != -1 ||
		    (o->answer.kind != OPENER_NAMES &&
			o->answer.kind != OPENER_DONE))
			return is_odd(o, fd, why);
		if (o->answer.kind == OPENER_DONE)
			return true;
		if (!tell_names(o->answer.payload, tell, ctx)) {
			abandon(o);
			return fail(why, EFBIG, "too many names");
		}
	}
}

bool
opener_stamp(struct opener *o, struct opener_place file,
    struct subject_stamp *out, struct why *why)
{
	const struct opener_message m = { .kind = OPENER_STAMP,
		.mount = file.mount };
	struct opener_found found;

	if (!ask(o, &m, file.fd, -1, why) || !hear_found(o, &found, why))
		return false;
	*out = found.stamp;
	return found.fd == -1 || is_odd(o, found.fd, why);
}

bool
opener_give(struct opener *o, struct opener_place file, int channel,
    struct cur record, struct subject_stamp *out, struct why *why)
{
	const struct opener_message m = {
		.kind = OPENER_GIVE,
		.mount = file.mount,
		.payload = record,
	};
	struct opener_found found;

	if (!ask(o, &m, file.fd, channel, why) || !hear_found(o, &found, why))
		return false;
	*out = found.stamp;
	return found.fd == -1 || is_odd(o, found.fd, why);
}

bool
opener_copy(struct opener *o, struct opener_place file, int to, uint64_t most,
    struct opener_copied *out, struct why *why)
{
	const struct opener_message m = {
		.kind = OPENER_COPY,
		.mount = file.mount,
		.stamp.size = most,
	};
	int fd;

	if (!ask(o, &m, file.fd, to, why) || !hear(o, &fd, why))
		return false;
	if (fd != -1 || o->answer.kind != OPENER_DONE)
		return is_odd(o, fd, why);
	out->size = o->answer.stamp.size;
	out->is_cut = (o->answer.flags & OPENER_CUT) != 0;
	return out->size <= most || is_odd(o, -1, why);
}
