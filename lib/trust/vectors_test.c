/*
 * vectors_test.c - a feed that tests/trust/vectors.py made, which shares no
 * code with this: read, written again and verified.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/client.h"
#include "lib/trust/evidence.h"
#include "lib/trust/tile.h"
#include "tests/t.h"
#include "tests/trust/t_feed.h"

#include <stdio.h>
#include <string.h>

static char a[65536], b[65536], c[65536], held[TRUST_STATE_MAX];
static struct trust_answer answer;
static struct trust_state state;

static struct cur
load(const char *name, char *out)
{
	char path[512];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", T_VECTORS, name);
	f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("%s", path);
	n = fread(out, 1, 65536, f);
	(void)fclose(f);
	return cur_from(out, n);
}

static enum trust_outcome
check(const char *roots, const char *latest)
{
	static char anchor[65536];
	struct trust_input in = { .now = T_TIME + 86400, .engine = 1 };

	in.anchor = load("root1.note", anchor);
	in.roots = load(roots, a);
	in.latest = load(latest, b);
	trust_client_check(&in, &state, &answer);
	return answer.outcome;
}

static void
keep(void)
{
	size_t n;

	assert_true(trust_state_write(&answer.state, held, sizeof(held), &n));
	assert_true(trust_state_read(cur_from(held, n), &state, &answer.why));
}

static void
test_roots(void **context)
{
	static struct trust_root one, usual;
	struct note n;
	struct why why;
	size_t size;

	(void)context;
	assert_true(note_read(load("root1.note", a), &n, &why));
	assert_true(trust_root_read(n.text, &one, &why));
	t_root(&usual);
	assert_memory_equal(&one, &usual, sizeof(one));
	assert_true(trust_root_write(&one, b, sizeof(b), &size, &why));
	t_eq(size, cur_left(&n.text));
	assert_memory_equal(b, a, size);
	assert_true(trust_role_signed(&one.root, &n, &why));
	assert_true(note_read(load("root2.note", a), &n, &why));
	assert_true(trust_root_read(n.text, &usual, &why));
	assert_true(trust_root_follows(&one, &usual, &n, &why));
	t_eq(usual.release.count, 5);
}

static void
test_release(void **context)
{
	static struct trust_release r;
	struct note n;
	struct why why;
	size_t size;

	(void)context;
	assert_true(note_read(load("release5.note", a), &n, &why));
	assert_true(trust_release_read(n.text, &r, &why));
	assert_true(trust_release_write(&r, b, sizeof(b), &size, &why));
	t_eq(size, cur_left(&n.text));
	assert_memory_equal(b, a, size);
	t_eq(r.delta[0].base, 4);
}

static void
test_policy(void **context)
{
	static struct trust_policy p;
	struct text_out out = text_to(b, sizeof(b));
	struct cur file = load("policy", a);
	struct why why;

	(void)context;
	assert_true(trust_policy_read(file, &p, &why));
	t_eq(trust_policy_tolerates(&p), 2);
	trust_policy_write(&p, "", &out);
	t_eq(out.size, cur_left(&file));
	assert_memory_equal(b, a, out.size);
}

static void
test_proof_and_tiles(void **context)
{
	static struct trust_proof p;
	struct cur bundle, entry, tile = load("tile/0/000.p/6", c);
	struct merkle_hash leaf;
	struct why why;
	size_t i, n;

	(void)context;
	assert_true(trust_proof_read(load("release5.proof", a), &p, &why));
	assert_true(trust_proof_holds(&p, load("release5.note", b)));
	bundle = load("tile/entries/000.p/6", b);
	for (i = 0; i < 6; i++) {
		assert_true(tile_entry(&bundle, &entry));
		merkle_leaf(entry.base + entry.pos, cur_left(&entry), &leaf);
		assert_memory_equal(leaf.bytes, c + 32 * i, 32);
	}
	t_eq(cur_left(&bundle), 0);
	t_eq(cur_left(&tile), 6 * 32);
	assert_true(trust_proof_write(p.index, p.path, p.count, p.checkpoint, b,
	    sizeof(b), &n));
	assert_memory_equal(a, b, n);
}

static void
test_client(void **context)
{
	(void)context;
	memset(&state, 0, sizeof(state));
	t_eq(check("roots3", "latest3"), TRUST_ACCEPTED);
	t_eq(answer.release.serial, 3);
	keep();
	/* The mirror is half way: the release is there, its root is not. */
	t_eq(check("roots3", "latest5"), TRUST_BAD);
	t_eq(check("roots5", "latest3"), TRUST_BAD);
	t_eq(answer.state.root_version, 2);
	t_eq(check("roots5", "latest5"), TRUST_ACCEPTED);
	t_eq(answer.state.size, 6);
	t_eq(answer.state.root_version, 2);
}

/* The evidence is, byte for byte, what somebody else makes of it. */
static void
test_evidence(void **context)
{
	static struct trust_evidence proved;
	struct cur want;
	size_t n;

	(void)context;
	memset(&state, 0, sizeof(state));
	t_eq(check("roots3", "latest3"), TRUST_ACCEPTED);
	keep();
	t_eq(check("roots5", "fork"), TRUST_EQUIVOCATION);
	assert_true(trust_evidence_write(&answer, &state, c, sizeof(c), &n,
	    &proved));
	want = load("evidence", a);
	t_eq(n, cur_left(&want));
	assert_memory_equal(a, c, n);
	assert_true(trust_evidence_read(want, &proved, &answer.why));
	assert_true(proved.is_log_guilty);
	t_eq(proved.guilty, T_EVERYONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roots),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_proof_and_tiles),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
