/*
 * xml.c - is the beginning of a file that of an office document in XML.
 *
 * Specs:   Office 2003 XML Reference Schemas, Microsoft (WordprocessingML,
 *          SpreadsheetML); XFA 3.3, Adobe, "XDP Specification".
 * Input:   hostile; read through struct cur only.
 * Limits:  what is given, once per row.
 *
 * Which words count, and that the declaration must come first, agrees with
 * ClamAV 1.4.6 as observed from outside: such a file is not searched as text,
 * and signatures name it in Container:.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ident/xml.h"

#include <string.h>

static const struct xml_word {
	const char *text;
	enum kind kind;
	bool needs_declaration; /* the file begins with it */
} words[] = {
	{ "<w:wordDocument", KIND_XML_WORD, true },
	{ "progid=\"Word.Document\"?>", KIND_XML_WORD, true },
	{ "<Workbook", KIND_XML_XL, true },
	{ "<xdp:xdp", KIND_XDP, false },
};

static bool
has(const struct cur *c, const char *text)
{
	return cur_left(c) > 0 &&
	    memmem(c->base + c->pos, cur_left(c), text, strlen(text)) != NULL;
}

enum kind
xml_guess(struct cur head)
{
	static const char declaration[] = "<?xml version";
	bool declared = cur_match(&head, declaration, sizeof(declaration) - 1);
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((declared || !words[i].needs_declaration) &&
		    has(&head, words[i].text))
			return words[i].kind;
	return KIND_UNKNOWN;
}
