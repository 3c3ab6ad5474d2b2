/*
 * kind.h - the kinds of file Candor tells apart, one row each.
 *
 * KIND(tag, text, clam, target)
 *   tag     the enum's name after KIND_
 *   text    what people read (explain, JSON)
 *   clam    ClamAV's name for it without CL_TYPE_, as signatures write it in
 *           Container: and Intermediates: ("" where ClamAV has none)
 *   target  ClamAV's target type of the signatures that look at it; 0 = only
 *           those for any file.  14 is what ClamAV does not know.
 *
 * Append only: the numbers cross process boundaries and stand in databases.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_KIND_H
#define CANDOR_FORMATS_KIND_H

#include <stdbool.h>
#include <stdint.h>

#define KIND_TABLE                                            \
	KIND(UNKNOWN, "data", "BINARY_DATA", 14)              \
	KIND(EMPTY, "empty", "", 0)                           \
	KIND(TEXT_ASCII, "text", "TEXT_ASCII", 7)             \
	KIND(TEXT_UTF8, "text-utf8", "TEXT_UTF8", 7)          \
	KIND(TEXT_UTF16LE, "text-utf16le", "TEXT_UTF16LE", 7) \
	KIND(TEXT_UTF16BE, "text-utf16be", "TEXT_UTF16BE", 7) \
	KIND(PE, "pe", "MSEXE", 1)                            \
	KIND(ELF, "elf", "ELF", 6)                            \
	KIND(MACHO, "macho", "MACHO", 9)                      \
	KIND(MACHO_FAT, "macho-universal", "MACHO_UNIBIN", 9) \
	KIND(OLE2, "ole2", "MSOLE2", 2)                       \
	KIND(HTML, "html", "HTML", 3)                         \
	KIND(HTML_UTF16, "html-utf16", "HTML_UTF16", 3)       \
	KIND(MAIL, "mail", "MAIL", 4)                         \
	KIND(GIF, "gif", "GIF", 5)                            \
	KIND(PNG, "png", "PNG", 5)                            \
	KIND(JPEG, "jpeg", "JPEG", 5)                         \
	KIND(TIFF, "tiff", "TIFF", 5)                         \
	KIND(BMP, "bmp", "GRAPHICS", 5)                       \
	KIND(PDF, "pdf", "PDF", 10)                           \
	KIND(SWF, "swf", "SWF", 11)                           \
	KIND(JAVA_CLASS, "java-class", "JAVA", 12)            \
	KIND(RTF, "rtf", "RTF", 0)                            \
	KIND(ZIP, "zip", "ZIP", 0)                            \
	KIND(GZIP, "gzip", "GZ", 0)                           \
	KIND(BZIP2, "bzip2", "BZ", 0)                         \
	KIND(XZ, "xz", "XZ", 0)                               \
	KIND(LZMA, "lzma", "", 14)                            \
	KIND(LZIP, "lzip", "", 14)                            \
	KIND(ZSTD, "zstd", "ZSTD", 14)                        \
	KIND(LZ4, "lz4", "", 14)                              \
	KIND(COMPRESS, "compress", "", 14)                    \
	KIND(TAR, "tar", "POSIX_TAR", 0)                      \
	KIND(TAR_OLD, "tar-v7", "OLD_TAR", 0)                 \
	KIND(CPIO, "cpio", "CPIO_NEWC", 0)                    \
	KIND(CPIO_ODC, "cpio-odc", "CPIO_ODC", 0)             \
	KIND(CPIO_CRC, "cpio-crc", "CPIO_CRC", 0)             \
	KIND(CPIO_BIN, "cpio-bin", "CPIO_OLD", 0)             \
	KIND(AR, "ar", "", 14)                                \
	KIND(RPM, "rpm", "", 14)                              \
	KIND(SEVENZIP, "7z", "7Z", 0)                         \
	KIND(RAR, "rar", "RAR", 0)                            \
	KIND(ARJ, "arj", "ARJ", 0)                            \
	KIND(CAB, "cab", "MSCAB", 0)                          \
	KIND(ISO9660, "iso9660", "ISO9660", 0)                \
	KIND(LHA, "lha", "LHA_LZH", 0)                        \
	KIND(XAR, "xar", "XAR", 0)                            \
	KIND(CHM, "chm", "MSCHM", 0)                          \
	KIND(SZDD, "szdd", "MSSZDD", 0)                       \
	KIND(SCRENC, "screnc", "SCRENC", 0)                   \
	KIND(RIFF, "riff", "RIFF", 0)                         \
	KIND(TNEF, "tnef", "TNEF", 0)                         \
	KIND(UUENCODED, "uuencoded", "UUENCODED", 0)          \
	KIND(BINHEX, "binhex", "BINHEX", 0)                   \
	KIND(SIS, "sis", "SIS", 0)                            \
	KIND(ISHIELD, "installshield", "ISHIELD_MSI", 14)     \
	KIND(AUTOIT, "autoit", "AUTOIT", 0)                   \
	KIND(NSIS, "nsis", "NULSFT", 0)                       \
	KIND(ONENOTE, "onenote", "ONENOTE", 0)                \
	KIND(EGG, "egg", "EGG", 0)                            \
	KIND(ALZ, "alz", "ALZ", 0)                            \
	KIND(DMG, "dmg", "DMG", 0)                            \
	KIND(UDF, "udf", "UDF", 0)                            \
	KIND(KWAJ, "kwaj", "", 14)                            \
	KIND(OOXML_WORD, "docx", "OOXML_WORD", 0)             \
	KIND(OOXML_XL, "xlsx", "OOXML_XL", 0)                 \
	KIND(OOXML_PPT, "pptx", "OOXML_PPT", 0)               \
	KIND(OOXML_HWP, "hwpx", "OOXML_HWP", 0)               \
	KIND(XML_WORD, "word-xml", "XML_WORD", 0)             \
	KIND(XML_XL, "excel-xml", "XML_XL", 0)                \
	KIND(XDP, "xdp", "XDP", 0)                            \
	KIND(HWP3, "hwp3", "HWP3", 0)                         \
	KIND(HWPOLE2, "hwp-ole2", "HWPOLE2", 2)               \
	KIND(POSTSCRIPT, "postscript", "PS", 0)               \
	KIND(LNK, "lnk", "LNK", 0)                            \
	KIND(CRYPTFF, "cryptff", "CRYPTFF", 0)                \
	KIND(GPT, "gpt", "GPT", 0)                            \
	KIND(APM, "apple-partitions", "APM", 0)               \
	KIND(MBR, "mbr", "MBR", 0)                            \
	KIND(INTERNAL, "clamav-json", "INTERNAL", 13)         \
	/* Not recognised: their names are for signatures. */ \
	KIND(XML_HWP, "hwp-xml", "XML_HWP", 0)                \
	KIND(MHTML, "mhtml", "MHTML", 0)                      \
	KIND(PYTHON, "python", "PYTHON_COMPILED", 14)         \
	KIND(SCRIPT, "script", "SCRIPT", 7)                   \
	KIND(IGNORED, "ignored", "IGNORED", 0)                \
	KIND(PART_ANY, "partition", "PART_ANY", 0)            \
	KIND(PART_HFSPLUS, "hfsplus", "PART_HFSPLUS", 0)      \
	KIND(SFX, "sfx", "SFX", 0)                            \
	KIND(SFX_ZIP, "sfx-zip", "ZIPSFX", 0)                 \
	KIND(SFX_RAR, "sfx-rar", "RARSFX", 0)                 \
	KIND(SFX_7Z, "sfx-7z", "7ZSFX", 0)                    \
	KIND(SFX_CAB, "sfx-cab", "CABSFX", 0)                 \
	KIND(SFX_ARJ, "sfx-arj", "ARJSFX", 0)                 \
	KIND(SFX_EGG, "sfx-egg", "EGGSFX", 0)

enum kind {
#define KIND(tag, text, clam, target) KIND_##tag,
	KIND_TABLE
#undef KIND
	    KIND_COUNT
};

struct kind_row {
	const char *text;
	const char *clam;
	uint8_t target;
};

/* The row of a kind; KIND_UNKNOWN's for a number that is none. */
const struct kind_row *kind_row(uint32_t kind);

/* Is what has this kind one of those, too?  An office document is a ZIP. */
bool kind_is(uint32_t kind, enum kind that);

#endif
