/*
 * inputs.h - signature files, named or found in folders, and opened.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_INPUTS_H
#define CANDOR_CMD_INPUTS_H

#include "cmd/candor/options.h"
#include "lib/base/why.h"
#include "sys/subject.h"

#include <stdbool.h>
#include <stddef.h>

struct input {
	char *path; /* as the user would write it */
	int fd;     /* read-only */
	struct subject_stamp stamp;
	bool is_compiled; /* a *.cand file */
};

struct inputs {
	struct input *one;
	size_t count, room;
};

/*
 * Add a file, or the files of a folder whose names end like signatures, in
 * the order of their names.  A file that is named is taken whatever it is
 * called.
 */
bool inputs_add(struct inputs *in, const char *path, struct why *why);

/* Does a name end like one of a file of signatures, or a database? */
bool inputs_is_signatures(const char *name);

void inputs_close(struct inputs *in);

#endif
