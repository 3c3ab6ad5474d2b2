/*
 * vault.c - the folder that holds what is in quarantine.  See vault.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/quarantine/vault.h"

#include "lib/base/hex.h"
#include "lib/crypto/bech32.h"
#include "proc/quarantine/remove.h"
#include "sys/whole.h"

#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOTS_PLACE "/var/lib/candor/quarantine"
#define KEY_PREFIX  "age-secret-key-"

char *
vault_default_path(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int n = -1;

	if (geteuid() == 0)
		return strdup(ROOTS_PLACE);
	if (state != NULL && state[0] == '/')
		n = asprintf(&path, "%s/candor/quarantine", state);
	else if (home != NULL && home[0] == '/')
		n = asprintf(&path, "%s/.local/state/candor/quarantine", home);
	return n < 0 ? NULL : path;
}

void
vault_name(const char *id, const char *ending, char out[VAULT_NAME_MAX])
{
	(void)snprintf(out, VAULT_NAME_MAX, "%.*s%s", (int)HELD_ID, id, ending);
}

/* --- opening ------------------------------------------------------------ */

/* Make every missing folder of a path; errors show when it is opened. */
static void
make_folders(char *path)
{
	char *slash = path;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		(void)mkdir(path, 0755);
		*slash = '/';
	}
	(void)mkdir(path, 0700);
}

static bool
open_folder(const char *path, bool create, struct vault *v, struct why *why)
{
	struct stat st;
	char *copy;

	if (create && (copy = strdup(path)) != NULL) {
		make_folders(copy);
		free(copy);
	}
	v->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->folder == -1 || fstat(v->folder, &st) == -1)
		return why_not(why, WHY_SYSTEM, "quarantine %s", path);
	if (st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		return why_not(why, WHY_BROKEN,
		    "quarantine %s: others may look into it (it must be ours, "
		    "with mode 0700)",
		    path);
	v->lock = openat(v->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (v->lock == -1 || flock(v->lock, LOCK_EX) == -1)
		return why_not(why, WHY_SYSTEM, "quarantine %s: lock", path);
	return true;
}

/* Write text to name in the vault, by way of a part, durably. */
static bool
write_text(const struct vault *v, const char *name, const char *text,
    size_t size, struct why *why)
{
	char part[VAULT_NAME_MAX + 8];
	int fd;
	bool good;

	(void)snprintf(part, sizeof(part), "%s.part", name);
	fd = openat(v->folder, part,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "cannot write %s", part);
	good = whole_write(fd, text, size);
	good = good && fsync(fd) == 0;
	good = close(fd) == 0 && good;
	good = good && renameat(v->folder, part, v->folder, name) == 0;
	if (good)
		return vault_sync(v, why);
	(void)why_not(why, WHY_SYSTEM, "cannot write %s", name);
	(void)unlinkat(v->folder, part, 0);
	return false;
}

static bool
make_identity(struct vault *v, struct why *why)
{
	char secret[BECH32_TEXT_MAX], public[BECH32_TEXT_MAX], text[512];
	int n;

	if (getrandom(v->identity, AGE_KEY, 0) != AGE_KEY ||
	    !age_recipient(v->identity, v->recipient))
		return why_not(why, WHY_SYSTEM, "cannot make a key");
	bech32_write(KEY_PREFIX, v->identity, true, secret);
	bech32_write("age", v->recipient, false, public);
	n = snprintf(text, sizeof(text),
	    "# Opens what is in this quarantine: age -d -i identity ID.age\n"
	    "# public key: %s\n%s\n",
	    public, secret);
	return write_text(v, "identity", text, (size_t)n, why);
}

static bool
read_identity(struct vault *v, struct why *why)
{
	char text[1024];
	struct cur c, line;
	ssize_t n;
	int fd = openat(v->folder, "identity",
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1 && errno == ENOENT)
		return make_identity(v, why);
	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "cannot read identity");
	n = whole_read(fd, text, sizeof(text));
	(void)close(fd);
	c = cur_from(text, n > 0 ? (size_t)n : 0);
	while (cur_line(&c, &line))
		if (bech32_read(KEY_PREFIX, line, v->identity) &&
		    age_recipient(v->identity, v->recipient))
			return true;
	return why_not(why, WHY_BROKEN,
	    "the key in identity is damaged: what is held cannot be opened");
}

