/*
 * watch.h - be asked by the kernel before files are opened (fanotify(7)).
 *
 * A watch belongs to one process, which must answer every event that
 * must_answer, and must open nothing on a watched file system from the thread
 * that answers: the kernel would ask it about that, too.  Facts F1-F8 of the
 * design are kept here: whole file systems, events of open, exec and close
 * after writing, ignore marks that the kernel drops when a file is modified.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_WATCH_H
#define CANDOR_SYS_WATCH_H

#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WATCH_OPEN  1u
#define WATCH_EXEC  2u
#define WATCH_WRITE 4u /* closed after it was open for writing */

/* Without EVICTABLE marks (before Linux 5.19) at most so many inodes are kept
   in memory for our sake; then all are forgotten. */
#define WATCH_PINNED_MAX 65536u

struct watch {
	int fd;
	bool prevents;     /* events of open and exec wait for an answer */
	uint32_t what;     /* WATCH_* */
	bool is_evictable; /* ignore marks do not pin inodes */
	size_t pinned;
};

struct watch_event {
	int fd; /* of the file, read-only; the caller's to close */
	uint32_t pid;
	uint32_t what; /* one or more of WATCH_* */
	bool must_answer;
	bool is_lost; /* events were lost; nothing else is said */
};

/* Needs CAP_SYS_ADMIN. */
bool watch_open(struct watch *w, bool prevents, uint32_t what, struct why *why);
void watch_close(struct watch *w);

/*
 * Does the kernel tell of the layers' files when files of an overlay are
 * opened?  (Since Linux 6.5.)  Then the layers must be watched and the overlay
 * must not: the kernel opens a file of it for us while we read its event, and
 * that would wait for our own answer about the layer's file.
 */
bool watch_sees_layers(void);

/* Watch the file system that is mounted at path, or no more. */
bool watch_add(struct watch *w, const char *path, struct why *why);
bool watch_remove(struct watch *w, const char *path, struct why *why);

/*
 * Read what happened, without waiting: at most room events; 0 if nothing.
 * The buffer is the caller's, of WATCH_BUFFER bytes.
 */
#define WATCH_BUFFER 16384u
size_t watch_read(struct watch *w, void *buffer, struct watch_event *out,
    size_t room);

/* Answer an event, and close its descriptor. */
void watch_answer(struct watch *w, int fd, bool may);

/*
 * The file open at fd is clean: do not ask about it until it is modified.
 * False if that could not be, or somebody has it open for writing (writing
 * through a mapping is no modification the kernel tells of).
 */
bool watch_ignore(struct watch *w, int fd);

/* The FIFO, socket or device open at fd is never to be asked about. */
bool watch_ignore_special(struct watch *w, int fd);

/* Ask about it again. */
void watch_attend(struct watch *w, int fd);

/* Ask about all of them again: there are new signatures. */
void watch_forget(struct watch *w);

#endif
