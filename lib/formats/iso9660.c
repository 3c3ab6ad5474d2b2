/*
 * iso9660.c - walk the files of an ISO 9660 image.
 *
 * Spec:    ECMA-119 4th edition (June 2019).                    [ECMA-119]
 *          Joliet Specification, Microsoft, 1995.               [Joliet]
 *          "El Torito" Bootable CD-ROM Format 1.0, 1995.        [ElTorito]
 * Input:   hostile; read through struct window and struct cur only.
 * Emits:   FACT_MEMBERS; a child per file that has bytes: first those of the
 *          tree with the best names, then what only another tree lists, then
 *          boot images that no file covers.
 * Limits:  ISO_DEPTH directories inside each other; a directory is walked
 *          once, and all of them together no more than DIRECTORY_TIMES the
 *          size of the image.
 *
 * Sectors 0 to 15 belong to the system.  From 16 on stand descriptors, one a
 * sector, until one of type 255:                               [ECMA-119 8]
 *
 *   offset  size  field
 *        0     1  type: 0 boot, 1 primary, 2 supplementary, 255 end
 *        1     5  "CD001"
 *        6     1  version
 *       71     4  boot: sector of the catalogue, little-endian
 *       88     3  supplementary: "%/@", "%/C" or "%/E" is Joliet
 *      128     4  bytes in a block, little-endian and big-endian
 *      156    34  record of the root directory
 *
 * Images of raw sectors (2352 bytes and the like) are read, too; their files
 * are not ranges, since every 2048 bytes of data stand alone.
 *
 * A number is written in both byte orders; a file whose two forms disagree is
 * given both ways.  An interleaved file is given as ECMA-119 has it and as the
 * many readers have it that do not know interleaving.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/iso9660.h"

#include "lib/base/ckd.h"
#include "lib/formats/openers.h"
#include "lib/formats/seen.h"

#include <string.h>

#define ISO_DEPTH        128u
#define DESCRIPTORS_MAX  64u
#define UDF_DESCRIPTORS  8u /* looked at behind those */
#define FIRST_DESCRIPTOR 16u
#define TREES_MAX        8u
#define EXTENTS_MAX      64u
#define BOOTS_MAX        64u /* entries in one sector of the catalogue */
#define READINGS_MAX     3u  /* of one file */
#define DIRECTORY_TIMES  4u
#define DIRECTORY_MORE   ((uint64_t)1 << 20)
#define SEEN_FILES       ((size_t)1 << 20)
#define SEEN_DIRECTORIES ((size_t)1 << 16)

enum phase {
	TREES,
	BOOT,
	OVER
};

/* A directory being walked, in bytes of data from the start of the disc. */
struct frame {
	uint64_t at;
	uint64_t end;
};

struct extent {
	uint64_t off; /* bytes of data from the start of the disc */
	uint64_t size;
};

/* A file, as one way of reading its record has it. */
struct file {
	struct extent extent[EXTENTS_MAX];
	size_t extents;
	uint64_t unit, gap; /* bytes; 0: not interleaved */
};

struct iso {
	struct iso_disc disc;
	struct facts *facts;
	enum phase phase;
	enum format_end end; /* of the walk, the worst so far */

	struct iso_tree tree[TREES_MAX];
	size_t trees, tree_at;
	struct frame stack[ISO_DEPTH];
	size_t depth;
	uint64_t walked; /* bytes of directories */
	struct seen directories, files;

	uint64_t catalogue; /* sector; 0: none */
	uint32_t boot_at;   /* entry of it */

	struct iso_record record; /* of the file being described */
	struct file reading[READINGS_MAX];
	size_t readings;
	struct file file; /* being read */
	size_t extent_at; /* of it */
	uint64_t pos;     /* in that extent */
	uint64_t members;
};

static void
trouble(struct iso *z, enum format_end end)
{
	if (z->end == FORMAT_WHOLE)
		z->end = end;
}

bool
iso_sector(struct iso_disc *d, uint64_t sector, struct cur *out)
{
	uint64_t at;

	if (ckd_mul(&at, sector, d->stride) || ckd_add(&at, at, d->lead)) {
		*out = cur_from(NULL, 0);
		return false;
	}
	return window_cur(&d->window, at, ISO_SECTOR, out);
}

