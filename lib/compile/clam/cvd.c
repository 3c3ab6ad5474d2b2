/*
 * cvd.c - read a container of signatures: .cvd, .cld and .cud.
 *
 * Spec:    none is published; taken down from practice (docs/signatures.md).
 * Input:   hostile; read through struct cur only.
 *
 *   offset  size  field
 *        0   512  header    fields divided by ":", padded with blanks
 *      512     n  body      .cvd: tar, gzipped; .cld: tar
 *
 *   header  0 "ClamAV-VDB"  1 time  2 version  3 signatures  4 level
 *           5 MD5 of the body  6 signature of that  7 builder
 *           8 time in seconds since 1970
 *
 * One member ends in ".info": a header line, then name:size:sha256 for the
 * others, then "DSIG:" and the signature of the lines before it.
 *
 *   .cvd  the header's signature must hold; if there is a .info, that too
 *   .cld  patched after it was signed: .info must hold, and lists every member
 *   .cud  not signed: loaded like local files
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/cvd.h"

#include "lib/base/hex.h"
#include "lib/compile/clam/dsig.h"
#include "lib/compile/clam/line.h"
#include "lib/compile/clam/tar.h"
#include "lib/compile/pool.h"
#include "lib/compile/text.h"
#include "lib/crypto/digest.h"

#include <zlib.h>

#include <stdio.h>
#include <string.h>

#define CVD_HEADER_SIZE 512u
#define CVD_FIELDS      9u
#define CVD_VERSION     2u
#define CVD_SIGNATURES  3u
#define CVD_MD5         5u
#define CVD_DSIG        6u
#define CVD_SECONDS     8u

/* zlib counts in 32 bits; so much at a time. */
#define CVD_STEP ((size_t)1 << 30)

/* Deflate can't do better than this. */
#define CVD_RATIO_MAX 1032u

enum cvd_trust {
	CVD_SIGNED,   /* .cvd */
	CVD_PATCHED,  /* .cld */
	CVD_UNSIGNED, /* .cud */
	CVD_KINDS
};

static const char *const cvd_ending[CVD_KINDS] = { "cvd", "cld", "cud" };

struct cvd {
	struct ir *ir;         /* NULL: only looked at */
	struct pool *unpacked; /* what is inflated goes here */
	const char *name;
	uint32_t feed;
	const struct compile_options *options;
	enum cvd_trust trust;
	struct cur field[CVD_FIELDS + 1];
	struct cur body; /* as it is in the file */
	struct cur tar;  /* unpacked */
	struct cur info; /* the .info member */
	bool has_info;
	/* Why it is refused. */
	const char *kind, *reason;
	bool is_full;
};

static bool
cvd_refuse(struct cvd *v, const char *kind, const char *reason)
{
	v->kind = kind;
	v->reason = reason;
	return false;
}

static bool
cvd_full(struct cvd *v)
{
	v->is_full = true;
	return false;
}

bool
cvd_is_ending(const char *ending)
{
	size_t i;

	for (i = 0; i < CVD_KINDS; i++)
		if (strcmp(ending, cvd_ending[i]) == 0)
			return true;
	return false;
}

/* --- header ------------------------------------------------------------- */

static bool
cvd_read_header(struct cvd *v, struct cur bytes)
{
	struct cur header;
	size_t count;

	if (!cur_take(&bytes, CVD_HEADER_SIZE, &header))
		return cvd_refuse(v, "bad-container",
		    "the file is shorter than a container's header");
	while (header.size > 0 &&
	    (header.base[header.size - 1] == ' ' ||
		header.base[header.size - 1] == '\n'))
		header.size--;
	count = line_split(header, ':', v->field, CVD_FIELDS);
	if (!cur_is(&v->field[0], "ClamAV-VDB") || count < CVD_SECONDS)
		return cvd_refuse(v, "bad-container",
		    "the header is not a ClamAV container's");
	if (count == CVD_SECONDS)
		v->field[CVD_SECONDS] = cur_from(NULL, 0);
	return cur_take(&bytes, cur_left(&bytes), &v->body);
}

static bool
cvd_check_header(struct cvd *v)
{
	const char *modulus = v->options->legacy_modulus;
	const struct cur *want = &v->field[CVD_MD5];
	uint8_t md5[DIGEST_SIZE_MAX], told[16];

	digest_of(DIGEST_MD5, v->body.base, v->body.size, md5);
	if (v->trust == CVD_PATCHED ||
	    (v->trust == CVD_UNSIGNED && cur_left(want) != 32))
		return true;
	if (!hex_read(*want, told, sizeof(told)))
		return cvd_refuse(v, "bad-container",
		    "the header has no MD5 of the body");
	if (memcmp(told, md5, sizeof(told)) != 0)
		return cvd_refuse(v, "forged",
		    "the body's MD5 is not the one in the header");
	if (v->trust == CVD_UNSIGNED ||
	    dsig_check_legacy(modulus == NULL ? dsig_legacy_modulus : modulus,
		v->field[CVD_DSIG], md5))
		return true;
	return cvd_refuse(v, "forged", "the header's signature does not hold");
}

