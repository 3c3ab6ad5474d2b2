/*
 * outbox.h - bytes that wait until a client takes them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CLAMD_OUTBOX_H
#define CANDOR_PROC_CLAMD_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zeros: empty. */
struct outbox {
	uint8_t *bytes;
	size_t sent, size, room; /* sent <= size <= room */
};

/* Room for so many bytes at the end, or NULL: no memory. */
uint8_t *outbox_room(struct outbox *o, size_t size);

/* So many of them were written. */
void outbox_add(struct outbox *o, size_t size);

size_t outbox_waiting(const struct outbox *o);

/* Send what goes without waiting; *progress: any.  False: nobody reads. */
bool outbox_send(struct outbox *o, int fd, bool *progress);

void outbox_close(struct outbox *o);

#endif
