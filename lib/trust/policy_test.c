/*
 * policy_test.c - policies, quorums and what they tolerate.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/policy.h"
#include "tests/t.h"
#include "tests/trust/t_feed.h"

#include <stdio.h>
#include <string.h>

static struct trust_policy policy;
static char text[65536];

/* Append to text. */
static void
say(const char *line)
{
	size_t at = strlen(text);

	(void)snprintf(text + at, sizeof(text) - at, "%s\n", line);
}

static void
say_key(const char *before, const char *label, const char *name,
    enum vkey_type type)
{
	char key[VKEY_TEXT_MAX], line[VKEY_TEXT_MAX + 64];
	struct t_key k;

	t_key(label, name, type, &k);
	vkey_write(&k.key, key);
	(void)snprintf(line, sizeof(line), "%s %s", before, key);
	say(line);
}

static void
say_witness(unsigned i)
{
	char before[32], label[32];

	(void)snprintf(before, sizeof(before), "witness w%u", i);
	(void)snprintf(label, sizeof(label), "witness%u", i);
	say_key(before, label, label, VKEY_COSIGNATURE);
}

static void
begin(unsigned witnesses)
{
	unsigned i;

	text[0] = '\0';
	say_key("log", "log", T_ORIGIN, VKEY_NOTE);
	for (i = 1; i <= witnesses; i++)
		say_witness(i);
}

static bool
reads(void)
{
	struct why why;
	size_t n = strlen(text);

	return trust_policy_read(cur_from(t_fence(text, n), n), &policy, &why);
}

/* Write "group g K w1 ... wN" and make it the quorum. */
static void
k_of_n(unsigned k, unsigned n)
{
	char line[512];
	size_t at;
	unsigned i;

	begin(n);
	at = (size_t)snprintf(line, sizeof(line), "group g %u", k);
	for (i = 1; i <= n; i++)
		at += (size_t)snprintf(line + at, sizeof(line) - at, " w%u", i);
	say(line);
	say("quorum g");
	assert_true(reads());
}

static void
test_as_people_write_it(void **state)
{
	(void)state;
	begin(2);
	say("");
	say("  # two of them");
	say("\tgroup\tg  all w2   w1 ");
	say_key("witness alone", "alone", "alone.example", VKEY_COSIGNATURE);
	text[strlen(text) - 1] = '\0';
	say(" https://alone.example/");
	say(" quorum g");
	assert_true(reads());
	t_eq(policy.witness_count, 3);
	assert_true(trust_policy_holds(&policy, 3));
	assert_true(trust_policy_holds(&policy, 7));
	assert_false(trust_policy_holds(&policy, 5));
	t_eq(trust_policy_tolerates(&policy), 1);
	begin(1);
	say("quorum w1");
	assert_true(reads());
	t_eq(trust_policy_tolerates(&policy), 0);
}

static void
test_refused(void **state)
{
	static const char *const end[] = {
		"quorum none",
		"quorum g",
		"group g 2 w1 w2 w4\nquorum g", /* w4 is defined nowhere */
		"group g any h\ngroup h any w1\nquorum g", /* later */
		"group g 2 w1 w1\nquorum g",
		"group g any w1\ngroup h any w1\nquorum g", /* in two */
		"group g 0 w1 w2\nquorum g",
		"group g 3 w1 w2\nquorum g",
		"group g 01 w1 w2\nquorum g",
		"group g -1 w1 w2\nquorum g",
		"group g some w1 w2\nquorum g",
		"group g any\nquorum g",
		"group g\nquorum g",
		"group w1 any w2\nquorum w1", /* the name is taken */
		"group none any w2\nquorum w1",
		"group g any none\nquorum g",
		"quorum w1\nquorum w1",
		"quorum w1\r",
		"quorum w1 w2",
		"quorum",
		"",
		"and quorum w1",
		"log a\nquorum w1",
		"witness w9 a\nquorum w1",
		"witness w9\nquorum w1",
		"group g any \x01\nquorum w1",
		"group g\xc3\xa4 any w1\nquorum w1",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(end) / sizeof(end[0]); i++) {
		begin(3);
		say(end[i]);
		if (reads())
			fail_msg("%s", end[i]);
	}
}

static void
test_keys_refused(void **state)
{
	(void)state;
	begin(2);
	say_key("witness again", "witness1", "other.example", VKEY_COSIGNATURE);
	say("quorum w1");
	assert_false(reads()); /* under another name */
	begin(1);
	say_key("witness again", "log", "other.example", VKEY_COSIGNATURE);
	say("quorum w1");
	assert_false(reads()); /* the log's own */
	begin(1);
	say_key("witness w2", "witness2", "w2.example", VKEY_NOTE);
	say("quorum w1");
	assert_false(reads()); /* type 0x01 */
	begin(1);
	say_key("log", "log2", "log2", VKEY_NOTE);
	say("quorum w1");
	assert_false(reads()); /* a second log */
	text[0] = '\0';
	say_witness(1);
	say("quorum w1");
	assert_false(reads()); /* none */
	text[0] = '\0';
	say_key("log", "log", T_ORIGIN, VKEY_COSIGNATURE);
	say_witness(1);
	say("quorum w1");
	assert_false(reads());
}

