/*
 * opening.c - what does a process open a file for?  See opening.h.
 *
 * Flags are an argument by value, so nobody changes them while he waits.  A
 * program of another ABI (32 bits) has other numbers of system calls; those
 * that are ours open nothing there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/opening.h"

#include <sys/syscall.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define THREADS 17 /* fields behind the state, proc(5): the 20th of all */

static bool
read_text(int proc, uint32_t pid, const char *what, char *out, size_t room)
{
	char name[40];
	ssize_t n;
	int fd;

	(void)snprintf(name, sizeof(name), "%u/%s", pid, what);
	fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	n = read(fd, out, room - 1);
	(void)close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* NUMBER ARGUMENT ..., arguments in hexadecimal. */
bool
opening_call_is_to_write(const char *text)
{
	unsigned long number, argument[3], flags;

	if (sscanf(text, "%lu %lx %lx %lx", &number, &argument[0], &argument[1],
		&argument[2]) != 4)
		return false;
	switch (number) {
	case SYS_openat:
		flags = argument[2];
		break;
#ifdef SYS_open
	case SYS_open:
		flags = argument[1];
		break;
	case SYS_creat:
		flags = O_WRONLY;
		break;
#endif
	default:
		return false;
	}
	return (flags & O_ACCMODE) == O_WRONLY;
}

/* The program's name may hold anything: count from behind it. */
bool
opening_has_one_thread(const char *text)
{
	const char *at = strrchr(text, ')');
	unsigned long threads;
	int i;

	for (i = 0; i <= THREADS && at != NULL; i++)
		at = strchr(at + 1, ' ');
	return at != NULL && sscanf(at, "%lu", &threads) == 1 && threads == 1;
}

bool
opening_is_to_write(int proc, uint32_t pid)
{
	char text[512];

	return read_text(proc, pid, "syscall", text, sizeof(text)) &&
	    opening_call_is_to_write(text) &&
	    read_text(proc, pid, "stat", text, sizeof(text)) &&
	    opening_has_one_thread(text);
}
