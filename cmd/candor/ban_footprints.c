/*
 * ban_footprints.c - read and index footprints.  The contract is in
 * ban_footprints.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_footprints.h"

#include "cmd/candor/print.h"

#include <stdlib.h>

#define ARENA_SIZE ((size_t)8 << 20)

static void
load_file(void *self, const char *path, const struct cur *text,
    struct ban_complaint *c)
{
	struct ban_footprints *out = self;
	struct footprint one;

	if (text == NULL || !footprint_read(*text, &one, ban_data_complain, c))
		return;
	out->file =
	    buf_grow(out->file, &out->room, out->count + 1, sizeof(*out->file));
	out->path = buf_grow(out->path, &out->path_room, out->count + 1,
	    sizeof(*out->path));
	out->file[out->count] = one;
	out->path[out->count++] = buf_copy(path);
}

bool
ban_footprints_load(const char *folder, struct ban_footprints *out,
    ban_complain_fn complain, void *self, struct why *why)
{
	struct ban_complaint c = { complain, self, folder };

	*out = (struct ban_footprints){ 0 };
	if (!ban_data_each(folder, load_file, out, &c, why))
		return false;
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
