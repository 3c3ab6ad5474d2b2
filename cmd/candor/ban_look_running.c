/*
 * ban_look_running.c - what runs on this machine.  The contract is in
 * ban_look.h.
 *
 * Spec:    proc(5), Linux 6.1: PID/comm, PID/exe, net/unix, modules.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_look.h"
#include "cmd/candor/infile.h"
#include "lib/base/ascii.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROC_FILE_MAX ((size_t)64 << 20)

static struct cur
text_of(const char *text)
{
	return cur_from(text, strlen(text));
}

/* --- processes ------------------------------------------------------------ */

/* Where its program is, or was: " (deleted)" is cut off.  False: not told. */
static bool
read_exe(int proc, const char *pid, char *out, size_t room)
{
	static const char deleted[] = " (deleted)";
	char path[300];
	ssize_t n;
	size_t tail = sizeof(deleted) - 1;

	snprintf(path, sizeof(path), "%s/exe", pid);
	n = readlinkat(proc, path, out, room - 1);
	out[n > 0 ? n : 0] = '\0';
	if (n > (ssize_t)tail && strcmp(out + (size_t)n - tail, deleted) == 0)
		out[(size_t)n - tail] = '\0';
	/* The kernel's own have none, and one that ended has none any more. */
	return n > 0 || errno == ENOENT || errno == ESRCH;
}

/* PID/stat: its state, and its marks (PF_KTHREAD: the kernel's own). */
static char
read_stat(int proc, const char *pid, unsigned long *flags)
{
	struct buf b = { 0 };
	struct why why;
	char path[300], state = '?';
	const char *at = NULL;

	*flags = 0;
	snprintf(path, sizeof(path), "%s/stat", pid);
	if (infile_read(proc, path, 65536, &b, &why) && b.size > 0)
		at = strrchr(b.bytes, ')');
	if (at != NULL &&
	    sscanf(at, ") %c %*d %*d %*d %*d %*d %lu", &state, flags) != 2)
		*flags = 0;
	buf_free(&b);
	return state;
}

static bool
is_kernels(int proc, const char *pid)
{
	unsigned long flags;

	(void)read_stat(proc, pid, &flags);
	return (flags & 0x00200000ul) != 0;
}

/* It has ended, and whoever started it has not asked how. */
static bool
is_dead(int proc, const char *pid)
{
	unsigned long flags;
	char state = read_stat(proc, pid, &flags);

	return state == 'Z' || state == 'X';
}

static void
look_at_process(struct ban_seen *seen, int proc, const char *pid,
    uint64_t *hidden)
{
	struct buf comm = { 0 };
	struct why why;
	char path[300], exe[4096];
	struct ban_seen_as as = {
		.in = path, .detail = exe, .is_running = true
	};
	const char *name;

	snprintf(path, sizeof(path), "%s/comm", pid);
	if (!infile_read(proc, path, 4096, &comm, &why) || comm.size == 0) {
		buf_free(&comm);
		return; /* it has ended */
	}
	if (comm.bytes[comm.size - 1] == '\n')
		comm.size--;
	if (!read_exe(proc, pid, exe, sizeof(exe)) && !is_kernels(proc, pid))
		(*hidden)++;
	if (exe[0] == '\0' && is_dead(proc, pid)) {
		buf_free(&comm);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%s", pid);
	if (exe[0] == '\0')
		as.detail = NULL;
	/* Threads may rename it; the program's own name is another chance. */
	name = strrchr(exe, '/');
	if (!ban_seen_value(seen, FOOTPRINT_PROCESS,
		cur_from(comm.bytes, comm.size), &as) &&
	    name != NULL)
		(void)ban_seen_value(seen, FOOTPRINT_PROCESS, text_of(name + 1),
		    &as);
	as.detail = NULL;
	if (exe[0] == '/')
		(void)ban_seen_path(seen, text_of(exe), &as);
	buf_free(&comm);
}

static void
look_at_processes(struct ban_seen *seen)
{
	DIR *d = opendir("/proc");
	const struct dirent *e;
	uint64_t count = 0, hidden = 0;
	char why[200];

	if (d == NULL) {
		ban_seen_blind(seen, "processes", strerror(errno));
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (ascii_is_digit((uint8_t)e->d_name[0])) {
			count++;
			look_at_process(seen, dirfd(d), e->d_name, &hidden);
		}
	closedir(d);
	ban_seen_count(seen, "processes", count);
	snprintf(why, sizeof(why),
	    "which program %llu of them run this user is not told; they were "
	    "looked at by name",
	    (unsigned long long)hidden);
	if (hidden > 0)
		ban_seen_blind(seen, "processes", why);
	if (access("/proc/1/comm", R_OK) != 0)
		ban_seen_blind(seen, "processes",
		    "those of others are hidden from this user");
}

/* --- tables --------------------------------------------------------------- */

/* The word of a line after so many others; empty: there is none. */
static struct cur
word_after(struct cur line, int others)
{
	struct cur word = cur_from("", 0);

	while (others >= 0 && cur_until(&line, ' ', &word))
		if (word.size > 0)
			others--;
	return others < 0 ? word : cur_from("", 0);
}

static void
look_at_table(struct ban_seen *seen, const char *path, int others,
    enum footprint_type type, const char *kind)
{
	struct ban_seen_as as = { .in = path };
	struct buf b = { 0 };
	struct cur table, line;
	struct why why = { 0 };
	uint64_t count = 0;

	if (!infile_read(AT_FDCWD, path, PROC_FILE_MAX, &b, &why)) {
		if (why.err != ENOENT)
			ban_seen_blind(seen, path, strerror(why.err));
		buf_free(&b);
		return;
	}
	table = cur_from(b.bytes, b.size);
	while (cur_line(&table, &line)) {
		struct cur value = word_after(line, others);

		if (value.size == 0)
			continue;
		count++;
		(void)ban_seen_value(seen, type, value, &as);
	}
	ban_seen_count(seen, kind, count);
	buf_free(&b);
}

void
ban_look_running(struct ban_seen *seen)
{
	look_at_processes(seen);
	/* Num RefCount Protocol Flags Type St Inode Path */
	look_at_table(seen, "/proc/net/unix", 7, FOOTPRINT_SOCKET, "sockets");
	look_at_table(seen, "/proc/modules", 0, FOOTPRINT_MODULE, "modules");
}
