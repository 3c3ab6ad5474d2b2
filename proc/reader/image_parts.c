/*
 * image_parts.c - the file systems of a disk.
 *
 * They are numbered from 1 as they stand on the disk; without a table of
 * partitions there is one, 0.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/image.h"

#include <stdio.h>
#include <string.h>

/* A partition that small without a file system has a boot loader in it. */
#define SMALL ((uint64_t)4 << 20)

#define FRONT 69632u /* bytes in which all marks below stand */

static const TSK_FS_TYPE_ENUM known_type[] = { TSK_FS_TYPE_NTFS_DETECT,
	TSK_FS_TYPE_EXT_DETECT, TSK_FS_TYPE_FAT_DETECT, TSK_FS_TYPE_HFS_DETECT,
	TSK_FS_TYPE_ISO9660_DETECT };

/* What is known and not read; an empty name: there is nothing to be seen. */
static const struct {
	size_t off;
	const char *bytes;
	size_t size;
	const char *name;
} other[] = {
	{ 4086, "SWAPSPACE2", 10, "" },
	{ 65526, "SWAPSPACE2", 10, "" },
	{ 0, "XFSB", 4, "XFS" },
	{ 65600, "_BHRfS_M", 8, "Btrfs" },
	{ 32, "NXSB", 4, "APFS" },
	{ 512, "LABELONE", 8, "LVM" },
	{ 0, "LUKS\xba\xbe", 6, "encrypted with LUKS" },
	{ 3, "-FVE-FS-", 8, "encrypted with BitLocker" },
	{ 1024, "\x10\x20\xf5\xf2", 4, "F2FS" },
};

/* A file system, or what there is instead. */
struct place {
	struct image *image;
	struct say *say;
	uint32_t number;
	uint64_t off, size;
};

/* What stands there; NULL: nothing that is worth a word. */
static const char *
find_other(const struct place *p)
{
	static uint8_t front[FRONT];
	ssize_t n = tsk_img_read(p->image->disk, (TSK_OFF_T)p->off,
	    (char *)front, sizeof(front));
	bool is_empty = true;
	size_t i;

	if (n <= 0)
		return "it cannot be read";
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (other[i].off + other[i].size <= (size_t)n &&
		    memcmp(front + other[i].off, other[i].bytes,
			other[i].size) == 0)
			return other[i].name[0] != '\0' ? other[i].name : NULL;
	for (i = 0; i < (size_t)n; i++)
		is_empty = is_empty && front[i] == 0;
	return is_empty || (p->number > 0 && p->size < SMALL)
	    ? NULL
	    : "not a file system that is known";
}

static TSK_FS_INFO *
open_at(const struct place *p)
{
	TSK_FS_INFO *fs = NULL;
	size_t i;

	for (i = 0;
	     i < sizeof(known_type) / sizeof(known_type[0]) && fs == NULL; i++)
		fs = tsk_fs_open_img(p->image->disk, (TSK_OFF_T)p->off,
		    known_type[i]);
	return fs;
}

/* Of an ext file system: was it in use when the image was made? */
static void
say_unfinished(const struct place *p, const TSK_FS_INFO *fs, const char *name)
{
	uint8_t bits[4] = { 0 }; /* s_feature_incompat */
	ssize_t n;

	if (!TSK_FS_TYPE_ISEXT(fs->ftype))
		return;
	n = tsk_img_read(p->image->disk, (TSK_OFF_T)p->off + 1024 + 0x60,
	    (char *)bits, sizeof(bits));
	if (n == (ssize_t)sizeof(bits) && (bits[0] & 4) != 0)
		say_blind(p->say, name,
		    "its last changes are in its journal, which is not read");
}

/* Open what stands there, or say that it is not read; did it open? */
static bool
open_part(const struct place *p)
{
	TSK_FS_INFO *fs = open_at(p);
	const char *what;
	char name[60], text[200];

	snprintf(name, sizeof(name), "file system %lu",
	    (unsigned long)p->number);
	if (fs == NULL) {
		what = p->number > 0 ? find_other(p) : NULL;
		snprintf(text, sizeof(text), "a partition that is not read: %s",
		    what != NULL ? what : "");
		if (what != NULL)
			say_blind(p->say, name, text);
		return false;
	}
	p->image->part[p->number] = fs;
	say_unfinished(p, fs, name);
	snprintf(text, sizeof(text), "%s at %llu",
	    tsk_fs_type_toname(fs->ftype), (unsigned long long)p->off);
	say_part(p->say, p->number, text);
	return true;
}

/* All partitions; how many file systems there are. */
static unsigned
open_table(struct image *image, const TSK_VS_INFO *table, struct say *say)
{
	struct place p = { image, say, 0, 0, 0 };
	const TSK_VS_PART_INFO *one;
	unsigned count = 0;

	for (one = table->part_list; one != NULL; one = one->next) {
		if ((one->flags & TSK_VS_PART_FLAG_ALLOC) == 0)
			continue;
		if (++p.number >= IMAGE_PARTS_MAX) {
			say_blind(say, "partitions",
			    "there are more than are read");
			break;
		}
		if (one->start > INT64_MAX / table->block_size ||
		    one->len > INT64_MAX / table->block_size)
			continue;
		p.off = one->start * table->block_size;
		p.size = one->len * table->block_size;
		count += open_part(&p) ? 1 : 0;
	}
	return count;
}

void
image_parts_open(struct image *image, struct say *say)
{
	TSK_VS_INFO *table = tsk_vs_open(image->disk, 0, TSK_VS_TYPE_DETECT);
	struct place whole = { image, say, 0, 0, (uint64_t)image->disk->size };
	unsigned count = 0;

	if (table != NULL) {
		count = open_table(image, table, say);
		tsk_vs_close(table);
	}
	if (count > 0 || open_part(&whole))
		return;
	if (table == NULL)
		say_blind(say, "the disk", "no file system that is read");
	else
		say_blind(say, "partitions", "none of them is read");
}
