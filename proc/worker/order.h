/*
 * order.h - what the owner of a worker told it: how to scan, and passwords.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_WORKER_ORDER_H
#define CANDOR_PROC_WORKER_ORDER_H

#include "lib/engine/engine.h"
#include "lib/wire/frame.h"

#define ORDER_PASSWORDS_MAX 64u

struct order {
	bool is_given; /* CONFIG was heard */
	struct scan_options options;
	uint32_t deadline_ms;
	struct passwords passwords;
	struct cur word[ORDER_PASSWORDS_MAX];
	uint8_t text[ORDER_PASSWORDS_MAX][FRAME_PAYLOAD_MAX];
};

/* Take a CONFIG or PASSWORD; false if it is none or comes out of turn. */
bool order_take(struct order *o, const struct frame *f);

#endif
