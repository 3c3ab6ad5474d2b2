/*
 * footprint_packages_test.c - lists of packages in their forms.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint_packages.h"
#include "tests/t.h"

#include <string.h>

struct want {
	const char *name, *version, *supplier;
	bool is_installed, is_left;
};

static const struct {
	enum packages_form form;
	const char *list;
	struct want want[4];
} row[] = {
	{ PACKAGES_DPKG,
	    "Package: kite\nStatus: install ok installed\nVersion: 1.2-3\n"
	    "Maintainer: A B <a@b>\nDescription: x\n Package: no\n\n\n"
	    "Package: hat\r\nStatus: deinstall ok config-files\r\n\r\n"
	    "Package: cup\nStatus: purge ok not-installed\n\n"
	    "Package: jug\nStatus: install reinstreq half-installed",
	    { { "kite", "1.2-3", "A B <a@b>", true, false },
		{ "hat", "", "", false, true }, { "cup", "", "", false, false },
		{ "jug", "", "", true, false } } },
	{ PACKAGES_DPKG, "Version: 1\n\nPackage:\n\n",
	    { { NULL, NULL, NULL, 0, 0 } } },
	{ PACKAGES_APK, "C:Q1\nP:kite\nV:1.2-r0\nm:A\n\nP:hat\nV:2\n",
	    { { "kite", "1.2-r0", "A", true, false },
		{ "hat", "2", "", true, false } } },
	{ PACKAGES_DPKG_L,
	    "Desired=Unknown/Install/Remove/Purge/Hold\n"
	    "| Status=Not/Inst/Conf-files/Unpacked\n||/ Name  Version\n"
	    "+++-=====-====\nii  kite:amd64  1.2 amd64 A kite\nrc  hat 3\n"
	    "un  cup <none>\niFR jug 4",
	    { { "kite", "1.2", "", true, false },
		{ "hat", "3", "", false, true },
		{ "cup", "<none>", "", false, false },
		{ "jug", "4", "", true, false } } },
	{ PACKAGES_RPM_QA, "kite-a-1.2-3.x86_64\n\ngpg-pubkey-1-2\nhat\n-1-2\n",
	    { { "kite-a", "1.2-3.x86_64", "", true, false },
		{ "gpg-pubkey", "1-2", "", true, false },
		{ "hat", "", "", true, false } } },
};

static void
test_lists(void **state)
{
	struct packages_one one;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t size = strlen(row[i].list);
		struct cur list = cur_from(t_fence(row[i].list, size), size);

		for (k = 0; k < 4 && row[i].want[k].name != NULL; k++) {
			const struct want *want = &row[i].want[k];

			assert_true(packages_next(&list, row[i].form, &one));
			assert_true(cur_is(&one.name, want->name));
			assert_true(cur_is(&one.version, want->version));
			assert_true(cur_is(&one.supplier, want->supplier));
			assert_int_equal(one.is_installed, want->is_installed);
			assert_int_equal(one.is_left, want->is_left);
		}
		assert_false(packages_next(&list, row[i].form, &one));
	}
}

static void
test_which_list(void **state)
{
	const char *rpm = "kite-1-2.noarch\nii-1-2\n";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (row[i].form >= PACKAGES_DPKG_L)
			assert_int_equal(packages_is_dpkg_l(cur_from(row[i]
									 .list,
					     strlen(row[i].list))),
			    row[i].form == PACKAGES_DPKG_L);
	assert_false(packages_is_dpkg_l(cur_from(rpm, strlen(rpm))));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_which_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
