/*
 * result_fuzz.c - any frames in any order: settled, and every name found.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/result.h"

#include "lib/base/cur.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

bool
databases_signature(const struct databases *d, uint32_t database,
    uint32_t signature, struct db_signature *out)
{
	(void)d;
	memset(out, 0, sizeof(*out));
	out->kind = signature % 5;
	out->flags = signature / 5 % 2 != 0 ? SIG_PUA : 0;
	return database < 2 && signature < 64;
}

/* Make a frame of the next bytes: small numbers, so that they meet. */
static void
take_frame(struct result *r, struct cur *in)
{
	static const uint32_t kind[] = { FRAME_OBJECT, FRAME_NAME, FRAME_MATCH,
		FRAME_BYTES, FRAME_UNSCANNED, FRAME_END };
	struct frame f = { .kind = kind[cur_u8(in) % 6] };

	switch (f.kind) {
	case FRAME_OBJECT:
		f.object.object = cur_u8(in);
		f.object.parent = cur_u8(in);
		break;
	case FRAME_MATCH:
		f.match.object = cur_u8(in);
		f.match.database = cur_u8(in) % 3;
		f.match.signature = cur_u8(in);
		f.match.view = cur_u8(in) % 3;
		break;
	case FRAME_UNSCANNED:
		f.unscanned.object = cur_u8(in);
		f.unscanned.reason = cur_u8(in) % UNSCANNED_COUNT;
		break;
	default:
		f.payload.object = cur_u8(in);
		f.payload.size = cur_u16le(in) % (FRAME_PAYLOAD_MAX + 1);
		break;
	}
	result_take(r, &f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct result_object *where[RESULT_DEPTH];
	struct cur in = cur_from(data, size);
	bool all = cur_u8(&in) % 2 != 0;
	struct result r = { 0 };
	size_t i, j, count;
	char room[64];

	while (cur_left(&in) > 0)
		take_frame(&r, &in);
	result_settle(&r, NULL, all);
	if ((r.verdict == VERDICT_CLEAN) !=
	    (r.detection_count == 0 && r.gap_count == 0 && r.dropped == 0))
		abort();
	for (i = 0; i < r.detection_count; i++) {
		count = result_where(&r, r.detection[i].object, where);
		for (j = 0; j < count; j++)
			(void)result_name(&r, where[j], room);
	}
	result_free(&r);
	return 0;
}
