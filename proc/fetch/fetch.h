/*
 * fetch.h - the two ways candor-fetch gets bytes.  Private to proc/fetch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_FETCH_FETCH_H
#define CANDOR_PROC_FETCH_FETCH_H

#include "lib/base/why.h"
#include "proc/feed/order.h"

#include <stdbool.h>
#include <stdint.h>

/* What is asked for, and how much of it may come. */
struct fetch {
	const char *url;   /* or a name below the folder */
	const char *proxy; /* or "" */
	int to;            /* bytes go here */
	uint64_t most;     /* of them */
	uint64_t total_ms; /* in so much time */
	uint64_t quiet_ms; /* and never so long without any to speak of */
	uint64_t done;     /* bytes written */
	uint32_t status;   /* of HTTP, or 0 */
};

/* web.c: over HTTP(S), with libcurl.  Once, before anything else. */
bool web_init(struct why *why);
enum order_end web_get(struct fetch *f, struct why *why);

/* below.c: from the folder, or the tar archive, that is open as at. */
enum order_end below_get(int at, struct fetch *f, struct why *why);

/* Hand on bytes; false if nobody takes them, or they are too many. */
bool fetch_put(struct fetch *f, const void *bytes, size_t size);

#endif
