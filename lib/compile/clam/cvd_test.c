/*
 * cvd_test.c - containers: whole, flipped, cut, unsigned, with keys made for
 * this test (nobody else can sign for the published ones).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/cvd.h"
#include "lib/compile/clam/dsig.h"
#include "lib/compile/clam/tar.h"
#include "lib/compile/pool.h"
#include "lib/crypto/digest.h"
#include "tests/t.h"

#include <openssl/bn.h>
#include <zlib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Public modulus and secret exponent; the public exponents are ClamAV's. */
static const char legacy_n[] =
    "1591750820576476108189624874852368117554490509913286040197697265894400"
    "9353891064777665137215162958907343214869511754908788987075457227203287"
    "5287874349024169596260153146238100987908893127412735608418915582106671"
    "9492024619908389668299718723398753262233076251313453738257010203829983"
    "41461573780897143931220878081";

static const char legacy_d[] =
    "1495361286198427116367168592565613491611115130257878276932262588942824"
    "7756565729361774782837011221988830209148910039499740688551335430201024"
    "5734813506395930834441365135186137924712002071597367629761681062874645"
    "1190604186289985381257025224248818955071187497107447336570840493207932"
    "60603747521462883637753118099";

static const char info_n[] =
    "2037596060466679793128577824416434989627129957175132633018069393755982"
    "0020079925882176620832800582441666326233404215639402944635597787198797"
    "6946257999270600103108759525855855997340766696872948714462002241959910"
    "0873297334732017190271402837358790447417962732871270928719048060819087"
    "3394562420202818015647510475317775870469240258939389310843379383425035"
    "3275506996617088959109992280001002575237240278195058080633765575437795"
    "6781044348343401438935743455158976728591979006112007468946560494556819"
    "6268543884769118326462217416268609138535606625751836106739115204969534"
    "693023581652381862721701041135586538960034195083867838327";

static const char info_d[] =
    "1113477178467081122821257154767866275176983609352026485410919343775051"
    "9524914158189190701358361780898258616141905157934552615813412945803114"
    "0215990290903738896116615082595945983682383712394780487465477770140688"
    "1900657025119104287246256813970052688591171012666063857046446961148416"
    "7066719108999358044736072633989082799367042397546645812852971691548646"
    "4170615824585490945855506925038782721519758714339512233988291653925715"
    "4456282911316638208887120826315150519905781070322633237443886811299754"
    "2148555596772585756559260992427878223960710435312343770273674655742158"
    "841791902409934016084288377053815969410341644090075043569";

#define NDB "A:0:*:616263\nB:0:*:646566\n"
#define HDB "44d88612fea8a8f36de82e1278abb02f:68:C\n"

struct made {
	uint8_t bytes[65536];
	size_t size;
};

static void
put(struct made *m, const void *bytes, size_t size)
{
	assert_true(size <= sizeof(m->bytes) - m->size);
	memcpy(m->bytes + m->size, bytes, size);
	m->size += size;
}

/* --- signing -------------------------------------------------------------- */

