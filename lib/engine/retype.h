/*
 * retype.h - signatures that say what an object is (HandlerType).
 *
 * Such a signature is not told: the object is looked at once more, as one of
 * the kind it names, and stands in itself then.  Private to lib/engine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_ENGINE_RETYPE_H
#define CANDOR_ENGINE_RETYPE_H

#include "lib/eval/search.h"

struct level;

struct retype {
	uint8_t handler; /* as in struct search_match; 0: nothing to do */
	uint32_t database, signature; /* that asked for it, the first */
	bool is_done;
};

/* Note what m asks for; true if m is not to be told. */
bool retype_note(struct level *l, const struct search_match *m);

/* Is l to be looked at once more?  Says yes once, and as which kind. */
bool retype_next(struct level *l, enum kind *out);

#endif
