/*
 * footprint_file.h - what the signs in one file are worth together.
 *
 * A file says who made it, what it installs and what stands in it
 * (lib/recognise).  What that means depends on what else it says, and on
 * where it lies: a library of the vendor in another's folder is an engine,
 * the same in an installer is the installer's.
 *
 * Pure: no I/O, no memory of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_FOOTPRINT_FILE_H
#define CANDOR_BAN_FOOTPRINT_FILE_H

#include "lib/ban/footprint.h"

#define FOOTPRINT_HITS 48u  /* signs of a file that are kept */
#define FOOTPRINT_SEEN 256u /* bytes of what was seen */

/* A sign a file has, and what it is worth. */
struct footprint_hit {
	const struct footprint_sign *sign;
	char seen[FOOTPRINT_SEEN + 1];
	bool is_place; /* its name or place, which was counted already */

	/* Set by footprint_file_weigh(). */
	bool counts;
	uint32_t product;
	enum footprint_state state;
	enum footprint_strength strength;
};

struct footprint_file {
	const struct footprint_set *set;
	const char *platform; /* "windows", …; NULL: could be any */
	bool is_setup;        /* it installs something: a package, an app */
	bool is_in_place;     /* it lies where what it is of is installed */
	struct footprint_hit hit[FOOTPRINT_HITS];
	size_t count;
};

/* Begin with a file at path, whose name and place may be signs. */
void footprint_file_begin(struct footprint_file *f,
    const struct footprint_set *set, struct cur path);

/* It has this in it.  True: that is a sign. */
bool footprint_file_add(struct footprint_file *f, enum footprint_type type,
    struct cur value);

/* An archive it is has a member of this name. */
bool footprint_file_add_member(struct footprint_file *f, struct cur name);

/* Weigh all of it. */
void footprint_file_weigh(struct footprint_file *f);

/* Is it in a folder of the vendor's own? */
bool footprint_is_own_place(const struct footprint_set *set, uint32_t product,
    struct cur path);

#endif
