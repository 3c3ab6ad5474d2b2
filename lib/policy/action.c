/*
 * action.c - what is done about a finding.  See action.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/action.h"

#include "lib/base/hex.h"
#include "lib/policy/glob.h"

#include <string.h>

/* --- rules ---------------------------------------------------------------- */

static const char *const action_word[] = {
	[ACTION_REPORT] = "report",
	[ACTION_BLOCK] = "block",
	[ACTION_QUARANTINE] = "quarantine",
};

/* A word of a line: text up to a blank, not terminated. */
struct word {
	const char *text;
	size_t size;
};

static bool
next_word(const char **line, struct word *out)
{
	while (**line == ' ' || **line == '\t')
		(*line)++;
	out->text = *line;
	while (**line != '\0' && **line != ' ' && **line != '\t')
		(*line)++;
	out->size = (size_t)(*line - out->text);
	return out->size > 0;
}

static bool
word_is(const struct word *w, const char *text)
{
	return w->size == strlen(text) && memcmp(w->text, text, w->size) == 0;
}

/* Cut "key=" off; the rest is the value. */
static bool
has_key(const struct word *w, const char *key, struct word *value)
{
	size_t n = strlen(key);

	if (w->size <= n || memcmp(w->text, key, n) != 0 || w->text[n] != '=')
		return false;
	*value = (struct word){ w->text + n + 1, w->size - n - 1 };
	return true;
}

/* A pattern must be terminated for glob.h; longer ones fit nothing. */
static bool
copy_word(const struct word *w, char room[CONFIG_LINE_MAX])
{
	if (w->size >= CONFIG_LINE_MAX)
		return false;
	memcpy(room, w->text, w->size);
	room[w->size] = '\0';
	return true;
}

static bool
condition_fits(const struct word *w, const struct action_case *f)
{
	char pattern[CONFIG_LINE_MAX];
	struct word value;

	if (has_key(w, "path", &value))
		return copy_word(&value, pattern) && f->path_size > 0 &&
		    glob_fits_path(pattern, f->path, f->path_size);
	if (has_key(w, "signature", &value))
		return copy_word(&value, pattern) &&
		    glob_fits_name(pattern, f->signature, strlen(f->signature));
	if (has_key(w, "kind", &value))
		return word_is(&value, f->kind);
	return has_key(w, "verdict", &value) &&
	    word_is(&value, verdict_text(f->verdict));
}

static bool
read_action(const struct word *w, enum action *out)
{
	size_t i;

	for (i = 0; i < sizeof(action_word) / sizeof(action_word[0]); i++)
		if (word_is(w, action_word[i])) {
			*out = (enum action)i;
			return true;
		}
	return false;
}

/* If every condition of the line fits, what it says. */
static bool
rule_fits(const char *line, const struct action_case *f, enum action *out)
{
	struct word w;

	if (!next_word(&line, &w) || !read_action(&w, out))
		return false;
	while (next_word(&line, &w))
		if (!condition_fits(&w, f))
			return false;
	return true;
}

bool
action_rule_is_good(const char *line, const char **why)
{
	static const char *const key[] = { "path", "signature", "kind",
		"verdict" };
	struct word w, value;
	enum action action;
	size_t i;

	*why = "the first word must be report, block or quarantine";
	if (!next_word(&line, &w) || !read_action(&w, &action))
		return false;
	*why = "a condition is path=, signature=, kind= or verdict=";
	while (next_word(&line, &w)) {
		for (i = 0; i < sizeof(key) / sizeof(key[0]); i++)
			if (has_key(&w, key[i], &value))
				break;
		if (i == sizeof(key) / sizeof(key[0]) || value.size == 0)
			return false;
	}
	return true;
}

static bool
is_sha256(const char *text)
{
	return strlen(text) == 64 &&
	    strspn(text, "0123456789abcdefABCDEF") == 64;
}

bool
action_next_trouble(const struct config *c, size_t *at,
    struct action_trouble *out)
{
	const struct config_value *rule = &c->value[KEY_POLICY_RULE];
	const struct config_value *hash = &c->value[KEY_EXCLUDE_HASH];
	size_t i;

	while ((i = (*at)++) < rule->count) {
		*out = (struct action_trouble){ .key = "[policy] rule",
			.word = rule->word[i] };
		if (!action_rule_is_good(out->word, &out->why))
			return true;
	}
	for (i -= rule->count; i < hash->count; i = (*at)++ - rule->count) {
		*out = (struct action_trouble){ .key = "[exclude] hash",
			.word = hash->word[i],
			.why = "a SHA-256 has 64 hexadecimal digits" };
		if (!is_sha256(out->word))
			return true;
	}
	return false;
}

enum action
action_for(const struct config *c, const struct action_case *f)
{
	const struct config_value *rule = &c->value[KEY_POLICY_RULE];
	enum config_key key = KEY_POLICY_INFECTED;
	enum action action;
	size_t i;

	for (i = 0; i < rule->count; i++)
		if (rule_fits(rule->word[i], f, &action))
			return action;
	if (f->verdict == VERDICT_SUSPICIOUS)
		key = KEY_POLICY_SUSPICIOUS;
	if (f->is_packaged)
		key = KEY_POLICY_PACKAGED;
	if (config_is(c, key, "quarantine"))
		return ACTION_QUARANTINE;
	return config_is(c, key, "block") ? ACTION_BLOCK : ACTION_REPORT;
}

/* --- exclusions ----------------------------------------------------------- */

bool
action_excludes_path(const struct config *c, const char *path, size_t size)
{
	const struct config_value *v = &c->value[KEY_EXCLUDE_PATH];
	const struct config_value *file = &c->value[KEY_EXCLUDE_FILE];
	size_t i;

	for (i = 0; i < v->count; i++)
		if (glob_fits_path(v->word[i], path, size))
			return true;
	for (i = 0; i < file->count; i++)
		if (glob_fits_file(file->word[i], path, size))
			return true;
	return false;
}

bool
action_excludes_process(const struct config *c, const char *path)
{
	const struct config_value *v = &c->value[KEY_EXCLUDE_PROCESS];
	size_t i;

	for (i = 0; i < v->count; i++)
		if (strcmp(v->word[i], path) == 0)
			return true;
	return false;
}

bool
action_excludes_hash(const struct config *c, const uint8_t sha256[32])
{
	const struct config_value *v = &c->value[KEY_EXCLUDE_HASH];
	uint8_t hash[32];
	size_t i;

	for (i = 0; i < v->count; i++)
		if (hex_read(cur_from(v->word[i], strlen(v->word[i])), hash,
			sizeof(hash)) &&
		    memcmp(hash, sha256, sizeof(hash)) == 0)
			return true;
	return false;
}

bool
action_excludes_signature(const struct config *c, const char *name)
{
	const struct config_value *v = &c->value[KEY_EXCLUDE_SIGNATURE];
	size_t i;

	for (i = 0; i < v->count; i++)
		if (glob_fits_name(v->word[i], name, strlen(name)))
			return true;
	return false;
}
