/*
 * hex.h - matched bytes as people look at them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_HEX_H
#define CANDOR_CMD_HEX_H

#include "cmd/candor/result.h"

#include <stdint.h>
#include <stdio.h>

#define HEX_ROW     16u
#define HEX_CONTEXT 16u /* bytes before and after what matched */
#define HEX_MATCHED 96u /* of a longer match its beginning is shown */

struct hex_view {
	uint64_t off; /* of bytes[0] in the object */
	uint32_t size;
	uint32_t from, to; /* bytes[from .. to) matched */
	uint8_t bytes[2 * HEX_CONTEXT + HEX_MATCHED];
};

/*
 * Make a view of a hit: with what stands around it if it is in the file
 * itself and fd (or -1) still reads that, else what the worker sent.  False
 * if there is nothing to show.
 */
bool hex_take(const struct result *r, const struct result_hit *hit, int fd,
    struct hex_view *out);

/* Rows of offset, hex and text; what matched is in [brackets] ... */
void hex_print(FILE *to, const char *indent, const struct hex_view *v);

/* ... or in <mark>. */
void hex_print_html(FILE *to, const struct hex_view *v);

#endif
