/*
 * mspack_cab.c - open Microsoft cabinets, over libmspack.
 *
 * Spec:    Microsoft Cabinet Format, [MS-CAB], 2023.
 * Input:   hostile; libmspack reads it through mspack_host.c.
 * Emits:   one child per file; FACT_MEMBERS.
 * Limits:  memory: the directory (at most 65,535 files) and one window (at
 *          most 2 MiB), within max_memory.
 *
 * A file whose folder began in an earlier part of a set cannot be decoded
 * from this part alone: its obstacle is FORMAT_TRUNCATED, as is the end of
 * one that goes on in the next part.  A cabinet whose directory breaks a rule
 * is read once more in libmspack's salvage mode: what makes sense is given,
 * and the walk ends FORMAT_MALFORMED.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/ckd.h"
#include "lib/formats/mspack_host.h"
#include "lib/formats/openers.h"

#include <string.h>

struct cab {
	struct mspack_host host;
	struct facts *facts;
	struct mscab_decompressor *library;
	struct mscabd_cabinet *cabinet;
	struct mscabd_file *next; /* to be described */
	struct mscabd_file *file; /* described last */
	uint32_t pos;             /* bytes of it given */
	enum format_end file_end; /* FORMAT_CHILD: not at it yet */
	enum format_end end;      /* of the walk */
	uint64_t members;
};

static void
cab_close(void *state)
{
	struct cab *c = state;

	if (c->cabinet != NULL)
		c->library->close(c->library, c->cabinet);
	mspack_destroy_cab_decompressor(c->library);
}

static enum format_end
cab_open(struct opening *in, void **state)
{
	struct cab *c = arena_alloc(in->arena, 1, sizeof(*c));
	struct mscab_decompressor *d;

	if (c == NULL)
		return FORMAT_LIMIT;
	mspack_host_init(&c->host, in);
	c->facts = in->facts;
	c->end = FORMAT_WHOLE;
	d = mspack_create_cab_decompressor(&c->host.sys);
	if (d == NULL)
		return FORMAT_LIMIT;
	c->library = d;
	c->cabinet = d->open(d, MSPACK_IN);
	if (c->cabinet == NULL) {
		c->end = mspack_host_end(&c->host, d->last_error(d));
		if (d->set_param(d, MSCABD_PARAM_SALVAGE, 1) == MSPACK_ERR_OK)
			c->cabinet = d->open(d, MSPACK_IN);
	}
	if (c->cabinet == NULL) {
		cab_close(c);
		return c->end;
	}
	c->next = c->cabinet->files;
	*state = c;
	return FORMAT_WHOLE;
}

static enum format_end
cab_next(void *state, struct child *out)
{
	struct cab *c = state;
	size_t size;

	if (c->next == NULL)
		return c->end;
	c->file = c->next;
	c->next = c->file->next;
	*out = (struct child){ .role = CHILD_MEMBER,
		.size = c->file->length,
		.obstacle = FORMAT_WHOLE };
	size = strlen(c->file->filename);
	if (size > FORMAT_NAME_MAX)
		size = FORMAT_NAME_MAX;
	memcpy(out->name, c->file->filename, size);
	out->name_size = (uint8_t)size;
	c->pos = 0;
	c->file_end = FORMAT_CHILD;
	facts_set(c->facts, FACT_MEMBERS, ++c->members);
	return FORMAT_CHILD;
}

/* How a file ended that libmspack gave up on. */
static enum format_end
cab_end(const struct cab *c, int error)
{
	int parts = MSCAB_HDR_PREVCAB | MSCAB_HDR_NEXTCAB;
	enum format_end end = mspack_host_end(&c->host, error);

	if (end == FORMAT_MALFORMED && (c->cabinet->flags & parts) != 0)
		return FORMAT_TRUNCATED; /* the rest is in another part */
	return end;
}

static size_t
cab_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct cab *c = state;
	struct mscabd_file piece = *c->file;
	int error;

	if (c->file_end == FORMAT_CHILD && c->pos == c->file->length)
		c->file_end = FORMAT_WHOLE;
	if (c->file_end != FORMAT_CHILD ||
	    ckd_add(&piece.offset, c->file->offset, c->pos)) {
		*end = c->file_end != FORMAT_CHILD ? c->file_end
						   : FORMAT_MALFORMED;
		return 0;
	}
	if (size > MSPACK_PIECE)
		size = MSPACK_PIECE;
	if (size > c->file->length - c->pos)
		size = c->file->length - c->pos;
	piece.length = (unsigned int)size;
	mspack_host_aim(&c->host, buf, size);
	error = c->library->extract(c->library, &piece, MSPACK_OUT);
	c->pos += (uint32_t)c->host.out_size;
	if (error != MSPACK_ERR_OK || c->host.out_size == 0)
		c->file_end = error != MSPACK_ERR_OK ? cab_end(c, error)
						     : FORMAT_TRUNCATED;
	if (c->host.out_size == 0)
		*end = c->file_end;
	return c->host.out_size;
}

const struct format cab_opener = {
	.name = "cab",
	.open = cab_open,
	.next = cab_next,
	.read = cab_read,
	.close = cab_close,
};
