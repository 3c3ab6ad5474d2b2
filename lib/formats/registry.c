/*
 * registry.c - which opener opens which kind.  One row per kind.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"

#include <stddef.h>

static const struct format *const rows[KIND_COUNT] = {
	[KIND_UNKNOWN] = NULL,
	[KIND_GZIP] = &packed_opener,
	[KIND_BZIP2] = &packed_opener,
	[KIND_XZ] = &packed_opener,
	[KIND_LZMA] = &packed_opener,
	[KIND_LZIP] = &packed_opener,
	[KIND_ZSTD] = &packed_opener,
	[KIND_LZ4] = &packed_opener,
	[KIND_COMPRESS] = &packed_opener,
	[KIND_CAB] = &cab_opener,
	[KIND_CHM] = &chm_opener,
	[KIND_SZDD] = &szdd_opener,
	[KIND_LHA] = &lha_opener,
	[KIND_RPM] = &rpm_opener,
	[KIND_XAR] = &xar_opener,
	[KIND_KWAJ] = &kwaj_opener,
	[KIND_TAR] = &archive_opener,
	[KIND_TAR_OLD] = &archive_opener,
	[KIND_CPIO] = &archive_opener,
	[KIND_CPIO_ODC] = &archive_opener,
	[KIND_CPIO_CRC] = &archive_opener,
	[KIND_CPIO_BIN] = &archive_opener,
	[KIND_AR] = &archive_opener,
	[KIND_SEVENZIP] = &archive_opener,
	[KIND_RAR] = &archive_opener,
	[KIND_PE] = &pe_opener,
	[KIND_HTML] = &html_opener,
	[KIND_HTML_UTF16] = &html_opener,
	[KIND_TEXT_ASCII] = &text_opener,
	[KIND_TEXT_UTF8] = &text_opener,
	[KIND_TEXT_UTF16LE] = &text_opener,
	[KIND_TEXT_UTF16BE] = &text_opener,
	[KIND_SCRIPT] = &text_opener,
	[KIND_ELF] = &elf_opener,
	[KIND_MACHO] = &macho_opener,
	[KIND_MACHO_FAT] = &macho_fat_opener,
	[KIND_ZIP] = &zip_opener,
	[KIND_OOXML_WORD] = &zip_opener,
	[KIND_OOXML_XL] = &zip_opener,
	[KIND_OOXML_PPT] = &zip_opener,
	[KIND_OOXML_HWP] = &zip_opener,
	[KIND_ISO9660] = &iso9660_opener,
	[KIND_ARJ] = &arj_opener,
};

const struct format *
format_of(enum kind kind)
{
	return (uint32_t)kind < KIND_COUNT ? rows[kind] : NULL;
}
