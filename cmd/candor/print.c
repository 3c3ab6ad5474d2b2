/*
 * print.c - words that the forms of output share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/print.h"

#include "cmd/candor/escape.h"
#include "sys/sandbox.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

#ifndef CANDOR_VERSION
#error "CANDOR_VERSION comes from bin/meson.build"
#endif

void
print_why(const struct why *why)
{
	fputs("candor: ", stderr);
	escape_text(stderr, why->text, strlen(why->text));
	if (why->kind == WHY_SYSTEM && why->err != 0)
		fprintf(stderr, ": %s", strerror(why->err));
	fputc('\n', stderr);
}

void
print_no_file(const struct result *r)
{
	fputs("candor: ", stderr);
	escape_text(stderr, r->path.bytes, r->path.size);
	fprintf(stderr, ": %s\n",
	    r->kind == RESULT_ODD ? "not a file or folder" : strerror(r->err));
}

/* What stands between a container and what is in it; plain where the locale
   has no other letters. */
static const char *
arrow(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool is_utf8 = locale != (locale_t)0 &&
	    strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;

	if (locale != (locale_t)0)
		freelocale(locale);
	return is_utf8 ? " \u2192 " : " -> ";
}

void
print_place(FILE *to, const struct result *r, uint32_t object)
{
	const struct result_object *where[RESULT_DEPTH];
	size_t count = result_where(r, object, where), i;
	char room[64];

	escape_text(to, r->path.bytes, r->path.size);
	for (i = 0; i < count; i++) {
		struct cur name = result_name(r, where[i], room);

		fputs(arrow(), to);
		escape_text(to, name.base, name.size);
	}
}

void
print_source(FILE *to, struct cur text)
{
	struct cur line;

	while (cur_line(&text, &line)) {
		const uint8_t *p = line.base;
		size_t size = line.size, n;

		/* Tabs and backslashes of a rule are meant as they are. */
		while (size > 0) {
			for (n = 0; n < size && p[n] != '\t' && p[n] != '\\';)
				n++;
			escape_text(to, p, n);
			if (n < size)
				fputc(p[n++], to);
			p += n;
			size -= n;
		}
		fputc('\n', to);
	}
}

const char *
print_version(void)
{
	return CANDOR_VERSION;
}

const char *
print_layer(uint32_t layer)
{
	switch (layer) {
#define SANDBOX_LAYER(tag, bit, text) \
	case SANDBOX_##tag:           \
		return text;
		SANDBOX_LAYER_TABLE
#undef SANDBOX_LAYER
	default:
		return NULL;
	}
}

const char *
print_kind(enum sig_kind kind)
{
	switch (kind) {
	case SIG_HASH:
		return "hash";
	case SIG_BODY:
		return "body";
	case SIG_LOGICAL:
		return "logical";
	case SIG_YARA:
		return "yara";
	case SIG_HEURISTIC:
		return "heuristic";
	default:
		return "unknown";
	}
}

const char *
print_reason(const struct result *r, const struct result_gap *g)
{
	if (r->kind == RESULT_ODD)
		return "not a file or folder";
	if (r->kind == RESULT_NOT_OPENED && r->is_folder &&
	    g->reason == UNSCANNED_TIMEOUT)
		return "timeout: the file system does not answer, the rest of "
		       "it was left out";
	if (g->reason == UNSCANNED_DENIED && g->object == 0 && r->err != 0)
		return strerror(r->err);
	return unscanned_text(g->reason);
}
