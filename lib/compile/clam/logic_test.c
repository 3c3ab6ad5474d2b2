/*
 * logic_test.c - logical expressions, by what they are true of.
 *
 * The truth tables were measured with clamscan 1.4.6.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pool.h"
#include "tests/t.h"
#include "tests/t_ir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Which subsignatures occur in each of a row of files: "011" is 0 once and 1
   twice. */
static const char *const one[] = { "", "0", "00", "000", NULL };
static const char *const two[] = { "", "0", "1", "00", "01", "11", "001", "011",
	NULL };
static const char *const three[] = { "", "0", "1", "2", "01", "02", "12", "012",
	NULL };
static const char *const more[] = { "", "0", "2", "00", "01", "11", "001",
	"012", "0012", "22", "02", "1122", NULL };
static const char *const four[] = { "023", "013", "23", "3", "03", "0", "1",
	"0123", NULL };

static const struct row {
	const char *logic;
	unsigned subs;
	const char *const *file;
	const char *want; /* a digit a file */
} row[] = {
	{ "0>1", 1, one, "0011" },
	{ "0=2", 1, one, "0010" },
	{ "0<2", 1, one, "1100" },
	{ "0=0", 1, one, "1000" },
	{ "0>1,1", 1, one, "0011" },
	{ "(0>1)", 1, one, "0011" },
	{ "(0|1)>1", 2, two, "00011111" },
	{ "(0|1)=0", 2, two, "10000000" },
	{ "(0|1)<2", 2, two, "11100000" },
	{ "(0&1)>2", 2, two, "00000011" },
	{ "(0|1)>1,2", 2, two, "00001011" },
	{ "(0|1)>0,2", 2, two, "00001011" },
	{ "(0|1)=2,2", 2, two, "00001000" },
	{ "(0&1)=0", 2, two, "11110100" },
	{ "((0|1)>1)", 2, two, "00011111" },
	{ "(0|1)<3,2", 2, two, "00001000" },
	{ "(0|1)=0,1", 2, two, "00000000" },
	{ "(0=0|1)>0,2", 2, two, "00100100" },
	{ "(0&1)>1,", 2, two, "00001011" },
	{ "0&1|2", 3, three, "00001101" },
	{ "(0&1|2)", 3, three, "00011111" },
	{ "((0&1|2))", 3, three, "00011111" },
	{ "(0&1)|2", 3, three, "00011111" },
	{ "0&(1|2)", 3, three, "00001101" },
	{ "0|1&2", 3, three, "01001111" },
	{ "(0|1&2)", 3, three, "00000111" },
	{ " 0 & 1|2 ", 3, three, "00001101" },
	{ "((0|1)>1|2)>2", 3, more, "000000111001" },
	{ "((0|1)>1,2|2)>0,3", 3, more, "000000000000" },
	{ "((0|1)|2)>0,3", 3, more, "000000011000" },
	{ "((0|1)>0|2)>0,2", 3, more, "000000000000" },
	{ "((0&1)|2)>2", 3, more, "000000111000" },
	{ "((0=1)|1|2)>1", 3, more, "000011011111" },
	{ "(0=1|1|2)>1", 3, more, "000011011111" },
	{ "(0>1|1|2)>1", 3, more, "000101111101" },
	{ "(0&1|2&3)", 4, four, "11000001" },
	{ "(0|1&2|3)", 4, four, "11111101" },
};

/* The meaning of the nodes logical signatures use (ir.h). */
static int64_t
value_of(const struct ir_node *n, const unsigned *hits)
{
	int64_t value = 0, child[64];
	uint32_t i;

	assert_true(n->child_count <= 64);
	for (i = 0; i < n->child_count; i++)
		child[i] = value_of(n->child[i], hits);
	switch ((int)n->kind) {
	case IR_INT:
		return n->value;
	case IR_HITS:
		return hits[n->string];
	case IR_FOUND:
		return hits[n->string] != 0;
	case IR_SET_HITS:
	case IR_SET_FOUND:
		for (i = 0; i < n->set_count; i++)
			value += n->kind == IR_SET_HITS
			    ? (int64_t)hits[n->set[i]]
			    : hits[n->set[i]] != 0;
		return value;
	case IR_AND:
		for (i = 0, value = 1; i < n->child_count; i++)
			value = value && child[i] != 0;
		return value;
	case IR_OR:
		for (i = 0; i < n->child_count; i++)
			value = value || child[i] != 0;
		return value;
	case IR_IF:
		return child[0] != 0 ? child[1] : child[2];
	case IR_EQ:
		return child[0] == child[1];
	case IR_LT:
		return child[0] < child[1];
	case IR_GT:
		return child[0] > child[1];
	case IR_GE:
		return child[0] >= child[1];
	case IR_ADD:
		return child[0] + child[1];
	default:
		fail_msg("unexpected node %d", n->kind);
		return 0;
	}
}

static void
line_of(const char *logic, unsigned subs, char *out, size_t size)
{
	unsigned i;
	int n = snprintf(out, size, "S;Engine:51-255,Target:0;%s", logic);

	for (i = 0; i < subs; i++)
		n += snprintf(out + n, size - (size_t)n, ";61%02x", i);
}

