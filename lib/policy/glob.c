/*
 * glob.c - patterns of paths and names.  See glob.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/glob.h"

/* What a text is, and so what stars and ends are. */
enum sort {
	SORT_NAME, /* slashes are nothing special */
	SORT_FILE, /* * and ? do not cross them */
	SORT_PATH  /* and a pattern may end at one */
};

/* Where to go on when what comes after a star does not fit. */
struct retry {
	const char *pattern; /* behind the star; NULL: there was none */
	size_t at;           /* where the star's bytes end */
};

/* Let the star take one byte more; false if it must not. */
static bool
take_more(struct retry *r, const char *text, size_t size, bool crosses)
{
	if (r->pattern == NULL || r->at >= size ||
	    (!crosses && text[r->at] == '/'))
		return false;
	r->at++;
	return true;
}

/* Where the pattern is at its end: is that the end of the text as well? */
static bool
is_done(const char *text, size_t at, size_t size, enum sort sort)
{
	return at == size || (sort == SORT_PATH && at > 0 && text[at] == '/');
}

/*
 * Steps are bounded by the sizes' product: the last * is tried again, then
 * the last **, which forgets the * behind it.
 */
static bool
fits(const char *p, const char *text, size_t size, enum sort sort)
{
	const bool is_path = sort != SORT_NAME;
	struct retry star = { 0 }, stars = { 0 };
	size_t at = 0;

	for (;;) {
		if (*p == '*') {
			bool both = p[1] == '*' || !is_path;

			while (*p == '*')
				p++;
			if (both) {
				stars = (struct retry){ p, at };
				star.pattern = NULL;
			} else
				star = (struct retry){ p, at };
			continue;
		}
		if (*p == '\0' ? is_done(text, at, size, sort)
			       : at < size &&
			    (*p == text[at] ||
				(*p == '?' && !(is_path && text[at] == '/')))) {
			if (*p == '\0')
				return true;
			p++;
			at++;
			continue;
		}
		if (take_more(&star, text, size, false)) {
			p = star.pattern;
			at = star.at;
		} else if (take_more(&stars, text, size, true)) {
			star.pattern = NULL;
			p = stars.pattern;
			at = stars.at;
		} else
			return false;
	}
}

bool
glob_fits_path(const char *pattern, const char *path, size_t size)
{
	return fits(pattern, path, size, SORT_PATH);
}

bool
glob_fits_file(const char *pattern, const char *path, size_t size)
{
	return fits(pattern, path, size, SORT_FILE);
}

bool
glob_fits_name(const char *pattern, const char *name, size_t size)
{
	return fits(pattern, name, size, SORT_NAME);
}
