/*
 * policy_test.c - a small ban: what untold facts and open dates come to.
 *
 * The shipped bans are tried in tests/e2e/test_ban.py.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/policy_decide.h"
#include "tests/t.h"

#include <stdio.h>
#include <string.h>

/* One rule about flying; its fields come in from the tests. */
static const char ban[] =
    "{'schema':'candor-ban/1','id':'b','title':'t','vendor':'v','as_of':'x',"
    "'disclaimer':'d','zone':'UTC',"
    "'sources':{'S':{'title':'t','url':'https://s.example/'}},"
    "'words':{'act':{'fly':{'means':'f','also':['soar','up']},"
    "'rise':{'means':'r','also':['up']}},"
    "'party':{'pilot':{'means':'p'},'bird':{'means':'b'}},"
    "'product':{'kite':{'means':'k'},'hat':{'means':'h'},"
    "'thing':{'means':'?','may_be':['kite','hat'],'why':'nobody knows'},"
    "'copy':{'means':'?','also':['Kite *','Copy machine'],'may_be':['kite','theirs']},"
    "'theirs':{'means':'t','by_others':true}},"
    "'facts':{'windy':{'means':'w','values':['yes','no']},"
    "'night':{'means':'n','values':['yes','no']},"
    "'pass':{'means':'p','values':['yes','no'],'assume':'no'},"
    "'land':{'means':'l'}}},"
    "'entities':[],'persons':[],'not_listed':[],"
    "'instruments':[{'id':'I','title':'t','jurisdiction':'j','issuer':'i',"
    "'kind':'k','binding':true,'zone':'UTC','since':'2020','source':['S'],"
    "'confidence':'high'}],"
    "'rules':[{'id':'R','instrument':'I','kind':'prohibit','act':['fly'],"
    "'text':'t','source':['S'],'confidence':'high',%s}],"
    "'exemptions':[%s],'penalties':[],'events':[]}";

#define HAT                                                           \
	"{'id':'E','instrument':'I','product':['hat'],'beats':['R']," \
	"'text':'e','source':['S'],'confidence':'high'}"

