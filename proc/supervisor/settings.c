/*
 * settings.c - read the configuration, and pass it on.
 *
 * It is the file, then FILE.d/ *.conf in the order of their names, then what an
 * administrator added since the start (switches.c), one behind the other.  A
 * later one adds to the lists of an earlier one, also to those that are at
 * their default; what is no list may be given once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/supervisor/supervisor.h"

#include "lib/policy/action.h"
#include "sys/memfd.h"
#include "sys/whole.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is being put together, and what is wrong with it. */
static struct {
	uint8_t bytes[CONFIG_FILE_MAX + 1];
	size_t size;
	struct config_troubles troubles;
	struct config config; /* of the part that was read last */
} plan;

static bool
complain(const char *path)
{
	const struct config_troubles *t = &plan.troubles;
	size_t i;

	for (i = 0; i < t->count; i++)
		fprintf(stderr, "candord: %s:%u: %s\n", path, t->one[i].line,
		    t->one[i].text);
	if (t->more > 0)
		fprintf(stderr, "candord: %s: and %zu more\n", path, t->more);
	return false;
}

static bool
cannot(const char *path, const char *why)
{
	fprintf(stderr, "candord: %s: %s\n", path, why);
	return false;
}

/* The memory of the configuration that is not in force. */
static uint8_t *
spare(struct supervisor *s)
{
	return s->config_memory[!s->is_second];
}

/* Is what stands in plan from there on good? */
static bool
check(struct supervisor *s, const char *path, size_t from)
{
	struct arena arena;

	arena_init(&arena, spare(s), CONFIG_ARENA);
	return config_init(&plan.config, &arena) &&
	    (config_read(&plan.config, &arena,
		 cur_from(plan.bytes + from, plan.size - from),
		 &plan.troubles) ||
		complain(path));
}

static bool
add_text(const char *text)
{
	size_t size = strlen(text);

	if (size > sizeof(plan.bytes) - plan.size)
		return false;
	memcpy(plan.bytes + plan.size, text, size);
	plan.size += size;
	return true;
}

/* The bytes of a file behind what is there; fd is closed. */
static bool
add_file(struct supervisor *s, const char *path, int fd)
{
	size_t from = plan.size;
	ssize_t n =
	    whole_read(fd, plan.bytes + from, sizeof(plan.bytes) - plan.size);
	int err = errno;

	(void)close(fd);
	if (n == -1)
		return cannot(path, strerror(err));
	plan.size += (size_t)n;
	if (plan.size > CONFIG_FILE_MAX)
		return cannot(path, "the configuration is too long");
	return check(s, path, from) && add_text("\n");
}

/* Lists at their default: what comes later adds to that. */
static bool
add_defaults(void)
{
	bool is_fine = true;
	int key;

	for (key = 0; key < KEY_COUNT; key++) {
		const struct config_row *row = config_row((enum config_key)key);

		if ((row->type != CONFIG_PATHS && row->type != CONFIG_WORDS) ||
		    row->fallback[0] == '\0' ||
		    plan.config.value[key].line != 0)
			continue;
		is_fine = is_fine && add_text("[") && add_text(row->section) &&
		    add_text("]\n") && add_text(row->key) && add_text(" = ") &&
		    add_text(row->fallback) && add_text("\n");
	}
	return is_fine;
}

/* --- FILE.d --------------------------------------------------------------- */

/* Nobody but root, or who runs this, may say what is in force. */
static bool
is_trusted(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	    (st.st_uid == 0 || st.st_uid == geteuid()) &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static int
is_drop_in(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 5 &&
	    strcmp(d->d_name + len - 5, ".conf") == 0;
}

static bool
add_drop_in(struct supervisor *s, int folder, const char *name)
{
	char path[sizeof(s->drop_ins) + 258];
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	(void)snprintf(path, sizeof(path), "%s/%s", s->drop_ins, name);
	if (fd == -1)
		return cannot(path, strerror(errno));
	if (is_trusted(fd))
		return add_file(s, path, fd);
	(void)close(fd);
	return cannot(path, "others may write to it");
}

static bool
add_drop_ins(struct supervisor *s)
{
	int folder, count, i;
	struct dirent **found = NULL;
	bool is_fine;

	folder = open(s->drop_ins, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder == -1)
		return errno == ENOENT || cannot(s->drop_ins, strerror(errno));
	is_fine =
	    is_trusted(folder) || cannot(s->drop_ins, "others may write to it");
	count =
	    is_fine ? scandirat(folder, ".", &found, is_drop_in, alphasort) : 0;
	if (count == -1)
		is_fine = cannot(s->drop_ins, strerror(errno));
	for (i = 0; i < count; i++) {
		is_fine = is_fine && add_drop_in(s, folder, found[i]->d_name);
		free(found[i]);
	}
	free(found);
	(void)close(folder);
	return is_fine;
}

/* --- in force ------------------------------------------------------------- */

/* What every process gets: the same bytes, which nobody can change. */
static bool
seal(int *fd)
{
	struct why why;

	if (!memfd_open(fd, &why))
		return false;
	if (whole_write(*fd, plan.bytes, plan.size) && memfd_seal(fd, &why))
		return true;
	(void)close(*fd);
	return false;
}

/* What the reader of values cannot see. */
static bool
check_meaning(void)
{
	struct action_trouble t;
	bool is_fine = true;
	size_t at = 0;

	while (action_next_trouble(&plan.config, &at, &t)) {
		fprintf(stderr, "candord: %s '%.200s': %s\n", t.key, t.word,
		    t.why);
		is_fine = false;
	}
	return is_fine;
}

static bool
put_in_force(struct supervisor *s)
{
	int fd;

	if (plan.size > CONFIG_FILE_MAX)
		return cannot("all of it", "the configuration is too long");
	if (!check(s, "all of it", 0) || !check_meaning())
		return false;
	if (!seal(&fd))
		return cannot("all of it", "no memory");
	if (s->config_fd != -1)
		(void)close(s->config_fd);
	s->config = plan.config;
	s->config_fd = fd;
	s->is_second = !s->is_second;
	return true;
}

bool
settings_read(struct supervisor *s)
{
	const char *path = s->config_path;
	int fd = -1;

	plan.size = 0;
	if (path != NULL) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd == -1)
			return cannot(path, strerror(errno));
		if (!is_trusted(fd)) {
			(void)close(fd);
			return cannot(path, "others may write to it");
		}
		if (!add_file(s, path, fd))
			return false;
	} else if (!check(s, "defaults", 0)) {
		return false;
	}
	(void)snprintf(s->drop_ins, sizeof(s->drop_ins), "%s.d",
	    path != NULL ? path : CONFIG_PATH);
	if (!add_defaults() || !add_drop_ins(s))
		return false;
	memcpy(s->given, plan.bytes, plan.size);
	s->given_size = plan.size;
	return settings_renew(s);
}

bool
settings_renew(struct supervisor *s)
{
	memcpy(plan.bytes, s->given, s->given_size);
	plan.size = s->given_size;
	return switches_add(s, plan.bytes, sizeof(plan.bytes), &plan.size) &&
	    put_in_force(s);
}
