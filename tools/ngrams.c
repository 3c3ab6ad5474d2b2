/*
 * ngrams.c - make lib/compile/literal_background.bin from clean files.
 *
 *     ngrams OUT FOLDER...
 *
 * Takes equal amounts of each kind of file below the folders (less where
 * there is less), in the order of a hash of their paths, and leaves out the
 * half of the paths that tests/bench searches, so that what is measured was
 * not learnt.  The table's form and use: literal_background.h.  Same files,
 * same table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/literal_background.h"
#include "lib/match/literal_layout.h"
#include "tests/bench/corpus.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MB          ((size_t)1 << 20)
#define FILE_PART   (MB)
#define FILE_LEAST  256
#define SKETCH_BITS 27
#define FOUND_BITS  24
#define BUCKETS     8180u /* 256 KB in all */

enum kind {
	KIND_ELF,
	KIND_PE,
	KIND_TEXT,
	KIND_MARKUP,
	KIND_DOCUMENT,
	KIND_PACKED,
	KIND_OTHER,
	KINDS
};

static const struct {
	const char *name;
	size_t quota; /* megabytes */
} kinds[KINDS] = { { "elf", 160 }, { "pe", 128 }, { "text", 96 },
	{ "markup", 96 }, { "document", 48 }, { "packed", 64 },
	{ "other", 64 } };

struct file {
	char *path;
	uint64_t hash;
};

struct gram {
	uint64_t hash;
	size_t at; /* where it was first met */
	uint32_t count;
	int32_t level;
	double gain;
};

static struct file *file;
static size_t files, files_room;
static uint8_t *data;
static size_t data_size, taken[KINDS];
static uint8_t *table;

