/*
 * view.c - look at a real worker from outside, through /proc.
 *
 * What the worker says of itself (READY) is held against what the kernel says
 * of it.  Most of it only root may look at: a worker is not dumpable.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/selftest.h"

#include "lib/wire/frame.h"
#include "sys/beside.h"
#include "sys/channel.h"
#include "sys/sandbox.h"
#include "sys/spawn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_MS 60000

struct view {
	struct spawned worker;
	uint32_t layers;
	bool is_well;
};

/* Print one row; a layer that the worker does not claim may be missing. */
static void
row(struct view *v, const char *what, const char *seen, bool is_good,
    uint32_t layer)
{
	bool is_claimed = layer == 0 || (v->layers & layer) != 0;
	const char *mark = "";

	if (!is_good)
		mark = is_claimed ? " <- NOT AS CLAIMED" : " (not in force)";
	(void)printf("  %-22s %-34s%s\n", what, seen, mark);
	if (!is_good && is_claimed)
		v->is_well = false;
}

/* --- /proc/PID/status ----------------------------------------------------- */

struct line {
	const char *key;
	const char *wanted; /* how the value starts */
	uint32_t layer;     /* that promises it; 0: always */
};

static const struct line lines[] = {
	{ "Seccomp:", "2", SANDBOX_SECCOMP },
	{ "NoNewPrivs:", "1", SANDBOX_NO_NEW_PRIVILEGES },
	{ "CapEff:", "0000000000000000", SANDBOX_NO_CAPABILITIES },
	{ "CapPrm:", "0000000000000000", SANDBOX_NO_CAPABILITIES },
	{ "CapInh:", "0000000000000000", SANDBOX_NO_CAPABILITIES },
	{ "CapAmb:", "0000000000000000", SANDBOX_NO_CAPABILITIES },
	{ "CapBnd:", "0000000000000000", SANDBOX_OWN_USERS },
	{ "Threads:", "1", 0 },
	{ "TracerPid:", "0", 0 },
};
#define LINES (sizeof(lines) / sizeof(lines[0]))

static void
row_uid(struct view *v, const char *value)
{
	unsigned real = 0, effective = 0, saved = 0, file = 0;
	int n = sscanf(value, "%u %u %u %u", &real, &effective, &saved, &file);

	row(v, "Uid", value,
	    n == 4 && real != 0 && effective != 0 && saved != 0 && file != 0,
	    SANDBOX_NOT_ROOT);
}

/* Look at one line of status; remember in seen that it was there. */
static void
row_status(struct view *v, char *line, bool seen[LINES + 1])
{
	char *value = strchr(line, '\t');
	size_t i;

	if (value == NULL)
		return;
	value++;
	value[strcspn(value, "\n")] = '\0';
	if (strncmp(line, "Uid:", 4) == 0) {
		seen[LINES] = true;
		row_uid(v, value);
	}
	for (i = 0; i < LINES; i++) {
		if (strncmp(line, lines[i].key, strlen(lines[i].key)) != 0)
			continue;
		seen[i] = true;
		row(v, lines[i].key, value, strcmp(value, lines[i].wanted) == 0,
		    lines[i].layer);
	}
}

static void
look_at_status(struct view *v)
{
	bool seen[LINES + 1] = { false };
	char path[64], line[256];
	FILE *in;
	size_t i;

	(void)snprintf(path, sizeof(path), "/proc/%d/status",
	    (int)v->worker.pid);
	in = fopen(path, "re");
	while (in != NULL && fgets(line, sizeof(line), in) != NULL)
		row_status(v, line, seen);
	if (in != NULL)
		(void)fclose(in);
	for (i = 0; i <= LINES; i++)
		if (!seen[i])
			row(v, i < LINES ? lines[i].key : "Uid",
			    "not to be seen", false, 0);
}

/* --- namespaces ----------------------------------------------------------- */

static const struct {
	const char *name;
	uint32_t layer;
} namespaces[] = {
	{ "net", SANDBOX_NO_NETWORK },
	{ "mnt", SANDBOX_EMPTY_ROOT },
	{ "user", SANDBOX_OWN_USERS },
	{ "pid", SANDBOX_OWN_PROCESSES },
	{ "ipc", SANDBOX_OWN_IPC },
	{ "uts", SANDBOX_OWN_HOSTNAME },
};

