/*
 * body_test.c - patterns and offsets, line by line.
 *
 * What is refused and what is taken was measured with clamscan 1.4.6.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t.h"
#include "tests/t_ir.h"

#include <stdio.h>
#include <string.h>

static const struct row {
	const char *pattern, *want;
} body_row[] = {
	/* bytes and nibbles */
	{ "616263", "0 | 616263 | #0" },
	{ "6162DEad", "0 | 6162dead | #0" },
	{ "61624?6?", "0 | 61624?6? | #0" },
	{ "?1?2616200", "0 | ?1?2616200 | #0" },
	{ "6162??", "0 | 6162<1> | #0" },
	{ "6162????63??", "0 | 6162<2>63<1> | #0" },
	{ "616", "bad-hex@12" },
	{ "616263 ", "bad-hex@16" },
	{ "zz616263", "bad-hex@10" },
	{ "61z2", "bad-hex@12" },
	/* a part needs two literal bytes side by side */
	{ "61", "too-short@10" },
	{ "6?", "too-short@10" },
	{ "", "too-short@10" },
	{ "61??62", "too-short@10" },
	{ "61?262", "too-short@10" },
	{ "616?62", "too-short@10" },
	{ "61(62|63)64", "too-short@10" },
	{ "6162(62|63)64", "0 | 6162(62|63)64 | #0" },
	/* distances */
	{ "616263*646566", "0 | 616263*646566 | #0" },
	{ "616263{2}646566", "0 | 616263<2>646566 | #0" },
	{ "616263{127}646566", "0 | 616263<127>646566 | #0" },
	{ "616263{128}646566", "0 | 616263{128-128}646566 | #0" },
	{ "616263{0}646566", "0 | 616263*646566 | #0" },
	{ "616263{0-0}646566", "0 | 616263*646566 | #0" },
	{ "616263{}646566", "0 | 616263*646566 | #0" },
	{ "616263{-}646566", "0 | 616263*646566 | #0" },
	{ "616263{-0}646566", "0 | 616263*646566 | #0" },
	{ "616263{-5}646566", "0 | 616263{0-5}646566 | #0" },
	{ "616263{5-}646566", "0 | 616263{5-}646566 | #0" },
	{ "616263{2-5}646566", "0 | 616263{2-5}646566 | #0" },
	{ "616263{5-3}646566", "bad-range@17" },
	{ "616263{1-2-3}646566", "bad-range@17" },
	{ "616263{a}646566", "bad-range@17" },
	{ "616263{99999999999}646566", "bad-range@17" },
	{ "616263{2", "bad-range@17" },
	{ "616263{2}", "0 | 616263<2> | #0" },
	{ "{2}616263", "0 | <2>616263 | #0" },
	{ "616263*{2}646566", "0 | 616263*<2>646566 | #0" },
	/* {n} cuts once another brace came before */
	{ "616263{3-4}6465{2}6667", "0 | 616263{3-4}6465{2-2}6667 | #0" },
	{ "6162{2}63{3}64{4-5}6566{6}6768",
	    "0 | 6162<2>63<3>64{4-5}6566{6-6}6768 | #0" },
	{ "*616263", "too-short@10" },
	{ "616263*", "too-short@17" },
	{ "616263**646566", "too-short@17" },
	{ "616263{2-3}", "too-short@21" },
	/* alternatives */
	{ "(41|42)616263", "0 | (41|42)616263 | #0" },
	{ "(41|4243)616263", "0 | (41|4243)616263 | #0" },
	{ "(41)616263", "0 | (41)616263 | #0" },
	{ "!(41|42)616263", "0 | !(41|42)616263 | #0" },
	{ "!(4142|4344)616263", "0 | !(4142|4344)616263 | #0" },
	{ "!(41|4243)616263", "bad-alternative@12" },
	{ "!(41??|4242)616263", "bad-alternative@12" },
	{ "(41(42|43)44|45)616263", "0 | (41(42|43)44|45)616263 | #0" },
	{ "((41))616263", "0 | ((41))616263 | #0" },
	{ "(4?|42?"
	  "?)616263",
	    "0 | (4?|42<1>)616263 | #0" },
	{ "616263(61{2}62|63)", "0 | 616263(61<2>62|63) | #0" },
	{ "6162{2-3}6263(61{2}62|63)", "bad-alternative@27" },
	{ "616263(61*62|63)", "bad-alternative@20" },
	{ "()616263", "bad-alternative@12" },
	{ "(41|)616263", "bad-alternative@15" },
	{ "(|41)616263", "bad-alternative@12" },
	{ "(41|42616263", "bad-alternative@11" },
	{ "41)616263", "bad-alternative@13" },
	{ "41|616263", "bad-hex@12" },
	{ "(4|42)616263", "bad-hex@12" },
	{ "!41616263", "bad-hex@10" },
	{ "(!(41)|42)616263", "bad-alternative@13" },
	{ "(41(W)|42)616263", "bad-alternative@16" },
	{ "(41[1-2]42|43)616263", "bad-alternative@14" },
	{ "((((((((((((((((41))))))))))))))))6162", "bad-alternative@26" },
	/* boundaries */
	{ "(W)616263", "0 | ^W616263 | #0" },
	{ "616263(B)", "0 | 616263B$ | #0" },
	{ "616263!(L)", "0 | 616263!L$ | #0" },
	{ "!(W)616263", "0 | !W616263 | #0" },
	{ "616263(W)646566", "0 | 616263W646566 | #0" },
	{ "616263(W)*(L)646566", "0 | 616263W$*^L646566 | #0" },
	{ "(W)(B)616263", "0 | ^WB616263 | #0" },
	{ "(w)616263", "bad-hex@11" },
	/* bytes near a part */
	{ "41[0-2]616263", "0 | 41[0-2]616263 | #0" },
	{ "616263[0-2]41", "0 | 616263[0-2]41 | #0" },
	{ "41[1]616263[2]42", "0 | 41[1-1]616263[2-2]42 | #0" },
	{ "4?[0-2]616263", "0 | 4?[0-2]616263 | #0" },
	{ "41[0-2]616263*6465[1-2]42", "0 | 41[0-2]616263*6465[1-2]42 | #0" },
	{ "616263[1-2]42{1-2}6465", "0 | 616263[1-2]42{1-2}6465 | #0" },
	{ "4142[1-3]616263", "bad-near@23" },
	{ "41[2-1]616263", "bad-range@13" },
	{ "41[1-33]616263", "bad-range@13" },
	{ "616263[]42", "bad-range@17" },
	{ "616263[-5]42", "bad-range@17" },
	{ "(41|42)[0-2]616263", "bad-near@26" },
	{ "616263[1-2](W)", "bad-hex@21" },
	{ "41[1-2]42[1-2]616263", "bad-near@28" },
	{ "42[1-2](W)616263", "0 | 42[1-2]^W616263 | #0" },
};

