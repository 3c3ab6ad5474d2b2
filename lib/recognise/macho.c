/*
 * macho.c - who signed a macOS program.
 *
 * Spec:    Mach-O: mach-o/loader.h, mach-o/fat.h; code signatures:
 *          bsd/sys/codesign.h and osfmk/kern/cs_blobs.h, XNU 8792 [CS].
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   RECOGNISE_APP (the identifier that was signed), RECOGNISE_SIGNER
 *          (the team, and who is named in the signature).
 * Limits:  MACHINES images of a universal file, COMMANDS load commands, BLOBS
 *          parts of a signature, SIGNATURE_READ bytes of it.
 *
 *   header, in the byte order that its magic tells:
 *        0     4  feedface, or feedfacf (64-bit)
 *       16     4  load commands; they begin at 28, or 32
 *   LC_CODE_SIGNATURE:  0  4  1d    8  4  offset    12  4  size
 *
 *   A signature, big-endian:                                          [CS]
 *        0     4  fade0cc0
 *        8     4  parts; of each 8 bytes: type, offset
 *   Type 0 is a code directory: 0  4  fade0c02    8  4  version
 *       20     4  offset of the identifier
 *       48     4  offset of the team (version 20200 or later)
 *   Type 10000 is a CMS: 0  4  fade0b01    4  4  size    8  SignedData
 *
 *   universal, big-endian:  0  4  cafebabe    4  4  images, of 20 bytes:
 *        8     4  offset
 *       12     4  size
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/recognise/parts.h"

#define MACHINES       8u
#define COMMANDS       1024u
#define BLOBS          32u
#define SIGNATURE_READ ((uint64_t)8 << 20)

#define MAGIC_32       0xfeedfaceu
#define MAGIC_64       0xfeedfacfu
#define MAGIC_FAT      0xcafebabeu
#define COMMAND_SIGNED 0x1du
#define BLOB_SIGNATURE 0xfade0cc0u
#define BLOB_DIRECTORY 0xfade0c02u
#define BLOB_CMS       0xfade0b01u
#define VERSION_TEAM   0x20200u

static void
tell_text(const struct recognise *r, enum recognise_what what, struct cur blob,
    uint32_t off)
{
	struct cur text;

	blob.pos = 0;
	if (off == 0 || !cur_seek(&blob, off) || !cur_until(&blob, 0, &text))
		return;
	if (text.size > RECOGNISE_TEXT)
		text.size = RECOGNISE_TEXT;
	recognise_tell(r, what, text, cur_from("", 0));
}

static void
read_code_directory(const struct recognise *r, struct cur blob)
{
	struct cur in = blob;
	uint32_t version, identifier, team = 0;

	if (!cur_seek(&in, 8))
		return;
	version = cur_u32be(&in);
	if (!cur_seek(&in, 20))
		return;
	identifier = cur_u32be(&in);
	if (version >= VERSION_TEAM && cur_seek(&in, 48))
		team = cur_u32be(&in);
	tell_text(r, RECOGNISE_APP, blob, identifier);
	tell_text(r, RECOGNISE_SIGNER, blob, cur_ok(&in) ? team : 0);
}

static void
read_blob(const struct recognise *r, const struct cur *all, uint32_t off)
{
	struct cur in = *all, blob, body;
	uint32_t magic, size;

	in.pos = 0;
	if (!cur_seek(&in, off))
		return;
	body = in;
	magic = cur_u32be(&in);
	size = cur_u32be(&in);
	if (!cur_ok(&in) || !cur_take(&body, size, &blob) || size < 8)
		return;
	if (magic == BLOB_DIRECTORY)
		read_code_directory(r, blob);
	else if (magic == BLOB_CMS && size > 8 && cur_skip(&blob, 8))
		recognise_signed_data(r, blob);
}

static void
read_signature(const struct recognise *r, struct cur all)
{
	struct cur in = all;
	uint32_t count, i, off;

	if (cur_u32be(&in) != BLOB_SIGNATURE) {
		recognise_gap(r, "signature", "it is cut or malformed");
		return;
	}
	(void)cur_u32be(&in); /* size */
	count = cur_u32be(&in);
	for (i = 0; i < count && i < BLOBS && cur_left(&in) >= 8; i++) {
		(void)cur_u32be(&in); /* type */
		off = cur_u32be(&in);
		read_blob(r, &all, off);
	}
}

static uint32_t
number(struct cur *in, bool is_big)
{
	return is_big ? cur_u32be(in) : cur_u32le(in);
}

/* One image, that starts at start. */
static void
read_image(const struct recognise *r, uint64_t start)
{
	struct cur in, blob;
	uint32_t magic, count, i, command, size, off;
	uint64_t at = start;
	bool is_big;

	source_cur_upto(r->source, r->arena, at, 20, &in);
	magic = cur_u32le(&in);
	is_big = magic != MAGIC_32 && magic != MAGIC_64;
	if (is_big)
		magic = __builtin_bswap32(magic);
	if ((magic != MAGIC_32 && magic != MAGIC_64) || !cur_skip(&in, 12))
		return;
	count = number(&in, is_big);
	at += magic == MAGIC_64 ? 32 : 28;
	for (i = 0; i < count && i < COMMANDS; i++, at += size) {
		size_t mark = arena_mark(r->arena);

		if (!source_cur(r->source, r->arena, at, 16, &in))
			return;
		command = number(&in, is_big);
		size = number(&in, is_big);
		off = number(&in, is_big);
		count = command == COMMAND_SIGNED ? 0 : count;
		if (command == COMMAND_SIGNED) {
			source_cur_upto(r->source, r->arena, start + off,
			    SIGNATURE_READ, &blob);
			read_signature(r, blob);
		}
		arena_reset(r->arena, mark);
		if (size < 8)
			return;
	}
}

void
recognise_macho(const struct recognise *r)
{
	size_t mark = arena_mark(r->arena);
	struct cur in;
	uint32_t count, i, off;

	source_cur_upto(r->source, r->arena, 0, 8 + 20 * MACHINES, &in);
	if (cur_u32be(&in) != MAGIC_FAT) {
		read_image(r, 0);
		arena_reset(r->arena, mark);
		return;
	}
	count = cur_u32be(&in);
	for (i = 0; i < count && i < MACHINES && cur_left(&in) >= 20; i++) {
		(void)cur_u64be(&in); /* machine */
		off = cur_u32be(&in);
		(void)cur_u64be(&in); /* size, alignment */
		read_image(r, off);
	}
	arena_reset(r->arena, mark);
}
