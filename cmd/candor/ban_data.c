/*
 * ban_data.c - find and read the data files.  The contract is in ban_data.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_data.h"

#include "cmd/candor/escape.h"
#include "cmd/candor/infile.h"
#include "cmd/candor/print.h"
#include "lib/ban/schema.h"
#include "sys/beside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void
put_path(struct buf *out, const char *folder, const char *kind)
{
	buf_cut(out, 0);
	buf_text(out, folder);
	buf_byte(out, '/');
	buf_text(out, kind);
}

void
ban_data_folder(const char *data, const char *kind, struct buf *out)
{
	char name[64], path[4096];

	if (data != NULL) {
		put_path(out, data, kind);
		if (!is_folder(out->bytes)) {
			buf_cut(out, 0);
			buf_text(out, data);
		}
		return;
	}
	(void)snprintf(name, sizeof(name), "ban/%s", kind);
	if (beside_data(name, path, sizeof(path)))
		buf_text(out, path);
}

bool
ban_data_read_fd(int fd, const char *name, struct buf *out, struct why *why)
{
	buf_cut(out, 0);
	return infile_rest(fd, SCHEMA_SIZE_MAX, out) ||
	    why_not(why, WHY_SYSTEM, "%s", name);
}

bool
ban_data_read(int folder, const char *name, struct buf *out, struct why *why)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	bool good;

	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%s", name);
	good = ban_data_read_fd(fd, name, out, why);
	close(fd);
	return good;
}

/* --- folders -------------------------------------------------------------- */

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
is_data(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && name[0] != '.' && strcmp(name + n - 5, ".json") == 0;
}

struct names {
	char **one;
	size_t count, room;
};

static void
read_names(DIR *d, struct names *out)
{
	const struct dirent *e;

	while ((e = readdir(d)) != NULL) {
		if (!is_data(e->d_name))
			continue;
		out->one = buf_grow(out->one, &out->room, out->count + 1,
		    sizeof(*out->one));
		out->one[out->count++] = buf_copy(e->d_name);
	}
	if (out->count > 0)
		qsort(out->one, out->count, sizeof(*out->one), compare_names);
}

void
ban_data_complain(void *self, const char *where, const char *what)
{
	const struct ban_complaint *c = self;

	c->complain(c->self, c->path, where, what);
}

bool
ban_data_each(const char *folder, ban_data_fn fn, void *self,
    struct ban_complaint *c, struct why *why)
{
	struct buf bytes = { 0 }, path = { 0 };
	struct names names = { 0 };
	DIR *d = opendir(folder);
	size_t i;

	if (d == NULL)
		return why_not(why, WHY_SYSTEM, "%s", folder);
	read_names(d, &names);
	for (i = 0; i < names.count; i++) {
		struct why inner = { 0 };
		struct cur text;

		put_path(&path, folder, names.one[i]);
		c->path = path.bytes;
		if (ban_data_read(dirfd(d), names.one[i], &bytes, &inner)) {
			text = cur_from(bytes.bytes, bytes.size);
			fn(self, path.bytes, &text, c);
		} else {
			ban_data_complain(c, "", strerror(inner.err));
			fn(self, path.bytes, NULL, c);
		}
		free(names.one[i]);
	}
	free(names.one);
	buf_free(&bytes);
	buf_free(&path);
	closedir(d);
	c->path = folder;
	if (names.count == 0)
		return why_not(why, WHY_BROKEN, "%s: no *.json", folder);
	return true;
}

/* --- policies ------------------------------------------------------------- */

static void
load_file(void *self, const char *path, const struct cur *text,
    struct ban_complaint *c)
{
	struct ban_files *out = self;
	struct ban_file *f;

	out->one =
	    buf_grow(out->one, &out->room, out->count + 1, sizeof(*out->one));
	f = &out->one[out->count++];
	*f = (struct ban_file){ .path = buf_copy(path) };
	if (text == NULL ||
	    !policy_read(*text, &f->policy, ban_data_complain, c))
		return;
	out->good = buf_grow(out->good, &out->good_room, out->good_count + 1,
	    sizeof(*out->good));
	out->good[out->good_count++] = f->policy;
}

/* No two bans of one name. */
static void
check_ids(struct ban_files *f, struct ban_complaint *c)
{
	size_t i, k;

	for (i = 0; i < f->good_count; i++)
		for (k = 0; k < i; k++)
			if (strcmp(policy_text(f->good[i].root, "id"),
				policy_text(f->good[k].root, "id")) == 0) {
				c->path = policy_text(f->good[i].root, "id");
				ban_data_complain(c, "id",
				    "two files are of a ban of this name");
			}
}

bool
ban_data_load(const char *folder, struct ban_files *out,
    ban_complain_fn complain, void *self, struct why *why)
{
	struct ban_complaint c = { complain, self, NULL };

	*out = (struct ban_files){ 0 };
	if (!ban_data_each(folder, load_file, out, &c, why))
		return false;
	check_ids(out, &c);
	return true;
}

void
ban_data_close(struct ban_files *f)
{
	size_t i;

	for (i = 0; i < f->count; i++) {
		free(f->one[i].path);
		policy_free(&f->one[i].policy);
	}
	free(f->one);
	free(f->good);
	*f = (struct ban_files){ 0 };
}

/* --- for those who use them ----------------------------------------------- */

void
ban_data_say(void *self, const char *path, const char *where, const char *what)
{
	size_t *count = self;

	(*count)++;
	fputs("candor: ", stderr);
	escape_text(stderr, path, strlen(path));
	fputs(where[0] != '\0' ? ": " : "", stderr);
	escape_text(stderr, where, strlen(where));
	fputs(": ", stderr);
	escape_text(stderr, what, strlen(what));
	fputc('\n', stderr);
}

bool
ban_data_open(const char *data, struct ban_files *out)
{
	struct buf folder = { 0 };
	struct why why = { 0 };
	size_t complaints = 0;
	bool good;

	ban_data_folder(data, "policy", &folder);
	good =
	    ban_data_load(folder.bytes, out, ban_data_say, &complaints, &why);
	buf_free(&folder);
	if (!good)
		print_why(&why);
	if (good && complaints == 0)
		return true;
	ban_data_close(out);
	return false;
}
