/*
 * t_blob.c - bytes and archives made for a test.  See t_blob.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t_blob.h"

#include "tests/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct blob
blob_new(void)
{
	struct blob b = { malloc(BLOB_ROOM), 0, BLOB_ROOM };

	assert_non_null(b.bytes);
	return b;
}

void
blob_add(struct blob *b, const void *bytes, size_t size)
{
	assert_true(size <= b->room - b->size);
	if (size > 0)
		memcpy(b->bytes + b->size, bytes, size);
	b->size += size;
}

void
blob_int(struct blob *b, uint64_t v, size_t size)
{
	uint8_t byte;

	for (; size > 0; size--, v >>= 8) {
		byte = (uint8_t)v;
		blob_add(b, &byte, 1);
	}
}

struct blob
blob_text(const char *text)
{
	struct blob b = blob_new();

	blob_add(&b, text, strlen(text));
	return b;
}

void
blob_free(struct blob *b)
{
	free(b->bytes);
	b->bytes = NULL;
}

struct blob
gzipped(struct blob b)
{
	struct blob out = blob_new();
	z_stream z = { 0 };

	t_eq(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
	out.room = deflateBound(&z, b.size);
	out.bytes = realloc(out.bytes, out.room);
	assert_non_null(out.bytes);
	z.next_in = b.bytes;
	z.avail_in = (uInt)b.size;
	z.next_out = out.bytes;
	z.avail_out = (uInt)out.room;
	t_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	out.size = z.total_out;
	(void)deflateEnd(&z);
	blob_free(&b);
	return out;
}

static void
zip_fields(struct blob *to, const struct blob *b, size_t name_size)
{
	blob_int(to, 20, 2);
	blob_int(to, 0, 2); /* flags */
	blob_int(to, 0, 2); /* stored */
	blob_int(to, 0, 4); /* time */
	blob_int(to, crc32(0, b->bytes, (uInt)b->size), 4);
	blob_int(to, b->size, 4);
	blob_int(to, b->size, 4);
	blob_int(to, name_size, 2);
	blob_int(to, 0, 2); /* extra */
}

void
zip_add(struct zip *z, const char *name, struct blob b)
{
	size_t at;

	if (z->out.bytes == NULL) {
		z->out = blob_new();
		z->directory = blob_new();
	}
	at = z->out.size;
	blob_add(&z->out, "PK\3\4", 4);
	zip_fields(&z->out, &b, strlen(name));
	blob_add(&z->out, name, strlen(name));
	blob_add(&z->out, b.bytes, b.size);
	blob_add(&z->directory, "PK\1\2\24\0", 6);
	zip_fields(&z->directory, &b, strlen(name));
	blob_int(&z->directory, 0, 2 + 2 + 2 + 4);
	blob_int(&z->directory, at, 4);
	blob_add(&z->directory, name, strlen(name));
	z->count++;
	blob_free(&b);
}

struct blob
zip_end(struct zip *z)
{
	size_t at = z->out.size;

	blob_add(&z->out, z->directory.bytes, z->directory.size);
	blob_add(&z->out, "PK\5\6\0\0\0\0", 8);
	blob_int(&z->out, z->count, 2);
	blob_int(&z->out, z->count, 2);
	blob_int(&z->out, z->directory.size, 4);
	blob_int(&z->out, at, 4);
	blob_int(&z->out, 0, 2);
	blob_free(&z->directory);
	return z->out;
}

struct blob
zipped(const char *name, struct blob b)
{
	struct zip z = { 0 };

	zip_add(&z, name, b);
	return zip_end(&z);
}

struct blob
corpus(const char *name)
{
	struct blob b = blob_new();
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/engine/%s", T_CORPUS, name);
	f = fopen(path, "rb");
	if (f == NULL) {
		blob_free(&b);
		skip();
	}
	b.size = fread(b.bytes, 1, b.room, f);
	(void)fclose(f);
	return b;
}

const char *
hash_line(enum digest_kind kind, const void *bytes, size_t size,
    bool size_first)
{
	static const size_t sizes[] = {
		[DIGEST_MD5] = 16, [DIGEST_SHA1] = 20, [DIGEST_SHA256] = 32
	};
	static char line[4][160];
	static unsigned turn;
	uint8_t digest[DIGEST_SIZE_MAX];
	char hex[2 * DIGEST_SIZE_MAX + 1];
	char *out = line[turn++ % 4];
	size_t i;

	digest_of(kind, bytes, size, digest);
	for (i = 0; i < sizes[kind]; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	if (size_first)
		(void)snprintf(out, 160, "%zu:%s:Hash\n", size, hex);
	else
		(void)snprintf(out, 160, "%s:%zu:Hash\n", hex, size);
	return out;
}
