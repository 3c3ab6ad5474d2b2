/*
 * settings.c - read the configuration file, and pass it on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/supervisor/supervisor.h"

#include "sys/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
complain(const char *path, const struct config_troubles *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		fprintf(stderr, "candord: %s:%u: %s\n", path, t->one[i].line,
		    t->one[i].text);
	if (t->more > 0)
		fprintf(stderr, "candord: %s: and %zu more\n", path, t->more);
}

/* The bytes of a file, up to one more than there may be. */
static bool
read_file(const char *path, uint8_t *room, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = 0;

	*size = 0;
	if (fd == -1)
		return false;
	while (*size < CONFIG_FILE_MAX + 1 &&
	    (n = read(fd, room + *size, CONFIG_FILE_MAX + 1 - *size)) > 0)
		*size += (size_t)n;
	(void)close(fd);
	return n != -1;
}

/* What every process gets: the same bytes, which nobody can change. */
static bool
pass_on(const uint8_t *bytes, size_t size, int *fd)
{
	struct why why;

	if (!memfd_open(fd, &why))
		return false;
	if ((size > 0 && write(*fd, bytes, size) != (ssize_t)size) ||
	    !memfd_seal(fd, &why)) {
		(void)close(*fd);
		*fd = -1;
		return false;
	}
	return true;
}

bool
settings_read(const char *path, struct config *c, uint8_t *memory, int *fd)
{
	static uint8_t bytes[CONFIG_FILE_MAX + 1];
	static struct config_troubles troubles;
	struct arena arena;
	size_t size = 0;

	*fd = -1;
	arena_init(&arena, memory, CONFIG_ARENA);
	if (!config_init(c, &arena))
		return false;
	if (path != NULL && !read_file(path, bytes, &size)) {
		fprintf(stderr, "candord: %s: %s\n", path, strerror(errno));
		return false;
	}
	if (!config_read(c, &arena, cur_from(bytes, size), &troubles)) {
		complain(path, &troubles);
		return false;
	}
	return pass_on(bytes, size, fd);
}
