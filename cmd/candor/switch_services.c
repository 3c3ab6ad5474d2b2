/*
 * switch_services.c - stop services, end processes, unload modules.  The
 * contract is in switch_work.h.
 *
 * Spec:    systemctl(1); Debian Policy 9.3 for scripts in /etc/init.d;
 *          proc(5), pidfd_open(2), delete_module(2).
 *
 * A process is the product's if the program it runs, or the script its
 * interpreter was given, lies below a folder of the product, and if it sees
 * the same root as we do: what runs in a container is not touched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_work.h"

#include "cmd/candor/ban_print.h"
#include "cmd/candor/infile.h"
#include "lib/base/ascii.h"
#include "sys/run.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSTEMCTL "/usr/bin/systemctl"
#define PATIENCE  180000u /* milliseconds for a service to stop */
#define GRACE     10000   /* milliseconds for a process to end by itself */
#define ROUNDS    5       /* a supervisor may start what was ended */

/* --- services ------------------------------------------------------------- */

static bool
has_systemd(void)
{
	return access("/run/systemd/system", F_OK) == 0 &&
	    run_is_there(SYSTEMCTL);
}

static bool
is_unit(const char *verb, const char *unit)
{
	const char *const argv[] = { SYSTEMCTL, verb, "--quiet", "--", unit,
		NULL };
	struct buf text = { 0 };
	bool is_so = act_ask(argv, &text);

	buf_free(&text);
	return is_so;
}

/* Do verb with a unit; back is the verb that undoes it. */
static bool
change_unit(struct switch_work *w, const char *verb, const char *back,
    const char *unit)
{
	const char *const argv[] = { SYSTEMCTL, verb, "--", unit, NULL };

	return act_run(w, argv,
	    json_pack("[[s,s,s,s]]", SYSTEMCTL, back, "--", unit), PATIENCE);
}

static bool
stop_unit(struct switch_work *w, const char *unit)
{
	if (is_unit("is-enabled", unit) &&
	    !change_unit(w, "disable", "enable", unit))
		return false;
	if (!is_unit("is-active", unit))
		return true;
	switch_say("stop %s", unit);
	return change_unit(w, "stop", "start", unit);
}

/* Was it stopped in this round, so that undoing starts it? */
static bool
is_stopped(struct switch_work *w, const char *script)
{
	size_t count, i;
	struct switch_act *act = switch_log_acts(&w->log, &count);
	bool is_so = false;

	for (i = 0; i < count; i++)
		if (strcmp(act[i].kind, "run") == 0 &&
		    act[i].state == ACT_DONE &&
		    strcmp(switch_text(act[i].act, "program"), script) == 0)
			is_so = true;
	free(act);
	return is_so;
}

static bool
stop_script(struct switch_work *w, const char *script)
{
	const char *const argv[] = { script, "stop", NULL };

	if (!switch_is_roots(script) || is_stopped(w, script))
		return true;
	switch_say("%s stop", script);
	/* Its processes are looked for after, whatever it says. */
	(void)act_run(w, argv, json_pack("[[s,s]]", script, "start"), PATIENCE);
	return true;
}

/* The script of a unit, or the one that is itself a sign. */
static bool
stop_without_systemd(struct switch_work *w, const struct leave *l)
{
	static const char folder[] = "/etc/init.d/";
	struct buf path = { 0 };
	size_t size = strlen(l->name);
	bool is_good = true;

	if (l->kind == LEAVE_PATH && leave_is_below(l->name, "/etc/init.d"))
		return stop_script(w, l->name);
	if (l->kind == LEAVE_UNIT && size > 8 &&
	    strcmp(l->name + size - 8, ".service") == 0) {
		buf_text(&path, folder);
		buf_add(&path, l->name, size - 8);
		is_good = stop_script(w, path.bytes);
	}
	buf_free(&path);
	return is_good;
}

/* --- processes ------------------------------------------------------------ */

