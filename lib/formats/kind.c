/*
 * kind.c - the kinds of file.  The contract is in kind.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/kind.h"

static const struct kind_row rows[KIND_COUNT] = {
#define KIND(tag, text, clam, target) { text, clam, target },
	KIND_TABLE
#undef KIND
};

const struct kind_row *
kind_row(uint32_t kind)
{
	return &rows[kind < KIND_COUNT ? kind : KIND_UNKNOWN];
}

bool
kind_is(uint32_t kind, enum kind that)
{
	if (kind == that)
		return true;
	return that == KIND_ZIP &&
	    (kind == KIND_OOXML_WORD || kind == KIND_OOXML_XL ||
		kind == KIND_OOXML_PPT || kind == KIND_OOXML_HWP);
}
