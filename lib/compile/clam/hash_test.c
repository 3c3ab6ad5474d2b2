/*
 * hash_test.c - hash signatures, lists of hashes, and what is switched off.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pool.h"
#include "lib/crypto/digest.h"
#include "tests/t.h"
#include "tests/t_ir.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MD5    "44d88612fea8a8f36de82e1278abb02f"
#define SHA1   "3395856ce81f2b7382dee72602f798b642f14140"
#define SHA256 "275a021bbfb6489e54d471899f7d9d1663fc695ec2fe2a2c4538aabf651fd0f"
/* 63 digits; an "a" makes it whole */

static const struct row {
	const char *file, *line;
	const char *want; /* "name size digest of[ allow][ pua]" */
} row[] = {
	{ "a.hdb", MD5 ":68:S", "S 68 16 0" },
	{ "a.hdb", "44D88612FEA8A8F36DE82E1278ABB02F:68:S", "S 68 16 0" },
	{ "a.hdb", SHA1 ":68:S", "S 68 20 0" },
	{ "a.hsb", SHA256 "a:68:S", "S 68 32 0" },
	{ "a.hdb", SHA256 "a:68:S", "S 68 32 0" },
	{ "a.hdb", SHA256 "aa:68:S", "bad-hash@1" },
	{ "a.hdb", "4" MD5 ":68:S", "bad-hash@1" },
	{ "a.hdb", "g4d88612fea8a8f36de82e1278abb02f:68:S", "bad-hash@1" },
	{ "a.hdb", ":68:S", "bad-hash@1" },
	{ "a.hdb", MD5 ":0:S", "S 0 16 0" },
	{ "a.hdb", MD5 ":4294967296:S", "S 4294967296 16 0" },
	{ "a.hdb", MD5 "::S", "bad-size@34" },
	{ "a.hdb", MD5 ":-1:S", "bad-size@34" },
	{ "a.hdb", MD5 ":18446744073709551615:S", "bad-size@34" },
	{ "a.hdb", MD5 ":99999999999999999999:S", "bad-size@34" },
	{ "a.hdb", MD5 ":*:S", "bad-size@34" },
	{ "a.hdb", MD5 ":*:S:72", "bad-size@34" },
	{ "a.hdb", MD5 ":*:S:73", "S * 16 0" },
	{ "a.hdb", MD5 ":*:S:217", "quiet:level" },
	{ "a.hdb", MD5 ":68:S:1:215", "quiet:level" },
	{ "a.hdb", MD5 ":68:S:1:216", "S 68 16 0" },
	{ "a.hdb", MD5 ":68:S:", "S 68 16 0" },
	{ "a.hdb", MD5 ":68:S:a", "bad-level@39" },
	{ "a.hdb", MD5 ":68:S:1:216:1", "bad-fields@1" },
	{ "a.hdb", MD5 ":68:", "bad-name@37" },
	{ "a.hdb", MD5 ":68", "bad-fields@1" },
	{ "a.hdb", MD5 ":68:S x ", "S x  68 16 0" },
	{ "a.hdb", MD5 ":68:S\r\n", "S 68 16 0" },
	{ "a.hdb", MD5 ":68:Eight.by", "Eight.by 68 16 0" },
	{ "a.hdb", SHA1 ":68:Nine.byte", "Nine.byte 68 20 0" },
	{ "a.hdb", MD5 ":68:Nine.byte:217", "quiet:level" },
	{ "a.hdb", MD5 ":68:Nine.byte:", "Nine.byte 68 16 0" },
	{ "a.hdb", MD5 ":68:Nine.byte:1:215", "quiet:level" },
	{ "a.hdb",
	    MD5 ":68:Nine\x1f"
		"byte",
	    "bad-name@41" },
	{ "a.hdb", MD5 ":68:Nine.byt\x7f", "bad-name@45" },
	{ "a.hdb", MD5 ":000000000000000000068:Nine.byte",
	    "Nine.byte 68 16 0" },
	{ "a.hdb", MD5 ":999999999999999999:Nine.byte",
	    "Nine.byte 999999999999999999 16 0" },
	{ "a.hdb", MD5 ":18446744073709551615:Nine.byte", "bad-size@34" },
	{ "a.hdb", MD5 ":*:Nine.byte:73", "Nine.byte * 16 0" },
	{ "a.mdb", "68:" MD5 ":Nine.byte:217", "quiet:level" },
	{ "a.hdu", MD5 ":68:S", "S 68 16 0 pua" },
	{ "a.hsu", MD5 ":68:S", "S 68 16 0 pua" },
	{ "a.fp", MD5 ":68:S", "S 68 16 0 allow" },
	{ "a.sfp", SHA256 "a:*:S:73", "S * 32 0 allow" },
	{ "a.mdb", "68:" MD5 ":S", "S 68 16 1" },
	{ "a.msb", "*:" SHA256 "a:S:73", "S * 32 1" },
	{ "a.mdu", "68:" MD5 ":S", "S 68 16 1 pua" },
	{ "a.mdb", "*:" MD5 ":S", "bad-size@1" },
	{ "a.mdb", MD5 ":68:S", "bad-hash@34" },
	{ "a.imp", MD5 ":68:S", "S 68 16 2" },
	{ "a.imp", MD5 ":*:S", "S * 16 2" },
	{ "a.imp", SHA256 "a:68:S", "S 68 32 2" },
	/* lists */
	{ "/x/list.md5", MD5, "list:" MD5 " * 16 0" },
	{ "list.md5", MD5 "  /etc/passwd", "list:" MD5 " * 16 0" },
	{ "list.md5", MD5 " *passwd", "list:" MD5 " * 16 0" },
	{ "list.md5", "\\" MD5 "  a\\nb", "list:" MD5 " * 16 0" },
	{ "list.sha1", SHA1, "list:" SHA1 " * 20 0" },
	{ "list.sha256", SHA256 "a", "list:" SHA256 "a * 32 0" },
	{ "list.sha256", SHA256, "bad-hash@1" },
	{ "list.md5", "hello", "bad-hash@1" },
	{ "l.csv", "1," MD5 ",x", "l:" MD5 " * 16 0" },
	{ "l.csv", "\"1, 2\", \"" MD5 "\" , \"" SHA1 "\"",
	    "l:" SHA1 " * 20 0" },
	{ "l.csv", "id,hash,Name\n1," MD5 ",Worm", "Worm * 16 0" },
	{ "l.csv", "id,hash,Name\n1," MD5 ",", "l:" MD5 " * 16 0" },
	{ "l.csv", "# \"id\", \"hash\", \"signature\"\n1," MD5 ",\"Worm\"",
	    "Worm * 16 0" },
	{ "l.csv", "# \"id\", \"hash\", \"signature\"\n1," MD5 ",n/a",
	    "l:" MD5 " * 16 0" },
	{ "l.csv", "# made today\n" MD5, "l:" MD5 " * 16 0" },
};

