/*
 * t_feed.c - keys and a feed for tests.  See t_feed.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/trust/t_feed.h"

#include "lib/base/base64.h"
#include "lib/crypto/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Many tests ask for the same keys, and each costs a multiplication. */
#define REMEMBERED 32u

static void
public_of(const char *name, const uint8_t seed[ED25519_SEED], struct t_key *out)
{
	static struct t_key known[REMEMBERED];
	struct t_key *k = &known[seed[0] % REMEMBERED];

	if (memcmp(k->seed, seed, ED25519_SEED) == 0 &&
	    strcmp(k->key.name, name) == 0 && k->key.type == out->key.type) {
		*out = *k;
		return;
	}
	if (!ed25519_public(seed, out->key.key))
		abort();
	vkey_make_id(&out->key);
	*k = *out;
}

void
t_key(const char *label, const char *name, enum vkey_type type,
    struct t_key *out)
{
	char text[128];
	int size;

	memset(out, 0, sizeof(*out));
	size = snprintf(text, sizeof(text), "candor test key: %s", label);
	digest_of(DIGEST_SHA256, text, (size_t)size, out->seed);
	(void)snprintf(out->key.name, sizeof(out->key.name), "%s", name);
	out->key.type = (uint8_t)type;
	public_of(name, out->seed, out);
}

void
t_sign(struct text_out *note, size_t text, const struct t_key *k)
{
	uint8_t bytes[4 + ED25519_SIGNATURE];
	char payload[BASE64_SIZE(sizeof(bytes)) + 1];

	memcpy(bytes, k->key.id, 4);
	if (!ed25519_sign(k->seed, note->bytes, text, bytes + 4))
		abort();
	base64_write(bytes, sizeof(bytes), payload);
	text_add(note, "\xe2\x80\x94 %s %s\n", k->key.name, payload);
}

void
t_cosign(struct text_out *note, size_t text, const struct t_key *k,
    uint64_t time)
{
	char line[NOTE_LINE_MAX];

	if (!note_cosign(cur_from(note->bytes, text), time, &k->key, k->seed,
		line))
		abort();
	text_add(note, "%s", line);
}

static void
numbered(const char *label, const char *before, const char *after,
    unsigned which, enum vkey_type type, struct t_key *out)
{
	char l[32], n[64];

	(void)snprintf(l, sizeof(l), "%s%u", label, which + 1);
	(void)snprintf(n, sizeof(n), "%s%u%s", before, which + 1, after);
	t_key(l, n, type, out);
}

void
t_root_key(unsigned which, struct t_key *out)
{
	numbered("root", "root.candor.example/k", "", which, VKEY_NOTE, out);
}

void
t_release_key(unsigned which, struct t_key *out)
{
	numbered("release", "release.candor.example/r", "", which, VKEY_NOTE,
	    out);
}

void
t_witness_key(unsigned which, struct t_key *out)
{
	if (which < T_WITNESSES)
		numbered("witness", "witness", ".example/w", which,
		    VKEY_COSIGNATURE, out);
	else
		numbered("mirror", "mirror", ".example/m", which - T_WITNESSES,
		    VKEY_COSIGNATURE, out);
}

void
t_log_key(struct t_key *out)
{
	t_key("log", T_ORIGIN, VKEY_NOTE, out);
}

static void
add_policy(struct trust_policy *p, const char *line)
{
	struct why why;

	if (!trust_policy_add(p, cur_from(line, strlen(line)), &why)) {
		fprintf(stderr, "%s: %s\n", line, why.text);
		abort();
	}
}

static void
add_cosigner(struct trust_policy *p, unsigned which)
{
	char key[VKEY_TEXT_MAX], line[VKEY_TEXT_MAX + 32];
	bool is_mirror = which >= T_WITNESSES;
	struct t_key k;

	t_witness_key(which, &k);
	vkey_write(&k.key, key);
	(void)snprintf(line, sizeof(line), "witness %c%u %s",
	    is_mirror ? 'm' : 'w',
	    is_mirror ? which + 1 - T_WITNESSES : which + 1, key);
	add_policy(p, line);
}

static void
add_log(struct trust_policy *p)
{
	char key[VKEY_TEXT_MAX], line[VKEY_TEXT_MAX + 32];
	struct t_key k;

	t_log_key(&k);
	vkey_write(&k.key, key);
	(void)snprintf(line, sizeof(line), "log %s", key);
	add_policy(p, line);
}

static void
make_policy(struct trust_policy *p)
{
	unsigned i;

	memset(p, 0, sizeof(*p));
	add_log(p);
	for (i = 0; i < T_BOTH; i++)
		add_cosigner(p, i);
	add_policy(p, "group wq 5 w1 w2 w3 w4 w5 w6 w7");
	add_policy(p, "group mq any m1 m2");
	add_policy(p, "group both all wq mq");
	add_policy(p, "quorum both");
}