static void
test_truth(void **state)
{
	static struct t_ir t;
	char line[512];
	size_t i, f;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		line_of(row[i].logic, row[i].subs, line, sizeof(line));
		t_ir_begin(&t, "a.ldb", line, strlen(line));
		if (t.ir.rule_count != 1)
			fail_msg("%s: not loaded", row[i].logic);
		for (f = 0; row[i].file[f] != NULL; f++) {
			unsigned hits[4] = { 0 };
			const char *c;

			for (c = row[i].file[f]; *c != '\0'; c++)
				hits[*c - '0']++;
			if (value_of(t.ir.rule[0].condition, hits) !=
			    row[i].want[f] - '0')
				fail_msg("%s of %s", row[i].logic,
				    row[i].file[f]);
		}
		t_ir_end(&t);
	}
}

static const struct form {
	const char *logic;
	unsigned subs;
	const char *want;
} form[] = {
	{ "0", 1, "#0" },
	{ "(((0)))", 1, "#0" },
	{ "0&1&2", 3, "(and #0 #1 #2)" },
	{ "(0&1&2)", 3, "(and #0 #1 #2)" },
	{ "0|(1|2)", 3, "(or #0 #1 #2)" },
	{ "0>3", 1, "(> ##0 3)" },
	{ "0=0", 1, "(= ##0 0)" },
	{ "(0|1|2)>1", 3, "(> (hits 0 1 2) 1)" },
	{ "(0|1|2)>1,2", 3, "(and (> (hits 0 1 2) 1) (>= (found 0 1 2) 2))" },
	{ "(0&1)>2", 2, "(> (if (and #0 #1) (hits 0 1) 0) 2)" },
	{ "(0|1)>1&2", 3, "(and (> (hits 0 1) 1) #2)" },
	{ "0=1,&1", 2, "(and (= ##0 1) #1)" },
	{ "2", 3, "#2" },
	{ "0&2", 3, "(and #0 #2)" },
	{ "01&0", 2, "(and #1 #0)" },
};

static void
test_forms(void **state)
{
	static struct t_text got;
	char line[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
		line_of(form[i].logic, form[i].subs, line, sizeof(line));
		t_ir_line("a.ldb", line, &got);
		if (strcmp(strrchr(got.bytes, '|') + 2, form[i].want) != 0 &&
		    strstr(got.bytes, form[i].want) == NULL)
			fail_msg("%s is %s", form[i].logic, got.bytes);
	}
}

/* What clamscan refuses, and what it takes but nobody can mean. */
static void
test_refused(void **state)
{
	static const char *const bad[] = { "", "0&", "&0", "0&&1", "0|", "a",
		"(0&1", "0&1)", "()", "0=", "0=a", "0==1", "0>=1", "0,1",
		"(0&1)=", "(0&1)x", "x0", "0x", "(0&1)=1x", "0!1", "0&64",
		"0=-1", "(0)(1)", "(0&1)(0&1)", "(0)>1", "((0)>1)", "(0)=0",
		"((0|1))>1", "0", "0&1&2", "0=99999999999" };
	static struct t_text got;
	char line[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		line_of(bad[i], 2, line, sizeof(line));
		t_ir_line("a.ldb", line, &got);
		if (strncmp(got.bytes, "bad-logic@", 10) != 0)
			fail_msg("%s is %s", bad[i], got.bytes);
	}
}

/* Hostile depth and size end as complaints. */
static void
test_limits(void **state)
{
	static char line[20000];
	static struct t_text got;
	static char logic[9000];
	size_t i;

	(void)state;
	memset(logic, 0, sizeof(logic));
	memset(logic, '(', 65);
	logic[65] = '0';
	memset(logic + 66, ')', 65);
	line_of(logic, 1, line, sizeof(line));
	t_ir_line("a.ldb", line, &got);
	assert_string_equal(got.bytes, "bad-logic@90");

	for (i = 0; i < 200; i++)
		memcpy(logic + 2 * i, "0&", 3);
	logic[2 * i] = '0';
	logic[2 * i + 1] = '\0';
	line_of(logic, 1, line, sizeof(line));
	t_ir_line("a.ldb", line, &got);
	assert_int_equal(strncmp(got.bytes, "bad-logic@", 10), 0);

	memset(logic, ' ', 8900);
	logic[8900] = '\0';
	line_of(logic, 1, line, sizeof(line));
	t_ir_line("a.ldb", line, &got);
	assert_int_equal(strncmp(got.bytes, "bad-logic@", 10), 0);
}

/* Counted groups in counted groups double; that must end. */
static void
test_doubling(void **state)
{
	static struct t_text got;
	static char logic[2048] = "(0|1)>0", line[4096];
	int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		char next[2048];

		(void)snprintf(next, sizeof(next), "((%.1900s)|0)>0", logic);
		memcpy(logic, next, sizeof(next));
	}
	line_of(logic, 2, line, sizeof(line));
	t_ir_line("a.ldb", line, &got);
	assert_int_equal(strncmp(got.bytes, "bad-logic@", 10), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_truth),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_doubling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
