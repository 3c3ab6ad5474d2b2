/*
 * guard_say.c - tell root what is watched, and what is not.  See guard.h.
 *
 * Who connects to the socket gets one record with one descriptor, a file in
 * memory, and that is all: nobody is waited for.  Its lines:
 *
 *   watched TYPE PATH
 *   left TYPE PATH             not watched, and why not:
 *   why TEXT
 *   more COUNT                 mounts beyond what is looked at, if any
 *   end
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/guard.h"

#include "lib/wire/value.h"
#include "sys/channel.h"
#include "sys/listen.h"
#include "sys/memfd.h"
#include "sys/whole.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
put_mount(int fd, const struct guard *g, const struct mounted *m)
{
	static char path[VALUE_ROOM(PATH_MAX)], line[sizeof(path) + 128];
	const char *why = guard_why_not(g, m);
	int n;

	(void)value_put(m->path, path, sizeof(path));
	n = snprintf(line, sizeof(line), "%s %s %s\n%s%s%s",
	    why == NULL ? "watched" : "left", m->type, path,
	    why != NULL ? "why " : "", why != NULL ? why : "",
	    why != NULL ? "\n" : "");
	return whole_write(fd, line, (size_t)n);
}

static bool
put_all(int fd, const struct guard *g)
{
	bool is_fine = true;
	size_t i;

	for (i = 0; i < g->mounts.count && is_fine; i++)
		is_fine = put_mount(fd, g, &g->mounts.one[i]);
	if (g->mounts.more > 0)
		is_fine =
		    is_fine && dprintf(fd, "more %zu\n", g->mounts.more) > 0;
	return is_fine && whole_write(fd, "end\n", 4);
}

void
guard_say_what_is_watched(struct guard *g)
{
	static const uint8_t record = 0;
	struct why why;
	int fd = listen_accept(g->listening), text = -1;

	if (fd == -1)
		return;
	if (memfd_open(&text, &why) && put_all(text, g) &&
	    memfd_seal(&text, &why))
		(void)channel_offer(fd, &record, sizeof(record), text);
	if (text != -1)
		(void)close(text);
	(void)close(fd);
}
