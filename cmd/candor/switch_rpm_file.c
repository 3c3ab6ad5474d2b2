/*
 * switch_rpm_file.c - a file of rpm that has a package's header, and none of
 * its files.  The contract is in switch_rpm.h.
 *
 * Spec:    RPM Package Format, version 4 ("Lead", "Signature", "Header") of
 *          rpm.org; numbers are big-endian.
 *
 *   lead        96 bytes: magic, 3, 0, kind 0 (binary), machine, name,
 *               system, 5 (a header of signatures follows)
 *   signatures  a header, padded to 8 bytes
 *   header      a header; rpm's database has the same bytes of it
 *
 * A header is magic (8 bytes), how many entries, how many bytes of data; the
 * entries: tag, type, where in the data, how many; the data.  An entry 62 is
 * first where all others are as they were signed; its data stands last, and
 * is an entry that says how far back they reach.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_rpm.h"

#include "lib/base/base64.h"
#include "lib/base/cur.h"

#include <stdio.h>
#include <string.h>

#define ENTRY      16u
#define TAG_REGION 62u
#define TYPE_TEXT  6u
#define TYPE_BYTES 7u

static const uint8_t magic[8] = { 0x8e, 0xad, 0xe8, 0x01 };

static void
add_u32(struct buf *b, uint32_t value)
{
	const uint8_t bytes[4] = { (uint8_t)(value >> 24),
		(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value };

	buf_add(b, bytes, sizeof(bytes));
}

static void
add_entry(struct buf *b, uint32_t tag, uint32_t type, uint32_t at,
    uint32_t count)
{
	add_u32(b, tag);
	add_u32(b, type);
	add_u32(b, at);
	add_u32(b, count);
}

static void
add_lead(struct buf *out, const char *name)
{
	uint8_t lead[96] = { 0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0, 0, 1 };

	(void)snprintf((char *)lead + 10, 66, "%s", name);
	lead[77] = 1;
	lead[79] = 5;
	buf_add(out, lead, sizeof(lead));
}

static void
add_signatures(struct buf *out, const struct switch_rpm_tag *tag, size_t tags)
{
	struct buf entries = { 0 }, data = { 0 };
	uint32_t count = 1;
	size_t i;

	for (i = 0; i < tags; i++) {
		const struct switch_rpm_tag *t = &tag[i];

		if (t->value.size == 0)
			continue;
		add_entry(&entries, t->tag, t->is_text ? TYPE_TEXT : TYPE_BYTES,
		    (uint32_t)data.size,
		    t->is_text ? 1 : (uint32_t)t->value.size);
		buf_add(&data, t->value.bytes, t->value.size);
		if (t->is_text)
			buf_byte(&data, '\0');
		count++;
	}
	buf_add(out, magic, sizeof(magic));
	add_u32(out, count);
	add_u32(out, (uint32_t)data.size + ENTRY);
	add_entry(out, TAG_REGION, TYPE_BYTES, (uint32_t)data.size, ENTRY);
	buf_add(out, entries.bytes, entries.size);
	buf_add(out, data.bytes, data.size);
	add_entry(out, TAG_REGION, TYPE_BYTES, (uint32_t) - (ENTRY * count),
	    ENTRY);
	while (out->size % 8 != 0)
		buf_byte(out, '\0');
	buf_free(&entries);
	buf_free(&data);
}

bool
switch_rpm_header_is_whole(const struct buf *header)
{
	struct cur c = cur_from(header->bytes, header->size);
	uint64_t entries = cur_u32be(&c), bytes = cur_u32be(&c);

	return cur_ok(&c) && cur_left(&c) == entries * ENTRY + bytes;
}

void
switch_rpm_file(const char *name, const struct buf *header,
    const struct switch_rpm_tag *tag, size_t tags, struct buf *out)
{
	add_lead(out, name);
	add_signatures(out, tag, tags);
	buf_add(out, magic, sizeof(magic));
	buf_add(out, header->bytes, header->size);
}

bool
switch_rpm_read_base64(const struct buf *text, struct buf *out)
{
	struct base64 b = { 0, 0 };
	uint8_t byte;
	size_t i;

	for (i = 0; i < text->size && text->bytes[i] != '='; i++) {
		uint8_t value = base64_value((uint8_t)text->bytes[i]);

		if (text->bytes[i] == '\n')
			continue;
		if (value == 64)
			return false;
		if (base64_add(&b, value, &byte))
			buf_byte(out, (char)byte);
	}
	return out->size > 0;
}
