/*
 * ident.c - which kind of file is it, by content alone.
 *
 * Spec:    the magic numbers are each format's own (docs/formats.md has the
 *          list); which bytes make a file text, HTML or mail, and how far
 *          into it one looks, agrees with ClamAV 1.4.6 as observed from
 *          outside, because signatures for targets 3, 4 and 7 depend on it.
 * Input:   hostile; read through struct source and struct cur.
 * Limits:  IDENT_HEAD bytes decide nearly everything.  Further reads: the
 *          volume descriptor of a CD image (to 34 KiB); the trailer of a disk
 *          image or ZIP file (512 bytes at the end); and text, which is
 *          searched for HTML tags to its end, or as far as IDENT_TEXT_MAX or,
 *          for a decoder that would have to start again, IDENT_STREAM_MAX.
 *
 * The order of the questions:
 *
 *   1. a magic number at a fixed place (a table)
 *   2. text or not: the classes of file(1), over IDENT_HEAD bytes
 *   3. in text and in what is still unknown: HTML tags or "%PDF-" anywhere
 *      in the head
 *   4. in text: HTML tags after the head; in the unknown: what is known by
 *      a checksum or stands far inside (old tar, CD image, disk image)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ident/ident.h"

#include "lib/ident/html.h"
#include "lib/ident/text.h"
#include "lib/ident/xml.h"
#include "lib/ident/zip.h"

#include <string.h>

#define IDENT_HEAD       1024u
#define IDENT_CHUNK      65536u
#define IDENT_TEXT_MAX   ((uint64_t)64 << 20)
#define IDENT_STREAM_MAX ((uint64_t)64 << 10)

/* size bytes at off, exactly as they stand. */
struct magic {
	uint16_t off;
	uint8_t size;
	enum kind kind;
	const char *bytes;
};

#define MAGIC(off, text, kind)                           \
	{                                                \
		off, sizeof(text) - 1, KIND_##kind, text \
	}

