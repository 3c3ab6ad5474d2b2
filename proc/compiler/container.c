/*
 * container.c - verify a ClamAV container, and bring it up to date.
 *
 * The first INPUT is a .cvd or .cld (its name says which), each further one a
 * .cdiff to the next version.  What they make is written as a .cld, and
 * verified as one: a difference that does not lead to what was signed is
 * refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/compiler/modes.h"

#include "lib/compile/clam/cdiff.h"
#include "lib/compile/clam/cvd.h"
#include "lib/compile/pool.h"
#include "proc/compiler/keys.h"
#include "proc/feed/order.h"
#include "sys/channel.h"
#include "sys/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMORY_MAX ((size_t)12 << 30)

struct container {
	struct pool pool;
	struct compile_options options;
	struct keys keys;
	struct cur bytes; /* as it came, or as it was made */
	struct cvd_facts facts;
	struct cdiff_members members;
	bool has_base, is_patched;
	struct why why; /* the first thing that was wrong */
};

/* --- inputs --------------------------------------------------------------- */

static bool
read_input(struct container *c, int fd, uint64_t size, struct cur *out)
{
	uint8_t *bytes = NULL;
	size_t at = 0;
	ssize_t n = 1;

	if (size < MEMORY_MAX)
		bytes = pool_alloc(&c->pool, 1, (size_t)size + 1);
	if (bytes == NULL)
		return why_not(&c->why, WHY_LIMIT, "the file is too large");
	while (at < size && n > 0) {
		n = pread(fd, bytes + at, (size_t)size - at, (off_t)at);
		if (n > 0)
			at += (size_t)n;
	}
	*out = cur_from(bytes, at);
	return at == size || why_not(&c->why, WHY_SYSTEM, "cannot read");
}

static bool
take_base(struct container *c, const struct order *o, struct cur bytes)
{
	c->has_base = true;
	c->bytes = bytes;
	if (!keys_read(o->text, &c->keys, &c->options))
		return why_not(&c->why, WHY_BROKEN, "not keys");
	return cvd_verify(o->name, bytes, &c->options, &c->pool, &c->facts,
		   &c->why) &&
	    cdiff_members(c->facts.tar, &c->members, &c->why);
}

static bool
take_diff(struct container *c, struct cur bytes)
{
	c->is_patched = true;
	if (!cdiff_apply(&c->members, bytes, c->facts.version + 1, &c->options,
		&c->pool, &c->why))
		return false;
	c->facts.version++;
	return true;
}

static void
take_input(struct container *c, const struct order *o, int fd)
{
	struct cur bytes;

	if (c->why.kind != WHY_NOTHING ||
	    !read_input(c, fd, o->number[0], &bytes))
		return;
	if (!c->has_base)
		(void)take_base(c, o, bytes);
	else
		(void)take_diff(c, bytes);
}

/* --- the end -------------------------------------------------------------- */

/* What differences made must be what was signed. */
static bool
verify_patched(struct container *c)
{
	uint64_t version = c->facts.version;

	if (!c->is_patched)
		return true;
	if (!cdiff_make_cld(&c->members, &c->pool, &c->bytes, &c->why) ||
	    !cvd_verify("made.cld", c->bytes, &c->options, &c->pool, &c->facts,
		&c->why))
		return false;
	return c->facts.version == version ||
	    why_not(&c->why, WHY_FORGED,
		"the differences lead to another version");
}

static bool
write_out(struct container *c, int fd)
{
	size_t at = 0;
	ssize_t n = 1;

	while (n > 0 && at < c->bytes.size) {
		n = write(fd, c->bytes.base + at, c->bytes.size - at);
		if (n == -1 && errno == EINTR)
			n = 1;
		else if (n > 0)
			at += (size_t)n;
	}
	return at == c->bytes.size ||
	    why_not(&c->why, WHY_SYSTEM, "cannot write");
}

static void
say_end(struct container *c, int fd)
{
	static uint8_t record[ORDER_SIZE];
	struct order o = { .kind = ORDER_END, .a = ORDER_DONE };

	if (c->why.kind != WHY_NOTHING || !c->has_base || !verify_patched(c) ||
	    (c->is_patched && !write_out(c, fd))) {
		o.a = c->why.kind == WHY_FORGED ? ORDER_FORGED : ORDER_FAILED;
		order_put_text(o.text, sizeof(o.text), c->why.text);
	}
	o.number[0] = c->facts.version;
	o.number[1] = c->facts.signatures;
	o.number[2] = c->facts.seconds;
	o.number[3] = c->is_patched ? c->bytes.size : 0;
	order_put(&o, record);
	(void)channel_send(ORDER_CHANNEL, record, sizeof(record), -1);
}

/* Hear one order and do it; false when there is no more to do. */
static bool
serve(struct container *c)
{
	static uint8_t record[ORDER_SIZE + 1];
	static struct order o;
	size_t size;
	int fd;

	if (channel_receive(ORDER_CHANNEL, record, sizeof(record), &size,
		&fd) != CHANNEL_DONE ||
	    !order_get(cur_from(record, size), &o) || fd == -1)
		return false;
	if (o.kind == ORDER_INPUT)
		take_input(c, &o, fd);
	else if (o.kind == ORDER_CHECK)
		say_end(c, fd);
	(void)close(fd);
	return o.kind == ORDER_INPUT;
}

_Noreturn void
container_run(void)
{
	struct container *c = calloc(1, sizeof(*c));
	struct why why;
	uint32_t layers;

	if (c == NULL)
		_exit(1);
	pool_init(&c->pool, MEMORY_MAX);
	compile_warm();
	if (!sandbox_enter(SANDBOX_COMPILER, &layers, &why)) {
		(void)fprintf(stderr, "candor-compile: %s\n", why.text);
		_exit(1);
	}

	/* From here on we read bytes an enemy may have written. */
	while (serve(c))
		;
	_exit(0);
}
