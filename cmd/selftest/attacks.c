/*
 * attacks.c - what somebody who took over a worker would try.
 *
 * Each runs in the worker's place: with its descriptors (3 the channel, 4 the
 * file to scan) and, at first, its memory.  None does harm if it works.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/attacks.h"

#include "cmd/selftest/selftest.h"

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ATTACK(name) static bool name(const struct stage *s)
#define UNUSED       ((void)s)

/* --- files by name -------------------------------------------------------- */

ATTACK(open_passwd)
{
	UNUSED;
	return open("/etc/passwd", O_RDONLY) != -1;
}

ATTACK(create_file)
{
	return open(s->created, O_CREAT | O_WRONLY, 0600) != -1;
}

ATTACK(list_root)
{
	UNUSED;
	return open("/", O_RDONLY | O_DIRECTORY) != -1;
}

ATTACK(probe_path)
{
	struct stat st;

	UNUSED;
	return stat("/etc/passwd", &st) == 0;
}

ATTACK(open_maps)
{
	UNUSED;
	return open("/proc/self/maps", O_RDONLY) != -1;
}

ATTACK(reopen_for_writing)
{
	UNUSED;
	return open("/proc/self/fd/4", O_RDWR) != -1;
}

ATTACK(change_mode)
{
	return chmod(s->own, 0640) == 0;
}

ATTACK(change_times)
{
	return utimensat(AT_FDCWD, s->own, NULL, 0) == 0;
}

ATTACK(truncate_file)
{
	return truncate(s->own, 5) == 0;
}

ATTACK(change_folder)
{
	UNUSED;
	return chdir("/etc") == 0;
}

ATTACK(watch_files)
{
	UNUSED;
	return syscall(SYS_inotify_init1, 0) != -1;
}

/* --- the descriptor that was passed --------------------------------------- */

ATTACK(change_mode_of_passed)
{
	UNUSED;
	return fchmod(HELPER_FILE, 0600) == 0;
}

ATTACK(change_times_of_passed)
{
	UNUSED;
	return futimens(HELPER_FILE, NULL) == 0;
}

ATTACK(set_attribute_of_passed)
{
	UNUSED;
	return fsetxattr(HELPER_FILE, "user.candor", "1", 1, 0) == 0;
}

/* --- the network, and neighbours ------------------------------------------ */

ATTACK(connect_tcp)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd != -1 &&
	    connect(fd, (const struct sockaddr *)&s->tcp_address,
		sizeof(s->tcp_address)) == 0;
}

ATTACK(send_udp)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return fd != -1 &&
	    sendto(fd, "x", 1, 0, (const struct sockaddr *)&s->udp_address,
		sizeof(s->udp_address)) == 1;
}

ATTACK(connect_abstract)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return fd != -1 &&
	    connect(fd, (const struct sockaddr *)&s->abstract_address,
		s->abstract_size) == 0;
}

ATTACK(connect_named)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return fd != -1 &&
	    connect(fd, (const struct sockaddr *)&s->named_address,
		sizeof(s->named_address)) == 0;
}

ATTACK(kill_neighbour)
{
	return kill(s->victim, SIGTERM) == 0;
}

/* Stays attached for a moment, so that an observer can see it. */
ATTACK(trace_neighbour)
{
	return ptrace(PTRACE_SEIZE, s->victim, NULL, NULL) == 0;
}

ATTACK(read_neighbour)
{
	char room[STAGE_SECRET_SIZE];
	struct iovec here = { room, sizeof(room) };
	struct iovec there = { (void *)(uintptr_t)s->secret, sizeof(room) };

	return process_vm_readv(s->victim, &here, 1, &there, 1, 0) ==
	    (ssize_t)sizeof(room) &&
	    memcmp(room, "TOP SECRET", 10) == 0;
}

ATTACK(hold_neighbour)
{
	return syscall(SYS_pidfd_open, s->victim, 0) != -1;
}

ATTACK(share_memory)
{
	return shmget(s->shared, 4096, IPC_CREAT | 0600) != -1;
}

ATTACK(make_memory_file)
{
	UNUSED;
	return syscall(SYS_memfd_create, "x", 0) != -1;
}

/* --- new code, new processes ---------------------------------------------- */

