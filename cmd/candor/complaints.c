/*
 * complaints.c - what the compiler did not take, in words.
 * The contract is in complaints.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/complaints.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/human.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* The name of input at: short where that is enough to tell it apart. */
static const char *
name_of(const struct inputs *in, size_t at)
{
	const char *base = base_of(in->one[at].path);
	size_t i;

	for (i = 0; i < in->count; i++)
		if (i != at && strcmp(base, base_of(in->one[i].path)) == 0)
			return in->one[at].path;
	return base;
}

void
complaints_make_job(const struct inputs *in, struct compiler_job *job)
{
	struct compiler_input *input = buf_alloc(in->count + 1, sizeof(*input));
	size_t i, count = 0;

	for (i = 0; i < in->count; i++) {
		if (in->one[i].is_compiled)
			continue;
		input[count++] = (struct compiler_input){
			.fd = in->one[i].fd,
			.name = name_of(in, i),
			.size = in->one[i].stamp.size,
		};
	}
	job->input = input;
	job->input_count = count;
}

void
complaints_free_job(struct compiler_job *job)
{
	union {
		const struct compiler_input *given;
		void *owned;
	} u = { job->input };

	free(u.owned);
	job->input = NULL;
}

/* The path of the input that file is, or is in ("main.cvd:main.ndb"). */
static void
print_file(FILE *to, const struct inputs *in, const char *file)
{
	size_t i, len;

	for (i = 0; i < in->count; i++) {
		const char *name = name_of(in, i);

		len = strlen(name);
		if (strncmp(file, name, len) != 0 ||
		    (file[len] != '\0' && file[len] != ':'))
			continue;
		escape_text(to, in->one[i].path, strlen(in->one[i].path));
		escape_text(to, file + len, strlen(file + len));
		return;
	}
	escape_text(to, file, strlen(file));
}

static void
print_one(FILE *to, const struct inputs *in, const struct compiler_complaint *c)
{
	print_file(to, in, c->file);
	if (c->line != 0)
		fprintf(to, ":%" PRIu32, c->line);
	if (c->line != 0 && c->column != 0)
		fprintf(to, ":%" PRIu32, c->column);
	fputs(c->is_error       ? ": error: "
		: c->is_warning ? ": warning: "
				: ": not loaded: ",
	    to);
	escape_text(to, c->reason, strlen(c->reason));
	fputc('\n', to);
}

void
complaints_print(FILE *to, const struct inputs *in,
    const struct compiler_report *report, size_t most, bool all)
{
	size_t i, shown = 0;
	int errors;

	for (errors = 1; errors >= (all ? 0 : 1); errors--) {
		for (i = 0; i < report->complaint_count; i++) {
			const struct compiler_complaint *c =
			    &report->complaint[i];

			if (c->is_error != (errors == 1) || shown == most)
				continue;
			print_one(to, in, c);
			shown++;
		}
	}
}

/* --- table ------------------------------------------------------------- */

/* Is this the first row about that kind? */
static bool
is_first(const struct compiler_report *report, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (strcmp(report->count[i].what, report->count[at].what) == 0)
			return false;
	return true;
}

static void
print_kind_row(FILE *to, const struct compiler_report *report, const char *what)
{
	char loaded_text[HUMAN_SIZE], skipped_text[HUMAN_SIZE];
	uint64_t loaded = 0, skipped = 0;
	const char *before = "   ";
	size_t i;

	for (i = 0; i < report->count_count; i++) {
		const struct compiler_count *c = &report->count[i];

		if (strcmp(c->what, what) != 0)
			continue;
		*(c->reason[0] == '\0' ? &loaded : &skipped) += c->count;
	}
	escape_text(to, what, strlen(what));
	fprintf(to, "%*s%13s %13s", (int)(10 - strlen(what) % 10), "",
	    human_count(loaded, loaded_text),
	    human_count(skipped, skipped_text));
	for (i = 0; i < report->count_count; i++) {
		const struct compiler_count *c = &report->count[i];

		if (strcmp(c->what, what) != 0 || c->reason[0] == '\0')
			continue;
		fputs(before, to);
		escape_text(to, c->reason, strlen(c->reason));
		fprintf(to, " %s", human_count(c->count, loaded_text));
		before = ", ";
	}
	fputc('\n', to);
}

void
complaints_table(FILE *to, const struct compiler_report *report)
{
	char one[HUMAN_SIZE], other[HUMAN_SIZE];
	size_t i;

	fprintf(to, "%-10s%13s %13s   %s\n", "kind", "loaded", "not loaded",
	    "because");
	for (i = 0; i < report->count_count; i++)
		if (is_first(report, i))
			print_kind_row(to, report, report->count[i].what);
	fprintf(to, "\n%-10s%13s   %s rules without one\n", "triggers",
	    human_count(report->triggers, one),
	    human_count(report->untriggered, other));
	fprintf(to, "%-10s%13s   %s of source texts beside it\n", "bytes",
	    human_count(report->bytes, one),
	    human_count(report->texts_bytes, other));
}

bool
complaints_allow(const struct compiler_report *report, struct why *why)
{
	size_t i;

	for (i = 0; i < report->complaint_count; i++) {
		const struct compiler_complaint *c = &report->complaint[i];

		if (c->is_error && c->line == 0)
			return why_not(why, WHY_FORGED, "%s is refused: %s",
			    c->file, c->reason);
	}
	return true;
}
