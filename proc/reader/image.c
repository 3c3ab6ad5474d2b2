/*
 * image.c - images of disks: the files in the file systems in them.
 *
 * Format:  raw or qcow2; MBR, GPT, BSD, Sun and Apple partition tables or
 *          none; NTFS, ext2/3/4, FAT and exFAT, HFS+ and ISO 9660, which The
 *          Sleuth Kit knows.
 * Input:   hostile: The Sleuth Kit and zlib, inside the cage.
 *
 * Files that were deleted are not told; journals are not replayed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/image.h"
#include "proc/reader/qcow2.h"

#include <errno.h>
#include <string.h>

#define FETCH_PIECE 65536u

static struct image image;

/* --- which files ---------------------------------------------------------- */

static bool
has_at(const struct input *in, uint64_t off, const char *bytes, size_t size)
{
	uint8_t room[16];

	return size <= sizeof(room) &&
	    input_read(in, off, room, size) == size &&
	    memcmp(room, bytes, size) == 0;
}

/* Marks of partition tables and file systems, and where they stand. */
static const struct {
	uint64_t off;
	const char *bytes;
	size_t size;
} mark[] = {
	{ 0, QCOW2_MAGIC, 4 }, { 510, "\x55\xaa", 2 }, /* MBR, NTFS, FAT */
	{ 512, "EFI PART", 8 },                        /* GPT */
	{ 4096, "EFI PART", 8 }, /* the same, sectors of 4096 */
	{ 1080, "\x53\xef", 2 }, /* ext */
	{ 1024, "H+", 2 },       /* HFS+ */
	{ 1024, "HX", 2 },       /* HFSX */
	{ 0, "ER", 2 },          /* Apple */
	{ 32769, "CD001", 5 },   /* ISO 9660 */
};

bool
image_is(const struct input *in)
{
	size_t i;

	for (i = 0; i < sizeof(mark) / sizeof(mark[0]); i++)
		if (has_at(in, mark[i].off, mark[i].bytes, mark[i].size))
			return true;
	return false;
}

/* --- looking -------------------------------------------------------------- */

void
image_forget(void)
{
	size_t i;

	for (i = 0; i < IMAGE_PARTS_MAX; i++)
		if (image.part[i] != NULL)
			tsk_fs_close(image.part[i]);
	if (image.disk != NULL)
		image.disk->close(image.disk);
	image = (struct image){ 0 };
}

bool
image_read(struct input *in, struct say *say, struct why *why)
{
	uint32_t i;

	image.disk = image_disk_open(in, why);
	if (image.disk == NULL)
		return false;
	image_parts_open(&image, say);
	for (i = 0; i < IMAGE_PARTS_MAX; i++)
		if (image.part[i] != NULL)
			image_walk(image.part[i], i, say);
	return true;
}

/* --- fetching ------------------------------------------------------------- */

static bool
refuse(struct why *why, int err, const char *text)
{
	(void)why_not(why, WHY_SYSTEM, "%s", text);
	why->err = err;
	return false;
}

/* Why it is no file to be read, or NULL. */
static const char *
wrong_file(const TSK_FS_META *meta, int *err)
{
	*err = EIO;
	if (meta == NULL || (meta->flags & TSK_FS_META_FLAG_ALLOC) == 0)
		return "it is broken";
	if (meta->type == TSK_FS_META_TYPE_REG)
		return NULL;
	*err = meta->type == TSK_FS_META_TYPE_LNK ? ELOOP : EINVAL;
	return meta->type == TSK_FS_META_TYPE_LNK
	    ? "a link on the way is not followed"
	    : "not a file";
}

static TSK_FS_FILE *
open_file(TSK_FS_INFO *fs, const char *path, struct why *why)
{
	TSK_INUM_T inum = 0;
	TSK_FS_FILE *file;
	const char *wrong;
	int err;

	if (!image_find(fs, path, &inum, why))
		return NULL;
	file = tsk_fs_file_open_meta(fs, NULL, inum);
	wrong = wrong_file(file != NULL ? file->meta : NULL, &err);
	if (wrong == NULL)
		return file;
	(void)refuse(why, err, wrong);
	tsk_fs_file_close(file);
	return NULL;
}

static bool
say_file(TSK_FS_FILE *file, uint64_t size, struct say *say, struct why *why)
{
	static char piece[FETCH_PIECE];
	uint64_t at = 0;
	ssize_t n;

	while (at < size) {
		size_t want = size - at < sizeof(piece) ? (size_t)(size - at)
							: sizeof(piece);

		n = tsk_fs_file_read(file, (TSK_OFF_T)at, piece, want,
		    TSK_FS_FILE_READ_FLAG_NONE);
		if (n <= 0)
			return refuse(why, EIO, "it cannot be read whole");
		say_bytes(say, piece, (size_t)n);
		at += (uint64_t)n;
	}
	return true;
}

bool
image_fetch(uint32_t part, const char *path, uint64_t most, struct say *say,
    uint64_t *size, struct why *why)
{
	TSK_FS_FILE *file;
	bool is_whole = false;

	*size = 0;
	if (part >= IMAGE_PARTS_MAX || image.part[part] == NULL)
		return refuse(why, ENOENT, "no such file system");
	file = open_file(image.part[part], path, why);
	if (file == NULL)
		return false;
	if (file->meta->size < 0 || (uint64_t)file->meta->size > most)
		(void)refuse(why, EFBIG, "it is too large");
	else {
		*size = (uint64_t)file->meta->size;
		is_whole = say_file(file, *size, say, why);
	}
	tsk_fs_file_close(file);
	return is_whole;
}
