/*
 * footprint_log.c - names of hosts in a line.  The contract is in
 * footprint_log.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint_log.h"

#include "lib/base/ascii.h"

#include <stddef.h>
#include <string.h>

static bool
is_of_name(uint8_t c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '-' ||
	    c == '_' || c == '.';
}

bool
log_next_name(struct cur *line, struct cur *out)
{
	while (cur_left(line) > 0) {
		size_t n = 0, dots = 0;
		const uint8_t *at;

		while (cur_left(line) > 0 && !is_of_name(line->base[line->pos]))
			(void)cur_u8(line);
		at = line->base + line->pos;
		while (cur_left(line) > 0 &&
		    is_of_name(line->base[line->pos])) {
			dots += cur_u8(line) == '.' ? 1 : 0;
			n++;
		}
		if (n > 0 && at[n - 1] == '.') {
			n--;
			dots--;
		}
		if (dots > 0 && n > 2 && at[0] != '.') {
			*out = cur_from(at, n);
			return true;
		}
	}
	return false;
}

static bool
begins(struct cur line, const char *what)
{
	return cur_match(&line, what, strlen(what));
}

bool
log_is_entry(struct cur line)
{
	static const char *const blocking[] = { "#", ";", "!", "0.0.0.0 ",
		"0.0.0.0\t", "127.0.0.1 ", "127.0.0.1\t", "::1 ", ":: ", "||",
		"@@||", "address=/", "local=/", "server=/",
		"local-zone:", "DOMAIN,", "DOMAIN-SUFFIX,",
		"full:", "domain:" };
	struct cur name = cur_from("", 0);
	size_t i;

	while (cur_match(&line, " ", 1) || cur_match(&line, "\t", 1))
		;
	line = cur_from(line.base + line.pos, cur_left(&line));
	for (i = 0; i < sizeof(blocking) / sizeof(blocking[0]); i++)
		if (begins(line, blocking[i]))
			return false;
	for (i = 0; i < line.size; i++)
		if (memcmp(line.base + i, " CNAME .",
			line.size - i < 8 ? line.size - i : 8) == 0 &&
		    line.size - i >= 8)
			return false;
	/* Nothing but a name is a list of names. */
	return !log_next_name(&line, &name) || name.size + 2 < line.size;
}
