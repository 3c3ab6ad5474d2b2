/*
 * kin.c - is a process one of candord's own?  See kin.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/kin.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANCESTORS 8 /* supervisor, broker, its helpers: 3 are enough */

/* --- strangers ----------------------------------------------------------- */

static void
forget_stranger(struct kin *k, size_t at)
{
	if (k->stranger[at].pid != 0)
		(void)close(k->stranger[at].handle);
	k->stranger[at].pid = 0;
}

/* Is somebody still there, be it as a zombie? */
static bool
is_there(int handle)
{
	return syscall(SYS_pidfd_send_signal, handle, 0, NULL, 0) == 0 ||
	    errno == EPERM;
}

static bool
is_stranger(const struct kin *k, uint32_t pid)
{
	size_t at = pid % KIN_STRANGERS;

	return k->stranger[at].pid == pid && is_there(k->stranger[at].handle);
}

/* handle (taken) was opened before it was found out that pid is none. */
static void
keep_stranger(struct kin *k, uint32_t pid, int handle)
{
	size_t at = pid % KIN_STRANGERS;

	if (!is_there(handle)) {
		(void)close(handle);
		return;
	}
	forget_stranger(k, at);
	k->stranger[at].pid = pid;
	k->stranger[at].handle = handle;
}

/* --- coming and going ---------------------------------------------------- */

bool
kin_open(struct kin *k, struct why *why)
{
	*k = (struct kin){
		.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.eldest = (uint32_t)getppid(),
		.self = (uint32_t)getpid(),
	};
	return k->proc != -1 || why_not(why, WHY_SYSTEM, "/proc");
}

void
kin_close(struct kin *k)
{
	size_t i;

	if (k->proc != -1)
		(void)close(k->proc);
	k->proc = -1;
	for (i = 0; i < KIN_STRANGERS; i++)
		forget_stranger(k, i);
}

/* Whose child it is; 0 if that cannot be told.  proc(5): after the program's
   name, which may hold anything, in parentheses: state, then the parent. */
static uint32_t
parent_of(const struct kin *k, uint32_t pid)
{
	char name[32], text[256], *at;
	ssize_t n;
	int fd;

	(void)snprintf(name, sizeof(name), "%u/stat", pid);
	fd = openat(k->proc, name, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	at = strrchr(text, ')');
	if (at == NULL || strlen(at) < 5)
		return 0;
	return (uint32_t)strtoul(at + 4, NULL, 10);
}

/* By whose child it is, and whose that is, and so on. */
static bool
descends(const struct kin *k, uint32_t pid)
{
	int i;

	for (i = 0; i < ANCESTORS && pid > 1; i++) {
		if (pid == k->self || pid == k->eldest || pid == k->keeper)
			return true;
		pid = is_stranger(k, pid) ? 0 : parent_of(k, pid);
	}
	return false;
}

bool
kin_is(struct kin *k, uint32_t pid)
{
	int handle;

	if (pid <= 1)
		return false;
	if (pid == k->self || pid == k->eldest || pid == k->keeper)
		return true;
	if (is_stranger(k, pid))
		return false;
	handle = (int)syscall(SYS_pidfd_open, pid, 0);
	if (descends(k, pid)) {
		if (handle != -1)
			(void)close(handle);
		return true;
	}
	if (handle != -1)
		keep_stranger(k, pid, handle);
	return false;
}

int
kin_program(const struct kin *k, uint32_t pid)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%u/exe", pid);
	return openat(k->proc, name, O_PATH | O_CLOEXEC);
}

uint32_t
kin_user(const struct kin *k, uint32_t pid)
{
	char name[32];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%u", pid);
	return fstatat(k->proc, name, &st, 0) == 0 ? st.st_uid : UINT32_MAX;
}
