/*
 * screen_fold.h - a name as words that look alike when they sound alike.
 *
 * Spec:    what BGN/PCGN, ISO 9, GOST 7.79, passports and the German, French
 *          and Polish press make of Cyrillic, folded into one.
 * Input:   hostile; read through struct cur only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_SCREEN_FOLD_H
#define CANDOR_BAN_SCREEN_FOLD_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stddef.h>

#define FOLD_WORDS 24u
#define FOLD_WORD  96u /* bytes, with its NUL */

/*
 * Folded: small Latin letters and digits, and capitals for what takes several
 * letters: A ya, C ch, S sh, U yu, Z zh.  Other scripts stay as they are.
 */
struct screen_words {
	char word[FOLD_WORDS][FOLD_WORD];
	size_t count;
};

/* What is too long or too many is left off. */
void screen_fold(struct cur name, struct screen_words *out);

/* Are the two the same but for one letter more, less or other? */
bool screen_is_near(const char *a, const char *b);

#endif
