/*
 * switch_packages.h - what removing packages of dpkg and of rpm has in common.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SWITCH_PACKAGES_H
#define CANDOR_CMD_SWITCH_PACKAGES_H

#include "cmd/candor/switch_work.h"

#include <sys/types.h>

#define PACKAGES_PATIENCE 1800000u /* milliseconds for a package manager */

/* Open the folder of a path, in a tree that is like the root; -1 and errno. */
int packages_open_in_tree(int tree, const char *path);

/* A new file in a folder; false and w->why. */
bool packages_write_file(struct switch_work *w, int folder, const char *name,
    const struct buf *text, mode_t mode);

/* Wait until nobody else holds the lock of a package manager, as one we were
   killed in may. */
void packages_wait_for(const char *lock);

/* Groups that packages may take with them: how each is made again, by name. */
json_t *packages_note_groups(const struct switch_work *w);

/* Make those again that are not there, before somebody makes one with
   another number. */
void packages_bring_groups(struct switch_work *w, const json_t *groups);

/* Run the words of an act, when the lock is free, and write down what came. */
bool packages_run(struct switch_work *w, const json_t *words, const char *lock,
    json_int_t number, json_t *outcome);

#endif
