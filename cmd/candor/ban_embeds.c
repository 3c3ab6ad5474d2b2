/*
 * ban_embeds.c - products that hold or held a banned vendor's engine, as the
 * footprints tell it: what no file name shows, people have to find out.  The
 * contract is in ban_footprints.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_footprints.h"
#include "cmd/candor/ban_print.h"
#include "cmd/candor/ban_report.h"
#include "cmd/candor/escape.h"

#include <stdio.h>
#include <string.h>

static void
print_text(const struct footprint *file, const json_t *one)
{
	const json_t *all = json_object_get(file->root, "sources");
	const json_t *cited = json_object_get(one, "source"), *id;
	const char *name = ban_report_text(one, "name");
	size_t i;

	escape_text(stdout, name, strlen(name));
	putchar('\n');
	ban_print_labelled(stdout, 4, "By", ban_report_text(one, "vendor"));
	ban_print_labelled(stdout, 4, "Known:", ban_report_text(one, "text"));
	ban_print_labelled(stdout, 4,
	    "To find out:", ban_report_text(one, "how"));
	ban_print_labelled(stdout, 4,
	    "Confidence:", ban_report_text(one, "confidence"));
	json_array_foreach(cited, i, id)
	{
		const json_t *source =
		    json_object_get(all, json_string_value(id));
		const char *url = ban_report_text(source, "url");

		ban_print_labelled(stdout, 4,
		    "Source:", ban_report_text(source, "title"));
		if (url[0] != '\0') {
			fputs("            ", stdout);
			escape_text(stdout, url, strlen(url));
			putchar('\n');
		}
	}
}

void
ban_embeds_print(const struct ban_footprints *f, bool json)
{
	const json_t *list, *one;
	size_t i, k;

	for (i = 0; i < f->count; i++) {
		list = json_object_get(f->file[i].root, "embeds");
		json_array_foreach(list, k, one)
		{
			struct policy as = { f->file[i].root };

			if (json)
				ban_print_object(ban_print_record(&as, one));
			else
				print_text(&f->file[i], one);
		}
	}
}
