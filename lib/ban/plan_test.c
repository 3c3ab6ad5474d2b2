/*
 * plan_test.c - what becomes of settings: exact, narrower, never wider.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/plan.h"

#include "lib/policy/glob.h"
#include "tests/t.h"

#include <stdio.h>
#include <string.h>

static uint8_t room[SETTINGS_ARENA];

/* All that was told, a line each. */
static char said[65536];
static struct plan_entry last;
static char glob[2][4096];
static bool is_file[2];
static size_t globs;

static void
hear(void *ctx, const struct plan_entry *e)
{
	size_t n = strlen(said);

	(void)ctx;
	last = *e;
	assert_true(e->how == PLAN_EXACT || e->why != NULL);
	assert_true((e->how == PLAN_LEFT_OUT) == (e->target == NULL));
	if (e->target == NULL) {
		(void)snprintf(said + n, sizeof(said) - n, "%u left: %s\n",
		    e->from->line, e->why);
		return;
	}
	(void)snprintf(said + n, sizeof(said) - n, "%u %s: %s.%s=%s\n",
	    e->from->line, plan_how_text(e->how), config_row(e->key)->section,
	    config_row(e->key)->key, e->target);
	if ((e->key == KEY_EXCLUDE_PATH || e->key == KEY_EXCLUDE_FILE) &&
	    globs < 2) {
		(void)snprintf(glob[globs], sizeof(glob[0]), "%s", e->target);
		is_file[globs++] = e->key == KEY_EXCLUDE_FILE;
	}
}

static void
trouble(void *ctx, uint32_t line, const char *why)
{
	(void)ctx;
	fail_msg("line %u: %s", line, why);
}

static void
plan(const char *text, const char *task)
{
	struct settings s;
	struct arena a;

	arena_init(&a, room, sizeof(room));
	said[0] = '\0';
	globs = 0;
	assert_true(settings_read(&s, &a, cur_from(text, strlen(text)), task,
	    trouble, NULL));
	plan_settings(&s, hear, NULL);
}

/* --- single settings ------------------------------------------------------ */

static const struct {
	const char *text, *said; /* how what is said of it begins */
} single[] = {
	{ "FirstAction=Block", "1 exact: policy.infected=block" },
	{ "FirstAction=recommended", "1 narrower: policy.infected=quarantine" },
	{ "ActionOnThreat=Inform", "1 exact: policy.infected=report" },
	{ "FirstAction=Explode", "1 left: this action" },
	{ "SecondAction=Block", "1 left: there is one" },
	{ "ScanByAccessType=SmartCheck",
	    "1 exact: guard.on_open=yes\n1 exact: guard.on_write=yes" },
	{ "ScanByAccessType=Open", "1 narrower: guard.on_open=yes" },
	{ "TimeLimit=60", "1 exact: scan.deadline=60" },
	{ "TimeLimit=0", "1 left: there is always" },
	{ "TimeLimit=6x", "1 left: not a number" },
	{ "SizeLimit=0", "1 left: there is no size" },
	{ "ExcludeThreats.item_0000=EICAR*", "1 left: Kaspersky's names" },
	{ "UseKSN=Yes", "1 left: Candor asks no cloud" },
	{ "RuleType=Daily", "1 left: candord.conf has no schedules" },
	{ "[Odd]\nFirstAction=Block", "2 left: this section is not known" },
	{ "[Odd]\nUseExcludeMasks=Yes\nExcludeMasks.item_0=*.a",
	    "2 left: this section is not known" },
	{ "FirstAction=Block\nFirstAction=Skip",
	    "1 left: it is said twice, and not alike\n2 left: it is said" },
	{ "FirstAction=Block\nFirstAction=Block",
	    "1 exact: policy.infected=block" },
	{ "NoSuchThing=1", "1 left: this setting is not known" },
	{ "UseExcludeMasks=Yes\nExcludeMasks.item_0000=*.mdf",
	    "1 left: it turns others on or off, and is counted with them\n"
	    "2 exact: exclude.file=/**.mdf" },
	{ "ExcludeMasks.item_0000=*.mdf", "1 left: whether it is in use" },
	{ "[CustomSources.item_0000]\nURL=http://a", "2 left: this server" },
	{ "[TrustedPrograms.item_0000]\nProgramPath=/usr/bin/gcc",
	    "2 left: there it is trusted by behaviour" },
};

static void
test_single(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
		plan(single[i].text, "1");
		if (strncmp(said, single[i].said, strlen(single[i].said)) != 0)
			fail_msg("%s: %s", single[i].text, said);
	}
}

/* --- areas ---------------------------------------------------------------- */

