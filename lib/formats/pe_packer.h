/*
 * pe_packer.h - what an executable was packed or wrapped with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_PE_PACKER_H
#define CANDOR_FORMATS_PE_PACKER_H

#include "lib/formats/pe.h"

#define PE_PACKERS_MAX 8u

/* Names, each once. */
struct pe_packers {
	const char *name[PE_PACKERS_MAX];
	uint32_t count;
};

/*
 * Note the packers whose sections p has, or whose code stands at entry (an
 * offset in the file).
 */
void pe_packer_find(const struct pe *p, uint64_t entry,
    struct pe_packers *packers);

/* Can c begin what pe_packer_note_mark() knows? */
bool pe_packer_may_begin(uint8_t c);

/*
 * Note the installer whose mark stands at the beginning of head, a view of the
 * resources or of what is behind the image, which ends at image_end.
 */
void pe_packer_note_mark(struct cur head, uint64_t image_end,
    struct pe_packers *packers);

/* The files InstallShield stored behind an image, one after the other. */
struct pe_setup {
	struct source *source; /* NULL: there are none */
	struct arena *arena;
	uint64_t off; /* of the next header */
};

/* Look for such a list at off. */
bool pe_setup_open(struct pe_setup *s, const struct pe *p, uint64_t off);

/* Describe the next file; false at the end. */
bool pe_setup_next(struct pe_setup *s, struct child *out);

#endif
