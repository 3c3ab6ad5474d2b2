/*
 * t_format.h - walk an opener to its end, and the sweeps every opener gets.
 *
 * Shared by the unit tests and the fuzzers of lib/formats.  A broken promise
 * of the opener (more bytes than asked for, a walk without end, a child that
 * nothing describes) prints what it was and aborts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_T_FORMAT_H
#define CANDOR_TESTS_T_FORMAT_H

#include "lib/formats/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define T_CHILDREN ((size_t)64)
#define T_HEAD     ((size_t)64)

/* How to walk; all zero is a sensible walk of a file in memory. */
struct t_how {
	const struct passwords *passwords; /* borrowed, or NULL */
	size_t arena;                      /* bytes of arena; 0: T_ARENA */
	size_t read_size;     /* bytes asked for at a time; 0: 4096 */
	uint64_t max_bytes;   /* of all children; 0: 16 MiB */
	size_t max_children;  /* 0: 1000 */
	uint64_t max_memory;  /* for libraries; 0: 64 MiB */
	bool is_streamed;     /* the source has no mem */
	bool is_size_unknown; /* and no size before its end was reached */
	bool leave_unread;    /* never call read() */
};

#define T_ARENA ((size_t)4 << 20)

struct t_child {
	char name[FORMAT_NAME_MAX + 1]; /* as given, and a zero */
	uint64_t declared;              /* size in the description */
	uint64_t size;                  /* bytes read */
	uint64_t hash;                  /* FNV-1a of the bytes read */
	uint8_t head[T_HEAD];           /* the first bytes read */
	enum format_end obstacle;
	enum format_end end; /* of reading; the obstacle if there is one */
	enum child_role role;
	bool is_range;
};

struct t_walk {
	enum format_end opened; /* what open() said */
	enum format_end end;    /* what next() said last, or opened */
	size_t count;           /* children described */
	uint64_t bytes;         /* read, of all children */
	bool is_cut;            /* a budget of the walk was spent */
	uint64_t hash;      /* of names, contents and ends of all children */
	struct facts facts; /* pointers in it are stale */
	struct t_child child[T_CHILDREN]; /* the first of them */
};

/* Walk bytes and read all children; how may be NULL. */
void t_walk(struct t_walk *w, const struct format *f, enum kind kind,
    const struct t_how *how, const void *bytes, size_t size);

/* Is child i called name, with exactly these bytes, read without trouble? */
bool t_child_is(const struct t_walk *w, size_t i, const char *name,
    const void *bytes, size_t size);

/* FNV-1a; 0 in hash to begin. */
uint64_t t_hash(uint64_t hash, const void *bytes, size_t size);

/*
 * Every prefix, cut at every length: no crash; and none is WHOLE with the
 * children of the whole.  (Leave off padding the format does not need.)
 */
void t_every_prefix(const struct format *f, enum kind kind, const void *bytes,
    size_t size);

/* Every byte, set to ten values that hurt: no crash, no endless walk. */
void t_every_byte(const struct format *f, enum kind kind, const void *bytes,
    size_t size);

/* All the arena that is needed, then 16 bytes fewer, down to nothing. */
void t_every_arena_size(const struct format *f, enum kind kind,
    const void *bytes, size_t size);

/* The same children whether in memory, streamed, or of unknown size. */
void t_same_streamed(const struct format *f, enum kind kind, const void *bytes,
    size_t size);

/* All four. */
void t_sweep(const struct format *f, enum kind kind, const void *bytes,
    size_t size);

/* Open bytes; the facts, and what they point to, stay until the next call. */
struct facts t_facts(const struct format *f, enum kind kind, const void *bytes,
    size_t size);

/* The whole of a file, to be freed; NULL if it cannot be read. */
uint8_t *t_file(const char *path, size_t *size);

/* The whole of FOLDER/NAMEEND, to be freed; the test fails without it. */
uint8_t *t_need(const char *folder, const char *name, const char *end,
    size_t *size);

/* --- samples of tests/make: what must be in them ------------------------- */

#define T_MEMBERS 3

struct t_member {
	const char *name;
	char content; /* 't' text, 'o' other, 'b' the text again and again,
			 4096 bytes of it, 'e' empty, '?' any */
	enum format_end end;
};

struct t_sample {
	const char *file;
	enum format_end end;
	size_t count;
	struct t_member member[T_MEMBERS];
	uint64_t recovered;
};

/* The hash of a member's content; text and other are files in corpus/zip. */
uint64_t t_content(const char *corpus, char content);

/* Does the walk of a sample show what was put in? */
void t_check_sample(const char *corpus, const struct t_sample *s,
    const struct t_walk *w);

/* One fuzzer's turn: walk data in memory, and streamed if its first bit says
 * so. */
int t_fuzz(const struct format *f, enum kind kind, const uint8_t *data,
    size_t size);

#endif