/* The first that fits wins, so longer ones stand before their beginnings. */
static const struct magic ident_magics[] = {
	/* clang-format off */
	MAGIC(0, "MZ", PE),
	MAGIC(0, "\177ELF", ELF),
	MAGIC(0, "\xce\xfa\xed\xfe", MACHO),
	MAGIC(0, "\xcf\xfa\xed\xfe", MACHO),
	MAGIC(0, "\xfe\xed\xfa\xce", MACHO),
	MAGIC(0, "\xfe\xed\xfa\xcf", MACHO),
	MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE2),
	MAGIC(0, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29"
		 "\x96\xd3", ONENOTE),
	MAGIC(4, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", HWPOLE2),
	MAGIC(0, "HWP Document File V3.00 \x1a\1\2\3\4\5", HWP3),
	MAGIC(0, "%PDF-", PDF),
	MAGIC(0, "%!PS-Adobe-", POSTSCRIPT),
	MAGIC(0, "{\\rt", RTF),
	MAGIC(0, "FWS", SWF),
	MAGIC(0, "CWS", SWF),
	MAGIC(0, "ZWS", SWF),

	MAGIC(0, "GIF", GIF),
	MAGIC(0, "\x89PNG", PNG),
	MAGIC(0, "\xff\xd8\xff", JPEG),
	MAGIC(0, "\0\0\0\x0cjP  \r\n\x87\n", JPEG),
	MAGIC(0, "II*\0", TIFF),
	MAGIC(0, "MM\0*", TIFF),
	MAGIC(0, "MM\0+", TIFF),
	MAGIC(0, "BM", BMP),
	MAGIC(0, "RIFF", RIFF),
	MAGIC(0, "RIFX", RIFF),

	MAGIC(0, "PK\3\4", ZIP),
	MAGIC(0, "PK00PK\3\4", ZIP),
	MAGIC(0, "PK\5\6", ZIP),
	MAGIC(0, "PK\7\10PK\3\4", ZIP),
	MAGIC(0, "\x1f\x8b", GZIP),
	MAGIC(257, "ustar", TAR), /* behind those whose names reach there */
	MAGIC(0, "BZh", BZIP2),
	MAGIC(0, "\xfd\x37zXZ\0", XZ),
	MAGIC(0, "LZIP", LZIP),
	MAGIC(0, "\x28\xb5\x2f\xfd", ZSTD),
	MAGIC(0, "\x04\x22\x4d\x18", LZ4),
	MAGIC(0, "\x02\x21\x4c\x18", LZ4),
	MAGIC(0, "7z\xbc\xaf\x27\x1c", SEVENZIP),
	MAGIC(0, "Rar!", RAR),
	MAGIC(0, "RE~^", RAR),
	MAGIC(0, "\x60\xea", ARJ),
	MAGIC(0, "MSCF", CAB), /* readers ignore what is reserved */
	MAGIC(0, "ITSF", CHM),
	MAGIC(0, "SZDD", SZDD),
	MAGIC(0, "SZ \x88\xf0\x27\x33\xd1", SZDD),
	MAGIC(0, "KWAJ\x88\xf0\x27\xd1", KWAJ),
	MAGIC(0, "xar!", XAR),
	MAGIC(0, "070701", CPIO),
	MAGIC(0, "070702", CPIO_CRC),
	MAGIC(0, "070707", CPIO_ODC),
	MAGIC(0, "\xc7\x71", CPIO_BIN),
	MAGIC(0, "\x71\xc7", CPIO_BIN),
	MAGIC(0, "!<arch>\n", AR),
	MAGIC(0, "\xed\xab\xee\xdb", RPM),
	MAGIC(0, "EGGA", EGG),
	MAGIC(0, "ALZ\1", ALZ),
	MAGIC(0, "ISc(", ISHIELD),
	MAGIC(0, "L\0\0\0\1\24\2\0\0\0\0\0\xc0\0\0\0\0\0\0F", LNK),
	MAGIC(0, "\xb6\xb9\xac\xae\xfe\xff\xff\xff", CRYPTFF),
	MAGIC(0, "{\n  \"Magic\":\"CLAMJSONv0\"", INTERNAL),

	MAGIC(0, "#@~^", SCRENC),
	MAGIC(0, "\x78\x9f\x3e\x22", TNEF),
	MAGIC(0, "begin ", UUENCODED),
	MAGIC(0, "(This file must be converted with BinHex 4.0)", BINHEX),

	MAGIC(0, "From ", MAIL),
	MAGIC(0, "From: ", MAIL),
	MAGIC(0, ">From ", MAIL),
	MAGIC(0, "To: ", MAIL),
	MAGIC(0, "Date: ", MAIL),
	MAGIC(0, "Subject: ", MAIL),
	MAGIC(0, "Received: ", MAIL),
	MAGIC(0, "Received-SPF: ", MAIL),
	MAGIC(0, "Return-Path: ", MAIL),
	MAGIC(0, "Return-path: ", MAIL),
	MAGIC(0, "Message-ID: ", MAIL),
	MAGIC(0, "Message-Id: ", MAIL),
	MAGIC(0, "Delivered-To: ", MAIL),
	MAGIC(0, "Envelope-to: ", MAIL),
	MAGIC(0, "X-UIDL: ", MAIL),
	MAGIC(0, "X-Sieve: ", MAIL),
	MAGIC(0, "X-Real-To: ", MAIL),
	MAGIC(0, "X-Original-To: ", MAIL),
	MAGIC(0, "X-Apparently-To: ", MAIL),
	MAGIC(0, "X-Envelope-From: ", MAIL),
	MAGIC(0, "X-Symantec-", MAIL),
	MAGIC(0, "X-EVS", MAIL),
	MAGIC(0, "Hi. This is the qmail-send", MAIL),
	/* clang-format on */
};

/* What stands where only a file that is still unknown is looked at. */
static const struct magic ident_late_magics[] = {
	/* clang-format off */
	MAGIC(2, "-lh", LHA),
	MAGIC(2, "-lz", LHA),
	MAGIC(2, "-pm", LHA),
	MAGIC(8, "\x19\x04\0\x10", SIS),
	/* clang-format on */
};

static bool
magic_fits(const struct magic *m, const struct cur *head)
{
	struct cur at;

	return cur_at(head, m->off, m->size, &at) &&
	    cur_match(&at, m->bytes, m->size);
}

/* The kind of the first of count rows that fits, or KIND_UNKNOWN. */
static enum kind
magic_find(const struct magic *rows, size_t count, const struct cur *head)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (magic_fits(&rows[i], head))
			return rows[i].kind;
	return KIND_UNKNOWN;
}

/*
 * Java classes and universal Mach-O share a magic number.  The next four
 * bytes are two versions for the one (major is 45 or more), a count for the
 * other; ClamAV draws the line at 32, and takes more than 63 for neither.
 */
