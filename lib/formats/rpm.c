/*
 * rpm.c - open RPM packages.
 *
 * Spec:    RPM Package Manager manual, "Package format V3" and "V4"
 *          (rpm.org/docs, rpm 4.18); Linux Standard Base 5.0, chapter 25 [LSB].
 * Input:   hostile; read through struct window and struct cur only.
 * Emits:   one child, the payload as it stands: a cpio archive compressed by
 *          gzip, bzip2, xz, lzma or zstd, which is a child's child and
 *          someone else's work; FACT_MEMBERS.
 * Limits:  none: two headers are stepped over, none is kept.
 *
 *   offset  size  field                                        [LSB 25.2]
 *        0    96  lead       ed ab ee db ...
 *       96        signature  a header; then zeros up to a multiple of 8
 *                 header     another
 *                 payload    to the end of the file
 *
 * A header, big-endian:
 *
 *        0     3  magic    8e ad e8
 *        3     1  version
 *        4     4  reserved
 *        8     4  count    of index entries, 16 bytes each
 *       12     4  size     of the data behind them
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "lib/formats/window.h"

#define LEAD_SIZE   96u
#define HEADER_SIZE 16u
#define ENTRY_SIZE  16u

struct rpm {
	struct source *source;
	struct facts *facts;
	uint64_t payload;
	bool is_described;
};

/* Step over the header at *at. */
static enum format_end
rpm_skip_header(struct window *w, uint64_t *at)
{
	struct cur c;
	uint64_t count, size;

	if (!window_cur(w, *at, HEADER_SIZE, &c))
		return FORMAT_TRUNCATED;
	if (!cur_match(&c, "\x8e\xad\xe8", 3))
		return FORMAT_MALFORMED;
	(void)cur_u8(&c);    /* version */
	(void)cur_u32be(&c); /* reserved */
	count = cur_u32be(&c);
	size = cur_u32be(&c);
	/* At most 2^36 and 2^32, on an offset that is no larger: no wrap. */
	*at += HEADER_SIZE + count * ENTRY_SIZE + size;
	return window_has(w, *at) ? FORMAT_WHOLE : FORMAT_TRUNCATED;
}

static enum format_end
rpm_open(struct opening *in, void **state)
{
	struct rpm *r = arena_alloc(in->arena, 1, sizeof(*r));
	struct window w;
	struct cur c;
	uint64_t at = LEAD_SIZE;
	enum format_end end;

	if (r == NULL || !window_init(&w, in->source, in->arena))
		return FORMAT_LIMIT;
	if (!window_cur(&w, 0, LEAD_SIZE, &c))
		return FORMAT_TRUNCATED;
	if (!cur_match(&c, "\xed\xab\xee\xdb", 4))
		return FORMAT_MALFORMED;
	end = rpm_skip_header(&w, &at);
	at = (at + 7) / 8 * 8;
	if (end == FORMAT_WHOLE)
		end = rpm_skip_header(&w, &at);
	*r = (struct rpm){
		.source = in->source, .facts = in->facts, .payload = at
	};
	*state = r;
	return end;
}

static enum format_end
rpm_next(void *state, struct child *out)
{
	struct rpm *r = state;

	if (r->is_described)
		return FORMAT_WHOLE;
	r->is_described = true;
	if (!source_has(r->source, r->payload))
		return FORMAT_TRUNCATED;
	*out = (struct child){ .role = CHILD_MEMBER,
		.name = "payload",
		.name_size = 7,
		.size = SOURCE_SIZE_UNKNOWN,
		.is_range = true,
		.off = r->payload,
		.obstacle = FORMAT_WHOLE };
	if (r->source->size != SOURCE_SIZE_UNKNOWN)
		out->size = r->source->size - r->payload;
	facts_set(r->facts, FACT_MEMBERS, 1);
	return FORMAT_CHILD;
}

const struct format rpm_opener = {
	.name = "rpm",
	.open = rpm_open,
	.next = rpm_next,
};
