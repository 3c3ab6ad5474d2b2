/*
 * ban_check.c - candor ban check: may somebody do something?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_check.h"

#include "cmd/candor/ban_data.h"
#include "cmd/candor/commands.h"
#include "cmd/candor/print.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct config {
	const char *data, *facts_file, *at, *zone, *vendor, *product;
	const char *counterparty, *jurisdiction, *sector;
	const char *us_person, *place, *other_us_person, *system;
	struct words act, party, fact;
	bool json, all;
};

#define FIELD(name) offsetof(struct config, name)
#define WORD(option, field, argument, meaning)                              \
	{                                                                   \
		option, 0, OPTION_WORD, FIELD(field), argument, NULL, 0, 0, \
		    meaning                                                 \
	}

static const struct option_row options[] = {
	{ "act", 0, OPTION_WORDS, FIELD(act), "ACT", NULL, 0, 0,
	    "what is to be done: sell, resell, update, integrate, license, "
	    "use, new-agreement, buy, install, remove, ... (candor ban list "
	    "--words has all)" },
	WORD("product", product, "PRODUCT",
	    "with what: antivirus, embedded, threat-intelligence, ... or a "
	    "product's name"),
	{ "party", 0, OPTION_WORDS, FIELD(party), "KIND", NULL, 0, 0,
	    "by whom: kaspersky, reseller, individual, federal-agency, ...; "
	    "may be given again: somebody is several" },
	WORD("us-person", us_person, "YES|NO", "is the party a US person?"),
	WORD("place-in-us", place, "YES|NO", "does it happen in the US?"),
	WORD("counterparty", counterparty, "NAME",
	    "the other side; it is screened"),
	WORD("counterparty-us-person", other_us_person, "YES|NO",
	    "is the other side a US person?"),
	WORD("system-of-us-person", system, "YES|NO",
	    "is it on a system of a US person?"),
	WORD("sector", sector, "SECTOR",
	    "of the party: government, critical-infrastructure, defence, "
	    "other"),
	WORD("jurisdiction", jurisdiction, "CODE",
	    "of the party: LT, DE, EU, US-NH, ..."),
	{ "fact", 0, OPTION_WORDS, FIELD(fact), "NAME=VALUE", NULL, 0, 0,
	    "any other fact a ban asks for; may be given again" },
	WORD("facts", facts_file, "FILE",
	    "a JSON object of facts (- is standard input)"),
	WORD("at", at, "TIME",
	    "when: 2024-09-29T00:00-04:00, \"2024-09-29 00:00 EDT\", or a "
	    "day (default: now)"),
	WORD("zone", zone, "ZONE",
	    "of a time that names none: America/New_York, UTC, +09:00 "
	    "(default: that of who made the rule)"),
	WORD("vendor", vendor, "VENDOR", "of this ban alone: kaspersky"),
	WORD("data", data, "FOLDER", "data files to use"),
	{ "all", 'a', OPTION_FLAG, FIELD(all), NULL, NULL, 0, 0,
	    "tell also of instruments that are not concerned" },
	{ "json", 0, OPTION_FLAG, FIELD(json), NULL, NULL, 0, 0,
	    "print a JSON object" },
};

/* --- the facts ------------------------------------------------------------ */

static bool
add_words(struct policy_facts *f, const char *name, const struct words *w,
    struct why *why)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		if (!policy_facts_add(f, name, w->word[i], why))
			return false;
	return true;
}

/* NAME=VALUE; kept is what was cut out of it. */
static bool
add_pairs(struct policy_facts *f, const struct words *pairs, char **kept,
    struct why *why)
{
	size_t i;

	for (i = 0; i < pairs->count; i++) {
		char *equals;

		kept[i] = buf_copy(pairs->word[i]);
		equals = strchr(kept[i], '=');
		if (equals == NULL || equals == kept[i] || equals[1] == '\0')
			return why_not(why, WHY_BROKEN,
			    "--fact %.60s: not NAME=VALUE", pairs->word[i]);
		*equals = '\0';
		if (!policy_facts_add(f, kept[i], equals + 1, why))
			return false;
	}
	return true;
}