static const struct {
	const char *rule, *exemption, *facts, *at;
	enum policy_verdict verdict;
	const char *needs; /* in order of asking */
} row[] = {
	{ "'from':'2020-01-01'", "", "{'act':'fly'}", "2020-01-01",
	    POLICY_PROHIBITED, "" },
	{ "'from':'2020-01-01'", "", "{'act':'fly'}", "2019-12-31",
	    POLICY_ALLOWED, "" },
	{ "'from':'2020-01-01','to':'2021-01-01'", "", "{'act':'soar'}",
	    "2020-12-31", POLICY_PROHIBITED, "" },
	{ "'from':'2020-01-01','to':'2021-01-01'", "", "{'act':'soar'}",
	    "2021-01-01", POLICY_ALLOWED, "" },
	{ "'from':'2020-01-01'", "", "{'act':'rise'}", "2020-01-01",
	    POLICY_OUTSIDE, "" },
	{ "'from':'2020-01-01'", "", "{'act':'up'}", "2020-01-01",
	    POLICY_PROHIBITED, "" },
	/* A year, and a day that is asked about as a whole. */
	{ "'from':'2020'", "", "{'act':'fly'}", "2020-06-01", POLICY_UNCLEAR,
	    "" },
	{ "'from':'2020'", "", "{'act':'fly'}", "2021-01-01", POLICY_PROHIBITED,
	    "" },
	{ "'from':'2020'", "", "{'act':'fly'}", "2019-12-31", POLICY_ALLOWED,
	    "" },
	{ "'from':'2020-01-01T04:00'", "", "{'act':'fly'}", "2020-01-01",
	    POLICY_NEEDS_FACT, "at" },
	{ "'from':'2020-01-01T04:00'", "", "{'act':'fly'}", "2020-01-01T04:00",
	    POLICY_PROHIBITED, "" },
	/* Facts: asked for where they decide. */
	{ "'from':'2020','any':['windy','night']", "", "{'act':'fly'}", "2022",
	    POLICY_NEEDS_FACT, "windy night" },
	{ "'from':'2020','any':['windy','night']", "",
	    "{'act':'fly','windy':true}", "2022", POLICY_PROHIBITED, "" },
	{ "'from':'2020','any':['windy','night']", "",
	    "{'act':'fly','windy':false}", "2022", POLICY_NEEDS_FACT, "night" },
	{ "'from':'2020','any':['windy','night']", "",
	    "{'act':'fly','windy':false,'night':false}", "2022", POLICY_OUTSIDE,
	    "" },
	{ "'from':'2020','any':['windy','night']", "", "{'act':'fly'}", "2018",
	    POLICY_ALLOWED, "" },
	{ "'from':'2020','party':['pilot'],'if':{'land':['X','Y']}", "",
	    "{'act':'fly','party':'pilot'}", "2022", POLICY_NEEDS_FACT,
	    "land" },
	{ "'from':'2020','party':['pilot'],'if':{'land':['X','Y']}", "",
	    "{'act':'fly','party':'bird'}", "2022", POLICY_OUTSIDE, "" },
	{ "'from':'2020','party':['pilot'],'if':{'land':['X','Y']}", "",
	    "{'act':'fly','party':['bird','pilot'],'land':'y'}", "2022",
	    POLICY_PROHIBITED, "" },
	{ "'from':'2020','party':['pilot'],'if':{'land':['X','Y']}", "",
	    "{'act':'fly','land':'Z'}", "2022", POLICY_OUTSIDE, "" },
	{ "'from':'2020','if':{'pass':['no']}", "", "{'act':'fly'}", "2022",
	    POLICY_PROHIBITED, "" },
	{ "'from':'2020','if':{'pass':['no']}", "", "{'act':'fly','pass':true}",
	    "2022", POLICY_ALLOWED, "" },
	/* Products and what is exempt. */
	{ "'from':'2020','product':['kite']", "", "{'act':'fly'}", "2022",
	    POLICY_NEEDS_FACT, "product" },
	{ "'from':'2020','product':['kite']", "",
	    "{'act':'fly','product':'hat'}", "2022", POLICY_ALLOWED, "" },
	{ "'from':'2020','product':['kite']", "",
	    "{'act':'fly','product':'thing'}", "2022", POLICY_UNCLEAR, "" },
	/* By names: with a version, by how it begins, made by others. */
	{ "'from':'2020','product':['kite']", "",
	    "{'act':'fly','product':'KITE'}", "2022", POLICY_PROHIBITED, "" },
	{ "'from':'2020','product':['kite']", "",
	    "{'act':'fly','product':'copy machine 12'}", "2022", POLICY_UNCLEAR,
	    "" },
	{ "'from':'2020'", "", "{'act':'fly','product':'Kite of Ann'}", "2022",
	    POLICY_UNCLEAR, "" },
	{ "'from':'2020'", "", "{'act':'fly','product':'theirs'}", "2022",
	    POLICY_ALLOWED, "" },
	{ "'from':'2020','kind':'permit'", "",
	    "{'act':'fly','product':'Kite of Ann'}", "2022", POLICY_ALLOWED,
	    "" },
	{ "'from':'2020'", HAT, "{'act':'fly','product':'hat'}", "2022",
	    POLICY_EXEMPT, "" },
	{ "'from':'2020'", HAT, "{'act':'fly','product':'kite'}", "2022",
	    POLICY_PROHIBITED, "" },
	{ "'from':'2020'", HAT, "{'act':'fly'}", "2022", POLICY_NEEDS_FACT,
	    "product" },
	{ "'from':'2020'", HAT, "{'act':'fly'}", "2019", POLICY_ALLOWED, "" },
	{ "'from':'2020','kind':'require'", "", "{'act':'fly'}", "2022",
	    POLICY_REQUIRED, "" },
	{ "'from':'2020','kind':'advise'", "", "{'act':'fly'}", "2022",
	    POLICY_ADVICE, "" },
	{ "'from':'2020','kind':'permit'", "", "{'act':'fly'}", "2022",
	    POLICY_ALLOWED, "" },
};