/* Does the file end before this byte of data? */
static bool
is_beyond(struct iso *z, uint64_t off)
{
	uint64_t sector = off / ISO_SECTOR, at;

	return ckd_mul(&at, sector, z->disc.stride) ||
	    ckd_add(&at, at, z->disc.lead + off % ISO_SECTOR) ||
	    (z->disc.window.source->size != SOURCE_SIZE_UNKNOWN &&
		at > z->disc.window.source->size);
}

/* Was this seen before?  What cannot be noted is always new. */
static enum seen_answer
see(struct seen *s, uint64_t off, uint64_t size)
{
	if (off / 512 > UINT32_MAX || size > UINT32_MAX)
		return SEEN_FULL;
	return seen_add(s, (off / 512) << 32 | size);
}

/* --- descriptors --------------------------------------------------------- */

/* Find out how the sectors lie: where does "CD001" stand? */
static bool
find_geometry(struct iso_disc *d)
{
	static const struct {
		uint16_t stride, lead;
	} known[] = { { 2048, 0 }, { 2352, 16 }, { 2352, 24 }, { 2336, 8 },
		{ 2336, 0 }, { 2448, 16 }, { 2448, 24 } };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct cur c;

		d->stride = known[i].stride;
		d->lead = known[i].lead;
		if (iso_sector(d, FIRST_DESCRIPTOR, &c) && cur_skip(&c, 1) &&
		    cur_match(&c, "CD001", 5))
			return true;
	}
	return false;
}

/* Note the tree that a primary or supplementary descriptor names. */
static void
add_tree(struct iso *z, const struct cur *descriptor, uint8_t type)
{
	struct iso_tree t = { .names = ISO_PLAIN };
	struct cur c;
	size_t i;

	if (cur_at(descriptor, 88, 3, &c) && type == 2 &&
	    (cur_is(&c, "%/@") || cur_is(&c, "%/C") || cur_is(&c, "%/E")))
		t.names = ISO_JOLIET;
	if (!cur_at(descriptor, 128, 2, &c))
		return;
	t.block_size = cur_u16le(&c);
	if (t.block_size != 512 && t.block_size != 1024)
		t.block_size = ISO_SECTOR;
	if (!cur_at(descriptor, 156, 34, &c) || !cur_skip(&c, 1))
		return;
	t.root = cur_u8(&c); /* blocks of extended attributes */
	t.root += cur_u32le(&c);
	(void)cur_u32be(&c);
	t.root_size = cur_u32le(&c);
	for (i = 0; i < z->trees; i++)
		if (z->tree[i].root == t.root && z->tree[i].names == t.names)
			return;
	if (z->trees == TREES_MAX) {
		trouble(z, FORMAT_LIMIT);
		return;
	}
	if (t.names == ISO_PLAIN)
		iso_look_for_rock_ridge(&z->disc, &t);
	z->tree[z->trees++] = t;
}

/*
 * A disc may have a second file system, UDF, whose descriptors stand behind
 * ours, and whose files ours need not list.      [ECMA-167 2/9.1, 3/9.1]
 */
static void
look_for_udf(struct iso *z, uint32_t sector)
{
	uint32_t end = sector + UDF_DESCRIPTORS;
	struct cur c;

	for (; sector < end && iso_sector(&z->disc, sector, &c); sector++)
		if (cur_skip(&c, 1) && cur_match(&c, "NSR0", 4)) {
			trouble(z, FORMAT_UNSUPPORTED);
			return;
		}
}

/* Read the descriptors; FORMAT_WHOLE if there is a tree. */
static enum format_end
read_descriptors(struct iso *z)
{
	uint32_t sector = FIRST_DESCRIPTOR;

	for (; sector < FIRST_DESCRIPTOR + DESCRIPTORS_MAX; sector++) {
		struct cur c, boot;
		uint8_t type;

		if (!iso_sector(&z->disc, sector, &c)) {
			trouble(z, FORMAT_TRUNCATED);
			break;
		}
		type = cur_u8(&c);
		if (!cur_match(&c, "CD001", 5) || type == 255)
			break;
		if (type == 1 || type == 2)
			add_tree(z, &c, type);
		else if (type == 0 && cur_at(&c, 71, 4, &boot))
			z->catalogue = cur_u32le(&boot);
	}
	look_for_udf(z, sector);
	return z->trees > 0          ? FORMAT_WHOLE
	    : z->end == FORMAT_WHOLE ? FORMAT_MALFORMED
				     : z->end;
}

