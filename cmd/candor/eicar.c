/*
 * eicar.c - the EICAR test file.  See eicar.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/eicar.h"

#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Each byte one more than it is in the file. */
static const char shifted[] = "Y6P\"Q&ABQ\\5]Q[Y65)Q_*8DD*8~%FJDBS.TUBOEB"
			      "SE.BOUJWJSVT.UFTU.GJMF\"%I,I+";

bool
eicar_write(int fd)
{
	char text[sizeof(shifted) - 1];
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)(shifted[i] - 1);
	return whole_write(fd, text, sizeof(text));
}

int
eicar_try(const char *folder)
{
	char path[PATH_MAX];
	int fd, error = 0;
	bool is_written;

	(void)snprintf(path, sizeof(path), "%s/candor-test-XXXXXX", folder);
	fd = mkstemp(path);
	if (fd == -1)
		return errno == EPERM ? EACCES : errno;
	is_written = eicar_write(fd);
	if (close(fd) != 0 || !is_written) {
		error = errno;
		(void)unlink(path);
		return error == EPERM ? EIO : error;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		/* Not there: it was moved to quarantine at the close. */
		error = errno == ENOENT ? EPERM : errno;
	else
		(void)close(fd);
	(void)unlink(path);
	return error;
}