/* m ^ d mod n, written in digits of six bits, the lowest first. */
static void
sign(const char *n_text, const char *d_text, const uint8_t *m, size_t size,
    char *out)
{
	static const char digit[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = NULL, *d = NULL, *c = BN_new();
	BIGNUM *p = BN_bin2bn(m, (int)size, NULL);
	size_t i = 0;

	assert_true(BN_dec2bn(&n, n_text) != 0 && BN_dec2bn(&d, d_text) != 0);
	assert_int_equal(BN_mod_exp(c, p, d, n, ctx), 1);
	for (; !BN_is_zero(c); i++) {
		out[i] = digit[BN_mod_word(c, 64)];
		assert_int_equal(BN_rshift(c, c, 6), 1);
	}
	out[i] = '\0';
	BN_free(n);
	BN_free(d);
	BN_free(c);
	BN_free(p);
	BN_CTX_free(ctx);
}

/* EMSA-PSS with SHA-256 and a salt of 32 bytes.       [RFC 8017, 9.1.1] */
static void
pad(const uint8_t sha256[32], uint8_t em[256])
{
	uint8_t text[72] = { 0 }, mask[32], seed[36];
	size_t i;

	memset(em, 0, 256);
	em[190] = 1;
	memset(em + 191, 0x5a, 32);
	memcpy(text + 8, sha256, 32);
	memset(text + 40, 0x5a, 32);
	digest_of(DIGEST_SHA256, text, sizeof(text), em + 223);
	for (i = 0; i < 223; i++) {
		memcpy(seed, em + 223, 32);
		memset(seed + 32, 0, 4);
		seed[35] = (uint8_t)(i / 32);
		digest_of(DIGEST_SHA256, seed, sizeof(seed), mask);
		em[i] ^= mask[i % 32];
	}
	em[0] &= 0x7f;
	em[255] = 0xbc;
}

/* --- making containers ---------------------------------------------------- */

static void
put_member(struct made *m, const char *name, const void *bytes, size_t size)
{
	uint8_t header[512] = { 0 };
	unsigned sum = 0;
	size_t i;

	(void)snprintf((char *)header, 100, "%s", name);
	(void)snprintf((char *)header + 100, 8, "0000644");
	(void)snprintf((char *)header + 124, 12, "%011lo", (unsigned long)size);
	header[156] = '0';
	memcpy(header + 257, "ustar", 6);
	memset(header + 148, ' ', 8);
	for (i = 0; i < 512; i++)
		sum += header[i];
	(void)snprintf((char *)header + 148, 8, "%06o", sum);
	put(m, header, 512);
	put(m, bytes, size);
	memset(header, 0, sizeof(header));
	put(m, header, (512 - size % 512) % 512);
}

static void
put_hex(char *out, const uint8_t *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

struct recipe {
	bool no_info, wrong_info_key, wrong_header_key, unlisted, wrong_size;
	bool wrong_md5, gzip;
	const char *extra; /* one more member of this name */
};

static void
make_info(const struct recipe *r, char *out, size_t size)
{
	uint8_t digest[32], em[256];
	char hex[65], sig[400];
	size_t n;

	n = (size_t)snprintf(out, size,
	    "ClamAV-VDB:22 Jun 2021 14-58 -0400:62:3:90:X:X:b:1624388313\n");
	digest_of(DIGEST_SHA256, NDB, strlen(NDB), digest);
	put_hex(hex, digest, 32);
	if (!r->unlisted)
		n += (size_t)snprintf(out + n, size - n, "main.ndb:%zu:%s\n",
		    strlen(NDB) + r->wrong_size, hex);
	digest_of(DIGEST_SHA256, HDB, strlen(HDB), digest);
	put_hex(hex, digest, 32);
	n += (size_t)snprintf(out + n, size - n, "main.hdb:%zu:%s\n",
	    strlen(HDB), hex);
	digest_of(DIGEST_SHA256, out, n, digest);
	pad(digest, em);
	if (r->wrong_info_key)
		em[100] ^= 1;
	sign(info_n, info_d, em, sizeof(em), sig);
	(void)snprintf(out + n, size - n, "DSIG:%s\n", sig);
}

static void
make_tar(const struct recipe *r, struct made *out)
{
	static const uint8_t zero[1024];
	char info[2048];

	out->size = 0;
	put_member(out, "COPYING", "as you like\n", 12);
	if (!r->no_info) {
		make_info(r, info, sizeof(info));
		put_member(out, "main.info", info, strlen(info));
	}
	put_member(out, "main.ndb", NDB, strlen(NDB));
	put_member(out, "main.hdb", HDB, strlen(HDB));
	if (r->extra != NULL)
		put_member(out, r->extra, "D:0:*:676869\n", 13);
	put(out, zero, sizeof(zero));
}

static void
gzip(const struct made *in, struct made *out)
{
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8,
			     Z_DEFAULT_STRATEGY),
	    Z_OK);
	z.next_in = (Bytef *)(uintptr_t)in->bytes;
	z.avail_in = (uInt)in->size;
	z.next_out = out->bytes;
	z.avail_out = sizeof(out->bytes);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->size = z.total_out;
	(void)deflateEnd(&z);
}

static void
make(const struct recipe *r, struct made *out)
{
	static struct made tar, body;
	uint8_t md5[32];
	char header[513], hex[33], sig[200];
	int n;

	make_tar(r, &tar);
	if (r->gzip)
		gzip(&tar, &body);
	else
		body = tar;
	digest_of(DIGEST_MD5, body.bytes, body.size, md5);
	if (r->wrong_header_key)
		md5[3] ^= 1;
	sign(legacy_n, legacy_d, md5, 16, sig);
	if (r->wrong_header_key)
		md5[3] ^= 1;
	if (r->wrong_md5)
		md5[0] ^= 1;
	put_hex(hex, md5, 16);
	n = snprintf(header, sizeof(header),
	    "ClamAV-VDB:22 Jun 2021 14-58 -0400:62:3:90:%s:%s:b:1624388313",
	    hex, sig);
	memset(header + n, ' ', sizeof(header) - (size_t)n);
	out->size = 0;
	put(out, header, 512);
	put(out, body.bytes, body.size);
}