static const struct {
	const char *path, *mask, *said;
} area[] = {
	{ "/var/lib/oracle", "*", "exact: exclude.path=/var/lib/oracle" },
	{ "/var/lib/oracle/", "*", "exact: exclude.file=/var/lib/oracle/**" },
	{ "/home/*/cache", "*", "exact: exclude.path=/home/*/cache" },
	{ "/srv/*", "*", "narrower: exclude.file=/srv/*" },
	{ "/srv/a*/", "*", "narrower: exclude.file=/srv/a*/*" },
	{ "/srv/a?", "*", "narrower: exclude.file=/srv/a?" },
	{ "/srv", "*.log", "exact: exclude.file=/srv/**.log" },
	{ "/srv", "a**b*.log",
	    "exact: exclude.file=/srv/a*b*.log\n4 exact: "
	    "exclude.file=/srv/**/a*b*.log" },
	{ "/srv", "**.log", "exact: exclude.file=/srv/**.log" },
	{ "/srv", "?.log", "narrower: exclude.file=/srv/?.log" },
	{ "/", "*.log", "exact: exclude.file=/**.log" },
	{ "/", "*", "left: it leaves out the whole machine" },
	{ "/*", "*", "left: it leaves out the whole machine" },
	{ "/**", "*", "left: it leaves out the whole machine" },
	{ "//", "*", "left: not a plain path" },
	{ "/", "*.*", "left: a mask without a letter" },
	{ "/srv", "a/b", "left: a mask is of names" },
	{ "/srv", "", "left: an empty mask" },
	{ "/a/../b", "*", "left: not a plain path" },
	{ "/a/./b", "*", "left: not a plain path" },
	{ "/a//b", "*", "left: not a plain path" },
	{ "/a/**/b/**", "*", "left: ** counts once" },
	{ "srv", "*", "left: not a path from the root" },
	{ "AllRemoteMounted", "*", "left: not a path from the root" },
	{ "/opt/kaspersky/kesl", "*", "left: Kaspersky's own" },
	{ "/opt/kaspersky2", "*", "exact: exclude.path=/opt/kaspersky2" },
};

static void
plan_area(const char *path, const char *mask)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
	    "[ExcludedFromScanScope.item_0000]\nUseScanArea=Yes\nPath=%s\n"
	    "AreaMask.item_0000=%s\n",
	    path, mask);
	plan(text, "1");
}

static void
test_area(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(area) / sizeof(area[0]); i++) {
		plan_area(area[i].path, area[i].mask);
		if (strncmp(said + 2, area[i].said, strlen(area[i].said)) != 0)
			fail_msg("%s %s: %s", area[i].path, area[i].mask, said);
	}
}

/* An area is taken over only if it is whole, on, and of the right task. */
static void
test_area_is_whole(void **state)
{
	static const struct {
		const char *text, *task, *why;
	} row[] = {
		{ "UseScanArea=No\nPath=/a\nAreaMask.item_0000=*", "1",
		    "it is turned off" },
		{ "Path=/a\nAreaMask.item_0000=*", "1", "the section is not" },
		{ "UseScanArea=Yes\nPath=/a", "1", "the section is not" },
		{ "UseScanArea=Yes\nPath=/a\nPath=/b\nAreaMask.item_0000=*",
		    "1", "the section says" },
		{ "UseScanArea=Yes\nUseScanArea=No\nPath=/a\nAreaMask=*", "1",
		    "the section says" },
		{ "UseScanArea=Maybe\nPath=/a\nAreaMask.item_0000=*", "1",
		    "the section has" },
		{ "UseScanArea=Yes\nPath=/a\nAreaMask.item_0000=*\nOnly=x", "1",
		    "the section has" },
		{ "UseScanArea=Yes\nPath=/a\nAreaMask.item_0000=*", "2",
		    "of a scan on demand" },
		{ "UseScanArea=Yes\nPath=/a\nAreaMask.item_0000=*", "20",
		    "not an exclusion of File" },
		{ "UseScanArea=Yes\nPath=/a\nAreaMask.item_0000=*", NULL,
		    "the file does not say" },
	};
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "[ExcludedFromScanScope.item_0000]\n%s\n", row[i].text);
		plan(text, row[i].task);
		if (last.target != NULL ||
		    strncmp(last.why, row[i].why, strlen(row[i].why)) != 0)
			fail_msg("%s: %s", row[i].text, said);
	}
}

static void
test_scope(void **state)
{
	(void)state;
	plan("[ScanScope.item_0000]\nUseScanArea=Yes\nPath=/\n"
	     "AreaMask.item_0000=*\n[ScanScope.item_0001]\nUseScanArea=Yes\n"
	     "Path=/srv\nAreaMask.item_0000=*\n[ScanScope.item_0002]\n"
	     "UseScanArea=Yes\nPath=Shared:NFS\nAreaMask.item_0000=*\n",
	    "1");
	assert_string_equal(said,
	    "3 exact: guard.mounts=/\n7 narrower: guard.mounts=/\n"
	    "11 left: the guard watches no file system of the network\n");
}

