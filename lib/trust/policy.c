/*
 * policy.c - which cosignatures are enough.  See policy.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/policy.h"

#include "lib/trust/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MEMBERS    (TRUST_WITNESSES_MAX + TRUST_GROUPS_MAX)
#define MEMBER_BIT UINT64_C(1)

static const char *
name_of(const struct trust_policy *p, size_t member)
{
	return member < TRUST_WITNESSES_MAX
	    ? p->witness_name[member]
	    : p->group[member - TRUST_WITNESSES_MAX].name;
}

static bool
is_defined(const struct trust_policy *p, size_t member)
{
	return member < TRUST_WITNESSES_MAX
	    ? member < p->witness_count
	    : member - TRUST_WITNESSES_MAX < p->group_count;
}

/* The member of that name; MEMBERS if there is none. */
static size_t
find(const struct trust_policy *p, struct cur name)
{
	size_t i;

	for (i = 0; i < MEMBERS; i++)
		if (is_defined(p, i) && cur_is(&name, name_of(p, i)))
			break;
	return i;
}

/* A name for something new. */
static bool
read_name(const struct trust_policy *p, struct cur word, char *out,
    struct why *why)
{
	if (!text_copy(word, out, TRUST_NAME_MAX + 1) || !text_is_plain(word) ||
	    strcmp(out, "none") == 0)
		return why_not(why, WHY_BROKEN,
		    "policy: not a name: it has 1 to %u printable characters "
		    "and is not none",
		    TRUST_NAME_MAX);
	if (find(p, word) < MEMBERS)
		return why_not(why, WHY_BROKEN, "policy: %s is defined twice",
		    out);
	return true;
}

/* Is there at most one word more, a URL? */
static bool
is_end(struct cur *line, struct why *why)
{
	struct cur url;

	if (text_word(line, &url) && cur_left(line) > 0)
		return why_not(why, WHY_BROKEN,
		    "policy: something stands behind the URL");
	return true;
}

static bool
add_log(struct trust_policy *p, struct cur *line, struct why *why)
{
	struct cur word;

	if (p->has_log)
		return why_not(why, WHY_BROKEN, "policy: there is one log");
	if (!text_word(line, &word))
		return why_not(why, WHY_BROKEN, "policy: log without a key");
	if (!vkey_read(word, &p->log, why))
		return false;
	if (p->log.type != VKEY_NOTE)
		return why_not(why, WHY_BROKEN,
		    "policy: the log's key is not of type 0x01");
	p->has_log = true;
	return is_end(line, why);
}

static bool
add_witness(struct trust_policy *p, struct cur *line, struct why *why)
{
	size_t i, count = p->witness_count;
	struct vkey *k = &p->witness[count];
	struct cur name, key;

	if (count == TRUST_WITNESSES_MAX)
		return why_not(why, WHY_LIMIT, "policy: more than %u witnesses",
		    TRUST_WITNESSES_MAX);
	if (!text_word(line, &name) || !text_word(line, &key))
		return why_not(why, WHY_BROKEN,
		    "policy: not 'witness NAME VKEY'");
	if (!read_name(p, name, p->witness_name[count], why) ||
	    !vkey_read(key, k, why))
		return false;
	if (k->type != VKEY_COSIGNATURE)
		return why_not(why, WHY_BROKEN,
		    "policy: the key of %s is not of type 0x04",
		    p->witness_name[count]);
	for (i = 0; i < count; i++)
		if (memcmp(k->key, p->witness[i].key, ED25519_KEY) == 0)
			return why_not(why, WHY_BROKEN,
			    "policy: %s and %s have the same key",
			    p->witness_name[i], p->witness_name[count]);
	p->witness_count++;
	return is_end(line, why);
}

/* Take one more into a group. */
static bool
add_member(struct trust_policy *p, struct trust_group *g, struct cur word,
    struct why *why)
{
	size_t member = find(p, word);

	if (member == MEMBERS)
		return why_not(why, WHY_BROKEN,
		    "policy: %s has a member that is not defined before it",
		    g->name);
	if ((p->used >> member & 1) != 0)
		return why_not(why, WHY_BROKEN,
		    "policy: %s stands in a group already", name_of(p, member));
	p->used |= MEMBER_BIT << member;
	g->members |= MEMBER_BIT << member;
	return true;
}