static void
test_limits(void **state)
{
	char line[64];
	unsigned i;

	(void)state;
	begin(TRUST_WITNESSES_MAX);
	for (i = 1; i <= TRUST_GROUPS_MAX; i++) {
		(void)snprintf(line, sizeof(line), "group g%u all w%u", i, i);
		if (i > 1)
			(void)snprintf(line, sizeof(line),
			    "group g%u all w%u g%u", i, i, i - 1);
		say(line);
	}
	say("quorum g32");
	assert_true(reads());
	assert_true(trust_policy_holds(&policy, UINT32_MAX));
	for (i = 0; i < 32; i++)
		assert_false(trust_policy_holds(&policy, ~(UINT32_C(1) << i)));
	t_eq(trust_policy_tolerates(&policy), 31);
	begin(TRUST_WITNESSES_MAX + 1);
	say("quorum w1");
	assert_false(reads());
	begin(1);
	say("group g0 any w1");
	for (i = 1; i <= TRUST_GROUPS_MAX; i++) {
		(void)snprintf(line, sizeof(line), "group g%u any g%u", i,
		    i - 1);
		say(line);
	}
	say("quorum g1");
	assert_false(reads());
}

/* What the linter says, against all pairs of sets. */
static int
tolerated(unsigned n)
{
	int least = 64;
	uint32_t a, b;

	for (a = 0; a < UINT32_C(1) << n; a++)
		for (b = 0; b <= a; b++)
			if (trust_policy_holds(&policy, a) &&
			    trust_policy_holds(&policy, b) &&
			    __builtin_popcount(a & b) < least)
				least = __builtin_popcount(a & b);
	return least - 1;
}

static void
test_linter(void **state)
{
	unsigned k, n;

	(void)state;
	for (n = 1; n <= 7; n++)
		for (k = 1; k <= n; k++) {
			k_of_n(k, n);
			t_eq(trust_policy_tolerates(&policy), tolerated(n));
			t_eq(trust_policy_tolerates(&policy),
			    2 * k > n ? (int)(2 * k - n) - 1 : -1);
		}
	begin(9);
	say("group a 2 w1 w2 w3");
	say("group b 3 w4 w5 w6 w7");
	say("group c any w8 w9");
	say("group d 2 a b c");
	say("quorum d");
	assert_true(reads());
	t_eq(trust_policy_tolerates(&policy), tolerated(9));
	begin(9);
	say("group a 2 w1 w2 w3");
	say("group b 3 w4 w5 w6 w7");
	say("group c all w8 w9 b");
	say("group d all a c");
	say("quorum d");
	assert_true(reads());
	t_eq(trust_policy_tolerates(&policy), tolerated(9));
}

/* Random policies of 8 witnesses: the linter is right about each. */
static void
test_linter_on_many(void **state)
{
	char line[256];
	unsigned turn, i;

	(void)state;
	t_seed(5);
	for (turn = 0; turn < 60; turn++) {
		unsigned taken = 0, groups = 0;

		begin(8);
		while (taken < 8 + groups - (groups > 0)) {
			unsigned left = 8 + groups - taken;
			unsigned n = 1 + t_below(left < 4 ? left : 4);
			unsigned k = 1 + t_below(n);
			int at = snprintf(line, sizeof(line), "group g%u %u",
			    groups + 1, k);

			if (n < 2 && left > 1)
				continue;
			for (i = 0; i < n; i++, taken++)
				at += snprintf(line + at,
				    sizeof(line) - (size_t)at,
				    taken < 8 ? " w%u" : " g%u",
				    taken < 8 ? taken + 1 : taken - 7);
			groups++;
			say(line);
		}
		(void)snprintf(line, sizeof(line), "quorum g%u", groups);
		say(line);
		assert_true(reads());
		t_eq(trust_policy_tolerates(&policy), tolerated(8));
	}
}

/* T-FRESH-3: liars about the time, as many as are tolerated, move nothing. */
static void
test_time(void **state)
{
	struct trust_cosigned c = { .is_logged = true };
	unsigned i;

	(void)state;
	k_of_n(5, 7);
	for (i = 0; i < 7; i++) {
		c.by |= UINT32_C(1) << i;
		c.time[i] = 1000 + i;
	}
	t_eq(trust_policy_time(&policy, &c), 1002);
	c.time[0] += 1000000;
	c.time[1] += 1000000;
	t_eq(trust_policy_time(&policy, &c), 1004);
	c.time[5] = c.time[6] = 0;
	t_eq(trust_policy_time(&policy, &c), 1002);
	c.by = 0x0f;
	t_eq(trust_policy_time(&policy, &c), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_people_write_it),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_keys_refused),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_linter),
		cmocka_unit_test(test_linter_on_many),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
