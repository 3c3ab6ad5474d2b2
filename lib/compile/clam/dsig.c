/*
 * dsig.c - check the two kinds of signature a ClamAV container carries.
 *
 * Spec:    none is published; the algorithm was taken down from practice
 *          (docs/signatures.md).  The second is EMSA-PSS of RFC 8017, 9.1,
 *          with SHA-256, MGF1-SHA256 and a salt of 32 bytes.
 *
 * A signature is a number written in digits of six bits, the lowest first, of
 * the alphabet a-z A-Z 0-9 + /.  Raised to the public exponent, modulo the
 * public modulus, it gives
 *
 *   legacy      16 bytes: the MD5 itself
 *   info, diff  256 bytes: masked data block (223), H (32), 0xbc
 *
 * The first is RSA without padding over a broken hash: it shows that a
 * container was not damaged, hardly that nobody forged it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/dsig.h"

#include "lib/crypto/digest.h"

#include <openssl/bn.h>

#include <string.h>

#define DSIG_DIGITS_MAX      400u /* 2048 bits are 342 digits */
#define DSIG_LEGACY_EXPONENT 100001027u
#define DSIG_INFO_EXPONENT   100002049u
#define DSIG_DIFF_EXPONENT   100002053u

#define DSIG_MD5_SIZE  16u
#define DSIG_SIZE      256u /* of the modulus of .info */
#define DSIG_HASH_SIZE 32u
#define DSIG_BLOCK     (DSIG_SIZE - DSIG_HASH_SIZE - 1u)
#define DSIG_ONE       (DSIG_BLOCK - DSIG_HASH_SIZE - 1u)

const char dsig_legacy_modulus[] =
    "1186409955516453426030700016584531897515277744120277437465994057432431"
    "4260746414476736106064065584474976078889002228342492276248891756555100"
    "2467771109669598189410434699034532232228621591089508178591428456220796"
    "8416216371755675904766669286987701433281373839528203831975320477717801"
    "96576957695822641224262693037";

const char dsig_info_modulus[] =
    "1108889498304854547365955610662719492392894179179504762059165869741358"
    "1043322715912172496806525381055880964520618400224333320534660299233983"
    "7553417406795028668299096799557343913926683783612215242053966310901051"
    "5164127085727708031073432095165370050894171741916872394250789070290470"
    "2707587451621691050754307850383399865346487203798464178537392211402786"
    "4813598244611972311028954150937703942166663244845939357624084685168266"
    "3319214082666792349482204580534780993284845484588697170642436055866786"
    "2775876072059437703365380209101697738577515476935085469455279994113145"
    "977994084618328482151013142393373316337519977244732747977";

const char dsig_diff_modulus[] =
    "1478390587407746709026222851655791757025459963837620353203198921410555"
    "2847269687489771975792123442185817287694951949800908791527542017115600"
    "5013033947786185358648452357000415900563182301024496122174585490160893"
    "1330659138859079079651581965410232072571230082235634872401123265483750"
    "3241736177907784198700834440681124727060540035754699658105895050096576"
    "2267530085968816988281856524249019216687583265784620032479064709820922"
    "9810678965721190548898628107834636146952448482955956088622719809199549"
    "8440676639639830463593211386055065360288422394053998134458623712540683"
    "294034953818412458362198117811990006021989844180721010947";