void
t_root(struct trust_root *out)
{
	struct t_key k;
	unsigned i;

	memset(out, 0, sizeof(*out));
	(void)snprintf(out->feed, sizeof(out->feed), "%s", T_ORIGIN);
	out->version = out->epoch = 1;
	out->time = T_TIME;
	out->expires = T_TIME + 365 * 86400;
	out->root.threshold = 4;
	out->root.count = T_ROOTS;
	for (i = 0; i < T_ROOTS; i++) {
		t_root_key(i, &k);
		out->root.key[i] = k.key;
	}
	out->release.threshold = 3;
	out->release.count = T_RELEASES;
	for (i = 0; i < T_RELEASES; i++) {
		t_release_key(i, &k);
		out->release.key[i] = k.key;
	}
	make_policy(&out->policy);
}

void
t_root_small(struct trust_root *out)
{
	struct trust_policy *p = &out->policy;

	t_root(out);
	out->root.threshold = out->root.count = 2;
	out->release.threshold = out->release.count = 1;
	memset(&out->root.key[2], 0, (T_ROOTS - 2) * sizeof(struct vkey));
	memset(&out->release.key[1], 0, (T_RELEASES - 1) * sizeof(struct vkey));
	memset(p, 0, sizeof(*p));
	add_log(p);
	add_cosigner(p, 0);
	add_cosigner(p, T_WITNESSES);
	add_policy(p, "group both all w1 m1");
	add_policy(p, "quorum both");
}

void
t_release(uint64_t serial, struct trust_release *out)
{
	memset(out, 0, sizeof(*out));
	(void)snprintf(out->feed, sizeof(out->feed), "%s", T_ORIGIN);
	out->serial = serial;
	out->time = T_TIME + 3600 * serial;
	out->expires = out->time + UINT64_C(14) * 86400;
	out->root = 1;
	out->engine_min = 1;
	digest_of(DIGEST_SHA256, "recipe", 6, out->recipe);
	out->file_count = 1;
	(void)snprintf(out->file[0].name, sizeof(out->file[0].name),
	    "main-1.cand");
	out->file[0].size = 1000 + serial;
	digest_of(DIGEST_SHA256, &serial, sizeof(serial), out->file[0].sha256);
}

/* --- a feed --------------------------------------------------------------- */

/* The hashes that lead from an entry to the root (RFC 6962, 2.1.1). */
static size_t
path_of(const struct t_feed *f, uint64_t index, uint64_t size,
    struct merkle_hash out[MERKLE_PROOF_MAX])
{
	size_t count = 0;
	unsigned level;

	for (level = 0; (size - 1) >> level > 0; level++) {
		uint64_t from = ((index >> level) ^ 1) << level, i;
		struct merkle_tree t = { 0 };

		for (i = from; i < size && i < from + (UINT64_C(1) << level);
		     i++)
			merkle_add(&t, &f->leaf[i]);
		if (t.size > 0)
			merkle_root(&t, &out[count++]);
	}
	return count;
}

static void
tree_of(const struct t_feed *f, uint64_t size, struct merkle_tree *out)
{
	uint64_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < size; i++)
		merkle_add(out, &f->leaf[i]);
}

size_t
t_feed_checkpoint(const struct t_feed *f, const struct t_view *v, char *out,
    size_t room)
{
	uint64_t size = v->size == 0 ? f->size : v->size;
	uint64_t time = v->time == 0 ? T_TIME + 3600 * size + 60 : v->time;
	uint32_t by = v->by == 0 ? T_EVERYONE : v->by;
	struct text_out to = text_to(out, room);
	struct merkle_tree tree;
	struct merkle_hash root;
	struct t_key k;
	size_t text;
	unsigned i;

	tree_of(f, size, &tree);
	merkle_root(&tree, &root);
	text_add(&to, "%s\n%ju\n", f->log.key.name, (uintmax_t)size);
	text_add_hash(&to, &root);
	text = to.size;
	text_add(&to, "\n");
	if (!v->is_unsigned)
		t_sign(&to, text, &f->log);
	for (i = 0; i < T_BOTH; i++) {
		t_witness_key(i, &k);
		if ((by >> i & 1) != 0)
			t_cosign(&to, text, &k,
			    time + i + ((v->late_by >> i & 1) ? v->late : 0));
	}
	if (!text_is_whole(&to))
		abort();
	return to.size;
}

size_t
t_feed_proof(const struct t_feed *f, const struct t_view *v, uint64_t index,
    char *out, size_t room)
{
	uint64_t size = v->size == 0 ? f->size : v->size;
	struct merkle_hash path[MERKLE_PROOF_MAX];
	static char note[8192];
	size_t n = t_feed_checkpoint(f, v, note, sizeof(note)), written;

	if (!trust_proof_write(index, path, path_of(f, index, size, path),
		cur_from(note, n), out, room, &written))
		abort();
	return written;
}