static int
note_file(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	uint64_t hash = corpus_hash(path);

	(void)ftw;
	if (flag != FTW_F || st->st_size < FILE_LEAST || hash % 16 < 8)
		return 0;
	if (files == files_room) {
		files_room = files_room * 2 + 1024;
		file = corpus_must(realloc(file, files_room * sizeof(*file)));
	}
	file[files].path = corpus_must(strdup(path));
	file[files++].hash = hash;
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

static bool
begins(const uint8_t *b, const char *with, size_t size)
{
	return memcmp(b, with, size) == 0;
}

static enum kind
kind_of(const uint8_t *b, size_t size)
{
	size_t i, odd = 0, tags = 0;

	if (begins(b, "\177ELF", 4))
		return KIND_ELF;
	if (begins(b, "MZ", 2))
		return KIND_PE;
	if (begins(b, "%PDF", 4) || begins(b, "\320\317\21\340", 4) ||
	    begins(b, "{\\rtf", 5))
		return KIND_DOCUMENT;
	if (begins(b, "\037\213", 2) || begins(b, "\211PNG", 4) ||
	    begins(b, "PK\3\4", 4) ||
	    begins(b,
		"\375"
		"7zXZ",
		5) ||
	    begins(b, "\377\330\377", 3) || begins(b, "BZh", 3) ||
	    begins(b, "OggS", 4) || begins(b, "GIF8", 4))
		return KIND_PACKED;
	for (i = 0; i < size && i < 4096; i++) {
		odd += b[i] == 0 ||
		    (b[i] < 32 && b[i] != '\n' && b[i] != '\t' && b[i] != '\r');
		tags += b[i] == '<';
	}
	if (odd > 0)
		return KIND_OTHER;
	return tags > i / 64 ? KIND_MARKUP : KIND_TEXT;
}

static void
take(const struct file *f)
{
	uint8_t *room = data + data_size;
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum kind kind;
	ssize_t got;
	size_t i;

	if (fd == -1)
		return;
	got = pread(fd, room, FILE_PART, 0);
	close(fd);
	if (got < FILE_LEAST)
		return;
	kind = kind_of(room, (size_t)got);
	if (taken[kind] + (size_t)got > kinds[kind].quota * MB)
		return;
	for (i = 0; i < (size_t)got; i++)
		room[i] = literal_fold_byte(room[i]);
	taken[kind] += (size_t)got;
	data_size += (size_t)got;
}

static void
read_all(int count, char **folder)
{
	size_t i, room = 0;
	int k;

	for (k = 0; k < count; k++)
		nftw(folder[k], note_file, 32, FTW_PHYS);
	qsort(file, files, sizeof(*file), file_order);
	for (k = 0; k < KINDS; k++)
		room += kinds[k].quota * MB;
	data = corpus_must(malloc(room + FILE_PART));
	for (i = 0; i < files; i++)
		take(&file[i]);
	for (k = 0; k < KINDS; k++)
		fprintf(stderr, "ngrams: %-8s %4zu MB\n", kinds[k].name,
		    taken[k] / MB);
}

/* Eight times log2 of count scaled to 2^30 bytes. */
static int32_t
level_of(double count)
{
	double per = count / (double)data_size * 1073741824.0;
	double level = log2(per) * BACKGROUND_LEVELS;

	return level < 0 ? 0 : level > 255 ? 255 : (int32_t)(level + 0.5);
}

/* Singles and pairs are counted exactly. */
static void
count_pairs(void)
{
	uint32_t *pair = corpus_must(calloc(65536, sizeof(*pair)));
	uint32_t *single = corpus_must(calloc(256, sizeof(*single)));
	size_t i;

	for (i = 0; i + 1 < data_size; i++) {
		single[data[i]]++;
		pair[(uint32_t)data[i] << 8 | data[i + 1]]++;
	}
	for (i = 0; i < 256; i++)
		table[BACKGROUND_SINGLE + i] =
		    single[i] == 0 ? 0 : (uint8_t)level_of(single[i]);
	for (i = 0; i < 65536; i++)
		table[BACKGROUND_PAIR + i] =
		    pair[i] == 0 ? 0 : (uint8_t)level_of(pair[i]);
	free(pair);
	free(single);
}

/* Count the runs of this size in a sketch, then keep the frequent ones. */
static struct gram *
find_frequent(uint32_t size, uint32_t least)
{
	const uint64_t mask = ((uint64_t)1 << FOUND_BITS) - 1;
	uint32_t *sketch =
	    corpus_must(calloc((size_t)1 << SKETCH_BITS, sizeof(*sketch)));
	struct gram *found = corpus_must(calloc(mask + 1, sizeof(*found)));
	size_t i, kept = 0;
	uint64_t hash, at;

	for (i = 0; i + size <= data_size; i++)
		sketch[background_hash(data + i, size) >> (64 - SKETCH_BITS)]++;
	for (i = 0; i + size <= data_size; i++) {
		hash = background_hash(data + i, size);
		if (sketch[hash >> (64 - SKETCH_BITS)] < least)
			continue;
		for (at = hash & mask;
		     found[at].count != 0 && found[at].hash != hash;
		     at = (at + 1) & mask)
			continue;
		if (found[at].count == 0 && kept++ > mask / 4 * 3) {
			fprintf(stderr, "ngrams: too many of %u\n", size);
			break;
		}
		found[at].hash = hash;
		if (found[at].count++ == 0)
			found[at].at = i;
	}
	free(sketch);
	return found;
}

static int
gain_order(const void *a, const void *b)
{
	const struct gram *x = a, *y = b;

	if (x->gain != y->gain)
		return x->gain > y->gain ? -1 : 1;
	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static bool
add(const struct gram *g)
{
	uint8_t *bucket = table + BACKGROUND_BUCKETS +
	    ((g->hash >> 32) * BUCKETS >> 32) * BACKGROUND_BUCKET;
	uint16_t print = (uint16_t)(g->hash | 1);
	uint32_t i;

	for (i = 0; i < BACKGROUND_SLOTS; i++) {
		if (literal_u16(bucket + 2 * i) == print)
			return false;
		if (literal_u16(bucket + 2 * i) != 0)
			continue;
		bucket[2 * i] = (uint8_t)print;
		bucket[2 * i + 1] = (uint8_t)(print >> 8);
		bucket[2 * BACKGROUND_SLOTS + i] = (uint8_t)g->level;
		return true;
	}
	return false;
}

/* Add the room runs of this size that the table so far is most wrong about. */
static void
add_grams(uint32_t size, size_t room)
{
	const size_t all = (size_t)1 << FOUND_BITS;
	uint32_t least = (uint32_t)(data_size / MB) / 2 + 8;
	struct gram *found = find_frequent(size, least);
	struct background known;
	size_t i, count = 0, added = 0;
	double excess;

	for (i = 0; i < all; i++) {
		if (found[i].count < least)
			continue;
		background_levels(table, data + found[i].at, size,
		    BACKGROUND_LONGEST, &known);
		found[i].level = level_of(found[i].count);
		excess = found[i].level - known.level[size][0];
		if (excess < BACKGROUND_LEVELS)
			continue;
		found[i].gain = sqrt(found[i].count) * excess;
		found[count++] = found[i];
	}
	qsort(found, count, sizeof(*found), gain_order);
	for (i = 0; i < count && added < room; i++)
		added += add(&found[i]);
	fprintf(stderr, "ngrams: %u bytes: %zu runs, %zu added, least %u\n",
	    size, count, added, i > 0 ? found[i - 1].count : 0);
	free(found);
}

int
main(int argc, char **argv)
{
	const size_t table_size =
	    BACKGROUND_BUCKETS + (size_t)BACKGROUND_BUCKET * BUCKETS;
	FILE *out;

	if (argc < 3) {
		fprintf(stderr, "usage: ngrams OUT FOLDER...\n");
		return 2;
	}
	table = corpus_must(calloc(table_size, 1));
	memcpy(table, "CNGR", 4);
	table[4] = BACKGROUND_VERSION;
	table[8] = (uint8_t)BUCKETS;
	table[9] = (uint8_t)(BUCKETS >> 8);
	read_all(argc - 2, argv + 2);
	count_pairs();
	add_grams(3, 20000);
	add_grams(4, 14000);
	add_grams(6, 10000);
	add_grams(8, 9000);
	add_grams(12, 8000);
	out = fopen(argv[1], "wb");
	if (out == NULL || fwrite(table, table_size, 1, out) != 1 ||
	    fclose(out) != 0) {
		perror(argv[1]);
		return 2;
	}
	return 0;
}
