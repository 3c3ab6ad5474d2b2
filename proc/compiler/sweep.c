/*
 * sweep.c - is every record of a compiled database well formed?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/compiler/modes.h"

#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/eval/search.h"
#include "proc/feed/order.h"
#include "sys/channel.h"
#include "sys/map.h"
#include "sys/sandbox.h"

#include <stdlib.h>
#include <unistd.h>

/* Some megabytes, and a few bytes for every signature and literal; only what
   is used is ever touched. */
#define ROOM     ((size_t)64 << 20)
#define ROOM_PER ((size_t)64)

static bool
sweep(const struct map *map, struct why *why)
{
	struct arena arena;
	struct db db;
	size_t size;
	void *room;

	if (!db_open(&db, map->at, map->size, why))
		return false;
	size = ROOM + db_signature_count(&db) * ROOM_PER;
	room = malloc(size);
	if (room == NULL)
		return why_not(why, WHY_LIMIT, "no memory to check in");
	arena_init(&arena, room, size);
	return search_sweep(&arena, &db, why);
}

_Noreturn void
sweep_run(void)
{
	static uint8_t record[ORDER_SIZE];
	struct order o = { .kind = ORDER_END, .a = ORDER_DONE };
	struct why why = { 0 };
	uint32_t layers;
	struct map map;

	/* A caged process maps nothing any more. */
	if (!map_open(ORDER_LENT, &map, &why) ||
	    !sandbox_enter(SANDBOX_COMPILER, &layers, &why) ||
	    !sweep(&map, &why)) {
		o.a = ORDER_FORGED;
		order_put_text(o.text, sizeof(o.text), why.text);
	}
	order_put(&o, record);
	(void)channel_send(ORDER_CHANNEL, record, sizeof(record), -1);
	_exit(0);
}
