/*
 * android.c - what an Android app says of itself, piece by piece.
 *
 * Specs:   Dalvik executable format, source.android.com, 039 [DEX]; the
 *          structures of ResourceTypes.h, AOSP androidfw, Android 14 [RES];
 *          Resources.proto, AOSP aapt2 (for bundles) [PROTO]; APK signature
 *          scheme v2 and v3, source.android.com [V2] [V3].
 * Input:   hostile; read through struct cur and struct window only.
 * Emits:   RECOGNISE_CLASS for each class a dex file defines; RECOGNISE_APP;
 *          RECOGNISE_SIGNER.
 * Limits:  a dex file has no more classes than bytes / 32; BLOCK_READ bytes
 *          of a signing block, SIGNERS of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/window.h"
#include "lib/formats/zip.h"
#include "lib/recognise/parts.h"

#include "lib/base/utf.h"

/* --- dex ------------------------------------------------------------------ */

/*
 * Header, little-endian:                                    [DEX header_item]
 *       56     8  strings: count, offset   of 4 bytes: offset of the text
 *       64     8  types: count, offset     of 4 bytes: string of its name
 *       96     8  classes: count, offset   of 32 bytes, first its type
 * A text: how many characters (ULEB128), bytes, zero.  A class's name is
 * "Lcom/example/Thing;".
 */
#define DEX_HEADER  112u
#define DEX_CLASS   32u
#define DEX_ULEB128 5u /* bytes, at most */

struct dex_table {
	uint32_t count, off;
};

static struct dex_table
dex_table(const struct cur *dex, uint32_t at)
{
	struct cur in;

	if (!cur_at(dex, at, 8, &in))
		return (struct dex_table){ 0 };
	return (struct dex_table){ cur_u32le(&in), cur_u32le(&in) };
}

/* The number that stands at the begin of an entry. */
static bool
dex_number(const struct cur *dex, const struct dex_table *t, uint32_t index,
    uint32_t entry, uint32_t *out)
{
	struct cur in;

	if (index >= t->count ||
	    !cur_at(dex, t->off + (uint64_t)index * entry, 4, &in))
		return false;
	*out = cur_u32le(&in);
	return true;
}

static bool
dex_name(const struct cur *dex, uint32_t off, struct recognise_text *out)
{
	struct cur in = *dex;
	uint32_t i = 0;
	uint8_t byte;

	in.pos = 0;
	out->size = 0;
	if (!cur_seek(&in, off))
		return false;
	while ((cur_u8(&in) & 0x80) != 0)
		if (++i == DEX_ULEB128)
			return false;
	if (cur_u8(&in) != 'L')
		return false;
	for (byte = cur_u8(&in); byte != ';' && byte != 0; byte = cur_u8(&in)) {
		if (out->size == RECOGNISE_TEXT)
			return true; /* its front will do */
		out->bytes[out->size++] = byte == '/' ? '.' : byte;
	}
	return byte == ';';
}

void
recognise_dex(const struct recognise *r, struct cur dex)
{
	struct dex_table strings = dex_table(&dex, 56);
	struct dex_table types = dex_table(&dex, 64);
	struct dex_table classes = dex_table(&dex, 96);
	struct recognise_text name;
	uint32_t i, type, string, off;

	if (!cur_is(&(struct cur){ .base = dex.base,
			.size = dex.size < 4 ? 0 : 4 },
		"dex\n") ||
	    dex.size < DEX_HEADER || classes.count > dex.size / DEX_CLASS) {
		recognise_gap(r, "dex", "it is malformed");
		return;
	}
	for (i = 0; i < classes.count; i++)
		if (dex_number(&dex, &classes, i, DEX_CLASS, &type) &&
		    dex_number(&dex, &types, type, 4, &string) &&
		    dex_number(&dex, &strings, string, 4, &off) &&
		    dex_name(&dex, off, &name))
			recognise_tell(r, RECOGNISE_CLASS,
			    recognise_text_cur(&name), cur_from("", 0));
}

/* --- the manifest --------------------------------------------------------- */

/*
 * Chunks, one in the other:                           [RES ResChunk_header]
 *        0     2  type
 *        2     2  size of its header
 *        4     4  size of it all
 * 0x0003 is the document, in it 0x0001 the pool of strings:
 *        8     4  strings
 *       16     4  flags     0x100: UTF-8, else UTF-16
 *       20     4  offset of the texts
 *       28        of each string its offset in them, 4 bytes
 * and 0x0102 the begin of an element:
 *       16     8  namespace and name, strings
 *       24     2  offset of the attributes from 16 on
 *       26     2  bytes of each
 *       28     2  how many
 * An attribute:  0  4  namespace   4  4  name   8  4  value as it was written
 */
