/*
 * ban_file.c - what a file says of itself becomes evidence.  The contract is
 * in ban_file.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_file.h"

#include "cmd/candor/buf.h"
#include "lib/ban/footprint_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRINGS_MAX 4000u /* bytes: of an order (proc/reader/protocol.h) */

struct ban_file {
	struct ban_seen *seen;
	const char *path, *in;
	struct footprint_file file;
	char counter[FOOTPRINT_SEEN + 1]; /* who vouched for the time */
	char product[FOOTPRINT_SEEN + 1]; /* as it calls itself */
	char version[FOOTPRINT_SEEN + 1];
	bool has_package;
};

struct ban_file *
ban_file_open(struct ban_seen *seen, const char *path, const char *in)
{
	struct ban_file *f = buf_alloc(1, sizeof(*f));

	memset(f, 0, sizeof(*f));
	f->seen = seen;
	f->path = path;
	f->in = in;
	footprint_file_begin(&f->file, seen->set, cur_from(path, strlen(path)));
	return f;
}

/* --- what kind of thing it is --------------------------------------------- */

static const struct {
	const char *kind, *platform;
	bool is_setup; /* it is none that runs as it is */
} kinds[] = {
	{ "pe", "windows", false },
	{ "elf", "linux", false },
	{ "macho", "macos", false },
	{ "macho-universal", "macos", false },
	{ "ole2", "windows", true },
	{ "cab", "windows", true },
	{ "ar", "linux", true },
	{ "rpm", "linux", true },
	{ "xar", "macos", true },
	{ "zip", "android", true },
};

static void
note_kind(struct ban_file *f, struct cur word)
{
	size_t i;

	f->file.is_setup = true;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (cur_is(&word, kinds[i].kind)) {
			f->file.platform = kinds[i].platform;
			f->file.is_setup = kinds[i].is_setup;
		}
}

/* Where Android keeps the apps that are installed. */
static bool
is_installed_app(const char *path)
{
	return strstr(path, "/data/app/") != NULL ||
	    strstr(path, "/system/app/") != NULL ||
	    strstr(path, "/priv-app/") != NULL;
}

/* --- hearing -------------------------------------------------------------- */

static const enum footprint_type type_of[READER_THINGS] = {
	[READER_PACKAGE] = FOOTPRINT_PACKAGE,
	[READER_SUPPLIER] = FOOTPRINT_SUPPLIER,
	[READER_SIGNER] = FOOTPRINT_SIGNER,
	[READER_APP] = FOOTPRINT_APP,
	[READER_COMPANY] = FOOTPRINT_COMPANY,
	[READER_STRING] = FOOTPRINT_STRING,
	[READER_CLASS] = FOOTPRINT_CLASS,
};

static void
copy(struct cur text, char *out)
{
	size_t n = text.size < FOOTPRINT_SEEN ? text.size : FOOTPRINT_SEEN;

	memcpy(out, text.base, n);
	out[n] = '\0';
}

static void
note_thing(struct ban_file *f, const struct reader_part *p)
{
	bool is_sign = footprint_file_add(&f->file, type_of[p->what], p->value);

	if (p->what == READER_PACKAGE) {
		f->has_package = is_sign;
		copy(p->detail, f->version);
	}
	if (p->what == READER_APP && is_sign && is_installed_app(f->path))
		f->file.is_in_place = true;
}

static void
hear_seen(struct ban_file *f, const struct reader_part *p)
{
	switch (p->what) {
	case READER_KIND:
		note_kind(f, p->value);
		break;
	case READER_SETUP:
		f->file.is_setup = true;
		break;
	case READER_COUNTERSIGNER:
		if (f->counter[0] == '\0')
			copy(p->value, f->counter);
		break;
	case READER_PRODUCT:
		copy(p->value, f->product);
		copy(p->detail, f->version);
		break;
	case READER_MEMBER:
		(void)footprint_file_add_member(&f->file, p->value);
		break;
	case READER_SUPPLIER: /* says only what no name did */
		if (!f->has_package)
			note_thing(f, p);
		break;
	case READER_PACKAGE:
	case READER_SIGNER:
	case READER_APP:
	case READER_COMPANY:
	case READER_STRING:
	case READER_CLASS:
		note_thing(f, p);
		break;
	default:
		break;
	}
}

void
ban_file_hear(struct ban_file *f, const struct reader_part *p)
{
	struct buf what = { 0 };
	char why[FOOTPRINT_SEEN + 1];

	if (p->kind == READER_SEEN)
		hear_seen(f, p);
	if (p->kind != READER_BLIND)
		return;
	buf_text(&what, f->in);
	buf_text(&what, ": ");
	buf_add(&what, p->value.base, p->value.size);
	copy(p->detail, why);
	ban_seen_blind(f->seen, what.bytes, why);
	buf_free(&what);
}

/* --- telling -------------------------------------------------------------- */

/* What it is that was seen: signatures are read, and not verified. */
static void
say_what(const struct ban_file *f, const struct footprint_hit *h,
    struct buf *out)
{
	switch ((unsigned)h->sign->type) {
	case FOOTPRINT_SIGNER:
		buf_text(out,
		    "it carries a signature whose signer calls "
		    "itself so (not verified)");
		if (f->counter[0] != '\0') {
			buf_text(out, "; its time is vouched for by ");
			buf_text(out, f->counter);
		}
		break;
	case FOOTPRINT_COMPANY:
		buf_text(out, "it names its maker so");
		break;
	case FOOTPRINT_STRING:
		buf_text(out, "it holds this text");
		break;
	case FOOTPRINT_CLASS:
		buf_text(out, "it defines this class");
		break;
	case FOOTPRINT_PACKAGE:
	case FOOTPRINT_APP:
	case FOOTPRINT_SUPPLIER:
		buf_text(out, "it says so of itself");
		break;
	default:
		buf_text(out,
		    h->is_place ? "its maker signs it" : "a file in it");
		break;
	}
	if (f->product[0] != '\0' && h->sign->type == FOOTPRINT_COMPANY) {
		buf_text(out, ", and itself ");
		buf_text(out, f->product);
	}
	if (f->version[0] != '\0' &&
	    (h->sign->type == FOOTPRINT_COMPANY ||
		h->sign->type == FOOTPRINT_PACKAGE)) {
		buf_text(out, ", version ");
		buf_text(out, f->version);
	}
}

void
ban_file_close(struct ban_file *f)
{
	size_t i;

	footprint_file_weigh(&f->file);
	for (i = 0; i < f->file.count; i++) {
		const struct footprint_hit *h = &f->file.hit[i];
		struct buf what = { 0 };
		struct ban_seen_as as = { .in = f->in, .place = f->path };

		if (!h->counts)
			continue;
		say_what(f, h, &what);
		as.detail = what.bytes;
		ban_seen_hit(f->seen, h, &as);
		buf_free(&what);
	}
	free(f);
}

/* --- what to look for ----------------------------------------------------- */

char *
ban_file_strings(const struct footprint_set *set)
{
	struct buf all = { 0 };
	uint32_t i;

	for (i = 0; i < set->sign_count; i++) {
		const struct footprint_sign *s = &set->sign[i];

		if (s->type != FOOTPRINT_STRING ||
		    all.size + strlen(s->value) + 1 > STRINGS_MAX)
			continue;
		buf_text(&all, s->value);
		buf_byte(&all, '\n');
	}
	return all.size > 0 ? all.bytes : buf_copy("");
}
