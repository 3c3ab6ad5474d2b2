/*
 * fetching.c - get files from one mirror.  See fetching.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/fetching.h"

#include "sys/clock.h"
#include "sys/whole.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_SCHEME "file://"
#define PIECE       65536u
#define GRACE_MS    10000u /* for the helper to say that it gave up */
#define SETTLE_MS   10000u /* to find and reach a host, on a busy machine */

static bool
is_web(const char *base)
{
	return strncmp(base, "http://", 7) == 0 ||
	    strncmp(base, "https://", 8) == 0;
}

/* How long a file of that size may take. */
static uint64_t
total_ms(const struct fetching *f, uint64_t most)
{
	return SETTLE_MS + f->quiet_ms + most / FETCHING_SLOWEST * 1000;
}

bool
fetching_open(struct fetching *f, const char *base, const char *proxy,
    uint64_t quiet_ms, struct why *why)
{
	size_t skip = strncmp(base, FILE_SCHEME, strlen(FILE_SCHEME)) == 0
	    ? strlen(FILE_SCHEME)
	    : 0;
	bool is_open;
	int fd;

	*f = (struct fetching){ .base = base,
		.proxy = proxy,
		.is_below = !is_web(base),
		.quiet_ms = quiet_ms };
	if (!f->is_below)
		return aide_start(&f->aide, "candor-fetch", "web", -1, why);
	fd = open(base + skip, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%.150s", base);
	is_open = aide_start(&f->aide, "candor-fetch", "below", fd, why);
	close(fd);
	return is_open;
}

void
fetching_close(struct fetching *f)
{
	aide_end(&f->aide);
}

bool
fetching_begin(struct fetching *f, const char *name, uint64_t most, int to,
    struct why *why)
{
	const char *slash = f->base[strlen(f->base) - 1] == '/' ? "" : "/";
	struct order o = { .kind = ORDER_GET };
	bool is_told = false;
	int n;

	o.number[0] = most;
	o.number[1] = total_ms(f, most);
	o.number[2] = f->quiet_ms;
	if (f->is_below)
		n = snprintf(o.text, sizeof(o.text), "%s", name);
	else
		n = snprintf(o.text, sizeof(o.text), "%s%s%s", f->base, slash,
		    name);
	if (n < 0 || (size_t)n >= sizeof(o.text) ||
	    strlen(f->proxy) >= sizeof(o.name)) {
		why_not(why, WHY_LIMIT, "a mirror's name is too long");
	} else {
		order_put_text(o.name, sizeof(o.name), f->proxy);
		is_told = aide_tell(&f->aide, &o, to, why);
	}
	close(to);
	return is_told;
}

bool
fetching_end(struct fetching *f, uint64_t most, enum order_end *end,
    struct why *why)
{
	struct order o;

	*end = ORDER_FAILED;
	if (!aide_hear(&f->aide, &o, total_ms(f, most) + GRACE_MS, why))
		return false;
	*end = (enum order_end)o.a;
	if (o.kind == ORDER_END && o.a == ORDER_DONE)
		return true;
	return why_not(why, WHY_BROKEN, "%.200s", o.text);
}

/* Where bytes go: into memory, or (not -1) a file. */
struct sink {
	struct buf *out;
	int fd;
	uint64_t size;
};

static bool
sink_take(struct sink *s, const char *bytes, size_t size)
{
	s->size += size;
	if (s->fd != -1)
		return whole_write(s->fd, bytes, size);
	buf_add(s->out, bytes, size);
	return true;
}

/* What comes out of the pipe, until it is closed or takes too long. */
static bool
drain(int from, uint64_t most, uint64_t patience_ms, struct sink *to,
    struct why *why)
{
	uint64_t end = clock_milliseconds() + patience_ms;
	char *piece = buf_alloc(1, PIECE);
	bool is_taken = true;
	ssize_t n = 1;

	while (n > 0 && is_taken && to->size <= most &&
	    clock_milliseconds() < end) {
		struct pollfd p = { from, POLLIN, 0 };

		if (poll(&p, 1, 1000) != 1)
			continue;
		n = read(from, piece, PIECE);
		is_taken = n <= 0 || sink_take(to, piece, (size_t)n);
	}
	free(piece);
	if (!is_taken)
		return why_not(why, WHY_SYSTEM, "cannot keep what is fetched");
	return n == 0 ||
	    why_not(why, WHY_LIMIT, "candor-fetch does not come to an end");
}

static bool
get(struct fetching *f, const char *name, uint64_t most, struct sink *to,
    enum order_end *end, struct why *why)
{
	uint64_t patience = total_ms(f, most) + GRACE_MS;
	bool is_drained;
	int ends[2];

	*end = ORDER_FAILED;
	if (f->aide.program == NULL)
		return why_not(why, WHY_BROKEN, "candor-fetch is gone");
	if (pipe2(ends, O_CLOEXEC) == -1)
		return why_not(why, WHY_SYSTEM, "pipe");
	if (!fetching_begin(f, name, most, ends[1], why)) {
		close(ends[0]);
		return false;
	}
	is_drained = drain(ends[0], most, patience, to, why);
	close(ends[0]);
	if (!is_drained) {
		aide_end(&f->aide);
		return false;
	}
	return fetching_end(f, most, end, why);
}

bool
fetching_get(struct fetching *f, const char *name, uint64_t most,
    struct buf *out, enum order_end *end, struct why *why)
{
	struct sink to = { out, -1, 0 };

	buf_cut(out, 0);
	return get(f, name, most, &to, end, why);
}

bool
fetching_save(struct fetching *f, const char *name, uint64_t most, int to_fd,
    enum order_end *end, struct why *why)
{
	struct sink to = { NULL, to_fd, 0 };

	return get(f, name, most, &to, end, why);
}
