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
#include "proc/reader/certificate.h"
#include "proc/reader/hive.h"

#define PROPERTY_CERTIFICATE 32u

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
			return certificate_name(data, out, size);
	}
	return false;
}
