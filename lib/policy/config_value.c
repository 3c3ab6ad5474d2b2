/*
 * config_value.c - read the value of one key.  See config_value.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/config_value.h"

#include "lib/base/ascii.h"
#include "lib/base/ckd.h"

#include <string.h>

static bool
refuse(const char **why, const char *text)
{
	*why = text;
	return false;
}

/* --- texts and words ----------------------------------------------------- */

/*
 * Copy what begins at *text, up to a blank or, if it is quoted, its closing
 * quote; *text is moved behind it.  With is_whole, blanks do not end it.
 */
static bool
read_word(struct arena *a, const char **text, bool is_whole, const char **out,
    const char **why)
{
	const char *at = *text;
	bool is_quoted = *at == '"';
	size_t size = 0, room;
	char *to = arena_rest(a, &room);

	if (room < strlen(at) + 1)
		return refuse(why, "is too long");
	at += is_quoted;
	for (; *at != '\0'; at++) {
		if (is_quoted && *at == '"')
			break;
		if (!is_quoted && !is_whole && (*at == ' ' || *at == '\t'))
			break;
		if (is_quoted && *at == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
		to[size++] = *at;
	}
	if (is_quoted && *at++ != '"')
		return refuse(why, "has a quote that is not closed");
	if (*at != '\0' && *at != ' ' && *at != '\t')
		return refuse(why, "goes on after its closing quote");
	to[size] = '\0';
	arena_keep(a, size + 1);
	*text = at;
	*out = to;
	return true;
}

static bool
read_text(struct config_value *v, const struct config_row *row, struct arena *a,
    const char *text, const char **why)
{
	if (!read_word(a, &text, true, &v->text, why))
		return false;
	if (*text != '\0')
		return refuse(why, "goes on after its closing quote");
	if (row->type == CONFIG_PATH && v->text[0] != '\0' && v->text[0] != '/')
		return refuse(why, "is not a path that begins with /");
	return true;
}

/* HOST:PORT, the host in brackets if there is a colon in it. */
static bool
check_address(const char *text, const char **why)
{
	const char *colon = strrchr(text, ':'), *at;
	uint32_t port = 0;

	if (colon == NULL || colon == text || colon[1] == '\0' ||
	    strlen(colon) > 6)
		return refuse(why, "is not HOST:PORT");
	for (at = colon + 1; *at != '\0'; at++) {
		if (!ascii_is_digit((uint8_t)*at))
			return refuse(why, "is not HOST:PORT");
		port = port * 10 + (uint32_t)(*at - '0');
	}
	if (port == 0 || port > 65535)
		return refuse(why, "has a port that is not from 1 to 65535");
	if (memchr(text, ':', (size_t)(colon - text)) != NULL &&
	    (text[0] != '[' || colon[-1] != ']'))
		return refuse(why, "needs brackets around its host");
	return true;
}

static bool
add_word(struct config_value *v, const struct config_row *row, struct arena *a,
    const char *word, const char **why)
{
	const char **list;

	if (row->type == CONFIG_PATHS && word[0] != '/')
		return refuse(why, "has a path that does not begin with /");
	if (row->type == CONFIG_ADDRESSES && !check_address(word, why))
		return false;
	if (v->count == CONFIG_WORDS_MAX)
		return refuse(why, "has too many values");
	if (v->count == 0) {
		v->word = arena_alloc(a, CONFIG_WORDS_MAX, sizeof(*v->word));
		if (v->word == NULL)
			return refuse(why, "is too long");
	}
	list = (const char **)(uintptr_t)v->word;
	list[v->count++] = word;
	return true;
}

static bool
read_words(struct config_value *v, const struct config_row *row,
    struct arena *a, const char *text, const char **why)
{
	bool is_line = row->type == CONFIG_LINES;
	const char *word;

	v->text = "";
	while (*text != '\0') {
		if (!read_word(a, &text, is_line, &word, why) ||
		    !add_word(v, row, a, word, why))
			return false;
		while (*text == ' ' || *text == '\t')
			text++;
	}
	return true;
}

/* --- numbers ------------------------------------------------------------- */

/* Digits up to anything else; false without any, or with too many. */
static bool
read_digits(const char **text, unsigned base, uint64_t *out)
{
	const char *at = *text;

	*out = 0;
	while (ascii_is_digit((uint8_t)*at) && (unsigned)(*at - '0') < base) {
		if (ckd_mul(out, *out, base) ||
		    ckd_add(out, *out, (uint64_t)(*at - '0')))
			return false;
		at++;
	}
	if (at == *text)
		return false;
	*text = at;
	return true;
}

static bool
read_size(const char *text, uint64_t *out)
{
	static const char unit[] = "KMGT";
	const char *u;
	unsigned shift;

	if (!read_digits(&text, 10, out))
		return false;
	if (*text == '\0')
		return true;
	u = strchr(unit, *text & ~0x20);
	if (u == NULL || text[1] != '\0')
		return false;
	shift = 10 * (unsigned)(u - unit + 1);
	return !ckd_mul(out, *out, (uint64_t)1 << shift);
}

/* Up to three digits behind the point, as thousandths. */
static bool
read_fraction(const char **text, uint64_t *out)
{
	uint64_t worth = 100;

	*out = 0;
	if (**text != '.')
		return true;
	(*text)++;
	if (!ascii_is_digit((uint8_t) * *text))
		return false;
	for (; ascii_is_digit((uint8_t) * *text); (*text)++) {
		*out += worth * (uint64_t)(**text - '0');
		worth /= 10;
	}
	return true;
}

static bool
read_seconds(const char *text, uint64_t *out)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} unit[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 } };
	uint64_t whole, part;
	size_t i;

	if (!read_digits(&text, 10, &whole) || !read_fraction(&text, &part))
		return false;
	for (i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		if (strcmp(text, unit[i].name) != 0)
			continue;
		return !ckd_mul(&whole, whole, unit[i].ms) &&
		    !ckd_mul(&part, part, unit[i].ms) &&
		    !ckd_add(out, whole, part / 1000);
	}
	return false;
}

