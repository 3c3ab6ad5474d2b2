/*
 * look.h - what is at a path, seen from inside the opener.
 *
 * A path is gone along one component after the other, so that it can be said
 * which mount is entered before anything waits for it.
 *
 * Functions return 0 or an errno value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_OPENER_LOOK_H
#define CANDOR_PROC_OPENER_LOOK_H

#include "sys/access.h"
#include "sys/subject.h"

#include <stdbool.h>
#include <stdint.h>

struct look_found {
	/*
	 * Of a regular file or a folder, else -1.  Opened for reading where
	 * the file system is local, else with O_PATH: that can be held, and
	 * closed, without asking anybody.
	 */
	int fd;
	bool is_local;
	uint32_t mode;
	uint64_t mount, type;
	struct subject_stamp stamp;
};

/* Told before each mount that may make us wait; 0: no such one. */
typedef void (*look_note_fn)(void *ctx, uint64_t mount);

struct look {
	look_note_fn note;
	void *ctx;
	uint64_t noted; /* last */
	uint64_t at;    /* the mount we stand on */
};

/* As the person who typed it means it: links are followed. */
int look_as_said(struct look *l, const char *path, struct look_found *out);

/* One name (or "..") in the folder dir, which is on mount; no links. */
int look_below(struct look *l, int dir, uint64_t mount, const char *name,
    struct look_found *out);

/*
 * May this user, too, go all the way to what is open at fd, and read it (or
 * list it, if it is a folder)?  0, EACCES or another error.
 */
int look_check_user(struct look *l, int fd, const struct access_user *user);

/* What is open at fd now; out->fd is -1. */
int look_stamp(int fd, struct look_found *out);

/* Open for reading what fd names with O_PATH; -1 and errno. */
int look_reopen(int fd);

#endif
