/*
 * literal_nopeer.c - in place of literal_peer.c where Hyperscan is not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/bench/literal_peer.h"

struct literal_peer *
literal_peer_open(const struct literal_cut *cut)
{
	(void)cut;
	return NULL;
}

double
literal_peer_scan(struct literal_peer *p, const uint8_t *bytes, size_t size)
{
	(void)p;
	(void)bytes;
	(void)size;
	return 0;
}

void
literal_peer_close(struct literal_peer *p)
{
	(void)p;
}