static void
body_check(const char *prefix, const char *pattern, const char *suffix,
    const char *name, const char *want)
{
	static struct t_text got;
	char line[1024];

	(void)snprintf(line, sizeof(line), "%s%s%s", prefix, pattern, suffix);
	t_ir_line(name, line, &got);
	if (strcmp(got.bytes, want) != 0)
		fail_msg("%s\n  is   %s\n  want %s", line, got.bytes, want);
}

static void
test_patterns(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(body_row) / sizeof(body_row[0]); i++) {
		char want[256];

		(void)snprintf(want, sizeof(want), "%s", body_row[i].want);
		if (strncmp(want, "0 | ", 4) == 0)
			want[0] = '6'; /* the target of the line below */
		body_check("Sxxx:6:*:", body_row[i].pattern, "", "a.ndb", want);
	}
}

/* Where a pattern without wildcards is for any file, it needs three bytes. */
static void
test_plain_minimum(void **state)
{
	(void)state;
	body_check("S:0:*:", "6162", "", "a.ndb", "too-short@11");
	body_check("S:*:5:", "6162", "", "a.ndb", "too-short@11");
	body_check("S:1:*:", "6162", "", "a.ndb", "1 | 6162 | #0");
	body_check("S:0:*:", "6162??", "", "a.ndb", "0 | 6162<1> | #0");
	body_check("S;Target:0;0;", "6162", "", "a.ldb", "0 | 6162 | #0");
}

