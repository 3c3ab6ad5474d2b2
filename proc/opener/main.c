/*
 * candor-opener - touch paths that may never answer.                 GREEN
 *
 * Holds:     its user's right to open files; a socket to its owner.
 * Hears:     LOOK, LIST, STAMP, GIVE, COPY (protocol.h), from its owner only.
 * Says:      what is at a path, names in a folder; descriptors.
 * If owned:  the attacker could open what its user may open.  It parses
 *            nothing that is in a file, so there is little to own it by.
 *
 * It is expendable.  Any call here may wait for ever for a server that is
 * gone; the owner then gives this process up, kills it (which such a wait may
 * outlive) and starts another.  So nothing is kept here that would be missed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/opener/look.h"
#include "proc/opener/protocol.h"
#include "sys/channel.h"
#include "sys/whole.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GROUPS_MAX (OPENER_PAYLOAD / 4)
#define COPY_PIECE 262144u

struct server {
	struct opener_message asked;
	int fd;        /* that came with it, or -1 */
	int lent;      /* what LEND brought, or -1 */
	bool has_user; /* whom we cannot become, and speak for */
	struct access_user user;
	uint8_t record[OPENER_RECORD];
	uint8_t answer[OPENER_RECORD];
};

/* --- answers -------------------------------------------------------------- */

/* There is nobody to tell if this fails: the next read will end it. */
static void
say(struct server *s, const struct opener_message *m, int fd)
{
	size_t size = opener_put(m, s->answer);

	(void)channel_send(OPENER_CHANNEL, s->answer, size, fd);
}

static void
say_done(struct server *s, int err)
{
	const struct opener_message m = { .kind = OPENER_DONE,
		.err = (uint32_t)err };

	say(s, &m, -1);
}

/* look_note_fn: we are about to wait for this mount. */
static void
say_note(void *ctx, uint64_t mount)
{
	const struct opener_message m = { .kind = OPENER_NOTE, .mount = mount };

	say(ctx, &m, -1);
}

static void
say_found(struct server *s, const struct look_found *f)
{
	const struct opener_message m = {
		.kind = OPENER_FOUND,
		.flags = f->is_local ? OPENER_LOCAL : 0,
		.mode = f->mode,
		.mount = f->mount,
		.type = f->type,
		.stamp = f->stamp,
	};

	say(s, &m, f->fd);
}

/* --- what it can do --------------------------------------------------------*/

static void
serve_look(struct server *s)
{
	const struct opener_message *m = &s->asked;
	struct look look = { .note = say_note, .ctx = s };
	size_t size = cur_left(&m->payload);
	char name[PATH_MAX] = "";
	struct look_found found;
	int err;

	if (size >= sizeof(name)) {
		say_done(s, ENAMETOOLONG);
		return;
	}
	memcpy(name, m->payload.base, size);
	err = (m->flags & OPENER_AS_SAID) != 0
	    ? look_as_said(&look, name, &found)
	    : look_below(&look, s->fd, m->mount, name, &found);
	if (err == 0 && s->has_user && found.fd != -1) {
		err = look_check_user(&look, found.fd, &s->user);
		if (err != 0)
			(void)close(found.fd);
	}
	if (err != 0) {
		say_done(s, err);
		return;
	}
	say_found(s, &found);
	if (found.fd != -1)
		(void)close(found.fd);
}

/* Say the names of one piece of a folder. */
static void
say_names(struct server *s, const char *entries, ssize_t size)
{
	static uint8_t names[OPENER_PAYLOAD];
	struct opener_message m = { .kind = OPENER_NAMES };
	size_t used = 0;
	ssize_t at = 0;

	/* A name takes less here than in the kernel's own form. */
	while (at < size) {
		const struct dirent64 *d = (const void *)(entries + at);
		size_t len = strlen(d->d_name) + 1;

		at += d->d_reclen;
		if (len + 1 > sizeof(names) - used)
			break;
		names[used++] = d->d_type;
		memcpy(names + used, d->d_name, len);
		used += len;
	}
	m.payload = cur_from(names, used);
	say(s, &m, -1);
}

static void
serve_list(struct server *s)
{
	static _Alignas(struct dirent64) char entries[OPENER_PAYLOAD];
	int fd = openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd == -1 ? errno : 0;
	ssize_t got = 0;

	while (fd != -1 && (got = getdents64(fd, entries, sizeof(entries))) > 0)
		say_names(s, entries, got);
	if (got == -1)
		err = errno;
	if (fd != -1)
		(void)close(fd);
	say_done(s, err);
}