struct process {
	pid_t pid;
	int fd;
	char program[PATH_MAX];
};

/* Is that path in a folder of the product? */
static bool
is_products(const struct switch_work *w, bool agents, const char *path)
{
	size_t i;

	for (i = 0; i < w->leaves; i++) {
		const struct leave *l = &w->leave[i];

		if (l->kind == LEAVE_PATH && l->is_agent == agents &&
		    switch_is_wanted(w, l) && leave_is_below(path, l->name))
			return true;
	}
	return false;
}

static bool
has_our_root(int proc)
{
	struct stat theirs, ours;

	return fstatat(proc, "root", &theirs, 0) == 0 &&
	    stat("/", &ours) == 0 && theirs.st_dev == ours.st_dev &&
	    theirs.st_ino == ours.st_ino;
}

/* Does this program run others' scripts?  An editor is not what it edits. */
static bool
is_interpreter(const char *program)
{
	static const char *const known[] = { "sh", "dash", "bash", "perl",
		"python" };
	const char *slash = strrchr(program, '/');
	size_t i;

	for (i = 0; slash != NULL && i < sizeof(known) / sizeof(known[0]);
	     i++) {
		size_t size = strlen(known[i]);

		if (strncmp(slash + 1, known[i], size) == 0 &&
		    strspn(slash + 1 + size, "0123456789.") ==
			strlen(slash + 1 + size))
			return true;
	}
	return false;
}

/* The script an interpreter was given: its first word that is no option. */
static bool
find_script(int proc, char *out, size_t room)
{
	struct buf words = { 0 };
	struct why why;
	size_t at;

	out[0] = '\0';
	if (infile_read(proc, "cmdline", 65536, &words, &why) &&
	    words.size > 0) {
		at = strlen(words.bytes) + 1;
		while (at < words.size && words.bytes[at] == '-')
			at += strlen(words.bytes + at) + 1;
		if (at < words.size)
			(void)snprintf(out, room, "%s", words.bytes + at);
	}
	buf_free(&words);
	return leave_is_path(out);
}

/* The product's program it runs, or the product's script. */
static bool
find_program(const struct switch_work *w, bool agents, int proc, char *out,
    size_t room)
{
	static const char deleted[] = " (deleted)";
	ssize_t n = readlinkat(proc, "exe", out, room - 1);
	size_t tail = sizeof(deleted) - 1;

	out[n > 0 ? n : 0] = '\0';
	if (n > (ssize_t)tail && strcmp(out + (size_t)n - tail, deleted) == 0)
		out[(size_t)n - tail] = '\0';
	if (is_products(w, agents, out))
		return true;
	return is_interpreter(out) && find_script(proc, out, room) &&
	    is_products(w, agents, out);
}

/* Is it the product's?  Then *out holds it by a descriptor. */
static bool
take_process(const struct switch_work *w, bool agents, const char *pid,
    struct process *out)
{
	char path[300];
	int proc;
	bool is_one;

	out->pid = (pid_t)strtol(pid, NULL, 10);
	if (out->pid <= 1 || out->pid == getpid())
		return false;
	out->fd = (int)syscall(SYS_pidfd_open, out->pid, 0);
	if (out->fd == -1)
		return false;
	/* Looked at after it is held: it cannot be another by now. */
	(void)snprintf(path, sizeof(path), "/proc/%s", pid);
	proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	is_one = proc != -1 && has_our_root(proc) &&
	    find_program(w, agents, proc, out->program, sizeof(out->program));
	if (proc != -1)
		(void)close(proc);
	if (!is_one)
		(void)close(out->fd);
	return is_one;
}

static bool
send_and_wait(int fd, int number, int patience_ms)
{
	struct pollfd p = { fd, POLLIN, 0 };

	(void)syscall(SYS_pidfd_send_signal, fd, number, NULL, 0);
	return poll(&p, 1, patience_ms) == 1;
}