static int
dsig_digit(uint8_t c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* The number sig is written for. */
static bool
dsig_read(struct cur sig, BIGNUM *out)
{
	size_t size = cur_left(&sig), i;
	const uint8_t *text = sig.base + sig.pos;

	if (size == 0 || size > DSIG_DIGITS_MAX)
		return false;
	BN_zero(out);
	for (i = size; i-- > 0;) {
		int digit = dsig_digit(text[i]);

		if (digit < 0 || BN_lshift(out, out, 6) != 1 ||
		    BN_add_word(out, (BN_ULONG)digit) != 1)
			return false;
	}
	return true;
}

/* out = sig ^ exponent mod modulus, in exactly size bytes. */
static bool
dsig_raise(BN_CTX *ctx, const char *modulus, uint32_t exponent, struct cur sig,
    uint8_t *out, size_t size)
{
	BIGNUM *n = BN_CTX_get(ctx), *e = BN_CTX_get(ctx);
	BIGNUM *c = BN_CTX_get(ctx), *p = BN_CTX_get(ctx);

	return p != NULL && BN_dec2bn(&n, modulus) != 0 &&
	    BN_set_word(e, exponent) == 1 && dsig_read(sig, c) &&
	    BN_cmp(c, n) < 0 && BN_mod_exp(p, c, e, n, ctx) == 1 &&
	    BN_bn2binpad(p, out, (int)size) == (int)size;
}

static bool
dsig_open(const char *modulus, uint32_t exponent, struct cur sig, uint8_t *out,
    size_t size)
{
	BN_CTX *ctx = BN_CTX_new();
	bool ok;

	if (ctx == NULL)
		return false;
	BN_CTX_start(ctx);
	ok = dsig_raise(ctx, modulus, exponent, sig, out, size);
	BN_CTX_end(ctx);
	BN_CTX_free(ctx);
	return ok;
}

bool
dsig_check_legacy(const char *modulus, struct cur sig, const uint8_t md5[16])
{
	uint8_t plain[DSIG_MD5_SIZE];

	return dsig_open(modulus, DSIG_LEGACY_EXPONENT, sig, plain,
		   sizeof(plain)) &&
	    memcmp(plain, md5, sizeof(plain)) == 0;
}

/* block ^= MGF1-SHA256(seed)                          [RFC 8017, B.2.1] */
static void
dsig_unmask(uint8_t *block, size_t size, const uint8_t *seed)
{
	uint8_t mask[DIGEST_SIZE_MAX];
	struct digest d;
	size_t i;

	for (i = 0; i < size; i++) {
		if (i % DSIG_HASH_SIZE == 0) {
			const uint8_t counter[4] = { 0, 0, 0,
				(uint8_t)(i / DSIG_HASH_SIZE) };

			digest_init(&d, DIGEST_SHA256);
			digest_add(&d, seed, DSIG_HASH_SIZE);
			digest_add(&d, counter, sizeof(counter));
			digest_end(&d, mask);
		}
		block[i] ^= mask[i % DSIG_HASH_SIZE];
	}
}

/* EMSA-PSS-VERIFY                                     [RFC 8017, 9.1.2] */
static bool
dsig_check_pss(uint8_t em[DSIG_SIZE], const uint8_t sha256[32])
{
	static const uint8_t zeros[8];
	const uint8_t *hash = em + DSIG_BLOCK;
	uint8_t want[DIGEST_SIZE_MAX];
	struct digest d;
	size_t i;

	if (em[DSIG_SIZE - 1] != 0xbc || (em[0] & 0x80) != 0)
		return false;
	dsig_unmask(em, DSIG_BLOCK, hash);
	/* The modulus has 2047 bits, so a signer by the book clears two bits;
	   one that clears one leaves the other right. */
	em[0] &= 0x3f;
	for (i = 0; i < DSIG_ONE; i++)
		if (em[i] != 0)
			return false;
	if (em[DSIG_ONE] != 1)
		return false;
	digest_init(&d, DIGEST_SHA256);
	digest_add(&d, zeros, sizeof(zeros));
	digest_add(&d, sha256, DSIG_HASH_SIZE);
	digest_add(&d, em + DSIG_ONE + 1, DSIG_HASH_SIZE);
	digest_end(&d, want);
	return memcmp(want, hash, DSIG_HASH_SIZE) == 0;
}

bool
dsig_check_info(const char *modulus, struct cur sig, const uint8_t sha256[32])
{
	uint8_t em[DSIG_SIZE];

	return dsig_open(modulus, DSIG_INFO_EXPONENT, sig, em, sizeof(em)) &&
	    dsig_check_pss(em, sha256);
}

bool
dsig_check_diff(const char *modulus, struct cur sig, const uint8_t sha256[32])
{
	uint8_t em[DSIG_SIZE];

	return dsig_open(modulus, DSIG_DIFF_EXPONENT, sig, em, sizeof(em)) &&
	    dsig_check_pss(em, sha256);
}

void
dsig_warm(void)
{
	static const uint8_t nothing[32];

	(void)dsig_check_info(dsig_info_modulus, cur_from("b", 1), nothing);
}
