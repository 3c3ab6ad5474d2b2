/*
 * parts.h - what the files of lib/recognise share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_RECOGNISE_PARTS_H
#define CANDOR_RECOGNISE_PARTS_H

#include "lib/recognise/recognise.h"

#include <string.h>

/* A text that grows to RECOGNISE_TEXT bytes and no further. */
struct recognise_text {
	uint8_t bytes[RECOGNISE_TEXT];
	size_t size;
};

void recognise_text_add(struct recognise_text *t, uint32_t character);
void recognise_text_add_bytes(struct recognise_text *t, struct cur bytes);

static inline struct cur
recognise_text_cur(const struct recognise_text *t)
{
	return cur_from(t->bytes, t->size);
}

static inline struct cur
recognise_word(const char *text)
{
	return cur_from(text, strlen(text));
}

static inline void
recognise_tell(const struct recognise *r, enum recognise_what what,
    struct cur value, struct cur detail)
{
	if (value.size > 0)
		r->tell(r->self, what, value, detail);
}

static inline void
recognise_gap(const struct recognise *r, const char *what, const char *why)
{
	r->tell(r->self, RECOGNISE_GAP, recognise_word(what),
	    recognise_word(why));
}

/* --- one for each form; all leave the arena as they found it -------------- */

/* signature.c: who signed, of PKCS #7 SignedData or one certificate, DER. */
void recognise_signed_data(const struct recognise *r, struct cur blob);
void recognise_certificate(const struct recognise *r, struct cur blob);

/* pe.c, cab.c, ole2.c */
void recognise_pe(const struct recognise *r);
void recognise_cab(const struct recognise *r);
void recognise_ole2(const struct recognise *r);

/* macho.c: one image of one machine, that starts at off. */
void recognise_macho(const struct recognise *r);

/* strings.c */
void recognise_strings(const struct recognise *r);

/* android.c */
void recognise_dex(const struct recognise *r, struct cur dex);
void recognise_manifest(const struct recognise *r, struct cur xml);
void recognise_apk_block(const struct recognise *r);

/* package.c */
void recognise_deb_control(const struct recognise *r, struct cur control);
void recognise_rpm(const struct recognise *r);
void recognise_pkg_info(const struct recognise *r, struct cur xml);

/* inner.c: what stands in an archive, and in archives in it. */
bool recognise_opens(enum kind kind);
void recognise_inner(const struct recognise *r, enum kind kind);

#endif
