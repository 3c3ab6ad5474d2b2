/*
 * request.h - files on their way to the broker, and what becomes of them.
 *
 * A request is one file that a client waits for.  The asker (proc/asker) keeps
 * it until it is answered, whatever happens to the broker.  A client that
 * leaves is forgotten at once, and so is what it asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CLAMD_REQUEST_H
#define CANDOR_PROC_CLAMD_REQUEST_H

#include "proc/clamd/client.h"

struct walk;

struct request {
	struct client *client;
	struct request *before, *after; /* of the same client */
	struct walk *walk;              /* whose file this is, or NULL */
	bool is_all_matches;
	bool has_suspicious; /* as the settings said when it was asked */
	bool is_stream; /* else a file: of a walk, or a descriptor that came */
	struct clamd_tag tag;
	uint64_t id; /* the asker's */
	uint64_t since_ms;
	uint64_t held; /* of the budget for streams */
	size_t name_size;
	char name[]; /* what replies call it; terminated */
};

/* What was said to the client about a file. */
enum request_end {
	REQUEST_CLEAN, /* nothing, if it is of a walk */
	REQUEST_FOUND,
	REQUEST_ERROR
};

/* What makes a request. */
struct request_wish {
	struct clamd_tag tag;
	const char *name;
	size_t name_size;
	int fd; /* taken, also on failure */
	uint64_t size, held;
	bool is_all_matches;
	struct walk *walk;
};

/* False: no memory, and what was held is released. */
bool request_begin(struct client *c, const struct request_wish *w);

/* Nobody waits for anything this client asked. */
void requests_forget(struct client *c);

/* Start, and end, asking the broker. */
bool requests_open(struct front *f, struct why *why);
void requests_close(struct front *f);

/* A (new) channel to it, taken. */
void requests_link(struct front *f, int channel);

/* Ask and hear; call in every turn. */
void requests_turn(struct front *f);

#endif
