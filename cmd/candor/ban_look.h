/*
 * ban_look.h - where candor ban scan looks: the names in a tree, the lists in
 * it, what runs on this machine, and lists and logs that were given.
 *
 * Each tells struct ban_seen what is there, and what it could not see.
 * Nothing is changed, no program is started, nothing is sent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_LOOK_H
#define CANDOR_CMD_BAN_LOOK_H

#include "cmd/candor/ban_seen.h"
#include "cmd/candor/buf.h"
#include "lib/ban/footprint_packages.h"

#include <stdbool.h>

/*
 * The names of files below the folder root.  Links are not followed.  Only
 * where signs can be, or everywhere (but for the folders of the kernel).
 */
void ban_look_tree(int root, bool everywhere, struct ban_seen *seen);

/*
 * A small file below root, no link followed at any step.  False if it is not
 * there, or could not be read, which seen is told.
 */
bool ban_look_file(int root, const char *path, struct buf *out,
    struct ban_seen *seen);

/* Its packages, users and groups. */
void ban_look_lists(int root, struct ban_seen *seen);

/* A list of packages that was read in a file. */
void ban_look_packages(struct cur list, enum packages_form form, const char *in,
    struct ban_seen *seen);

/* What somebody exported (footprint_inventory.h); - is standard input. */
void ban_look_inventory(const char *path, struct ban_seen *seen);

/* A log of DNS or a proxy, line by line. */
void ban_look_log(const char *path, struct ban_seen *seen);

/* Processes, sockets and kernel modules. */
void ban_look_running(struct ban_seen *seen);

#endif
