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

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* A folder's links are 2, and one for each folder in it. */
bool
opening_is_by_one_thread(int proc, uint32_t pid)
{
	char name[40];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%u/task", pid);
	return fstatat(proc, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_nlink == 2 + 1;
}

/* In a user namespace of his own anybody is root: there the numbers of his
   users, as seen from here, are others. */
bool
opening_is_by_root(int proc, uint32_t pid)
{
	char text[4096];
	const char *uid, *caps;
	unsigned long long effective;
	unsigned user;

	if (!read_text(proc, pid, "status", text, sizeof(text)))
		return false;
	uid = strstr(text, "\nUid:\t");
	caps = strstr(text, "\nCapEff:\t");
	return uid != NULL && caps != NULL &&
	    sscanf(uid, "\nUid: %*u %u", &user) == 1 && user == 0 &&
	    sscanf(caps, "\nCapEff: %llx", &effective) == 1 &&
	    (effective >> CAP_SYS_ADMIN & 1) != 0;
}

/*
 * In this order: while one thread of several executes a program, what the
 * system call of another is can be read only when that is done, and that may
 * be held up.  Who is alone, and hangs in opening a file, executes nothing.
 */
bool
opening_is_to_write(int proc, uint32_t pid)
{
	char text[512];

	return opening_is_by_one_thread(proc, pid) &&
	    read_text(proc, pid, "syscall", text, sizeof(text)) &&
	    opening_call_is_to_write(text) && opening_is_by_root(proc, pid);
}
