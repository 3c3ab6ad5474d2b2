/*
 * qcow2.c - the disk behind a qcow2 image.  See qcow2.h.
 *
 *   offset  size  field                  (all big-endian)
 *        0     4  magic    "QFI\xfb"
 *        4     4  version  2 or 3
 *        8     8  backing_file_offset    0: none
 *       16     4  backing_file_size
 *       20     4  cluster_bits
 *       24     8  size     of the disk
 *       32     4  crypt_method           0: none
 *       36     4  l1_size  entries
 *       40     8  l1_table_offset
 *       72     8  incompatible_features  version 3
 *      104     1  compression_type       if header_length (at 100) has it
 *
 * An entry of the L1 table has in bits 9 to 55 where its L2 table is, one of
 * that where the cluster is.  0: there is none, and it reads as zeros; so it
 * does with bit 0.  Bit 62: it is compressed, and then
 *
 *   bits 0 to x - 1   where its bytes are, x = 62 - (cluster_bits - 8)
 *   bits x to 61      how many sectors of 512 there are after the first
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/qcow2.h"

#include <string.h>
#include <zlib.h>

#define OFFSET_MASK  0x00fffffffffffe00u
#define ENTRY_ZERO   ((uint64_t)1)
#define ENTRY_PACKED ((uint64_t)1 << 62)

/* incompatible_features */
#define FEATURE_DIRTY       1u /* of counts that we do not use */
#define FEATURE_CORRUPT     2u
#define FEATURE_DATA_FILE   4u
#define FEATURE_COMPRESSION 8u
#define FEATURE_SUBCLUSTERS 16u

/* --- the header ----------------------------------------------------------- */

static const char *
wrong_feature(uint64_t features, uint8_t compression)
{
	if ((features & FEATURE_CORRUPT) != 0)
		return "it is marked as corrupt";
	if ((features & FEATURE_DATA_FILE) != 0)
		return "its data are in another file";
	if ((features & FEATURE_SUBCLUSTERS) != 0)
		return "subclusters are not read";
	if ((features & FEATURE_COMPRESSION) != 0 && compression != 0)
		return "its compression (zstd) is not read";
	return (features & ~(uint64_t)(FEATURE_DIRTY | FEATURE_COMPRESSION)) !=
		0
	    ? "it has features that are not known"
	    : NULL;
}

/* What is wrong with the header, or NULL. */
static const char *
read_header(struct cur c, struct qcow2 *q)
{
	uint32_t version, crypt, length;
	uint64_t backing, features;

	if (!cur_match(&c, QCOW2_MAGIC, 4))
		return "not a qcow2 image";
	version = cur_u32be(&c);
	backing = cur_u64be(&c);
	(void)cur_u32be(&c);
	q->cluster_bits = cur_u32be(&c);
	q->size = cur_u64be(&c);
	crypt = cur_u32be(&c);
	q->l1_count = cur_u32be(&c);
	q->l1_offset = cur_u64be(&c);
	if (!cur_ok(&c) || version < 2 || version > 3)
		return "a version that is not known";
	if (backing != 0)
		return "only what is different from another image, its "
		       "backing file";
	if (crypt != 0)
		return "it is encrypted";
	if (q->cluster_bits < 9 || q->cluster_bits > 21 || q->size > INT64_MAX)
		return "its header is broken";
	if (version == 2)
		return NULL;
	if (!cur_seek(&c, 72))
		return "its header is broken";
	features = cur_u64be(&c);
	if (!cur_seek(&c, 100))
		return "its header is broken";
	length = cur_u32be(&c);
	return wrong_feature(features, length > 104 ? cur_u8(&c) : 0);
}

bool
qcow2_open(struct source *file, uint8_t *room, struct qcow2 *out,
    struct why *why)
{
	uint8_t head[112] = { 0 };
	const char *wrong;

	*out = (struct qcow2){ .file = file, .room = room };
	(void)source_read(file, 0, head, sizeof(head));
	wrong = read_header(cur_from(head, sizeof(head)), out);
	return wrong == NULL || why_not(why, WHY_BROKEN, "qcow2: %s", wrong);
}

/* --- clusters ------------------------------------------------------------- */

