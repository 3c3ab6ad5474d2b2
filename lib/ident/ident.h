/*
 * ident.h - which kind of file is it, by content alone.
 *
 * A guess, never a failure.  Where ClamAV's own identification decides which
 * signatures look at an object (text, HTML, mail, PE, …), the guess agrees
 * with it, because signatures were written against that.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_IDENT_IDENT_H
#define CANDOR_IDENT_IDENT_H

#include "lib/formats/kind.h"
#include "lib/formats/source.h"

/*
 * Guess what s is.  Reads mostly from the front (a stream is not restarted);
 * scratch is used for the head of sources that are not in memory and may be
 * reset by the caller afterwards.
 */
enum kind ident_guess(struct source *s, struct arena *scratch);

#endif