static enum kind
ident_cafebabe(struct cur head)
{
	uint32_t number;

	if (cur_u32be(&head) != 0xcafebabe)
		return KIND_UNKNOWN;
	number = cur_u32be(&head);
	if (!cur_ok(&head) || number >= 64)
		return KIND_UNKNOWN;
	return number < 32 ? KIND_MACHO_FAT : KIND_JAVA_CLASS;
}

/* compress(1): 1f 9d, then how many bits a code has, 9 to 16. */
static bool
ident_is_compress(struct cur head)
{
	uint8_t bits;

	if (cur_u16be(&head) != 0x1f9d)
		return false;
	bits = cur_u8(&head);
	return cur_ok(&head) && (bits & 0x1f) >= 9 && (bits & 0x1f) <= 16 &&
	    (bits & 0x60) == 0;
}

/* A skippable zstd frame, RFC 8878 3.1.2, before the first that is not. */
static bool
ident_is_zstd_skippable(struct cur head)
{
	return (cur_u32le(&head) & 0xfffffff0) == 0x184d2a50 && cur_ok(&head);
}

/*
 * The .lzma header of LZMA Utils has no magic number: one byte of properties
 * (lc + 9 * (lp + 5 * pb)), the dictionary's size (what encoders write is 2^n
 * or 2^n + 2^(n-1)), the size of the data (or all ones), and the range
 * coder's first byte, which is always zero.  xz accepts no other sizes.
 *
 * Small numbers and zeros look like this easily.  Nearly every encoder leaves
 * the properties at 5d or, as liblzma does, the size open; without either the
 * dictionary must be 2^n, and the properties neither all zero nor with lc + lp
 * above 4, which nothing but the first SDK reads.
 */
static bool
ident_is_odd_lzma(uint8_t properties, uint32_t dictionary, uint64_t size)
{
	uint8_t lc = properties % 9;
	uint8_t lp = properties / 9 % 5;

	if (size == UINT64_MAX)
		return true;
	return properties != 0 && lc + lp <= 4 &&
	    (dictionary & (dictionary - 1)) == 0;
}

static bool
ident_is_lzma(struct cur head)
{
	uint8_t properties = cur_u8(&head);
	uint32_t dictionary = cur_u32le(&head);
	uint64_t size = cur_u64le(&head);
	uint8_t first = cur_u8(&head);
	uint32_t low = dictionary & (0 - dictionary); /* lowest bit */
	uint32_t rest = dictionary - low;

	if (!cur_ok(&head) || properties >= 9 * 5 * 5 || first != 0)
		return false;
	if (dictionary < 4096 ||
	    (dictionary != UINT32_MAX && rest != 0 && rest != low << 1))
		return false;
	if (properties != 0x5d &&
	    !ident_is_odd_lzma(properties, dictionary, size))
		return false;
	return size == UINT64_MAX || size < (uint64_t)1 << 38;
}

/* An octal number of tar: spaces, digits (or none), then a space or a zero. */
static bool
ident_read_octal(struct cur in, uint32_t *out)
{
	uint32_t value = 0;
	bool any = false;
	uint8_t c = '\0';

	while (cur_left(&in) > 0) {
		c = cur_u8(&in);
		if (c == ' ' && !any)
			continue;
		if (c < '0' || c > '7')
			break;
		value = (value << 3) + (uint32_t)(c - '0');
		any = true;
	}
	*out = value;
	return c == ' ' || c == '\0' || (c >= '0' && c <= '7');
}

/* Mode, owner, group, size and time are octal; large ones have bit 7 set. */
static bool
ident_has_tar_numbers(const struct cur *head)
{
	static const uint8_t fields[][2] = { { 100, 8 }, { 108, 8 }, { 116, 8 },
		{ 124, 12 }, { 136, 12 } };
	struct cur field, first;
	uint32_t value;
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!cur_at(head, fields[i][0], fields[i][1], &field))
			return false;
		first = field;
		if (cur_u8(&first) < 0x80 && !ident_read_octal(field, &value))
			return false;
	}
	return true;
}

/*
 * A tar header without "ustar" (UNIX V7) is known by its sum: bytes 148 to
 * 155 hold the sum of all 512 with themselves taken for spaces.  Some old
 * writers summed signed bytes.
 */
