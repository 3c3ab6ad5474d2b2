/*
 * leave_test.c - what of a report is to go, by table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/leave.h"
#include "tests/t.h"

#include <string.h>

static struct leave found[LEAVE_MAX];
static json_t *report; /* what found is lent by */

static size_t
leave_of(const char *text)
{
	json_error_t error;

	json_decref(report);
	report = json_loads(text, 0, &error);
	assert_non_null(report);
	return leave_from_report(report, found);
}

static int
forget(void **state)
{
	(void)state;
	json_decref(report);
	report = NULL;
	return 0;
}

static const struct leave *
find(size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(found[i].name, name) == 0)
			return &found[i];
	return NULL;
}

#define SIGN(type, seen, strength, state, confidence)         \
	"{\"type\":\"" type "\",\"seen\":\"" seen             \
	"\",\"strength\":\"" strength "\",\"state\":\"" state \
	"\",\"confidence\":\"" confidence "\"}"
#define FINDING(product, state, ground, role, evidence)                    \
	"{\"product\":\"" product "\",\"vendor\":\"V\",\"state\":\"" state \
	"\",\"ground\":\"" ground "\",\"role\":\"" role                    \
	"\",\"evidence\":[" evidence "]}"
#define REPORT(findings) "{\"findings\":[" findings "]}"

static void
test_kinds_roles_and_inner_paths(void **state)
{
	size_t n = leave_of(REPORT(FINDING("p", "running", "proven", "",
	    SIGN("package", "kesl", "proof", "installed",
		"high") "," SIGN("path", "/opt/v/p/bin/x", "proof", "installed",
		"high") "," SIGN("path", "/opt/v/p", "strong", "residue",
		"high") "," SIGN("path", "/opt/v/pq", "strong", "residue",
		"high") "," SIGN("unit", "/etc/systemd/system/kesl.service",
		"proof", "running", "high") "," SIGN("process", "kesl",
		"strong", "running", "high") "," SIGN("group", "g",
		"supporting", "residue", "high")) "," FINDING("a", "installed",
	    "proven", "agent",
	    SIGN("package", "agent", "proof", "residue", "high"))));

	(void)state;
	t_eq(n, 7);
	assert_true(find(n, "kesl")->kind == LEAVE_PACKAGE);
	assert_false(find(n, "kesl")->is_agent);
	assert_true(find(n, "agent")->is_agent && find(n, "agent")->is_left);
	assert_null(find(n, "/opt/v/p/bin/x"));
	assert_non_null(find(n, "/opt/v/p"));
	assert_non_null(find(n, "/opt/v/pq"));
	assert_true(find(n, "kesl.service")->kind == LEAVE_UNIT);
	assert_non_null(find(n, "/etc/systemd/system/kesl.service"));
	assert_false(find(n, "g")->is_unconfirmed);
}

#define PACKAGE(name, in)                                                   \
	"{\"type\":\"package\",\"seen\":\"" name "\",\"in\":\"" in          \
	"\",\"strength\":\"proof\",\"state\":\"installed\",\"confidence\":" \
	"\"high\"}"

static void
test_each_package_has_its_manager(void **state)
{
	size_t n = leave_of(REPORT(FINDING("p", "installed", "proven", "",
	    PACKAGE("kesl", "var/lib/dpkg/status") "," PACKAGE("kesl",
		"var/lib/rpm/rpmdb.sqlite") "," PACKAGE("kesl",
		"/usr/lib/sysimage/rpm/Packages.db") "," PACKAGE("kesl",
		"var/lib/rpm/rpmdb.sqlite") "," PACKAGE("gui",
		"var/lib/rpm/Packages") "," PACKAGE("mine",
		"Packages") ","
			    "{\"type\":\"path\",\"seen\":\"/opt/v\",\"strength\":\"proof\","
			    "\"state\":\"installed\",\"confidence\":\"high\"}")));

	(void)state;
	t_eq(n, 6);
	assert_false(leave_is_rpms(&found[0]));
	assert_string_equal(found[1].name, "kesl");
	assert_true(leave_is_rpms(&found[1]));
	assert_true(leave_is_rpms(find(n, "gui")));
	assert_false(leave_is_rpms(find(n, "mine")));
	assert_false(leave_is_rpms(find(n, "/opt/v")));
}

static void
test_what_is_not_sure_is_asked(void **state)
{
	size_t n = leave_of(REPORT(FINDING("p", "residue", "one sign", "",
	    SIGN("path", "/opt/low", "strong", "installed",
		"low") "," SIGN("path", "/opt/low/sure", "strong", "installed",
		"high") "," SIGN("path", "/opt/sure", "strong", "installed",
		"high") "," SIGN("path", "/opt/sure/low", "strong", "installed",
		"low") "," SIGN("group", "g", "supporting", "residue",
		"high"))));

	(void)state;
	t_eq(n, 4);
	assert_true(find(n, "/opt/low")->is_unconfirmed);
	assert_false(find(n, "/opt/low/sure")->is_unconfirmed);
	assert_false(find(n, "/opt/sure")->is_unconfirmed);
	assert_true(find(n, "g")->is_unconfirmed);
}

static void
test_others_and_mentions_are_not_touched(void **state)
{
	(void)state;
	t_eq(leave_of(REPORT(FINDING("e", "engine_embedded", "proven", "",
		 SIGN("path", "/usr/lib/kl", "proof", "installed",
		     "high")) "," FINDING("p", "running", "proven", "",
		 SIGN("path", "/x/ppl/a.ppl", "strong", "engine_embedded",
		     "high") "," SIGN("domain", "a.example", "strong",
		     "running", "high")))),
	    0);
	/* In a container; the machine's own may have the same path. */
	t_eq(leave_of(REPORT(FINDING("p", "installed", "proven", "",
		 "{\"type\":\"path\",\"seen\":\"/opt/v/p\",\"in\":\"/var/lib/"
		 "lxc/a/rootfs\",\"strength\":\"proof\",\"state\":"
		 "\"installed\",\"confidence\":\"high\"}"))),
	    0);
	t_eq(leave_of("{}"), 0);
	t_eq(leave_of("{\"findings\":[{\"evidence\":[1,{}]},7]}"), 0);
}

static void
test_hostile_names_are_left_out(void **state)
{
	static const char *const path[] = { "", "/", "opt", "/opt/", "/opt//x",
		"/opt/../etc", "/..", "/opt/./x", "/opt/.." };
	static const char *const name[] = { "", "-rf", "a b", "a;b", "a/b",
		"..", ".x", "a\nb", "$(x)" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(path) / sizeof(path[0]); i++)
		assert_false(leave_is_path(path[i]));
	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		assert_false(leave_is_name(name[i]));
	assert_true(leave_is_path("/opt/..x/y..") && leave_is_path("/a"));
	assert_true(leave_is_name("libstdc++6:amd64"));
	assert_true(leave_is_name("kesl-supervisor@1.service"));
	assert_true(leave_is_below("/opt/a/b", "/opt/a"));
	assert_false(leave_is_below("/opt/ab", "/opt/a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds_roles_and_inner_paths),
		cmocka_unit_test(test_each_package_has_its_manager),
		cmocka_unit_test(test_what_is_not_sure_is_asked),
		cmocka_unit_test(test_others_and_mentions_are_not_touched),
		cmocka_unit_test(test_hostile_names_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
