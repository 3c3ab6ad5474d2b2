/*
 * kinds.h - the kinds of files a reader knows.  One more is one file and one
 * row of the table in main.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_READER_KINDS_H
#define CANDOR_PROC_READER_KINDS_H

#include "lib/base/cur.h"
#include "lib/base/why.h"
#include "proc/reader/say.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_HEAD 4096u /* bytes by which a kind is known */

/* A file that belongs to it: a log of a registry. */
struct input_beside {
	int fd;
	uint64_t size;
};

/* The file that is looked at. */
struct input {
	int fd; /* -1 once it was given to a library, which closes it */
	uint64_t size;
	enum reader_what what;
	char name[READER_TEXT + 1];
	uint8_t head[INPUT_HEAD];
	size_t head_size;
	struct input_beside beside[READER_BESIDES];
	size_t besides;
};

/* Bytes from offset off; fewer only at the end, or if the file shrank. */
size_t input_read(const struct input *in, uint64_t off, void *bytes,
    size_t size);

/* The first bytes of a file that belongs to it. */
size_t input_read_beside(const struct input *in, size_t which, void *bytes,
    size_t size);

/* All of it, in memory that is to be freed; NULL and why. */
uint8_t *input_read_all(const struct input *in, uint64_t most, struct why *why);

struct input_kind {
	/* Is it one?  By its first bytes, and what the owner said. */
	bool (*is)(const struct input *in);
	/* Say what is in it; false, and why, if it could not be read. */
	bool (*read)(struct input *in, struct say *say, struct why *why);
};

/* hive.c: a registry of Windows. */
bool hive_is(const struct input *in);
bool hive_read(struct input *in, struct say *say, struct why *why);

/* certificate.c: certificates, as text. */
bool certificates_is(const struct input *in);
bool certificates_read(struct input *in, struct say *say, struct why *why);

/* rpm.c: a database of rpm. */
bool rpm_is(const struct input *in);
bool rpm_read(struct input *in, struct say *say, struct why *why);
void rpm_warm_up(void); /* before the cage */

/* image.c: a disk; its file systems stay open for image_fetch() until
   image_forget(). */
bool image_is(const struct input *in);
bool image_read(struct input *in, struct say *say, struct why *why);
bool image_fetch(uint32_t part, const char *path, uint64_t most,
    struct say *say, uint64_t *size, struct why *why);
void image_forget(void);

/* contents.c: a program, an installer, an app: the owner says so; or it may
   be one of them, which is asked last. */
bool contents_is(const struct input *in);
bool contents_may_be(const struct input *in);
bool contents_read(struct input *in, struct say *say, struct why *why);

#endif
