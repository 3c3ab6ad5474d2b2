/*
 * buf.c - a buffer that grows.  The contract is in buf.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/buf.h"

#include "lib/base/ckd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Say so and end: see the head of buf.h. */
static _Noreturn void
die_of_memory(void)
{
	fputs("candor: out of memory\n", stderr);
	exit(2);
}

void *
buf_grow(void *array, size_t *room, size_t want, size_t size)
{
	size_t next = *room < 8 ? 8 : *room;
	size_t bytes;
	void *moved;

	if (want <= *room)
		return array;
	while (next < want)
		if (ckd_mul(&next, next, (size_t)2))
			die_of_memory();
	if (ckd_mul(&bytes, next, size) || bytes > BUF_MAX)
		die_of_memory();
	moved = realloc(array, bytes);
	if (moved == NULL)
		die_of_memory();
	*room = next;
	return moved;
}

void *
buf_alloc(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (p == NULL)
		die_of_memory();
	return p;
}

char *
buf_copy(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		die_of_memory();
	return copy;
}

void
buf_add(struct buf *b, const void *bytes, size_t size)
{
	size_t want;

	if (ckd_add(&want, b->size, size) || ckd_add(&want, want, (size_t)1))
		die_of_memory();
	b->bytes = buf_grow(b->bytes, &b->room, want, 1);
	if (size > 0)
		memcpy(b->bytes + b->size, bytes, size);
	b->size += size;
	b->bytes[b->size] = '\0';
}

void
buf_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void
buf_byte(struct buf *b, char byte)
{
	buf_add(b, &byte, 1);
}

void
buf_cut(struct buf *b, size_t size)
{
	if (size >= b->size)
		return;
	b->size = size;
	b->bytes[size] = '\0';
}

void
buf_free(struct buf *b)
{
	free(b->bytes);
	*b = (struct buf){ 0 };
}
