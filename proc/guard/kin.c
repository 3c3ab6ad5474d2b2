/*
 * kin.c - is a process one of candord's own?  See kin.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/kin.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANCESTORS 8 /* supervisor, broker, its helpers: 3 are enough */

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
	if (k->proc != -1)
		(void)close(k->proc);
	k->proc = -1;
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

bool
kin_is(const struct kin *k, uint32_t pid)
{
	int i;

	for (i = 0; i < ANCESTORS && pid > 1; i++) {
		if (pid == k->self || pid == k->eldest || pid == k->keeper)
			return true;
		pid = parent_of(k, pid);
	}
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
