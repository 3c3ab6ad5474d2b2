/*
 * protocol_fuzz.c - any record: refused, or one that would be written so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/protocol.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_order(struct cur record)
{
	static uint8_t again[READER_ORDER_MAX];
	struct reader_order o;

	if (reader_order_get(record, &o) &&
	    (reader_order_put(&o, again) != record.size ||
		memcmp(record.base, again, record.size) != 0))
		abort();
}

static void
check_packet(struct cur packet)
{
	static uint8_t again[READER_PACKET];
	struct reader_part p;
	size_t at = 0, size;

	while (cur_left(&packet) > 0 && reader_part_get(&packet, &p)) {
		size = reader_part_size(&p);
		if (size == 0 || size > sizeof(again) ||
		    at + size != packet.pos)
			abort();
		reader_part_put(&p, again);
		if (memcmp(packet.base + at, again, size) != 0)
			abort();
		at += size;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > READER_PACKET)
		return 0;
	check_order(cur_from(data, size));
	check_packet(cur_from(data, size));
	return 0;
}
