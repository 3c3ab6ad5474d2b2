/*
 * screen_fold.c - names as sounds.  The contract is in screen_fold.h.
 *
 * First every letter becomes small Latin ones (ч is ch, č is ch), then groups
 * of letters that stand for one sound become one.  The order of the second
 * table matters: longer groups first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/screen_fold.h"

#include "lib/base/ascii.h"
#include "lib/base/utf.h"

#include <string.h>

/* Small letters of U+0430 to U+045f; the capitals stand before them. */
static const char *const cyrillic[] = { "a", "b", "v", "g", "d", "e", "zh", "z",
	"i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh",
	"ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
	/* U+0450: ѐ ё ђ ѓ є ѕ і ї ј љ њ ћ ќ ѝ ў џ */
	"e", "yo", "dj", "g", "ye", "z", "i", "yi", "y", "l", "n", "ch", "k",
	"i", "u", "dzh" };

/* U+00c0 to U+00ff, capitals as their small letters. */
static const char *const latin1[] = { "a", "a", "a", "a", "ae", "a", "ae", "c",
	"e", "e", "e", "e", "i", "i", "i", "i", "d", "n", "o", "o", "o", "o",
	"oe", NULL, "o", "u", "u", "u", "ue", "y", "th", "ss", "a", "a", "a",
	"a", "ae", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i", "d",
	"n", "o", "o", "o", "o", "oe", NULL, "o", "u", "u", "u", "ue", "y",
	"th", "y" };

/* U+0100 to U+017f: two a letter, capital and small. */
static const char latin_a[] = "aaaaaaccccccccddddeeeeeeeeeegggggggg"
			      "hhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnn"
			      "oooooooorrrrrrssssssssttttttuuuuuuuuuuuu"
			      "wwyyyzzzzzzs";

/* Letters of U+0100 to U+017f that are more than their base. */
static const struct {
	uint32_t letter;
	const char *latin;
} special[] = {
	{ 0x10c, "ch" }, { 0x10d, "ch" }, /* č */
	{ 0x107, "ch" }, { 0x106, "ch" }, /* ć */
	{ 0x160, "sh" }, { 0x161, "sh" }, /* š */
	{ 0x15a, "sh" }, { 0x15b, "sh" }, /* ś */
	{ 0x15e, "sh" }, { 0x15f, "sh" }, /* ş */
	{ 0x17d, "zh" }, { 0x17e, "zh" }, /* ž */
	{ 0x17b, "zh" }, { 0x17c, "zh" }, /* ż */
	{ 0x490, "g" }, { 0x491, "g" },   /* ґ */
};

static const struct {
	const char *group, *sound;
} groups[] = {
	{ "schtsch", "S" },
	{ "shtsh", "S" },
	{ "shch", "S" },
	{ "szcz", "S" },
	{ "tsch", "C" },
	{ "tch", "C" },
	{ "sch", "S" },
	{ "iye", "e" },
	{ "iya", "A" },
	{ "ija", "A" },
	{ "ch", "C" },
	{ "cz", "C" },
	{ "sh", "S" },
	{ "sz", "S" },
	{ "zh", "Z" },
	{ "kh", "h" },
	{ "yu", "U" },
	{ "iu", "U" },
	{ "ju", "U" },
	{ "ya", "A" },
	{ "ia", "A" },
	{ "ja", "A" },
	{ "yo", "e" },
	{ "jo", "e" },
	{ "ye", "e" },
	{ "je", "e" },
	{ "ie", "e" },
	{ "ou", "u" },
	{ "ph", "f" },
	{ "ck", "k" },
	{ "tz", "ts" },
	{ "x", "ks" },
	{ "c", "k" },
	{ "q", "k" },
	{ "w", "v" },
	{ "y", "i" },
	{ "j", "i" },
};

/* Letters of Cyrillic, capital or small; NULL: none of it. */
static const char *
latin_of_cyrillic(uint32_t c)
{
	if (c >= 0x400 && c <= 0x40f)
		return cyrillic[c - 0x400 + 32];
	if (c >= 0x410 && c <= 0x42f)
		return cyrillic[c - 0x410];
	return c >= 0x430 && c <= 0x45f ? cyrillic[c - 0x430] : NULL;
}

