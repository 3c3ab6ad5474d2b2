/*
 * corpus.c - content and literals of a benchmark, from what this machine has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/bench/corpus.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MB         ((size_t)1 << 20)
#define FILE_PART  (MB / 2) /* of one file, at most */
#define FILE_LEAST 512

enum kind {
	KIND_CODE,
	KIND_TEXT,
	KIND_PACKED,
	KIND_NONE
};

struct file {
	char *path;
	uint64_t hash;
	off_t size;
};

static struct file *file;
static size_t files, files_room;

uint64_t
dice_next(struct dice *d)
{
	uint64_t x = d->state += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

size_t
dice_below(struct dice *d, size_t n)
{
	return (size_t)(dice_next(d) >> 11) % n;
}

void *
corpus_must(void *p)
{
	if (p == NULL) {
		fprintf(stderr, "bench: no memory\n");
		exit(2);
	}
	return p;
}

uint64_t
corpus_hash(const char *path)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *path != '\0'; path++)
		h = (h ^ (uint8_t)*path) * 0x100000001b3u;
	return (h ^ h >> 32) * 0x9e3779b97f4a7c15u;
}

static int
note_file(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)ftw;
	if (flag != FTW_F || !S_ISREG(st->st_mode) || st->st_size < FILE_LEAST)
		return 0;
	if (files == files_room) {
		files_room = files_room * 2 + 1024;
		file = corpus_must(realloc(file, files_room * sizeof(*file)));
	}
	file[files].path = corpus_must(strdup(path));
	file[files].hash = corpus_hash(path);
	file[files++].size = st->st_size;
	return 0;
}

static int
file_order(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* What kind of content do these first bytes begin? */
static enum kind
kind_of(const uint8_t *b, size_t size)
{
	size_t i, odd = 0;

	if (memcmp(b, "\177ELF", 4) == 0)
		return KIND_CODE;
	if (memcmp(b, "\037\213", 2) == 0 || memcmp(b, "\211PNG", 4) == 0 ||
	    memcmp(b, "PK\3\4", 4) == 0 ||
	    memcmp(b,
		"\375"
		"7zXZ",
		5) == 0 ||
	    memcmp(b, "\377\330\377", 3) == 0)
		return KIND_PACKED;
	for (i = 0; i < size && i < 4096; i++)
		odd += b[i] == 0 ||
		    (b[i] < 32 && b[i] != '\n' && b[i] != '\t' && b[i] != '\r');
	return odd == 0 ? KIND_TEXT : KIND_NONE;
}

static void
append(struct bytes *to, const void *from, size_t size, size_t limit)
{
	if (to->size + size > limit)
		size = limit - to->size;
	if (to->size + size > to->room) {
		to->room = limit;
		to->at = corpus_must(realloc(to->at, to->room));
	}
	memcpy(to->at + to->size, from, size);
	to->size += size;
}

/* Read a part of a file; 0 if that can't be. */
static size_t
read_part(const struct file *f, uint8_t *out)
{
	ssize_t got;
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd == -1)
		return 0;
	got = pread(fd, out, FILE_PART, 0);
	close(fd);
	return got < FILE_LEAST ? 0 : (size_t)got;
}

/* Shuffle the content by whole megabytes. */
static void
shuffle(struct bytes *b)
{
	struct dice dice = { 11 };
	uint8_t *spare = corpus_must(malloc(MB));
	size_t i, j;

	for (i = b->size / MB; i > 1; i--) {
		j = dice_below(&dice, i);
		memcpy(spare, b->at + (i - 1) * MB, MB);
		memmove(b->at + (i - 1) * MB, b->at + j * MB, MB);
		memcpy(b->at + j * MB, spare, MB);
	}
	free(spare);
}

/* Of the content: one half code, a quarter text, the rest packed or noise,
   and one part in 25 zeros. */
static void
mix(struct corpus *c, struct bytes part[3], size_t mb)
{
	struct dice dice = { 12 };
	size_t limit = mb * MB, zeros = mb / 25 * MB;
	uint64_t noise;
	int k;

	for (k = 0; k < 3; k++)
		append(&c->content, part[k].at, part[k].size / MB * MB, limit);
	while (c->content.size + zeros < limit) {
		noise = dice_next(&dice);
		append(&c->content, &noise, sizeof(noise), limit);
	}
	c->content.at = corpus_must(realloc(c->content.at, limit));
	memset(c->content.at + c->content.size, 0, limit - c->content.size);
	c->content.size = limit;
	shuffle(&c->content);
}

void
corpus_make(struct corpus *c, size_t mb)
{
	static const char *const where[] = { "/usr/bin", "/usr/sbin",
		"/usr/lib", "/usr/share" };
	struct bytes part[3] = { 0 };
	size_t quota[3] = { mb * 50 / 100 * MB, mb * 25 / 100 * MB,
		mb * 16 / 100 * MB };
	uint8_t *room = corpus_must(malloc(FILE_PART));
	size_t i, size;
	enum kind kind;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < sizeof(where) / sizeof(*where); i++)
		nftw(where[i], note_file, 32, FTW_PHYS);
	qsort(file, files, sizeof(*file), file_order);
	for (i = 0; i < files; i++) {
		size = read_part(&file[i], room);
		kind = size == 0 ? KIND_NONE : kind_of(room, size);
		if (kind == KIND_NONE)
			continue;
		if (file[i].hash % 16 < 8)
			append(&part[kind], room, size, quota[kind]);
		else if (kind == KIND_CODE)
			append(&c->code, room, size, 256 * MB);
		else if (kind == KIND_TEXT)
			append(&c->text, room, size, 128 * MB);
	}
	for (i = 0; i < 3; i++)
		fprintf(stderr, "bench: content of kind %zu: %zu MB\n", i,
		    part[i].size / MB);
	mix(c, part, mb);
	for (i = 0; i < 3; i++)
		free(part[i].at);
	free(room);
}
