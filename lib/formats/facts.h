/*
 * facts.h - what openers found out about one object.
 *
 * Signatures ask for these: entry point and sections for offsets, numbers for
 * conditions.  A fact nobody set is unknown, which is not zero.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_FACTS_H
#define CANDOR_FORMATS_FACTS_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * FACT(tag, text): tag after FACT_, and the dotted name people and rules see.
 * Append only: the numbers stand in databases.
 */
#define FACT_TABLE                                                             \
	FACT(SIZE, "size")               /* of the object, in bytes */         \
	FACT(ENTRY_POINT, "entry_point") /* file offset */                     \
	FACT(SECTIONS, "sections")       /* how many */                        \
	FACT(IS_64, "is_64") /* PE32+, ELF64, Mach-O 64: 1, else 0 */          \
	FACT(IS_DLL, "pe.is_dll")                                              \
	FACT(MACHINE, "machine") /* the header's own number */                 \
	FACT(SUBSYSTEM, "pe.subsystem")                                        \
	FACT(TIMESTAMP, "pe.timestamp") /* seconds since 1970 */               \
	FACT(OVERLAY_OFFSET, "overlay.offset")                                 \
	FACT(OVERLAY_SIZE, "overlay.size")                                     \
	FACT(IMPORTS, "imports")      /* functions imported */                 \
	FACT(MEMBERS, "members")      /* children of an archive */             \
	FACT(ENCRYPTED, "encrypted")  /* members that are */                   \
	FACT(OVERLAPS, "zip.overlap") /* members that share bytes */           \
	FACT(RECOVERED, "recovered")  /* members the directory did not list */ \
	FACT(ELF_TYPE, "elf.type")                                             \
	FACT(MACHO_TYPE, "macho.type")

enum fact {
#define FACT(tag, text) FACT_##tag,
	FACT_TABLE
#undef FACT
	    FACT_COUNT
};

/* One section of an executable. */
struct section {
	uint64_t off; /* where its bytes start in the file */
	uint64_t
	    size; /* how many bytes of the file it covers, cut to the file */
	uint64_t rva;    /* address relative to the image base */
	uint64_t vsize;  /* bytes in memory */
	uint8_t name[8]; /* padded with zeros */
};

struct facts {
	uint64_t value[FACT_COUNT];
	uint64_t known;                /* bit n: value[n] was set */
	const struct section *section; /* arena; in the header's order */
	uint32_t section_count;
	bool section_hashes_apply; /* .mdb: a 32-bit PE whose sections parse */
	const uint32_t *version_info; /* arena; sorted file offsets at which
	                                 version-info keys and values start */
	uint32_t version_info_count;
	struct cur import_text; /* what imphash is taken of, lower case, "" if
	                           there are no imports; arena */
	bool has_import_text;
};

static inline void
facts_set(struct facts *f, enum fact what, uint64_t value)
{
	f->value[what] = value;
	f->known |= (uint64_t)1 << what;
}

static inline bool
facts_has(const struct facts *f, enum fact what)
{
	return (f->known >> what & 1) != 0;
}

/* The name of a fact, or NULL past the last. */
const char *fact_name(uint32_t what);

#endif