/* The tests write ' for ". */
static struct cur
json_of(char *text)
{
	char *c;

	for (c = text; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return cur_from(text, strlen(text));
}

static void
complain(void *self, const char *where, const char *what)
{
	snprintf(self, 200, "%s: %s", where, what);
}

/* A ban of one rule; a kind of its own replaces "prohibit". */
static void
make_ban(const char *rule, const char *exemption, struct policy *out)
{
	char text[4096], said[200] = "", *kind;
	const char *own = strstr(rule, "'kind'");

	snprintf(text, sizeof(text), ban, rule, exemption);
	kind = strstr(text, "'kind':'prohibit',");
	if (own != NULL)
		memset(kind, ' ', strlen("'kind':'prohibit',"));
	if (!policy_read(json_of(text), out, complain, said))
		fail_msg("%s", said);
}

static void
check_row(size_t i)
{
	struct policy p;
	struct policy_facts f;
	struct policy_answer a;
	struct why why = { 0 };
	char facts[256], needs[256] = "";
	size_t k;

	make_ban(row[i].rule, row[i].exemption, &p);
	policy_facts_init(&f);
	snprintf(facts, sizeof(facts), "%s", row[i].facts);
	assert_true(policy_facts_read(&f, json_of(facts), &why));
	assert_true(policy_facts_add(&f, "at", row[i].at, &why));
	assert_true(policy_facts_known(&f, &p, 1, &why));
	assert_true(policy_decide(&p, policy_find(&p, "instruments", "I"), &f,
	    0, &a, &why));
	for (k = 0; k < a.need_count; k++)
		snprintf(needs + strlen(needs), sizeof(needs) - strlen(needs),
		    "%s%s", k > 0 ? " " : "", a.need[k]);
	if (a.verdict != row[i].verdict || strcmp(needs, row[i].needs) != 0)
		fail_msg("row %zu: %s, needs '%s'", i,
		    policy_decide_word(a.verdict), needs);
	policy_facts_free(&f);
	policy_free(&p);
}

static void
test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		check_row(i);
}

/* What is taken for granted is said where it matters. */
static void
test_assuming(void **state)
{
	struct policy p;
	struct policy_facts f;
	struct policy_answer a;
	struct why why = { 0 };

	(void)state;
	make_ban("'from':'2020','if':{'pass':['no']}", "", &p);
	policy_facts_init(&f);
	assert_true(policy_facts_add(&f, "act", "fly", &why));
	assert_true(policy_decide(&p, policy_find(&p, "instruments", "I"), &f,
	    1700000000, &a, &why));
	assert_int_equal(a.assumed_count, 1);
	assert_string_equal(a.assumed[0], "pass");
	assert_int_equal(a.change_count, 2); /* unclear in 2020, then not */
	assert_int_equal(policy_decide_at(&a, 1577836799), POLICY_ALLOWED);
	assert_int_equal(policy_decide_at(&a, 1577836800), POLICY_UNCLEAR);
	assert_int_equal(policy_decide_at(&a, 1609459200), POLICY_PROHIBITED);
	policy_facts_free(&f);
	policy_free(&p);
}

/* More facts than can be tried come to "unclear", not to a guess. */
static void
test_too_many_cases(void **state)
{
	char rule[600] = "'from':'2020','if':{'land':['a'";
	struct policy p;
	struct policy_facts f;
	struct policy_answer a;
	struct why why = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 40; i++)
		snprintf(rule + strlen(rule), sizeof(rule) - strlen(rule),
		    ",'a%d'", i);
	snprintf(rule + strlen(rule), sizeof(rule) - strlen(rule), "]}");
	make_ban(rule, "", &p);
	policy_facts_init(&f);
	assert_true(policy_facts_add(&f, "act", "fly", &why));
	assert_true(policy_decide(&p, policy_find(&p, "instruments", "I"), &f,
	    1700000000, &a, &why));
	assert_int_equal(a.verdict, POLICY_UNCLEAR);
	assert_int_equal(a.unclear_count, 1);
	policy_facts_free(&f);
	policy_free(&p);
}

static void
test_words(void **state)
{
	(void)state;
	assert_true(policy_same_word("US-Person", "us_person"));
	assert_true(policy_same_word("us person", "us_person"));
	assert_false(policy_same_word("us_perso", "us_person"));
	assert_false(policy_same_word("us_persons", "us_person"));
}

static void
test_names(void **state)
{
	static const struct {
		const char *written, *term; /* NULL: not known */
	} name[] = {
		{ "kite", "kite" },
		{ "Copy machine", "copy" },
		{ "copy-machine 3.1-b2", "copy" },
		{ "Copy v3 machine", "copy" },
		{ "copy machines", NULL },
		{ "copy", "copy" },
		{ "3", NULL },
		{ "kite ", "copy" }, /* begins so, and is no other */
		{ "kites", NULL },
		{ "", NULL },
	};
	struct policy p;
	size_t i;

	(void)state;
	make_ban("'from':'2020'", "", &p);
	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		const char *term =
		    policy_term(&p, "product", name[i].written, NULL);

		if (name[i].term == NULL)
			assert_null(term);
		else
			assert_string_equal(term, name[i].term);
	}
	policy_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_assuming),
		cmocka_unit_test(test_too_many_cases),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
