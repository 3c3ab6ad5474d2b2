/*
 * command.h - what a client asks for, done; and the words of the answers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CLAMD_COMMAND_H
#define CANDOR_PROC_CLAMD_COMMAND_H

#include "proc/clamd/request.h"

/* A command was read. */
void command_begin(struct client *c, const struct clamd_request *r);

/* The stream of an INSTREAM is whole. */
void command_stream(struct client *c, struct clamd_tag tag);

/* The client is gone: nobody waits for what it asked. */
void command_forget(struct client *c);

/*
 * Say to the client what became of a file in which nothing was found, with
 * the set of its gaps (1 << enum unscanned).  Of a file of a walk only a gap
 * is said.
 */
enum request_end command_answer(struct client *c, const struct request *r,
    uint32_t gaps);

/* There is a new broker: what was asked of the last one's state is lost. */
void command_ask_again(struct front *f);

/* How the broker is. */
void command_state(struct front *f, const struct ask *a);

#endif
