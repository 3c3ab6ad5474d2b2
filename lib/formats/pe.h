/*
 * pe.h - what the files that read PE share: addresses and sections.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_PE_H
#define CANDOR_FORMATS_PE_H

#include "lib/formats/format.h"

#define PE_SECTIONS_MAX 96u /* [PE] 3.3: what the Windows loader takes */

/* A row of the data directory, [PE] 3.4.3. */
enum pe_directory {
	PE_IMPORT = 1,
	PE_RESOURCE = 2,
	PE_CERTIFICATE = 4
};

#define PE_DIRECTORIES 16u

struct pe_range {
	uint32_t rva; /* of a certificate table: file offset */
	uint32_t size;
};

/* What the headers say, after checks. */
struct pe {
	struct source *source;
	struct arena *arena;
	struct facts *facts;
	uint32_t section_alignment;
	uint32_t file_alignment;
	uint32_t headers_size; /* rounded up to section_alignment */
	uint32_t entry_rva;
	uint16_t section_count;
	bool is_64;
	struct pe_range directory[PE_DIRECTORIES];
	struct section *section; /* section_count of them; arena */
};

/*
 * Read the headers of p->source: FORMAT_WHOLE if the sections make sense.
 * The directory is filled in as far as it could be read, all the same.
 */
enum format_end pe_headers_read(struct pe *p);

/* The file offset of an address; false if no byte of the file is there. */
MUST_CHECK bool pe_find(const struct pe *p, uint32_t rva, uint64_t *off);

/*
 * A cursor over size bytes at off, which must all be there.  Lent until the
 * caller gives the arena back to where it was.
 */
MUST_CHECK bool pe_at(const struct pe *p, uint64_t off, uint64_t size,
    struct cur *out);

/* Set facts.import_text, or leave it unknown. */
void pe_import_read(struct pe *p);

/* Set facts.version_info. */
void pe_version_read(struct pe *p);

/* The name of a function that DLL (in small letters, without extension)
   exports by number, or NULL if that is not well known. */
const char *pe_ordinal_name(const char *dll, uint32_t number);

#endif
