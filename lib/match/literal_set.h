/*
 * literal_set.h - what literal.c and its kernels share.
 *
 * literal.c is the meaning of everything; a kernel (literal_kernel.h, once
 * for each instruction set) looks at one block of the content after the
 * other, through every plane, and tells literal_check() what might be there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_MATCH_LITERAL_SET_H
#define CANDOR_MATCH_LITERAL_SET_H

#include "lib/match/literal.h"
#include "lib/match/literal_layout.h"

/* A plane of the section, opened: every bound has been checked. */
struct literal_plane {
	const uint8_t *filter;
	const uint8_t *lines;
	uint64_t k1, k2;
	uint32_t filter_shift; /* hash >> this: index of a choice of bits */
	uint32_t line_shift;   /* mixed hash >> this: index of a line */
	uint32_t line_mask;    /* number of lines less one */
	uint32_t step;
	uint32_t back;
	uint8_t kind;
	uint8_t q;
	uint8_t choice;
};

#define LITERAL_PICK 2048u /* positions that the sampler handles at once */

/* Room of one scan, in the arena. */
struct literal_scratch {
	uint8_t key[LITERAL_PICK + 3 * LITERAL_MARGIN];
	uint8_t run[LITERAL_PICK + 3 * LITERAL_MARGIN];
	uint8_t bytes[LITERAL_BLOCK + 4 * LITERAL_MARGIN];
	uint16_t picked[LITERAL_BLOCK + LITERAL_MARGIN];
	uint16_t passed[LITERAL_BLOCK + LITERAL_MARGIN];
};

struct literal_set {
	const struct literal_impl *impl;
	const char *refused; /* name of one that did not agree, or NULL */
	struct literal_scratch *scratch;
	const uint8_t *entries;
	uint64_t entries_size; /* of those that may begin here: tail excluded */
	uint32_t planes;
	uint32_t literals;
	uint32_t multiplier;
	uint32_t span;
	struct literal_plane plane[LITERAL_PLANES];
	struct cur section;
};

#define LITERAL_BATCH 128u

/* Bytes around a window that decide what is told of it: this many before its
   first byte, and so many in all. */
#define LITERAL_BEFORE 32u
#define LITERAL_AROUND 72u

#define LITERAL_WINDOWS 64u  /* may have something waiting */
#define LITERAL_WAITS   256u /* entries that wait; a power of two */

/* An entry to be looked at. */
struct literal_wait {
	uint32_t ref;
	int32_t at;      /* of its window in the view */
	uint32_t window; /* number, for its limit of steps */
};

/* Those that wait, in a ring from head to tail. */
struct literal_queue {
	uint32_t head, tail, windows;
	uint32_t steps[LITERAL_WINDOWS]; /* that a window has left */
	struct literal_wait wait[LITERAL_WAITS];
};

/* One call of literal_scan(). */
struct literal_run {
	const struct literal_set *set;
	size_t size; /* of the window */
	size_t seen;
	literal_hit_fn told;
	void *ctx;
	size_t count;
	bool stopped;

	/*
	 * The window looked at last, if nothing was there: the next one is
	 * often the same, in a run or a table of equal records.
	 */
	const struct literal_plane *plane; /* where it was looked up */
	uint64_t last;                     /* its mixed hash */
	bool is_empty;                     /* around holds what was around it */
	bool was_there;                    /* a literal was, told or not */
	bool found;                        /* ... anywhere in this block */
	int run_of; /* the byte that the block before was nothing but, with
	               all its margins, and no literal in it; or -1 */
	uint8_t around[LITERAL_AROUND];
	struct literal_queue queue; /* empty between blocks */
	struct literal_hit hit[LITERAL_BATCH];
};

/*
 * A block of the window, folded.  From bytes[-LITERAL_MARGIN] to
 * bytes[size + 2 * LITERAL_MARGIN - 1] there are the bytes around it, or
 * zeros where the window has none.
 */
struct literal_view {
	const uint8_t *bytes;
	uint32_t size; /* positions to look at, at most LITERAL_BLOCK */
	size_t at;     /* position 0 in the window */
};

/* One implementation. */
struct literal_impl {
	const char *name;   /* "portable", "avx2" */
	bool (*runs)(void); /* can this machine run it? */
	void (*look)(struct literal_run *run, const struct literal_view *view);
	/* Copy size bytes and fold them. */
	void (*fold)(uint8_t *to, const uint8_t *from, size_t size);
};

/* Fastest first; the portable one is last and always runs. */
extern const struct literal_impl literal_impls[];

/* literal_open() with an implementation of the caller's choice. */
const struct literal_set *literal_open_with(struct arena *a, struct cur section,
    const struct literal_impl *impl, struct why *why);

/* literal_open() with this one, unless it disagrees with the portable one. */
const struct literal_set *literal_open_checked(struct arena *a,
    struct cur section, const struct literal_impl *impl, struct why *why);

const struct literal_impl *literal_portable(void);

/* Does the set's implementation find what the portable one finds? */
bool literal_agrees(struct literal_set *set);

/*
 * The window at position at of the view has this mixed hash, and its line has
 * these places with the same print (bit i: place i): tell what is there.
 */
void literal_check(struct literal_run *run, const struct literal_plane *plane,
    const struct literal_view *view, int32_t at, uint64_t mixed,
    uint32_t places);

/* Look at everything that waits. */
void literal_settle(struct literal_run *run, const struct literal_view *view);

/* Hand over what has been found so far. */
void literal_flush(struct literal_run *run);

void literal_fold_portable(uint8_t *to, const uint8_t *from, size_t size);
void literal_look_portable(struct literal_run *run,
    const struct literal_view *view);
#if defined(__x86_64__)
bool literal_runs_avx2(void);
void literal_fold_avx2(uint8_t *to, const uint8_t *from, size_t size);
void literal_look_avx2(struct literal_run *run,
    const struct literal_view *view);
bool literal_runs_avx512(void);
void literal_fold_avx512(uint8_t *to, const uint8_t *from, size_t size);
void literal_look_avx512(struct literal_run *run,
    const struct literal_view *view);
#endif
#if defined(__aarch64__)
bool literal_runs_neon(void);
void literal_fold_neon(uint8_t *to, const uint8_t *from, size_t size);
void literal_look_neon(struct literal_run *run,
    const struct literal_view *view);
#endif

#endif
