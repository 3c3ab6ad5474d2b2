/*
 * note.c - signed notes.  See note.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/note.h"

#include "lib/base/base64.h"
#include "lib/base/utf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DASH "\xe2\x80\x94 " /* U+2014, and a blank */

/* A signature line. */
struct line {
	struct cur name;
	uint8_t bytes[NOTE_SIGNATURE]; /* key ID, then the signature */
	size_t size;
};

static bool
read_line(struct cur *lines, struct line *out)
{
	struct cur line;

	return cur_until(lines, '\n', &line) &&
	    cur_match(&line, DASH, sizeof(DASH) - 1) &&
	    cur_until(&line, ' ', &out->name) && vkey_name_is_good(out->name) &&
	    base64_read(line, out->bytes, sizeof(out->bytes), &out->size) &&
	    out->size >= 5;
}

/* UTF-8, and of control characters only newlines; a newline at the end. */
static bool
is_text(struct cur file)
{
	uint32_t c = 0;

	while (cur_left(&file) > 0)
		if (!utf8_read(&file, &c) || (c < 0x20 && c != '\n'))
			return false;
	return c == '\n';
}

/* Where the last empty line is: the size of the text before it, or 0. */
static size_t
text_size(struct cur file)
{
	const uint8_t *b = file.base + file.pos;
	size_t at = cur_left(&file);

	for (; at >= 2; at--)
		if (b[at - 1] == '\n' && b[at - 2] == '\n')
			return at - 1;
	return 0;
}

bool
note_read(struct cur file, struct note *out, struct why *why)
{
	struct cur rest = file, lines;
	struct line line;
	size_t size, count = 0;

	memset(out, 0, sizeof(*out));
	if (cur_left(&file) > NOTE_MAX)
		return why_not(why, WHY_BROKEN, "a note has at most %u bytes",
		    NOTE_MAX);
	if (!is_text(file))
		return why_not(why, WHY_BROKEN,
		    "not a note: it must be UTF-8 without control characters "
		    "that ends in a newline");
	size = text_size(file);
	if (size == 0 || !cur_take(&rest, size, &out->text) ||
	    !cur_skip(&rest, 1) || cur_left(&rest) == 0)
		return why_not(why, WHY_BROKEN,
		    "not a note: no empty line before signatures");
	out->signatures = rest;
	for (lines = rest; cur_left(&lines) > 0; count++)
		if (count == NOTE_LINES_MAX || !read_line(&lines, &line))
			return why_not(why, WHY_BROKEN,
			    "not a note: signature line %zu is malformed, or "
			    "one too many",
			    count + 1);
	return true;
}

/* tlog-cosignature: the time stands before the text in what is signed.  The
   size of that; 0 if the text is too long, or the time. */
static size_t
cosigned(struct cur text, uint64_t time, uint8_t out[NOTE_COSIGNED + 64])
{
	size_t size = cur_left(&text);
	int head;

	if (size > NOTE_COSIGNED || time > INT64_MAX)
		return 0;
	head = snprintf((char *)out, 64, "cosignature/v1\ntime %" PRIu64 "\n",
	    time);
	memcpy(out + head, text.base + text.pos, size);
	return (size_t)head + size;
}

static bool
cosignature_holds(const struct note *n, const struct vkey *k,
    const struct line *l, struct note_signature *out)
{
	uint8_t message[NOTE_COSIGNED + 64];
	struct cur c = cur_from(l->bytes, l->size);
	size_t size;

	if (l->size != 4 + 8 + ED25519_SIGNATURE || !cur_skip(&c, 4))
		return false;
	out->time = cur_u64be(&c);
	size = cosigned(n->text, out->time, message);
	return size > 0 && ed25519_verify(k->key, message, size, l->bytes + 12);
}

static bool
holds(const struct note *n, const struct vkey *k, const struct line *l,
    struct note_signature *out)
{
	if (k->type == VKEY_COSIGNATURE)
		return cosignature_holds(n, k, l, out);
	return l->size == 4 + ED25519_SIGNATURE &&
	    ed25519_verify(k->key, n->text.base + n->text.pos,
		cur_left(&n->text), l->bytes + 4);
}

bool
note_verify(const struct note *n, const struct vkey *key, size_t count,
    struct note_signature *out, struct why *why)
{
	struct cur lines = n->signatures;
	struct line line;
	size_t i;

	memset(out, 0, count * sizeof(*out));
	while (read_line(&lines, &line))
		for (i = 0; i < count; i++) {
			if (!cur_is(&line.name, key[i].name) ||
			    memcmp(line.bytes, key[i].id, 4) != 0)
				continue;
			if (!holds(n, &key[i], &line, &out[i]))
				return why_not(why, WHY_FORGED,
				    "the signature of %s does not hold",
				    key[i].name);
			out[i].is_there = true;
		}
	return true;
}

bool
note_sign(struct cur text, const struct vkey *k,
    const uint8_t seed[ED25519_SEED], char out[NOTE_LINE_MAX])
{
	uint8_t bytes[4 + ED25519_SIGNATURE];
	char payload[BASE64_SIZE(sizeof(bytes)) + 1];

	memcpy(bytes, k->id, 4);
	if (!ed25519_sign(seed, text.base + text.pos, cur_left(&text),
		bytes + 4))
		return false;
	base64_write(bytes, sizeof(bytes), payload);
	(void)snprintf(out, NOTE_LINE_MAX, DASH "%s %s\n", k->name, payload);
	return true;
}

bool
note_cosign(struct cur text, uint64_t time, const struct vkey *k,
    const uint8_t seed[ED25519_SEED], char out[NOTE_LINE_MAX])
{
	uint8_t message[NOTE_COSIGNED + 64];
	uint8_t bytes[4 + 8 + ED25519_SIGNATURE];
	char payload[BASE64_SIZE(sizeof(bytes)) + 1];
	size_t size = cosigned(text, time, message);
	unsigned i;

	memcpy(bytes, k->id, 4);
	for (i = 0; i < 8; i++)
		bytes[4 + i] = (uint8_t)(time >> (56 - 8 * i));
	if (size == 0 || !ed25519_sign(seed, message, size, bytes + 12))
		return false;
	base64_write(bytes, sizeof(bytes), payload);
	(void)snprintf(out, NOTE_LINE_MAX, DASH "%s %s\n", k->name, payload);
	return true;
}
