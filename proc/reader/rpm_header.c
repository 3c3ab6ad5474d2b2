/*
 * rpm_header.c - what the header of a package says.  See rpm_header.h.
 *
 * A header (all big-endian), without the magic it has in a file:
 *
 *   offset  size  field
 *        0     4  il     entries
 *        4     4  dl     bytes of data
 *        8 16*il  entry  tag, type, offset in the data, count
 *          dl     data   texts end with a zero
 *
 * ndb (all little-endian): slots of 16 bytes from byte 32 on, in whole pages
 *
 *        0     4  "RpmP"
 *        4     4  version, 0
 *       12     4  pages of slots, of 4096 bytes
 *
 *   slot  0  4  "Slot"     4  4  package, 0: free
 *         8  4  where, in blocks of 16 bytes     12  4  how many blocks
 *   blob  0  4  "BlbS"     4  4  package         12  4  size
 *        16     the header
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/rpm_header.h"

#include <string.h>

#define ENTRIES_MAX 65535u /* HEADER_TAGS_MAX */
#define DATA_MAX    0x0fffffffu

enum tag {
	TAG_NAME = 1000,
	TAG_VERSION = 1001,
	TAG_RELEASE = 1002,
	TAG_VENDOR = 1011,
	TAG_PACKAGER = 1015,
	TAG_DIRINDEXES = 1116,
	TAG_BASENAMES = 1117,
	TAG_DIRNAMES = 1118
};

enum type {
	TYPE_INT32 = 4,
	TYPE_STRING = 6,
	TYPE_STRINGS = 8,
	TYPE_I18N = 9
};

struct entry {
	uint32_t tag, type, off, count;
};

/* Cut the next text that ends with a zero off list. */
static bool
next_text(struct cur *list, struct cur *out)
{
	const void *zero;

	if (cur_left(list) == 0)
		return false;
	zero = memchr(list->base + list->pos, 0, cur_left(list));
	return zero != NULL &&
	    cur_take(list,
		(uint64_t)((const uint8_t *)zero - (list->base + list->pos)),
		out) &&
	    cur_skip(list, 1);
}

static bool
take_text(struct cur data, const struct entry *e, struct cur *out)
{
	if (e->type != TYPE_STRING && e->type != TYPE_I18N)
		return false;
	return next_text(&data, out);
}

static bool
take_list(struct cur data, const struct entry *e, struct cur *out,
    uint32_t *count)
{
	*out = data;
	*count = e->count;
	return e->type == TYPE_STRINGS;
}

static bool
take_entry(struct cur data, const struct entry *e, struct rpm_header *out)
{
	struct cur at;

	if (!cur_seek(&data, e->off) || !cur_take(&data, cur_left(&data), &at))
		return false;
	switch (e->tag) {
	case TAG_NAME:
		return take_text(at, e, &out->name);
	case TAG_VERSION:
		return take_text(at, e, &out->version);
	case TAG_RELEASE:
		return take_text(at, e, &out->release);
	case TAG_VENDOR:
		return take_text(at, e, &out->vendor);
	case TAG_PACKAGER:
		return take_text(at, e, &out->packager);
	case TAG_BASENAMES:
		return take_list(at, e, &out->base_names, &out->file_count);
	case TAG_DIRNAMES:
		return take_list(at, e, &out->folders, &out->folder_count);
	case TAG_DIRINDEXES:
		return e->type == TYPE_INT32 &&
		    cur_take(&at, (uint64_t)e->count * 4, &out->folder_of);
	default:
		return true;
	}
}

bool
rpm_header_read(struct cur blob, struct rpm_header *out)
{
	uint32_t entries = cur_u32be(&blob), size = cur_u32be(&blob);
	struct cur index, data;
	struct entry e;

	*out = (struct rpm_header){ 0 };
	if (!cur_ok(&blob) || entries > ENTRIES_MAX || size > DATA_MAX ||
	    !cur_take(&blob, (uint64_t)entries * 16, &index) ||
	    !cur_take(&blob, size, &data))
		return false;
	while (cur_left(&index) > 0) {
		e.tag = cur_u32be(&index);
		e.type = cur_u32be(&index);
		e.off = cur_u32be(&index);
		e.count = cur_u32be(&index);
		if (!take_entry(data, &e, out))
			return false;
	}
	return out->name.size > 0;
}

bool
rpm_header_files(const struct rpm_header *h, struct cur *room, rpm_file_fn tell,
    void *self)
{
	struct cur names = h->base_names, folders = h->folders,
		   folder_of = h->folder_of, name;
	uint32_t count = 0, i, at;

	while (count < h->folder_count && count < RPM_FOLDERS_MAX &&
	    next_text(&folders, &room[count]))
		count++;
	for (i = 0; i < h->file_count; i++) {
		at = cur_u32be(&folder_of);
		if (!cur_ok(&folder_of) || at >= count ||
		    !next_text(&names, &name))
			return false;
		tell(self, room[at], name);
	}
	return true;
}

/* --- ndb ------------------------------------------------------------------ */

#define NDB_HEAD  32u
#define NDB_SLOT  16u
#define NDB_BLOCK 16u
#define NDB_PAGE  4096u

bool
rpm_ndb_open(struct cur all, struct rpm_ndb *out)
{
	struct cur c = all;
	uint32_t version, pages;
	uint64_t slots;

	if (!cur_match(&c, RPM_NDB_MAGIC, 4))
		return false;
	version = cur_u32le(&c);
	(void)cur_u32le(&c);
	pages = cur_u32le(&c);
	slots = (uint64_t)pages * (NDB_PAGE / NDB_SLOT);
	if (!cur_ok(&c) || version != 0 || slots < NDB_HEAD / NDB_SLOT ||
	    slots * NDB_SLOT > all.size)
		return false;
	*out = (struct rpm_ndb){ .all = all,
		.slot = NDB_HEAD / NDB_SLOT,
		.slots = (uint32_t)slots };
	return true;
}

/* The blob of a slot. */
static bool
find_blob(const struct rpm_ndb *n, uint32_t package, uint32_t block,
    uint32_t blocks, struct cur *out)
{
	struct cur blob;
	uint32_t size;

	if (!cur_at(&n->all, (uint64_t)block * NDB_BLOCK,
		(uint64_t)blocks * NDB_BLOCK, &blob) ||
	    !cur_match(&blob, "BlbS", 4) || cur_u32le(&blob) != package)
		return false;
	(void)cur_u32le(&blob);
	size = cur_u32le(&blob);
	return cur_ok(&blob) && cur_take(&blob, size, out);
}

bool
rpm_ndb_next(struct rpm_ndb *n, struct cur *blob)
{
	struct cur slot;
	uint32_t package, block, blocks;

	while (n->slot < n->slots) {
		if (!cur_at(&n->all, (uint64_t)n->slot++ * NDB_SLOT, NDB_SLOT,
			&slot))
			return false;
		if (!cur_match(&slot, "Slot", 4)) {
			n->broken++;
			continue;
		}
		package = cur_u32le(&slot);
		block = cur_u32le(&slot);
		blocks = cur_u32le(&slot);
		if (package == 0)
			continue;
		if (find_blob(n, package, block, blocks, blob))
			return true;
		n->broken++;
	}
	return false;
}