static bool
read_threshold(struct trust_group *g, struct why *why)
{
	unsigned count = (unsigned)__builtin_popcountll(g->members);
	uint64_t k;

	if (strcmp(g->count, "any") == 0)
		k = 1;
	else if (strcmp(g->count, "all") == 0)
		k = count;
	else if (!checkpoint_number(cur_from(g->count, strlen(g->count)), &k))
		k = 0;
	if (k == 0 || k > count)
		return why_not(why, WHY_BROKEN,
		    "policy: %s is to be %s of %u members", g->name, g->count,
		    count);
	g->threshold = (unsigned)k;
	return true;
}

static bool
add_group(struct trust_policy *p, struct cur *line, struct why *why)
{
	struct trust_group *g = &p->group[p->group_count];
	struct cur name, count, member;

	if (p->group_count == TRUST_GROUPS_MAX)
		return why_not(why, WHY_LIMIT, "policy: more than %u groups",
		    TRUST_GROUPS_MAX);
	memset(g, 0, sizeof(*g));
	if (!text_word(line, &name) || !text_word(line, &count) ||
	    !text_copy(count, g->count, sizeof(g->count)))
		return why_not(why, WHY_BROKEN,
		    "policy: not 'group NAME K MEMBER...'");
	if (!read_name(p, name, g->name, why))
		return false;
	while (text_word(line, &member))
		if (!add_member(p, g, member, why))
			return false;
	if (cur_left(line) > 0)
		return why_not(why, WHY_BROKEN,
		    "policy: a member of %s has no name", g->name);
	if (!read_threshold(g, why))
		return false;
	p->group_count++;
	return true;
}

static bool
add_quorum(struct trust_policy *p, struct cur *line, struct why *why)
{
	size_t member = find(p, *line);

	if (p->has_quorum)
		return why_not(why, WHY_BROKEN, "policy: there is one quorum");
	if (cur_is(line, "none"))
		return why_not(why, WHY_BROKEN,
		    "policy: 'quorum none' is not for us: a log that nobody "
		    "watches proves nothing");
	if (member == MEMBERS)
		return why_not(why, WHY_BROKEN,
		    "policy: the quorum is not defined before it");
	p->has_quorum = true;
	p->quorum = (unsigned)member;
	return true;
}

bool
trust_policy_add(struct trust_policy *p, struct cur line, struct why *why)
{
	struct cur keyword;

	if (!text_word(&line, &keyword))
		return why_not(why, WHY_BROKEN, "policy: an empty line");
	if (cur_is(&keyword, "log"))
		return add_log(p, &line, why);
	if (cur_is(&keyword, "witness"))
		return add_witness(p, &line, why);
	if (cur_is(&keyword, "group"))
		return add_group(p, &line, why);
	if (cur_is(&keyword, "quorum"))
		return add_quorum(p, &line, why);
	return why_not(why, WHY_BROKEN,
	    "policy: a line begins with log, witness, group or quorum");
}

bool
trust_policy_check(const struct trust_policy *p, struct why *why)
{
	size_t i;

	if (!p->has_log)
		return why_not(why, WHY_BROKEN, "policy: no log");
	if (!p->has_quorum)
		return why_not(why, WHY_BROKEN, "policy: no quorum");
	for (i = 0; i < p->witness_count; i++)
		if (memcmp(p->witness[i].key, p->log.key, ED25519_KEY) == 0)
			return why_not(why, WHY_BROKEN,
			    "policy: %s has the log's own key",
			    p->witness_name[i]);
	return true;
}

/* Copy a line with one blank between its words and none around them. */
static bool
squeeze(struct cur line, char out[TEXT_LINE * 4], size_t *size)
{
	bool is_blank = true;

	for (*size = 0; cur_left(&line) > 0;) {
		uint8_t c = cur_u8(&line);

		if (c == '\t' || c == ' ') {
			is_blank = true;
			continue;
		}
		if (c < 0x20 || c == 0x7f || *size + 2 > TEXT_LINE * 4)
			return false;
		if (is_blank && *size > 0)
			out[(*size)++] = ' ';
		is_blank = false;
		out[(*size)++] = (char)c;
	}
	return true;
}

bool
trust_policy_read(struct cur text, struct trust_policy *out, struct why *why)
{
	char words[TEXT_LINE * 4];
	struct cur line;
	size_t size;

	memset(out, 0, sizeof(*out));
	while (cur_until(&text, '\n', &line)) {
		if (!squeeze(line, words, &size))
			return why_not(why, WHY_BROKEN,
			    "policy: a control character, or a line too long");
		if (size > 0 && words[0] != '#' &&
		    !trust_policy_add(out, cur_from(words, size), why))
			return false;
	}
	return trust_policy_check(out, why);
}

