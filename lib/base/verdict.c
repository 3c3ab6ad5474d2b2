/*
 * verdict.c - the words for what the answer about a file can be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/verdict.h"

const char *
verdict_text(uint32_t verdict)
{
	static const char *const text[] = {
#define VERDICT(tag, text) text,
		VERDICT_TABLE
#undef VERDICT
	};

	return verdict < VERDICT_COUNT ? text[verdict] : "unknown";
}

const char *
unscanned_text(uint32_t reason)
{
	static const char *const text[] = {
#define UNSCANNED(tag, text) text,
		UNSCANNED_TABLE
#undef UNSCANNED
	};

	return reason < UNSCANNED_COUNT ? text[reason] : "unknown";
}
