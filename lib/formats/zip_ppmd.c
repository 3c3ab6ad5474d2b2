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
	bool has_header; /* it was given */
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
	struct ppmd *p = data;
	size_t given;

	(void)a;
	if (!p->has_header) {
		p->has_header = true;
		*out = p->header;
		return HEADER_SIZE;
	}
	if (!feed_has(p->in))
		return 0;
	*out = p->in->at;
	given = p->in->left;
	feed_step(p->in, given);
	return (la_ssize_t)given;
}

static size_t
ppmd_read(struct codec *c, uint8_t *buf, size_t size)
{
	struct ppmd *p = c->state;
	la_ssize_t got = archive_read_data(p->archive, buf, size);

	if (got > 0)
		return (size_t)got;
	if (got == 0)
		c->end = CODEC_WHOLE;
	else
		c->end = feed_has(p->in) ? CODEC_CORRUPT : CODEC_TRUNCATED;
	return 0;
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
