/*
 * settings.h - read the settings that Kaspersky Endpoint Security for Linux
 * exported: names and values, with the line each stands in.
 *
 * Spec:    the manual of Kaspersky Endpoint Security for Linux, "Rules for
 *          editing task configuration files" (article 201432): sections in
 *          [ ], NAME=VALUE with blanks around = ignored, a value perhaps in
 *          quotes, repeated values as NAME.item_0000.  The command line's
 *          SECTION.item_0000.NAME=VALUE is read as well.
 * Input:   hostile; read through struct cur only.
 * Limits:  SETTINGS_*; what is beyond is told.
 *
 * Of a whole-product export only fragments are documented, so the reader is
 * tolerant: any name is kept, and whoever asks tells of those he does not
 * know.  A line that is no setting at all is told here.  A file may hold
 * several tasks, each behind a section of the task's name.
 *
 * Pure; what is read lies in the arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_SETTINGS_H
#define CANDOR_BAN_SETTINGS_H

#include "lib/base/arena.h"
#include "lib/base/cur.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETTINGS_FILE_MAX ((size_t)1 << 20) /* bytes of a file */
#define SETTINGS_LINE_MAX 4096u             /* bytes of a line */
#define SETTINGS_MAX      8192u             /* settings of a file */

/* An arena of so many bytes is enough for any file. */
#define SETTINGS_ARENA ((size_t)4 << 20)

/* What a task protects, as far as it matters here. */
enum settings_task {
	SETTINGS_UNKNOWN,   /* nothing says */
	SETTINGS_ON_ACCESS, /* File_Threat_Protection, 1 */
	SETTINGS_ON_DEMAND, /* the scans: 2, 3, 4, 16, 18, 19 */
	SETTINGS_UPDATE,    /* 6, 7 */
	SETTINGS_BEHAVIOUR, /* Behavior_Detection, 20 */
	SETTINGS_SCHEDULE,  /* what --get-schedule printed */
	SETTINGS_PRODUCT,   /* application settings */
	SETTINGS_OTHER      /* another task */
};

struct setting {
	uint32_t line;
	uint32_t part;       /* which of the file's tasks, from 0 */
	uint32_t group;      /* which section, from 1; 0: in front of all */
	const char *section; /* "ScanScope"; "" in front of all */
	const char *name;    /* "Path", "ExcludeMasks": without item_ */
	const char *value;
};

/* What one task of a file is. */
struct settings_part {
	enum settings_task task;
	const char *name; /* as the file or the caller calls it, or "" */
};

struct settings {
	struct setting *one;
	size_t count;
	struct settings_part *part;
	size_t part_count;
};

/* Told of a line (0: of the file) that is not understood, and why. */
typedef void (*settings_trouble_fn)(void *ctx, uint32_t line, const char *why);

/* The task of a name or number ("File_Threat_Protection", "1"). */
enum settings_task settings_task_of(const char *name);

/*
 * Read a file.  task, if it is not NULL, is the name or number of the task it
 * was exported of; otherwise the names in it have to tell.  False if
 * something was not understood (and told); the rest is in out all the same.
 */
bool settings_read(struct settings *out, struct arena *a, struct cur file,
    const char *task, settings_trouble_fn tell, void *ctx);

/* Are two names the same?  Capitals do not count. */
bool settings_same(const char *a, const char *b);

/* The setting of that name in a part and group; *is_twice: there are more. */
const struct setting *settings_find(const struct settings *s, uint32_t part,
    uint32_t group, const char *name, bool *is_twice);

#endif
