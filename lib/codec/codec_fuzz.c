/*
 * codec_fuzz.c - the first byte chooses a decoder and how it is driven, the
 * rest is its input.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/codec.h"

#include <stdlib.h>

#define ARENA_SIZE ((size_t)1 << 18)
#define MEMORY_MAX ((uint64_t)16 << 20)
#define OUTPUT_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
open_method(struct codec *c, struct arena *a, struct feed *in, unsigned method)
{
	switch (method) {
	case 0:
		return codec_open_shrink(c, a, in);
	case 1:
	case 2:
	case 3:
	case 4:
		return codec_open_reduce(c, a, in, method);
	case 5:
	case 6:
	case 7:
	case 8:
		return codec_open_implode(c, a, in, method - 5);
	case 9:
		return codec_open_inflate64(c, a, in);
	case 10:
		return codec_open_arj(c, a, in);
	case 11:
		return codec_open_arj_fastest(c, a, in);
	case 12:
		return codec_open_inflate(c, a, in);
	case 13:
		return codec_open_lzma(c, a, in, MEMORY_MAX);
	case 14:
		return codec_open_zstd(c, in, MEMORY_MAX);
	default:
		return codec_open_bzip2(c, a, in);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[ARENA_SIZE], out[4096];
	size_t total = 0, got = 1;
	struct arena a;
	struct codec c;
	struct feed in;

	if (size == 0)
		return 0;
	in = feed_from(data + 1, size - 1);
	arena_init(&a, room, sizeof(room));
	if (open_method(&c, &a, &in, data[0] % 16)) {
		size_t ask = data[0] < 128 ? sizeof(out) : 7;

		while (got > 0 && total < OUTPUT_MAX) {
			got = codec_read(&c, out, ask);
			if (got > ask || (got == 0 && c.end == CODEC_MORE))
				abort();
			total += got;
		}
	}
	if (codec_used(&c) > size - 1)
		abort();
	codec_close(&c);
	return 0;
}
