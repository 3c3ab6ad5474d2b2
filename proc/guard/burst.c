/*
 * burst.c - many questions in quick succession.  See burst.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/burst.h"

#include <fcntl.h>
#include <unistd.h>

/* What is written: how many us a processor may take to wake up.  None, that
   is, it does not sleep; or as long as it likes (the kernel's own default). */
#define AWAKE  0
#define ASLEEP 2000000000

static bool
ask_for(const struct burst *b, int32_t latency_us)
{
	return write(b->latency, &latency_us, sizeof(latency_us)) ==
	    (ssize_t)sizeof(latency_us);
}

static void
let_sleep(struct burst *b)
{
	if (b->is_held)
		b->is_held = !ask_for(b, ASLEEP);
}

void
burst_open(struct burst *b)
{
	*b = (struct burst){
		.latency = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC),
	};
}

void
burst_allow(struct burst *b, bool may_hold)
{
	b->may_hold = may_hold && b->latency != -1;
	if (!b->may_hold)
		let_sleep(b);
}

void
burst_close(struct burst *b)
{
	if (b->latency != -1)
		(void)close(b->latency);
	b->latency = -1;
	b->may_hold = b->is_held = false;
}

bool
burst_hear(struct burst *b, uint64_t now_ns, uint64_t switches)
{
	uint64_t since = now_ns - b->heard_ns;
	bool is_near =
	    since < BURST_AWAKE_NS && switches != b->switches && !b->has_moved;

	b->sleeps = is_near && ++b->near % BURST_TRY != 0;
	b->count = since < BURST_GAP_NS ? b->count + 1 : 1;
	b->heard_ns = now_ns;
	b->switches = switches;
	if (b->count == BURST_COUNT && b->may_hold)
		b->is_held = ask_for(b, AWAKE);
	b->row = is_near ? b->row + 1 : 0;
	b->has_moved =
	    b->row >= BURST_ROW && now_ns - b->moved_ns >= BURST_STAY_NS;
	if (b->has_moved) {
		/* Whoever sleeps is woken where he is who wakes him. */
		b->sleeps = false;
		b->row = 0;
		b->moved_ns = now_ns;
	}
	return b->has_moved;
}

int
burst_wait(struct burst *b, uint64_t now_ns)
{
	uint64_t since = now_ns - b->heard_ns;

	if (since < BURST_AWAKE_NS && !b->sleeps)
		return 0;
	if (b->is_held && since < BURST_GAP_NS)
		return 1;
	let_sleep(b);
	return -1;
}
