/*
 * hive_certificate.c - whose is a certificate in a store of Windows?
 *
 * Spec:    [MS-GPEF] 2.2.1.1.2: the value Blob is properties, each
 *
 *   offset  size  field
 *        0     4  property  32: the certificate, DER
 *        4     4  1
 *        8     4  size
 *       12  size  data
 *
 * Input:   hostile; read through struct cur, the certificate by libcrypto.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/hive.h"

#include <limits.h>
#include <openssl/x509.h>

#define PROPERTY_CERTIFICATE 32u

static bool
read_name(struct cur der, char *out, size_t size)
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
hive_certificate_name(struct cur blob, char *out, size_t size)
{
	struct cur data;
	uint32_t property, length;

	while (cur_left(&blob) >= 12) {
		property = cur_u32le(&blob);
		(void)cur_u32le(&blob);
		length = cur_u32le(&blob);
		if (!cur_take(&blob, length, &data))
			return false;
		if (property == PROPERTY_CERTIFICATE)
			return read_name(data, out, size);
	}
	return false;
}
