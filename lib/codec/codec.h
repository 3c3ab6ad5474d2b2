/*
 * codec.h - decoders: bytes in, bytes out, at the pace of whoever reads.
 *
 * Contract:
 *   pulled    codec_read() makes at most as many bytes as asked for and stops
 *             in the middle of anything.  It takes input from a feed as it
 *             needs it; between two bytes of output it takes a bounded amount.
 *   memory    our own decoders live in the arena; those of libraries allocate
 *             and are given back by codec_close().
 *   broken    input ends the output: end says how, and what was decoded up
 *             to there was given.
 *
 * Some formats have no end of their own (shrink, reduce, implode, LZMA
 * without marker): those go on to the end of their input, and the caller,
 * who knows what size was declared, stops when he has it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CODEC_CODEC_H
#define CANDOR_CODEC_CODEC_H

#include "lib/base/arena.h"
#include "lib/codec/feed.h"

enum codec_end {
	CODEC_MORE,        /* not at the end yet */
	CODEC_WHOLE,       /* at the end that the format defines */
	CODEC_TRUNCATED,   /* the input stopped first */
	CODEC_CORRUPT,     /* a rule of the format is broken */
	CODEC_UNSUPPORTED, /* a variant we do not decode */
	CODEC_LIMIT        /* the library wanted more memory than it may have */
};

struct codec;

struct codec_kind {
	/* As codec_read(); returns 0 only after setting c->end. */
	size_t (*read)(struct codec *c, uint8_t *buf, size_t size);
	void (*close)(struct codec *c); /* NULL: nothing to give back */
};

struct codec {
	const struct codec_kind *kind;
	struct feed *in;    /* borrowed until codec_close() */
	void *state;        /* the decoder's own */
	enum codec_end end; /* why the last read was shorter than asked for */
	uint32_t held;      /* bytes taken from in and not used, at the end */
};

/*
 * Put up to size bytes into buf and say how many.  0 (for size > 0) is the
 * end, and c->end is not CODEC_MORE then.
 */
size_t codec_read(struct codec *c, void *buf, size_t size);

/* Give back what a library allocated.  Safe on a codec never opened. */
void codec_close(struct codec *c);

/* Bytes of input used, once c->end is not CODEC_MORE. */
uint64_t codec_used(const struct codec *c);

/*
 * Start a decoder.  False if the arena is full or the library has no memory
 * (then c->end is CODEC_LIMIT) or the parameters are impossible
 * (CODEC_CORRUPT); *c can be closed in any case.
 */
bool codec_open_copy(struct codec *c, struct feed *in);
bool codec_open_inflate(struct codec *c, struct arena *a, struct feed *in);
bool codec_open_inflate64(struct codec *c, struct arena *a, struct feed *in);
bool codec_open_bzip2(struct codec *c, struct arena *a, struct feed *in);
bool codec_open_zstd(struct codec *c, struct feed *in, uint64_t max_memory);
bool codec_open_xz(struct codec *c, struct arena *a, struct feed *in,
    uint64_t max_memory);

/*
 * LZMA with its five bytes of properties (lc/lp/pb, dictionary size) in
 * front of it in the feed.
 */
bool codec_open_lzma(struct codec *c, struct arena *a, struct feed *in,
    uint64_t max_memory);

/* The methods of old PKZIP.                                   [APPNOTE 5] */
#define IMPLODE_BIG_WINDOW 1u /* 8 KiB, not 4: general purpose bit 1 */
#define IMPLODE_LITERALS   2u /* literals are coded: general purpose bit 2 */
bool codec_open_shrink(struct codec *c, struct arena *a, struct feed *in);
bool codec_open_reduce(struct codec *c, struct arena *a, struct feed *in,
    unsigned factor);
bool codec_open_implode(struct codec *c, struct arena *a, struct feed *in,
    unsigned flags);

/* ARJ: methods 1 to 3, and method 4. */
bool codec_open_arj(struct codec *c, struct arena *a, struct feed *in);
bool codec_open_arj_fastest(struct codec *c, struct arena *a, struct feed *in);

/* CRC-32 of ISO 3309, as in ZIP, gzip and ARJ; 0 to begin. */
uint32_t codec_crc32(uint32_t crc, const void *bytes, size_t size);

#endif