static bool
end_process(struct switch_work *w, const struct process *p)
{
	json_int_t number = act_begin(w, "end",
	    json_pack("{s:i, s:o}", "pid", (int)p->pid, "program",
		ban_print_string(p->program)));
	bool is_good;

	if (number < 0)
		return false;
	switch_say("end process %d, %s", (int)p->pid, p->program);
	is_good = send_and_wait(p->fd, SIGTERM, GRACE) ||
	    send_and_wait(p->fd, SIGKILL, GRACE) ||
	    why_not(&w->why, WHY_NOTHING, "process %d, %s does not end",
		(int)p->pid, p->program);
	return act_end(w, number, is_good, NULL);
}

/* End those there are; *count of them. */
static bool
end_processes(struct switch_work *w, bool agents, size_t *count)
{
	DIR *d = opendir("/proc");
	const struct dirent *e;
	struct process p;
	bool is_good = d != NULL;

	*count = 0;
	if (d == NULL)
		return why_not(&w->why, WHY_SYSTEM, "/proc");
	while (is_good && (e = readdir(d)) != NULL) {
		if (!ascii_is_digit((uint8_t)e->d_name[0]) ||
		    !take_process(w, agents, e->d_name, &p))
			continue;
		is_good = end_process(w, &p);
		(void)close(p.fd);
		(*count)++;
	}
	(void)closedir(d);
	return is_good;
}

static bool
end_all(struct switch_work *w, bool agents)
{
	size_t count = 0, i;

	for (i = 0; i < ROUNDS; i++) {
		if (!end_processes(w, agents, &count))
			return false;
		if (count == 0)
			return true;
	}
	(void)why_not(&w->why, WHY_NOTHING,
	    "its processes are started again and again");
	return switch_needs(w, "find what starts them, and stop that");
}

bool
services_stop(struct switch_work *w, bool agents)
{
	bool is_systemd = has_systemd(), is_good = true;
	size_t i;

	for (i = 0; is_good && i < w->leaves; i++) {
		const struct leave *l = &w->leave[i];

		if (l->is_agent != agents || !switch_is_wanted(w, l))
			continue;
		if (!is_systemd)
			is_good = stop_without_systemd(w, l);
		else if (l->kind == LEAVE_UNIT)
			is_good = stop_unit(w, l->name);
	}
	return is_good && end_all(w, agents);
}

/* --- modules -------------------------------------------------------------- */

static bool
is_loaded(const char *name)
{
	struct buf text = { 0 }, want = { 0 };
	struct why why;
	bool is_there = false;

	buf_byte(&want, '\n');
	buf_text(&want, name);
	buf_byte(&want, ' ');
	buf_byte(&text, '\n');
	if (infile_read(AT_FDCWD, "/proc/modules", (size_t)1 << 24, &text,
		&why))
		is_there = strstr(text.bytes, want.bytes) != NULL;
	buf_free(&text);
	buf_free(&want);
	return is_there;
}

static bool
unload(struct switch_work *w, const char *name)
{
	json_int_t number =
	    act_begin(w, "unload", json_pack("{s:s}", "module", name));
	bool is_good;

	if (number < 0)
		return false;
	is_good = syscall(SYS_delete_module, name, O_NONBLOCK) == 0 ||
	    why_not(&w->why, WHY_SYSTEM, "module %s cannot be unloaded", name);
	switch_say("module %s: %s", name,
	    is_good ? "unloaded" : "in use; it goes with the next start");
	(void)act_end(w, number, is_good, NULL);
	return w->log.fd != -1;
}

bool
modules_unload(struct switch_work *w)
{
	bool is_good = true;
	size_t i;

	for (i = 0; is_good && i < w->leaves; i++) {
		const struct leave *l = &w->leave[i];

		if (l->kind == LEAVE_MODULE && switch_is_wanted(w, l) &&
		    is_loaded(l->name))
			is_good = unload(w, l->name);
	}
	return is_good;
}