static void
test_program(void **state)
{
	static const char text[] =
	    "[ExcludedForProgram.item_0000]\nProgramPath=/usr/bin/%s\n"
	    "ApplyToDescendants=%s\nUseExcludedForProgram=Yes\nPath=%s\n"
	    "AreaMask.item_0000=*\n";
	char whole[512];

	(void)state;
	(void)snprintf(whole, sizeof(whole), text, "rsync", "No", "/");
	plan(whole, "1");
	assert_string_equal(said, "2 exact: exclude.process=/usr/bin/rsync\n");
	t_eq(last.risk, 0);
	(void)snprintf(whole, sizeof(whole), text, "python3.11", "Yes", "/");
	plan(whole, "1");
	t_eq(last.how, PLAN_NARROWER);
	t_eq(last.risk, PLAN_RISK_INTERPRETER);
	(void)snprintf(whole, sizeof(whole), text, "rsync", "No", "/srv");
	plan(whole, "1");
	t_eq(last.how, PLAN_LEFT_OUT);
	(void)snprintf(whole, sizeof(whole), text, "*", "No", "/");
	plan(whole, "1");
	t_eq(last.how, PLAN_LEFT_OUT);
}

static void
test_risks(void **state)
{
	(void)state;
	plan_area("/tmp/x", "*");
	t_eq(last.risk, PLAN_RISK_WRITABLE);
	plan_area("/home/a", "*.sh");
	t_eq(last.risk, PLAN_RISK_HOME | PLAN_RISK_RUNS);
	plan_area("/usr", "*");
	t_eq(last.risk, PLAN_RISK_WIDE);
	plan("ActionOnThreat=Inform", "1");
	t_eq(last.risk, PLAN_RISK_REPORTS);
}

/* --- never wider ---------------------------------------------------------- */

/* The old product's meaning: * no slash, ** slashes, ? one; the whole of it. */
static bool
means(const char *p, const char *text)
{
	if (*p == '\0')
		return *text == '\0';
	if (p[0] == '*' && p[1] == '*')
		return means(p + 2, text) ||
		    (*text != '\0' && means(p, text + 1));
	if (*p == '*')
		return means(p + 1, text) ||
		    (*text != '\0' && *text != '/' && means(p, text + 1));
	return *text != '\0' && (*p == *text || (*p == '?' && *text != '/')) &&
	    means(p + 1, text + 1);
}

/* Is the file in the folder (or itself), and does its name fit the mask? */
static bool
was_left_out(const char *path, const char *mask, const char *file)
{
	char folder[64], name[64], plain[64];
	size_t n = strlen(file), size = strlen(path), i;
	bool is_folder = size > 1 && path[size - 1] == '/';

	(void)snprintf(plain, sizeof(plain), "%.*s", (int)size - is_folder,
	    path);
	(void)snprintf(name, sizeof(name), "%s", strrchr(file, '/') + 1);
	if (!means(mask, name))
		return false;
	if (strcmp(path, "/") == 0)
		return true;
	for (i = 1; i <= n; i++)
		if (i == n || file[i] == '/') {
			(void)snprintf(folder, sizeof(folder), "%.*s", (int)i,
			    file);
			if (means(plain, folder))
				return i < n || !is_folder;
		}
	return false;
}

/* Some text of a small alphabet. */
static void
make(char *out, size_t most, const char *letters)
{
	size_t n = 1 + t_below((uint32_t)most), i;

	for (i = 0; i < n; i++)
		out[i] = letters[t_below((uint32_t)strlen(letters))];
	out[n] = '\0';
}

static void
test_never_wider(void **state)
{
	char path[32], mask[32], file[32];
	unsigned i, k, fitted = 0;
	size_t g;

	(void)state;
	t_seed(6);
	for (i = 0; i < 4000; i++) {
		path[0] = '/';
		make(path + 1, 6, "aab/*?");
		make(mask, 4, "aab.*?");
		if (t_below(3) == 0)
			memcpy(mask, "*", 2);
		plan_area(path, mask);
		for (k = 0; k < 60 && globs > 0; k++) {
			file[0] = '/';
			make(file + 1, 7, "aab./");
			for (g = 0; g < globs; g++) {
				if (!(is_file[g] ? glob_fits_file
						 : glob_fits_path)(glob[g],
					file, strlen(file)))
					continue;
				fitted++;
				if (!was_left_out(path, mask, file))
					fail_msg("%s %s became %s, which has "
						 "%s",
					    path, mask, glob[g], file);
			}
		}
	}
	assert_true(fitted > 1000);
}

/* --- the way -------------------------------------------------------------- */

static size_t
step_at(const char *name)
{
	size_t count, i;
	const struct plan_step *step = plan_steps(&count);

	for (i = 0; i < count; i++)
		if (strcmp(step[i].name, name) == 0)
			return i;
	fail_msg("no step '%s'", name);
	return 0;
}

/* Candor protects before the old one stops; the agent goes last. */
static void
test_steps(void **state)
{
	(void)state;
	assert_true(step_at("export") < step_at("stage"));
	assert_true(step_at("stage") < step_at("verify"));
	assert_true(step_at("verify") < step_at("arm"));
	assert_true(step_at("arm") < step_at("stop the old"));
	assert_true(step_at("stop the old") < step_at("probe"));
	assert_true(step_at("probe") < step_at("remove packages"));
	assert_true(step_at("remove packages") < step_at("remove the agent"));
	assert_true(step_at("remove the agent") < step_at("clean residue"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_area),
		cmocka_unit_test(test_area_is_whole),
		cmocka_unit_test(test_scope),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_risks),
		cmocka_unit_test(test_never_wider),
		cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
