/*
 * format.h - what a file-format opener is.
 *
 * An opener turns one object into facts about it and into child objects.  It
 * sees a source, an arena and the passwords of the person who asked; it
 * cannot open, log, wait or remember.  It is pulled, never pushes: the engine
 * asks for the next child and reads it when it likes, so the stack of open
 * containers is the engine's array and memory stays flat however large a
 * container is.
 *
 *     open()  look at the header, fill in facts, set up state
 *     next()  describe the next child, until there are no more
 *     read()  the bytes of the child that next() described last
 *     close() give back what libraries allocated (our own state is in the
 *             arena and goes with it)
 *
 * A format that has only facts (PE, ELF) leaves next, read and close NULL.
 * To add one: a file here, a row in registry.c, a row in kind.h.
 * See docs/openers.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_FORMAT_H
#define CANDOR_FORMATS_FORMAT_H

#include "lib/formats/facts.h"
#include "lib/formats/kind.h"
#include "lib/formats/source.h"

#define FORMAT_NAME_MAX 255u

/*
 * How a walk, or the reading of one child, ended.  None of these is an error
 * of ours: a broken file is an observation about the file.
 */
enum format_end {
	FORMAT_CHILD,       /* next() only: out describes a child */
	FORMAT_WHOLE,       /* reached the end the format defines */
	FORMAT_TRUNCATED,   /* the bytes stop before the format does */
	FORMAT_MALFORMED,   /* a rule of the format is broken */
	FORMAT_ENCRYPTED,   /* no password, or none that fits */
	FORMAT_UNSUPPORTED, /* a method or variant we do not decode */
	FORMAT_LIMIT        /* the arena or another budget is spent */
};

enum child_role {
	CHILD_MEMBER,    /* an object of its own: identified, opened, hashed */
	CHILD_TEXT_VIEW, /* the parent as normalised text: searched for target 7
	                   and any-target signatures, never opened or hashed */
	CHILD_HTML_VIEW  /* as normalised HTML: the same for target 3 */
};

struct child {
	enum child_role role;
	uint8_t name[FORMAT_NAME_MAX]; /* bytes as stored; cut if longer */
	uint8_t name_size;             /* bytes in name */
	uint64_t size;                 /* bytes as declared, never trusted;
	                    SOURCE_SIZE_UNKNOWN where nothing says */
	bool is_range; /* the bytes stand in the parent as they are: the
	                  engine cuts [off, off + size), never calls read */
	uint64_t off;  /* where, for a range */
	bool is_rest;  /* a range that is no part of what the opener knows: what
	                  follows it, to the end of the parent */
	enum format_end obstacle; /* FORMAT_WHOLE, or why it cannot be read: the
	                    engine reports it and goes on to the next child */
};

/* Passwords to try, lent by whoever asked for the scan. */
struct passwords {
	const struct cur *word; /* each without terminator */
	size_t count;
};

/* What an opener is given; everything in it is lent until close(). */
struct opening {
	struct source *source;
	struct arena *arena; /* for state; given back after close() */
	struct facts *facts; /* to fill in */
	const struct passwords *passwords;
	uint64_t max_memory; /* bytes a library may be allowed to allocate */
	enum kind kind;      /* what identification said */
};

struct format {
	const char *name;

	/*
	 * Look at in and set *state (NULL if there is nothing to remember).
	 * FORMAT_WHOLE when next() can be called; any other end is the end of
	 * the walk, and neither next() nor close() is called.
	 */
	enum format_end (*open)(struct opening *in, void **state);

	/* Describe the next child in *out: FORMAT_CHILD; else how it ended. */
	enum format_end (*next)(void *state, struct child *out);

	/*
	 * Put up to size bytes of the current child into buf, from where the
	 * last call stopped, and say how many.  0 is the end, and *end says
	 * what kind; *end is not touched otherwise.
	 */
	size_t (*read)(void *state, void *buf, size_t size,
	    enum format_end *end);

	void (*close)(void *state);
};

/*
 * Let the libraries below load what they load only once: the locale for names
 * (LC_CTYPE becomes UTF-8), the time zone.  To be called before the process
 * loses the right to open files; see warm.c.  False if there is no UTF-8
 * locale: 7z, and rar names, cannot be read then.
 */
bool formats_warm(void);

/* The opener of a kind, or NULL if there is none. */
const struct format *format_of(enum kind kind);

#endif
