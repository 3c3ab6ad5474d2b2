/*
 * image_disk.c - the disk in a file, for The Sleuth Kit.
 *
 * The library's own openers want names of files, and bring readers of many
 * more formats along; so its struct is filled in here, as tsk_img.h has it for
 * those who read images themselves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/image.h"
#include "proc/reader/qcow2.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct disk {
	TSK_IMG_INFO info; /* the first: the library knows this alone */
	struct input *in;
	struct source file;
	bool is_qcow2;
	struct qcow2 qcow2;
	uint8_t *room;
};

/* source_read_fn. */
static size_t
read_file(struct source *s, uint64_t off, void *bytes, size_t size)
{
	return input_read(s->ctx, off, bytes, size);
}

static ssize_t
disk_read(TSK_IMG_INFO *info, TSK_OFF_T off, char *bytes, size_t size)
{
	struct disk *d = (struct disk *)(void *)info;

	size_t got;

	if (off < 0)
		return -1;
	got = d->is_qcow2 ? qcow2_read(&d->qcow2, (uint64_t)off, bytes, size)
			  : source_read(&d->file, (uint64_t)off, bytes, size);
	return got == 0 && size > 0 ? -1 : (ssize_t)got;
}

static void
disk_close(TSK_IMG_INFO *info)
{
	struct disk *d = (struct disk *)(void *)info;

	(void)pthread_mutex_destroy(&info->cache_lock.mutex);
	free(d->room);
	free(d);
}

static void
disk_tell(TSK_IMG_INFO *info, FILE *out)
{
	(void)info;
	(void)out;
}

static bool
open_qcow2(struct disk *d, struct why *why)
{
	d->is_qcow2 = true;
	d->room = malloc(2 * QCOW2_CLUSTER_MAX);
	return (d->room != NULL ||
		   why_not(why, WHY_LIMIT, "no memory for it")) &&
	    qcow2_open(&d->file, d->room, &d->qcow2, why);
}

TSK_IMG_INFO *
image_disk_open(struct input *in, struct why *why)
{
	struct disk *d = calloc(1, sizeof(*d));

	if (d == NULL) {
		(void)why_not(why, WHY_LIMIT, "no memory for it");
		return NULL;
	}
	d->in = in;
	d->file =
	    (struct source){ .size = in->size, .read = read_file, .ctx = in };
	(void)pthread_mutex_init(&d->info.cache_lock.mutex, NULL);
	if (in->head_size >= 4 && memcmp(in->head, QCOW2_MAGIC, 4) == 0 &&
	    !open_qcow2(d, why)) {
		disk_close(&d->info);
		return NULL;
	}
	d->info.tag = TSK_IMG_INFO_TAG;
	d->info.itype = TSK_IMG_TYPE_EXTERNAL;
	d->info.size = (TSK_OFF_T)(d->is_qcow2 ? d->qcow2.size : in->size);
	d->info.sector_size = 512;
	d->info.read = disk_read;
	d->info.close = disk_close;
	d->info.imgstat = disk_tell;
	return &d->info;
}
