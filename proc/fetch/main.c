/*
 * candor-fetch - get bytes from strangers.                           AMBER
 *
 * Holds:     sockets to the mirror it is told, and no file: it may read what
 *            it takes to find a host (/etc, /usr, /run), write nothing, start
 *            nothing.  As "candor-fetch below": no socket either, but one
 *            folder, or one archive, to read in.
 * Hears:     GET with a pipe (proc/feed/order.h), from its owner only.
 * Says:      the bytes, into the pipe; how it ended.
 * If owned:  the attacker can give wrong bytes, as any mirror can; what is
 *            made of them is candor-verify's to say.  He sees no scanned file,
 *            no key, no state and no name of this machine.
 *
 * What it asks of a mirror is the same on every installation: docs/update.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/fetch/fetch.h"

#include "sys/channel.h"
#include "sys/confine.h"
#include "sys/whole.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Name services, certificates, and where resolvers put what they know. */
static const char *const readable[] = { "/etc", "/usr", "/lib", "/lib64",
	"/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager",
	"/run/nscd", "/var/lib/resolvconf", "/mnt/wsl", NULL };

bool
fetch_put(struct fetch *f, const void *bytes, size_t size)
{
	if (size > f->most - f->done || !whole_write(f->to, bytes, size))
		return false;
	f->done += size;
	return true;
}

static _Noreturn void
die(const struct why *why)
{
	(void)fprintf(stderr, "candor-fetch: %s\n", why->text);
	_exit(1);
}

/* Hear one order and do it; false when the owner is gone. */
static bool
serve(bool is_below)
{
	static struct order o;
	static uint8_t record[ORDER_SIZE + 1];
	struct why why = { 0 };
	struct fetch f = { 0 };
	size_t size;

	if (channel_receive(ORDER_CHANNEL, record, sizeof(record), &size,
		&f.to) != CHANNEL_DONE)
		return false;
	if (!order_get(cur_from(record, size), &o) || o.kind != ORDER_GET ||
	    f.to == -1)
		return false;
	f.url = o.text;
	f.proxy = o.name;
	f.most = o.number[0];
	f.total_ms = o.number[1];
	f.quiet_ms = o.number[2];
	o.a = is_below ? below_get(ORDER_LENT, &f, &why) : web_get(&f, &why);
	(void)close(f.to);
	o.kind = ORDER_END;
	o.b = f.status;
	o.number[0] = f.done;
	o.name[0] = '\0';
	order_put_text(o.text, sizeof(o.text),
	    o.a == ORDER_DONE ? "" : why.text);
	order_put(&o, record);
	return channel_send(ORDER_CHANNEL, record, ORDER_SIZE, -1) ==
	    CHANNEL_DONE;
}

int
main(int argc, char **argv)
{
	bool is_below = argc > 1 && strcmp(argv[1], "below") == 0;
	const struct confine confine = {
		.has_network = !is_below,
		.read = is_below ? NULL : readable,
		.read_fd = is_below ? ORDER_LENT : -1,
		.write_fd = -1,
		/* Root may have to read what only root can. */
		.keeps_user = is_below,
	};
	uint32_t layers;
	struct why why;

	(void)signal(SIGPIPE, SIG_IGN);
	if (!is_below && !web_init(&why))
		die(&why);
	if (!confine_enter(&confine, &layers, &why))
		die(&why);

	/* From here on strangers are spoken with. */
	while (serve(is_below))
		;
	return 0;
}
