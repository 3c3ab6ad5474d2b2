/*
 * html_data.h - find "data:" addresses in a page, a byte at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_HTML_DATA_H
#define CANDOR_FORMATS_HTML_DATA_H

#include "lib/base/base64.h"

#include <stddef.h>

#define HTML_DATA_TYPE 128u /* longest media type, with its parameters */

enum html_data_state {
	DATA_OUT,
	DATA_TYPE, /* behind "data:" */
	DATA_BODY,
	DATA_PERCENT, /* in the body, behind "%" */
	DATA_HEX      /* behind the first digit of two */
};

/* What a byte brought. */
enum html_data_step {
	DATA_NOTHING,
	DATA_BEGIN, /* a body begins; type says of what */
	DATA_BYTE,  /* *out is the next byte of it */
	DATA_END    /* it is over */
};

/* Starts as zeros. */
struct html_data {
	enum html_data_state state;
	size_t matched;            /* of "data:" */
	char type[HTML_DATA_TYPE]; /* small letters, no spaces */
	size_t type_size;
	uint8_t digit; /* the first of two */
	struct base64 bits;
};

enum html_data_step html_data_add(struct html_data *d, uint8_t c, uint8_t *out);

/* What stood last, in small letters.  Starts as zeros. */
struct html_spot {
	uint8_t last[4];
};

/* Is there a "data:" in these bytes, which stand in the file behind those of
   the call before?  Zeros and carriage returns do not count. */
bool html_spot_data(struct html_spot *s, const uint8_t *bytes, size_t size);

#endif
