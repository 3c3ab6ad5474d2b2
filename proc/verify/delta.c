/*
 * delta.c - make a file of the one before and a difference.
 *
 * Nothing of it is trusted: candor-install compares what comes out with what
 * was signed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/verify/delta.h"

#include "lib/trust/delta.h"
#include "proc/feed/order.h"
#include "proc/verify/inputs.h"
#include "sys/channel.h"
#include "sys/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SIZE_MAX_DELTA ((uint64_t)4 << 30)

struct work {
	struct cur input[VERIFY_DELTA_INPUTS];
	int out;
	bool is_done;
	struct why why;
};

static bool
take_input(struct work *w, const struct order *o, int fd)
{
	uint8_t *bytes;
	size_t at = 0;
	ssize_t n = 1;

	if (o->a >= VERIFY_DELTA_INPUTS || o->number[0] > SIZE_MAX_DELTA)
		return false;
	bytes = malloc((size_t)o->number[0] + 1);
	while (bytes != NULL && n > 0 && at < o->number[0]) {
		n = pread(fd, bytes + at, (size_t)o->number[0] - at, (off_t)at);
		if (n > 0)
			at += (size_t)n;
	}
	w->input[o->a] = cur_from(bytes, at);
	return bytes != NULL && at == o->number[0];
}

/* delta_fn */
static bool
hand_out(void *ctx, const void *bytes, size_t size, struct why *why)
{
	struct work *w = ctx;
	const char *b = bytes;
	size_t at = 0;
	ssize_t n = 1;

	while (n > 0 && at < size) {
		n = write(w->out, b + at, size - at);
		if (n > 0)
			at += (size_t)n;
	}
	return at == size || why_not(why, WHY_SYSTEM, "nobody takes it");
}

static void
apply(struct work *w, uint64_t size, int fd)
{
	static uint8_t record[ORDER_SIZE];
	struct order o = { .kind = ORDER_END, .a = ORDER_DONE };

	w->out = fd;
	if (!delta_apply(w->input[VERIFY_OLD], w->input[VERIFY_DELTA], size,
		hand_out, w, &w->why)) {
		o.a = ORDER_FAILED;
		order_put_text(o.text, sizeof(o.text), w->why.text);
	}
	(void)close(fd);
	order_put(&o, record);
	(void)channel_send(ORDER_CHANNEL, record, sizeof(record), -1);
}

/* Hear one order and do it; false when there is no more to do. */
static bool
serve(struct work *w)
{
	static uint8_t record[ORDER_SIZE + 1];
	static struct order o;
	bool goes_on = false;
	size_t size;
	int fd;

	if (channel_receive(ORDER_CHANNEL, record, sizeof(record), &size,
		&fd) != CHANNEL_DONE ||
	    !order_get(cur_from(record, size), &o) || fd == -1)
		return false;
	if (o.kind == ORDER_CHECK) {
		apply(w, o.number[0], fd);
		return false;
	}
	if (o.kind == ORDER_INPUT)
		goes_on = take_input(w, &o, fd);
	(void)close(fd);
	return goes_on;
}

_Noreturn void
delta_run(void)
{
	static struct work w;
	struct why why;
	uint32_t layers;

	/* The first allocation asks for random numbers, which it may. */
	if (!sandbox_enter(SANDBOX_COMPILER, &layers, &why)) {
		(void)fprintf(stderr, "candor-verify: %s\n", why.text);
		_exit(1);
	}
	while (serve(&w))
		;
	_exit(0);
}