static bool
read_file(struct policy_facts *f, const char *path, struct why *why)
{
	struct buf text = { 0 };
	bool good = strcmp(path, "-") == 0
	    ? ban_data_read_fd(STDIN_FILENO, "standard input", &text, why)
	    : ban_data_read(AT_FDCWD, path, &text, why);

	good = good &&
	    policy_facts_read(f,
		cur_from(text.bytes != NULL ? text.bytes : "", text.size), why);
	buf_free(&text);
	return good;
}

static bool
tell(const struct config *c, struct policy_facts *f, char **kept,
    struct why *why)
{
	const struct {
		const char *name, *value;
	} row[] = {
		{ "product", c->product },
		{ "us_person", c->us_person },
		{ "place_in_us", c->place },
		{ "counterparty", c->counterparty },
		{ "counterparty_us_person", c->other_us_person },
		{ "system_of_us_person", c->system },
		{ "sector", c->sector },
		{ "jurisdiction", c->jurisdiction },
		{ "at", c->at },
		{ "zone", c->zone },
		{ "vendor", c->vendor },
	};
	size_t i;

	if (c->facts_file != NULL && !read_file(f, c->facts_file, why))
		return false;
	if (!add_words(f, "act", &c->act, why) ||
	    !add_words(f, "party", &c->party, why) ||
	    !add_pairs(f, &c->fact, kept, why))
		return false;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (row[i].value != NULL &&
		    !policy_facts_add(f, row[i].name, row[i].value, why))
			return false;
	return policy_facts_find(f, "act") != NULL ||
	    why_not(why, WHY_BROKEN,
		"say what is to be done with --act: use, resell, update, ...");
}

/* --- the answer ----------------------------------------------------------- */

/* Is the ban one of the vendor and the product that were named? */
static bool
is_asked(const struct policy *ban, const struct policy_facts *f)
{
	const char *vendor = policy_facts_text(f, "vendor");
	const char *product = policy_facts_text(f, "product");

	if (product != NULL &&
	    policy_term(ban, "product", product, NULL) == NULL)
		return false;
	return vendor == NULL ||
	    policy_same_word(vendor, policy_text(ban->root, "vendor")) ||
	    policy_same_word(vendor, policy_text(ban->root, "id"));
}

/* Keep the bans that are asked; false: there is none. */
static bool
choose_bans(struct ban_files *files, const struct policy_facts *f,
    struct why *why)
{
	size_t i, kept = 0;

	if (!policy_facts_known(f, files->good, files->good_count, why))
		return false;
	for (i = 0; i < files->good_count; i++)
		if (is_asked(&files->good[i], f))
			files->good[kept++] = files->good[i];
	files->good_count = kept;
	return kept > 0 ||
	    why_not(why, WHY_BROKEN, "no ban is of that vendor and product");
}

static bool
decide(struct ban_answers *a, int64_t now, struct why *why)
{
	size_t i, k, room = 0;

	for (i = 0; i < a->ban_count; i++) {
		const json_t *list =
		    json_object_get(a->ban[i].root, "instruments");
		json_t *one;

		json_array_foreach(list, k, one)
		{
			a->one = buf_grow(a->one, &room, a->count + 1,
			    sizeof(*a->one));
			if (!policy_decide(&a->ban[i], one, a->facts, now,
				&a->one[a->count++], why))
				return false;
		}
	}
	a->overall = policy_decide_overall(a->one, a->count);
	a->at = a->count > 0 ? a->one[0].at : now;
	return true;
}

bool
ban_check_next(const struct ban_answers *a, int64_t *at,
    enum policy_verdict *then)
{
	enum policy_verdict v;
	bool is_found = false;
	size_t i, k;

	for (i = 0; i < a->count; i++)
		for (k = 0; k < a->one[i].change_count; k++) {
			int64_t t = a->one[i].change[k].at;

			v = policy_decide_overall_at(a->one, a->count, t);
			if (t <= a->at || (is_found && t >= *at) ||
			    v == a->overall)
				continue;
			*at = t;
			*then = v;
			is_found = true;
		}
	return is_found;
}

