/*
 * literal_peer.h - Hyperscan, fed with the same literals.
 *
 * It regards case, we do not: ours is the harder task.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_BENCH_LITERAL_PEER_H
#define CANDOR_TESTS_BENCH_LITERAL_PEER_H

#include "tests/bench/literal_sets.h"

struct literal_peer; /* NULL where Hyperscan is not installed */

struct literal_peer *literal_peer_open(const struct literal_cut *cut);

/* Seconds for these bytes. */
double literal_peer_scan(struct literal_peer *p, const uint8_t *bytes,
    size_t size);
void literal_peer_close(struct literal_peer *p);

#endif