static void
write_group(const struct trust_policy *p, const struct trust_group *g,
    const char *before, struct text_out *out)
{
	size_t i;

	text_add(out, "%sgroup %s %s", before, g->name, g->count);
	for (i = 0; i < MEMBERS; i++)
		if ((g->members >> i & 1) != 0)
			text_add(out, " %s", name_of(p, i));
	text_add(out, "\n");
}

void
trust_policy_write(const struct trust_policy *p, const char *before,
    struct text_out *out)
{
	char key[VKEY_TEXT_MAX];
	size_t i;

	vkey_write(&p->log, key);
	text_add(out, "%slog %s\n", before, key);
	for (i = 0; i < p->witness_count; i++) {
		vkey_write(&p->witness[i], key);
		text_add(out, "%switness %s %s\n", before, p->witness_name[i],
		    key);
	}
	for (i = 0; i < p->group_count; i++)
		write_group(p, &p->group[i], before, out);
	text_add(out, "%squorum %s\n", before, name_of(p, p->quorum));
}

bool
trust_policy_holds(const struct trust_policy *p, uint32_t cosigned)
{
	uint64_t on = cosigned;
	size_t i;

	/* Groups come after their members, so one pass is enough. */
	for (i = 0; i < p->group_count; i++)
		if ((unsigned)__builtin_popcountll(p->group[i].members & on) >=
		    p->group[i].threshold)
			on |= MEMBER_BIT << (TRUST_WITNESSES_MAX + i);
	return (on >> p->quorum & 1) != 0;
}

bool
trust_policy_ask(const struct trust_policy *p, const struct note *n,
    struct trust_cosigned *out, struct why *why)
{
	struct note_signature said[TRUST_WITNESSES_MAX];
	size_t i;

	memset(out, 0, sizeof(*out));
	if (!note_verify(n, &p->log, 1, said, why))
		return false;
	out->is_logged = said[0].is_there;
	if (!note_verify(n, p->witness, p->witness_count, said, why))
		return false;
	for (i = 0; i < p->witness_count; i++)
		if (said[i].is_there) {
			out->by |= UINT32_C(1) << i;
			out->time[i] = said[i].time;
		}
	return true;
}

uint64_t
trust_policy_time(const struct trust_policy *p, const struct trust_cosigned *c)
{
	uint64_t best = 0;
	size_t i, j;

	for (i = 0; i < p->witness_count; i++) {
		uint32_t later = 0;

		if ((c->by >> i & 1) == 0 || c->time[i] <= best)
			continue;
		for (j = 0; j < p->witness_count; j++)
			if ((c->by >> j & 1) != 0 && c->time[j] >= c->time[i])
				later |= UINT32_C(1) << j;
		if (trust_policy_holds(p, later))
			best = c->time[i];
	}
	return best;
}

/* The sum of the count smallest of size numbers; they get sorted. */
static unsigned
sum_of_smallest(unsigned *number, size_t size, size_t count)
{
	unsigned sum = 0;
	size_t i, j;

	for (i = 0; i < count; i++) {
		for (j = i + 1; j < size; j++)
			if (number[j] < number[i]) {
				unsigned swap = number[i];

				number[i] = number[j];
				number[j] = swap;
			}
		sum += number[i];
	}
	return sum;
}

/*
 * Two sets that are enough for k of n members have 2k - n members in common,
 * if they have as few as they can, and then those whose own quorums share
 * least.  A member stands in one group only, so what is least for each is
 * least for all.
 */
int
trust_policy_tolerates(const struct trust_policy *p)
{
	unsigned shared[MEMBERS] = { 0 };
	size_t i, j;

	for (i = 0; i < p->witness_count; i++)
		shared[i] = 1;
	for (i = 0; i < p->group_count; i++) {
		const struct trust_group *g = &p->group[i];
		unsigned of[MEMBERS];
		size_t n = 0, k = g->threshold;

		for (j = 0; j < MEMBERS; j++)
			if ((g->members >> j & 1) != 0)
				of[n++] = shared[j];
		shared[TRUST_WITNESSES_MAX + i] =
		    2 * k > n ? sum_of_smallest(of, n, 2 * k - n) : 0;
	}
	return (int)shared[p->quorum] - 1;
}
