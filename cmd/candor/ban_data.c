/*
 * ban_data.c - find and read the data files.  The contract is in ban_data.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_data.h"

#include "cmd/candor/escape.h"
#include "cmd/candor/print.h"
#include "sys/beside.h"
#include "sys/whole.h"

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
	char *piece = buf_alloc(1, 65536);
	ssize_t n = 1;

	buf_cut(out, 0);
	while (n > 0 && out->size <= POLICY_SIZE_MAX &&
	    (n = whole_read(fd, piece, 65536)) > 0)
		buf_add(out, piece, (size_t)n);
	if (n == -1)
		(void)why_not(why, WHY_SYSTEM, "%s", name);
	free(piece);
	return n != -1;
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

void
ban_data_names(DIR *d, struct ban_names *out)
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

struct complaint {
	ban_complain_fn complain;
	void *self;
	const char *path;
};

static void
pass_on(void *self, const char *where, const char *what)
{
	const struct complaint *c = self;

	c->complain(c->self, c->path, where, what);
}

static void
load_file(int folder, const char *path, const char *name, struct ban_files *out,
    struct complaint *c)
{
	struct buf text = { 0 }, whole = { 0 };
	struct why why = { 0 };
	struct ban_file *f;

	out->one =
	    buf_grow(out->one, &out->room, out->count + 1, sizeof(*out->one));
	f = &out->one[out->count++];
	put_path(&whole, path, name);
	*f = (struct ban_file){ .path = buf_copy(whole.bytes) };
	c->path = f->path;
	if (!ban_data_read(folder, name, &text, &why))
		pass_on(c, "", strerror(why.err));
	else if (policy_read(cur_from(text.bytes, text.size), &f->policy,
		     pass_on, c))
		out->good[out->good_count++] = f->policy;
	buf_free(&whole);
	buf_free(&text);
}

/* No two bans of one name. */
static void
check_ids(struct ban_files *f, struct complaint *c)
{
	size_t i, k;

	for (i = 0; i < f->good_count; i++)
		for (k = 0; k < i; k++)
			if (strcmp(policy_text(f->good[i].root, "id"),
				policy_text(f->good[k].root, "id")) == 0) {
				c->path = policy_text(f->good[i].root, "id");
				pass_on(c, "id",
				    "two files are of a ban of this name");
			}
}

bool
ban_data_load(const char *folder, struct ban_files *out,
    ban_complain_fn complain, void *self, struct why *why)
{
	struct complaint c = { complain, self, NULL };
	struct ban_names names = { 0 };
	DIR *d = opendir(folder);
	size_t i;

	*out = (struct ban_files){ 0 };
	if (d == NULL)
		return why_not(why, WHY_SYSTEM, "%s", folder);
	ban_data_names(d, &names);
	out->good = buf_alloc(names.count + 1, sizeof(*out->good));
	for (i = 0; i < names.count; i++) {
		load_file(dirfd(d), folder, names.one[i], out, &c);
		free(names.one[i]);
	}
	free(names.one);
	closedir(d);
	check_ids(out, &c);
	if (out->count == 0)
		return why_not(why, WHY_BROKEN, "%s: no *.json", folder);
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
