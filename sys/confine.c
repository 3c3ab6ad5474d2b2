/*
 * confine.c - keep one thing, give up the rest.  See confine.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/confine.h"

#include "sys/filter_program.h"
#include "sys/sandbox_parts.h"
#include "sys/sandbox_users.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define NOBODY 65534u

/* Numbers from here on are those of x32, another door to the same calls. */
#define X32 0x40000000u

/* --- who, and where ------------------------------------------------------ */

/* Leave the network, with a user namespace if that is the only way. */
static void
leave_network(uint32_t *layers)
{
	struct sandbox_users users;

	sandbox_users_init(&users);
	if (unshare(CLONE_NEWNET) == 0) {
		*layers |= SANDBOX_NO_NETWORK;
	} else if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) {
		sandbox_users_keep(&users);
		*layers |= SANDBOX_NO_NETWORK | SANDBOX_OWN_USERS;
	}
}

/* Be who owns the folder, or nobody; only root can. */
static bool
become(const struct confine *c, uint32_t *layers, struct why *why)
{
	uid_t uid = NOBODY;
	gid_t gid = NOBODY;
	struct stat s;

	if (c->write_fd != -1) {
		if (fstat(c->write_fd, &s) == -1)
			return why_not(why, WHY_SYSTEM, "confine: fstat");
		uid = s.st_uid;
		gid = s.st_gid;
	}
	if (geteuid() != 0 || uid == 0 || (c->keeps_user && c->write_fd == -1))
		return true;
	if (setgroups(0, NULL) == -1 || setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		return c->write_fd == -1 /* a container with one user */ ||
		    why_not(why, WHY_SYSTEM,
			"confine: cannot become the owner of the folder");
	*layers |= SANDBOX_NOT_ROOT;
	return true;
}

static bool
set_process(const struct confine *c, uint32_t *layers, struct why *why)
{
	struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1 ||
	    setrlimit(RLIMIT_CORE, &none) == -1)
		return why_not(why, WHY_SYSTEM, "confine: prctl");
	/* Pipes and sockets are no files: they can still be written. */
	if (c->write_fd == -1 && setrlimit(RLIMIT_FSIZE, &none) == -1)
		return why_not(why, WHY_SYSTEM, "confine: setrlimit");
	*layers |=
	    SANDBOX_NO_NEW_PRIVILEGES | SANDBOX_UNDUMPABLE | SANDBOX_LIMITS;
	return true;
}

/* --- files ---------------------------------------------------------------- */

/* landlock_path_beneath_attr is packed. */
struct beneath {
	uint64_t rights;
	int32_t fd;
} __attribute__((packed));

#define RULE_PATH 1u

/* Bits of linux/landlock.h: file execute 0, write 1, read 2, read folder 3,
   remove folder 4 and file 5, make folder 7, file 8, link 12, truncate 14. */
#define RIGHTS_READ_FILE (1u << 2)
#define RIGHTS_READ      (1u << 2 | 1u << 3)
#define RIGHTS_WRITE                                                     \
	(RIGHTS_READ | 1u << 1 | 1u << 4 | 1u << 5 | 1u << 7 | 1u << 8 | \
	    1u << 12 | 1u << 14)

static void
allow(int ruleset, int fd, uint64_t rights)
{
	struct beneath rule = { .rights = rights, .fd = fd };
	struct stat s;

	if (fd == -1)
		return;
	if (fstat(fd, &s) == 0 && !S_ISDIR(s.st_mode))
		rule.rights &= RIGHTS_READ_FILE;
	/* Before version 3 the kernel knows no right to truncate. */
	if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH, &rule, 0u) ==
	    -1) {
		rule.rights &= ~(uint64_t)(1u << 14);
		(void)syscall(SYS_landlock_add_rule, ruleset, RULE_PATH, &rule,
		    0u);
	}
}

static void
allow_path(int ruleset, const char *path, uint64_t rights)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	allow(ruleset, fd, rights);
	if (fd != -1)
		(void)close(fd);
}