/* Put the tree with the best names first. */
static void
order_trees(struct iso *z)
{
	size_t best = 0, i;
	struct iso_tree t;

	for (i = 1; i < z->trees; i++)
		if (z->tree[i].names > z->tree[best].names)
			best = i;
	if (z->trees == 0)
		return;
	t = z->tree[0];
	z->tree[0] = z->tree[best];
	z->tree[best] = t;
}

/* --- directories --------------------------------------------------------- */

static void
enter(struct iso *z, uint64_t off, uint32_t size)
{
	enum seen_answer answer = see(&z->directories, off, size);

	if (answer == SEEN_BEFORE)
		return;
	if (answer == SEEN_FULL || z->depth == ISO_DEPTH) {
		trouble(z, FORMAT_LIMIT);
		return;
	}
	z->stack[z->depth++] = (struct frame){ off, off + size };
}

/* May one more sector of directories be read? */
static bool
may_walk(struct iso *z)
{
	uint64_t size = z->disc.window.source->size, most;

	if (size == SOURCE_SIZE_UNKNOWN ||
	    ckd_mul(&most, size, DIRECTORY_TIMES) ||
	    ckd_add(&most, most, DIRECTORY_MORE))
		most = (uint64_t)1 << 30;
	return z->walked <= most;
}

/* Read the next record of the directory on top; false at its end. */
static bool
next_record(struct iso *z, struct iso_record *out)
{
	struct frame *f = &z->stack[z->depth - 1];

	while (f->at < f->end) {
		uint64_t sector = f->at / ISO_SECTOR;
		uint64_t next = (sector + 1) * ISO_SECTOR;
		struct cur c;
		uint8_t size;

		z->walked += f->at % ISO_SECTOR == 0 ? ISO_SECTOR : 0;
		if (!may_walk(z) || !iso_sector(&z->disc, sector, &c)) {
			trouble(z,
			    may_walk(z) ? FORMAT_TRUNCATED : FORMAT_LIMIT);
			break;
		}
		if (!cur_skip(&c, f->at % ISO_SECTOR))
			break;
		size = cur_left(&c) > 0 ? c.base[c.pos] : 0;
		if (size == 0) {
			f->at = next;
			continue;
		}
		f->at = size <= cur_left(&c) ? f->at + size : next;
		if (iso_read_record(&z->disc, &z->tree[z->tree_at], &c, out))
			return true;
		trouble(z, FORMAT_MALFORMED);
	}
	f->at = f->end;
	return false;
}

static void
add_extent(struct iso *z, struct file *file, uint64_t off, uint64_t size)
{
	struct extent *last =
	    file->extents > 0 ? &file->extent[file->extents - 1] : NULL;

	if (is_beyond(z, off + size))
		trouble(z, FORMAT_TRUNCATED);
	if (last != NULL && last->off + last->size == off)
		last->size += size;
	else if (file->extents == EXTENTS_MAX)
		trouble(z, FORMAT_LIMIT);
	else
		file->extent[file->extents++] = (struct extent){ off, size };
}

static struct file *
add_reading(struct iso *z)
{
	struct file *file = &z->reading[z->readings++];

	*file = (struct file){ 0 };
	return file;
}

/* Take a file's other extents, which stand in the records that follow. */
static void
take_extents(struct iso *z, struct file *file, uint32_t block_size)
{
	struct iso_record r = z->record;

	while ((r.flags & ISO_MORE) != 0 && next_record(z, &r))
		add_extent(z, file, r.block * block_size, r.size);
}

