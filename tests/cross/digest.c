/*
 * digest.c - lib/crypto/digest.h where libcrypto is not: cross-compiled, under
 * an emulator.
 *
 * MD5 as RFC 1321 writes it down, a byte and a step at a time: what the lanes
 * of that machine are held against.  The other two, which no lane takes
 * there, are stood in for by a sum of the bytes, so that the tests' lists may
 * have them among the rest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/digest.h"

#include <math.h>
#include <string.h>

struct sum {
	uint32_t word[8];
	uint64_t size; /* bytes so far */
	uint8_t block[64];
};

static struct sum *
sum_of(struct digest *d)
{
	return (void *)d->state.bytes;
}

size_t
digest_size(enum digest_kind kind)
{
	static const size_t size[DIGEST_KINDS] = { 16, 20, 32 };

	return size[kind];
}

void
digest_resume(struct digest *d, enum digest_kind kind, const uint32_t *word,
    uint64_t done)
{
	memset(d, 0, sizeof(*d));
	d->kind = kind;
	if (kind == DIGEST_MD5)
		memcpy(sum_of(d)->word, word, 16);
	sum_of(d)->size = done;
}

void
digest_init(struct digest *d, enum digest_kind kind)
{
	static const uint32_t start[4] = { 0x67452301, 0xefcdab89, 0x98badcfe,
		0x10325476 };

	digest_resume(d, kind, start, 0);
}

/* RFC 1321 section 3.4. */
static void
take_block(struct sum *s)
{
	static const unsigned rotate[4][4] = { { 7, 12, 17, 22 },
		{ 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
	static const unsigned stride[4] = { 1, 5, 3, 7 },
			      first[4] = { 0, 1, 5, 0 };
	uint32_t a = s->word[0], b = s->word[1], c = s->word[2];
	uint32_t d = s->word[3], f, m;
	unsigned i, r;

	for (i = 0; i < 64; i++) {
		f = i < 16   ? (b & c) | (~b & d)
		    : i < 32 ? (b & d) | (c & ~d)
		    : i < 48 ? b ^ c ^ d
			     : c ^ (b | ~d);
		memcpy(&m,
		    s->block + 4 * ((i * stride[i / 16] + first[i / 16]) % 16),
		    4);
		f += a + m + (uint32_t)(4294967296.0 * fabs(sin(i + 1)));
		r = rotate[i / 16][i % 4];
		a = d;
		d = c;
		c = b;
		b += f << r | f >> (32 - r);
	}
	s->word[0] += a;
	s->word[1] += b;
	s->word[2] += c;
	s->word[3] += d;
}

void
digest_add(struct digest *d, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	struct sum *s = sum_of(d);

	for (; size > 0; size--, at++) {
		s->block[s->size++ % 64] = *at;
		if (d->kind != DIGEST_MD5)
			s->word[s->size % 8] += *at;
		else if (s->size % 64 == 0)
			take_block(s);
	}
}

void
digest_end(struct digest *d, uint8_t out[DIGEST_SIZE_MAX])
{
	static const uint8_t pad[64] = { 0x80 };
	struct sum *s = sum_of(d);
	uint64_t bits = s->size * 8;

	if (d->kind == DIGEST_MD5) {
		digest_add(d, pad, 1 + (119 - s->size % 64) % 64);
		digest_add(d, &bits, sizeof(bits));
	}
	memcpy(out, s->word, digest_size(d->kind));
}

void
digest_of(enum digest_kind kind, const void *bytes, size_t size,
    uint8_t out[DIGEST_SIZE_MAX])
{
	struct digest d;

	digest_init(&d, kind);
	digest_add(&d, bytes, size);
	digest_end(&d, out);
}