static void
restrict_files(const struct confine *c, uint32_t *layers)
{
	bool has_network = false;
	int ruleset = sandbox_landlock_ruleset(!c->has_network, &has_network);
	size_t i;

	if (ruleset == -1)
		return;
	for (i = 0; c->read != NULL && c->read[i] != NULL; i++)
		allow_path(ruleset, c->read[i], RIGHTS_READ);
	allow(ruleset, c->read_fd, RIGHTS_READ);
	allow(ruleset, c->write_fd, RIGHTS_WRITE);
	if (syscall(SYS_landlock_restrict_self, ruleset, 0u) == 0) {
		*layers |= SANDBOX_LANDLOCK;
		if (has_network)
			*layers |= SANDBOX_LANDLOCK_NETWORK;
	}
	(void)close(ruleset);
}

/* --- calls ---------------------------------------------------------------- */

/* What nobody here does, and whoever tries is killed for. */
static const uint32_t never[] = { SYS_execve, SYS_execveat, SYS_ptrace,
	SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise,
	SYS_pidfd_getfd, SYS_mount, SYS_umount2, SYS_open_tree, SYS_move_mount,
	SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr,
	SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_bpf,
	SYS_perf_event_open, SYS_userfaultfd, SYS_fanotify_init,
	SYS_open_by_handle_at, SYS_init_module, SYS_finit_module,
	SYS_delete_module, SYS_kexec_load, SYS_kexec_file_load, SYS_keyctl,
	SYS_add_key, SYS_request_key, SYS_io_uring_setup, SYS_io_uring_enter,
	SYS_io_uring_register, SYS_memfd_create, SYS_memfd_secret, SYS_shmget,
	SYS_shmat, SYS_reboot, SYS_quotactl, SYS_acct, SYS_swapon, SYS_swapoff,
	SYS_syslog, SYS_personality, SYS_settimeofday, SYS_clock_settime,
	SYS_adjtimex, SYS_clock_adjtime, SYS_sethostname, SYS_setdomainname,
	SYS_mknodat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr,
#if defined(__x86_64__)
	SYS_mknod, SYS_modify_ldt, SYS_iopl, SYS_ioperm
#endif
};

/* And these only who has a network. */
static const uint32_t network[] = { SYS_socket, SYS_connect, SYS_bind,
	SYS_listen, SYS_accept, SYS_accept4, SYS_sendto };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Flags of clone(2) that make a namespace; in a user namespace of its own a
   process has every capability again. */
#define NAMESPACES                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

_Static_assert(2 * (COUNT(never) + COUNT(network)) + 16 < FILTER_LINES_MAX,
    "more FILTER_LINES_MAX are needed");

static void
add_refusals(struct filter_program *p, const uint32_t *call, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		filter_add(p, BPF_JMP | BPF_JEQ | BPF_K, call[i], 0, 1);
		filter_answer(p, SECCOMP_RET_KILL_PROCESS);
	}
}

/* A filter does not see the flags of clone3: who has no such call asks clone,
   as glibc does. */
static void
add_clone(struct filter_program *p)
{
	filter_add(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
	filter_answer(p, SECCOMP_RET_ERRNO | ENOSYS);
	filter_add(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
	filter_load_argument(p, 0);
	filter_add(p, BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1);
	filter_answer(p, SECCOMP_RET_KILL_PROCESS);
}

static bool
refuse_calls(const struct confine *c, uint32_t *layers, struct why *why)
{
	struct filter_program p;

	filter_begin(&p);
	filter_add(&p, BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1);
	filter_answer(&p, SECCOMP_RET_KILL_PROCESS);
	add_refusals(&p, never, COUNT(never));
	if (!c->has_network)
		add_refusals(&p, network, COUNT(network));
	/* Last: it loads another word. */
	add_clone(&p);
	filter_answer(&p, SECCOMP_RET_ALLOW);
	if (!filter_install(&p))
		return why_not(why, WHY_SYSTEM,
		    "this kernel gives no seccomp filter");
	*layers |= SANDBOX_SECCOMP;
	return true;
}

bool
confine_enter(const struct confine *c, uint32_t *layers, struct why *why)
{
	*layers = 0;
	if (!c->has_network)
		leave_network(layers);
	if (!become(c, layers, why) ||
	    !sandbox_drop_capabilities(layers, why) ||
	    !set_process(c, layers, why))
		return false;
	restrict_files(c, layers);
	return refuse_calls(c, layers, why);
}
