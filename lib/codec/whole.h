/*
 * whole.h - decoders of formats that are a file of their own.
 *
 * As those of codec.h; each decodes one member, stream or frame, and what
 * follows it stays in the feed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CODEC_WHOLE_H
#define CANDOR_CODEC_WHOLE_H

#include "lib/codec/codec.h"

/* xz, .lzma ("lzma alone") and lzip, each with its header. */
bool codec_open_xz_stream(struct codec *c, struct arena *a, struct feed *in,
    uint64_t max_memory);
bool codec_open_lzma_alone(struct codec *c, struct arena *a, struct feed *in,
    uint64_t max_memory);
bool codec_open_lzip(struct codec *c, struct arena *a, struct feed *in,
    uint64_t max_memory);

/* A frame (or a skippable one) of LZ4, and its older form. */
bool codec_open_lz4(struct codec *c, struct arena *a, struct feed *in);
bool codec_open_lz4_old(struct codec *c, struct arena *a, struct feed *in);

/* What Unix compress(1) makes.  Has no end but the input's. */
bool codec_open_compress(struct codec *c, struct arena *a, struct feed *in);

/* LHA's -lh4- to -lh7-: window_bits 12, 13, 15, 16.  Has no end. */
bool codec_open_lzh(struct codec *c, struct arena *a, struct feed *in,
    unsigned window_bits);

/* LZSS of Microsoft's compress.exe; start is 4080, in the older kind 4078. */
bool codec_open_szdd(struct codec *c, struct arena *a, struct feed *in,
    uint32_t start);

#endif
