/*
 * rar5.h - what libarchive does not say of a RAR 5 archive.  Private to
 *          lib/formats.
 *
 * libarchive 3.6 decodes these archives, but does not tell which members are
 * encrypted, takes one that was cut for a whole one, and gives nothing of a
 * stored member that was cut.  So the headers are read once more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_RAR5_H
#define CANDOR_FORMATS_RAR5_H

#include "lib/formats/format.h"
#include "lib/formats/window.h"

struct rar5 {
	struct window window;
	uint64_t at; /* of the next block; 0: no RAR 5 archive, or lost */
};

/* What a file's header says and libarchive does not. */
struct rar5_file {
	bool is_encrypted;
	bool is_stored;     /* its data stands there as it is, in one piece */
	uint64_t data;      /* where */
	uint64_t data_size; /* bytes packed */
	uint64_t size;      /* bytes unpacked */
};

/* Stand at the first block.  False if the arena is full. */
MUST_CHECK bool rar5_init(struct rar5 *r, struct source *s, struct arena *a);

/*
 * Go behind the next file's header and data.  False, and r is lost, at the
 * end or once the blocks make no sense.
 */
bool rar5_next(struct rar5 *r, struct rar5_file *out);

/*
 * libarchive says that the archive ends here.  Does it?  FORMAT_WHOLE at the
 * block that ends it or at the end of the source, and when lost before.
 */
enum format_end rar5_check_end(struct rar5 *r);

#endif
