/*
 * embedded.c - archives, documents and programs that stand inside something else.
 *
 * Specs:   PKWARE APPNOTE 6.3.10 [ZIP]; 7zFormat.txt of the LZMA SDK [7z];
 *          RAR 4 technote and RAR 5.0 archive format [RAR]; [MS-CAB]; the
 *          ARJ technical note [ARJ]; PE Format [PE]; RFC 1952 [GZIP]; the .xz
 *          file format 1.1.0 [XZ]; [MS-CFB]; ECMA-119 [ISO].
 * Input:   hostile; read through struct cur only.
 * Limits:  one pass, and at most EMBEDDED_HEADER bytes behind a magic number.
 *
 * A magic number alone is found in every program that knows the format.  So
 * each has to be followed by a header that holds: checksums where there are
 * some (7z, RAR, ARJ), else numbers that fit each other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/embedded.h"

#include "lib/base/ckd.h"
#include "lib/codec/codec.h"
#include "lib/formats/embedded_sieve.h"
#include "lib/formats/source.h"

#include <string.h>

#define PE_STUB_MAX   1024u /* "PE" of an executable inside another file */
#define ARJ_BODY_MAX  2600u
#define RAR5_BODY_MAX 2048u
#define ZIP_NAME_MAX  1024u
#define ZIP_BZIP2     12u
#define ZIP_XZ        95u
#define ISO_SYSTEM    32768u /* bytes in front of the first descriptor */

/* Checksum of size bytes from at on; false if they are not there. */
static bool
sum_holds(const struct cur *in, uint64_t off, uint64_t size, uint32_t want,
    uint32_t mask)
{
	struct cur body;

	return cur_at(in, off, size, &body) &&
	    (codec_crc32(0, body.base, body.size) & mask) == want;
}

/* Signature, version 0.x, CRC of the rest; where the end header is. [7z] */
static bool
is_7z(struct cur in, struct embedded *out)
{
	struct cur at = in;
	uint32_t crc;
	uint64_t off, size;

	if (!cur_match(&at, "7z\xbc\xaf\x27\x1c\0", 7) || !cur_skip(&at, 1))
		return false;
	crc = cur_u32le(&at);
	off = cur_u64le(&at);
	size = cur_u64le(&at);
	if (!cur_ok(&at) || !sum_holds(&in, 12, 20, crc, UINT32_MAX) ||
	    ckd_add(&out->size, off, size) ||
	    ckd_add(&out->size, out->size, (uint64_t)32))
		return false;
	out->kind = KIND_SEVENZIP;
	return true;
}

/* The first block behind the mark: CRC of all after itself.  [RAR 4] */
static bool
is_rar4(struct cur in)
{
	struct cur at = in;
	uint16_t crc, size;

	if (!cur_match(&at, "Rar!\x1a\7\0", 7))
		return false;
	crc = cur_u16le(&at);
	if (cur_u8(&at) != 0x73 || !cur_skip(&at, 2))
		return false;
	size = cur_u16le(&at);
	return cur_ok(&at) && size >= 13 && size <= RAR5_BODY_MAX &&
	    sum_holds(&in, 9, size - 2u, crc, UINT16_MAX);
}

/* The same with a size of one or two bytes of seven bits.  [RAR 5] */
static bool
is_rar5(struct cur in)
{
	struct cur at = in;
	uint32_t crc, size, more;
	uint64_t head = 1;

	if (!cur_match(&at, "Rar!\x1a\7\1\0", 8))
		return false;
	crc = cur_u32le(&at);
	size = cur_u8(&at);
	if ((size & 0x80) != 0) {
		more = cur_u8(&at);
		if ((more & 0x80) != 0)
			return false;
		size = (size & 0x7f) | more << 7;
		head = 2;
	}
	return cur_ok(&at) && size > 0 && size <= RAR5_BODY_MAX &&
	    sum_holds(&in, 12, head + size, crc, UINT32_MAX);
}

static bool
is_rar(struct cur in, struct embedded *out)
{
	out->kind = KIND_RAR;
	return is_rar4(in) || is_rar5(in);
}

/* Main header: its size, itself, its CRC.  [ARJ] */
static bool
is_arj(struct cur in, struct embedded *out)
{
	struct cur at = in, sum;
	uint16_t size;

	if (!cur_match(&at, "\x60\xea", 2))
		return false;
	size = cur_u16le(&at);
	if (!cur_ok(&at) || size < 30 || size > ARJ_BODY_MAX ||
	    !cur_at(&in, 4 + (uint64_t)size, 4, &sum))
		return false;
	out->kind = KIND_ARJ;
	return sum_holds(&in, 4, size, cur_u32le(&sum), UINT32_MAX);
}

