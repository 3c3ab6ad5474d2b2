/*
 * ban_near.c - pieces of engines.  The contract is in ban_near.h.
 *
 * Near is what has the first two folders in common, as /opt/gateway or
 * /Program Files/Gateway; the part before them, of an image, is one more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_near.h"

#include "cmd/candor/buf.h"

#include <stdlib.h>
#include <string.h>

#define FOLDERS  2u
#define NEAR_MAX 4096u /* a hostile tree may be full of them */
#define BUCKETS  256u

struct near_one {
	const struct footprint_sign *sign;
	char *folder;           /* owned */
	uint32_t product, next; /* of its bucket, + 1 */
};

struct ban_near {
	struct near_one *one;
	size_t count, room;
	uint32_t bucket[BUCKETS];
};

struct ban_near *
ban_near_open(void)
{
	struct ban_near *n = buf_alloc(1, sizeof(*n));

	memset(n, 0, sizeof(*n));
	return n;
}

void
ban_near_close(struct ban_near *n)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		free(n->one[i].folder);
	free(n->one);
	free(n);
}

/* The part of a place that is its product's folder. */
static size_t
folder_size(struct cur place)
{
	size_t i, end = 0, slashes = 0;

	for (i = 0; i < place.size && slashes <= FOLDERS; i++)
		if (place.base[i] == '/') {
			slashes++;
			end = i;
		}
	return end;
}

static bool
is_in(const struct near_one *one, struct cur place, size_t size)
{
	return strlen(one->folder) == size &&
	    memcmp(one->folder, place.base, size) == 0;
}

static uint32_t *
bucket_of(struct ban_near *n, struct cur place, size_t size)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	size_t i;

	for (i = 0; i < size; i++)
		h = (h ^ place.base[i]) * 16777619u;
	return &n->bucket[(h ^ h >> 16) % BUCKETS];
}

static void
add(struct ban_near *n, uint32_t *bucket, const struct near_one *one,
    struct cur place, size_t size)
{
	struct near_one *to;

	n->one = buf_grow(n->one, &n->room, n->count + 1, sizeof(*n->one));
	to = &n->one[n->count++];
	*to = *one;
	to->folder = buf_alloc(1, size + 1);
	memcpy(to->folder, place.base, size);
	to->folder[size] = '\0';
	to->next = *bucket;
	*bucket = (uint32_t)n->count;
}

const struct footprint_sign *
ban_near_find(struct ban_near *n, uint32_t product,
    const struct footprint_sign *sign, struct cur place)
{
	const struct near_one this = { sign, NULL, product, 0 };
	size_t size = folder_size(place);
	uint32_t *bucket = bucket_of(n, place, size), at;

	for (at = *bucket; at != 0; at = n->one[at - 1].next) {
		const struct near_one *one = &n->one[at - 1];

		if (one->product != product || !is_in(one, place, size))
			continue;
		if (one->sign == sign)
			return NULL; /* one more of those */
		if (footprint_are_independent(one->sign, sign))
			return one->sign;
	}
	if (n->count < NEAR_MAX)
		add(n, bucket, &this, place, size);
	return NULL;
}
