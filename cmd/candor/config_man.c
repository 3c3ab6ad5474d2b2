/*
 * config_man.c - the list of keys of the manual candord.conf(5).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "lib/policy/config.h"

#include <string.h>

/* Words with commas between: "allow|deny" as "allow or deny". */
static void
print_choices(FILE *to, const char *choices)
{
	const char *last = strrchr(choices, '|');

	for (; *choices != '\0'; choices++)
		if (choices == last)
			fputs(" or ", to);
		else if (*choices == '|')
			fputs(", ", to);
		else
			putc(*choices, to);
}

static void
print_key(FILE *to, const struct config_row *r)
{
	fprintf(to, ".TP\n\\fB%s\\fR = ", r->key);
	if (r->type == CONFIG_CHOICE)
		print_choices(to, r->choices);
	else
		fprintf(to, "\\fI%s\\fR", config_type_text(r->type));
	fputs("\n", to);
	options_print_roff(to, r->help);
	fputs(".\n", to);
	if (r->fallback[0] == '\0')
		return;
	fputs("Default: ", to);
	options_print_roff(to, r->fallback);
	fputs(".\n", to);
}

void
config_print_man(FILE *to)
{
	const char *section = "";
	int key;

	for (key = 0; key < KEY_COUNT; key++) {
		const struct config_row *r = config_row((enum config_key)key);

		if (strcmp(section, r->section) != 0)
			fprintf(to, ".SS [%s]\n", r->section);
		section = r->section;
		print_key(to, r);
	}
}