static void
serve_stamp(struct server *s)
{
	struct look_found found;
	int err = look_stamp(s->fd, &found);

	if (err != 0)
		say_done(s, err);
	else
		say_found(s, &found);
}

/* Send the record that was asked for and the file on the lent channel. */
static int
give(struct server *s, int file)
{
	const struct cur *record = &s->asked.payload;

	switch (channel_offer(s->lent, record->base, cur_left(record), file)) {
	case CHANNEL_DONE:
		return 0;
	case CHANNEL_WAIT:
		return EAGAIN;
	case CHANNEL_GONE:
	case CHANNEL_ODD:
	default:
		return EPIPE;
	}
}

static void
serve_give(struct server *s)
{
	struct look_found found;
	int file = look_reopen(s->fd);
	int err = file == -1 ? errno : look_stamp(file, &found);

	/* These two say something about the channel. */
	if (err == EAGAIN || err == EPIPE)
		err = EIO;
	if (err == 0)
		err = give(s, file);
	if (file != -1)
		(void)close(file);
	if (err != 0)
		say_done(s, err);
	else
		say_found(s, &found);
}

/* Copy from file to what was lent; most and out are in stamp.size. */
static int
copy(struct server *s, int file, struct opener_message *out)
{
	static char piece[COPY_PIECE];
	uint64_t most = s->asked.stamp.size;

	for (;;) {
		ssize_t n = read(file, piece, sizeof(piece));
		uint64_t left = most - out->stamp.size;
		int err;

		if (n <= 0)
			return n == 0 ? 0 : errno;
		if ((uint64_t)n > left) {
			out->flags = OPENER_CUT;
			n = (ssize_t)left;
		}
		err = whole_write(s->lent, piece, (size_t)n) ? 0 : errno;
		out->stamp.size += (uint64_t)n;
		if (err != 0 || out->flags != 0)
			return err;
		say_note(s, s->asked.mount);
	}
}

static void
serve_copy(struct server *s)
{
	struct opener_message m = { .kind = OPENER_DONE };
	int file = look_reopen(s->fd);
	int err = file == -1 ? errno : copy(s, file, &m);

	if (file != -1)
		(void)close(file);
	m.err = (uint32_t)err;
	say(s, &m, -1);
}

/* Become somebody else, for ever; or who is not root, remember for whom every
   file is opened that we may open. */
static void
serve_identity(struct server *s)
{
	static gid_t group[GROUPS_MAX];
	struct cur list = s->asked.payload;
	uid_t uid = (uid_t)s->asked.type;
	gid_t gid = (gid_t)s->asked.mode;
	size_t count = 0;
	int err = 0;

	while (cur_left(&list) >= 4)
		group[count++] = cur_u32le(&list);
	if (geteuid() != 0) {
		s->has_user = true;
		s->user = (struct access_user){ uid, gid, group, count };
		say_done(s, 0);
		return;
	}
	if (setgroups(count, group) == -1 || setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		err = errno;
	/* Both are forgotten when the user changes. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	say_done(s, err);
}

/* --- the loop --------------------------------------------------------------*/

static void
drop(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static void
serve(struct server *s)
{
	bool is_lending = s->asked.kind == OPENER_LEND;

	switch (s->asked.kind) {
	case OPENER_IDENTITY:
		serve_identity(s);
		break;
	case OPENER_LOOK:
		serve_look(s);
		break;
	case OPENER_LIST:
		serve_list(s);
		break;
	case OPENER_STAMP:
		serve_stamp(s);
		break;
	case OPENER_GIVE:
		serve_give(s);
		break;
	case OPENER_COPY:
		serve_copy(s);
		break;
	case OPENER_LEND:
		drop(&s->lent);
		s->lent = s->fd;
		s->fd = -1;
		break;
	default:
		say_done(s, EBADMSG);
		break;
	}
	drop(&s->fd);
	if (!is_lending)
		drop(&s->lent);
}

int
main(int argc, char **argv)
{
	static struct server s;
	static const struct rlimit none = { 0, 0 };
	size_t size;

	(void)argv;
	if (argc != 1) {
		(void)fprintf(stderr,
		    "candor-opener is started by candor, not by people; see "
		    "docs/opener.md\n");
		return 64;
	}
	/* Whoever reads what our owner says must not wait for us. */
	(void)dup2(0, 2);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	s.fd = s.lent = -1;
	while (channel_receive(OPENER_CHANNEL, s.record, sizeof(s.record),
		   &size, &s.fd) == CHANNEL_DONE) {
		if (!opener_get(cur_from(s.record, size), &s.asked))
			break;
		serve(&s);
	}
	/* Closing what is open may hang; the process has no more to do. */
	_exit(0);
}