/* --- what is in it ------------------------------------------------------ */

/* Is it a name of ours with that ending?  Its ID goes to id. */
static bool
is_named(const char *name, const char *ending, char id[HELD_ID + 1])
{
	size_t i;

	for (i = 0; i < HELD_ID; i++)
		if (strchr("0123456789abcdef", name[i]) == NULL ||
		    name[i] == '\0')
			return false;
	memcpy(id, name, HELD_ID);
	id[HELD_ID] = '\0';
	return strcmp(name + HELD_ID, ending) == 0;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static size_t
list_ending(const struct vault *v, const char *ending,
    char (**ids)[HELD_ID + 1])
{
	int fd = openat(v->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd != -1 ? fdopendir(fd) : NULL;
	char(*list)[HELD_ID + 1] = NULL, id[HELD_ID + 1];
	size_t count = 0, room = 0;
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (!is_named(e->d_name, ending, id))
			continue;
		if (count == room) {
			void *more;

			room = room * 2 + 16;
			more = realloc(list, room * sizeof(*list));
			if (more == NULL)
				break;
			list = more;
		}
		memcpy(list[count++], id, sizeof(id));
	}
	if (d != NULL)
		(void)closedir(d);
	else if (fd != -1)
		(void)close(fd);
	if (count > 0)
		qsort(list, count, sizeof(*list), compare);
	*ids = list;
	return count;
}

size_t
vault_list(const struct vault *v, char (**ids)[HELD_ID + 1])
{
	return list_ending(v, ".held", ids);
}

bool
vault_find(const struct vault *v, const char *begin, char id[HELD_ID + 1],
    struct why *why)
{
	char(*ids)[HELD_ID + 1];
	size_t n = vault_list(v, &ids), i, found = 0;

	for (i = 0; i < n; i++)
		if (begin[0] != '\0' &&
		    strncmp(ids[i], begin, strlen(begin)) == 0) {
			memcpy(id, ids[i], HELD_ID + 1);
			found++;
		}
	free(ids);
	if (found == 1)
		return true;
	return why_not(why, WHY_BROKEN,
	    found == 0 ? "%s: nothing of that ID is held"
		       : "%s: several IDs begin so",
	    begin);
}

bool
vault_new_id(const struct vault *v, char id[HELD_ID + 1], struct why *why)
{
	uint8_t bytes[HELD_ID / 2];
	char name[VAULT_NAME_MAX];
	struct stat st;

	do {
		if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
			return why_not(why, WHY_SYSTEM, "no random bytes");
		hex_write(bytes, sizeof(bytes), id);
		vault_name(id, ".age", name);
	} while (fstatat(v->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0);
	return true;
}

bool
vault_read(const struct vault *v, const char *id, struct held *out,
    struct why *why)
{
	char name[VAULT_NAME_MAX], *text = NULL;
	struct stat st;
	ssize_t n = -1;
	bool good;
	int fd;

	memset(out, 0, sizeof(*out));
	vault_name(id, ".held", name);
	fd = openat(v->folder, name,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "cannot read %s", name);
	if (fstat(fd, &st) == 0 && (size_t)st.st_size <= HELD_TEXT_MAX)
		text = malloc((size_t)st.st_size + 1);
	if (text != NULL)
		n = whole_read(fd, text, (size_t)st.st_size);
	(void)close(fd);
	good = n >= 0 ? held_read(cur_from(text, (size_t)n), out, why)
		      : why_not(why, WHY_SYSTEM, "cannot read %s", name);
	free(text);
	memcpy(out->id, id, HELD_ID + 1);
	return good;
}

bool
vault_write(const struct vault *v, const struct held *h, struct why *why)
{
	char name[VAULT_NAME_MAX], *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	bool good;

	vault_name(h->id, ".held", name);
	if (to == NULL)
		return why_not(why, WHY_SYSTEM, "no memory");
	held_write(to, h);
	good = ferror(to) == 0;
	good = fclose(to) == 0 && good;
	good = good ? write_text(v, name, text, size, why)
		    : why_not(why, WHY_SYSTEM, "no memory");
	free(text);
	return good;
}

bool
vault_delete(const struct vault *v, const char *id, struct why *why)
{
	char name[VAULT_NAME_MAX];

	vault_name(id, ".held", name);
	if (unlinkat(v->folder, name, 0) == -1 && errno != ENOENT)
		return why_not(why, WHY_SYSTEM, "cannot delete %s", name);
	if (!vault_sync(v, why))
		return false;
	vault_name(id, ".age", name);
	if (unlinkat(v->folder, name, 0) == -1 && errno != ENOENT)
		return why_not(why, WHY_SYSTEM, "cannot delete %s", name);
	return vault_sync(v, why);
}

bool
vault_sync(const struct vault *v, struct why *why)
{
	if (fsync(v->folder) == 0)
		return true;
	return why_not(why, WHY_SYSTEM, "quarantine: cannot sync");
}

/* --- after a crash ------------------------------------------------------ */

/* Bytes without a record: whoever wrote them did not get to the original. */
static void
clear_parts(const struct vault *v)
{
	static const char *const endings[] = { ".age.part", ".held.part",
		".age" };
	char(*ids)[HELD_ID + 1], name[VAULT_NAME_MAX];
	struct stat st;
	size_t e, i, n;

	for (e = 0; e < sizeof(endings) / sizeof(endings[0]); e++) {
		n = list_ending(v, endings[e], &ids);
		for (i = 0; i < n; i++) {
			vault_name(ids[i], ".held", name);
			if (strcmp(endings[e], ".age") == 0 &&
			    (fstatat(v->folder, name, &st,
				 AT_SYMLINK_NOFOLLOW) == 0 ||
				errno != ENOENT))
				continue;
			vault_name(ids[i], endings[e], name);
			(void)unlinkat(v->folder, name, 0);
		}
		free(ids);
	}
}

/* A move that was cut short is finished or undone, by how far it was. */
static void
finish_move(const struct vault *v, struct held *h)
{
	struct why why = { 0 };

	switch (remove_left_over(h)) {
	case LEFT_MOVED:
		h->state = HELD_MOVED;
		(void)vault_write(v, h, &why);
		return;
	case LEFT_IN_PLACE:
		(void)vault_delete(v, h->id, &why);
		return;
	case LEFT_UNKNOWN:
		return;
	}
}

static void
finish_moves(const struct vault *v)
{
	char(*ids)[HELD_ID + 1];
	size_t n = vault_list(v, &ids), i;
	struct why why = { 0 };

	for (i = 0; i < n; i++) {
		struct held h;

		if (vault_read(v, ids[i], &h, &why) && h.state == HELD_COPIED)
			finish_move(v, &h);
		held_free(&h);
	}
	free(ids);
}

bool
vault_open(const char *path, bool create, struct vault *out, struct why *why)
{
	*out = (struct vault){ .folder = -1, .lock = -1 };
	if (!open_folder(path, create, out, why) || !read_identity(out, why)) {
		vault_close(out);
		return false;
	}
	clear_parts(out);
	finish_moves(out);
	return true;
}

void
vault_unlock(const struct vault *v)
{
	(void)flock(v->lock, LOCK_UN);
}

bool
vault_lock(const struct vault *v)
{
	while (flock(v->lock, LOCK_EX) == -1)
		if (errno != EINTR)
			return false;
	return true;
}

void
vault_close(struct vault *v)
{
	if (v->lock != -1)
		(void)close(v->lock);
	if (v->folder != -1)
		(void)close(v->folder);
	explicit_bzero(v->identity, sizeof(v->identity));
	v->lock = v->folder = -1;
}
