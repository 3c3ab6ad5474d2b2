/*
 * rpm_berkeley_fuzz.c - any hash: what is told fits, and there is an end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/rpm_berkeley.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[1 << 16];
	volatile uint8_t sum = 0;
	struct rpm_berkeley b;
	struct cur blob;

	if (!rpm_berkeley_open(cur_from(data, size), room, sizeof(room), &b))
		return 0;
	while (rpm_berkeley_next(&b, &blob)) {
		if (blob.size > size && blob.size > sizeof(room))
			abort();
		if (blob.size > 0)
			sum = (uint8_t)(sum + blob.base[0] +
			    blob.base[blob.size - 1]);
	}
	return 0;
}
