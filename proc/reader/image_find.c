/*
 * image_find.c - folders of a file system in an image, and what is in them.
 *
 * The library could find a path itself, but goes hours into a folder that
 * says it is larger than can be, and finds what was deleted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/image.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define FOLDER_MAX ((TSK_OFF_T)64 << 20) /* bytes; about a million names */

static bool
is_sound(TSK_FS_INFO *fs, TSK_INUM_T inum)
{
	TSK_FS_FILE *file = tsk_fs_file_open_meta(fs, NULL, inum);
	bool is_one = file != NULL && file->meta != NULL &&
	    file->meta->size >= 0 && file->meta->size <= FOLDER_MAX;

	tsk_fs_file_close(file);
	return is_one;
}

TSK_FS_DIR *
image_folder_open(TSK_FS_INFO *fs, TSK_INUM_T inum)
{
	return is_sound(fs, inum) ? tsk_fs_dir_open_meta(fs, inum) : NULL;
}

bool
image_name_is_there(const TSK_FS_NAME *name)
{
	return name != NULL && name->name != NULL && name->name[0] != '\0' &&
	    (name->flags & TSK_FS_NAME_FLAG_ALLOC) != 0 &&
	    name->type != TSK_FS_NAME_TYPE_VIRT &&
	    name->type != TSK_FS_NAME_TYPE_VIRT_DIR &&
	    strcmp(name->name, ".") != 0 && strcmp(name->name, "..") != 0;
}

/* Is it the same as the first size bytes of part? */
static bool
is_name(const TSK_FS_INFO *fs, const char *name, const char *part, size_t size)
{
	bool has_case = TSK_FS_TYPE_ISEXT(fs->ftype) != 0;

	if (strlen(name) != size)
		return false;
	return (has_case ? strncmp(name, part, size)
			 : strncasecmp(name, part, size)) == 0;
}

static bool
refuse(struct why *why, int err, const char *text)
{
	(void)why_not(why, WHY_SYSTEM, "%s", text);
	why->err = err;
	return false;
}

/* One step: *at is a folder, then what has that name in it. */
static bool
step(TSK_FS_INFO *fs, const char *part, size_t size, TSK_INUM_T *at,
    struct why *why)
{
	TSK_FS_DIR *dir = image_folder_open(fs, *at);
	size_t count = dir != NULL ? tsk_fs_dir_getsize(dir) : 0, i;
	const TSK_FS_NAME *name;
	bool is_found = false, is_link = false;

	for (i = 0; i < count && !is_found; i++) {
		name = tsk_fs_dir_get_name(dir, i);
		if (!image_name_is_there(name) ||
		    !is_name(fs, name->name, part, size))
			continue;
		is_found = true;
		is_link = name->type == TSK_FS_NAME_TYPE_LNK;
		*at = name->meta_addr;
	}
	if (dir == NULL)
		return refuse(why, EIO, "a folder of it is broken");
	tsk_fs_dir_close(dir);
	if (is_link)
		return refuse(why, ELOOP, "a link on the way is not followed");
	return is_found || refuse(why, ENOENT, "there is none");
}

/* Is it something to go into? */
static bool
is_folder(TSK_FS_INFO *fs, TSK_INUM_T inum)
{
	TSK_FS_FILE *file = tsk_fs_file_open_meta(fs, NULL, inum);
	bool is_one = file != NULL && file->meta != NULL &&
	    file->meta->type == TSK_FS_META_TYPE_DIR;

	tsk_fs_file_close(file);
	return is_one;
}

bool
image_find(TSK_FS_INFO *fs, const char *path, TSK_INUM_T *out, struct why *why)
{
	TSK_INUM_T at = fs->root_inum;
	size_t size;

	for (path++; *path != '\0'; path += size) {
		path += *path == '/' ? 1 : 0;
		size = strcspn(path, "/");
		if (at != fs->root_inum && !is_folder(fs, at))
			return refuse(why, ENOENT, "there is none");
		if (!step(fs, path, size, &at, why))
			return false;
	}
	*out = at;
	return true;
}
