/*
 * text.c - lines of "KEYWORD VALUE".  See text.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/text.h"

#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "lib/trust/checkpoint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
text_value(struct cur *text, const char *keyword, struct cur *value)
{
	struct cur c = *text;
	size_t left;

	if (!cur_match(&c, keyword, strlen(keyword)) || !cur_match(&c, " ", 1))
		return false;
	left = cur_left(&c);
	/* A line ends in a newline, the last one too. */
	if (!cur_until(&c, '\n', value) || cur_left(value) == 0 ||
	    cur_left(value) == left)
		return false;
	*text = c;
	return true;
}

bool
text_number(struct cur *text, const char *keyword, uint64_t *out)
{
	struct cur value;

	return text_value(text, keyword, &value) &&
	    checkpoint_number(value, out);
}

bool
text_word(struct cur *value, struct cur *word)
{
	return cur_until(value, ' ', word) && cur_left(word) > 0;
}

bool
text_copy(struct cur word, char *out, size_t room)
{
	size_t size = cur_left(&word);

	if (size == 0 || size >= room)
		return false;
	memcpy(out, word.base + word.pos, size);
	out[size] = '\0';
	return true;
}

bool
text_sha256(struct cur word, uint8_t out[MERKLE_HASH])
{
	return cur_match(&word, "sha256:", 7) &&
	    hex_read(word, out, MERKLE_HASH);
}

bool
text_hash(struct cur word, struct merkle_hash *out)
{
	size_t size;

	return base64_read(word, out->bytes, MERKLE_HASH, &size) &&
	    size == MERKLE_HASH;
}

bool
text_is_plain(struct cur text)
{
	while (cur_left(&text) > 0) {
		uint8_t c = cur_u8(&text);

		if (c != '\n' && (c < 0x20 || c > 0x7e))
			return false;
	}
	return true;
}

struct text_out
text_to(void *bytes, size_t room)
{
	return (struct text_out){ .bytes = bytes, .room = room };
}

struct text_out
text_compared(struct cur want)
{
	return (struct text_out){ .want = want };
}

void
text_add_bytes(struct text_out *t, struct cur bytes)
{
	size_t size = cur_left(&bytes);

	if (size == 0 || t->is_bad)
		return;
	if (t->bytes == NULL) {
		const char *got = (const void *)(bytes.base + bytes.pos);

		t->is_bad = !cur_match(&t->want, got, size);
		return;
	}
	if (size > t->room - t->size) {
		t->is_bad = true;
		return;
	}
	memcpy(t->bytes + t->size, bytes.base + bytes.pos, size);
	t->size += size;
}

void
text_add(struct text_out *t, const char *format, ...)
{
	char line[TEXT_LINE + 1];
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (size < 0 || (size_t)size >= sizeof(line))
		t->is_bad = true;
	else
		text_add_bytes(t, cur_from(line, (size_t)size));
}

void
text_add_sha256(struct text_out *t, const uint8_t sum[MERKLE_HASH])
{
	char hex[2 * MERKLE_HASH + 1];

	hex_write(sum, MERKLE_HASH, hex);
	text_add(t, "sha256:%s", hex);
}

void
text_add_hash(struct text_out *t, const struct merkle_hash *hash)
{
	char text[BASE64_SIZE(MERKLE_HASH) + 1];

	base64_write(hash->bytes, MERKLE_HASH, text);
	text_add(t, "%s\n", text);
}

bool
text_is_whole(const struct text_out *t)
{
	return !t->is_bad && (t->bytes != NULL || cur_left(&t->want) == 0);
}
