/*
 * image_walk.c - the names of all files in a file system.
 *
 * Limits:  FOLDERS_MAX folders that wait, NAMES_MAX names; a folder is gone
 *          into once, so circles end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDERS_MAX ((size_t)1 << 20)
#define NAMES_MAX   ((uint64_t)20000000)

struct folder {
	TSK_INUM_T inum;
	char *path; /* owned; "" or "/a/b" */
};

struct walk {
	TSK_FS_INFO *fs;
	uint32_t part;
	struct say *say;
	struct folder *folder; /* waiting */
	size_t count, room;
	TSK_INUM_T *seen; /* a table by hash; 0: free, else inum + 1 */
	size_t seen_count, seen_room;
	uint64_t names;
	uint64_t broken;   /* folders */
	uint64_t too_many; /* folders and names that were left out */
	char path[READER_TEXT + 1];
};

/* --- folders that were seen ----------------------------------------------- */

static size_t
slot_of(const struct walk *w, TSK_INUM_T key)
{
	size_t at = (size_t)((key * 0x9e3779b97f4a7c15u) >> 20);

	at &= w->seen_room - 1;
	while (w->seen[at] != 0 && w->seen[at] != key)
		at = (at + 1) & (w->seen_room - 1);
	return at;
}

static bool
grow_seen(struct walk *w)
{
	TSK_INUM_T *old = w->seen;
	size_t n = w->seen_room, i;

	w->seen_room = n == 0 ? 1024 : n * 2;
	w->seen = calloc(w->seen_room, sizeof(*w->seen));
	if (w->seen == NULL) {
		w->seen = old;
		w->seen_room = n;
		return false;
	}
	for (i = 0; i < n; i++)
		if (old[i] != 0)
			w->seen[slot_of(w, old[i])] = old[i];
	free(old);
	return true;
}

/* Is it the first time? */
static bool
is_new(struct walk *w, TSK_INUM_T inum)
{
	size_t at;

	if (w->seen_count * 2 >= w->seen_room && !grow_seen(w)) {
		w->too_many++;
		return false;
	}
	at = slot_of(w, inum + 1);
	if (w->seen[at] != 0)
		return false;
	w->seen[at] = inum + 1;
	w->seen_count++;
	return true;
}

/* To be gone into later. */
static void
push(struct walk *w, TSK_INUM_T inum, const char *path)
{
	struct folder *grown;
	size_t room;

	if (!is_new(w, inum))
		return;
	if (w->count == w->room) {
		room = w->room == 0 ? 256 : w->room * 2;
		grown = room <= FOLDERS_MAX
		    ? realloc(w->folder, room * sizeof(*grown))
		    : NULL;
		if (grown == NULL) {
			w->too_many++;
			return;
		}
		w->folder = grown;
		w->room = room;
	}
	w->folder[w->count].inum = inum;
	w->folder[w->count].path = strdup(path);
	if (w->folder[w->count].path != NULL)
		w->count++;
	else
		w->too_many++;
}

/* --- names ---------------------------------------------------------------- */

static enum reader_node
node_of_meta(const TSK_FS_META *meta)
{
	if (meta == NULL)
		return READER_OTHER;
	if (meta->type == TSK_FS_META_TYPE_REG)
		return READER_FILE;
	if (meta->type == TSK_FS_META_TYPE_DIR)
		return READER_FOLDER;
	return meta->type == TSK_FS_META_TYPE_LNK ? READER_LINK : READER_OTHER;
}

/* Where the folder does not say, the file itself does. */
static enum reader_node
node_of(const struct walk *w, const TSK_FS_NAME *name)
{
	enum reader_node node = READER_OTHER;
	TSK_FS_FILE *file;

	if (name->type == TSK_FS_NAME_TYPE_REG)
		return READER_FILE;
	if (name->type == TSK_FS_NAME_TYPE_DIR)
		return READER_FOLDER;
	if (name->type == TSK_FS_NAME_TYPE_LNK)
		return READER_LINK;
	if (name->type != TSK_FS_NAME_TYPE_UNDEF)
		return READER_OTHER;
	file = tsk_fs_file_open_meta(w->fs, NULL, name->meta_addr);
	if (file != NULL)
		node = node_of_meta(file->meta);
	tsk_fs_file_close(file);
	return node;
}

static void
look_at(struct walk *w, const char *folder, const TSK_FS_NAME *name)
{
	enum reader_node node;
	int n;

	if (w->names >= NAMES_MAX) {
		w->too_many++;
		return;
	}
	w->names++;
	n = snprintf(w->path, sizeof(w->path), "%s/%s", folder, name->name);
	if (n < 0 || (size_t)n >= sizeof(w->path)) {
		w->too_many++;
		return;
	}
	node = node_of(w, name);
	say_name(w->say, w->part, node, cur_from(w->path, (size_t)n), 0);
	if (node == READER_FOLDER)
		push(w, name->meta_addr, w->path);
}

static void
look_in(struct walk *w, const struct folder *folder)
{
	TSK_FS_DIR *dir = image_folder_open(w->fs, folder->inum);
	size_t count = dir != NULL ? tsk_fs_dir_getsize(dir) : 0, i;

	if (dir == NULL) {
		w->broken++;
		return;
	}
	for (i = 0; i < count; i++) {
		const TSK_FS_NAME *name = tsk_fs_dir_get_name(dir, i);

		if (image_name_is_there(name))
			look_at(w, folder->path, name);
	}
	tsk_fs_dir_close(dir);
}

static void
say_gaps(const struct walk *w)
{
	char name[40], text[80];

	snprintf(name, sizeof(name), "file system %lu", (unsigned long)w->part);
	snprintf(text, sizeof(text), "%llu folders are broken",
	    (unsigned long long)w->broken);
	if (w->broken > 0)
		say_blind(w->say, name, text);
	snprintf(text, sizeof(text), "%llu names are too many or too long",
	    (unsigned long long)w->too_many);
	if (w->too_many > 0)
		say_blind(w->say, name, text);
}

void
image_walk(TSK_FS_INFO *fs, uint32_t part, struct say *say)
{
	struct walk w = { .fs = fs, .part = part, .say = say };

	push(&w, fs->root_inum, "");
	while (w.count > 0) {
		struct folder next = w.folder[--w.count];

		look_in(&w, &next);
		free(next.path);
	}
	say_count(say, "names", w.names);
	say_gaps(&w);
	free(w.folder);
	free(w.seen);
}