/* --- body --------------------------------------------------------------- */

/* Inflate all of v->body into size bytes at out, which must fit exactly. */
static bool
cvd_inflate(struct cvd *v, uint8_t *out, size_t size)
{
	z_stream z = { 0 };
	size_t in_left = v->body.size, out_left = size;
	int end = Z_OK;

	/* 15 bits of window, and 16: a gzip wrapper. */
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return cvd_full(v);
	z.next_in = (Bytef *)(uintptr_t)v->body.base;
	z.next_out = out;
	while (end == Z_OK) {
		uInt in = (uInt)(in_left > CVD_STEP ? CVD_STEP : in_left);
		uInt room = (uInt)(out_left > CVD_STEP ? CVD_STEP : out_left);

		z.avail_in = in;
		z.avail_out = room;
		end = inflate(&z, Z_NO_FLUSH);
		in_left -= in - z.avail_in;
		out_left -= room - z.avail_out;
	}
	(void)inflateEnd(&z);
	if (end == Z_STREAM_END && in_left == 0 && out_left == 0)
		return true;
	return cvd_refuse(v, "bad-container",
	    "the body is not one whole gzip stream");
}

/* The size of what is inside stands in the last four bytes.  [RFC 1952] */
static bool
cvd_unpack(struct cvd *v)
{
	struct cur magic, tail;
	uint64_t size;
	uint8_t *out;

	v->tar = v->body;
	if (!cur_at(&v->body, 0, 2, &magic) || cur_u16be(&magic) != 0x1f8b)
		return true;
	if (v->body.size < 18 || !cur_at(&v->body, v->body.size - 4, 4, &tail))
		return cvd_refuse(v, "bad-container", "the body is cut off");
	size = cur_u32le(&tail);
	if (size / CVD_RATIO_MAX > v->body.size)
		return cvd_refuse(v, "bad-container",
		    "the body says it is larger than it can be");
	out = pool_alloc(v->unpacked, 1, (size_t)size + 1);
	if (out == NULL)
		return cvd_full(v);
	if (!cvd_inflate(v, out, (size_t)size))
		return false;
	v->tar = cur_from(out, (size_t)size);
	return true;
}

/* Walk the members once: are they whole, and where is .info? */
static bool
cvd_find_info(struct cvd *v)
{
	struct tar_member member;
	struct cur c = v->tar;
	enum tar_step step;

	while ((step = tar_next(&c, &member)) == TAR_MEMBER) {
		if (strcmp(text_ending(member.name), "info") != 0)
			continue;
		if (v->has_info)
			return cvd_refuse(v, "bad-container",
			    "there are two members of kind .info");
		v->info = member.bytes;
		v->has_info = true;
	}
	if (step == TAR_BROKEN)
		return cvd_refuse(v, "bad-container",
		    "the body is not a plain tar archive");
	return true;
}

/* --- .info -------------------------------------------------------------- */

static bool
cvd_check_info_signature(struct cvd *v)
{
	const char *modulus = v->options->info_modulus;
	struct cur c = v->info, line, at;
	uint8_t sha256[DIGEST_SIZE_MAX];

	for (;;) {
		at = c;
		if (!cur_line(&c, &line))
			return cvd_refuse(v, "forged",
			    ".info carries no signature");
		if (cur_match(&line, "DSIG:", 5))
			break;
	}
	digest_of(DIGEST_SHA256, v->info.base, at.pos, sha256);
	v->info.size = at.pos;
	if (dsig_check_info(modulus == NULL ? dsig_info_modulus : modulus, line,
		sha256))
		return true;
	return cvd_refuse(v, "forged", "the signature of .info does not hold");
}

/* Find name's line in .info. */
static bool
cvd_find_member(const struct cvd *v, const char *name, uint64_t *size,
    uint8_t sha256[32])
{
	struct cur c = v->info, line, field[3];

	while (cur_line(&c, &line)) {
		line = cur_from(line.base, line.size);
		if (line_split(line, ':', field, 3) != 3 ||
		    !cur_is(&field[0], name))
			continue;
		return line_number(field[1], size) &&
		    hex_read(field[2], sha256, 32);
	}
	return false;
}

static bool
cvd_check_member(struct cvd *v, const struct tar_member *member)
{
	uint8_t want[32], got[DIGEST_SIZE_MAX];
	uint64_t size;

	if (strcmp(text_ending(member->name), "info") == 0 ||
	    !text_is_kind(text_ending(member->name)))
		return true; /* not read anyway */
	if (!cvd_find_member(v, member->name, &size, want)) {
		/* A .cvd's header has signed every byte already. */
		if (v->trust != CVD_PATCHED)
			return true;
		return cvd_refuse(v, "forged",
		    "a member is not listed in .info");
	}
	digest_of(DIGEST_SHA256, member->bytes.base, member->bytes.size, got);
	if (size == member->bytes.size && memcmp(want, got, 32) == 0)
		return true;
	return cvd_refuse(v, "forged",
	    "a member's SHA-256 is not the one in .info");
}

