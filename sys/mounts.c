/*
 * mounts.c - what is mounted where.  See mounts.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/mounts.h"

#include "sys/whole.h"

#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool
mounts_open(struct mounts *m, uint32_t pid, struct why *why)
{
	char path[40] = "/proc/self/mountinfo";

	if (pid != 0)
		(void)snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
	*m = (struct mounts){
		.fd = open(path, O_RDONLY | O_CLOEXEC),
		.text = malloc(MOUNTS_TEXT_MAX + 1),
		.one = calloc(MOUNTS_MAX, sizeof(*m->one)),
	};
	if (m->fd != -1 && m->text != NULL && m->one != NULL)
		return true;
	(void)why_not(why, WHY_SYSTEM, "cannot tell what is mounted");
	mounts_close(m);
	return false;
}

void
mounts_close(struct mounts *m)
{
	if (m->fd != -1)
		(void)close(m->fd);
	free(m->text);
	free(m->one);
	*m = (struct mounts){ .fd = -1 };
}

/* "\040" is a blank; in place, it only gets shorter. */
static void
unescape(char *text)
{
	char *to = text;

	for (; *text != '\0'; to++) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' &&
		    text[2] >= '0' && text[2] <= '7' && text[3] >= '0' &&
		    text[3] <= '7') {
			*to = (char)((text[1] - '0') << 6 |
			    (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else
			*to = *text++;
	}
	*to = '\0';
}

/*
 * ID PARENT MAJOR:MINOR ROOT PATH OPTIONS [TAG...] - TYPE SOURCE OPTIONS
 */
static bool
read_line(char *line, struct mounted *out)
{
	unsigned major, minor;
	char *field[6], *rest = line, *dash, *type;
	size_t i;

	for (i = 0; i < 6; i++)
		if ((field[i] = strsep(&rest, " ")) == NULL)
			return false;
	if (rest == NULL || sscanf(field[2], "%u:%u", &major, &minor) != 2)
		return false;
	if (strncmp(rest, "- ", 2) == 0)
		rest += 2;
	else if ((dash = strstr(rest, " - ")) != NULL)
		rest = dash + 3;
	else
		return false;
	type = strsep(&rest, " ");
	if (type == NULL)
		return false;
	unescape(field[4]);
	out->id = strtoull(field[0], NULL, 10);
	out->parent = strtoull(field[1], NULL, 10);
	out->path = field[4];
	out->device = makedev(major, minor);
	(void)snprintf(out->type, sizeof(out->type), "%s", type);
	out->sort = filesystem_sort_named(type);
	return true;
}

/* Lines are cut in place; size bytes are there, and room for one more. */
static void
read_lines(struct mounts *m, size_t size)
{
	char *rest = m->text, *line;

	m->text[size] = '\0';
	m->count = m->more = 0;
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] == '\0')
			continue;
		if (m->count == MOUNTS_MAX)
			m->more++;
		else if (read_line(line, &m->one[m->count]))
			m->count++;
	}
}

bool
mounts_read(struct mounts *m, struct why *why)
{
	ssize_t n = whole_pread(m->fd, m->text, MOUNTS_TEXT_MAX, 0);

	if (n < 0)
		return why_not(why, WHY_SYSTEM, "cannot tell what is mounted");
	read_lines(m, (size_t)n);
	return true;
}

void
mounts_understand(struct mounts *m, const char *text, size_t size)
{
	if (size > MOUNTS_TEXT_MAX)
		size = MOUNTS_TEXT_MAX;
	memcpy(m->text, text, size);
	read_lines(m, size);
}

static bool
is_above(const char *folder, const char *path)
{
	size_t n = strlen(folder);

	return n > 1 && strncmp(folder, path, n) == 0 && path[n] == '/';
}

bool
mounts_has(const struct mounts *m, uint64_t id)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (m->one[i].id == id)
			return true;
	return false;
}

/* More mounts than one is on the way to another. */
#define WAY_MAX 64u

static const struct mounted *
find_mount(const struct mounts *m, uint64_t id)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (m->one[i].id == id)
			return &m->one[i];
	return NULL;
}

/* On the mount on, is anything else mounted where the way to path goes? */
static bool
is_covered(const struct mounts *m, const struct mounted *on,
    const struct mounted *next, const char *path)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		const struct mounted *k = &m->one[i];

		if (k->parent == on->id && k != next && k != on &&
		    (strcmp(k->path, path) == 0 || strcmp(k->path, "/") == 0 ||
			is_above(k->path, path)))
			return true;
	}
	return false;
}

bool
mounts_is_visible(const struct mounts *m, const struct mounted *at)
{
	const struct mounted *next = NULL, *on = at;
	unsigned steps;

	for (steps = 0; on != NULL && steps < WAY_MAX; steps++) {
		if (is_covered(m, on, next,
			next == NULL ? at->path : next->path))
			return false;
		next = on;
		on = on->parent == on->id ? NULL : find_mount(m, on->parent);
	}
	return true;
}

bool
mounts_is_reachable(const struct mounts *m, const struct mounted *at)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (m->one[i].sort == FILESYSTEM_REMOTE &&
		    is_above(m->one[i].path, at->path))
			return false;
	return true;
}
