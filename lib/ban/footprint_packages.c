/*
 * footprint_packages.c - lists of packages.  The contract is in
 * footprint_packages.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint_packages.h"

#include <stddef.h>
#include <string.h>

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* What is left of c, without blanks at either end. */
static struct cur
trim(struct cur c)
{
	struct cur out;
	size_t size;

	while (cur_left(&c) > 0 && is_blank(c.base[c.pos]))
		(void)cur_u8(&c);
	size = cur_left(&c);
	while (size > 0 && is_blank(c.base[c.pos + size - 1]))
		size--;
	if (!cur_take(&c, size, &out))
		out = cur_from("", 0);
	return out;
}

/* The next word of a line. */
static struct cur
word(struct cur *line)
{
	struct cur rest = trim(*line), out = cur_from("", 0);
	size_t n = 0;

	while (n < cur_left(&rest) && !is_blank(rest.base[rest.pos + n]))
		n++;
	if (!cur_take(&rest, n, &out))
		out = cur_from("", 0);
	*line = rest;
	return out;
}

static bool
ends_with(const struct cur *c, const char *what)
{
	size_t n = strlen(what);

	return c->size >= n && memcmp(c->base + c->size - n, what, n) == 0;
}

/* --- stanzas -------------------------------------------------------------- */

/* "install ok installed": the last word is what the package is. */
static void
read_status(struct cur status, struct packages_one *out)
{
	out->is_left = ends_with(&status, " config-files");
	out->is_installed =
	    !out->is_left && !ends_with(&status, " not-installed");
}

static void
read_field(struct cur line, enum packages_form form, struct packages_one *out)
{
	bool is_dpkg = form == PACKAGES_DPKG;

	if (cur_match(&line, is_dpkg ? "Package:" : "P:", is_dpkg ? 8 : 2))
		out->name = trim(line);
	else if (cur_match(&line, is_dpkg ? "Version:" : "V:", is_dpkg ? 8 : 2))
		out->version = trim(line);
	else if (cur_match(&line,
		     is_dpkg ? "Maintainer:" : "m:", is_dpkg ? 11 : 2))
		out->supplier = trim(line);
	else if (is_dpkg && cur_match(&line, "Status:", 7))
		read_status(trim(line), out);
}

static bool
next_stanza(struct cur *list, enum packages_form form, struct packages_one *out)
{
	struct cur line;

	while (cur_line(list, &line)) {
		if (cur_left(&line) > 0) {
			read_field(line, form, out);
			continue;
		}
		if (out->name.size > 0)
			return true;
	}
	return out->name.size > 0;
}

/* --- lines ---------------------------------------------------------------- */

/* "kesl:amd64" is kesl. */
static struct cur
without_arch(struct cur name)
{
	struct cur out;

	return cur_until(&name, ':', &out) ? out : cur_from("", 0);
}

/* dpkg -l: wanted, state, perhaps a fault: "ii", "rc", "iU", "iF". */
static bool
is_state(const struct cur *state)
{
	return state->size >= 2 && state->size <= 3 &&
	    memchr("uihrp", state->base[0], 5) != NULL &&
	    memchr("nicHUFWt", state->base[1], 8) != NULL;
}

static bool
read_dpkg_l(struct cur line, struct packages_one *out)
{
	struct cur state = word(&line);

	if (!is_state(&state))
		return false;
	out->name = without_arch(word(&line));
	out->version = word(&line);
	out->is_left = state.base[1] == 'c';
	out->is_installed = !out->is_left && state.base[1] != 'n';
	return out->name.size > 0;
}

/* name-version-release.arch: the name may hold dashes, the rest none. */
static bool
read_rpm_qa(struct cur line, struct packages_one *out)
{
	struct cur whole = word(&line);
	size_t at = whole.size;
	int dashes = 0;

	while (at > 0 && dashes < 2)
		dashes += whole.base[--at] == '-' ? 1 : 0;
	if (dashes < 2)
		at = whole.size;
	if (!cur_take(&whole, at, &out->name))
		return false;
	if (cur_left(&whole) > 1 && !cur_skip(&whole, 1))
		return false;
	out->version = trim(whole);
	return out->name.size > 0;
}

bool
packages_is_dpkg_l(struct cur list)
{
	struct cur line;
	int tries;

	for (tries = 0; tries < 50 && cur_line(&list, &line); tries++) {
		struct cur state = word(&line);

		if (is_state(&state) && cur_left(&line) > 0)
			return true;
	}
	return false;
}

bool
packages_next(struct cur *list, enum packages_form form,
    struct packages_one *out)
{
	struct cur line, none = cur_from("", 0);

	*out = (struct packages_one){ none, none, none, true, false };
	if (form == PACKAGES_DPKG || form == PACKAGES_APK)
		return next_stanza(list, form, out);
	while (cur_line(list, &line))
		if (form == PACKAGES_DPKG_L ? read_dpkg_l(line, out)
					    : read_rpm_qa(line, out))
			return true;
	return false;
}