/* Does the answer of an instrument count for the whole? */
static bool
counts(const struct ban_answers *a, const struct policy_answer *one)
{
	return one->verdict == a->overall &&
	    (one->verdict == POLICY_ADVICE ||
		json_is_true(json_object_get(one->instrument, "binding")));
}

static bool
is_in(const char *const *need, size_t count, const char *fact)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(need[i], fact) == 0)
			return true;
	return false;
}

size_t
ban_check_needs(const struct ban_answers *a, const char *need[POLICY_FACTS_MAX])
{
	size_t count = 0, i, k;

	for (i = 0; i < a->count; i++) {
		const struct policy_answer *one = &a->one[i];
		size_t asked = counts(a, one) ? one->need_count : 0;

		for (k = 0; k < asked && count < POLICY_FACTS_MAX; k++)
			if (!is_in(need, count, one->need[k]))
				need[count++] = one->need[k];
	}
	return count;
}

bool
ban_check_is_confirmed(const struct ban_answers *a)
{
	bool is_any = false;
	size_t i;

	for (i = 0; i < a->count; i++) {
		const struct policy_answer *one = &a->one[i];
		const json_t *record =
		    one->exemption != NULL ? one->exemption : one->rule;

		if (record == NULL || !counts(a, one))
			continue;
		if (!policy_is_unconfirmed(record))
			return true;
		is_any = true;
	}
	return !is_any;
}

/* 0 nothing forbids it, 1 it is forbidden, 2 that is open. */
static int
exit_code(enum policy_verdict v)
{
	if (v == POLICY_PROHIBITED)
		return EXIT_FOUND;
	return policy_decide_is_open(v) ? EXIT_TROUBLE : EXIT_CLEAN;
}

/* The command line is wrong, but for a file of facts that cannot be read. */
static int
complain(const struct command *self, const struct why *why)
{
	if (why->kind != WHY_SYSTEM)
		return options_complain(self, "%s", why->text);
	print_why(why);
	return EXIT_TROUBLE;
}

static int
check(const struct command *self, const struct config *c,
    struct ban_files *files)
{
	struct policy_facts facts;
	struct ban_answers a = { .facts = &facts, .is_all = c->all };
	struct why why = { 0 };
	char **kept = buf_alloc(c->fact.count + 1, sizeof(*kept));
	size_t i;
	int code;

	memset(kept, 0, (c->fact.count + 1) * sizeof(*kept));
	policy_facts_init(&facts);
	if (!tell(c, &facts, kept, &why) || !choose_bans(files, &facts, &why) ||
	    !policy_facts_known(&facts, files->good, files->good_count, &why))
		code = complain(self, &why);
	else {
		a.ban = files->good;
		a.ban_count = files->good_count;
		if (!decide(&a, (int64_t)time(NULL), &why))
			code = options_complain(self, "%s", why.text);
		else {
			if (c->json)
				ban_check_print_json(&a);
			else
				ban_check_print_text(&a);
			code = exit_code(a.overall);
		}
	}
	free(a.one);
	policy_facts_free(&facts);
	for (i = 0; i < c->fact.count; i++)
		free(kept[i]);
	free(kept);
	return code;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	struct ban_files files;
	int rest = 0, code = EXIT_TROUBLE;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest != argc)
		code = options_complain(self, "facts are told by options");
	else if (ban_data_open(c.data, &files)) {
		code = check(self, &c, &files);
		ban_data_close(&files);
	}
	options_free(self, &c);
	return fflush(stdout) == 0 ? code : EXIT_TROUBLE;
}

const struct command ban_check_command = {
	.name = "ban check",
	.arguments = "",
	.summary = "Tell what each law or order says of doing something",
	.details =
	    "One verdict for each instrument, with its rule and source, and "
	    "when it changes; and one of all, the strictest. Not legal "
	    "advice. Exit code: 0 nothing that binds forbids it, 1 something "
	    "does, 2 that is unclear or needs a fact (or a file could not be "
	    "read), 64 wrong usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