ATTACK(run_program)
{
	char name[] = "/bin/true";
	char *argv[] = { name, NULL };

	UNUSED;
	(void)execve(name, argv, argv + 1);
	return false;
}

ATTACK(start_process)
{
	long pid = syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);

	UNUSED;
	if (pid == 0)
		_exit(0);
	return pid > 0;
}

ATTACK(map_writable_code)
{
	UNUSED;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

ATTACK(make_data_code)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	UNUSED;
	return at != MAP_FAILED &&
	    mprotect(at, 4096, PROT_READ | PROT_EXEC) == 0;
}

/* --- the kernel's wider corners ------------------------------------------- */

ATTACK(set_up_uring)
{
	char parameters[256] = { 0 };

	UNUSED;
	return syscall(SYS_io_uring_setup, 8, parameters) != -1;
}

ATTACK(make_user_namespace)
{
	UNUSED;
	return unshare(CLONE_NEWUSER) == 0;
}

ATTACK(count_events)
{
	UNUSED;
	return syscall(SYS_perf_event_open, 0L, 0L, -1L, -1L, 0L) != -1;
}

ATTACK(load_bpf)
{
	UNUSED;
	return syscall(SYS_bpf, 0L, 0L, 0L) != -1;
}

ATTACK(add_kernel_key)
{
	UNUSED;
	return syscall(SYS_add_key, "user", "candor-selftest", "x", 1L,
		   -3L /* this session's ring */) != -1;
}

ATTACK(ask_host_name)
{
	char room[512];

	UNUSED;
	return syscall(SYS_uname, room) == 0;
}

ATTACK(ask_user)
{
	UNUSED;
	return syscall(SYS_getuid) >= 0;
}

#if defined(__x86_64__)
/* getpid by the 32-bit door, where numbers mean other calls. */
ATTACK(call_as_32_bit)
{
	long answer;

	UNUSED;
	__asm__ volatile("int $0x80" : "=a"(answer) : "a"(20) : "memory");
	if (answer < 0)
		errno = (int)-answer;
	return answer > 0;
}

ATTACK(call_as_x32)
{
	UNUSED;
	return syscall(0x40000000L | SYS_getpid) > 0;
}
#endif

const struct attack attacks[] = {
	{ "open /etc/passwd", open_passwd, false },
	{ "create a file", create_file, true },
	{ "list /", list_root, false },
	{ "ask whether a path exists", probe_path, false },
	{ "open /proc/self/maps", open_maps, false },
	{ "reopen the passed file for writing", reopen_for_writing, false },
	{ "connect over TCP", connect_tcp, true },
	{ "send a UDP packet", send_udp, true },
	{ "connect to an abstract socket", connect_abstract, true },
	{ "connect to a socket by path", connect_named, true },
	{ "kill a neighbour", kill_neighbour, true },
	{ "trace a neighbour", trace_neighbour, false },
	{ "read a neighbour's memory", read_neighbour, false },
	{ "hold a neighbour by pidfd", hold_neighbour, false },
	{ "run a program", run_program, false },
	{ "start a process", start_process, false },
	{ "map writable code", map_writable_code, false },
	{ "turn data into code", make_data_code, false },
	{ "make a memory file", make_memory_file, false },
	{ "set up io_uring", set_up_uring, false },
	{ "make shared memory", share_memory, true },
	{ "change a file's mode", change_mode, true },
	{ "change a file's times", change_times, true },
	{ "truncate a file", truncate_file, true },
	{ "change the passed file's mode", change_mode_of_passed, true },
	{ "change the passed file's times", change_times_of_passed, true },
	{ "set the passed file's attribute", set_attribute_of_passed, true },
	{ "change folder", change_folder, false },
	{ "make a user namespace", make_user_namespace, false },
	{ "count processor events", count_events, false },
	{ "load a BPF program", load_bpf, false },
	{ "add a key to the kernel's ring", add_kernel_key, false },
	{ "watch files", watch_files, false },
	{ "ask for the host name", ask_host_name, false },
	{ "ask for the user", ask_user, false },
#if defined(__x86_64__)
	{ "call by the 32-bit door", call_as_32_bit, false },
	{ "call by the x32 door", call_as_x32, false },
#endif
};
const size_t attacks_count = sizeof(attacks) / sizeof(attacks[0]);
