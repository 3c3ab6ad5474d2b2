/*
 * chain.c - lines that each carry the hash of the line before.  See chain.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/chain.h"

#include "lib/base/hex.h"
#include "lib/crypto/digest.h"

#include <stdlib.h>
#include <string.h>

#define HOW (JSON_COMPACT | JSON_SORT_KEYS)

void
chain_init(struct chain *c)
{
	c->count = 0;
	memset(c->head, '0', CHAIN_HEX - 1);
	c->head[CHAIN_HEX - 1] = '\0';
}

void
chain_hash(const void *bytes, size_t size, char out[CHAIN_HEX])
{
	uint8_t digest[DIGEST_SIZE_MAX];

	digest_of(DIGEST_SHA256, bytes, size, digest);
	hex_write(digest, 32, out);
}

char *
chain_write(const struct chain *c, json_t *record)
{
	char *text, *line;
	size_t size;

	json_object_set_new(record, "n", json_integer((json_int_t)c->count));
	json_object_set_new(record, "prev", json_string(c->head));
	text = json_dumps(record, HOW);
	if (text == NULL)
		return NULL;
	size = strlen(text);
	line = size < CHAIN_LINE_MAX ? malloc(size + 2) : NULL;
	if (line != NULL) {
		memcpy(line, text, size);
		memcpy(line + size, "\n", 2);
	}
	free(text);
	return line;
}

/* Is it written the only way it may be? */
static bool
is_plain(const json_t *record, struct cur line)
{
	char *text = json_dumps(record, HOW);
	bool is_same = text != NULL && strlen(text) == line.size &&
	    memcmp(text, line.base, line.size) == 0;

	free(text);
	return is_same;
}

static const char *
complaint(const struct chain *c, const json_t *record, struct cur line)
{
	const json_t *n = json_object_get(record, "n");
	const char *prev = json_string_value(json_object_get(record, "prev"));

	if (!json_is_object(record))
		return "no JSON object";
	if (!is_plain(record, line))
		return "not written as the chain's lines are";
	if (!json_is_integer(n) ||
	    json_integer_value(n) != (json_int_t)c->count)
		return "its number is not the next";
	if (prev == NULL || strcmp(prev, c->head) != 0)
		return "it does not carry the hash of the line before";
	return NULL;
}

static void
advance(struct chain *c, struct cur line)
{
	uint8_t digest[DIGEST_SIZE_MAX];
	struct digest d;

	digest_init(&d, DIGEST_SHA256);
	digest_add(&d, line.base, line.size);
	digest_add(&d, "\n", 1);
	digest_end(&d, digest);
	hex_write(digest, 32, c->head);
	c->count++;
}

json_t *
chain_take(struct chain *c, struct cur line, const char **wrong)
{
	json_t *record = NULL;

	*wrong = "longer than a line may be";
	if (line.size < CHAIN_LINE_MAX) {
		record = json_loadb((const char *)line.base, line.size,
		    JSON_REJECT_DUPLICATES, NULL);
		*wrong = complaint(c, record, line);
	}
	if (*wrong == NULL) {
		advance(c, line);
		return record;
	}
	json_decref(record);
	return NULL;
}
