/*
 * checkpoint_test.c - checkpoints, and what must be refused as one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/checkpoint.h"
#include "tests/t.h"

#include <string.h>

#define ROOT "+M23RON20kcq7aK52o2/ounoXI6SehRnNtdoFxSwf6w="

static const struct {
	const char *text;
	bool good;
} row[] = {
	{ "log.example/a\n7\n" ROOT "\n", true },
	{ "a\n0\n" ROOT "\n", true },
	{ "a\n9223372036854775807\n" ROOT "\n", true },
	{ "a\n9223372036854775808\n" ROOT "\n", false },
	{ "a\n07\n" ROOT "\n", false },
	{ "a\n+7\n" ROOT "\n", false },
	{ "a\n-7\n" ROOT "\n", false },
	{ "a\n\n" ROOT "\n", false },
	{ "\n7\n" ROOT "\n", false },
	{ "a\n7\n" ROOT "\nextension\n", false },
	{ "a\n7\nAAAA\n", false },
	{ "a\n7\n" ROOT "AAAA\n", false },
	{ "a\n7\n+M23RON20kcq7aK52o2_ounoXI6SehRnNtdoFxSwf6w=\n", false },
	{ "a\n7\n+M23RON20kcq7aK52o2/ounoXI6SehRnNtdoFxSwf6w\n", false },
	{ "a\n7\n", false },
	{ "a\n", false },
	{ "", false },
};

static void
test_rows(void **state)
{
	struct checkpoint c;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i].text);

		if (checkpoint_read(cur_from(t_fence(row[i].text, n), n), &c,
			&why) != row[i].good)
			fail_msg("%s", row[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
