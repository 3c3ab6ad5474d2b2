/*
 * image.h - between the files that read images of disks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_READER_IMAGE_H
#define CANDOR_PROC_READER_IMAGE_H

#include "proc/reader/kinds.h"

#include <stdbool.h>
#include <stdint.h>
#include <tsk/libtsk.h>

#define IMAGE_PARTS_MAX 128u

/* The image that was looked at last; its file systems are open. */
struct image {
	TSK_IMG_INFO *disk;
	TSK_FS_INFO *part[IMAGE_PARTS_MAX]; /* by number; NULL: none */
};

/* image_disk.c: the disk in a file, raw or qcow2; NULL and why. */
TSK_IMG_INFO *image_disk_open(struct input *in, struct why *why);

/* image_parts.c: open the file systems; say what is there and not read. */
void image_parts_open(struct image *image, struct say *say);

/* image_find.c: a folder, to be closed; NULL if it is broken. */
TSK_FS_DIR *image_folder_open(TSK_FS_INFO *fs, TSK_INUM_T inum);

/* A name that is to be told: of a file that was not deleted, and no work of
   the library. */
bool image_name_is_there(const TSK_FS_NAME *name);

/* What has this path, no link followed; false, and why with err. */
bool image_find(TSK_FS_INFO *fs, const char *path, TSK_INUM_T *out,
    struct why *why);

/* image_walk.c: say the names of all files in one. */
void image_walk(TSK_FS_INFO *fs, uint32_t part, struct say *say);

#endif
