/*
 * installing.c - have candor-install write a feed's files.  See installing.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/installing.h"

#include "cmd/candor/canary.h"
#include "lib/db/db.h"
#include "sys/memfd.h"
#include "sys/whole.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 3600000u /* a slow disk, a slow mirror */
#define SWEEP_MS    600000u

bool
installing_open(struct installing *i, const struct feeds *place,
    const char *name, struct why *why)
{
	char *path = feeds_path(place->state, name, "");
	bool is_open = feeds_make_folders(path);

	*i = (struct installing){ .place = place, .name = name, .folder = -1 };
	if (is_open)
		i->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (i->folder == -1)
		is_open = why_not(why, WHY_SYSTEM, "%.150s", path);
	else if (faccessat(i->folder, ".", W_OK, AT_EACCESS) == -1)
		is_open = why_not(why, WHY_SYSTEM, "%.150s", path);
	else if (flock(i->folder, LOCK_EX | LOCK_NB) == -1)
		is_open = why_not(why, WHY_LIMIT,
		    "%.150s: another update is at it", path);
	free(path);
	is_open = is_open &&
	    aide_start(&i->aide, "candor-install", NULL, i->folder, why);
	if (!is_open)
		installing_close(i);
	return is_open;
}

void
installing_close(struct installing *i)
{
	aide_end(&i->aide);
	if (i->folder != -1)
		close(i->folder);
	i->folder = -1;
}

/* --- orders --------------------------------------------------------------- */

bool
installing_hear(struct installing *i, struct why *why)
{
	struct order o;

	if (i->aide.program == NULL)
		return why_not(why, WHY_BROKEN, "candor-install is gone");
	if (!aide_hear(&i->aide, &o, PATIENCE_MS, why))
		return false;
	if (o.kind == ORDER_END && o.a == ORDER_DONE)
		return true;
	return why_not(why, o.a == ORDER_FORGED ? WHY_FORGED : WHY_BROKEN,
	    "%.200s", o.text);
}

static bool
order(struct installing *i, enum order_kind kind, const char *name,
    struct why *why)
{
	struct order o = { .kind = kind };

	order_put_text(o.name, sizeof(o.name), name);
	if (i->aide.program == NULL)
		return why_not(why, WHY_BROKEN, "candor-install is gone");
	return aide_tell(&i->aide, &o, -1, why) && installing_hear(i, why);
}

bool
installing_begin(struct installing *i, struct why *why)
{
	return order(i, ORDER_BEGIN, "", why);
}

bool
installing_commit(struct installing *i, const char *serial, struct why *why)
{
	return order(i, ORDER_COMMIT, serial, why);
}

bool
installing_tell(struct installing *i, const struct store_file *f,
    struct why *why)
{
	struct order o = { .kind = ORDER_FILE, .a = f->place };

	o.number[0] = f->size;
	if (f->hash != NULL)
		memcpy(o.hash, f->hash, sizeof(o.hash));
	order_put_text(o.name, sizeof(o.name), f->name);
	if (i->aide.program == NULL)
		return why_not(why, WHY_BROKEN, "candor-install is gone");
	return aide_tell(&i->aide, &o, f->from, why);
}

bool
installing_file(struct installing *i, const struct store_file *f,
    struct why *why)
{
	return installing_tell(i, f, why) && installing_hear(i, why);
}

bool
installing_bytes(struct installing *i, enum store_place place, const char *name,
    const void *bytes, size_t size, struct why *why)
{
	struct store_file f = { .place = place, .name = name, .size = size };
	bool is_done;
	int fd = -1;

	is_done = memfd_open(&fd, why) &&
	    (size == 0 || whole_write(fd, bytes, size) ||
		why_not(why, WHY_SYSTEM, "memory")) &&
	    memfd_seal(&fd, why);
	f.from = fd;
	is_done = is_done && installing_file(i, &f, why);
	if (fd != -1)
		close(fd);
	return is_done;
}

/* --- trying --------------------------------------------------------------- */

struct trial {
	int fd[DB_MAX];
	char *name[DB_MAX];
	size_t count;
};

static bool
add_database(struct trial *t, int folder, const char *name, struct why *why)
{
	int fd;

	if (t->count == DB_MAX)
		return why_not(why, WHY_LIMIT, "more than %d databases",
		    DB_MAX);
	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%.100s", name);
	t->fd[t->count] = fd;
	t->name[t->count++] = buf_copy(name);
	return true;
}

static bool
find_databases(struct trial *t, int feed, struct why *why)
{
	int folder = openat(feed, ".new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = folder == -1 ? NULL : fdopendir(folder);
	const struct dirent *e;
	bool is_fine = true;

	if (d == NULL)
		return why_not(why, WHY_SYSTEM, "nothing was begun");
	while (is_fine && (e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);

		if (len > 5 && strcmp(e->d_name + len - 5, ".cand") == 0)
			is_fine = add_database(t, folder, e->d_name, why);
	}
	closedir(d);
	if (is_fine && t->count == 0)
		return why_not(why, WHY_BROKEN,
		    "there is no database in the release");
	return is_fine;
}

/* How many databases other feeds have in use. */
static size_t
count_others(const struct installing *i)
{
	char *pattern = feeds_path(i->place->state, "*", "/current/*.cand");
	char *ours = feeds_path(i->place->state, i->name, "/");
	size_t count = 0, n;
	glob_t found = { 0 };

	(void)glob(pattern, 0, NULL, &found);
	for (n = 0; n < found.gl_pathc; n++)
		count += strncmp(found.gl_pathv[n], ours, strlen(ours)) != 0;
	globfree(&found);
	free(ours);
	free(pattern);
	return count;
}

/* With more than can be used at once nothing would be scanned any more: no
   feed may bring that about. */
static bool
leaves_room(const struct installing *i, size_t count, struct why *why)
{
	size_t others = count_others(i);

	return count + others <= DB_MAX ||
	    why_not(why, WHY_FORGED,
		"%zu databases, and %zu of other feeds, are more than the %d "
		"that can be used at once",
		count, others, DB_MAX);
}

/* Every record of it is looked at, by a process that can do nothing else. */
static bool
sweep(int fd, const char *name, struct why *why)
{
	struct aide h = { 0 };
	struct order o = { 0 };
	bool is_done = aide_start(&h, "candor-compile", "sweep", fd, why) &&
	    aide_hear(&h, &o, SWEEP_MS, why);

	aide_end(&h);
	if (is_done && o.a != ORDER_DONE)
		return why_not(why, WHY_FORGED,
		    "%.60s is no sound database: %.140s", name, o.text);
	return is_done;
}

bool
installing_try(struct installing *i, struct why *why)
{
	struct canary canary = { 0 };
	struct trial t = { .count = 0 };
	bool is_fine =
	    find_databases(&t, i->folder, why) && leaves_room(i, t.count, why);
	size_t n;

	for (n = 0; n < t.count && is_fine; n++)
		is_fine = sweep(t.fd[n], t.name[n], why);
	is_fine = is_fine &&
	    canary_sings(t.fd, (const char *const *)t.name, t.count, &canary,
		why);
	i->tried = canary.files;
	for (n = 0; n < t.count; n++) {
		close(t.fd[n]);
		free(t.name[n]);
	}
	return is_fine;
}