static bool
read_link(const char *path, char *out, size_t size)
{
	ssize_t n = readlink(path, out, size - 1);

	out[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static void
look_at_namespaces(struct view *v)
{
	char path[64], theirs[64], ours[64], seen[160];
	size_t i;

	for (i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
		(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s",
		    (int)v->worker.pid, namespaces[i].name);
		(void)read_link(path, theirs, sizeof(theirs));
		(void)snprintf(path, sizeof(path), "/proc/self/ns/%s",
		    namespaces[i].name);
		(void)read_link(path, ours, sizeof(ours));
		(void)snprintf(seen, sizeof(seen), "%s", theirs);
		row(v, "its own namespace", seen,
		    theirs[0] != '\0' && strcmp(theirs, ours) != 0,
		    namespaces[i].layer);
	}
}

/* --- descriptors, root, memory -------------------------------------------- */

static void
look_at_descriptors(struct view *v)
{
	static const char *const wanted[] = { "/dev/null", "/dev/null",
		"/dev/null", "socket:[" };
	char path[64], seen[128];
	size_t i;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/", (int)v->worker.pid);
	if (access(path, X_OK) == -1) {
		(void)printf("  its descriptors: only root may look\n");
		return;
	}
	for (i = 0; i < 64; i++) {
		char what[32];
		bool is_there;

		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%zu",
		    (int)v->worker.pid, i);
		is_there = read_link(path, seen, sizeof(seen));
		if (!is_there && i >= 4)
			continue;
		(void)snprintf(what, sizeof(what), "descriptor %zu", i);
		row(v, what, seen,
		    i < 4 && strncmp(seen, wanted[i], strlen(wanted[i])) == 0,
		    0);
	}
}

/* How many names there are where its paths begin. */
static void
look_at_root(struct view *v)
{
	char path[64], seen[64];
	unsigned names = 0;
	struct dirent *d;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/root/",
	    (int)v->worker.pid);
	dir = opendir(path);
	while (dir != NULL && (d = readdir(dir)) != NULL)
		names +=
		    strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
	(void)snprintf(seen, sizeof(seen), "%u names", names);
	row(v, "its /", dir == NULL ? "not to be seen" : seen,
	    dir != NULL && names == 0, SANDBOX_EMPTY_ROOT);
	if (dir != NULL)
		(void)closedir(dir);
}

/* Memory that can be both written and run. */
static void
look_at_memory(struct view *v)
{
	char path[64], line[512], seen[64];
	unsigned both = 0, all = 0;
	FILE *in;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)v->worker.pid);
	in = fopen(path, "re");
	while (in != NULL && fgets(line, sizeof(line), in) != NULL) {
		const char *flags = strchr(line, ' ');

		all++;
		both += flags != NULL && flags[2] == 'w' && flags[3] == 'x';
	}
	if (in != NULL)
		(void)fclose(in);
	(void)snprintf(seen, sizeof(seen), "%u of %u mappings", both, all);
	row(v, "writable code", seen, all > 0 && both == 0, 0);
}

/* --- the whole ------------------------------------------------------------ */

/* May we look at what is not for everybody? */
static bool
may_look(const struct view *v)
{
	char path[64], seen[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net",
	    (int)v->worker.pid);
	return read_link(path, seen, sizeof(seen));
}

static bool
await_ready(struct view *v)
{
	struct pollfd p = { .fd = v->worker.channel, .events = POLLIN };
	uint8_t record[FRAME_LARGE];
	struct frame f;
	size_t size;

	if (poll(&p, 1, START_MS) != 1 ||
	    channel_read(p.fd, record, sizeof(record), &size) != CHANNEL_DONE ||
	    !frame_get(cur_from(record, size), &f) || f.kind != FRAME_READY)
		return false;
	v->layers = f.ready.layers;
	return true;
}

/* Start a worker over the databases named. */
static bool
start(struct view *v, int count, char **names, struct why *why)
{
	char path[4096], number[16];
	const char *argv[] = { "candor-worker", number, NULL };
	int fd[FRAME_DATABASES_MAX], i;
	bool is_started;

	if (count > (int)FRAME_DATABASES_MAX)
		return why_not(why, WHY_LIMIT, "too many databases");
	for (i = 0; i < count; i++) {
		fd[i] = open(names[i], O_RDONLY | O_CLOEXEC);
		if (fd[i] == -1)
			return why_not(why, WHY_SYSTEM, "open %s", names[i]);
	}
	(void)snprintf(number, sizeof(number), "%d", count);
	is_started = beside_program(argv[0], path, sizeof(path), why) &&
	    spawn_start(path, argv, fd, (size_t)count, &v->worker, why);
	for (i = 0; i < count; i++)
		(void)close(fd[i]);
	if (!is_started)
		return false;
	if (await_ready(v))
		return true;
	spawn_end(&v->worker);
	return why_not(why, WHY_BROKEN, "the worker did not get ready");
}

static void
look(struct view *v)
{
	char words[512];

	sandbox_say(v->layers, words, sizeof(words));
	(void)printf("the worker says: %s\n", words);
	(void)printf("the kernel says:\n");
	look_at_status(v);
	if (may_look(v)) {
		look_at_namespaces(v);
		look_at_descriptors(v);
		look_at_root(v);
		look_at_memory(v);
	} else {
		(void)printf("  its namespaces, descriptors, root and memory: "
			     "only root may look\n");
	}
	sandbox_say(~v->layers, words, sizeof(words));
	if (words[0] != '\0')
		(void)printf("not in force: %s\n", words);
	if (sandbox_is_degraded(v->layers))
		(void)printf("DEGRADED: behind seccomp alone\n");
}

static bool
view_run(int argc, char **argv)
{
	struct view v = { .is_well = true };
	struct why why;

	if (!start(&v, argc, argv, &why)) {
		(void)printf("no worker: %s%s%s\n", why.text,
		    why.err == 0 ? "" : ": ",
		    why.err == 0 ? "" : strerror(why.err));
		return false;
	}
	look(&v);
	spawn_end(&v.worker);
	return v.is_well;
}

const struct part view_part = { "view", "[DATABASE]...",
	"look at a worker from outside", view_run, true, NULL };
