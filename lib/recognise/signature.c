/*
 * signature.c - who calls himself the signer of something.
 *
 * Spec:    RFC 2315 (PKCS #7) 9; RFC 5652 (CMS) 5, where newer signers go
 *          beyond it; RFC 5280 4.1 and A.1 (certificates, names); RFC 2985
 *          5.3.6 (countersignature); RFC 3161 2.4.2 (time-stamp token);
 *          Windows Authenticode Portable Executable Signature Format, 2008.
 * Input:   hostile; read through struct cur only.
 * Emits:   RECOGNISE_SIGNER for the common name and the organisation (where
 *          they differ) of each signer's certificate, RECOGNISE_COUNTERSIGNER
 *          for those who vouch for the time.
 * Limits:  SIGNATURES of them, one in another; SIGNERS of each; CERTIFICATES
 *          are looked through for each.
 *
 * Nothing is verified: no digest, no chain, no validity.
 *
 *   ContentInfo   SEQUENCE { OBJECT signedData, [0] SignedData }
 *   SignedData    SEQUENCE { INTEGER, SET digests, SEQUENCE content,
 *                     [0] certificates, [1] lists (both may be missing),
 *                     SET OF SignerInfo }
 *   SignerInfo    SEQUENCE { INTEGER, SEQUENCE { Name issuer, INTEGER serial }
 *                     or [0] key identifier, SEQUENCE digest,
 *                     [0] attributes (may be missing), SEQUENCE,
 *                     OCTET STRING, [1] attributes that are not signed }
 *   Attribute     SEQUENCE { OBJECT, SET of values }
 *   Certificate   SEQUENCE { SEQUENCE { [0] version (may be missing),
 *                     INTEGER serial, SEQUENCE, Name issuer, SEQUENCE,
 *                     Name subject, … }, … }
 *   Name          SEQUENCE OF SET OF SEQUENCE { OBJECT, string }
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/recognise/der.h"
#include "lib/recognise/parts.h"

#include "lib/base/utf.h"

#define SIGNATURES   8u
#define SIGNERS      16u
#define CERTIFICATES 64u

/* Bytes of object identifiers. */
#define OBJECT_SIGNED_DATA  "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OBJECT_COUNTERSIGN  "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x06"
#define OBJECT_TIMESTAMP    "\x2b\x06\x01\x04\x01\x82\x37\x03\x03\x01"
#define OBJECT_TIMESTAMP_2  "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e"
#define OBJECT_NESTED       "\x2b\x06\x01\x04\x01\x82\x37\x02\x04\x01"
#define OBJECT_COMMON_NAME  "\x55\x04\x03"
#define OBJECT_ORGANISATION "\x55\x04\x0a"

#define IS(object, bytes) der_is_object(object, bytes, sizeof(bytes) - 1)

/* Signatures still to be read. */
struct work {
	const struct recognise *to;
	struct {
		struct cur info; /* a ContentInfo */
		enum recognise_what who;
	} todo[SIGNATURES];
	size_t count;
};

/* --- names ---------------------------------------------------------------- */

struct names {
	struct recognise_text common, organisation;
};

/* Of one of the string types of a name. */
static void
read_string(const struct der *string, struct recognise_text *out)
{
	struct cur in = string->body;

	out->size = 0;
	switch (string->tag) {
	case DER_UTF8:
	case DER_PRINTABLE:
	case DER_IA5:
		recognise_text_add_bytes(out, in);
		break;
	case DER_TELETEX: /* in practice Latin-1 */
		while (cur_left(&in) > 0)
			recognise_text_add(out, cur_u8(&in));
		break;
	case DER_BMP:
		while (cur_left(&in) >= 2)
			recognise_text_add(out, utf16_read(&in, true));
		break;
	case DER_UNIVERSAL:
		while (cur_left(&in) >= 4)
			recognise_text_add(out, cur_u32be(&in));
		break;
	default:
		break;
	}
}

static void
read_name(struct cur name, struct names *out)
{
	struct cur set, pair, object;
	struct der string;

	out->common.size = out->organisation.size = 0;
	while (der_enter(&name, DER_SET, &set))
		while (der_enter(&set, DER_SEQUENCE, &pair)) {
			if (!der_enter(&pair, DER_OBJECT, &object) ||
			    !der_next(&pair, &string))
				continue;
			if (IS(object, OBJECT_COMMON_NAME))
				read_string(&string, &out->common);
			else if (IS(object, OBJECT_ORGANISATION))
				read_string(&string, &out->organisation);
		}
}

/* --- certificates --------------------------------------------------------- */

struct certificate {
	struct cur serial, issuer, subject;
};

static bool
read_certificate(struct cur certificate, struct certificate *out)
{
	struct cur body;
	struct der skipped, issuer;

	if (!der_enter(&certificate, DER_SEQUENCE, &body))
		return false;
	der_pass(&body, DER_EXPLICIT(0)); /* version */
	if (!der_enter(&body, DER_INTEGER, &out->serial) ||
	    !der_take(&body, DER_SEQUENCE, &skipped) ||
	    !der_take(&body, DER_SEQUENCE, &issuer) ||
	    !der_take(&body, DER_SEQUENCE, &skipped))
		return false;
	out->issuer = issuer.whole;
	return der_enter(&body, DER_SEQUENCE, &out->subject);
}

static void
tell_subject(const struct recognise *r, enum recognise_what who,
    struct cur subject)
{
	struct names n;
	struct cur common, organisation;