static void
hash_text(const struct t_ir *t, char *out, size_t size)
{
	const struct ir_hash *h = &t->ir.hash[0];
	struct ir_origin o = ir_hash_origin(&t->ir, h);
	char bytes[32] = "*";

	if (h->size != IR_SIZE_ANY)
		(void)snprintf(bytes, sizeof(bytes), "%" PRIu64, h->size);
	(void)snprintf(out, size, "%.*s %s %zu %d%s%s", (int)o.name_size,
	    o.name, bytes, ir_digest_size((enum ir_digest)h->digest), h->of,
	    h->allow ? " allow" : "", (o.flags & SIG_PUA) ? " pua" : "");
}

/* Is what is read of two lines the same, their ends left aside? */
static void
check_same(const struct t_ir *a, const struct t_ir *b, const char *line)
{
	const struct ir_hash *x = a->ir.hash, *y = b->ir.hash;
	struct ir_origin p, q;

	if (a->ir.hash_count != b->ir.hash_count ||
	    a->ir.complaint_count != b->ir.complaint_count)
		fail_msg("%s", line);
	if (a->ir.complaint_count > 0) {
		assert_string_equal(a->ir.complaint[0].kind,
		    b->ir.complaint[0].kind);
		t_eq(a->ir.complaint[0].column, b->ir.complaint[0].column);
	}
	if (a->ir.hash_count == 0)
		return;
	p = ir_hash_origin(&a->ir, x);
	q = ir_hash_origin(&b->ir, y);
	t_eq(x->size, y->size);
	t_eq(x->digest, y->digest);
	assert_memory_equal(x->bytes, y->bytes, sizeof(x->bytes));
	t_eq(p.name_size, q.name_size);
	assert_memory_equal(p.name, q.name, p.name_size);
}

/*
 * Most lines are read in one go.  One with a level is not, and means the
 * same: whatever byte stands anywhere.
 */
