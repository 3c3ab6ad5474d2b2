/*
 * walk.c - which files there are to look at: the loop.  The contract is in
 * walk.h, the parts in walk_parts.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/walk_parts.h"

#include <stdlib.h>

struct walk *
walk_open(const struct walk_options *options)
{
	struct walk *w = buf_alloc(1, sizeof(*w));

	w->options = *options;
	w->read = buf_alloc(1, WALK_READ_SIZE);
	w->root = -1;
	return w;
}

void
walk_add(struct walk *w, const char *path)
{
	words_add(&w->given, path);
}

const struct walk_counts *
walk_counts(const struct walk *w)
{
	return &w->counts;
}

void
walk_close(struct walk **w)
{
	if (*w == NULL)
		return;
	walk_folder_free(*w);
	free((*w)->given.word);
	free((*w)->read);
	buf_free(&(*w)->path);
	free(*w);
	*w = NULL;
}

void
walk_tell(struct walk *w, enum walk_outcome outcome, int err,
    struct walk_entry *out)
{
	*out = (struct walk_entry){
		.outcome = outcome,
		.path = w->path.bytes,
		.path_size = w->path.size,
		.fd = -1,
		.err = err,
	};
}

void
walk_tell_found(struct walk *w, const struct opener_found *found,
    struct walk_entry *out)
{
	walk_tell(w, found->is_local ? WALK_FILE : WALK_FAR, 0, out);
	out->fd = found->fd;
	out->mount = found->mount;
	out->size = found->stamp.size;
}

void
walk_next(struct walk *w, struct walk_entry *out)
{
	while (!w->is_stopped) {
		if (w->depth > 0) {
			const struct walk_folder *f = &w->folder[w->depth - 1];

			if (f->next < f->count ? walk_item_next(w, out)
					       : walk_folder_pop(w, out))
				return;
		} else if (w->given_next == w->given.count) {
			break;
		} else if (walk_given_next(w, out)) {
			return;
		}
	}
	buf_cut(&w->path, 0);
	walk_tell(w, WALK_END, 0, out);
}
