/*
 * remembered.c - a sorted table of file states.
 * The contract is in remembered.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/remembered.h"

#include "cmd/candor/buf.h"
#include "sys/whole.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC        UINT64_C(0x31306d6572646e43) /* "Cndrem01", read here */
#define RECORD       sizeof(struct remembered_record)
#define HEADER       sizeof(struct remembered_header)
#define RECORDS_MOST ((REMEMBERED_MOST - HEADER) / RECORD)
#define BUCKET       4u  /* records of one, about */
#define BITS_MOST    20u /* that choose a bucket */

_Static_assert(HEADER == 24 && RECORD == 24, "there are no gaps in the file");

/* --- reading and finding ----------------------------------------------- */

/* Is this the beginning of a file of that size? */
static bool
is_header(const struct remembered_header *h, uint64_t size)
{
	return h->magic == MAGIC && h->record_size == RECORD &&
	    h->writing < UINT32_MAX && h->count <= RECORDS_MOST &&
	    size == HEADER + h->count * RECORD;
}

/* The first eight bytes as a number that sorts as they do. */
static uint64_t
rank(const uint8_t *hash)
{
	uint64_t n;

	memcpy(&n, hash, sizeof(n));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	n = __builtin_bswap64(n);
#endif
	return n;
}

/* Which bucket a hash is in. */
static size_t
bucket_of(const struct remembered *r, const uint8_t *hash)
{
	return r->bits > 0 ? (size_t)(rank(hash) >> (64 - r->bits)) : 0;
}

/*
 * Note where the records of each bucket begin: those whose hashes begin with
 * the same bits.  Of a file out of order it makes buckets that hold the wrong
 * records, which nobody finds.
 */
static void
index_old(struct remembered *r)
{
	size_t bucket = 0, i;

	while (r->bits < BITS_MOST && ((size_t)BUCKET << r->bits) < r->count)
		r->bits++;
	r->first = buf_alloc(((size_t)1 << r->bits) + 1, sizeof(r->first[0]));
	for (i = 0; i < r->count; i++)
		while (bucket <= bucket_of(r, r->old[i].hash))
			r->first[bucket++] = (uint32_t)i;
	while (bucket <= (size_t)1 << r->bits)
		r->first[bucket++] = (uint32_t)r->count;
}

bool
remembered_open(struct remembered *r, int fd)
{
	struct remembered_header h;
	struct stat s;

	*r = (struct remembered){ .most = RECORDS_MOST };
	if (fd == -1)
		return true;
	if (fstat(fd, &s) == -1 || !S_ISREG(s.st_mode) ||
	    whole_pread(fd, &h, HEADER, 0) != HEADER ||
	    !is_header(&h, (uint64_t)s.st_size))
		return false;
	r->old = buf_alloc((size_t)h.count + 1, RECORD);
	if (whole_pread(fd, r->old, h.count * RECORD, HEADER) !=
	    (ssize_t)(h.count * RECORD)) {
		remembered_close(r);
		return false;
	}
	r->count = (size_t)h.count;
	r->writing = h.writing;
	index_old(r);
	return true;
}

void
remembered_close(struct remembered *r)
{
	free(r->old);
	free(r->first);
	free(r->fresh);
	*r = (struct remembered){ .most = RECORDS_MOST };
}

bool
remembered_find(struct remembered *r, const uint8_t hash[REMEMBERED_HASH])
{
	size_t bucket = bucket_of(r, hash), low, high;

	if (r->count == 0)
		return false;
	low = r->first[bucket];
	high = r->first[bucket + 1];
	while (low < high) {
		size_t at = low + (high - low) / 2;
		struct remembered_record *one = &r->old[at];
		int order = memcmp(hash, one->hash, REMEMBERED_HASH);

		if (order == 0) {
			if (one->used + REMEMBERED_AGE / 2 <= r->writing)
				r->stale++;
			one->used = r->writing;
			return true;
		}
		if (order < 0)
			high = at;
		else
			low = at + 1;
	}
	return false;
}

void
remembered_add(struct remembered *r, const uint8_t hash[REMEMBERED_HASH])
{
	struct remembered_record *one;

	if (r->fresh_count >= r->most)
		return;
	r->fresh = buf_grow(r->fresh, &r->fresh_room, r->fresh_count + 1,
	    sizeof(r->fresh[0]));
	one = &r->fresh[r->fresh_count++];
	memcpy(one->hash, hash, REMEMBERED_HASH);
	one->used = r->writing;
}

/* --- writing ----------------------------------------------------------- */

static int
by_hash(const void *a, const void *b)
{
	return memcmp(a, b, REMEMBERED_HASH);
}

/* For how many writings a record was of no use; too many if it is lying. */
static uint32_t
age_of(const struct remembered *r, const struct remembered_record *one)
{
	uint32_t age = r->writing - one->used;

	return age < REMEMBERED_AGE ? age : REMEMBERED_AGE;
}

/* The age from which on records are left out, so that all others fit. */
static uint32_t
find_too_old(const struct remembered *r)
{
	size_t of_age[REMEMBERED_AGE + 1] = { 0 }, sum = r->fresh_count, i;
	uint32_t age;

	for (i = 0; i < r->count; i++)
		of_age[age_of(r, &r->old[i])]++;
	for (age = 0; age < REMEMBERED_AGE; age++) {
		sum += of_age[age];
		if (sum > r->most)
			break;
	}
	return age > 1 ? age : 1;
}

/*
 * Merge both halves into out, which has room for all; how many are kept.  If
 * even what is of use now is too much, the highest hashes are left out: the
 * same files every time.
 */
static size_t
merge(const struct remembered *r, uint32_t too_old,
    struct remembered_record *out)
{
	const struct remembered_record *last = NULL;
	size_t i = 0, j = 0, n = 0;

	while (n < r->most && (i < r->count || j < r->fresh_count)) {
		const struct remembered_record *one;

		if (i == r->count ||
		    (j < r->fresh_count &&
			by_hash(&r->fresh[j], &r->old[i]) <= 0))
			one = &r->fresh[j++];
		else if (age_of(r, &r->old[i]) >= too_old) {
			i++;
			continue;
		} else
			one = &r->old[i++];
		/* Twice the same, or out of order in a broken file. */
		if (last != NULL && by_hash(last, one) >= 0)
			continue;
		out[n] = *one;
		last = &out[n++];
	}
	return n;
}

bool
remembered_write(struct remembered *r, int fd, struct why *why)
{
	struct remembered_record *all =
	    buf_alloc(r->count + r->fresh_count + 1, RECORD);
	struct remembered_header h = {
		.magic = MAGIC,
		.record_size = RECORD,
		.writing = r->writing + 1,
	};
	bool is_done;

	if (r->fresh_count > 1)
		qsort(r->fresh, r->fresh_count, RECORD, by_hash);
	h.count = merge(r, find_too_old(r), all);
	is_done = whole_write(fd, &h, HEADER) &&
	    whole_write(fd, all, (size_t)h.count * RECORD);
	free(all);
	return is_done || why_not(why, WHY_SYSTEM, "write");
}
