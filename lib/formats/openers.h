/*
 * openers.h - every opener, for registry.c and for the tests beside each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_OPENERS_H
#define CANDOR_FORMATS_OPENERS_H

#include "lib/formats/format.h"

extern const struct format archive_opener; /* tar, cpio, ar, 7z, rar */
extern const struct format cab_opener;
extern const struct format chm_opener;
extern const struct format kwaj_opener;
extern const struct format szdd_opener;
extern const struct format lha_opener;
extern const struct format rpm_opener;
extern const struct format xar_opener;
extern const struct format packed_opener; /* gzip, bzip2, xz, zstd, ... */
extern const struct format elf_opener;
extern const struct format macho_opener;
extern const struct format macho_fat_opener;
extern const struct format html_opener;
extern const struct format pe_opener;
extern const struct format text_opener;
extern const struct format arj_opener;
extern const struct format iso9660_opener;
extern const struct format zip_opener;

#endif
