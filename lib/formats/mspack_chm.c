/*
 * mspack_chm.c - open Microsoft compiled help (CHM), over libmspack.
 *
 * Spec:    none by its maker; M. Russotto, "Unofficial (Preliminary) HTML Help
 *          Specification"; libmspack agrees with it.
 * Input:   hostile; libmspack reads it through mspack_host.c.
 * Emits:   one child per file; FACT_MEMBERS.  Files of the uncompressed
 *          section are ranges; the system's own (their names begin with "::")
 *          are left out, since they describe the rest.
 * Limits:  memory: the directory and one window (at most 2 MiB), within
 *          max_memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/ckd.h"
#include "lib/formats/mspack_host.h"
#include "lib/formats/openers.h"

#include <string.h>

struct chm {
	struct mspack_host host;
	struct facts *facts;
	struct mschm_decompressor *library;
	struct mschmd_header *help;
	struct mschmd_file *next; /* to be described */
	struct mschmd_file *file; /* described last */
	uint64_t pos;             /* bytes of it given */
	enum format_end file_end; /* FORMAT_CHILD: not at it yet */
	uint64_t members;
};

static void
chm_close(void *state)
{
	struct chm *c = state;

	if (c->help != NULL)
		c->library->close(c->library, c->help);
	mspack_destroy_chm_decompressor(c->library);
}

static enum format_end
chm_open(struct opening *in, void **state)
{
	struct chm *c = arena_alloc(in->arena, 1, sizeof(*c));
	enum format_end end;

	if (c == NULL)
		return FORMAT_LIMIT;
	mspack_host_init(&c->host, in);
	c->facts = in->facts;
	c->library = mspack_create_chm_decompressor(&c->host.sys);
	if (c->library == NULL)
		return FORMAT_LIMIT;
	c->help = c->library->open(c->library, MSPACK_IN);
	if (c->help == NULL) {
		end = mspack_host_end(&c->host,
		    c->library->last_error(c->library));
		chm_close(c);
		return end != FORMAT_WHOLE ? end : FORMAT_MALFORMED;
	}
	c->next = c->help->files;
	*state = c;
	return FORMAT_WHOLE;
}

/* Where the bytes of a file stand in the source as they are, say where. */
static void
chm_find_range(const struct chm *c, struct child *out)
{
	uint64_t off;

	if (c->file->section->id != 0)
		return;
	if (c->file->offset < 0 || c->help->sec0.offset < 0 ||
	    ckd_add(&off, (uint64_t)c->help->sec0.offset,
		(uint64_t)c->file->offset)) {
		out->obstacle = FORMAT_MALFORMED;
		return;
	}
	out->is_range = true;
	out->off = off;
}

static enum format_end
chm_next(void *state, struct child *out)
{
	struct chm *c = state;
	size_t size;

	/* Names of folders end with a slash, and they hold nothing. */
	while (c->next != NULL && c->next->length == 0)
		c->next = c->next->next;
	if (c->next == NULL)
		return FORMAT_WHOLE;
	c->file = c->next;
	c->next = c->file->next;
	*out = (struct child){ .role = CHILD_MEMBER,
		.size = (uint64_t)c->file->length,
		.obstacle =
		    c->file->length < 0 ? FORMAT_MALFORMED : FORMAT_WHOLE };
	size = strlen(c->file->filename);
	if (size > FORMAT_NAME_MAX)
		size = FORMAT_NAME_MAX;
	memcpy(out->name, c->file->filename, size);
	out->name_size = (uint8_t)size;
	chm_find_range(c, out);
	c->pos = 0;
	c->file_end = FORMAT_CHILD;
	facts_set(c->facts, FACT_MEMBERS, ++c->members);
	return FORMAT_CHILD;
}

static size_t
chm_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct chm *c = state;
	struct mschmd_file piece = *c->file;
	uint64_t left = (uint64_t)c->file->length - c->pos;
	int error;

	if (c->file_end == FORMAT_CHILD && left == 0)
		c->file_end = FORMAT_WHOLE;
	if (c->file_end == FORMAT_CHILD &&
	    ckd_add(&piece.offset, c->file->offset, (off_t)c->pos))
		c->file_end = FORMAT_MALFORMED;
	if (c->file_end != FORMAT_CHILD) {
		*end = c->file_end;
		return 0;
	}
	if (size > MSPACK_PIECE)
		size = MSPACK_PIECE;
	if (size > left)
		size = (size_t)left;
	piece.length = (off_t)size;
	mspack_host_aim(&c->host, buf, size);
	error = c->library->extract(c->library, &piece, MSPACK_OUT);
	c->pos += c->host.out_size;
	if (error != MSPACK_ERR_OK)
		c->file_end = mspack_host_end(&c->host, error);
	else if (c->host.out_size == 0)
		c->file_end = FORMAT_TRUNCATED;
	if (c->host.out_size == 0)
		*end = c->file_end;
	return c->host.out_size;
}

const struct format chm_opener = {
	.name = "chm",
	.open = chm_open,
	.next = chm_next,
	.read = chm_read,
	.close = chm_close,
};
