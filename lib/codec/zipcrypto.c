/*
 * zipcrypto.c - ZIP's traditional encryption.
 *
 * Spec:    PKWARE APPNOTE 6.3.10, section 6.1.                  [APPNOTE]
 *
 * It was broken in 1994 (Biham and Kocher); here only the owner of the
 * password reads with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/zipcrypto.h"

#include "lib/codec/codec.h"

/* One step of CRC-32 without its inversions, on one byte. */
static uint32_t
crc_step(uint32_t crc, uint8_t byte)
{
	return codec_crc32(crc ^ 0xffffffffu, &byte, 1) ^ 0xffffffffu;
}

/* Mix one plain byte into the keys.                         [APPNOTE 6.1.5] */
static void
zipcrypto_mix(uint32_t key[3], uint8_t byte)
{
	key[0] = crc_step(key[0], byte);
	key[1] = (key[1] + (key[0] & 0xff)) * 134775813u + 1;
	key[2] = crc_step(key[2], (uint8_t)(key[1] >> 24));
}

/* Decrypt one byte.                                  [APPNOTE 6.1.6, 6.1.7] */
static uint8_t
zipcrypto_byte(uint32_t key[3], uint8_t byte)
{
	uint32_t t = (key[2] | 2) & 0xffff;
	uint8_t plain = (uint8_t)(byte ^ (t * (t ^ 1) >> 8));

	zipcrypto_mix(key, plain);
	return plain;
}

void
zipcrypto_init(struct zipcrypto *z, const void *password, size_t size)
{
	const uint8_t *at = password;
	size_t i;

	z->key[0] = 305419896;
	z->key[1] = 591751049;
	z->key[2] = 878082192;
	for (i = 0; i < size; i++)
		zipcrypto_mix(z->key, at[i]);
}

uint8_t
zipcrypto_header(struct zipcrypto *z,
    const uint8_t header[ZIPCRYPTO_HEADER_SIZE])
{
	uint8_t last = 0;
	size_t i;

	for (i = 0; i < ZIPCRYPTO_HEADER_SIZE; i++)
		last = zipcrypto_byte(z->key, header[i]);
	return last;
}

static bool
zipcrypto_more(struct feed *f)
{
	struct zipcrypto *z = f->ctx;
	size_t got = feed_read(z->in, z->buf, sizeof(z->buf));
	size_t i;

	for (i = 0; i < got; i++)
		z->buf[i] = zipcrypto_byte(z->key, z->buf[i]);
	f->at = z->buf;
	f->left = got;
	return got > 0;
}

void
zipcrypto_start(struct zipcrypto *z, struct feed *in)
{
	z->in = in;
	z->out =
	    (struct feed){ .at = z->buf, .more = zipcrypto_more, .ctx = z };
}
