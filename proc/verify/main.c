/*
 * candor-verify - is what a mirror gave what was published?            RED
 *
 * Holds:     a socket to its owner; one input at a time, open for reading.
 *            No name, no network, no file system, no clock, no children.
 * Hears:     INPUT with a descriptor each, CHECK (proc/feed/order.h), from its
 *            owner only.
 * Says:      what became of it, the files of the release with their hashes,
 *            and the state to keep.
 * If owned:  the attacker can say what he likes about a feed: he must be
 *            kept out by there being little to own.  It is one pure function
 *            (lib/trust/client.h) over bytes, without heap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/client.h"
#include "lib/trust/evidence.h"
#include "proc/feed/order.h"
#include "proc/verify/delta.h"
#include "proc/verify/inputs.h"
#include "sys/channel.h"
#include "sys/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What this program knows of databases, for engine-min. */
#define ENGINE 1u

struct input {
	uint8_t *bytes;
	size_t room, size;
};

/* Nothing here is allocated: what comes has its place. */
static uint8_t anchor[NOTE_MAX], roots[TRUST_ROOTS_MAX],
    latest[TRUST_LATEST_MAX], leaves[TRUST_LEAVES_MAX * MERKLE_HASH],
    state[TRUST_STATE_MAX];

static struct input inputs[VERIFY_INPUTS] = {
	[VERIFY_ANCHOR] = { anchor, sizeof(anchor), 0 },
	[VERIFY_ROOTS] = { roots, sizeof(roots), 0 },
	[VERIFY_LATEST] = { latest, sizeof(latest), 0 },
	[VERIFY_LEAVES] = { leaves, sizeof(leaves), 0 },
	[VERIFY_STATE] = { state, sizeof(state), 0 },
};

static struct order order;
static struct trust_answer answer;

/* --- saying --------------------------------------------------------------- */

static void
say(void)
{
	static uint8_t record[ORDER_SIZE];

	order_put(&order, record);
	if (channel_send(ORDER_CHANNEL, record, sizeof(record), -1) !=
	    CHANNEL_DONE)
		_exit(1); /* nobody is left to hear */
}

static void
say_files(void)
{
	const struct trust_release *r = &answer.release;
	size_t i;

	for (i = 0; i < r->file_count; i++) {
		order = (struct order){ .kind = ORDER_FILE };
		order.number[0] = r->file[i].size;
		memcpy(order.hash, r->file[i].sha256, ORDER_HASH);
		order_put_text(order.name, ORDER_NAME, r->file[i].name);
		say();
	}
	for (i = 0; i < r->delta_count; i++) {
		const struct trust_delta *d = &r->delta[i];

		order = (struct order){ .kind = ORDER_DELTA };
		order.number[0] = d->size;
		order.number[1] = d->base;
		memcpy(order.hash, d->sha256, ORDER_HASH);
		order_put_text(order.name, ORDER_NAME, r->file[d->file].name);
		say();
	}
}

static void
say_end(void)
{
	order = (struct order){
		.kind = ORDER_END,
		.a = answer.outcome,
		.b = answer.is_changed,
		.number = { answer.release.serial, answer.proof.tree.size,
		    answer.state.epoch },
	};
	memcpy(order.hash, answer.state.root.bytes, ORDER_HASH);
	order_put_text(order.name, ORDER_NAME, answer.state.feed);
	if (answer.outcome != TRUST_ACCEPTED &&
	    answer.outcome != TRUST_UNCHANGED)
		order_put_text(order.text, ORDER_TEXT, answer.why.text);
	say();
}

/* The owner's own file, and what we could not do with it. */
static void
refuse(const struct why *why)
{
	order = (struct order){ .kind = ORDER_END, .a = TRUST_BAD };
	order_put_text(order.text, ORDER_TEXT, why->text);
	say();
}

/* --- work ----------------------------------------------------------------- */

