/*
 * why.c - what went wrong.  See why.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/why.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

bool
why_not(struct why *why, enum why_kind kind, const char *format, ...)
{
	int err = errno;
	va_list args;

	why->kind = kind;
	why->err = kind == WHY_SYSTEM ? err : 0;
	va_start(args, format);
	(void)vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return false;
}
