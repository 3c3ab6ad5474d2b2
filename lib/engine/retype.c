/*
 * retype.c - signatures that say what an object is.  See retype.h.
 *
 * As ClamAV 1.4.6 was observed to do it:
 *
 *   - the first that holds for the bytes of an object as they are decides;
 *   - others are told, and so are all in a normalised view, in HTML, and in an
 *     object that is looked at once more: once is enough, there is no loop;
 *   - what is of no known kind is searched a second time there, and then the
 *     first is told, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/engine/retype.h"

#include "lib/db/layout.h"
#include "lib/engine/level.h"

#define TARGET_HTML  3
#define TARGET_OTHER 14 /* what ClamAV does not know */

bool
retype_note(struct level *l, const struct search_match *m)
{
	struct retype *r = &l->retype;

	if (m->handler == 0 || l->is_again || l->role != CHILD_MEMBER ||
	    kind_row(l->kind)->target == TARGET_HTML)
		return false;
	if (r->handler == 0)
		*r = (struct retype){ m->handler, m->database, m->signature,
			false };
	return r->database == m->database && r->signature == m->signature &&
	    kind_row(l->kind)->target != TARGET_OTHER;
}

bool
retype_next(struct level *l, enum kind *out)
{
	struct retype *r = &l->retype;

	if (r->handler == 0 || r->is_done)
		return false;
	r->is_done = true;
	*out = r->handler == DB_HANDLER_SAME ? l->kind
					     : (enum kind)(r->handler - 1);
	return (uint32_t)*out < KIND_COUNT;
}