/* --- reading -------------------------------------------------------------- */

struct read {
	size_t rules, hashes, complaints;
	uint64_t built;
	uint32_t flags;
	char kind[32];
	char file[64];
};

static void
read_as(const char *name, const struct made *m, struct read *out)
{
	const struct compile_options options = {
		.flevel = 216,
		.legacy_modulus = legacy_n,
		.info_modulus = info_n,
	};
	struct pool pool;
	struct ir ir;
	struct why why;

	memset(out, 0, sizeof(*out));
	pool_init(&pool, (size_t)64 << 20);
	ir_init(&ir, &pool);
	assert_true(compile_text(&ir, name, cur_from(m->bytes, m->size),
	    &options, &why));
	out->rules = ir.rule_count;
	out->hashes = ir.hash_count;
	out->complaints = ir.complaint_count;
	out->built = ir.built;
	if (ir.complaint_count > 0) {
		assert_true(ir.complaint[0].is_error);
		(void)snprintf(out->kind, sizeof(out->kind), "%s",
		    ir.complaint[0].kind);
	}
	if (ir.rule_count > 0) {
		out->flags = ir.rule[0].origin.flags;
		(void)snprintf(out->file, sizeof(out->file), "%s",
		    ir.file[ir.rule[0].origin.file].name);
		assert_string_equal(ir.feed[ir.rule[0].origin.feed],
		    strrchr(name, '/') == NULL ? name : strrchr(name, '/') + 1);
	}
	ir_fini(&ir);
	pool_fini(&pool);
}

static void
expect(const char *name, const struct recipe *r, const char *kind)
{
	static struct made m;
	struct read got;

	make(r, &m);
	read_as(name, &m, &got);
	if (kind == NULL) {
		t_eq(got.complaints, 0);
		t_eq(got.rules, r->extra == NULL ? 2 : 3);
		t_eq(got.hashes, 1);
		t_eq(got.built, 1624388313);
		return;
	}
	t_eq(got.rules + got.hashes + got.built, 0);
	t_eq(got.complaints, 1);
	assert_string_equal(got.kind, kind);
}

static void
test_whole(void **state)
{
	static struct made m;
	const struct recipe r = { .gzip = true };
	struct read got;

	(void)state;
	expect("main.cvd", &r, NULL);
	make(&r, &m);
	read_as("/var/lib/x.y/main.cvd", &m, &got);
	assert_string_equal(got.file, "/var/lib/x.y/main.cvd:main.ndb");
	t_eq(got.flags, SIG_OFFICIAL);
	expect("main.cvd", &(struct recipe){ .gzip = true, .no_info = true },
	    NULL);
	expect("main.cvd", &(struct recipe){ .gzip = true, .unlisted = true },
	    NULL);
	/* Endings decide, and not what kind of compression there is. */
	expect("main.cvd", &(struct recipe){ 0 }, NULL);
}

static void
test_forged(void **state)
{
	(void)state;
	expect("main.cvd",
	    &(struct recipe){ .gzip = true, .wrong_header_key = true },
	    "forged");
	expect("main.cvd", &(struct recipe){ .gzip = true, .wrong_md5 = true },
	    "forged");
	expect("main.cvd",
	    &(struct recipe){ .gzip = true, .wrong_info_key = true }, "forged");
	expect("main.cvd", &(struct recipe){ .gzip = true, .wrong_size = true },
	    "forged");
}

/* A .cld was patched: its header no longer holds, .info must. */
static void
test_patched(void **state)
{
	(void)state;
	expect("main.cld", &(struct recipe){ .wrong_md5 = true }, NULL);
	expect("main.cld", &(struct recipe){ .gzip = true }, NULL);
	expect("main.cld", &(struct recipe){ .no_info = true }, "forged");
	expect("main.cld", &(struct recipe){ .wrong_info_key = true },
	    "forged");
	expect("main.cld", &(struct recipe){ .unlisted = true }, "forged");
	expect("main.cld", &(struct recipe){ .extra = "x.ndb" }, "forged");
}

