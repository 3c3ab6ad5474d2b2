/*
 * tar.c - walk the members of a small tar archive in memory.
 *
 * Spec:    POSIX.1-2017, pax, "ustar Interchange Format".
 * Input:   hostile; read through struct cur only.
 *
 *   offset  size  field
 *        0   100  name       padded with zeros
 *      124    12  size       octal digits
 *      148     8  checksum   octal: sum of the header with this field blank
 *      156     1  type       "0" or zero: a regular file
 *      512  size  data       padded to a multiple of 512
 *
 * Stricter than a general reader, as these archives have one maker: names are
 * plain, sizes octal, links and long names break it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/tar.h"

#include <string.h>

#define TAR_BLOCK         512u
#define TAR_SIZE_AT       124u
#define TAR_SIZE_SIZE     12u
#define TAR_CHECKSUM_AT   148u
#define TAR_CHECKSUM_SIZE 8u
#define TAR_TYPE_AT       156u

/* Octal digits, blanks in front, ended by a blank, a zero or the field. */
static bool
tar_read_octal(const struct cur *header, uint64_t at, uint64_t size,
    uint64_t *out)
{
	struct cur c;
	uint64_t value = 0;
	size_t digits = 0;

	if (!cur_at(header, at, size, &c))
		return false;
	while (cur_match(&c, " ", 1))
		;
	while (cur_left(&c) > 0) {
		uint8_t u = cur_u8(&c);

		if (u == ' ' || u == 0)
			break;
		if (u < '0' || u > '7')
			return false;
		value = value << 3 | (uint64_t)(u - '0');
		digits++;
	}
	*out = value; /* 12 digits of 3 bits fit */
	return digits > 0;
}

static uint64_t
tar_sum(struct cur header)
{
	uint64_t sum = 0, at;

	for (at = 0; cur_left(&header) > 0; at++) {
		uint8_t u = cur_u8(&header);
		bool is_blank = at >= TAR_CHECKSUM_AT &&
		    at < TAR_CHECKSUM_AT + TAR_CHECKSUM_SIZE;

		sum += is_blank ? ' ' : u;
	}
	return sum;
}

static bool
tar_is_zero(struct cur header)
{
	while (cur_left(&header) > 0)
		if (cur_u8(&header) != 0)
			return false;
	return true;
}

static bool
tar_read_name(struct cur header, char *out)
{
	size_t size = 0;

	memset(out, 0, TAR_NAME_MAX + 1);
	for (; size < TAR_NAME_MAX; size++) {
		uint8_t u = cur_u8(&header);
		bool is_plain = (u >= 'a' && u <= 'z') ||
		    (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') ||
		    u == '.' || u == '_' || u == '-';

		if (u == 0)
			break;
		if (!is_plain)
			return false;
		out[size] = (char)u;
	}
	return size > 0;
}

enum tar_step
tar_next(struct cur *c, struct tar_member *out)
{
	struct cur header, type;
	uint64_t sum, size, padding;

	if (cur_left(c) == 0)
		return TAR_DONE;
	if (!cur_take(c, TAR_BLOCK, &header))
		return TAR_BROKEN;
	if (tar_is_zero(header))
		return TAR_DONE;
	if (!tar_read_octal(&header, TAR_CHECKSUM_AT, TAR_CHECKSUM_SIZE,
		&sum) ||
	    sum != tar_sum(header) ||
	    !tar_read_octal(&header, TAR_SIZE_AT, TAR_SIZE_SIZE, &size) ||
	    !cur_at(&header, TAR_TYPE_AT, 1, &type) ||
	    !tar_read_name(header, out->name) ||
	    !cur_take(c, size, &out->bytes))
		return TAR_BROKEN;
	/* The last member's padding may be missing. */
	padding = (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
	if (padding > cur_left(c))
		padding = cur_left(c);
	if (!cur_skip(c, padding) ||
	    !(cur_match(&type, "0", 1) || cur_u8(&type) == 0))
		return TAR_BROKEN;
	return TAR_MEMBER;
}
