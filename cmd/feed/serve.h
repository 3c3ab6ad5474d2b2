/*
 * serve.h - HTTP for a feed's small servers: witnesses and mirrors.
 *
 * libmicrohttpd, without encryption: everything here is public and signed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FEED_SERVE_H
#define CANDOR_FEED_SERVE_H

#include "lib/base/cur.h"
#include "lib/base/why.h"

#include <microhttpd.h>
#include <stdbool.h>

/* A request that came in whole. */
struct serve_request {
	struct MHD_Connection *connection;
	const char *method, *path; /* the path begins with a slash */
	struct cur body;
	bool is_too_long; /* longer than body_max: body is its beginning */
};

typedef enum MHD_Result (*serve_fn)(void *ctx, const struct serve_request *r);

struct server {
	const char *program; /* in messages */
	const char *address; /* HOST:PORT; port 0: any */
	size_t body_max;
	bool is_parallel; /* a thread for each connection; else one for all */
	serve_fn answer;
	void *ctx;

	/* Called every so many seconds, from the thread of serve_run(). */
	void (*tick)(void *ctx);
	unsigned every; /* 0: never */
};

/* Answer until SIGTERM or SIGINT; the exit code.  Where it listens is the
   first line of standard output: "listening at HOST:PORT". */
int serve_run(const struct server *s);

/* Answer a request with a text, as it is; or with a line of it. */
enum MHD_Result serve_text(const struct serve_request *r, unsigned code,
    const char *type, const char *text);
enum MHD_Result serve_line(const struct serve_request *r, unsigned code,
    const char *line);

/* Answer it with a file below a folder; no name on the way begins with a
   dot. */
enum MHD_Result serve_file(const struct serve_request *r, int folder);

#endif
