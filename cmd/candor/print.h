/*
 * print.h - the forms a scan's findings are printed in, one row each.
 *
 * A form gets every result, links included, then the totals.  All of them
 * write through escape.h; clamscan's alone writes names as they are when it
 * does not write to a terminal, because clamscan does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_PRINT_H
#define CANDOR_CMD_PRINT_H

#include "cmd/candor/databases.h"
#include "cmd/candor/result.h"
#include "cmd/candor/totals.h"

#include <stdbool.h>
#include <stdio.h>

struct output {
	FILE *to;
	bool is_terminal;
	bool has_color;
	bool is_short;      /* -i: only what is not clean */
	bool has_summary;   /* text and clamscan */
	bool is_first_only; /* no -z */
	const struct databases *databases;
	uint64_t written;         /* the form's own count of things */
	struct rules_seen *rules; /* print_sarif.c's own */
};

struct printer {
	bool in_order; /* of the walk; else as results come */
	void (*begin)(struct output *o);
	void (*file)(struct output *o, const struct result *r);
	void (*end)(struct output *o, const struct totals *t);
};

/* In the order of the words of --format. */
enum print_form {
	FORM_TEXT,
	FORM_CLAMSCAN,
	FORM_JSON,
	FORM_SARIF
};

extern const struct printer print_text, print_clamscan, print_json, print_sarif;

/* Say on stderr why something failed. */
void print_why(const struct why *why);

/* --- what several forms share ------------------------------------------- */

/* The word for a kind of signature: "hash", "body", … */
const char *print_kind(enum sig_kind kind);

/* Why nothing was looked at in a gap of this result. */
const char *print_reason(const struct result *r, const struct result_gap *g);

/* Say on stderr that what was given by name is not there, or no file. */
void print_no_file(const struct result *r);

/* The word for a layer of the cage (SANDBOX_*), or NULL. */
const char *print_layer(uint32_t layer);

/* The file and the way to an object in it, for a person. */
void print_place(FILE *to, const struct result *r, uint32_t object);

/* The source text of a signature: its lines kept, the rest escaped. */
void print_source(FILE *to, struct cur text);

/* "candor 0.1.0" without the name. */
const char *print_version(void);

#endif