static const struct modifier_row {
	const char *sub, *want;
} modifier_row[] = {
	{ "616263::i", "0 | 616263/i | #0" },
	{ "616263::ii", "0 | 616263/i | #0" },
	{ "616263::", "0 | 616263 | #0" },
	{ "616263::a", "0 | 616263 | #0" },
	{ "616263::w", "0 | 610062006300/w | #0" },
	{ "616263::wa", "0 | 610062006300/w + 616263 | #0" },
	{ "616263::wai", "0 | 610062006300/iw + 616263/i | #0" },
	{ "616263::f", "0 | ^W616263W$ | #0" },
	{ "616263::wf", "0 | ^W610062006300W$/w | #0" },
	{ "61::w", "0 | 6100/w | #0" },
	{ "6?616263::w", "0 | 6?00610062006300/w | #0" },
	{ "616263??6465::w", "0 | 610062006300<1>0064006500/w | #0" },
	/* the n of {n} is not doubled, and nothing is put after those bytes */
	{ "616263{2}6465::w", "0 | 610062006300<2>64006500/w | #0" },
	{ "616263{2-3}6465::w", "0 | 610062006300{2-3}64006500/w | #0" },
	{ "616263*6465::w", "0 | 610062006300*64006500/w | #0" },
	/* […] becomes {…} */
	{ "616263[1-2]64::w", "0 | 610062006300{1-2}6400/w | #0" },
	{ "616263[1-2]6465::f", "0 | ^W616263{1-2}6465W$ | #0" },
	{ "616263[1-2]64::f", "too-short@25" },
	{ "(4142|4243)616263::w",
	    "0 | (41004200|42004300)610062006300/w | #0" },
	{ "616263(W)6465::w", "0 | 610062006300W64006500/w | #0" },
	{ "616263::x", "bad-modifier@22" },
	{ "616263::I", "bad-modifier@22" },
	{ "616263::i::w", "bad-modifier@23" },
	{ "5:616263", "0 | 5:616263 | #0" },
	{ "*:616263::i", "0 | 616263/i | #0" },
	{ "5:5:616263", "bad-hex@17" },
	{ "EOF-3,9:616263", "0 | EOF-3,9:616263 | #0" },
};

static void
test_modifiers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(modifier_row) / sizeof(modifier_row[0]); i++)
		body_check("S;Target:0;0;", modifier_row[i].sub, "", "a.ldb",
		    modifier_row[i].want);
}

static const struct offset_row {
	const char *target, *offset, *want;
} offset_row[] = {
	{ "0", "*", "0 | 616263 | #0" },
	{ "0", "5", "0 | 5:616263 | #0" },
	{ "0", "", "0 | 0:616263 | #0" },
	{ "0", "4,7", "0 | 4,7:616263 | #0" },
	{ "0", "4,", "0 | 4:616263 | #0" },
	{ "0", "4,a", "bad-offset@7" },
	{ "0", "*,3", "bad-offset@5" },
	{ "0", "EOF-11", "0 | EOF-11:616263 | #0" },
	{ "0", "EOF-", "0 | EOF-0:616263 | #0" },
	{ "0", "EOF+1", "bad-offset@5" },
	{ "0", "eof-1", "bad-offset@5" },
	{ "0", "-5", "bad-offset@5" },
	{ "0", "+5", "bad-offset@5" },
	{ "0", "5 ", "bad-offset@5" },
	{ "0", "0x5", "bad-offset@5" },
	{ "0", "4294967296", "bad-offset@5" },
	{ "0", "EP+0", "bad-offset@5" },
	{ "1", "EP+0", "1 | EP+0:616263 | #0" },
	{ "1", "EP+0,15", "1 | EP+0,15:616263 | #0" },
	{ "1", "EP-12", "1 | EP-12:616263 | #0" },
	{ "6", "EP+", "6 | EP+0:616263 | #0" },
	{ "1", "EP", "bad-offset@5" },
	{ "1", "ep+0", "bad-offset@5" },
	{ "9", "S3+40", "9 | S3+40:616263 | #0" },
	{ "1", "S0", "bad-offset@5" },
	{ "1", "S0-5", "bad-offset@5" },
	{ "1", "S+5", "bad-offset@5" },
	{ "1", "SL+7", "1 | SL+7:616263 | #0" },
	{ "1", "SE2", "1 | SE2:616263 | #0" },
	{ "1", "SEx", "bad-offset@5" },
	{ "1", "VI", "1 | VI:616263 | #0" },
	{ "7", "VI", "bad-offset@5" },
	{ "2", "SE0", "bad-offset@5" },
	{ "0", "$0$", "macro@0" },
	{ "0", "$31$", "macro@0" },
	{ "0", "$32$", "bad-offset@5" },
	{ "0", "$a$", "bad-offset@5" },
	{ "0", "$$", "bad-offset@5" },
	{ "0", "$1", "bad-offset@5" },
	{ "0",
	    "11111111111111111111111111111111111111111111111111111111111111111",
	    "bad-offset@5" },
};

