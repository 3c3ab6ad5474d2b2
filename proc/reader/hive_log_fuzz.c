/*
 * hive_log_fuzz.c - a hive and two logs, of any bytes: what comes of it fits
 * its room, and nothing taken leaves it as it was.
 *
 * The first two bytes say how the rest is divided.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/hive_log.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[ROOM + 1];
	struct hive_bytes h = { bytes, 0, ROOM };
	struct cur all = cur_from(data, size), hive, log[2];
	uint64_t a = cur_u8(&all) * UINT64_C(256), b = cur_u8(&all);

	b *= 256;
	if (!cur_take(&all, a, &hive) || !cur_take(&all, b, &log[0]) ||
	    !cur_take(&all, cur_left(&all), &log[1]) || hive.size > ROOM)
		return 0;
	memset(bytes, 0, sizeof(bytes));
	if (hive.size > 0)
		memcpy(bytes, hive.base, hive.size);
	h.size = hive.size;
	if (hive_log_room(log, 2, ROOM) > ROOM)
		abort();
	if (hive_log_apply(&h, log, 2) == 0 &&
	    (h.size != hive.size ||
		(h.size > 0 && memcmp(bytes, hive.base, h.size) != 0)))
		abort();
	if (h.size > ROOM || bytes[ROOM] != 0)
		abort();
	return 0;
}
