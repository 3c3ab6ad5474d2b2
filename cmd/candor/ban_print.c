/*
 * ban_print.c - what the forms of candor ban share.  The contract is in
 * ban_print.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_print.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/escape.h"
#include "lib/base/utf.h"

#include <stdlib.h>
#include <string.h>

/* Characters, which is columns but for wide scripts. */
static int
columns_of(const char *text, size_t size)
{
	int n = 0;
	size_t i;

	for (i = 0; i < size; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80 ? 1 : 0;
	return n;
}

void
ban_print_escaped(FILE *to, const char *text, size_t size,
    void (*escape)(FILE *to, const void *bytes, size_t size))
{
	size_t i, from = 0;

	for (i = 0; i < size; i++)
		if (text[i] == '\\') {
			escape(to, text + from, i - from);
			fputc('\\', to);
			from = i + 1;
		}
	escape(to, text + from, size - from);
}

void
ban_print_wrapped(FILE *to, int indent, const char *text)
{
	int column = indent;

	while (*text != '\0') {
		size_t size = strcspn(text, " ");
		int wide = columns_of(text, size);

		if (column > indent && column + 1 + wide > BAN_WIDTH) {
			fprintf(to, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', to);
			column++;
		}
		ban_print_escaped(to, text, size, escape_text);
		column += wide;
		text += size;
		text += strspn(text, " ");
	}
	fputc('\n', to);
}

void
ban_print_labelled(FILE *to, int indent, const char *label, const char *text)
{
	fprintf(to, "%*s%s ", indent, "", label);
	ban_print_wrapped(to, indent + columns_of(label, strlen(label)) + 1,
	    text);
}

void
ban_print_sources(FILE *to, int indent, const struct policy *ban,
    const json_t *record)
{
	const json_t *all = json_object_get(ban->root, "sources");
	const json_t *cited = json_object_get(record, "source"), *one;
	const char *note = policy_text(record, "note");
	size_t i;

	if (note != NULL)
		ban_print_labelled(to, indent, "Note:", note);
	if (policy_is_unconfirmed(record)) {
		fprintf(to, "%*sUnconfirmed: ", indent, "");
		ban_print_wrapped(to, indent + 13,
		    strcmp(policy_text(record, "confidence"), "low") == 0
			? "low confidence; check it before you rely on it."
			: "one secondary source; check it before you rely "
			  "on it.");
	}
	json_array_foreach(cited, i, one)
	{
		const json_t *source =
		    json_object_get(all, json_string_value(one));
		const char *url = policy_text(source, "url");

		ban_print_labelled(to, indent,
		    "Source:", policy_text(source, "title"));
		fprintf(to, "%*s", indent + 8, "");
		escape_text(to, url, strlen(url));
		fputc('\n', to);
	}
}

json_t *
ban_print_record(const struct policy *ban, const json_t *record)
{
	const json_t *all = json_object_get(ban->root, "sources");
	const json_t *cited = json_object_get(record, "source"), *one;
	json_t *copy = json_deep_copy(record), *sources = json_array();
	size_t i;

	json_array_foreach(cited, i, one) json_array_append_new(sources,
	    json_deep_copy(json_object_get(all, json_string_value(one))));
	json_object_set_new(copy, "source", sources);
	json_object_set_new(copy, "confirmed",
	    json_boolean(!policy_is_unconfirmed(record)));
	return copy;
}

void
ban_print_object(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

const char *
ban_print_disclaimer(const struct policy *ban, size_t count)
{
	return count > 0 ? policy_text(ban[0].root, "disclaimer")
			 : "Not legal advice.";
}

json_t *
ban_print_string(const char *text)
{
	struct cur c = cur_from(text, strlen(text));
	struct buf b = { 0 };
	json_t *string;
	uint32_t character;
	uint8_t bytes[UTF8_MAX];

	while (cur_left(&c) > 0) {
		struct cur before = c;

		if (!utf8_read(&c, &character)) {
			c = before;
			(void)cur_u8(&c);
			character = 0xfffd;
		}
		buf_add(&b, bytes, utf8_write(character, bytes));
	}
	string = json_stringn(b.bytes != NULL ? b.bytes : "", b.size);
	buf_free(&b);
	return string;
}

json_t *
ban_print_bytes(struct cur c)
{
	char *text = buf_alloc(1, c.size + 1);
	json_t *string;

	memcpy(text, c.base, c.size);
	text[c.size] = '\0';
	string = ban_print_string(text);
	free(text);
	return string;
}
