/*
 * config.h - candord's configuration: bytes in, values or complaints out.
 *
 * An INI file: [sections], KEY = VALUE, and lines that begin with # or ;.
 * Blanks around section, key and value do not count.  A value may stand in
 * double quotes, inside which \" and \\ are a quote and a backslash.  Keys
 * that take several values take them with blanks between, may be given again,
 * and each value may be quoted by itself.  An empty value is the empty text or
 * list, not the default.
 *
 * Every key is a row of config.def.  A line that is wrong is reported with
 * its number and why, and reading goes on, so that all are told at once.
 *
 * Pure: nothing is opened, and nothing here knows whether a path exists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_POLICY_CONFIG_H
#define CANDOR_POLICY_CONFIG_H

#include "lib/base/arena.h"
#include "lib/base/cur.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_FILE_MAX  131072u /* bytes of a file */
#define CONFIG_LINE_MAX  4096u   /* bytes of a line */
#define CONFIG_WORDS_MAX 1024u   /* values of one key */

/* An arena of so many bytes, aligned for anything, is enough for any file. */
#define CONFIG_ARENA ((size_t)1 << 20)

enum config_type {
	CONFIG_TEXT,    /* text, perhaps empty */
	CONFIG_PATH,    /* text that begins with /, or empty */
	CONFIG_FLAG,    /* number 0 or 1: yes, no, on, off, true, false, 1, 0 */
	CONFIG_COUNT,   /* number */
	CONFIG_OCTAL,   /* number, written in octal */
	CONFIG_SIZE,    /* number of bytes; K, M, G, T multiply by 1024 */
	CONFIG_SECONDS, /* number of milliseconds; 5, 0.5, 100ms, 2m, 1h, 1d */
	CONFIG_CHOICE,  /* number: which of the row's choices, from 0 */
	CONFIG_WORDS,   /* words */
	CONFIG_PATHS,   /* words that begin with / */
	CONFIG_ADDRESSES, /* words HOST:PORT; a HOST with colons in brackets */
	CONFIG_LINES      /* each line one value, blanks and all */
};

enum config_key {
#define CONFIG(tag, section, key, type, def, least, most, choices, help) \
	KEY_##tag,
#include "lib/policy/config.def"
#undef CONFIG
	KEY_COUNT
};

struct config_row {
	const char *section, *key;
	enum config_type type;
	const char *fallback; /* the default, as it would be written */
	uint64_t least, most;
	const char *choices;
	const char *help;
};

struct config_value {
	uint64_t number;
	const char *text;        /* as written, without quotes */
	const char *const *word; /* of those that have several */
	size_t count;
	uint32_t line;    /* where it was given (the last time); 0: default */
	bool is_added_to; /* a list that stays when it is given again */
};

struct config {
	struct config_value value[KEY_COUNT];
};

#define CONFIG_TROUBLES 64u /* told; more are counted */

struct config_trouble {
	uint32_t line;
	char text[160]; /* without a stop; no control characters */
};

struct config_troubles {
	struct config_trouble one[CONFIG_TROUBLES];
	size_t count; /* of those in one */
	size_t more;
};

const struct config_row *config_row(enum config_key key);

/* "flag", "size", ...: what the manual calls the type. */
const char *config_type_text(enum config_type type);

/* Everything at its default.  False only if the arena is too small. */
bool config_init(struct config *c, struct arena *a);

/*
 * Take in a file on top.  Bytes need not outlive the call; texts are cut from
 * the arena.  False if anything was wrong, and *out says what; the values of
 * good lines are in c all the same.
 */
bool config_read(struct config *c, struct arena *a, struct cur file,
    struct config_troubles *out);

/* May that key be given several times, each adding to it? */
bool config_has_many(enum config_key key);

/* Would config_read() take that value for that key?  If not, *why says what is
   wrong with it. */
bool config_would_take(enum config_key key, const char *text, const char **why);

/* From now on lines add to every list, also to one at its default. */
void config_keep_lists(struct config *c);

/* The words of a CONFIG_CHOICE are tested by name: config_is(c, KEY, "deny"). */
bool config_is(const struct config *c, enum config_key key, const char *choice);

#endif