static bool
cvd_check_info(struct cvd *v)
{
	struct tar_member member;
	struct cur c = v->tar;

	if (v->trust == CVD_UNSIGNED)
		return true;
	if (!v->has_info)
		return v->trust == CVD_SIGNED ||
		    cvd_refuse(v, "forged",
			"a patched container without .info can't be trusted");
	if (!cvd_check_info_signature(v))
		return false;
	while (tar_next(&c, &member) == TAR_MEMBER)
		if (!cvd_check_member(v, &member))
			return false;
	return true;
}

/* --- all of it ---------------------------------------------------------- */

static bool
cvd_load(struct cvd *v, struct why *why)
{
	char name[1024];
	struct text text = {
		.name = name,
		.feed = v->feed,
		.flags = v->trust == CVD_UNSIGNED ? 0 : SIG_OFFICIAL,
		.is_member = true,
	};
	struct tar_member member;
	struct cur c = v->tar;
	uint64_t built = 0;

	while (tar_next(&c, &member) == TAR_MEMBER) {
		(void)snprintf(name, sizeof(name), "%.800s:%s", v->name,
		    member.name);
		text.bytes = member.bytes;
		if (!text_read(v->ir, &text, v->options, why))
			return false;
	}
	if (line_number(v->field[CVD_SECONDS], &built) && built > v->ir->built)
		v->ir->built = built;
	return true;
}

static bool
cvd_complain(struct cvd *v)
{
	const char *what = cvd_ending[v->trust];
	struct ir_complaint complaint = {
		.is_error = true,
		.kind = v->kind,
		.reason = v->reason,
	};

	if (!ir_add_file(v->ir, v->name, what, v->feed, &complaint.file))
		return false;
	return v->options->what == COMPILE_RULES ||
	    (ir_complain(v->ir, &complaint) &&
		ir_count(v->ir, what, v->kind, true, 1));
}

/* What its ending says it is, and everything that is signed. */
static bool
cvd_open(struct cvd *v, struct cur bytes)
{
	while (v->trust < CVD_UNSIGNED &&
	    strcmp(text_ending(v->name), cvd_ending[v->trust]) != 0)
		v->trust++;
	return cvd_read_header(v, bytes) && cvd_check_header(v) &&
	    cvd_unpack(v) && cvd_find_info(v) && cvd_check_info(v);
}

/* The header of a .cld is signed by nobody, but stands in .info as well. */
static bool
cvd_check_version(struct cvd *v)
{
	struct cur c = v->info, line, field[CVD_VERSION + 2];

	if (v->trust == CVD_UNSIGNED)
		return cvd_refuse(v, "forged", "it is not signed");
	if (v->trust == CVD_SIGNED)
		return true;
	if (cur_line(&c, &line) &&
	    line_split(cur_from(line.base, line.size), ':', field,
		CVD_VERSION + 2) > CVD_VERSION &&
	    field[CVD_VERSION].size == v->field[CVD_VERSION].size &&
	    memcmp(field[CVD_VERSION].base, v->field[CVD_VERSION].base,
		field[CVD_VERSION].size) == 0)
		return true;
	return cvd_refuse(v, "forged",
	    "its version is not the one that was signed");
}

bool
cvd_verify(const char *name, struct cur bytes,
    const struct compile_options *options, struct pool *unpacked,
    struct cvd_facts *out, struct why *why)
{
	struct cvd v = {
		.name = name,
		.options = options,
		.unpacked = unpacked,
	};

	*out = (struct cvd_facts){ 0 };
	if (!cvd_open(&v, bytes) || !cvd_check_version(&v)) {
		if (v.is_full)
			return why_not(why, WHY_LIMIT,
			    "the container needs more memory than is allowed");
		return why_not(why,
		    strcmp(v.kind, "forged") == 0 ? WHY_FORGED : WHY_BROKEN,
		    "%s", v.reason);
	}
	if (!line_number(v.field[CVD_VERSION], &out->version) ||
	    !line_number(v.field[CVD_SIGNATURES], &out->signatures))
		return why_not(why, WHY_BROKEN,
		    "the header has no version, or no number of signatures");
	(void)line_number(v.field[CVD_SECONDS], &out->seconds);
	out->tar = v.tar;
	return true;
}

bool
cvd_read(struct ir *ir, const char *name, uint32_t feed, struct cur bytes,
    const struct compile_options *options, struct why *why)
{
	struct cvd v = {
		.ir = ir,
		.name = name,
		.feed = feed,
		.options = options,
		.unpacked = ir->unpacked,
	};

	if (cvd_open(&v, bytes))
		return cvd_load(&v, why);
	if (!v.is_full && options->what == COMPILE_IGNORES)
		return true; /* told when its signatures are read */
	if (!v.is_full && cvd_complain(&v))
		return true;
	return why_not(why, WHY_LIMIT,
	    "%.150s: the container needs more memory than is allowed", name);
}
