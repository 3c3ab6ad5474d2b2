/*
 * purge.c - how long what is in quarantine is kept.  See vault.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/quarantine/vault.h"

#include "lib/base/ckd.h"

#include <stdlib.h>
#include <string.h>

struct kept {
	char id[HELD_ID + 1];
	int64_t time;
	uint64_t size;
};

static int
compare_age(const void *a, const void *b)
{
	const struct kept *one = a, *two = b;

	if (one->time != two->time)
		return one->time < two->time ? -1 : 1;
	return strcmp(one->id, two->id);
}

/* All that is held and can be read, the oldest first; to be freed. */
static struct kept *
list_by_age(const struct vault *v, struct vault_totals *out)
{
	char(*ids)[HELD_ID + 1];
	size_t n = vault_list(v, &ids), i;
	struct kept *k = calloc(n + 1, sizeof(*k));
	struct why unused;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < n && k != NULL; i++) {
		struct held h;

		if (vault_read(v, ids[i], &h, &unused)) {
			memcpy(k[out->count].id, ids[i], HELD_ID + 1);
			k[out->count].time = h.time;
			k[out->count++].size = h.size;
			out->bytes += h.size;
		}
		held_free(&h);
	}
	free(ids);
	if (k != NULL)
		qsort(k, out->count, sizeof(*k), compare_age);
	return k;
}

static bool
is_old(const struct vault_wish *wish, const struct kept *k)
{
	return wish->before != 0 && k->time < wish->before;
}

/* May it be deleted, if there is not enough room? */
static bool
is_ripe(const struct vault_wish *wish, const struct kept *k)
{
	return is_old(wish, k) || wish->young == 0 || k->time < wish->young;
}

static bool
purge_one(const struct vault *v, const struct vault_wish *wish,
    const struct kept *k, struct why *why)
{
	struct held h;
	bool is_known = vault_read(v, k->id, &h, why);
	bool good = vault_delete(v, k->id, why);

	if (is_known && good && wish->gone != NULL)
		wish->gone(wish->ctx, &h, is_old(wish, k));
	held_free(&h);
	return good;
}

bool
vault_purge(const struct vault *v, const struct vault_wish *wish,
    struct vault_totals *out, struct why *why)
{
	struct kept *k = list_by_age(v, out);
	size_t count = out->count, i;
	bool good = true;

	if (k == NULL)
		return why_not(why, WHY_SYSTEM, "no memory");
	for (i = 0; i < count; i++) {
		if (!is_old(wish, &k[i]) &&
		    !(wish->most != 0 && out->bytes > wish->most &&
			is_ripe(wish, &k[i])))
			break;
		good = purge_one(v, wish, &k[i], why);
		if (!good)
			break;
		out->count--;
		out->bytes -= k[i].size;
	}
	free(k);
	return good;
}

bool
vault_has_room(const struct vault *v, const struct vault_wish *wish,
    uint64_t size, struct why *why)
{
	struct vault_totals all;
	struct kept *k;
	size_t i;
	bool is_too_much = false;

	if (wish->most == 0)
		return true;
	if (size > wish->most)
		return why_not(why, WHY_LIMIT,
		    "it is larger than all that may be held (max_size)");
	k = list_by_age(v, &all);
	if (k == NULL)
		return why_not(why, WHY_SYSTEM, "no memory");
	for (i = 0; i < all.count; i++)
		if (!is_ripe(wish, &k[i]) && ckd_add(&size, size, k[i].size))
			is_too_much = true;
	free(k);
	if (!is_too_much && size <= wish->most)
		return true;
	return why_not(why, WHY_LIMIT,
	    "the quarantine is full (max_size), of what is too young to be "
	    "deleted for it");
}

static bool
date_one(const struct vault *v, const char *id, vault_date_fn date, void *ctx,
    struct why *why)
{
	struct held h;
	struct why unused;
	bool good = true;

	/* What cannot be read is left for a person, as in vault_purge(). */
	if (vault_read(v, id, &h, &unused) && date(ctx, &h.time))
		good = vault_write(v, &h, why);
	held_free(&h);
	return good;
}

bool
vault_date(const struct vault *v, vault_date_fn date, void *ctx,
    struct why *why)
{
	char(*ids)[HELD_ID + 1];
	size_t n = vault_list(v, &ids), i;
	bool good = true;

	for (i = 0; i < n; i++)
		good = date_one(v, ids[i], date, ctx, why) && good;
	free(ids);
	return good;
}
