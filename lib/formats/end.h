/*
 * end.h - what the end of a decoder means for a child.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_END_H
#define CANDOR_FORMATS_END_H

#include "lib/codec/codec.h"
#include "lib/formats/format.h"

/* How a child ended whose decoder ended so (never CODEC_MORE). */
static inline enum format_end
end_of_codec(enum codec_end end)
{
	switch (end) {
	case CODEC_WHOLE:
		return FORMAT_WHOLE;
	case CODEC_TRUNCATED:
		return FORMAT_TRUNCATED;
	case CODEC_UNSUPPORTED:
		return FORMAT_UNSUPPORTED;
	case CODEC_LIMIT:
		return FORMAT_LIMIT;
	case CODEC_MORE:
	case CODEC_CORRUPT:
		break;
	}
	return FORMAT_MALFORMED;
}

#endif
