/*
 * recall.c - files that were found clean lately.  See recall.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/recall.h"

#include <stdint.h>
#include <string.h>

/* A path has one place, so it is there once at most. */
static size_t
place_of(const char *path)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

	for (; *path != '\0'; path++)
		h = (h ^ (uint8_t)*path) * 0x100000001b3u;
	/* Its low bits know all of the path, its high ones not the end. */
	return (size_t)(h * 0x9e3779b97f4a7c15u >> 40) % RECALL_MAX;
}

void
recall_keep(struct recall *r, const char *path)
{
	size_t size = strlen(path) + 1;

	if (path[0] == '/' && size <= RECALL_PATH)
		memcpy(r->path[place_of(path)], path, size);
}

const char *
recall_at(const struct recall *r, size_t at)
{
	return r->path[at][0] != '\0' ? r->path[at] : NULL;
}
