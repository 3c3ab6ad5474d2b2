/*
 * certificate.h - whose is a certificate?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_READER_CERTIFICATE_H
#define CANDOR_PROC_READER_CERTIFICATE_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stddef.h>

/* The common name of its subject (X.509, DER), else its organization, as text
   of at most size bytes with its NUL.  False: it does not tell, or is none. */
bool certificate_name(struct cur der, char *out, size_t size);

#endif