static bool
ident_is_old_tar(const struct cur *head)
{
	struct cur block, field;
	uint32_t want, sum = 0;
	int32_t signed_sum = 0;
	size_t i;
	uint8_t c;

	if (!cur_at(head, 0, 512, &block) || !cur_at(head, 148, 8, &field) ||
	    !ident_read_octal(field, &want) || !ident_has_tar_numbers(head))
		return false;
	for (i = 0; i < 512; i++) {
		c = cur_u8(&block);
		if (i >= 148 && i < 156)
			c = ' ';
		sum += c;
		signed_sum += (int8_t)c;
	}
	return sum == want || (signed_sum >= 0 && (uint32_t)signed_sum == want);
}

/*
 * A ZIP file behind something else is known by its end: the end of the central
 * directory, without a comment, and not of an empty file.  APPNOTE 4.3.16.
 */
static bool
ident_is_zip_end(struct source *s, struct arena *scratch)
{
	struct cur at;

	return s->size >= 22 && source_cur(s, scratch, s->size - 22, 22, &at) &&
	    cur_match(&at, "PK\5\6\0\0\0", 8) && cur_u16le(&at) > 0 &&
	    cur_seek(&at, 20) && cur_u16le(&at) == 0;
}

/*
 * A disk image: GUID partition table (UEFI 2.10, 5.3.2), Apple's driver and
 * partition maps (Inside Macintosh: Devices, 3-12), or a boot sector (UEFI
 * 2.10, 5.2.1).  CD images may begin like that and are asked for before.
 */
static enum kind
ident_disk(const struct cur *head)
{
	static const struct magic disks[] = {
		MAGIC(512, "EFI PART", GPT),
		MAGIC(512, "PM", APM),
		MAGIC(510, "\x55\xaa", MBR),
	};
	enum kind kind =
	    magic_find(disks, sizeof(disks) / sizeof(disks[0]), head);
	struct cur start = *head;

	if (kind == KIND_APM && !cur_match(&start, "ER", 2))
		return KIND_UNKNOWN;
	return kind;
}

/* What a still unknown file is, by what stands far inside. */
static enum kind
ident_far(struct source *s, struct arena *scratch, const struct cur *head)
{
	struct cur at;

	/* ECMA-119 6.2.1 and 8.1: volume descriptors from sector 16 on. */
	if (source_cur(s, scratch, 16 * 2048 + 1, 5, &at)) {
		if (cur_is(&at, "CD001"))
			return KIND_ISO9660;
		if (cur_is(&at, "BEA01")) /* ECMA-167 2/9.2 */
			return KIND_UDF;
	}
	if (s->size == SOURCE_SIZE_UNKNOWN)
		return ident_disk(head);
	/* UDIF: a 512-byte trailer at the very end. */
	if (s->size >= 512 && source_cur(s, scratch, s->size - 512, 4, &at) &&
	    cur_is(&at, "koly"))
		return KIND_DMG;
	return ident_is_zip_end(s, scratch) ? KIND_ZIP : ident_disk(head);
}

/* Are there HTML tags in s after what the head showed? */
static bool
ident_is_late_html(struct source *s, struct arena *scratch)
{
	struct html_finder finder = { 0 };
	uint64_t off = 0, end = s->size;
	struct cur piece;
	size_t mark;

	if (end == SOURCE_SIZE_UNKNOWN)
		end = IDENT_STREAM_MAX;
	else if (end > IDENT_TEXT_MAX)
		end = IDENT_TEXT_MAX;
	while (off < end) {
		mark = arena_mark(scratch);
		source_cur_upto(s, scratch, off,
		    end - off < IDENT_CHUNK ? end - off : IDENT_CHUNK, &piece);
		off += piece.size;
		if (piece.size == 0)
			break;
		if (html_find(&finder, piece))
			return true;
		arena_reset(scratch, mark);
	}
	return false;
}

/* Are there HTML tags in the head, in its own coding? */
static bool
ident_is_html(const struct cur *head, enum text_coding coding)
{
	struct html_finder finder = { 0 };
	uint8_t bytes[IDENT_HEAD / 2];

	if (coding == TEXT_UTF16LE_BOM || coding == TEXT_UTF16BE_BOM)
		return html_find(&finder,
		    text_narrow(head, coding, bytes, sizeof(bytes)));
	return html_find(&finder, *head);
}

/* PDF readers want "%PDF-" somewhere in the first 1024 bytes (PDF 1.7
   reference, implementation note 13); ClamAV takes either case. */