#define RES_POOL    0x0001u
#define RES_XML     0x0003u
#define RES_ELEMENT 0x0102u
#define RES_UTF8    0x100u
#define ATTRIBUTES  64u

struct chunk {
	uint16_t type;
	struct cur all; /* with its header */
};

static bool
next_chunk(struct cur *in, struct chunk *out)
{
	struct cur head = *in;
	uint32_t size;

	out->type = cur_u16le(&head);
	(void)cur_u16le(&head);
	size = cur_u32le(&head);
	return cur_ok(&head) && size >= 8 && cur_take(in, size, &out->all);
}

static uint32_t
number_at(const struct cur *in, uint64_t off)
{
	struct cur at;

	return cur_at(in, off, 4, &at) ? cur_u32le(&at) : UINT32_MAX;
}

/* A length is one unit, or two if the highest bit is set. */
static uint32_t
pool_length(struct cur *in, bool is_utf8)
{
	uint32_t n = is_utf8 ? cur_u8(in) : cur_u16le(in);
	uint32_t high = is_utf8 ? 0x80 : 0x8000;

	if ((n & high) != 0)
		n = (n & (high - 1)) << (is_utf8 ? 8 : 16) |
		    (is_utf8 ? cur_u8(in) : cur_u16le(in));
	return n;
}

static void
pool_text(const struct cur *pool, uint32_t index, struct recognise_text *out)
{
	bool is_utf8 = (number_at(pool, 16) & RES_UTF8) != 0;
	struct cur in = *pool, text;
	uint32_t length;

	out->size = 0;
	if (index >= number_at(pool, 8) ||
	    !cur_seek(&in,
		(uint64_t)number_at(pool, 20) +
		    number_at(pool, 28 + 4 * (uint64_t)index)))
		return;
	if (is_utf8)
		(void)pool_length(&in, true); /* in characters; then in bytes */
	length = pool_length(&in, is_utf8);
	if (!cur_take(&in, is_utf8 ? length : 2 * (uint64_t)length, &text))
		return;
	if (is_utf8)
		recognise_text_add_bytes(out, text);
	while (!is_utf8 && cur_left(&text) >= 2)
		recognise_text_add(out, utf16_read(&text, false));
}

static bool
pool_is(const struct cur *pool, uint32_t index, const char *want)
{
	struct recognise_text text;
	struct cur c;

	pool_text(pool, index, &text);
	c = recognise_text_cur(&text);
	return cur_is(&c, want);
}

/* The id stands in the attribute "package" of <manifest>. */
static void
read_element(const struct recognise *r, const struct cur *pool,
    const struct cur *element)
{
	struct recognise_text id;
	struct cur in, one;
	uint32_t size, count, i;

	if (!cur_at(element, 24, 6, &in))
		return;
	in = *element;
	in.pos = 0;
	if (!cur_seek(&in, 24))
		return;
	i = cur_u16le(&in);
	size = cur_u16le(&in);
	count = cur_u16le(&in);
	if (size < 12 || !cur_seek(&in, 16 + (uint64_t)i))
		return;
	for (i = 0; i < count && i < ATTRIBUTES && cur_take(&in, size, &one);
	     i++) {
		if (!pool_is(pool, number_at(&one, 4), "package"))
			continue;
		pool_text(pool, number_at(&one, 8), &id);
		recognise_tell(r, RECOGNISE_APP, recognise_text_cur(&id),
		    cur_from("", 0));
		return;
	}
}

static void
read_binary(const struct recognise *r, struct cur xml)
{
	struct cur pool = cur_from("", 0);
	struct chunk document, c;

	if (!next_chunk(&xml, &document) || document.type != RES_XML ||
	    !cur_skip(&document.all, 8)) {
		recognise_gap(r, "AndroidManifest.xml", "it is malformed");
		return;
	}
	while (next_chunk(&document.all, &c)) {
		if (c.type == RES_POOL)
			pool = c.all;
		if (c.type != RES_ELEMENT)
			continue;
		if (pool_is(&pool, number_at(&c.all, 20), "manifest"))
			read_element(r, &pool, &c.all);
		return; /* it is the first, or nowhere */
	}
}

/*
 * A message of protocol buffers: fields of a number and a type, of which 2
 * is bytes with their length before them.                          [PROTO]
 *   XmlNode       1  element
 *   XmlElement    3  name      4  attribute
 *   XmlAttribute  2  name      3  value
 */
static uint64_t
take_varint(struct cur *in)
{
	uint64_t value = 0, byte;
	unsigned i;

	for (i = 0; i < 10; i++) {
		byte = cur_u8(in);
		value |= (byte & 0x7f) << (7 * i);
		if ((byte & 0x80) == 0)
			break;
	}
	return value;
}

