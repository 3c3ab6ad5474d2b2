/*
 * sandbox_namespaces.c - nobody, nowhere, with no powers.
 *
 * Root uses its powers to leave the namespaces and then stops being root;
 * anybody else gets the powers for it from a user namespace.  Either way none
 * is left at the end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/sandbox_parts.h"
#include "sys/sandbox_users.h"

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#define NOBODY 65534u

/* Enough for every capability there may ever be: the kernel has 64 bits. */
#define CAPABILITIES 64

static const char *const mount_points[] = { "/tmp", "/proc", "/usr" };

/* Put an empty folder where every path begins. */
static bool
enter_empty_root(void)
{
	const char *at = NULL;
	size_t i;

	/* Or else what follows would be seen outside. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return false;
	for (i = 0; i < sizeof(mount_points) / sizeof(mount_points[0]); i++) {
		at = mount_points[i];
		if (mount("none", at, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			"size=4k,nr_inodes=2,mode=500") == 0)
			break;
		at = NULL;
	}
	if (at == NULL || chdir(at) == -1 ||
	    syscall(SYS_pivot_root, ".", ".") == -1 ||
	    umount2(".", MNT_DETACH) == -1 || chdir("/") == -1)
		return false;
	if (mount(NULL, "/", NULL,
		MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV |
		    MS_NOEXEC,
		NULL) == -1)
		return false;
	return access("/proc", F_OK) == -1 && errno == ENOENT;
}

static bool
leave_namespaces(int with_user, uint32_t *layers)
{
	const int names =
	    CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
	struct sandbox_users users;

	sandbox_users_init(&users);
	if (unshare(with_user | names) == -1)
		return false;
	if (with_user != 0) {
		sandbox_users_keep(&users);
		*layers |= SANDBOX_OWN_USERS;
	}
	*layers |= SANDBOX_NO_NETWORK | SANDBOX_OWN_IPC | SANDBOX_OWN_HOSTNAME;
	if (enter_empty_root())
		*layers |= SANDBOX_EMPTY_ROOT;
	return true;
}

/* The set no program started later could get anything from. */
static void
empty_bounding_set(void)
{
	unsigned long c;

	for (c = 0; c < CAPABILITIES; c++)
		(void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
}

/* In a container with a single user this fails, and the layer is missing. */
static void
stop_being_root(void)
{
	if (setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0)
		(void)!setresuid(NOBODY, NOBODY, NOBODY);
}

void
sandbox_leave(uint32_t *layers)
{
	bool has_left = false;

	if (geteuid() == 0) {
		has_left = leave_namespaces(0, layers);
		empty_bounding_set();
		stop_being_root();
	}

	/* Before a user namespace in which every stranger is called 65534. */
	if (getuid() != 0 && geteuid() != 0)
		*layers |= SANDBOX_NOT_ROOT;

	/* An undumpable process may not write its own uid_map. */
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (!has_left)
		(void)leave_namespaces(CLONE_NEWUSER, layers);
	else if (unshare(CLONE_NEWUSER) == 0)
		*layers |= SANDBOX_OWN_USERS;
}

bool
sandbox_drop_capabilities(uint32_t *layers, struct why *why)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[2];
	struct __user_cap_data_struct left[2];

	empty_bounding_set();
	(void)prctl(PR_SET_SECUREBITS,
	    SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
		SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
		SECBIT_NO_CAP_AMBIENT_RAISE |
		SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
	    0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	memset(none, 0, sizeof(none));
	memset(left, 0xff, sizeof(left));
	if (syscall(SYS_capset, &header, none) == -1)
		return why_not(why, WHY_SYSTEM, "sandbox: capset");
	if (syscall(SYS_capget, &header, left) == -1)
		return why_not(why, WHY_SYSTEM, "sandbox: capget");
	if (memcmp(left, none, sizeof(none)) != 0)
		return why_not(why, WHY_BUG, "sandbox: capabilities are left");
	*layers |= SANDBOX_NO_CAPABILITIES;
	return true;
}
