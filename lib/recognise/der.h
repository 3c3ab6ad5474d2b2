/*
 * der.h - step through DER, a value at a time.
 *
 * Spec:    X.690 (ITU-T, 2021), 8.1 and 10: tags of one byte, lengths of at
 *          most four bytes; what is else is no value.  Of BER also the
 *          indefinite form, which signatures of macOS have.
 * Input:   hostile; read through struct cur only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_RECOGNISE_DER_H
#define CANDOR_RECOGNISE_DER_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stdint.h>

#define DER_INTEGER     0x02u
#define DER_OCTETS      0x04u
#define DER_OBJECT      0x06u
#define DER_SEQUENCE    0x30u
#define DER_SET         0x31u
#define DER_CONTEXT(n)  (0x80u | (n)) /* implicit, of a simple type */
#define DER_EXPLICIT(n) (0xa0u | (n)) /* constructed */
#define DER_UTF8        0x0cu
#define DER_PRINTABLE   0x13u
#define DER_TELETEX     0x14u
#define DER_IA5         0x16u
#define DER_UNIVERSAL   0x1cu
#define DER_BMP         0x1eu

struct der {
	uint8_t tag;
	struct cur body;
	struct cur whole; /* with tag and length */
};

/* Cut the next value off in; false if there is none. */
MUST_CHECK bool der_next(struct cur *in, struct der *out);

/* The same if it has this tag, else in stays where it is. */
MUST_CHECK bool der_take(struct cur *in, uint8_t tag, struct der *out);

/* Its body alone. */
MUST_CHECK bool der_enter(struct cur *in, uint8_t tag, struct cur *body);

/* Step over one that has this tag and may be missing. */
void der_pass(struct cur *in, uint8_t tag);

/* Does an object identifier have these bytes? */
bool der_is_object(struct cur object, const char *bytes, size_t size);

bool der_is_same(struct cur a, struct cur b);

#endif
