/*
 * ban_look_given_file.c - a file that was given by itself.  The contract is in
 * ban_look.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_look.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
ban_look_given_file(const char *path, struct ban_seen *seen)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) != 0)
		ban_seen_blind(seen, path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		ban_seen_blind(seen, path, "not a file");
	else
		ban_look_content(fd, READER_ANY, path, NULL, seen);
	if (fd != -1)
		close(fd);
	ban_seen_count(seen, "files", 1);
}
