/*
 * root.c - who may do what for a feed.  See root.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/root.h"

#include <inttypes.h>
#include <string.h>

#define MAGIC "candor-root/v1\n"

/* Keys of every role of a root, one after the other. */
#define KEYS_MAX (2 * TRUST_KEYS_MAX + 1 + TRUST_WITNESSES_MAX)

static const char *const role_threshold[] = { "root-threshold",
	"release-threshold" };
static const char *const role_key[] = { "root-key", "release-key" };

static bool
read_role(struct cur *text, int which, struct trust_role *out, struct why *why)
{
	struct cur key;

	if (!text_number(text, role_threshold[which], &out->threshold))
		return why_not(why, WHY_BROKEN, "root: no %s",
		    role_threshold[which]);
	while (text_value(text, role_key[which], &key)) {
		if (out->count == TRUST_KEYS_MAX)
			return why_not(why, WHY_LIMIT,
			    "root: more than %u lines of %s", TRUST_KEYS_MAX,
			    role_key[which]);
		if (!vkey_read(key, &out->key[out->count++], why))
			return false;
	}
	return true;
}

static bool
read_policy(struct cur *text, struct trust_policy *out, struct why *why)
{
	struct cur line;

	while (text_value(text, "policy", &line))
		if (!trust_policy_add(out, line, why))
			return false;
	return true;
}

static bool
read_head(struct cur *text, struct trust_root *out, struct why *why)
{
	struct cur feed;

	if (!cur_match(text, MAGIC, sizeof(MAGIC) - 1))
		return why_not(why, WHY_BROKEN, "not a root");
	if (!text_value(text, "feed", &feed) ||
	    !text_copy(feed, out->feed, sizeof(out->feed)) ||
	    !text_number(text, "version", &out->version) ||
	    !text_number(text, "epoch", &out->epoch) ||
	    !text_number(text, "time", &out->time) ||
	    !text_number(text, "expires", &out->expires))
		return why_not(why, WHY_BROKEN,
		    "root: it begins with feed, version, epoch, time and "
		    "expires");
	return true;
}

static void
write_role(int which, const struct trust_role *role, struct text_out *out)
{
	char key[VKEY_TEXT_MAX];
	size_t i;

	text_add(out, "%s %" PRIu64 "\n", role_threshold[which],
	    role->threshold);
	for (i = 0; i < role->count; i++) {
		vkey_write(&role->key[i], key);
		text_add(out, "%s %s\n", role_key[which], key);
	}
}

static void
write_root(const struct trust_root *r, struct text_out *out)
{
	text_add(out,
	    MAGIC "feed %s\nversion %" PRIu64 "\nepoch %" PRIu64
		  "\ntime %" PRIu64 "\nexpires %" PRIu64 "\n",
	    r->feed, r->version, r->epoch, r->time, r->expires);
	write_role(0, &r->root, out);
	write_role(1, &r->release, out);
	trust_policy_write(&r->policy, "policy ", out);
}

bool
trust_root_read(struct cur text, struct trust_root *out, struct why *why)
{
	struct text_out again = text_compared(text);

	memset(out, 0, sizeof(*out));
	if (!text_is_plain(text))
		return why_not(why, WHY_BROKEN, "root: not printable ASCII");
	if (!read_head(&text, out, why) ||
	    !read_role(&text, 0, &out->root, why) ||
	    !read_role(&text, 1, &out->release, why) ||
	    !read_policy(&text, &out->policy, why))
		return false;
	if (cur_left(&text) > 0)
		return why_not(why, WHY_BROKEN,
		    "root: a line that does not belong there");
	if (!trust_root_check(out, why))
		return false;
	write_root(out, &again);
	if (!text_is_whole(&again))
		return why_not(why, WHY_BROKEN,
		    "root: not in the one form that a root has");
	return true;
}