/* Cut the next field that is bytes off in. */
static bool
next_field(struct cur *in, uint64_t *number, struct cur *out)
{
	static const uint64_t fixed[] = { 0, 8, 0, 0, 0, 4, 0, 0 };
	uint64_t key;

	while (cur_left(in) > 0) {
		key = take_varint(in);
		*number = key >> 3;
		if ((key & 7) == 2)
			return cur_take(in, take_varint(in), out);
		if ((key & 7) == 0)
			(void)take_varint(in);
		else if (fixed[key & 7] == 0 || !cur_skip(in, fixed[key & 7]))
			return false;
	}
	return false;
}

static bool
find_field(struct cur in, uint64_t want, struct cur *out)
{
	uint64_t number;

	while (next_field(&in, &number, out))
		if (number == want)
			return true;
	return false;
}

static void
read_proto(const struct recognise *r, struct cur xml)
{
	struct cur element, field, name, value;
	uint64_t number;

	if (!find_field(xml, 1, &element) || !find_field(element, 3, &name) ||
	    !cur_is(&name, "manifest")) {
		recognise_gap(r, "AndroidManifest.xml", "it is malformed");
		return;
	}
	while (next_field(&element, &number, &field))
		if (number == 4 && find_field(field, 2, &name) &&
		    cur_is(&name, "package") && find_field(field, 3, &value)) {
			if (value.size > RECOGNISE_TEXT)
				value.size = RECOGNISE_TEXT;
			recognise_tell(r, RECOGNISE_APP, value,
			    cur_from("", 0));
			return;
		}
}

void
recognise_manifest(const struct recognise *r, struct cur xml)
{
	struct cur head = xml;

	if (cur_u8(&head) == 0x0a)
		read_proto(r, xml);
	else
		read_binary(r, xml);
}

/* --- the signing block ---------------------------------------------------- */

/*
 * Right before the central directory, little-endian:                   [V2]
 *        0     8  size of what follows
 *              8  size of a pair, then it: 4 bytes of id and its value; …
 *              8  the size again
 *             16  "APK Sig Block 42"
 * The value of a signature is, each with its size (4 bytes) before it,
 * signers; a signer is signed data first, signed data are digests and
 * certificates first.
 */
#define BLOCK_TAIL 24u
#define BLOCK_READ ((uint64_t)4 << 20)
#define BLOCK_V2   0x7109871au
#define BLOCK_V3   0xf05368c0u
#define BLOCK_V31  0x1b93ad61u
#define SIGNERS    16u
#define PAIRS      64u

static bool
take_sized(struct cur *in, struct cur *out)
{
	uint32_t size = cur_u32le(in);

	return cur_ok(in) && cur_take(in, size, out);
}

static void
read_block_signers(const struct recognise *r, struct cur value)
{
	struct cur signers, signer, data, digests, certificates, one;
	unsigned i;

	if (!take_sized(&value, &signers))
		return;
	for (i = 0; i < SIGNERS && take_sized(&signers, &signer); i++)
		if (take_sized(&signer, &data) && take_sized(&data, &digests) &&
		    take_sized(&data, &certificates) &&
		    take_sized(&certificates, &one))
			recognise_certificate(r, one);
}

static void
read_block(const struct recognise *r, struct cur pairs)
{
	struct cur pair;
	uint32_t id, i;

	for (i = 0; i < PAIRS && cur_left(&pairs) > 12; i++) {
		uint64_t size = cur_u64le(&pairs);

		if (!cur_take(&pairs, size, &pair))
			return;
		id = cur_u32le(&pair);
		if (id == BLOCK_V2 || id == BLOCK_V3 || id == BLOCK_V31)
			read_block_signers(r, pair);
	}
}

void
recognise_apk_block(const struct recognise *r)
{
	size_t mark = arena_mark(r->arena);
	struct zip_directory directory = { 0 };
	struct window w;
	struct cur in;
	uint64_t at, size;

	if (r->source->size == SOURCE_SIZE_UNKNOWN ||
	    !window_init(&w, r->source, r->arena))
		return;
	zip_find_directory(&w, &directory);
	at = directory.at;
	if (directory.is_found && directory.is_valid && at >= BLOCK_TAIL + 8 &&
	    window_cur(&w, at - BLOCK_TAIL, BLOCK_TAIL, &in)) {
		size = cur_u64le(&in);
		if (cur_match(&in, "APK Sig Block 42", 16) &&
		    size >= BLOCK_TAIL && size <= at && size <= BLOCK_READ &&
		    source_cur(r->source, r->arena, at - size,
			size - BLOCK_TAIL, &in))
			read_block(r, in);
	}
	arena_reset(r->arena, mark);
}
