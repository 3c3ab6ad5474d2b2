/*
 * map.c - memory: a file as memory, and a block between guard pages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/map.h"

#include "lib/base/ckd.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

bool
map_open(int fd, struct map *out, struct why *why)
{
	struct stat st;
	void *at;

	out->at = NULL;
	out->size = 0;
	if (fstat(fd, &st) == -1)
		return why_not(why, WHY_SYSTEM, "map: cannot stat the file");
	if (!S_ISREG(st.st_mode))
		return why_not(why, WHY_BROKEN, "map: not a regular file");
	if (st.st_size <= 0)
		return why_not(why, WHY_BROKEN, "map: the file is empty");
	at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return why_not(why, WHY_SYSTEM, "map: %jd bytes",
		    (intmax_t)st.st_size);
	out->at = at;
	out->size = (size_t)st.st_size;
	return true;
}

void
map_close(struct map *m)
{
	if (m->at != NULL)
		(void)munmap((void *)(uintptr_t)m->at, m->size);
	m->at = NULL;
	m->size = 0;
}

static size_t
page_size(void)
{
	long size = sysconf(_SC_PAGESIZE);

	return size > 0 ? (size_t)size : 4096;
}

/*
 * Reserve size bytes, and a page before and behind them, so that they begin at
 * a multiple of align: a power of two, a page at least.
 */
static uint8_t *
reserve(size_t size, size_t align)
{
	size_t page = page_size(), whole, before, behind;
	uint8_t *at;

	if (ckd_add(&whole, size, align + page))
		return NULL;
	at = mmap(NULL, whole, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED)
		return NULL;
	before = (align - ((uintptr_t)at + page) % align) % align;
	behind = whole - before - size - 2 * page;
	if (before > 0)
		(void)munmap(at, before);
	at += before + page;
	if (behind > 0)
		(void)munmap(at + size + page, behind);
	return at;
}

static bool
block_of_pages(size_t size, size_t align, struct block *out, struct why *why)
{
	size_t page = page_size();
	uint8_t *at;

	out->at = NULL;
	out->size = 0;
	if (size == 0 || ckd_add(&size, size, page - 1))
		return why_not(why, WHY_BUG, "block: no such size");
	size = size / page * page;
	at = reserve(size, align);
	if (at == NULL)
		return why_not(why, WHY_SYSTEM, "block: %zu bytes", size);
	if (mprotect(at, size, PROT_READ | PROT_WRITE) == -1) {
		(void)why_not(why, WHY_SYSTEM, "block: %zu bytes", size);
		(void)munmap(at - page, size + 2 * page);
		return false;
	}
	out->at = at;
	out->size = size;
	return true;
}

bool
block_open(size_t size, struct block *out, struct why *why)
{
	return block_of_pages(size, page_size(), out, why);
}

bool
block_open_large(size_t size, struct block *out, struct why *why)
{
	if (!block_of_pages(size, BLOCK_LARGE, out, why))
		return false;
	(void)madvise(out->at, out->size, MADV_HUGEPAGE);
	return true;
}

void
block_close(struct block *b)
{
	size_t page = page_size();

	if (b->at != NULL)
		(void)munmap(b->at - page, b->size + 2 * page);
	b->at = NULL;
	b->size = 0;
}

void
block_forget(const struct block *b, size_t off)
{
	size_t page = page_size();

	off = (off + page - 1) / page * page;
	if (off < b->size)
		(void)madvise(b->at + off, b->size - off, MADV_DONTNEED);
}
