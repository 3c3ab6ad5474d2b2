/*
 * mspack_host.c - the machine that libmspack thinks it runs on.  The contract
 * is in mspack_host.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/mspack_host.h"

#include "lib/base/ckd.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/* What libmspack was told is the size of a source that has none yet. */
#define MSPACK_SIZE_UNKNOWN ((uint64_t)INT64_MAX / 2)

/* The largest block a decoder may have: twice the largest window. */
#define HOST_BLOCK_MAX ((uint64_t)64 << 20)

/* In front of every block it has: free() is told neither host nor size. */
struct block {
	alignas(16) struct mspack_host *host;
	size_t size;
};

/* An open file of its. */
struct handle {
	struct mspack_file file; /* first: all that libmspack sees */
	struct mspack_host *host;
	uint64_t at;
	bool is_output;
};

static struct handle *
handle_of(struct mspack_file *file)
{
	return (struct handle *)(void *)file;
}

/* Keep what is wanted; say so if there is more of it than room. */
static int
host_write(struct mspack_file *file, void *buf, int bytes)
{
	struct handle *f = handle_of(file);
	struct mspack_host *h = f->host;
	const uint8_t *from = buf;
	size_t size;

	if (!f->is_output || bytes < 0)
		return -1;
	size = (size_t)bytes;
	if (h->out_skip >= size) {
		h->out_skip -= size;
		return bytes;
	}
	from += h->out_skip;
	size -= (size_t)h->out_skip;
	h->out_skip = 0;
	h->out_over = size > h->out_room;
	if (h->out_over)
		size = h->out_room;
	memcpy(h->out + h->out_size, from, size);
	h->out_size += size;
	h->out_room -= size;
	return h->out_over ? -1 : bytes;
}

/*
 * The host that sys is part of.  Decoders call us with a copy of sys in
 * which they replaced write; nothing leads from there to the host.
 */
static struct mspack_host *
host_of(struct mspack_system *sys)
{
	if (sys->write != host_write)
		return NULL;
	return (struct mspack_host *)(void *)sys;
}

/*
 * Directories are counted against what the host may have.  What decoders
 * want is bounded by their formats: a window, at most HOST_BLOCK_MAX.
 *
 * Zeroed: libmspack 0.11 frees two pointers of a KWAJ header it never set
 * when the header ends too early.
 */
static void *
host_alloc(struct mspack_system *sys, size_t size)
{
	struct mspack_host *h = host_of(sys);
	uint64_t room = h != NULL ? h->room : HOST_BLOCK_MAX;
	struct block *b = NULL;
	size_t whole;

	if (!ckd_add(&whole, size, sizeof(*b)) && whole <= room)
		b = calloc(1, whole);
	if (h != NULL)
		h->is_full = h->is_full || b == NULL;
	if (b == NULL)
		return NULL;
	if (h != NULL)
		h->room -= whole;
	b->host = h;
	b->size = whole;
	return b + 1;
}

static void
host_free(void *p)
{
	struct block *b;

	if (p == NULL)
		return;
	b = (struct block *)p - 1;
	if (b->host != NULL)
		b->host->room += b->size;
	free(b);
}

static struct mspack_file *
host_open(struct mspack_system *sys, const char *name, int mode)
{
	struct handle *f;

	if (mode != MSPACK_SYS_OPEN_READ && mode != MSPACK_SYS_OPEN_WRITE)
		return NULL;
	f = host_alloc(sys, sizeof(*f));
	if (f == NULL)
		return NULL;
	*f = (struct handle){ .host = host_of(sys),
		.is_output = strcmp(name, MSPACK_OUT) == 0 };
	return &f->file;
}

static void
host_close(struct mspack_file *f)
{
	host_free(handle_of(f));
}

static int
host_read(struct mspack_file *file, void *buf, int bytes)
{
	struct handle *f = handle_of(file);
	struct mspack_host *h = f->host;
	size_t got;

	if (f->is_output || bytes < 0)
		return -1;
	got = source_read(h->source, f->at, buf, (size_t)bytes);
	if (got < (size_t)bytes)
		h->at_end = true;
	f->at += got;
	return (int)got;
}

static int
host_seek(struct mspack_file *file, off_t off, int mode)
{
	struct handle *f = handle_of(file);
	uint64_t size = f->host->source->size;
	int64_t to, base = 0;

	if (size > MSPACK_SIZE_UNKNOWN)
		size = MSPACK_SIZE_UNKNOWN;
	if (mode == MSPACK_SYS_SEEK_CUR)
		base = (int64_t)f->at;
	else if (mode == MSPACK_SYS_SEEK_END)
		base = (int64_t)size;
	if (ckd_add(&to, base, (int64_t)off) || to < 0)
		return -1;
	f->at = (uint64_t)to;
	return 0;
}

static off_t
host_tell(struct mspack_file *f)
{
	return (off_t)handle_of(f)->at;
}

/* What libmspack would print.  Its error codes say as much. */
static void
host_message(struct mspack_file *f, const char *format, ...)
{
	(void)f;
	(void)format;
}

static void
host_copy(void *from, void *to, size_t size)
{
	memcpy(to, from, size);
}

void
mspack_host_init(struct mspack_host *h, const struct opening *in)
{
	*h = (struct mspack_host){ .sys = { .open = host_open,
				       .close = host_close,
				       .read = host_read,
				       .write = host_write,
				       .seek = host_seek,
				       .tell = host_tell,
				       .message = host_message,
				       .alloc = host_alloc,
				       .free = host_free,
				       .copy = host_copy },
		.source = in->source,
		.room = in->max_memory };
}

void
mspack_host_aim(struct mspack_host *h, void *buf, size_t size)
{
	h->out = buf;
	h->out_room = size;
	h->out_size = 0;
	h->out_skip = 0;
	h->out_over = false;
	h->at_end = false;
}

enum format_end
mspack_host_end(const struct mspack_host *h, int error)
{
	if (error == MSPACK_ERR_OK)
		return FORMAT_WHOLE;
	if (h->is_full || error == MSPACK_ERR_NOMEMORY)
		return FORMAT_LIMIT;
	if (h->at_end || error == MSPACK_ERR_READ || error == MSPACK_ERR_SEEK)
		return FORMAT_TRUNCATED;
	return FORMAT_MALFORMED;
}
