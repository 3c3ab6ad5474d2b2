/*
 * zip.c - is a ZIP file an office document.
 *
 * Specs:   ECMA-376 part 2, 10 (packages); PKWARE APPNOTE 6.3.10.
 * Input:   hostile; read through lib/formats/zip.h.
 * Limits:  ZIP_FIRST local headers; if they hint at a package, ZIP_LISTED
 *          entries of the directory, where the end of the file is known.
 *
 * A word/ among the first members makes a Word document of it; a content type
 * list or what else packages begin with, one anywhere in the directory.  Which
 * names count, and how far, agrees with ClamAV 1.4.6 as observed from outside,
 * as signatures ask for these kinds by Container:.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ident/zip.h"

#include "lib/formats/zip.h"

#include <string.h>

#define ZIP_FIRST  3u
#define ZIP_LISTED 65536u
#define ZIP_NEAR   ((uint64_t)64 << 10) /* to the next, where sizes are open */

/* What names of members begin with. */
struct zip_prefix {
	const char *text;
	enum kind kind;
};

static const struct zip_prefix prefixes[] = {
	{ "word/", KIND_OOXML_WORD },
	{ "xl/", KIND_OOXML_XL },
	{ "ppt/", KIND_OOXML_PPT },
	{ "Contents/content.hpf", KIND_OOXML_HWP },
	/* hints: ask the directory */
	{ "[Content_Types].xml", KIND_ZIP },
	{ "docProps/", KIND_ZIP },
	{ "customXml/", KIND_ZIP },
	{ "mimetype", KIND_ZIP },
};

/* What a member's name says, or KIND_UNKNOWN. */
static enum kind
zip_name_kind(const struct zip_entry *e)
{
	size_t i, size;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size = strlen(prefixes[i].text);
		if (e->name_size >= size &&
		    memcmp(e->name, prefixes[i].text, size) == 0)
			return prefixes[i].kind;
	}
	return KIND_UNKNOWN;
}

/* The first entry of the directory that says more than a hint. */
static enum kind
zip_ask_directory(struct window *w)
{
	struct zip_directory directory;
	struct zip_entry entry;
	enum kind kind;
	uint32_t i;

	if (w->source->size == SOURCE_SIZE_UNKNOWN)
		return KIND_ZIP;
	zip_find_directory(w, &directory);
	for (i = 0; directory.is_valid && i < ZIP_LISTED; i++) {
		if (!zip_read_central(w, &directory.at, &entry))
			break;
		kind = zip_name_kind(&entry);
		if (kind != KIND_UNKNOWN && kind != KIND_ZIP)
			return kind;
	}
	return KIND_ZIP;
}

/* Where the local header behind this one may stand. */
static uint64_t
zip_behind(const struct zip_entry *e)
{
	if ((e->flags & ZIP_DESCRIPTOR) != 0 || e->packed > ZIP_NEAR)
		return e->data;
	return e->data + e->packed; /* both far from the end of 64 bits */
}

enum kind
zip_guess(struct source *s, struct arena *scratch)
{
	struct window w;
	struct zip_entry entry;
	uint64_t at = 0;
	enum kind kind;
	uint32_t i;

	if (!window_init(&w, s, scratch))
		return KIND_ZIP;
	for (i = 0; i < ZIP_FIRST; i++) {
		if (!window_find(&w, at, at + ZIP_NEAR, "PK\3\4", 4, &at) ||
		    !zip_read_local(&w, at, &entry))
			break;
		kind = zip_name_kind(&entry);
		if (kind == KIND_ZIP)
			return zip_ask_directory(&w);
		if (kind != KIND_UNKNOWN)
			return kind;
		at = zip_behind(&entry);
	}
	return KIND_ZIP;
}