static void
test_in_one_go_or_not(void **state)
{
	static const char odd[] = "09afgAG*/@` ;\x1f\x7f\x80";
	static const char *const whole[] = { MD5 ":68:Nine.byte",
		SHA256 "a:1234567:A.name.of.many",
		"68:" MD5 ":Sixteen.in.a.row" };
	static const char *const file[] = { "a.hdb", "a.hsb", "a.mdb" };
	char line[128], levelled[132];
	size_t i, at, k;

	(void)state;
	for (i = 0; i < 3; i++)
		for (at = 0; at < strlen(whole[i]); at++)
			for (k = 0; k < sizeof(odd) - 1; k++) {
				struct t_ir a, b;

				/* A field less is a field less. */
				if (whole[i][at] == ':')
					continue;
				(void)snprintf(line, sizeof(line), "%s",
				    whole[i]);
				line[at] = odd[k];
				(void)snprintf(levelled, sizeof(levelled),
				    "%s:1", line);
				t_ir_begin(&a, file[i], line, strlen(line));
				t_ir_begin(&b, file[i], levelled,
				    strlen(levelled));
				check_same(&a, &b, line);
				t_ir_end(&a);
				t_ir_end(&b);
			}
}

static void
test_lines(void **state)
{
	static struct t_text refused;
	char got[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct t_ir t;

		t_ir_begin(&t, row[i].file, row[i].line, strlen(row[i].line));
		if (t.ir.hash_count == 1) {
			hash_text(&t, got, sizeof(got));
		} else {
			t_ir_line(row[i].file, row[i].line, &refused);
			(void)snprintf(got, sizeof(got), "%.200s",
			    refused.bytes);
		}
		if (strcmp(got, row[i].want) != 0)
			fail_msg("%s: %s\n  is   %s\n  want %s", row[i].file,
			    row[i].line, got, row[i].want);
		t_ir_end(&t);
	}
}

static void
test_digest(void **state)
{
	static const char line[] = "44D88612fea8A8f36de82e1278abb02f:68:S";
	struct t_ir t;

	(void)state;
	t_ir_begin(&t, "a.hdb", line, strlen(line));
	assert_memory_equal(t.ir.hash[0].bytes,
	    "\x44\xd8\x86\x12\xfe\xa8\xa8\xf3\x6d\xe8\x2e\x12\x78\xab\xb0"
	    "\x2f",
	    16);
	t_ir_end(&t);
}

/* --- ignore lists -------------------------------------------------------- */

static void
add(struct t_ir *t, const char *name, const char *text)
{
	const struct compile_options options = { .flevel = 216 };

	assert_true(compile_text(&t->ir, name, cur_from(text, strlen(text)),
	    &options, &t->why));
}

static size_t
left_with(const char *ending, const char *ignore)
{
	static const char ndb[] = "S:0:*:616263\nSUP:0:*:616263\n";
	static const char hdb[] = MD5 ":68:S\n" MD5 ":68:T\n";
	struct t_ir t;
	size_t left;

	t_ir_begin(&t, "a.ndb", ndb, strlen(ndb));
	add(&t, ending, ignore);
	add(&t, "a.hdb", hdb);
	add(&t, "a.fp", MD5 ":68:S\n");
	assert_true(compile_finish(&t.ir, &t.why));
	left = t.ir.rule_count + t.ir.hash_count;
	t_eq(t_ir_count(&t, "ndb", NULL) + t_ir_count(&t, "hdb", NULL) + 1,
	    left);
	t_eq(t_ir_count(&t, "ndb", "ignored") +
		t_ir_count(&t, "hdb", "ignored"),
	    5 - left);
	t_ir_end(&t);
	return left;
}

static void
test_ignore(void **state)
{
	char line[64];
	uint8_t md5[32];
	size_t i, n;

	(void)state;
	t_eq(left_with("a.ign2", ""), 5);
	t_eq(left_with("a.ign2", "S\n"), 3);
	t_eq(left_with("a.ign2", "T"), 4);
	t_eq(left_with("a.ign2", "s\nSU\nSUPX\n"), 5);
	t_eq(left_with("a.ign", "a.ndb:1:S\n"), 3);
	t_eq(left_with("a.ign", "x.ndb:99:S\n"), 3);
	t_eq(left_with("a.ign2", "T\nS\nSUP\n"), 1);
	t_eq(left_with("a.ign2", "S:00000000000000000000000000000000"), 5);

	digest_of(DIGEST_MD5, "S:0:*:616263", 12, md5);
	n = (size_t)snprintf(line, sizeof(line), "S:");
	for (i = 0; i < 16; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%02x",
		    md5[i]);
	t_eq(left_with("a.ign2", line), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_in_one_go_or_not),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_ignore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
