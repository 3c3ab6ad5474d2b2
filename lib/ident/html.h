/*
 * html.h - does text hold tags that make it HTML, a piece at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_IDENT_HTML_H
#define CANDOR_IDENT_HTML_H

#include "lib/base/cur.h"

#define HTML_TAIL 7u /* longest word searched for, less one */

/* Starts as zeros. */
struct html_finder {
	bool in_link;            /* an "<a " was seen */
	uint8_t tail[HTML_TAIL]; /* the last bytes of the pieces so far */
	uint8_t tail_size;
};

/* Look at the next piece: is it HTML by now? */
bool html_find(struct html_finder *f, struct cur piece);

#endif
