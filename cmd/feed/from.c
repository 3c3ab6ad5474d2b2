/*
 * from.c - a feed's tree, wherever it lies.  See from.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/feed/from.h"

#include "cmd/candor/outfile.h"
#include "cmd/feed/files.h"
#include "cmd/feed/web.h"
#include "lib/base/hex.h"
#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 65536u

static bool
is_url(const char *where)
{
	return strncmp(where, "http://", 7) == 0 ||
	    strncmp(where, "https://", 8) == 0;
}

bool
from_open(const char *where, struct from *out, struct why *why)
{
	size_t len = strlen(where);

	*out = (struct from){ .folder = -1 };
	if (is_url(where)) {
		out->url = buf_copy(where);
		while (len > 0 && out->url[len - 1] == '/')
			out->url[--len] = '\0';
		return true;
	}
	out->folder = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return out->folder != -1 || why_not(why, WHY_SYSTEM, "%s", where);
}

void
from_close(struct from *f)
{
	if (f->folder != -1)
		(void)close(f->folder);
	free(f->url);
	*f = (struct from){ .folder = -1 };
}

/* --- a file, piece by piece ----------------------------------------------- */

static bool
read_file(int folder, const char *path, web_fn hear, void *ctx, struct why *why)
{
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	char *piece;
	ssize_t n = 0;
	bool good = true;

	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%s", path);
	piece = buf_alloc(1, PIECE);
	while (good && (n = whole_read(fd, piece, PIECE)) > 0)
		good = hear(ctx, piece, (size_t)n, why);
	if (n == -1)
		good = why_not(why, WHY_SYSTEM, "%s", path);
	free(piece);
	(void)close(fd);
	return good;
}

static bool
read_it(const struct from *f, const char *path, web_fn hear, void *ctx,
    struct why *why)
{
	struct buf url = { 0 };
	bool good;

	if (f->url == NULL)
		return read_file(f->folder, path, hear, ctx, why);
	buf_text(&url, f->url);
	buf_byte(&url, '/');
	buf_text(&url, path);
	good = web_get(url.bytes, hear, ctx, why);
	buf_free(&url);
	return good;
}

/* --- into memory ---------------------------------------------------------- */

struct bounded {
	struct buf *to;
	size_t left;
};

static bool
add_bounded(void *ctx, const void *bytes, size_t size, struct why *why)
{
	struct bounded *b = ctx;

	if (size > b->left)
		return why_not(why, WHY_LIMIT, "too long");
	b->left -= size;
	buf_add(b->to, bytes, size);
	return true;
}

bool
from_get(const struct from *f, const char *path, size_t most, struct buf *out,
    struct why *why)
{
	struct bounded b = { out, most };

	return read_it(f, path, add_bounded, &b, why);
}

/* --- into a file, checked ------------------------------------------------- */

struct checked {
	struct digest digest;
	uint64_t left;
	int fd; /* or -1 */
};

static bool
add_checked(void *ctx, const void *bytes, size_t size, struct why *why)
{
	struct checked *c = ctx;

	if (size > c->left)
		return why_not(why, WHY_FORGED, "longer than it should be");
	c->left -= size;
	digest_add(&c->digest, bytes, size);
	return c->fd == -1 || whole_write(c->fd, bytes, size) ||
	    why_not(why, WHY_SYSTEM, "cannot write");
}

/* Read it all through; is it what is wanted? */
static bool
check_into(const struct from *f, const char *path, const struct from_want *want,
    int fd, struct why *why)
{
	struct checked c = { .left = want->size, .fd = fd };
	uint8_t sum[DIGEST_SIZE_MAX];

	digest_init(&c.digest, DIGEST_SHA256);
	if (!read_it(f, path, add_checked, &c, why))
		return false;
	digest_end(&c.digest, sum);
	if (c.left > 0)
		return why_not(why, WHY_FORGED, "%s: shorter than it should be",
		    path);
	if (memcmp(sum, want->sha256, sizeof(sum)) != 0)
		return why_not(why, WHY_FORGED,
		    "%s: its hash is not what it should be", path);
	return true;
}

bool
from_check(const struct from *f, const char *path, const struct from_want *want,
    struct why *why)
{
	return check_into(f, path, want, -1, why);
}

bool
from_copy(const struct from *f, const char *path, const struct from_want *want,
    int folder, const char *to, struct why *why)
{
	struct outfile o = { .fd = -1 };
	bool good = files_make_above(folder, to, why) &&
	    outfile_open(folder, to, 0644, &o, why) &&
	    check_into(f, path, want, o.fd, why) &&
	    outfile_commit(&o, true, why) && files_settle(folder, to, why);

	outfile_close(&o);
	return good;
}

void
from_blob_path(const uint8_t sha256[DIGEST_SIZE_MAX], char out[FROM_BLOB_PATH])
{
	char hex[2 * DIGEST_SIZE_MAX + 1];

	hex_write(sha256, DIGEST_SIZE_MAX, hex);
	(void)snprintf(out, FROM_BLOB_PATH, "blob/sha256/%.2s/%s", hex,
	    hex + 2);
}
