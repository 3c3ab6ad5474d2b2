/*
 * burst.h - many questions in quick succession: what waits for them stays
 * awake.
 *
 * A program that makes files, or opens many, is asked about each, and sleeps
 * until it is answered.  Its processor, with nothing else to do, goes idle,
 * and to be woken from that takes longer than question and answer together
 * (on virtual machines several times as long: the host is asked to wake it).
 *
 * After single questions the guard itself stays awake for a moment: who asks
 * often asks again at once.  When there are so many that this is a burst, it
 * has the kernel keep all processors from sleeping, too, until the burst is
 * over (/dev/cpu_dma_latency; Linux, Documentation/power/
 * pm_qos_interface.rst): they wait for work awake.  The kernel ends that, also
 * when the guard dies.
 *
 * To stay awake is wrong on the processor on which who asks runs himself: he
 * would wait for us to go to sleep (sched_yield() gives way within a session
 * or a control group only).  Where he runs is not told, but then each
 * question comes while we were switched out, and else hardly any does.  Then
 * we sleep at once, and if that goes on move to another processor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_GUARD_BURST_H
#define CANDOR_PROC_GUARD_BURST_H

#include <stdbool.h>
#include <stdint.h>

/* So long the guard stays awake after it heard something. */
#define BURST_AWAKE_NS 100000u

/* So many times something was heard, never so long after the last: a burst. */
#define BURST_COUNT  32u
#define BURST_GAP_NS 1000000u

/* Of so many questions from our own processor, one is awaited awake, to see
   whether they still come from there. */
#define BURST_TRY 16u

/* After so many of them in a row we move, but not again for so long. */
#define BURST_ROW     4u
#define BURST_STAY_NS 1000000u

struct burst {
	int latency; /* what is open to hold; -1: that cannot be */
	bool may_hold, is_held;
	bool sleeps;    /* who asks needs our processor */
	uint32_t count; /* in a row */
	uint32_t near;  /* how many came from it */
	uint32_t row;   /* of those, one after another */
	bool
	    has_moved; /* at the last question, for which we were switched out */
	uint64_t moved_ns;
	uint64_t heard_ns;
	uint64_t switches; /* how often we had been switched out then */
};

/* Nothing was heard yet, and nothing may be held.  Opens the device, so before
   anything is watched: on a watched file system that would ask ourselves. */
void burst_open(struct burst *b);

/* May processors be kept awake? */
void burst_allow(struct burst *b, bool may_hold);

void burst_close(struct burst *b);

/* The kernel has said something; switches: how often this thread was switched
   out (getrusage(2)).  True: let it go on on another processor. */
bool burst_hear(struct burst *b, uint64_t now_ns, uint64_t switches);

/*
 * How long may be waited for more, in ms: 0 while it is better to stay awake,
 * -1 without limit.  Ends the burst if it is over.
 */
int burst_wait(struct burst *b, uint64_t now_ns);

#endif
