/*
 * ban_look.h - where candor ban scan looks: the names in a tree, the lists in
 * it, what runs on this machine, and files, lists and logs that were given.
 *
 * Each tells struct ban_seen what is there, and what it could not see.
 * Nothing is changed, no program is started, nothing is sent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_LOOK_H
#define CANDOR_CMD_BAN_LOOK_H

#include "cmd/candor/ban_place.h"
#include "cmd/candor/ban_seen.h"
#include "cmd/candor/ban_wanted.h"
#include "cmd/candor/buf.h"
#include "lib/ban/footprint_packages.h"

#include <stdbool.h>

/*
 * The names of files below the folder root.  Links are not followed.  Only
 * where signs can be, or everywhere (but for the folders of the kernel).
 * Which of them are to be looked into is added to wanted.
 */
void ban_look_tree(int root, bool everywhere, struct ban_seen *seen,
    struct ban_wanted *wanted);

/* One name; in: what it is in, of which it is a path, or NULL. */
void ban_look_name(struct ban_seen *seen, const char *path, bool is_link,
    const char *in);

/* It is a link that leads who knows where. */
void ban_look_link(struct ban_seen *seen, const char *path, const char *in);

/* Its packages, users and groups. */
void ban_look_lists(const struct ban_place *place, struct ban_seen *seen);

/* A list of packages that was read in a file. */
void ban_look_packages(struct cur list, enum packages_form form, const char *in,
    struct ban_seen *seen);

/* A file while a reader tells of it. */
struct ban_content {
	struct ban_seen *seen;
	const struct ban_place *place; /* it stands in; NULL: not known */
	const char *in;                /* what it is called */
	bool has_sign;                 /* what is being told has one already */
	struct ban_file *file; /* of a program or the like, once one is told */
};

/* reader_hear_fn. */
void ban_content_hear(void *self, const struct reader_part *p);

/* Nothing more is told. */
void ban_content_end(struct ban_content *c);

/*
 * A file that only a reader in its cage looks into: what it is, as far as the
 * caller knows, and where it stands, if that is known.
 */
void ban_look_content(int fd, enum reader_what what, const char *in,
    const struct ban_place *place, struct ban_seen *seen);

/*
 * The same of a registry at path of a place, with the logs beside it.
 */
void ban_look_registry(int fd, enum reader_what what, const char *path,
    const struct ban_place *place, struct ban_seen *seen);

/*
 * A program, an installer or an app at path, of which a reader tells what it
 * says of itself; strings: to look for, a line each; in: for people.
 */
void ban_look_file(struct reader *reader, int fd, const char *strings,
    const char *path, const char *in, struct ban_seen *seen);

/* A file that was given by itself, of any kind a reader knows.  Of an image:
   every file in it is looked into, or those whose names say so. */
void ban_look_given_file(const char *path, bool every, struct ban_seen *seen);

/* What somebody exported (footprint_inventory.h); - is standard input. */
void ban_look_inventory(const char *path, struct ban_seen *seen);

/* A log of DNS or a proxy, line by line. */
void ban_look_log(const char *path, struct ban_seen *seen);

/* Processes, sockets and kernel modules. */
void ban_look_running(struct ban_seen *seen);

#endif