/* The small Latin letters of a character; NULL: it parts words. */
static const char *
latin_of(uint32_t c, char room[2])
{
	uint8_t byte = c < 0x80 ? (uint8_t)c : 0;
	size_t i;

	for (i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (special[i].letter == c)
			return special[i].latin;
	room[1] = '\0';
	if (ascii_is_letter(byte) || ascii_is_digit(byte)) {
		room[0] = (char)ascii_lower(byte);
		return room;
	}
	if (c >= 0xc0 && c <= 0xff)
		return latin1[c - 0xc0];
	if (c >= 0x100 && c < 0x100 + sizeof(latin_a) - 1) {
		room[0] = latin_a[c - 0x100];
		return room;
	}
	return latin_of_cyrillic(c);
}

/* Signs that stand within a word: the soft one, and accents by themselves. */
static bool
is_silent(uint32_t c)
{
	return c == '\'' || c == '`' || c == 0x2019 || c == 0x2018 ||
	    c == 0x2b9 || c == 0x2ba || c == 0x2bc || c == 0xb4 || c == 0xad ||
	    (c >= 0x300 && c <= 0x36f);
}

/* Letters of scripts that are compared as they are. */
static bool
is_other_letter(uint32_t c)
{
	return (c >= 0x370 && c <= 0x3ff) || (c >= 0x530 && c <= 0x1fff) ||
	    (c >= 0x3040 && c <= 0xd7ff) || (c >= 0xf900 && c <= 0xfaff) ||
	    c >= 0x20000;
}

/* Half, as a letter may become two sounds (x: ks). */
struct word {
	char byte[FOLD_WORD / 2 - 1];
	size_t size;
};

static void
word_add(struct word *w, const char *bytes, size_t size)
{
	if (size <= sizeof(w->byte) - w->size) {
		memcpy(w->byte + w->size, bytes, size);
		w->size += size;
	}
}

/* Fold groups of letters, then write no letter twice. */
static void
word_end(struct word *w, struct screen_words *out)
{
	char *to = out->word[out->count];
	size_t at = 0, size = 0, i, k;

	while (at < w->size) {
		const char *sound = NULL;

		for (i = 0;
		     sound == NULL && i < sizeof(groups) / sizeof(groups[0]);
		     i++) {
			size_t n = strlen(groups[i].group);

			if (n <= w->size - at &&
			    memcmp(w->byte + at, groups[i].group, n) == 0) {
				sound = groups[i].sound;
				at += n;
			}
		}
		for (k = 0; sound != NULL && sound[k] != '\0'; k++)
			if (size == 0 || to[size - 1] != sound[k])
				to[size++] = sound[k];
		if (sound == NULL) {
			if (size == 0 || to[size - 1] != w->byte[at] ||
			    (uint8_t)w->byte[at] >= 0x80)
				to[size++] = w->byte[at];
			at++;
		}
	}
	to[size] = '\0';
	if (size > 0)
		out->count++;
	w->size = 0;
}

/* "'s" at the end of a word is not of the name. */
static bool
is_genitive(struct cur after)
{
	uint32_t c;

	if (!utf8_read(&after, &c) || (c != 's' && c != 'S'))
		return false;
	return cur_left(&after) == 0 || cur_match(&after, " ", 1);
}

void
screen_fold(struct cur name, struct screen_words *out)
{
	struct word w = { .size = 0 };
	char room[2];

	out->count = 0;
	while (cur_left(&name) > 0 && out->count < FOLD_WORDS) {
		struct cur before = name;
		const char *latin = NULL;
		uint32_t c;

		if (!utf8_read(&name, &c)) {
			name = before;
			(void)cur_u8(&name);
			c = ' ';
		}
		if (is_silent(c) && !is_genitive(name))
			continue;
		latin = latin_of(c, room);
		if (latin != NULL)
			word_add(&w, latin, strlen(latin));
		else if (is_other_letter(c)) {
			uint8_t bytes[UTF8_MAX];

			word_add(&w, (const char *)bytes, utf8_write(c, bytes));
		} else
			word_end(&w, out);
		if (is_silent(c))
			(void)cur_u8(&name); /* the s */
	}
	if (out->count < FOLD_WORDS)
		word_end(&w, out);
}

bool
screen_is_near(const char *a, const char *b)
{
	size_t left = 0, size_a = strlen(a), size_b = strlen(b), right = 0;
	size_t longer = size_a > size_b ? size_a : size_b;
	size_t shorter = size_a > size_b ? size_b : size_a;

	if (longer - shorter > 1)
		return false;
	while (left < shorter && a[left] == b[left])
		left++;
	while (right < shorter - left &&
	    a[size_a - 1 - right] == b[size_b - 1 - right])
		right++;
	return left + right + 1 >= longer;
}
