/*
 * when_fuzz.c - any text is a time or none; what was read can be written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/when.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct when_clock clock = when_utc;
	struct cur text = cur_from(data, size), name;
	struct when w;
	char room[WHEN_ROOM];

	if (cur_until(&text, '\n', &name) && !when_find_clock(name, &clock))
		clock = when_utc;
	if (!when_read(text, &clock, &w))
		return 0;
	if (w.first > w.last || (w.kind == WHEN_INSTANT && w.first != w.last))
		abort();
	when_write(w.first, &clock, room);
	when_write_span(&w, &clock, room);
	when_write_utc(w.last, room);
	return 0;
}
