/*
 * wrap_zstd.c - Zstandard (RFC 8878), by libzstd.
 *
 * A frame says how big a window it needs; frames that want more than may be
 * had are refused.  Frames may follow each other; what follows a frame and
 * does not begin like one is not part of the data.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/codec.h"

#include <zstd.h>
#include <zstd_errors.h>

static enum codec_end
end_of(size_t r)
{
	ZSTD_ErrorCode code = ZSTD_getErrorCode(r);

	if (code == ZSTD_error_frameParameter_windowTooLarge ||
	    code == ZSTD_error_memory_allocation)
		return CODEC_LIMIT;
	if (code == ZSTD_error_dictionary_wrong ||
	    code == ZSTD_error_version_unsupported ||
	    code == ZSTD_error_frameParameter_unsupported)
		return CODEC_UNSUPPORTED;
	return CODEC_CORRUPT;
}

/*
 * Does another frame begin, or a skippable one, going by its first two bytes
 * (one, where the piece ends)?  In a ZIP file "PK" may follow.
 */
static bool
unzstd_goes_on(struct feed *in)
{
	if (!feed_has(in))
		return false;
	if (*in->at == 0x28)
		return in->left < 2 || in->at[1] == 0xb5;
	return *in->at >> 4 == 5 && (in->left < 2 || in->at[1] == 0x2a);
}

static size_t
unzstd_read(struct codec *c, uint8_t *buf, size_t size)
{
	ZSTD_outBuffer out = { buf, size, 0 };

	do {
		bool has = feed_has(c->in);
		ZSTD_inBuffer in = { c->in->at, c->in->left, 0 };
		size_t r = ZSTD_decompressStream(c->state, &out, &in);

		feed_step(c->in, in.pos);
		if (ZSTD_isError(r))
			c->end = end_of(r);
		else if (r == 0 && !unzstd_goes_on(c->in))
			c->end = CODEC_WHOLE;
		else if (r != 0 && !has && out.pos == 0)
			c->end = CODEC_TRUNCATED;
	} while (c->end == CODEC_MORE && out.pos == 0);
	return out.pos;
}

static void
unzstd_close(struct codec *c)
{
	(void)ZSTD_freeDStream(c->state);
}

bool
codec_open_zstd(struct codec *c, struct feed *in, uint64_t max_memory)
{
	static const struct codec_kind kind = { unzstd_read, unzstd_close };
	ZSTD_DStream *z = ZSTD_createDStream();
	int window_log = 10;

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (z == NULL)
		return false;

	/* libzstd takes the window and some hundred KiB. */
	while (window_log < 30 && ((uint64_t)2 << window_log) <= max_memory)
		window_log++;
	(void)ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, window_log);
	*c = (struct codec){ .kind = &kind, .in = in, .state = z };
	return true;
}