static void
test_offsets(void **state)
{
	char head[160];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(offset_row) / sizeof(offset_row[0]); i++) {
		(void)snprintf(head, sizeof(head),
		    "S:%s:%s:", offset_row[i].target, offset_row[i].offset);
		body_check(head, "616263", "", "a.ndb", offset_row[i].want);
	}
}

static const struct line_row {
	const char *line, *want;
} line_row[] = {
	{ "S:0:*:616263:1", "0 | 616263 | #0" },
	{ "S:0:*:616263:216", "0 | 616263 | #0" },
	{ "S:0:*:616263:217", "quiet:level" },
	{ "S:0:*:616263:1:215", "quiet:level" },
	{ "S:0:*:616263:1:216", "0 | 616263 | #0" },
	{ "S:0:*:616263:", "0 | 616263 | #0" },
	{ "S:0:*:616263::", "quiet:level" },
	{ "S:0:*:616263:a", "bad-level@14" },
	{ "S:0:*:616263:1 ", "bad-level@14" },
	{ "S:0:*:616263:1:216:1", "bad-fields@1" },
	{ "S:0:*", "bad-fields@1" },
	{ ":0:*:616263", "bad-name@1" },
	{ "a\tb:0:*:616263", "bad-name@2" },
	{ " S x:0:*:616263", "0 | 616263 | #0" },
	{ "S:*:*:616263", "0 | 616263 | #0" },
	{ "S::*:616263", "0 | 616263 | #0" },
	{ "S:14:*:616263", "14 | 616263 | #0" },
	{ "S:15:*:616263", "quiet:target" },
	{ "S:a:*:616263", "bad-target@3" },
	{ "S:-1:*:616263", "bad-target@3" },
	{ "S: 1:*:616263", "bad-target@3" },
	{ "S:0:*:616263\r\n", "0 | 616263 | #0" },
	{ "S:0:*:616263::i", "bad-level@15" },
	{ " #x", "bad-fields@1" },
	{ "#x", "" },
	{ "", "" },
	{ "\r\n", "" },
};

static void
test_lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(line_row) / sizeof(line_row[0]); i++)
		body_check("", line_row[i].line, "", "a.ndb", line_row[i].want);
}

/* No part is longer than the search keeps of the window before. */
static void
test_long_parts(void **state)
{
	static char line[60000];
	static struct t_ir t;
	size_t size = (size_t)snprintf(line, sizeof(line), "S:0:*:"), i;
	const struct ir_pattern *p;
	uint32_t j, bytes = 0;

	(void)state;
	for (i = 0; i < 9000; i++)
		size += (size_t)snprintf(line + size, sizeof(line) - size,
		    "%02x", (unsigned)(i % 251));
	(void)snprintf(line + size, sizeof(line) - size, "??[1-2]aa");
	t_ir_begin(&t, "a.ndb", line, strlen(line));
	t_eq(t.ir.rule_count, 1);
	p = &t.ir.rule[0].string[0].pattern[0];
	assert_true(p->part_count > 2);
	for (i = 0; i < p->part_count; i++) {
		uint32_t part = 0;

		t_eq(p->part[i].gap_min, 0);
		t_eq(p->part[i].gap_max, 0);
		t_eq(p->part[i].after.there, i + 1 == p->part_count);
		for (j = 0; j < p->part[i].count; j++)
			part += p->part[i].element[j].count;
		assert_true(part <= IR_PART_MAX);
		bytes += part;
	}
	t_eq(bytes, 9001);
	t_ir_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_plain_minimum),
		cmocka_unit_test(test_modifiers),
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
