/*
 * html.h - the parts of the HTML normaliser.
 *
 * Each is fed one byte at a time (zeros and carriage returns already taken
 * away) and then told of the end, and appends what comes out to a queue, which
 * has room for what one byte can bring forth.  html_page_feed() and
 * html_script_feed() take many bytes as they stand in the file, and go fast
 * over those that mean nothing where they are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_HTML_H
#define CANDOR_FORMATS_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTML_NAME  64u  /* longest entity name; tags: what decides is shorter */
#define HTML_MOST  160u /* that one byte can bring forth */
#define HTML_QUEUE 4096u

struct html_queue {
	uint8_t byte[HTML_QUEUE];
	size_t size;
	size_t at; /* next to hand out */
};

/* Where in a page we are. */
enum html_state {
	HTML_TEXT,
	HTML_OPEN, /* behind "<" and white space */
	HTML_TAG,
	HTML_VALUE,  /* of an attribute, without quotes */
	HTML_QUOTED, /* the same, with */
	HTML_DROP,   /* "<!" to the next ">" */
	HTML_CODE,   /* of a script or style */
	HTML_CODE_TAG
};

/* An entity that is being read, in any state but HTML_DROP. */
enum html_entity {
	ENTITY_NONE,
	ENTITY_NAME,   /* behind "&" */
	ENTITY_NUMBER, /* behind "&#" */
	ENTITY_HEX     /* behind "&#x" */
};

/* What is made of the page. */
enum html_part {
	HTML_PAGE,        /* tags and text */
	HTML_WORDS,       /* text without tags */
	HTML_SCRIPT,      /* scripts, for signatures for HTML */
	HTML_SCRIPT_TEXT, /* scripts, for signatures for text */
	HTML_DATA,        /* what stands in "data:" addresses */
	HTML_PARTS
};

struct html_page {
	enum html_part part; /* HTML_PAGE or HTML_WORDS */
	enum html_state state;
	enum html_entity entity;
	uint32_t number;
	char name[HTML_NAME]; /* of the tag or entity, with its zero */
	size_t name_size;
	char tag[9]; /* name of the tag, small letters, cut */
	size_t tag_size;
	uint8_t quote;
	bool in_space;       /* no space now: one was given, or a tag ended */
	bool in_value_space; /* the same in a quoted value */
	bool space_is_due;   /* in a tag, before the next name */
	bool is_value_due;   /* in a tag, behind "=" */
	bool has_script;     /* there was one */
};

/* Where in a script we are. */
enum script_state {
	SCRIPT_OUT,
	SCRIPT_IN,
	SCRIPT_STRING,
	SCRIPT_COMMENT
};

struct html_script {
	enum script_state state;
	char tag[10]; /* the tag being read, small letters, cut */
	size_t tag_size;
	bool in_tag;
	bool is_second; /* not the first script */
	uint8_t quote;
	uint8_t last;    /* byte given last */
	uint8_t held;    /* "/" or "*" that may be part of a comment mark */
	bool in_space;   /* white space since last */
	uint8_t escape;  /* of a string: 0, '\\', 'x', 'u' */
	uint8_t digits;  /* still to come of an escape */
	uint32_t number; /* of an escape */
	uint8_t joint;   /* behind a string: '"'; behind its plus: '+' */
};

/* The code of a named character, or 0. */
uint32_t html_entity_code(const char *name);

void html_page_add(struct html_page *p, struct html_queue *out, uint8_t c);
void html_page_end(struct html_page *p, struct html_queue *out);

/* Take bytes until they are used up, or there might be no room for what the
   next one brings: how many were taken. */
size_t html_page_feed(struct html_page *p, struct html_queue *out,
    const uint8_t *bytes, size_t size);

void html_script_add(struct html_script *s, struct html_queue *out, uint8_t c);
void html_script_end(struct html_script *s, struct html_queue *out);

/* The same as for pages. */
size_t html_script_feed(struct html_script *s, struct html_queue *out,
    const uint8_t *bytes, size_t size);

/* Is there room for what one more byte can bring forth? */
static inline bool
html_has_room(const struct html_queue *q)
{
	return HTML_QUEUE - q->size >= HTML_MOST;
}

/* Bytes that are no part of any page. */
static inline bool
html_is_nothing(uint8_t c)
{
	return c == '\0' || c == '\r';
}

static inline void
html_put(struct html_queue *q, uint8_t c)
{
	if (q->size < HTML_QUEUE)
		q->byte[q->size++] = c;
}

static inline void
html_put_text(struct html_queue *q, const char *text)
{
	for (; *text != '\0'; text++)
		html_put(q, (uint8_t)*text);
}

static inline bool
html_is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline uint8_t
html_small(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 0x20) : c;
}

#endif
