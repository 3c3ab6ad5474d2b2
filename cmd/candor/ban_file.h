/*
 * ban_file.h - one file that a reader in its cage looks into, and what comes
 * of what it tells.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_FILE_H
#define CANDOR_CMD_BAN_FILE_H

#include "cmd/candor/ban_seen.h"
#include "proc/reader/protocol.h"

struct ban_file;

/*
 * Begin with the file at path, in a system or wherever it is; in: for people.
 * Both are borrowed until it is closed.
 */
struct ban_file *ban_file_open(struct ban_seen *seen, const char *path,
    const char *in);

/* What is told of it. */
void ban_file_hear(struct ban_file *f, const struct reader_part *p);

/* That was all: tell seen. */
void ban_file_close(struct ban_file *f);

/* Strings that stand in signs, a line each, for whoever looks into a file;
   to be freed. */
char *ban_file_strings(const struct footprint_set *set);

#endif