/* Note every reading of the file in z->record. */
static void
read_file(struct iso *z)
{
	const struct iso_record *r = &z->record;
	uint32_t block_size = z->tree[z->tree_at].block_size;
	struct file *file;

	/* With more extents, the first one alone tells no files apart. */
	if (r->size > 0 &&
	    ((r->flags & ISO_MORE) != 0 ||
		see(&z->files, r->block * block_size, r->size) !=
		    SEEN_BEFORE)) {
		file = add_reading(z);
		add_extent(z, file, r->block * block_size, r->size);
		take_extents(z, file, block_size);
	}
	if (z->readings > 0 && r->unit > 0 && r->gap > 0) {
		file = add_reading(z);
		*file = z->reading[0];
		file->unit = (uint64_t)r->unit * block_size;
		file->gap = (uint64_t)r->gap * block_size;
	}
	if ((r->other_block != r->block || r->other_size != r->size) &&
	    r->other_size > 0 &&
	    !is_beyond(z, r->other_block * block_size + r->other_size) &&
	    see(&z->files, r->other_block * block_size, r->other_size) !=
		SEEN_BEFORE)
		add_extent(z, add_reading(z), r->other_block * block_size,
		    r->other_size);
}

/* Go on in the trees until a file was read; false when they are done. */
static bool
next_file(struct iso *z)
{
	while (z->readings == 0) {
		const struct iso_tree *t = &z->tree[z->tree_at];

		if (z->depth == 0)
			return false;
		if (!next_record(z, &z->record)) {
			z->depth--;
			continue;
		}
		if (z->record.is_self)
			continue;
		if ((z->record.flags & ISO_DIRECTORY) != 0)
			enter(z, z->record.block * t->block_size,
			    z->record.size);
		else
			read_file(z);
	}
	return true;
}

/* Start on the next tree; false after the last. */
static bool
next_tree(struct iso *z, bool is_first)
{
	z->tree_at += !is_first;
	if (z->tree_at >= z->trees)
		return false;
	enter(z, z->tree[z->tree_at].root * z->tree[z->tree_at].block_size,
	    z->tree[z->tree_at].root_size);
	return true;
}

/* --- boot images --------------------------------------------------------- */

/* How big a disk does the partition table of an image say it is? */
static uint64_t
disk_size(struct iso *z, uint64_t off)
{
	struct cur c;
	uint64_t size;

	if (!iso_sector(&z->disc, off / ISO_SECTOR, &c) ||
	    !cur_skip(&c, 446 + 8))
		return 0;
	size = cur_u32le(&c); /* first sector of the first partition */
	size += cur_u32le(&c);
	return size * 512;
}

/* How many bytes does this kind of boot image have?      [ElTorito, 2.4] */
static uint64_t
boot_size(struct iso *z, uint8_t media, uint16_t sectors, uint64_t off)
{
	switch (media & 0x0f) {
	case 1:
		return 1200 * 1024;
	case 2:
		return 1440 * 1024;
	case 3:
		return 2880 * 1024;
	case 4:
		return disk_size(z, off);
	default:
		return (uint64_t)sectors * 512;
	}
}

static void
name_boot(struct iso *z)
{
	uint8_t name[] = "boot image 00";

	z->record.name_size = sizeof(name) - 1;
	name[sizeof(name) - 3] = (uint8_t)('0' + z->boot_at / 10);
	name[sizeof(name) - 2] = (uint8_t)('0' + z->boot_at % 10);
	memcpy(z->record.name, name, sizeof(name) - 1);
}

/* Find the next image the boot catalogue names. */
static bool
next_boot(struct iso *z)
{
	/* Entry 0 only says that this is a catalogue. */
	while (z->catalogue != 0 && ++z->boot_at < BOOTS_MAX) {
		struct cur c;
		uint8_t indicator, media;
		uint16_t sectors;
		uint64_t off, size;

		if (!iso_sector(&z->disc, z->catalogue, &c)) {
			trouble(z, FORMAT_TRUNCATED);
			return false;
		}
		if (cur_u8(&c) != 1 || !cur_seek(&c, 32 * (uint64_t)z->boot_at))
			return false;
		indicator = cur_u8(&c);
		media = cur_u8(&c);
		(void)cur_u32le(&c); /* segment, system type, unused */
		sectors = cur_u16le(&c);
		off = (uint64_t)cur_u32le(&c) * ISO_SECTOR;

		/* Entry 1 may say "not bootable" and have an image still. */
		if (indicator != 0x88 && (indicator != 0 || off == 0))
			continue;
		size = boot_size(z, media, sectors, off);
		if (size == 0 || see(&z->files, off, size) == SEEN_BEFORE)
			continue;
		name_boot(z);
		add_extent(z, add_reading(z), off, size);
		return true;
	}
	return false;
}

