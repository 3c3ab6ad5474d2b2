/*
 * hash.c - read hash signatures: .hdb .hsb .hdu .hsu .fp .sfp, .mdb .msb .mdu
 * .msu and .imp.
 *
 * Spec:    ClamAV documentation, "File hash signatures" and "PE section based
 *          hash signatures"; docs/signatures.md tells where practice differs.
 *
 *   .hdb .imp   hash:size:name[:minlevel[:maxlevel]]
 *   .mdb        size:hash:name[:minlevel[:maxlevel]]
 *
 * The length of the hash says which digest it is, in any of them.  A size of
 * "*" means any and asks for a minimum level of 73, except in .imp.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/hash.h"

#include "lib/base/hex.h"

#include <string.h>

#define HASH_ANY_SIZE_LEVEL 73u

bool
hash_read_digest(struct cur c, enum ir_digest *out, uint8_t bytes[32])
{
	switch (cur_left(&c)) {
	case 32:
		*out = IR_MD5;
		break;
	case 40:
		*out = IR_SHA1;
		break;
	case 64:
		*out = IR_SHA256;
		break;
	default:
		return false;
	}
	return hex_read(c, bytes, cur_left(&c) / 2);
}

/* Read the size and check that "*" is allowed. */
static bool
hash_read_size(struct line *l, struct cur size, const struct cur *level,
    enum ir_hash_of of, uint64_t *out)
{
	uint64_t min = 0;

	if (!cur_is(&size, "*")) {
		if (cur_left(&size) > 0 && line_number(size, out) &&
		    *out != IR_SIZE_ANY)
			return true;
		return line_refuse(l, cur_where(&size), "bad-size",
		    "the size is neither a number nor *");
	}
	*out = IR_SIZE_ANY;
	if (of == IR_HASH_IMPORTS ||
	    (level != NULL && line_number(*level, &min) &&
		min >= HASH_ANY_SIZE_LEVEL))
		return true;
	return line_refuse(l, cur_where(&size), "bad-size",
	    "a size of * needs a minimum level of 73 or more");
}

/* Bytes read in one go, and what each of them may be. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Is one of eight bytes a colon or a control character? */
static bool
hash_ends_name(const uint8_t *eight)
{
	uint64_t x, colon, rubout;

	memcpy(&x, eight, sizeof(x));
	colon = x ^ EACH(':');
	rubout = x ^ EACH(0x7f);
	return (((x - EACH(0x20)) & ~x) | ((colon - EACH(1)) & ~colon) |
		   ((rubout - EACH(1)) & ~rubout)) &
	    EACH(0x80);
}

/*
 * The usual size: digits, not too many, and a colon; how many bytes that is,
 * or 0.
 */
static size_t
hash_take_size(const uint8_t *at, size_t left, uint64_t *out)
{
	uint64_t value = 0;
	size_t i;

	/* Below, i < left. */
	for (i = 0; i < left && i < 18; i++) {
		uint32_t digit = at[i] - (uint32_t)'0';

		if (digit > 9)
			break;
		value = value * 10 + digit;
	}
	*out = value;
	return i > 0 && i < left && at[i] == ':' ? i + 1 : 0;
}

/* The same of a digest. */
static size_t
hash_take_digest(const uint8_t *at, size_t left, struct ir_hash *h)
{
	static const uint8_t digits[] = { 32, 64, 40 };
	enum ir_digest digest;
	size_t i;

	for (i = 0; i < sizeof(digits); i++)
		if (digits[i] < left && at[digits[i]] == ':')
			break;
	if (i == sizeof(digits) ||
	    !hash_read_digest((struct cur){ .base = at, .size = digits[i] },
		&digest, h->bytes))
		return 0;
	h->digest = (uint8_t)digest;
	return digits[i] + 1u;
}

/*
 * Read the three fields that nearly all of millions of lines have, in one go.
 * False: something is not as it is most often; nothing is said of it.
 */
static bool
hash_is_usual(const struct line *l, bool size_first, struct ir_hash *h)
{
	const uint8_t *at = l->text.base;
	size_t left = l->text.size, n, i, k;

	for (i = 0; i < 2; i++) {
		n = (i == 0) == size_first ? hash_take_size(at, left, &h->size)
					   : hash_take_digest(at, left, h);
		if (n == 0)
			return false;
		at += n;
		left -= n;
	}
	if (left < 8 || left > LINE_NAME_MAX)
		return false;
	/* The last eight may have been looked at already. */
	for (k = 0; k + 8 < left; k += 8)
		if (hash_ends_name(at + k))
			return false;
	h->name_at = (uint16_t)(l->text.size - left);
	h->name_size = (uint16_t)left;
	return !hash_ends_name(at + left - 8);
}

/* A hash that was read, with where it stands. */
static bool
hash_add(struct line *l, struct ir_hash *h)
{
	h->text = (const char *)l->text.base;
	h->text_size = (uint16_t)l->text.size;
	h->line = l->number;
	h->file = l->file;
	h->flags = (uint8_t)l->flags;
	h->allow = l->allow;
	return line_add_hash(l, h);
}

/* The fields, as they may be. */
static bool
hash_read_any(struct line *l, enum ir_hash_of of, bool size_first)
{
	struct cur field[5];
	size_t count = line_split(l->text, ':', field, 5);
	const struct cur *hash = &field[size_first ? 1 : 0];
	const struct cur *size = &field[size_first ? 0 : 1];
	const struct cur *min = count > 3 ? &field[3] : NULL;
	struct ir_hash h = { .of = (uint8_t)of };
	enum ir_digest digest;

	if (count < 3 || count > 5)
		return line_refuse(l, 0, "bad-fields",
		    "a hash signature has three to five fields");
	if (!hash_read_digest(*hash, &digest, h.bytes))
		return line_refuse(l, cur_where(hash), "bad-hash",
		    "the hash is not 32, 40 or 64 hexadecimal digits");
	if (!hash_read_size(l, *size, min, of, &h.size) ||
	    !line_check_name(l, field[2]) ||
	    !line_check_level(l, min, count > 4 ? &field[4] : NULL))
		return false;
	h.name_at = (uint16_t)cur_where(&field[2]);
	h.name_size = (uint16_t)cur_left(&field[2]);
	h.digest = (uint8_t)digest;
	return hash_add(l, &h);
}

/* The fields shared by all, wherever hash and size stand. */
static bool
hash_read_fields(struct line *l, enum ir_hash_of of, bool size_first)
{
	struct ir_hash h = { .of = (uint8_t)of };

	return hash_is_usual(l, size_first, &h)
	    ? hash_add(l, &h)
	    : hash_read_any(l, of, size_first);
}

bool
hash_read_file(struct line *l)
{
	return hash_read_fields(l, IR_HASH_FILE, false);
}

bool
hash_read_section(struct line *l)
{
	return hash_read_fields(l, IR_HASH_SECTION, true);
}

bool
hash_read_imports(struct line *l)
{
	return hash_read_fields(l, IR_HASH_IMPORTS, false);
}
