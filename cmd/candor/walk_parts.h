/*
 * walk_parts.h - what the parts of the walk share; for walk*.c only.
 *
 *   walk.c          the loop
 *   walk_given.c    what was given by name
 *   walk_folder.c   the stack of open folders
 *   walk_item.c     one name in a folder
 *
 * A folder or file is far if its file system is not local (opener.h): then
 * only the opener touches it, and what is open here is open with O_PATH.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_WALK_PARTS_H
#define CANDOR_CMD_WALK_PARTS_H

#include "cmd/candor/walk.h"

#include "proc/opener/opener.h"
#include "sys/place.h"

struct item {
	size_t name;        /* where in the folder's names */
	unsigned char type; /* DT_* */
};

struct walk_folder {
	int fd; /* -1: given up for a deeper one */
	bool is_far;
	bool is_cut;        /* left early: its mount is hung */
	int trouble;        /* errno value of reading it, told at its end */
	struct place place; /* for finding loops and finding back */
	size_t path_size;   /* of its path, in walk.path */
	struct buf names;   /* each with its NUL */
	struct item *item;  /* in the order of their names */
	size_t count, room, next;
};

struct walk {
	struct walk_options options;
	struct walk_counts counts;
	struct words given;
	size_t given_next;
	struct buf path; /* of the innermost folder, then of the entry */
	struct walk_folder *folder;
	size_t depth, folder_room;
	dev_t device; /* of what was given, for one_file_system */
	int root;     /* is "/" local?  Not known yet: -1 */
	bool is_stopped;
	char *read; /* WALK_READ_SIZE bytes for names */
};

#define WALK_READ_SIZE 65536u

/* A folder, as the opener is told of it. */
static inline struct opener_place
walk_far(const struct walk_folder *f)
{
	return (struct opener_place){ f->fd, f->place.mount };
}

/* Describe what is at walk.path. */
void walk_tell(struct walk *w, enum walk_outcome outcome, int err,
    struct walk_entry *out);

/* The same of what the opener found; takes found->fd. */
void walk_tell_found(struct walk *w, const struct opener_found *found,
    struct walk_entry *out);

/* --- walk_folder.c -------------------------------------------------------- */

/* Go into the folder that is open at fd (taken), whose path is w->path. */
void walk_folder_push(struct walk *w, int fd, const struct place *place,
    bool is_far);

/* Leave the innermost folder; true if there is trouble to tell about it. */
bool walk_folder_pop(struct walk *w, struct walk_entry *out);

/* Is it one of those we are in?  The same through another mount is not. */
bool walk_folder_is_loop(const struct walk *w, const struct place *place);

void walk_folder_free(struct walk *w);

/* --- the others ----------------------------------------------------------- */

/* Look at the next name of the innermost folder; true: there is one to tell. */
bool walk_item_next(struct walk *w, struct walk_entry *out);

/* Is it a file that need not be opened?  Then tell of it. */
bool walk_item_known(struct walk *w, int near, const struct stat *s,
    struct walk_entry *out);

/* Look at the next of the paths given; true: there is one to tell. */
bool walk_given_next(struct walk *w, struct walk_entry *out);

#endif
