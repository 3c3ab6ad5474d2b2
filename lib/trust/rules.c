/*
 * rules.c - what may stand in the log of a feed.  See rules.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/rules.h"

#include <inttypes.h>
#include <string.h>

void
rules_begin(struct rules *r)
{
	r->count = 0;
	r->may_end = false;
	r->has_release = false;
}

/* R1: the first one decides who the log belongs to. */
static bool
may_begin(const struct trust_root *next, struct why *why)
{
	if (next->version != 1 && next->epoch == 1)
		return why_not(why, WHY_BROKEN,
		    "R1: a log begins with version 1 of its root, not %" PRIu64,
		    next->version);
	return true;
}

/* R2 and R5, against the root in force. */
static bool
may_follow(const struct rules *r, const struct note *n, struct why *why)
{
	struct why inner = { 0 };

	if (!trust_root_follows(&r->root, &r->next, n, &inner))
		return why_not(why, inner.kind, "R2: %.200s", inner.text);
	return r->next.epoch == r->root.epoch ||
	    why_not(why, WHY_BROKEN,
		"R2: a root of another log begins that log");
}

static bool
add_root(struct rules *r, const struct note *n, struct why *why)
{
	if (!trust_root_read(n->text, &r->next, why))
		return false;
	if (r->count == 0 ? !may_begin(&r->next, why) : !may_follow(r, n, why))
		return false;
	if (!trust_role_signed(&r->next.root, n, why))
		return false;
	r->root = r->next;
	r->may_end = false;
	r->has_release = false;
	return true;
}

static bool
add_release(struct rules *r, const struct note *n, struct why *why)
{
	const struct trust_release *release = &r->release;

	if (r->count == 0)
		return why_not(why, WHY_BROKEN, "R1: a log begins with a root");
	if (!trust_release_read(n->text, &r->release, why))
		return false;
	if (release->serial != r->count)
		return why_not(why, WHY_BROKEN,
		    "R4: entry %" PRIu64 " says that its serial is %" PRIu64,
		    r->count, release->serial);
	if (strcmp(release->feed, r->root.feed) != 0)
		return why_not(why, WHY_BROKEN,
		    "R2: a release of another feed");
	if (release->root != r->root.version)
		return why_not(why, WHY_BROKEN,
		    "R5: root %" PRIu64 " is in force, not %" PRIu64,
		    r->root.version, release->root);
	if (!trust_role_signed(&r->root.release, n, why))
		return false;
	r->may_end = true;
	r->has_release = true;
	return true;
}

bool
rules_add(struct rules *r, struct cur entry, struct why *why)
{
	static const char root[] = "candor-root/v1\n";
	struct note n;
	struct cur text;

	if (cur_left(&entry) > TRUST_ENTRY_MAX)
		return why_not(why, WHY_LIMIT, "an entry has at most %u bytes",
		    TRUST_ENTRY_MAX);
	if (!note_read(entry, &n, why))
		return false;
	text = n.text;
	if (cur_match(&text, root, sizeof(root) - 1) ? !add_root(r, &n, why)
						     : !add_release(r, &n, why))
		return false;
	r->count++;
	return true;
}

bool
rules_end(const struct rules *r, struct why *why)
{
	if (r->may_end)
		return true;
	return why_not(why, WHY_BROKEN, "R3: the last entry is not a release");
}