static bool
ident_is_late_pdf(struct cur head)
{
	struct cur at;

	while (cur_left(&head) >= 5) {
		if (!cur_until(&head, '%', &at))
			break;
		at = head;
		if (cur_left(&at) >= 4 && (cur_u8(&at) | 0x20) == 'p' &&
		    (cur_u8(&at) | 0x20) == 'd' &&
		    (cur_u8(&at) | 0x20) == 'f' && cur_u8(&at) == '-')
			return true;
	}
	return false;
}

/* Kinds without a table row: they need a little arithmetic. */
static enum kind
ident_binary(const struct cur *head)
{
	if (ident_is_compress(*head))
		return KIND_COMPRESS;
	if (ident_is_zstd_skippable(*head))
		return KIND_ZSTD;
	if (ident_is_lzma(*head))
		return KIND_LZMA;
	if (ident_is_old_tar(head))
		return KIND_TAR_OLD;
	return ident_cafebabe(*head);
}

static enum kind
ident_text_kind(enum text_coding coding)
{
	static const enum kind kinds[] = {
		[TEXT_NONE] = KIND_UNKNOWN,
		[TEXT_BYTES] = KIND_TEXT_ASCII,
		[TEXT_UTF8] = KIND_TEXT_UTF8,
		[TEXT_UTF16LE_BOM] = KIND_TEXT_UTF16LE,
		[TEXT_UTF16BE_BOM] = KIND_TEXT_UTF16BE,
		[TEXT_UTF16BE] = KIND_TEXT_UTF16BE,
	};

	return kinds[coding];
}

/* Step 3 and 4 for a head that has no magic number. */
static enum kind
ident_inside(struct source *s, struct arena *scratch, const struct cur *head)
{
	enum text_coding coding = text_guess(*head);
	enum kind kind = xml_guess(*head);

	if (kind != KIND_UNKNOWN)
		return kind;
	if (ident_is_html(head, coding))
		return coding == TEXT_UTF16LE_BOM || coding == TEXT_UTF16BE_BOM
		    ? KIND_HTML_UTF16
		    : KIND_HTML;
	if (ident_is_late_pdf(*head))
		return KIND_PDF;
	kind = magic_find(ident_late_magics,
	    sizeof(ident_late_magics) / sizeof(ident_late_magics[0]), head);
	if (kind == KIND_UNKNOWN)
		kind = ident_binary(head);
	if (kind != KIND_UNKNOWN)
		return kind;
	if (coding != TEXT_NONE)
		return ident_is_late_html(s, scratch) ? KIND_HTML
						      : ident_text_kind(coding);
	return ident_far(s, scratch, head);
}

/* A header of mail, RFC 5322 2.2: a name and a colon.  Names that are used
   have letters, digits and hyphens only. */
static bool
ident_is_mail_header(struct cur line)
{
	struct cur name;
	uint8_t c;

	if (!cur_until(&line, ':', &name) || name.size == 0 ||
	    name.size == line.size) /* no colon */
		return false;
	while (cur_left(&name) > 0) {
		c = cur_u8(&name);
		if (c != '-' && (c < '0' || c > '9') &&
		    ((c | 0x20) < 'a' || (c | 0x20) > 'z'))
			return false;
	}
	return true;
}

/*
 * Does text that begins with "From " go on like a mailbox, RFC 4155?  ClamAV
 * asks nothing more; but people quote books like that, and a mailbox without a
 * single header in sight holds no mail.
 */
static bool
ident_is_quotation(struct cur head)
{
	struct cur line;

	if (!cur_match(&head, "From ", 5) || !cur_line(&head, &line) ||
	    cur_left(&head) == 0)
		return false;
	while (cur_line(&head, &line))
		if (ident_is_mail_header(line))
			return false;
	return true;
}

enum kind
ident_guess(struct source *s, struct arena *scratch)
{
	struct cur head;
	enum kind kind;

	source_cur_upto(s, scratch, 0, IDENT_HEAD, &head);
	if (head.size == 0)
		return KIND_EMPTY;
	kind = magic_find(ident_magics,
	    sizeof(ident_magics) / sizeof(ident_magics[0]), &head);
	if (kind == KIND_UNKNOWN ||
	    (kind == KIND_MAIL && ident_is_quotation(head)))
		kind = ident_inside(s, scratch, &head);
	return kind == KIND_ZIP ? zip_guess(s, scratch) : kind;
}
