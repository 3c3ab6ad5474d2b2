/*
 * rar5.h - which members of a RAR 5 archive are encrypted.  Private to
 *          lib/formats: libarchive 3.6 reads the archive and does not say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_RAR5_H
#define CANDOR_FORMATS_RAR5_H

#include "lib/formats/window.h"

struct rar5 {
	struct window window;
	uint64_t at; /* of the next block; 0: this is no RAR 5 archive */
};

/* Stand at the first block.  False if the arena is full. */
MUST_CHECK bool rar5_init(struct rar5 *r, struct source *s, struct arena *a);

/*
 * Go on behind the next file's header and say whether its data is encrypted.
 * Once the blocks make no sense, nothing is.
 */
bool rar5_next_is_encrypted(struct rar5 *r);

#endif
