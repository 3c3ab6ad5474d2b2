/*
 * mspack_kwaj.c - open the other files of Microsoft's compress.exe (KWAJ),
 *                 over libmspack.
 *
 * Spec:    none by its maker; libmspack's documentation, "SZDD and KWAJ file
 *          formats", 3.
 * Input:   hostile; libmspack reads it through mspack_host.c.
 * Emits:   one child; FACT_MEMBERS.
 * Limits:  KWAJ_MAX bytes of data.  These files came on floppy disks, and
 *          libmspack can only push them whole: each read decodes from the
 *          start and keeps what it wants.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/mspack_host.h"
#include "lib/formats/openers.h"

#include <string.h>

#define KWAJ_MAX ((uint64_t)8 << 20)

struct kwaj {
	struct mspack_host host;
	struct facts *facts;
	struct mskwaj_decompressor *library;
	struct mskwajd_header *header;
	uint64_t pos; /* given */
	bool is_described;
	enum format_end end; /* FORMAT_CHILD: not at it yet */
};

static void
kwaj_close(void *state)
{
	struct kwaj *k = state;

	if (k->header != NULL)
		k->library->close(k->library, k->header);
	mspack_destroy_kwaj_decompressor(k->library);
}

static enum format_end
kwaj_open(struct opening *in, void **state)
{
	struct kwaj *k = arena_alloc(in->arena, 1, sizeof(*k));
	enum format_end end;

	if (k == NULL)
		return FORMAT_LIMIT;
	mspack_host_init(&k->host, in);
	k->facts = in->facts;
	k->end = FORMAT_CHILD;
	k->library = mspack_create_kwaj_decompressor(&k->host.sys);
	if (k->library == NULL)
		return FORMAT_LIMIT;
	k->header = k->library->open(k->library, MSPACK_IN);
	if (k->header == NULL) {
		end = mspack_host_end(&k->host,
		    k->library->last_error(k->library));
		kwaj_close(k);
		return end != FORMAT_WHOLE ? end : FORMAT_MALFORMED;
	}
	*state = k;
	return FORMAT_WHOLE;
}

static enum format_end
kwaj_next(void *state, struct child *out)
{
	struct kwaj *k = state;
	size_t size = 0;

	if (k->is_described)
		return FORMAT_WHOLE;
	k->is_described = true;
	*out = (struct child){ .role = CHILD_MEMBER,
		.size = (k->header->headers & MSKWAJ_HDR_HASLENGTH) != 0 &&
			k->header->length >= 0
		    ? (uint64_t)k->header->length
		    : SOURCE_SIZE_UNKNOWN,
		.obstacle = FORMAT_WHOLE };
	if (k->header->filename != NULL)
		size = strlen(k->header->filename);
	if (size > FORMAT_NAME_MAX)
		size = FORMAT_NAME_MAX;
	if (size > 0)
		memcpy(out->name, k->header->filename, size);
	out->name_size = (uint8_t)size;
	facts_set(k->facts, FACT_MEMBERS, 1);
	return FORMAT_CHILD;
}

static size_t
kwaj_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct kwaj *k = state;
	int error;

	if (k->end == FORMAT_CHILD && k->pos >= KWAJ_MAX)
		k->end = FORMAT_LIMIT;
	if (k->end != FORMAT_CHILD) {
		*end = k->end;
		return 0;
	}
	mspack_host_aim(&k->host, buf, size);
	k->host.out_skip = k->pos;
	error = k->library->extract(k->library, k->header, MSPACK_OUT);
	k->pos += k->host.out_size;
	if (error != MSPACK_ERR_OK && k->host.out_over)
		return k->host.out_size; /* it stopped because we did */
	k->end = mspack_host_end(&k->host, error);
	if (k->host.out_size == 0)
		*end = k->end;
	return k->host.out_size;
}

const struct format kwaj_opener = {
	.name = "kwaj",
	.open = kwaj_open,
	.next = kwaj_next,
	.read = kwaj_read,
	.close = kwaj_close,
};