static void
test_unsigned(void **state)
{
	static struct made m;
	const struct recipe r = {
		.gzip = true, .wrong_header_key = true, .wrong_info_key = true
	};
	struct read got;

	(void)state;
	make(&r, &m);
	read_as("mine.cud", &m, &got);
	t_eq(got.rules, 2);
	t_eq(got.flags, 0);
	expect("mine.cud", &(struct recipe){ .gzip = true, .wrong_md5 = true },
	    "forged");
}

static void
test_plain_names(void **state)
{
	(void)state;
	expect("main.cvd",
	    &(struct recipe){ .gzip = true, .extra = "../x.ndb" },
	    "bad-container");
	expect("main.cvd", &(struct recipe){ .gzip = true, .extra = "b.info" },
	    "bad-container");
	expect("main.cvd", &(struct recipe){ .gzip = true, .extra = "b.ndb" },
	    NULL);
}

/* Any one byte changed, or anything cut off: nothing is loaded. */
static void
test_damaged(void **state)
{
	static struct made whole, m;
	const struct recipe r = { .gzip = true };
	struct read got;
	size_t i;

	(void)state;
	make(&r, &whole);
	for (i = 0; i < whole.size; i += i < 600 ? 1 : 7) {
		m = whole;
		m.bytes[i] ^= 0x20;
		read_as("main.cvd", &m, &got);
		/* The MD5 does not cover the header; only these matter. */
		if (i >= 512)
			t_eq(got.rules + got.hashes, 0);
	}
	for (i = 0; i < whole.size; i += i < 600 ? 1 : 13) {
		m = whole;
		m.size = i;
		read_as("main.cvd", &m, &got);
		t_eq(got.rules + got.hashes, 0);
		t_eq(got.complaints, 1);
	}
}

/* A size in the trailer that cannot be is not believed. */
static void
test_bomb(void **state)
{
	static struct made m;
	const struct recipe r = { .gzip = true, .wrong_md5 = false };
	struct read got;

	(void)state;
	make(&r, &m);
	memset(m.bytes + m.size - 4, 0xff, 4);
	read_as("main.cud", &m, &got);
	t_eq(got.rules, 0);
	assert_string_equal(got.kind, "forged");
	/* .cud without an MD5 gets as far as the trailer. */
	memset(m.bytes + 43, ' ', 300);
	memcpy(m.bytes + 43, "X:X:b:1", 7);
	read_as("main.cud", &m, &got);
	assert_string_equal(got.kind, "bad-container");
}

/* The published keys are of the size that is said, and refuse ours. */
static void
test_published(void **state)
{
	static const uint8_t md5[32];
	BIGNUM *n = NULL;
	char sig[400];

	(void)state;
	assert_true(BN_dec2bn(&n, dsig_legacy_modulus) != 0);
	t_eq(BN_num_bits(n), 1024);
	assert_true(BN_dec2bn(&n, dsig_info_modulus) != 0);
	t_eq(BN_num_bits(n), 2047);
	BN_free(n);
	sign(legacy_n, legacy_d, (const uint8_t *)"0123456789abcdef", 16, sig);
	assert_true(dsig_check_legacy(legacy_n, cur_from(sig, strlen(sig)),
	    (const uint8_t *)"0123456789abcdef"));
	assert_false(dsig_check_legacy(dsig_legacy_modulus,
	    cur_from(sig, strlen(sig)), (const uint8_t *)"0123456789abcdef"));
	/* 0 to any power is 0, and the MD5 of something might be. */
	assert_true(dsig_check_legacy(legacy_n, cur_from("a", 1), md5));
	assert_false(dsig_check_legacy(legacy_n, cur_from("", 0), md5));
	assert_false(dsig_check_legacy(legacy_n, cur_from("a b", 3), md5));
}

static void
test_tar(void **state)
{
	static struct made m, cut;
	struct tar_member member;
	struct cur c;
	size_t i;

	(void)state;
	make_tar(&(struct recipe){ .no_info = true }, &m);
	for (i = 0; i <= 2048; i++) {
		cut = m;
		cut.size = i;
		c = cur_from(t_fence(cut.bytes, i), i);
		while (tar_next(&c, &member) == TAR_MEMBER)
			assert_true(member.bytes.size <= i);
	}
	/* Every byte of a header counts. */
	for (i = 0; i < 512; i++) {
		cut = m;
		cut.bytes[i] ^= 1;
		c = cur_from(cut.bytes, cut.size);
		if (i < 148 || i >= 156)
			t_eq(tar_next(&c, &member), TAR_BROKEN);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_patched),
		cmocka_unit_test(test_unsigned),
		cmocka_unit_test(test_plain_names),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_tar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