size_t
t_join(const struct cur *part, size_t count, char *out, size_t room)
{
	struct text_out to = text_to(out, room);
	size_t i;

	for (i = 0; i < count; i++) {
		size_t n = cur_left(&part[i]);
		const uint8_t size[4] = { (uint8_t)(n >> 24),
			(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

		text_add_bytes(&to, cur_from(size, 4));
		text_add_bytes(&to, part[i]);
	}
	if (!text_is_whole(&to))
		abort();
	return to.size;
}

size_t
t_feed_latest(const struct t_feed *f, const struct t_view *v,
    char out[TRUST_LATEST_MAX])
{
	static char proof[16384], ladder[65536];
	uint64_t size = v->size == 0 ? f->size : v->size;
	struct merkle_tree base;
	struct cur part[3];
	size_t n;

	part[0] = cur_from(f->entry, f->entry_size);
	n = t_feed_proof(f, v, size - 1, proof, sizeof(proof));
	part[1] = cur_from(proof, n);
	tree_of(f, v->base, &base);
	if (!trust_ladder_write(&base, &f->leaf[v->base],
		(size_t)(size - v->base), ladder, sizeof(ladder), &n))
		abort();
	part[2] = cur_from(ladder, n);
	return t_join(part, 3, out, TRUST_LATEST_MAX);
}

size_t
t_feed_sign(const char *text, size_t size, uint32_t roots, uint32_t releases,
    char *out)
{
	struct text_out to = text_to(out, TRUST_ENTRY_MAX);
	struct t_key k;
	unsigned i;

	text_add_bytes(&to, cur_from(text, size));
	text_add(&to, "\n");
	for (i = 0; i < 32; i++) {
		t_root_key(i, &k);
		if ((roots >> i & 1) != 0)
			t_sign(&to, size, &k);
		t_release_key(i, &k);
		if ((releases >> i & 1) != 0)
			t_sign(&to, size, &k);
	}
	if (!text_is_whole(&to))
		abort();
	return to.size;
}

void
t_feed_append(struct t_feed *f, const void *entry, size_t size)
{
	merkle_leaf(entry, size, &f->leaf[f->size++]);
}

void
t_feed_release(struct t_feed *f)
{
	static char text[TRUST_ENTRY_MAX];
	static struct trust_release r;
	struct why why;
	size_t size;

	t_release(f->size, &r);
	r.root = f->root.version;
	if (!trust_release_write(&r, text, sizeof(text), &size, &why))
		abort();
	f->entry_size = t_feed_sign(text, size, 0, f->releases, f->entry);
	t_feed_append(f, f->entry, f->entry_size);
}

/* Append a root, and a release; and say so in roots. */
static void
add_root(struct t_feed *f, const struct trust_root *next, uint32_t signers,
    char *note, size_t *note_size)
{
	static char text[TRUST_ENTRY_MAX], proof[16384];
	struct t_view v = { .by = f->by };
	struct why why;
	struct cur part[2];
	size_t size;

	if (!trust_root_write(next, text, sizeof(text), &size, &why)) {
		fprintf(stderr, "%s\n", why.text);
		abort();
	}
	*note_size = t_feed_sign(text, size, signers, 0, note);
	f->root = *next;
	f->serial_root = f->size;
	t_feed_append(f, note, *note_size);
	t_feed_release(f);
	size = t_feed_proof(f, &v, f->serial_root, proof, sizeof(proof));
	part[0] = cur_from(note, *note_size);
	part[1] = cur_from(proof, size);
	f->roots_size += t_join(part, 2, f->roots + f->roots_size,
	    sizeof(f->roots) - f->roots_size);
}

static void
begin_with(struct t_feed *f, const struct trust_root *root, uint32_t signers,
    uint32_t releases, uint32_t by)
{
	memset(f, 0, sizeof(*f));
	f->releases = releases;
	f->by = by;
	t_log_key(&f->log);
	add_root(f, root, signers, f->anchor, &f->anchor_size);
}

void
t_feed_begin(struct t_feed *f)
{
	static struct trust_root root;

	t_root(&root);
	begin_with(f, &root, 0x4b, 0x15, 0);
}

void
t_feed_begin_small(struct t_feed *f)
{
	static struct trust_root root;

	t_root_small(&root);
	begin_with(f, &root, T_SMALL_ROOTS, 1, T_SMALL_COSIGNERS);
}

void
t_feed_rotate(struct t_feed *f, const struct trust_root *next, uint32_t signers)
{
	static char note[TRUST_ENTRY_MAX];
	size_t size;

	add_root(f, next, signers, note, &size);
}
