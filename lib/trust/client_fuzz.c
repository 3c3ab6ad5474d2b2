/*
 * client_fuzz.c - a mirror may answer whatever it likes: nothing is accepted
 * but what the feed published.
 *
 * The first byte says what is hostile: latest, roots, leaves, the state; the
 * next whether the rest takes the place of the true answer or is a list of
 * changes of it, three bytes each (place, and a value to add).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/client.h"
#include "lib/trust/evidence.h"
#include "tests/trust/t_feed.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PARTS 4u

static struct t_feed feed;
static struct trust_answer answer;
static struct trust_evidence proved;
static struct trust_state old;
static char part[PARTS][262144], other[262144], text[TRUST_EVIDENCE_MAX];
static size_t part_size[PARTS];

/* A client at size 4 that sees a tree of 9, two roots and tiles. */
static void
begin(void)
{
	static struct trust_root next;
	struct t_view v = { .base = 6 };
	struct trust_input in = { .now = T_TIME + 86400, .engine = 1 };

	t_feed_begin(&feed);
	t_feed_release(&feed);
	t_feed_release(&feed);
	v.base = 0;
	in.anchor = cur_from(feed.anchor, feed.anchor_size);
	in.roots = cur_from(feed.roots, feed.roots_size);
	in.latest = cur_from(part[0], t_feed_latest(&feed, &v, part[0]));
	trust_client_check(&in, &old, &answer);
	if (answer.outcome != TRUST_ACCEPTED ||
	    !trust_state_write(&answer.state, part[3], sizeof(part[3]),
		&part_size[3]))
		abort();
	next = feed.root;
	next.version = 2;
	t_feed_rotate(&feed, &next, 0x4b);
	while (feed.size < 9)
		t_feed_release(&feed);
	v.base = 6;
	part_size[0] = t_feed_latest(&feed, &v, part[0]);
	part_size[1] = feed.roots_size;
	memcpy(part[1], feed.roots, feed.roots_size);
	part_size[2] = feed.size * MERKLE_HASH;
	memcpy(part[2], feed.leaf, part_size[2]);
}

/* What the hostile part becomes. */
static struct cur
become(const uint8_t *data, size_t size, const char *from, size_t from_size)
{
	size_t i;

	if (size < 2 || data[1] % 2 == 0)
		return cur_from(data + (size < 2 ? size : 2),
		    size < 2 ? 0 : size - 2);
	memcpy(other, from, from_size);
	for (i = 2; i + 2 < size; i += 3) {
		size_t at = (size_t)(data[i] << 8 | data[i + 1]) % from_size;

		other[at] = (char)(other[at] + data[i + 2]);
	}
	return cur_from(other, from_size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trust_input in = { .now = T_TIME + 86400, .engine = 1 };
	struct cur input[PARTS];
	struct why why;
	unsigned hostile, i;
	size_t n;

	if (feed.size == 0)
		begin();
	hostile = size == 0 ? 0 : data[0] % PARTS;
	for (i = 0; i < PARTS; i++)
		input[i] = i == hostile
		    ? become(data, size, part[i], part_size[i])
		    : cur_from(part[i], part_size[i]);
	in.anchor = cur_from(feed.anchor, feed.anchor_size);
	in.latest = input[0];
	in.roots = input[1];
	in.leaves = input[2];
	if (!trust_state_read(input[3], &old, &why))
		return 0;
	trust_client_check(&in, &old, &answer);
	if (answer.outcome == TRUST_ACCEPTED &&
	    (answer.state.size != feed.size ||
		answer.release.serial != feed.size - 1))
		abort();
	if (answer.outcome == TRUST_EQUIVOCATION && hostile != 3)
		abort(); /* no mirror can accuse an honest log */
	(void)trust_evidence_write(&answer, &old, text, sizeof(text), &n,
	    &proved);
	(void)trust_status(&answer.state, in.now, 0);
	return 0;
}
