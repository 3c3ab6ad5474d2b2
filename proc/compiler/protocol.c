/*
 * protocol.c - what candor-compile and its owner say to each other.  See
 * protocol.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/compiler/protocol.h"

#include "lib/wire/pack.h"

#include <string.h>

_Static_assert(16 + 8 * PROTOCOL_NUMBERS + 8 + 2 * PROTOCOL_WORD +
	    PROTOCOL_FILE + PROTOCOL_REASON ==
	PROTOCOL_SIZE,
    "the fields fill a message");

void
protocol_put_text(char *out, size_t size, const char *text)
{
	size_t n = strnlen(text, size - 1);

	memset(out, 0, size);
	memcpy(out, text, n);
}

void
protocol_put_path(char *out, size_t size, const char *path)
{
	size_t n = strlen(path);

	if (n < size) {
		protocol_put_text(out, size, path);
		return;
	}
	memcpy(out, "...", 3);
	protocol_put_text(out + 3, size - 3, path + n - (size - 4));
}

void
protocol_put(const struct protocol_message *m, uint8_t *out)
{
	struct pen p = { out, 0 };
	size_t i;

	put_u32(&p, m->kind);
	put_u32(&p, m->a);
	put_u32(&p, m->b);
	put_u32(&p, m->c);
	for (i = 0; i < PROTOCOL_NUMBERS; i++)
		put_u64(&p, m->number[i]);
	put_u64(&p, m->built);
	put_bytes(&p, m->word, PROTOCOL_WORD);
	put_bytes(&p, m->reason, PROTOCOL_WORD);
	put_bytes(&p, m->name, PROTOCOL_FILE);
	put_bytes(&p, m->text, PROTOCOL_REASON);
}

/* A text must end with a zero inside its field. */
static bool
protocol_get_text(struct cur *c, char *out, size_t size)
{
	get_bytes(c, out, size);
	return out[size - 1] == '\0';
}

static bool
protocol_is_kind(uint32_t kind)
{
	return (kind >= PROTOCOL_BEGIN && kind <= PROTOCOL_REST) ||
	    (kind >= PROTOCOL_READY && kind <= PROTOCOL_FAILED);
}

bool
protocol_get(struct cur record, struct protocol_message *out)
{
	size_t i;

	if (record.size != PROTOCOL_SIZE)
		return false;
	out->kind = cur_u32le(&record);
	out->a = cur_u32le(&record);
	out->b = cur_u32le(&record);
	out->c = cur_u32le(&record);
	for (i = 0; i < PROTOCOL_NUMBERS; i++)
		out->number[i] = cur_u64le(&record);
	out->built = cur_u64le(&record);
	return protocol_get_text(&record, out->word, PROTOCOL_WORD) &&
	    protocol_get_text(&record, out->reason, PROTOCOL_WORD) &&
	    protocol_get_text(&record, out->name, PROTOCOL_FILE) &&
	    protocol_get_text(&record, out->text, PROTOCOL_REASON) &&
	    cur_ok(&record) && protocol_is_kind(out->kind);
}
