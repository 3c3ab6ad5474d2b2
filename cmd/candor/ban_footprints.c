/*
 * ban_footprints.c - read and index footprints.  The contract is in
 * ban_footprints.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_footprints.h"

#include "cmd/candor/print.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_SIZE ((size_t)8 << 20)

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
load_file(int folder, const char *path, const char *name,
    struct ban_footprints *out, struct complaint *c)
{
	struct buf text = { 0 }, whole = { 0 };
	struct why why = { 0 };
	struct footprint *f = &out->file[out->count];

	buf_text(&whole, path);
	buf_byte(&whole, '/');
	buf_text(&whole, name);
	c->path = whole.bytes;
	if (!ban_data_read(folder, name, &text, &why))
		pass_on(c, "", strerror(why.err));
	else if (footprint_read(cur_from(text.bytes, text.size), f, pass_on, c))
		out->path[out->count++] = buf_copy(whole.bytes);
	buf_free(&whole);
	buf_free(&text);
}

bool
ban_footprints_load(const char *folder, struct ban_footprints *out,
    ban_complain_fn complain, void *self, struct why *why)
{
	struct complaint c = { complain, self, folder };
	struct ban_names names = { 0 };
	DIR *d = opendir(folder);
	size_t i;

	*out = (struct ban_footprints){ 0 };
	if (d == NULL)
		return why_not(why, WHY_SYSTEM, "%s", folder);
	ban_data_names(d, &names);
	out->file = buf_alloc(names.count + 1, sizeof(*out->file));
	out->path = buf_alloc(names.count + 1, sizeof(*out->path));
	for (i = 0; i < names.count; i++) {
		load_file(dirfd(d), folder, names.one[i], out, &c);
		free(names.one[i]);
	}
	free(names.one);
	closedir(d);
	if (names.count == 0)
		return why_not(why, WHY_BROKEN, "%s: no *.json", folder);
	arena_init(&out->arena, buf_alloc(1, ARENA_SIZE), ARENA_SIZE);
	if (!footprint_index(out->file, out->count, &out->arena, &out->set))
		return why_not(why, WHY_LIMIT, "%s: too many signs", folder);
	return true;
}

bool
ban_footprints_open(const char *data, struct ban_footprints *out)
{
	struct buf folder = { 0 };
	struct why why = { 0 };
	size_t complaints = 0;
	bool good;

	ban_data_folder(data, "footprint", &folder);
	good = ban_footprints_load(folder.bytes, out, ban_data_say, &complaints,
	    &why);
	buf_free(&folder);
	if (!good)
		print_why(&why);
	if (good && complaints == 0)
		return true;
	ban_footprints_close(out);
	return false;
}

void
ban_footprints_close(struct ban_footprints *f)
{
	size_t i;

	for (i = 0; i < f->count; i++) {
		free(f->path[i]);
		footprint_free(&f->file[i]);
	}
	free(f->file);
	free(f->path);
	free(f->arena.base);
	*f = (struct ban_footprints){ 0 };
}
