/*
 * screen.c - compare names with lists.  The contract is in screen.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/screen.h"

#include "lib/ban/screen_fold.h"

#include <string.h>

/* How well two words agree. */
enum likeness {
	UNLIKE,
	INITIAL, /* one is the first letter of the other */
	NEAR,    /* but for a letter */
	SAME
};

#define NEAR_LEAST 6u /* letters; shorter words must be the same */

static enum likeness
compare_words(const char *a, const char *b)
{
	if (strcmp(a, b) == 0)
		return SAME;
	if ((a[1] == '\0' || b[1] == '\0') && a[0] == b[0])
		return INITIAL;
	if (strlen(a) >= NEAR_LEAST && strlen(b) >= NEAR_LEAST &&
	    screen_is_near(a, b))
		return NEAR;
	return UNLIKE;
}

enum word_kind {
	WORD_OWN, /* none of these */
	WORD_STOCK,
	WORD_LIMITED,
	WORD_INCORPORATED,
	WORD_FILLER,
	WORD_GENERIC,
	WORD_TITLE
};

/* What a folded word is, of the kinds that matter for companies or people. */
static enum word_kind
kind_of(const char *word, bool is_person)
{
	static const struct {
		enum word_kind kind;
		const char *folded;
	} row[] = {
#define WORD(kind, word, folded) { WORD_##kind, folded },
#include "lib/ban/screen.def"
#undef WORD
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if ((row[i].kind == WORD_TITLE) == is_person &&
		    strcmp(word, row[i].folded) == 0)
			return row[i].kind;
	return WORD_OWN;
}

/* --- companies ------------------------------------------------------------ */

/* A company's name without what says its form. */
struct company {
	struct screen_words core;
	enum word_kind form; /* WORD_OWN: none is told */
};

static void
read_company(const char *name, struct company *out)
{
	size_t i, kept = 0;

	screen_fold(cur_from(name, strlen(name)), &out->core);
	out->form = WORD_OWN;
	for (i = 0; i < out->core.count; i++) {
		const char *word = out->core.word[i];
		enum word_kind kind = kind_of(word, false);

		if (kind == WORD_OWN || kind == WORD_GENERIC) {
			if (kept != i)
				memcpy(out->core.word[kept], word, FOLD_WORD);
			kept++;
		} else if (kind != WORD_FILLER)
			out->form = kind;
	}
	out->core.count = kept;
}

/* A generic word, or several of it; without its s then. */
static bool
is_generic(const char *word, char singular[FOLD_WORD])
{
	size_t n = strlen(word);

	memcpy(singular, word, n + 1);
	if (kind_of(singular, false) == WORD_GENERIC)
		return true;
	if (n < 3 || word[n - 1] != 's')
		return false;
	singular[n - 1] = '\0';
	return kind_of(singular, false) == WORD_GENERIC;
}

/* How like the word is the likest of w?  Generic ones are, or are not. */
static enum likeness
find_word(const struct screen_words *w, const char *word)
{
	char one[FOLD_WORD], other[FOLD_WORD];
	bool plain = is_generic(word, one);
	enum likeness best = UNLIKE, like;
	size_t i;

	for (i = 0; i < w->count; i++) {
		like = compare_words(w->word[i], word);
		if (plain)
			like = is_generic(w->word[i], other) &&
				strcmp(one, other) == 0
			    ? SAME
			    : UNLIKE;
		if (like != INITIAL && like > best)
			best = like;
	}
	return best;
}

/* What is in a that b lacks. */
struct lack {
	size_t plain;    /* generic words */
	size_t distinct; /* others */
	size_t near;     /* not lacking, but not the same */
	size_t there;    /* distinct ones that both have */
};

static struct lack
find_lack(const struct screen_words *a, const struct screen_words *b)
{
	struct lack lack = { 0 };
	char room[FOLD_WORD];
	size_t i;

	for (i = 0; i < a->count; i++) {
		bool is_distinct =
		    !is_generic(a->word[i], room) && strlen(a->word[i]) > 1;
		enum likeness like = find_word(b, a->word[i]);

		if (like == UNLIKE && is_distinct)
			lack.distinct++;
		else if (like == UNLIKE)
			lack.plain++;
		else if (like == NEAR)
			lack.near++;
		if (like != UNLIKE && is_distinct)
			lack.there++;
	}
	return lack;
}

static enum screen_grade
compare_companies(const char *name, const char *listed)
{
	struct company a, b;
	struct lack missing, extra;

	read_company(name, &a);
	read_company(listed, &b);
	missing = find_lack(&b.core, &a.core);
	extra = find_lack(&a.core, &b.core);
	if (missing.distinct > 0)
		return SCREEN_NO;
	/* Nothing of the name is its own: only the whole counts. */
	if (missing.there == 0)
		return a.core.count > 1 && missing.plain == 0 &&
			extra.plain + extra.distinct == 0
		    ? SCREEN_MATCH
		    : SCREEN_NO;
	/* "Natalya Kaspersky" is no laboratory. */
	if (extra.distinct > 0)
		return missing.plain == 0 && extra.distinct <= 2
		    ? SCREEN_POSSIBLE
		    : SCREEN_NO;
	if (missing.plain > 0 || extra.plain > 0 || missing.near > 0 ||
	    (a.form != WORD_OWN && b.form != WORD_OWN && a.form != b.form))
		return SCREEN_POSSIBLE;
	return SCREEN_MATCH;
}

/* --- people --------------------------------------------------------------- */

/* Which of a listed name's words a word of the other is. */
struct parts {
	enum likeness like[3]; /* first, patronymic, surname */
	size_t strangers;      /* words that are none of these */
};

/* "am" for Anton Mikhaylovich. */
static bool
is_two_initials(const char *word, const struct screen_words *listed)
{
	return strlen(word) == 2 && listed->count == 3 &&
	    word[0] == listed->word[0][0] && word[1] == listed->word[1][0];
}

static void
place_word(const char *word, const struct screen_words *listed, struct parts *p)
{
	size_t last = listed->count - 1, best_at = 3, i;
	enum likeness best = UNLIKE;

	for (i = 0; i <= last; i++) {
		enum likeness like = compare_words(word, listed->word[i]);
		size_t at = i == last ? 2 : i;

		/* A surname is never told by its letter. */
		if (at == 2 && like == INITIAL)
			continue;
		if (like > best && like > p->like[at]) {
			best = like;
			best_at = at;
		}
	}
	if (best_at < 3)
		p->like[best_at] = best;
	else if (is_two_initials(word, listed))
		p->like[0] = p->like[1] = INITIAL;
	else
		p->strangers++;
}

static enum screen_grade
compare_people(const char *name, const char *listed)
{
	struct screen_words a, b;
	struct parts p = { { UNLIKE, UNLIKE, UNLIKE }, 0 };
	size_t i, told = 0;

	screen_fold(cur_from(name, strlen(name)), &a);
	screen_fold(cur_from(listed, strlen(listed)), &b);
	if (b.count < 2 || b.count > 3)
		return compare_companies(name, listed);
	for (i = 0; i < a.count; i++)
		if (kind_of(a.word[i], true) == WORD_OWN) {
			place_word(a.word[i], &b, &p);
			told++;
		}
	if (p.like[2] < NEAR || p.strangers > 0)
		return SCREEN_NO;
	if (p.like[2] == SAME && p.like[0] == SAME &&
	    (b.count == 2 || p.like[1] == SAME))
		return SCREEN_MATCH;
	/* A surname alone asks for more; one that is only near does not. */
	if (p.like[0] == UNLIKE)
		return told == 1 && p.like[2] == SAME ? SCREEN_POSSIBLE
						      : SCREEN_NO;
	return SCREEN_POSSIBLE;
}

/* --- records -------------------------------------------------------------- */

enum screen_grade
screen_record(const char *name, const json_t *record, bool is_person)
{
	enum screen_grade (*compare)(const char *, const char *) =
	    is_person ? compare_people : compare_companies;
	const json_t *also = json_object_get(record, "also"), *one;
	enum screen_grade best, grade;
	size_t i;

	if (strlen(name) > SCREEN_NAME_MAX)
		return SCREEN_NO;
	if (strcmp(name, policy_text(record, "id")) == 0)
		return SCREEN_MATCH;
	best = compare(name, policy_text(record, "name"));
	json_array_foreach(also, i, one)
	{
		grade = compare(name, json_string_value(one));
		if (grade > best)
			best = grade;
	}
	return best;
}

bool
screen_is_cleared(const struct policy *ban, const char *name)
{
	const json_t *list = json_object_get(ban->root, "not_listed"), *one;
	size_t i;

	json_array_foreach(list, i, one) if (screen_record(name, one, true) ==
	    SCREEN_MATCH) return true;
	return false;
}

enum screen_grade
screen_instrument(const struct policy *ban, const char *instrument,
    const char *name)
{
	static const char *const lists[] = { "entities", "persons" };
	enum screen_grade listed = SCREEN_NO, others = SCREEN_NO;
	size_t i, k;

	for (k = 0; k < 2 && !screen_is_cleared(ban, name); k++) {
		const json_t *list = json_object_get(ban->root, lists[k]), *one;

		json_array_foreach(list, i, one)
		{
			enum screen_grade grade =
			    screen_record(name, one, k == 1);
			enum screen_grade *best =
			    policy_holds(one, "lists", instrument) ? &listed
								   : &others;

			if (grade > *best)
				*best = grade;
		}
	}
	/* Who is surely another is not perhaps this one. */
	return listed == SCREEN_POSSIBLE && others == SCREEN_MATCH ? SCREEN_NO
								   : listed;
}
