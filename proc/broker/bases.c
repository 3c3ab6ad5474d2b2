/*
 * bases.c - the databases in use.  See bases.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/broker/bases.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bases *
bases_new(uint64_t number, size_t count, struct why *why)
{
	struct bases *b;
	size_t i;

	if (count == 0 || count > DB_MAX) {
		(void)why_not(why, WHY_LIMIT, "not 1 to %d databases", DB_MAX);
		return NULL;
	}
	b = calloc(1, sizeof(*b));
	if (b == NULL) {
		(void)why_not(why, WHY_SYSTEM, "no memory for databases");
		return NULL;
	}
	b->number = number;
	b->count = count;
	for (i = 0; i < DB_MAX; i++)
		b->fd[i] = -1;
	return b;
}

bool
bases_add(struct bases *b, size_t at, int fd, struct why *why)
{
	struct db_info info;
	struct why inner;

	if (at >= b->count || b->fd[at] != -1) {
		(void)close(fd);
		return why_not(why, WHY_BUG, "a database out of turn");
	}
	b->fd[at] = fd;
	if (!map_open(fd, &b->map[at], why))
		return false;
	if (!db_open(&b->db[at], b->map[at].at, b->map[at].size, &inner))
		return why_not(why, WHY_BROKEN, "database %zu: %s", at,
		    inner.text);
	b->signature_count[at] = db_signature_count(&b->db[at]);
	b->signatures += b->signature_count[at];
	db_info_get(&b->db[at], &info);
	if (info.built > b->built)
		b->built = info.built;
	return true;
}

bool
bases_is_whole(const struct bases *b)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		if (b->fd[i] == -1)
			return false;
	return true;
}

void
bases_free(struct bases *b)
{
	size_t i;

	if (b == NULL)
		return;
	for (i = 0; i < b->count; i++) {
		map_close(&b->map[i]);
		if (b->fd[i] != -1)
			(void)close(b->fd[i]);
	}
	free(b);
}

bool
bases_kind(const struct bases *b, uint32_t database, uint32_t signature,
    uint32_t *kind, uint32_t *flags)
{
	return database < b->count &&
	    db_signature_kind(&b->db[database], signature, kind, flags);
}

size_t
bases_name(const struct bases *b, uint32_t database, uint32_t signature,
    char *out, size_t room)
{
	struct db_signature s;
	size_t size = 0;

	if (database < b->count &&
	    db_signature_get(&b->db[database], signature, &s)) {
		while (cur_left(&s.name) > 0 && size < room) {
			uint8_t c = cur_u8(&s.name);

			out[size++] = (char)(c < 0x20 || c >= 0x7f ? '?' : c);
		}
	}
	/* Found is found, whatever its name. */
	if (size == 0)
		out[size++] = '?';
	return size;
}