/* --- the walk ------------------------------------------------------------ */

static enum format_end
describe(struct iso *z, struct child *out)
{
	const struct file *file = &z->file;
	size_t i;

	z->file = z->reading[0];
	z->readings--;
	memmove(z->reading, z->reading + 1, z->readings * sizeof(z->file));
	z->extent_at = 0;
	z->pos = 0;
	facts_set(z->facts, FACT_MEMBERS, ++z->members);
	*out = (struct child){ .role = CHILD_MEMBER,
		.name_size = z->record.name_size,
		.obstacle = FORMAT_WHOLE };
	memcpy(out->name, z->record.name, z->record.name_size);
	for (i = 0; i < file->extents; i++)
		out->size += file->extent[i].size;
	out->is_range = file->extents == 1 && file->unit == 0 &&
	    z->disc.stride == ISO_SECTOR;
	if (out->is_range)
		out->off = file->extent[0].off;
	return FORMAT_CHILD;
}

static enum format_end
iso_next(void *state, struct child *out)
{
	struct iso *z = state;

	for (;;) {
		if (z->readings > 0)
			return describe(z, out);
		switch (z->phase) {
		case TREES:
			if (!next_file(z) && !next_tree(z, false))
				z->phase = BOOT;
			break;
		case BOOT:
			if (!next_boot(z))
				z->phase = OVER;
			break;
		case OVER:
		default:
			return z->end;
		}
	}
}

/* Where on the disc is the byte at pos of an interleaved extent? */
static uint64_t
place(const struct file *file, const struct extent *e, uint64_t pos,
    uint64_t *run)
{
	uint64_t units;

	if (file->unit == 0) {
		*run = e->size - pos;
		return e->off + pos;
	}
	units = pos / file->unit;
	*run = file->unit - pos % file->unit;
	return e->off + units * (file->unit + file->gap) + pos % file->unit;
}

static size_t
iso_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct iso *z = state;
	const struct extent *e = &z->file.extent[z->extent_at];
	uint64_t at, run;
	struct cur c;

	while (z->extent_at < z->file.extents && z->pos == e->size) {
		z->pos = 0;
		e = &z->file.extent[++z->extent_at];
	}
	if (z->extent_at == z->file.extents) {
		*end = FORMAT_WHOLE;
		return 0;
	}
	at = place(&z->file, e, z->pos, &run);
	if (run > e->size - z->pos)
		run = e->size - z->pos;

	/* What is left of the last sector of a cut image is not given. */
	if (!iso_sector(&z->disc, at / ISO_SECTOR, &c) ||
	    !cur_skip(&c, at % ISO_SECTOR)) {
		*end = FORMAT_TRUNCATED;
		return 0;
	}
	if (size > cur_left(&c))
		size = cur_left(&c);
	if (size > run)
		size = (size_t)run;
	memcpy(buf, c.base + c.pos, size);
	z->pos += size;
	return size;
}

static enum format_end
iso_open(struct opening *in, void **state)
{
	struct iso *z = arena_alloc(in->arena, 1, sizeof(*z));
	enum format_end end;

	if (z == NULL || !window_init(&z->disc.window, in->source, in->arena))
		return FORMAT_LIMIT;
	z->facts = in->facts;
	z->end = FORMAT_WHOLE;
	if (!find_geometry(&z->disc))
		return window_has(&z->disc.window,
			   (FIRST_DESCRIPTOR + 1) * ISO_SECTOR)
		    ? FORMAT_MALFORMED
		    : FORMAT_TRUNCATED;
	end = read_descriptors(z);
	if (end != FORMAT_WHOLE)
		return end;
	order_trees(z);
	seen_init(&z->directories, in->arena, SEEN_DIRECTORIES);
	seen_init(&z->files, in->arena, SEEN_FILES);
	(void)next_tree(z, true);
	facts_set(z->facts, FACT_MEMBERS, 0);
	*state = z;
	return FORMAT_WHOLE;
}

const struct format iso9660_opener = {
	.name = "iso9660",
	.open = iso_open,
	.next = iso_next,
	.read = iso_read,
};