/* Is the role's threshold one of its keys', and are they in order? */
static bool
check_role(int which, const struct trust_role *role, struct why *why)
{
	char key[2][VKEY_TEXT_MAX];
	size_t i;

	if (role->count > TRUST_KEYS_MAX || role->threshold == 0 ||
	    role->threshold > role->count)
		return why_not(why, WHY_BROKEN,
		    "root: %s is not between 1 and the number of keys",
		    role_threshold[which]);
	for (i = 0; i < role->count; i++) {
		if (role->key[i].type != VKEY_NOTE)
			return why_not(why, WHY_BROKEN,
			    "root: %s of another type than 0x01",
			    role_key[which]);
		vkey_write(&role->key[i], key[i % 2]);
		if (i > 0 && strcmp(key[(i - 1) % 2], key[i % 2]) >= 0)
			return why_not(why, WHY_BROKEN,
			    "root: the lines of %s are not sorted, or one is "
			    "there twice",
			    role_key[which]);
	}
	return true;
}

/* Is no public key there twice, be it under another name or in another
   role? */
static bool
check_keys(const struct trust_root *r, struct why *why)
{
	const struct vkey *all[KEYS_MAX];
	size_t i, j, count = 0;

	for (i = 0; i < r->root.count; i++)
		all[count++] = &r->root.key[i];
	for (i = 0; i < r->release.count; i++)
		all[count++] = &r->release.key[i];
	all[count++] = &r->policy.log;
	for (i = 0; i < r->policy.witness_count; i++)
		all[count++] = &r->policy.witness[i];
	for (i = 0; i < count; i++)
		for (j = 0; j < i; j++)
			if (memcmp(all[i]->key, all[j]->key, ED25519_KEY) == 0)
				return why_not(why, WHY_BROKEN,
				    "root: %.80s and %.80s are the same key",
				    all[j]->name, all[i]->name);
	return true;
}

bool
trust_root_check(const struct trust_root *r, struct why *why)
{
	if (!vkey_name_is_good(cur_from(r->feed, strlen(r->feed))))
		return why_not(why, WHY_BROKEN,
		    "root: a feed is not called that");
	if (r->version == 0 || r->epoch == 0 || r->epoch > r->version ||
	    r->expires <= r->time)
		return why_not(why, WHY_BROKEN,
		    "root: version and epoch begin with 1, and it expires "
		    "after its time");
	if (!check_role(0, &r->root, why) || !check_role(1, &r->release, why) ||
	    !trust_policy_check(&r->policy, why) || !check_keys(r, why))
		return false;
	if (r->epoch == 1 && strcmp(r->feed, r->policy.log.name) != 0)
		return why_not(why, WHY_BROKEN,
		    "root: in epoch 1 the feed is called as its log");
	if (trust_policy_tolerates(&r->policy) < 0)
		return why_not(why, WHY_BROKEN,
		    "root: two quorums of its policy need not share a key");
	return true;
}

bool
trust_root_write(const struct trust_root *r, char *out, size_t room,
    size_t *size, struct why *why)
{
	struct text_out to = text_to(out, room);

	*size = 0;
	if (!trust_root_check(r, why))
		return false;
	write_root(r, &to);
	if (!text_is_whole(&to))
		return why_not(why, WHY_LIMIT, "root: more than %zu bytes",
		    room);
	*size = to.size;
	return true;
}

bool
trust_role_signed(const struct trust_role *role, const struct note *n,
    struct why *why)
{
	struct note_signature said[TRUST_KEYS_MAX];
	uint64_t count = 0;
	size_t i;

	if (!note_verify(n, role->key, role->count, said, why))
		return false;
	for (i = 0; i < role->count; i++)
		count += said[i].is_there;
	if (count < role->threshold)
		return why_not(why, WHY_FORGED,
		    "signed by %" PRIu64 " of the %zu keys, not by %" PRIu64,
		    count, role->count, role->threshold);
	return true;
}

bool
trust_root_follows(const struct trust_root *before, const struct trust_root *r,
    const struct note *n, struct why *why)
{
	bool is_same_log =
	    strcmp(r->policy.log.name, before->policy.log.name) == 0;

	if (r->version != before->version + 1)
		return why_not(why, WHY_FORGED,
		    "root: version %" PRIu64 " stands behind %" PRIu64,
		    r->version, before->version);
	if (strcmp(r->feed, before->feed) != 0)
		return why_not(why, WHY_FORGED, "root: of another feed");
	if (r->epoch != before->epoch + !is_same_log)
		return why_not(why, WHY_FORGED,
		    "root: the epoch is one more if the log is another, and "
		    "only then");
	return trust_role_signed(&before->root, n, why) &&
	    trust_role_signed(&r->root, n, why);
}