/* An entry of a table; false: it is not in the file. */
static bool
read_entry(struct qcow2 *q, uint64_t table, uint64_t index, uint64_t *out)
{
	uint8_t bytes[8] = { 0 };
	struct cur c = cur_from(bytes, sizeof(bytes));

	if (table > INT64_MAX || index > INT64_MAX / 16 ||
	    source_read(q->file, table + 8 * index, bytes, 8) != 8)
		return false;
	*out = cur_u64be(&c);
	return true;
}

/* Where a cluster is; an entry of 0 has none. */
static bool
find_cluster(struct qcow2 *q, uint64_t number, uint64_t *entry)
{
	uint32_t l2_bits = q->cluster_bits - 3;
	uint64_t l1 = number >> l2_bits;
	uint64_t l2 = number & (((uint64_t)1 << l2_bits) - 1);

	if (l1 >= q->l1_count || !read_entry(q, q->l1_offset, l1, entry))
		return false;
	if ((*entry & OFFSET_MASK) == 0) {
		*entry = 0;
		return true;
	}
	return read_entry(q, *entry & OFFSET_MASK, l2, entry);
}

/* Raw deflate (RFC 1951), in a window of 4 KiB. */
static bool
inflate_cluster(uint8_t *from, size_t from_size, uint8_t *to, size_t to_size)
{
	z_stream z = { .next_in = from,
		.avail_in = (uInt)from_size,
		.next_out = to,
		.avail_out = (uInt)to_size };
	int end;

	if (inflateInit2(&z, -12) != Z_OK)
		return false;
	end = inflate(&z, Z_FINISH);
	(void)inflateEnd(&z);
	/* The last sector may have others' bytes behind. */
	return (end == Z_STREAM_END || end == Z_BUF_ERROR) && z.avail_out == 0;
}

/* Have a compressed cluster in the front of room. */
static bool
unpack(struct qcow2 *q, uint64_t number, uint64_t entry)
{
	uint32_t x = 62 - (q->cluster_bits - 8);
	uint64_t off = entry & (((uint64_t)1 << x) - 1);
	uint64_t sectors = ((entry & (ENTRY_PACKED - 1)) >> x) + 1;
	size_t most = QCOW2_CLUSTER_MAX, size;
	uint8_t *packed = q->room + QCOW2_CLUSTER_MAX;

	if (q->unpacked == number + 1)
		return true;
	q->unpacked = 0;
	if (sectors < most / 512)
		most = (size_t)sectors * 512 - (size_t)(off & 511);
	size = source_read(q->file, off, packed, most);
	if (!inflate_cluster(packed, size, q->room,
		(size_t)1 << q->cluster_bits))
		return false;
	q->unpacked = number + 1;
	return true;
}

/* As it stands in the file, of which the last cluster may be cut short: the
   rest of that reads as zeros. */
static void
read_plain(struct qcow2 *q, uint64_t off, void *bytes, size_t size)
{
	size_t got = source_read(q->file, off, bytes, size);

	memset((uint8_t *)bytes + got, 0, size - got);
}

/* Bytes of one cluster, from at on. */
static bool
read_cluster(struct qcow2 *q, uint64_t number, uint64_t at, void *bytes,
    size_t size)
{
	uint64_t entry;

	if (!find_cluster(q, number, &entry))
		return false;
	if ((entry & ENTRY_PACKED) != 0) {
		if (!unpack(q, number, entry))
			return false;
		memcpy(bytes, q->room + at, size);
		return true;
	}
	if ((entry & ENTRY_ZERO) != 0 || (entry & OFFSET_MASK) == 0) {
		memset(bytes, 0, size);
		return true;
	}
	if ((entry & OFFSET_MASK) >= q->file->size)
		return false;
	read_plain(q, (entry & OFFSET_MASK) + at, bytes, size);
	return true;
}

size_t
qcow2_read(struct qcow2 *q, uint64_t off, void *bytes, size_t size)
{
	uint64_t cluster = (uint64_t)1 << q->cluster_bits;
	uint8_t *out = bytes;
	size_t done = 0;

	if (off >= q->size)
		return 0;
	if (size > q->size - off)
		size = (size_t)(q->size - off);
	while (done < size) {
		uint64_t at = (off + done) & (cluster - 1);
		size_t n = size - done;

		if (n > cluster - at)
			n = (size_t)(cluster - at);
		if (!read_cluster(q, (off + done) >> q->cluster_bits, at,
			out + done, n))
			break;
		done += n;
	}
	return done;
}