	read_name(subject, &n);
	common = recognise_text_cur(&n.common);
	organisation = recognise_text_cur(&n.organisation);
	recognise_tell(r, who, common, cur_from("", 0));
	if (!der_is_same(common, organisation))
		recognise_tell(r, who, organisation, cur_from("", 0));
}

/* --- signers -------------------------------------------------------------- */

/* Tell who has the certificate that a signer names. */
static void
tell_signer(const struct work *w, enum recognise_what who, struct cur id,
    struct cur certificates)
{
	struct certificate c;
	struct cur one, serial;
	struct der issuer;
	size_t i;

	if (!der_take(&id, DER_SEQUENCE, &issuer) ||
	    !der_enter(&id, DER_INTEGER, &serial))
		return;
	for (i = 0;
	     i < CERTIFICATES && der_enter(&certificates, DER_SEQUENCE, &one);
	     i++)
		if (read_certificate(one, &c) &&
		    der_is_same(c.serial, serial) &&
		    der_is_same(c.issuer, issuer.whole)) {
			tell_subject(w->to, who, c.subject);
			return;
		}
	recognise_gap(w->to, "signature",
	    "it does not hold the certificate of its signer");
}

static void
add_work(struct work *w, struct cur info, enum recognise_what who)
{
	if (w->count == SIGNATURES)
		return;
	w->todo[w->count].info = info;
	w->todo[w->count++].who = who;
}

/* What is not signed itself: other signatures, and who vouches for a time. */
static void
read_attributes(struct work *w, enum recognise_what who, struct cur attributes,
    struct cur certificates)
{
	struct cur attribute, object, values, counter;
	struct der skipped, value;

	while (der_enter(&attributes, DER_SEQUENCE, &attribute)) {
		if (!der_enter(&attribute, DER_OBJECT, &object) ||
		    !der_enter(&attribute, DER_SET, &values) ||
		    !der_take(&values, DER_SEQUENCE, &value))
			continue;
		counter = value.body;
		if (IS(object, OBJECT_NESTED))
			add_work(w, value.whole, who);
		else if (IS(object, OBJECT_TIMESTAMP) ||
		    IS(object, OBJECT_TIMESTAMP_2))
			add_work(w, value.whole, RECOGNISE_COUNTERSIGNER);
		else if (IS(object, OBJECT_COUNTERSIGN) &&
		    der_take(&counter, DER_INTEGER, &skipped) &&
		    der_enter(&counter, DER_SEQUENCE, &attribute))
			tell_signer(w, RECOGNISE_COUNTERSIGNER, attribute,
			    certificates);
	}
}

static void
read_signer(struct work *w, enum recognise_what who, struct cur signer,
    struct cur certificates)
{
	struct der skipped, id;
	struct cur attributes;

	if (!der_take(&signer, DER_INTEGER, &skipped) ||
	    !der_next(&signer, &id))
		return;
	if (id.tag == DER_SEQUENCE)
		tell_signer(w, who, id.body, certificates);
	else
		recognise_gap(w->to, "signature",
		    "its signer is named by a key alone");
	if (!der_take(&signer, DER_SEQUENCE, &skipped))
		return;
	der_pass(&signer, DER_EXPLICIT(0));
	if (der_take(&signer, DER_SEQUENCE, &skipped) &&
	    der_take(&signer, DER_OCTETS, &skipped) &&
	    der_enter(&signer, DER_EXPLICIT(1), &attributes))
		read_attributes(w, who, attributes, certificates);
}

/* False: it is no SignedData. */
static bool
read_signed_data(struct work *w, struct cur info, enum recognise_what who)
{
	struct cur content, object, data, certificates;
	struct cur signers, signer;
	struct der skipped;
	size_t i;

	if (!der_enter(&info, DER_SEQUENCE, &content) ||
	    !der_enter(&content, DER_OBJECT, &object) ||
	    !IS(object, OBJECT_SIGNED_DATA) ||
	    !der_enter(&content, DER_EXPLICIT(0), &data) ||
	    !der_enter(&data, DER_SEQUENCE, &content) ||
	    !der_take(&content, DER_INTEGER, &skipped) ||
	    !der_take(&content, DER_SET, &skipped) ||
	    !der_take(&content, DER_SEQUENCE, &skipped))
		return false;
	if (!der_enter(&content, DER_EXPLICIT(0), &certificates))
		certificates = cur_from("", 0);
	der_pass(&content, DER_EXPLICIT(1));
	if (!der_enter(&content, DER_SET, &signers))
		return false;
	for (i = 0; i < SIGNERS && der_enter(&signers, DER_SEQUENCE, &signer);
	     i++)
		read_signer(w, who, signer, certificates);
	return true;
}

void
recognise_signed_data(const struct recognise *r, struct cur blob)
{
	struct work w = { .to = r };
	size_t i;

	add_work(&w, blob, RECOGNISE_SIGNER);
	for (i = 0; i < w.count; i++)
		if (!read_signed_data(&w, w.todo[i].info, w.todo[i].who))
			recognise_gap(r, "signature", "it is malformed");
}

void
recognise_certificate(const struct recognise *r, struct cur blob)
{
	struct certificate c;
	struct cur one;

	if (der_enter(&blob, DER_SEQUENCE, &one) && read_certificate(one, &c))
		tell_subject(r, RECOGNISE_SIGNER, c.subject);
	else
		recognise_gap(r, "signature", "its certificate is malformed");
}
