/*
 * facts.c - names of facts.  The contract is in facts.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/facts.h"

#include <stddef.h>

static const char *const names[FACT_COUNT] = {
#define FACT(tag, text) text,
	FACT_TABLE
#undef FACT
};

const char *
fact_name(uint32_t what)
{
	return what < FACT_COUNT ? names[what] : NULL;
}
