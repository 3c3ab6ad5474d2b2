/*
 * candor-install - write the files of a feed.                         GREEN
 *
 * Holds:     one folder, that of one feed, to write in; no network, no other
 *            path, no other program.
 * Hears:     BEGIN, FILE with a descriptor, COMMIT (proc/feed/order.h), from
 *            its owner only.
 * Says:      how each ended.
 * If owned:  the attacker can put another database there, which is checked
 *            before it is used and can do no more than detect wrongly.  It
 *            parses nothing of what it writes, so there is little to own it by.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/feed/order.h"
#include "proc/install/store.h"
#include "sys/channel.h"
#include "sys/confine.h"

#include <sys/stat.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum order_end
end_of(const struct why *why)
{
	switch (why->kind) {
	case WHY_NOTHING:
		return ORDER_DONE;
	case WHY_FORGED:
		return ORDER_FORGED;
	case WHY_LIMIT:
	case WHY_BROKEN:
		return ORDER_LIMIT;
	case WHY_SYSTEM:
	case WHY_BUG:
		break;
	}
	return ORDER_FAILED;
}

static bool
is_zero(const uint8_t *bytes, size_t size)
{
	while (size > 0 && bytes[size - 1] == 0)
		size--;
	return size == 0;
}

static bool
do_order(const struct order *o, int fd, struct why *why)
{
	struct store_file f = {
		.place = (enum store_place)o->a,
		.name = o->name,
		.size = o->number[0],
		.hash = is_zero(o->hash, ORDER_HASH) ? NULL : o->hash,
		.from = fd,
	};

	if ((o->kind == ORDER_FILE) != (fd != -1) || o->a >= STORE_PLACES)
		return why_not(why, WHY_BUG, "the owner broke the protocol");
	if (o->kind == ORDER_BEGIN)
		return store_begin(ORDER_LENT, why);
	if (o->kind == ORDER_FILE)
		return store_file(ORDER_LENT, &f, why);
	if (o->kind == ORDER_COMMIT)
		return store_commit(ORDER_LENT, o->name, why);
	return why_not(why, WHY_BUG, "the owner broke the protocol");
}

/* Hear one order and do it; false when the owner is gone. */
static bool
serve(void)
{
	static struct order o;
	static uint8_t record[ORDER_SIZE + 1];
	struct why why = { 0 };
	size_t size;
	int fd;

	if (channel_receive(ORDER_CHANNEL, record, sizeof(record), &size,
		&fd) != CHANNEL_DONE ||
	    !order_get(cur_from(record, size), &o))
		return false;
	if (do_order(&o, fd, &why))
		why.kind = WHY_NOTHING;
	if (fd != -1)
		(void)close(fd);
	o = (struct order){ .kind = ORDER_END, .a = end_of(&why) };
	if (why.kind == WHY_SYSTEM && why.err != 0)
		(void)snprintf(o.text, sizeof(o.text), "%s: %s", why.text,
		    strerror(why.err));
	else if (why.kind != WHY_NOTHING)
		order_put_text(o.text, sizeof(o.text), why.text);
	order_put(&o, record);
	return channel_send(ORDER_CHANNEL, record, ORDER_SIZE, -1) ==
	    CHANNEL_DONE;
}

int
main(void)
{
	const struct confine confine = { .read_fd = -1,
		.write_fd = ORDER_LENT };
	uint32_t layers;
	struct why why;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)umask(022);
	if (!confine_enter(&confine, &layers, &why)) {
		(void)fprintf(stderr, "candor-install: %s\n", why.text);
		return 1;
	}
	while (serve())
		;
	return 0;
}
