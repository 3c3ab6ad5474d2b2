/*
 * zip_ppmd.c - ZIP's method 98, PPMd version I revision 1, by libarchive.
 *
 * Spec:    PKWARE APPNOTE 6.3.10, section 5.10.                 [APPNOTE]
 *
 * libarchive has no decoder one could call, but it reads ZIP files: it is
 * given one with one member, whose header is made here and whose data are the
 * feed's.  The first two bytes say how much memory the model wants, in MiB,
 * which is looked at before libarchive is.
 *
 * libarchive decodes a block at a time and drops it whole if the input ends
 * inside; so zeros follow the input until that block is done.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#define PARAMETERS_SIZE 2u
#define NAME_SIZE       1u
#define ZIP64_SIZE      20u
#define HEADER_SIZE     (ZIP_LOCAL_SIZE + NAME_SIZE + ZIP64_SIZE + PARAMETERS_SIZE)
#define VERSION_NEEDED  63

struct ppmd {
	struct archive *archive;
	struct feed *in;
	bool has_header;      /* it was given */
	bool is_dry;          /* the feed ended; zeros were given */
	bool is_over;         /* the block at hand is the last one */
	enum codec_end last;  /* what then */
	const uint8_t *block; /* lent by libarchive */
	size_t left;          /* bytes of it not given yet */
	uint8_t header[HEADER_SIZE];
};

static void
put(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (; bytes > 0; bytes--, value >>= 8)
		*at++ = (uint8_t)value;
}

/*
 * Write the local header of a member "a".  Sizes nobody knows are given as
 * more than will come; that the input then ends is what ends the member.
 */
static void
write_header(uint8_t *at, uint64_t packed, uint64_t size)
{
	uint64_t most = (uint64_t)1 << 62;

	put(at, 0x04034b50, 4);
	put(at + 4, VERSION_NEEDED, 2);
	put(at + 8, ZIP_PPMD, 2);
	put(at + 18, 0xffffffff, 4);
	put(at + 22, 0xffffffff, 4);
	put(at + 26, NAME_SIZE, 2);
	put(at + 28, ZIP64_SIZE, 2);
	at += ZIP_LOCAL_SIZE;
	*at++ = 'a';
	put(at, 0x0001, 2);
	put(at + 2, 16, 2);
	put(at + 4, size < most ? size : most, 8);
	put(at + 12, packed < most ? packed : most, 8);
}

static la_ssize_t
ppmd_give(struct archive *a, void *data, const void **out)
{
	static const uint8_t zeros[64];
	struct ppmd *p = data;
	size_t given;

	(void)a;
	if (!p->has_header) {
		p->has_header = true;
		*out = p->header;
		return HEADER_SIZE;
	}
	if (!feed_has(p->in)) {
		p->is_dry = true;
		*out = zeros;
		return sizeof(zeros);
	}
	*out = p->in->at;
	given = p->in->left;
	feed_step(p->in, given);
	return (la_ssize_t)given;
}

/* Have libarchive decode one more block. */
static void
ppmd_more(struct ppmd *p)
{
	const void *block = NULL;
	size_t size = 0;
	la_int64_t off;
	int r = archive_read_data_block(p->archive, &block, &size, &off);

	/* It warns that CRC and size are not those of the made-up header. */
	if (r == ARCHIVE_EOF || r == ARCHIVE_WARN)
		p->last = CODEC_WHOLE;
	else if (p->is_dry)
		p->last = CODEC_TRUNCATED;
	else if (r != ARCHIVE_OK)
		p->last = CODEC_CORRUPT;
	p->is_over = p->is_dry || r != ARCHIVE_OK;
	if (r == ARCHIVE_OK || r == ARCHIVE_WARN) {
		p->block = block;
		p->left = size;
	}
}

static size_t
ppmd_read(struct codec *c, uint8_t *buf, size_t size)
{
	struct ppmd *p = c->state;

	while (p->left == 0 && !p->is_over)
		ppmd_more(p);
	if (p->left == 0) {
		c->end = p->last;
		return 0;
	}
	if (size > p->left)
		size = p->left;
	memcpy(buf, p->block, size);
	p->block += size;
	p->left -= size;
	return size;
}

static void
ppmd_close(struct codec *c)
{
	struct ppmd *p = c->state;

	(void)archive_read_free(p->archive);
}

bool
zip_open_ppmd(struct codec *c, struct arena *a, struct feed *in,
    uint64_t packed, uint64_t size, uint64_t max_memory)
{
	static const struct codec_kind kind = { ppmd_read, ppmd_close };
	struct ppmd *p = arena_alloc(a, 1, sizeof(*p));
	struct archive_entry *entry;
	uint8_t *parameters;
	unsigned memory;

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (p == NULL)
		return false;
	p->in = in;
	parameters = p->header + HEADER_SIZE - PARAMETERS_SIZE;
	write_header(p->header, packed, size);
	if (feed_read(in, parameters, PARAMETERS_SIZE) < PARAMETERS_SIZE) {
		c->end = CODEC_TRUNCATED;
		return false;
	}
	memory = ((unsigned)parameters[0] | (unsigned)parameters[1] << 8) >> 4;
	if (((uint64_t)(memory & 0xff) + 2) << 20 > max_memory)
		return false;
	p->archive = archive_read_new();
	if (p->archive == NULL)
		return false;
	*c = (struct codec){ .kind = &kind, .in = in, .state = p };
	if (archive_read_support_format_zip_streamable(p->archive) !=
		ARCHIVE_OK ||
	    archive_read_open(p->archive, p, NULL, ppmd_give, NULL) !=
		ARCHIVE_OK ||
	    archive_read_next_header(p->archive, &entry) < ARCHIVE_WARN)
		c->end = CODEC_CORRUPT;
	return c->end == CODEC_MORE;
}
