/*
 * zip.h - what the parts of the ZIP opener share.
 *
 *   zip.c            the walk: directory, gaps, overlaps, facts
 *   zip_directory.c  records: end of directory, central and local headers
 *   zip_member.c     the bytes of one member: decryption, decoder, checks
 *   zip_ppmd.c       PPMd, by libarchive
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_ZIP_H
#define CANDOR_FORMATS_ZIP_H

#include "lib/codec/codec.h"
#include "lib/codec/winzip_aes.h"
#include "lib/codec/zipcrypto.h"
#include "lib/formats/format.h"
#include "lib/formats/window.h"

/* General purpose bits.                                     [APPNOTE 4.4.4] */
#define ZIP_ENCRYPTED  0x0001u
#define ZIP_LZMA_EOS   0x0002u /* with method 14: the stream has an end */
#define ZIP_DESCRIPTOR 0x0008u /* sizes follow the data */
#define ZIP_STRONG     0x0040u
#define ZIP_MASKED     0x2000u /* the directory is encrypted, too */

/* Methods.                                                  [APPNOTE 4.4.5] */
#define ZIP_STORED    0u
#define ZIP_SHRUNK    1u
#define ZIP_REDUCED_1 2u
#define ZIP_REDUCED_4 5u
#define ZIP_IMPLODED  6u
#define ZIP_DEFLATED  8u
#define ZIP_DEFLATE64 9u
#define ZIP_BZIP2     12u
#define ZIP_LZMA      14u
#define ZIP_ZSTD_OLD  20u
#define ZIP_ZSTD      93u
#define ZIP_XZ        95u
#define ZIP_PPMD      98u
#define ZIP_AES       99u /* the real method stands in an extra field */

#define ZIP_LOCAL_SIZE   30u /* fixed part of a local header */
#define ZIP_CENTRAL_SIZE 46u /* fixed part of a directory entry */

/* One member, as one of its two headers tells it. */
struct zip_entry {
	uint64_t header; /* offset of the local header */
	uint64_t data;   /* offset of the bytes behind it */
	uint64_t packed; /* bytes there, or SOURCE_SIZE_UNKNOWN */
	uint64_t size;   /* bytes they decode to, or SOURCE_SIZE_UNKNOWN */
	uint32_t crc;
	uint32_t other_crc; /* of the other header; the same where there is
	                       none or it says nothing */
	uint16_t flags;
	uint16_t method; /* behind the encryption */
	uint16_t time;   /* of day, as MS-DOS has it */
	uint16_t disk;
	uint8_t aes_strength; /* 0: not WinZip's AES */
	uint8_t aes_version;  /* 2: the CRC says nothing */
	bool is_directory;    /* the name says so, and there are no bytes */
	bool is_recovered;    /* found, not listed: no directory vouches for
	                         sizes that the local header leaves open */
	uint8_t name[FORMAT_NAME_MAX];
	uint8_t name_size;
};

/* What the end of the central directory says. */
struct zip_directory {
	bool is_found;  /* there is an end record */
	bool is_valid;  /* and the directory stands where it says */
	bool is_secret; /* the directory is encrypted */
	uint64_t at;    /* where the directory starts */
	uint64_t end;   /* where the end record starts */
	uint64_t base;  /* add to the offsets in it, modulo 2^64 */
	uint64_t count; /* entries it is said to have */
	bool is_cut;    /* the comment is longer than the file */
};

/*
 * Find the end record in the last 64 KiB of a source whose size is known, and
 * the directory it names.                               [APPNOTE 4.3.14-16]
 */
void zip_find_directory(struct window *w, struct zip_directory *out);

/*
 * Where does the first member begin of a ZIP that ends where the source does,
 * as readers take it: by its end record, whatever stands before?  False: there
 * is none whose directory holds.
 */
MUST_CHECK bool zip_find_first(struct window *w, uint64_t *out);

/*
 * Read the directory entry at *at and step over it.  False: there is none.
 * The offset of the local header is as stored.               [APPNOTE 4.3.12]
 */
MUST_CHECK bool zip_read_central(struct window *w, uint64_t *at,
    struct zip_entry *out);

/* Read the local header at at.                               [APPNOTE 4.3.7] */
MUST_CHECK bool zip_read_local(struct window *w, uint64_t at,
    struct zip_entry *out);

/* Does this look like a local header a program wrote, not chance? */
bool zip_is_plausible(const struct zip_entry *e);

/* The member being read. */
struct zip_member {
	struct window *window; /* borrowed */
	struct arena *arena;   /* its own part of it is the walk's business */
	uint64_t max_memory;   /* bytes a library may have */
	struct zip_entry entry;

	bool is_decrypted; /* the password fits; crypto or aes is set up */
	struct zipcrypto *crypto;
	struct winzip_aes *aes;

	bool is_open; /* raw and codec are in use */
	struct window_feed raw;
	struct codec codec;
	uint32_t crc;        /* of the bytes given so far */
	uint64_t done;       /* how many those are */
	enum format_end end; /* FORMAT_CHILD while there may be more */
	uint64_t used;       /* bytes of data used, once ended; else 0 */
	bool is_complete;    /* the decoder reached an end of its own, or the
	                        declared one */
};

/*
 * Get ready to read e: find the password.  FORMAT_WHOLE, or why it cannot be
 * read.
 */
enum format_end zip_member_init(struct zip_member *m, const struct zip_entry *e,
    const struct passwords *passwords);

/* As format.h's read. */
size_t zip_member_read(struct zip_member *m, void *buf, size_t size,
    enum format_end *end);

/* Give back what libraries hold.  Safe at any time. */
void zip_member_close(struct zip_member *m);

/* Does the decoder of this member know where it ends? */
bool zip_ends_itself(const struct zip_entry *e);

/* Bytes a member's encryption puts before its data. */
uint64_t zip_member_lead(const struct zip_entry *e);

/*
 * PPMd, version I revision 1.  size may be SOURCE_SIZE_UNKNOWN.  The feed is
 * borrowed until codec_close().
 */
bool zip_open_ppmd(struct codec *c, struct arena *a, struct feed *in,
    uint64_t packed, uint64_t size, uint64_t max_memory);

#endif
