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
	if (!ed25519_public(out->seed, out->key.key))
		abort();
	vkey_make_id(&out->key);
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
make_policy(struct trust_policy *p)
{
	char key[VKEY_TEXT_MAX], line[VKEY_TEXT_MAX + 32];
	struct t_key k;
	unsigned i;

	t_log_key(&k);
	vkey_write(&k.key, key);
	(void)snprintf(line, sizeof(line), "log %s", key);
	add_policy(p, line);
	for (i = 0; i < T_WITNESSES + T_MIRRORS; i++) {
		t_witness_key(i, &k);
		vkey_write(&k.key, key);
		(void)snprintf(line, sizeof(line), "witness %c%u %s",
		    i < T_WITNESSES ? 'w' : 'm',
		    i < T_WITNESSES ? i + 1 : i + 1 - T_WITNESSES, key);
		add_policy(p, line);
	}
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
