/*
 * channel.h - records between two processes, with or without descriptors.
 *
 * A SOCK_SEQPACKET socket keeps the borders of records, so nobody parses a
 * stream.  Descriptors travel one way only: the side that reads with
 * channel_read() has no room for any, and the kernel closes what was sent.
 *
 * Making the pair is in spawn.h, so that a program which links only this
 * cannot open a socket.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_CHANNEL_H
#define CANDOR_SYS_CHANNEL_H

#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>

/* Descriptors that may go along with one record. */
#define CHANNEL_FDS_MAX 8u

enum channel_end {
	CHANNEL_DONE, /* the record was sent or read */
	CHANNEL_WAIT, /* would block: the other side is slow or silent */
	CHANNEL_GONE, /* the other side closed or died */
	CHANNEL_ODD /* record too long or empty, descriptor where none may be */
};

/* Send one record, waiting for room; fd (borrowed) goes along unless -1. */
enum channel_end channel_send(int channel, const void *record, size_t size,
    int fd);

/* The same without waiting. */
enum channel_end channel_offer(int channel, const void *record, size_t size,
    int fd);

/* The same with count descriptors (borrowed), CHANNEL_FDS_MAX at most. */
enum channel_end channel_offer_with(int channel, const void *record,
    size_t size, const int *fd, size_t count);

/* Read one record of at most room bytes without waiting; no descriptors. */
enum channel_end channel_read(int channel, void *record, size_t room,
    size_t *size);

/* What would be read next, without waiting; it stays where it is, and so do
   descriptors with it. */
enum channel_end channel_peek(int channel, void *record, size_t room,
    size_t *size);

/*
 * Wait for one record of at most room bytes and the descriptor with it, -1 if
 * there is none.  The caller closes it.
 */
enum channel_end channel_receive(int channel, void *record, size_t room,
    size_t *size, int *fd);

/*
 * The same with any number of descriptors up to CHANNEL_FDS_MAX, in the order
 * they were sent in; *count says how many.  The caller closes them.  A record
 * with more, or when we cannot have so many open, is CHANNEL_ODD, and none is
 * kept.
 */
enum channel_end channel_receive_with(int channel, void *record, size_t room,
    size_t *size, int fd[CHANNEL_FDS_MAX], size_t *count);

/*
 * As channel_receive() without waiting, for those who hear many channels.  A
 * descriptor there was no room for (we have too many open), and any beyond the
 * first, is closed by the kernel: then *fd is -1 and *is_lost is true.
 */
enum channel_end channel_take(int channel, void *record, size_t room,
    size_t *size, int *fd, bool *is_lost);

#endif