/* Which of "a|b|c" is text? */
static bool
read_choice(const char *choices, const char *text, uint64_t *out)
{
	size_t len = strlen(text), one;

	for (*out = 0;; (*out)++) {
		one = strcspn(choices, "|");
		if (one == len && strncmp(choices, text, len) == 0)
			return true;
		if (choices[one] == '\0')
			return false;
		choices += one + 1;
	}
}

static bool
read_flag(const char *text, uint64_t *out)
{
	if (!read_choice("no|yes|off|on|false|true|0|1", text, out))
		return false;
	*out &= 1;
	return true;
}

static bool
read_number(struct config_value *v, const struct config_row *row,
    const char *text, const char **why)
{
	const char *at = text;
	unsigned base = row->type == CONFIG_OCTAL ? 8 : 10;

	if (row->type == CONFIG_SIZE) {
		if (!read_size(text, &v->number))
			return refuse(why, "is not a size (4096, 10M, 2G)");
	} else if (row->type == CONFIG_SECONDS) {
		if (!read_seconds(text, &v->number))
			return refuse(why, "is not a time (5, 0.5, 2m, 1h)");
	} else if (!read_digits(&at, base, &v->number) || *at != '\0') {
		return refuse(why,
		    base == 8 ? "is not a number in octal" : "is not a number");
	}
	if (v->number < row->least)
		return refuse(why, "is too small");
	if (v->number > row->most)
		return refuse(why, "is too large");
	return true;
}

/* --- by type ------------------------------------------------------------- */

static bool
read_plain(struct config_value *v, const struct config_row *row,
    struct arena *a, const char *text, const char **why)
{
	if (!read_text(v, row, a, text, why))
		return false;
	switch (row->type) {
	case CONFIG_TEXT:
	case CONFIG_PATH:
		return true;
	case CONFIG_FLAG:
		return read_flag(v->text, &v->number) ||
		    refuse(why, "is neither yes nor no");
	case CONFIG_CHOICE:
		return read_choice(row->choices, v->text, &v->number) ||
		    refuse(why, "is none of");
	case CONFIG_COUNT:
	case CONFIG_OCTAL:
	case CONFIG_SIZE:
	case CONFIG_SECONDS:
		return read_number(v, row, v->text, why);
	case CONFIG_WORDS:
	case CONFIG_PATHS:
	case CONFIG_ADDRESSES:
	case CONFIG_LINES:
		break;
	}
	return false;
}

bool
config_type_has_many(enum config_type type)
{
	return type == CONFIG_WORDS || type == CONFIG_PATHS ||
	    type == CONFIG_ADDRESSES || type == CONFIG_LINES;
}

bool
config_value_read(struct config_value *v, const struct config_row *row,
    struct arena *a, const char *text, const char **why)
{
	if (config_type_has_many(row->type))
		return read_words(v, row, a, text, why);
	return read_plain(v, row, a, text, why);
}

bool
config_value_fits(const struct config_row *row, const char *text,
    const char **why)
{
	const char *list[2] = { "", NULL };
	struct config_value v = { .word = list, .count = 1 };
	uint8_t room[4096];
	struct arena arena;

	arena_init(&arena, room, sizeof(room));
	if (config_type_has_many(row->type))
		return add_word(&v, row, &arena, text, why);
	return config_value_read(&v, row, &arena, text, why);
}
