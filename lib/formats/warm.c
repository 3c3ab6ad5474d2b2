/*
 * warm.c - touch what libraries would otherwise look for on the first file,
 *          when nothing can be opened any more.
 *
 * Called once, by a process that is about to lock itself in, before it has
 * read a hostile byte.  It is the one place in lib/ that makes the C library
 * open files:
 *
 *   names    7z and rar keep names as UTF-16.  libarchive converts them by
 *            itself if the locale's character set is UTF-8, and with iconv
 *            (which loads a module when first used) if not.
 *   times    rar keeps local times; mktime() reads the zone when first used,
 *            and again when TZ changes: it becomes UTC.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/format.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Convert there and back, so that what converts is loaded. */
static bool
warm_names(void)
{
	static const char name[] = "\xc3\xa9";
	wchar_t wide[8];
	char back[32];

	return mbstowcs(wide, name, sizeof(wide) / sizeof(wide[0])) == 1 &&
	    wcstombs(back, wide, sizeof(back)) == 2 && strcmp(back, name) == 0;
}

bool
formats_warm(void)
{
	struct tm day = { .tm_year = 100, .tm_mday = 1 };

	/* While TZ stays as it is, the zone is not looked for again. */
	(void)setenv("TZ", "UTC", 1);
	(void)mktime(&day);
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL &&
	    setlocale(LC_CTYPE, "en_US.UTF-8") == NULL)
		return false;
	return warm_names();
}
