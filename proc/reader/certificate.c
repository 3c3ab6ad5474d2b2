/*
 * certificate.c - certificates that a system trusts, in a file of its own.
 *
 * Format:  PEM (RFC 7468): texts of "CERTIFICATE" and "TRUSTED CERTIFICATE",
 *          one behind the other, as what update-ca-certificates and
 *          update-ca-trust make; between them may stand anything.
 * Input:   hostile; PEM and DER are read by libcrypto.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/certificate.h"

#include "proc/reader/kinds.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUNDLE_MAX ((uint64_t)16 << 20)

static const char begin[] = "-----BEGIN ";

bool
certificate_name(struct cur der, char *out, size_t size)
{
	const unsigned char *at = der.base;
	X509 *certificate;
	X509_NAME *name;
	bool is_there = false;

	if (der.size > LONG_MAX)
		return false;
	certificate = d2i_X509(NULL, &at, (long)der.size);
	if (certificate == NULL)
		return false;
	name = X509_get_subject_name(certificate);
	is_there = X509_NAME_get_text_by_NID(name, NID_commonName, out,
		       (int)size) > 0 ||
	    X509_NAME_get_text_by_NID(name, NID_organizationName, out,
		(int)size) > 0;
	X509_free(certificate);
	return is_there;
}

bool
certificates_is(const struct input *in)
{
	return memmem(in->head, in->head_size, begin, strlen(begin)) != NULL &&
	    memmem(in->head, in->head_size, "CERTIFICATE-----", 16) != NULL;
}

/* The next text of the file; false at its end. */
static bool
next(BIO *file, char **kind, unsigned char **der, long *size)
{
	char *header = NULL;
	bool is_there;

	*kind = NULL;
	*der = NULL;
	*size = 0;
	is_there = PEM_read_bio(file, kind, &header, der, size) == 1 ||
	    ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
	OPENSSL_free(header);
	ERR_clear_error();
	return is_there;
}

/* Say whose it is; false if it is not a good one. */
static bool
tell(struct say *say, const char *kind, struct cur der)
{
	char name[256];

	if (kind == NULL)
		return false;
	if (strstr(kind, "CERTIFICATE") == NULL)
		return true;
	if (!certificate_name(der, name, sizeof(name)))
		return false;
	say_seen(say, READER_CERTIFICATE, READER_ROW,
	    cur_from(name, strlen(name)), (struct cur){ 0 });
	return true;
}

bool
certificates_read(struct input *in, struct say *say, struct why *why)
{
	uint8_t *bytes = input_read_all(in, BUNDLE_MAX, why);
	uint64_t count = 0, broken = 0;
	unsigned char *der;
	char text[60], *kind;
	long size;
	BIO *file;

	if (bytes == NULL)
		return false;
	file = BIO_new_mem_buf(bytes, (int)in->size);
	while (file != NULL && next(file, &kind, &der, &size)) {
		count++;
		broken += !tell(say, kind, cur_from(der, (size_t)size));
		OPENSSL_free(kind);
		OPENSSL_free(der);
	}
	say_count(say, "certificates", count);
	(void)snprintf(text, sizeof(text), "%llu are broken",
	    (unsigned long long)broken);
	if (broken > 0)
		say_blind(say, "certificates", text);
	BIO_free(file);
	free(bytes);
	return file != NULL || why_not(why, WHY_LIMIT, "no memory for it");
}
