/*
 * archive_fuzz.c - the openers over libarchive and our own of packed files
 * and archives.  Seeds: tests/corpus/archive.
 *
 * The kind is told by a magic number, so that real files are seeds; what has
 * none is tried as each kind in turn, by its last byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t_format.h"

#include <string.h>

const char *__asan_default_options(void);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct magic {
	uint16_t off;
	uint8_t size;
	const char *bytes;
	enum kind kind;
} magics[] = {
	{ 257, 5, "ustar", KIND_TAR },
	{ 0, 6, "070701", KIND_CPIO },
	{ 0, 6, "070702", KIND_CPIO_CRC },
	{ 0, 6, "070707", KIND_CPIO_ODC },
	{ 0, 2, "\xc7\x71", KIND_CPIO_BIN },
	{ 0, 2, "\x71\xc7", KIND_CPIO_BIN },
	{ 0, 7, "!<arch>", KIND_AR },
	{ 0, 6, "7z\xbc\xaf\x27\x1c", KIND_SEVENZIP },
	{ 0, 4, "Rar!", KIND_RAR },
	{ 0, 2, "\x1f\x8b", KIND_GZIP },
	{ 0, 3, "BZh", KIND_BZIP2 },
	{ 0, 5, "\xfd\x37zXZ", KIND_XZ },
	{ 0, 2, "\x5d\x00", KIND_LZMA },
	{ 0, 4, "LZIP", KIND_LZIP },
	{ 0, 4, "\x28\xb5\x2f\xfd", KIND_ZSTD },
	{ 0, 4, "\x04\x22\x4d\x18", KIND_LZ4 },
	{ 0, 4, "\x02\x21\x4c\x18", KIND_LZ4 },
	{ 0, 2, "\x1f\x9d", KIND_COMPRESS },
	{ 0, 4, "\xed\xab\xee\xdb", KIND_RPM },
	{ 0, 4, "xar!", KIND_XAR },
	{ 0, 4, "SZDD", KIND_SZDD },
	{ 2, 3, "-lh", KIND_LHA },
	{ 2, 3, "-lz", KIND_LHA },
};

#define MAGICS (sizeof(magics) / sizeof(magics[0]))

static enum kind
kind_of(const uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i < MAGICS; i++) {
		const struct magic *m = &magics[i];

		if (size >= (size_t)m->off + m->size &&
		    memcmp(data + m->off, m->bytes, m->size) == 0)
			return m->kind;
	}
	return magics[size > 0 ? data[size - 1] % MAGICS : 0].kind;
}

/*
 * libarchive asks for as much as a header says before it looks whether there
 * are so many bytes.  A worker has a limit on its memory; so have we.
 */
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=256";
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return formats_warm() ? 0 : -1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum kind kind = kind_of(data, size);

	return t_fuzz(format_of(kind), kind, data, size);
}