static bool
take_input(int fd)
{
	struct input *in;
	ssize_t n = 1;

	if (order.a >= VERIFY_INPUTS || fd == -1)
		return false;
	in = &inputs[order.a];
	in->size = 0;
	if (order.number[0] > in->room)
		return false;
	while (n > 0 && in->size < order.number[0]) {
		n = pread(fd, in->bytes + in->size,
		    (size_t)order.number[0] - in->size, (off_t)in->size);
		if (n > 0)
			in->size += (size_t)n;
	}
	return in->size == order.number[0];
}

static struct cur
cur_of(enum verify_input which)
{
	return cur_from(inputs[which].bytes, inputs[which].size);
}

/* Append bytes to fd, and say what they are. */
static bool
hand_out(int fd, enum order_kind what, const char *bytes, size_t size)
{
	size_t at = 0;
	ssize_t n = 1;

	while (n > 0 && at < size) {
		n = write(fd, bytes + at, size - at);
		if (n > 0)
			at += (size_t)n;
	}
	order = (struct order){ .kind = what, .number = { size } };
	say();
	return at == size;
}

/* The state to keep. */
static bool
write_state(int fd)
{
	static char text[TRUST_STATE_MAX];
	size_t size;

	return trust_state_write(&answer.state, text, sizeof(text), &size) &&
	    hand_out(fd, ORDER_STATE, text, size);
}

/* What convicts somebody, if anything does. */
static bool
write_evidence(int fd, const struct trust_state *old)
{
	static char text[TRUST_EVIDENCE_MAX];
	static struct trust_evidence proved;
	size_t size;

	return !trust_evidence_write(&answer, old, text, sizeof(text), &size,
		   &proved) ||
	    hand_out(fd, ORDER_PUT, text, size);
}

static bool
check(int fd)
{
	struct trust_input in = {
		.anchor = cur_of(VERIFY_ANCHOR),
		.roots = cur_of(VERIFY_ROOTS),
		.latest = cur_of(VERIFY_LATEST),
		.leaves = cur_of(VERIFY_LEAVES),
		.now = order.number[0],
		.build_time = order.number[1],
		.engine = ENGINE,
	};
	static struct trust_state old;
	struct why why = { 0 };

	memset(&old, 0, sizeof(old));
	if (inputs[VERIFY_STATE].size > 0 &&
	    !trust_state_read(cur_of(VERIFY_STATE), &old, &why)) {
		refuse(&why);
		return true;
	}
	trust_client_check(&in, &old, &answer);
	if (answer.is_changed && !write_state(fd))
		return false;
	if ((answer.outcome == TRUST_EQUIVOCATION ||
		answer.outcome == TRUST_ROLLBACK) &&
	    !write_evidence(fd, &old))
		return false;
	if (answer.outcome == TRUST_ACCEPTED ||
	    answer.outcome == TRUST_UNCHANGED)
		say_files();
	say_end();
	return true;
}

/* Hear one order and do it; false when there is no more to do. */
static bool
serve(void)
{
	static uint8_t record[ORDER_SIZE + 1];
	bool goes_on = false;
	size_t size;
	int fd;

	if (channel_receive(ORDER_CHANNEL, record, sizeof(record), &size,
		&fd) != CHANNEL_DONE ||
	    !order_get(cur_from(record, size), &order))
		return false;
	if (order.kind == ORDER_INPUT)
		goes_on = take_input(fd);
	else if (order.kind == ORDER_CHECK && fd != -1)
		goes_on = check(fd);
	if (fd != -1)
		(void)close(fd);
	return goes_on;
}

int
main(int argc, char **argv)
{
	uint32_t layers;
	struct why why;

	if (argc > 1 && strcmp(argv[1], "delta") == 0)
		delta_run();
	/* It writes, to the one file it is given: as a compiler does. */
	if (!sandbox_enter(SANDBOX_COMPILER, &layers, &why)) {
		(void)fprintf(stderr, "candor-verify: %s\n", why.text);
		return 1;
	}

	/* From here on we read bytes an enemy may have written. */
	while (serve())
		;
	_exit(0);
}