/* Its size at 8, where its files are told at 16, version 1.x.  [MS-CAB 2.1] */
static bool
is_cabinet(struct cur in, struct embedded *out)
{
	uint32_t size, files;

	if (!cur_match(&in, "MSCF\0\0\0", 8))
		return false;
	size = cur_u32le(&in);
	if (!cur_skip(&in, 4))
		return false;
	files = cur_u32le(&in);
	if (!cur_skip(&in, 4) || !cur_skip(&in, 1) || cur_u8(&in) != 1)
		return false;
	out->kind = KIND_CAB;
	out->size = size;
	return cur_u16le(&in) > 0 && cur_u16le(&in) > 0 && cur_ok(&in) &&
	    files >= 36 && files < size;
}

/* Do the fields of a local header's rest fill it?  [ZIP 4.5] */
static bool
is_extra(struct cur extra)
{
	while (cur_left(&extra) >= 4) {
		(void)cur_u16le(&extra);
		if (!cur_skip(&extra, cur_u16le(&extra)))
			return false;
	}
	return true;
}

static bool
is_zip_method(uint16_t method)
{
	return method <= 21 || (method >= 92 && method <= 99);
}

/* A name has no control characters, and no NUL above all. */
static bool
is_zip_name(struct cur name)
{
	while (cur_left(&name) > 0)
		if (cur_u8(&name) < ' ')
			return false;
	return true;
}

/*
 * A local header.  Readers go by the directory at the end and believe little
 * of this, so neither may we ask for much: a version, a method and flags that
 * exist, a name.  [ZIP 4.3.7]
 */
static bool
is_zip(struct cur in, struct embedded *out)
{
	struct cur name, extra;
	uint16_t version, flags, method, name_size, extra_size;

	if (!cur_match(&in, "PK\3\4", 4))
		return false;
	version = cur_u16le(&in);
	flags = cur_u16le(&in);
	method = cur_u16le(&in);
	if (!cur_skip(&in, 16))
		return false;
	name_size = cur_u16le(&in);
	extra_size = cur_u16le(&in);
	if (!cur_ok(&in) || version % 256 > 63 || (flags & 0xc000) != 0 ||
	    !is_zip_method(method) || name_size == 0 ||
	    name_size > ZIP_NAME_MAX || !cur_take(&in, name_size, &name))
		return false;
	if (method == ZIP_BZIP2 || method == ZIP_XZ)
		out->data = cur_where(&in) + extra_size;
	/* Long ones are left to the opener: they may not be here. */
	if (cur_take(&in, extra_size, &extra) && !is_extra(extra))
		return false;
	out->kind = KIND_ZIP;
	return is_zip_name(name);
}

/* "MZ", and "PE" not far behind.  [PE 3] */
static bool
is_executable(struct cur in, struct embedded *out)
{
	struct cur at = in;
	uint32_t start;

	if (!cur_match(&at, "MZ", 2) || !cur_at(&in, 60, 4, &at))
		return false;
	start = cur_u32le(&at);
	out->kind = KIND_PE;
	return start >= 4 && start <= PE_STUB_MAX &&
	    cur_at(&in, start, 4, &at) && cur_match(&at, "PE\0", 4);
}

/* An OLE2 file, such as a setup program's MSI package.  [MS-CFB 2.2] */
static bool
is_document(struct cur in, struct embedded *out)
{
	uint16_t version, order, shift;

	if (!cur_match(&in, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) ||
	    !cur_skip(&in, 18))
		return false;
	version = cur_u16le(&in);
	order = cur_u16le(&in);
	shift = cur_u16le(&in);
	out->kind = KIND_OLE2;
	return cur_ok(&in) && order == 0xfffe &&
	    ((version == 3 && shift == 9) || (version == 4 && shift == 12));
}

/*
 * One compressed file, as a shell script unpacks it from its own end.  Few
 * writers set other flags than the name's, or say they are from elsewhere.
 * [GZIP 2.3]
 */
static bool
is_gzip(struct cur in, struct embedded *out)
{
	uint8_t flags, extra, origin;

	if (!cur_match(&in, "\x1f\x8b\x08", 3))
		return false;
	flags = cur_u8(&in);
	(void)cur_u32le(&in);
	extra = cur_u8(&in);
	origin = cur_u8(&in);
	out->kind = KIND_GZIP;
	return cur_ok(&in) && (flags & ~8u) == 0 &&
	    (extra == 0 || extra == 2 || extra == 4) &&
	    (origin <= 3 || origin == 11 || origin == 255);
}

