/*
 * pe.c - what a Windows program says of itself.
 *
 * Spec:    PE Format, Microsoft, revision of June 2023, 5.7 (attribute
 *          certificate table) [PE]; "Version Information Structures" [VER].
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   RECOGNISE_SIGNER and RECOGNISE_COUNTERSIGNER of each signature;
 *          RECOGNISE_COMPANY, RECOGNISE_PRODUCT and RECOGNISE_SETUP of the
 *          version information.
 * Limits:  CERTIFICATES_READ bytes of the table, CERTIFICATES entries.
 *
 * The table stands at an offset of the file, not at an address.  An entry:
 *
 *        0     4  dwLength    with these eight bytes
 *        4     2  wRevision
 *        6     2  wCertificateType   2: PKCS #7 SignedData
 *        8        the certificate; then zeros up to a multiple of eight
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/pe.h"
#include "lib/recognise/parts.h"

#include "lib/base/ascii.h"
#include "lib/base/utf.h"

#define CERTIFICATES_READ ((uint64_t)4 << 20)
#define CERTIFICATES      16u
#define CERTIFICATE_PKCS7 2u
#define ENTRY_HEAD        8u

#define VERSION_READ 1024u /* of a key with its value */

static void
read_certificates(const struct recognise *r, struct cur table)
{
	struct cur one, pad;
	uint32_t length, i;
	uint16_t type;

	for (i = 0; i < CERTIFICATES && cur_left(&table) >= ENTRY_HEAD; i++) {
		length = cur_u32le(&table);
		(void)cur_u16le(&table); /* wRevision */
		type = cur_u16le(&table);
		if (length < ENTRY_HEAD ||
		    !cur_take(&table, length - ENTRY_HEAD, &one)) {
			recognise_gap(r, "signature", "it is cut or malformed");
			return;
		}
		if (type == CERTIFICATE_PKCS7)
			recognise_signed_data(r, one);
		if (!cur_take(&table, (8 - length % 8) % 8, &pad))
			return;
	}
}

static void
look_at_certificates(const struct recognise *r, const struct pe_range *where)
{
	uint64_t size = where->size;
	struct cur table;

	if (size > CERTIFICATES_READ)
		size = CERTIFICATES_READ;
	source_cur_upto(r->source, r->arena, where->rva, size, &table);
	/* One that lies outside of the file is none. */
	if (table.size == CERTIFICATES_READ)
		recognise_gap(r, "signature", "it is larger than 4 MiB");
	read_certificates(r, table);
}

/* --- version information -------------------------------------------------- */

struct version {
	struct recognise_text company, product, version;
	bool is_setup;
};

/* Up to the zero; false if there is none. */
static bool
take_text(struct cur *in, struct recognise_text *out)
{
	uint32_t character;

	out->size = 0;
	while (cur_left(in) >= 2) {
		character = utf16_read(in, false);
		if (character == 0)
			return true;
		recognise_text_add(out, character);
	}
	return false;
}

static bool
is_text(const struct recognise_text *t, const char *want)
{
	struct cur c = recognise_text_cur(t);

	return cur_is(&c, want);
}

/* Does it have a word that begins like that, whatever its case? */
static bool
has_word(const struct recognise_text *t, const char *want)
{
	size_t n = strlen(want), i, k;

	for (i = 0; i + n <= t->size; i++) {
		for (k = 0; k < n; k++)
			if (ascii_lower(t->bytes[i + k]) != (uint8_t)want[k])
				break;
		if (k == n && (i == 0 || !ascii_is_letter(t->bytes[i - 1])))
			return true;
	}
	return false;
}

static void
note_value(struct version *v, const struct recognise_text *key,
    const struct recognise_text *value)
{
	if (is_text(key, "CompanyName"))
		v->company = *value;
	else if (is_text(key, "ProductName"))
		v->product = *value;
	else if (is_text(key, "ProductVersion"))
		v->version = *value;
	else if (is_text(key, "FileDescription") ||
	    is_text(key, "OriginalFilename") || is_text(key, "InternalName"))
		v->is_setup = v->is_setup || has_word(value, "setup") ||
		    has_word(value, "install");
}

/* A node: six bytes, key, zero, padding up to a multiple of four, value. */
static void
read_version(const struct recognise *r, uint64_t off, struct version *v)
{
	struct recognise_text key, value;
	size_t mark = arena_mark(r->arena);
	struct cur in;

	source_cur_upto(r->source, r->arena, off, VERSION_READ, &in);
	if (take_text(&in, &key) && cur_skip(&in, (4 - (in.pos + 6) % 4) % 4) &&
	    take_text(&in, &value))
		note_value(v, &key, &value);
	arena_reset(r->arena, mark);
}

static void
look_at_version(const struct recognise *r, struct pe *p)
{
	struct version v = { 0 };
	uint32_t i;

	pe_version_read(p);
	for (i = 0; i < p->facts->version_info_count; i++)
		read_version(r, p->facts->version_info[i], &v);
	recognise_tell(r, RECOGNISE_COMPANY, recognise_text_cur(&v.company),
	    recognise_text_cur(&v.product));
	recognise_tell(r, RECOGNISE_PRODUCT, recognise_text_cur(&v.product),
	    recognise_text_cur(&v.version));
	if (v.is_setup)
		recognise_tell(r, RECOGNISE_SETUP, recognise_word("setup"),
		    cur_from("", 0));
}

void
recognise_pe(const struct recognise *r)
{
	size_t mark = arena_mark(r->arena);
	struct facts facts = { 0 };
	struct pe p = {
		.source = r->source, .arena = r->arena, .facts = &facts
	};
	bool is_whole = pe_headers_read(&p) == FORMAT_WHOLE;

	look_at_certificates(r, &p.directory[PE_CERTIFICATE]);
	if (is_whole)
		look_at_version(r, &p);
	arena_reset(r->arena, mark);
}
