/*
 * qcow2_fuzz.c - any image: bytes come out, never more than it says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/qcow2.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[2 * QCOW2_CLUSTER_MAX], out[1 << 16];
	struct source file = source_from(data, size);
	struct qcow2 q;
	struct why why;
	uint64_t at;
	size_t got;
	int i;

	if (!qcow2_open(&file, room, &q, &why))
		return 0;
	for (i = 0, at = 0; i < 16 && at < q.size; i++) {
		got = qcow2_read(&q, at, out, sizeof(out));
		if (got > sizeof(out) || got > q.size - at)
			abort();
		at += i < 8 ? 4099 : q.size / 11 + 1;
	}
	(void)qcow2_read(&q, UINT64_MAX - 7, out, sizeof(out));
	return 0;
}