/* Magic number, two bytes of flags, their CRC.  [XZ 2.1.1] */
static bool
is_xz(struct cur in, struct embedded *out)
{
	struct cur at = in;

	if (!cur_match(&at, "\xfd\x37zXZ\x00", 6) || !cur_skip(&at, 2))
		return false;
	out->kind = KIND_XZ;
	return sum_holds(&in, 6, 2, cur_u32le(&at), UINT32_MAX) && cur_ok(&at);
}

/* "BZh", the block size, and the magic number of the first block. */
static bool
is_bzip2(struct cur in, struct embedded *out)
{
	uint8_t level;

	if (!cur_match(&in, "BZh", 3))
		return false;
	level = cur_u8(&in);
	out->kind = KIND_BZIP2;
	return level >= '1' && level <= '9' && cur_match(&in, "1AY&SY", 6);
}

/*
 * A disk image by its primary volume descriptor: its blocks in either order
 * are as many, and of 2048 bytes.  It begins sixteen of them before.
 * [ISO 8.4]
 */
static bool
is_disk(struct cur in, struct embedded *out)
{
	uint32_t blocks;

	if (!cur_match(&in, "\1CD001\1", 7) || in.origin < ISO_SYSTEM ||
	    !cur_skip(&in, 73))
		return false;
	out->off = in.origin - ISO_SYSTEM;
	out->kind = KIND_ISO9660;
	blocks = cur_u32le(&in);
	return blocks == cur_u32be(&in) && cur_skip(&in, 40) &&
	    cur_match(&in, "\0\x08\x08\0", 4);
}

/* Do the bytes at the start of in begin a file? */
static bool
is_file(struct cur in, struct embedded *out)
{
	struct cur at = in;

	out->off = in.origin;
	out->size = SOURCE_SIZE_UNKNOWN;
	out->data = 0;
	switch (cur_u8(&at)) {
	case 'P':
		return is_zip(in, out);
	case '7':
		return is_7z(in, out);
	case 'R':
		return is_rar(in, out);
	case 'M':
		return is_cabinet(in, out) || is_executable(in, out);
	case 0x60:
		return is_arj(in, out);
	case 0xd0:
		return is_document(in, out);
	case 0x1f:
		return is_gzip(in, out);
	case 0xfd:
		return is_xz(in, out);
	case 'B':
		return is_bzip2(in, out);
	case 1:
		return is_disk(in, out);
	default:
		return false;
	}
}

/*
 * Go on to the next block in which a file may begin, and say where in it.
 * No places, and less than a magic number left, if there is none.
 */
static uint64_t
next_places(struct cur *in, sieve_fn skip)
{
	uint8_t last[SIEVE_BLOCK + SIEVE_AHEAD] = { 0 };
	size_t left = cur_left(in), blocks;
	uint64_t places = 0;
	struct cur view;

	if (left >= sizeof(last) && cur_at(in, in->pos, left, &view)) {
		blocks = (left - SIEVE_AHEAD) / SIEVE_BLOCK;
		blocks = skip(view.base, blocks, &places);
		if (!cur_skip(in, blocks * SIEVE_BLOCK) || places != 0)
			return places;
	}
	/* The last ones, with zeros behind them: no header fits in those. */
	left = cur_left(in);
	if (left < sizeof(last) && cur_at(in, in->pos, left, &view))
		memcpy(last, view.base, left);
	(void)skip(last, 1, &places);
	return places;
}

/* Is it a file that begins at one of these places?  Step behind its first byte. */
static bool
find_in_block(struct cur *in, uint64_t places, struct embedded *out)
{
	size_t left = cur_left(in), at, size;
	struct cur here;

	for (; places != 0; places &= places - 1) {
		at = (size_t)__builtin_ctzll(places);
		size = at < left ? left - at : 0;
		if (size > EMBEDDED_HEADER)
			size = EMBEDDED_HEADER;
		if (cur_at(in, in->pos + at, size, &here) && is_file(here, out))
			return cur_skip(in, at + 1);
	}
	return false;
}

bool
embedded_find_with(sieve_fn skip, struct cur *in, struct embedded *out)
{
	size_t left;

	while (cur_left(in) > 0) {
		if (find_in_block(in, next_places(in, skip), out))
			return true;
		left = cur_left(in);
		if (!cur_skip(in, left < SIEVE_BLOCK ? left : SIEVE_BLOCK))
			return false;
	}
	return false;
}

bool
embedded_find(struct cur *in, struct embedded *out)
{
	const struct embedded_sieve *sieve = embedded_sieves;

	while (!sieve->runs())
		sieve++;
	return embedded_find_with(sieve->skip, in, out);
}
