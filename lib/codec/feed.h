/*
 * feed.h - where a decoder gets its input: pieces, lent one after another.
 *
 * Whoever makes a feed says how the next piece is found; a decoder takes what
 * is there and asks for more when it has used it up.  Feeds stack: decryption
 * is a feed that has a feed.
 *
 * The bytes at at are lent until more() is called.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CODEC_FEED_H
#define CANDOR_CODEC_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed {
	const uint8_t *at; /* the next byte nobody took yet */
	size_t left;       /* how many there are */
	uint64_t lent;     /* bytes lent so far, those left included */

	/* Lend the next piece: at and left, left > 0; false at the end. */
	bool (*more)(struct feed *f);
	void *ctx; /* more()'s own */
};

/* Make sure that there is a byte at at; false at the end. */
static inline bool
feed_has(struct feed *f)
{
	if (f->left > 0)
		return true;
	if (!f->more(f))
		return false;
	f->lent += f->left;
	return f->left > 0;
}

/* Take one byte; -1 at the end. */
static inline int
feed_byte(struct feed *f)
{
	if (!feed_has(f))
		return -1;
	f->left--;
	return *f->at++;
}

/* Take n bytes of the piece at hand; n <= left. */
static inline void
feed_step(struct feed *f, size_t n)
{
	f->at += n;
	f->left -= n;
}

/* How many bytes were taken, from the start. */
static inline uint64_t
feed_taken(const struct feed *f)
{
	return f->lent - f->left;
}

/* Take up to size bytes into buf; say how many. */
size_t feed_read(struct feed *f, void *buf, size_t size);

/* A feed of size bytes at bytes, borrowed while it is used. */
struct feed feed_from(const void *bytes, size_t size);

#endif
