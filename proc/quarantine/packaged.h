/*
 * packaged.h - does a file belong to a package, or is it needed to boot?
 *
 * Such a file is never moved away: a wrong or poisoned signature must not take
 * the shell, the C library or the kernel from a machine.
 *
 * Asked: dpkg's lists (/var/lib/dpkg/info/NAME.list and .md5sums).  The
 * records of rpm are a database that takes rpm to read; there only the
 * folders of the system are known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_QUARANTINE_PACKAGED_H
#define CANDOR_PROC_QUARANTINE_PACKAGED_H

#include <stdbool.h>
#include <stddef.h>

enum packaged {
	PACKAGED_NOT,
	PACKAGED_AS_SHIPPED, /* and its MD5 is the one of the package */
	PACKAGED_CHANGED,    /* and it is not, or the package names none */
	PACKAGED_BOOT        /* /boot, or a system without dpkg's records */
};

#define PACKAGED_NAME_MAX 128u

/*
 * Whose is the file of that absolute path, which is open as fd?  The name of
 * the package goes to name, or an empty text.
 */
enum packaged packaged_by(const char *path, int fd,
    char name[PACKAGED_NAME_MAX]);

/* Is it in a folder that holds a system together (/usr but not /usr/local,
   /bin, /lib, /boot, ...)?  For who cannot ask whose it is. */
bool packaged_is_in_system(const char *path);

#endif
