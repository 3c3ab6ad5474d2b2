/*
 * package.c - what the packages of Debian, of rpm and of macOS say they are.
 *
 * Specs:   deb-control(5), dpkg 1.21; RPM Package Manager manual, "Package
 *          format V4" and "RPM tags", 4.18 [RPM]; the PackageInfo and
 *          Distribution files of Apple's installer.
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   RECOGNISE_PACKAGE, RECOGNISE_SUPPLIER, RECOGNISE_MEMBER for the
 *          files an rpm's header names, RECOGNISE_APP for a pkg's ids.
 * Limits:  HEADER_READ bytes of an rpm's header, IDS ids of a pkg.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/recognise/parts.h"

#include "lib/base/ascii.h"

#define HEADER_READ ((uint64_t)48 << 20)
#define IDS         64u

/* --- Debian --------------------------------------------------------------- */

/* "Name: value", whatever the case of the name's letters. */
static bool
is_field(struct cur line, const char *name, struct cur *value)
{
	for (; *name != '\0'; name++)
		if (ascii_lower(cur_u8(&line)) != (uint8_t)*name)
			return false;
	if (cur_u8(&line) != ':')
		return false;
	while (cur_match(&line, " ", 1) || cur_match(&line, "\t", 1))
		;
	*value = cur_from(line.base + line.pos, cur_left(&line));
	if (value->size > RECOGNISE_TEXT)
		value->size = RECOGNISE_TEXT;
	return value->size > 0;
}

void
recognise_deb_control(const struct recognise *r, struct cur control)
{
	struct cur line, value, name = cur_from("", 0);
	struct cur version = cur_from("", 0), maker = cur_from("", 0);

	while (cur_line(&control, &line))
		if (is_field(line, "package", &value))
			name = value;
		else if (is_field(line, "version", &value))
			version = value;
		else if (is_field(line, "maintainer", &value))
			maker = value;
	recognise_tell(r, RECOGNISE_PACKAGE, name, version);
	recognise_tell(r, RECOGNISE_SUPPLIER, maker, name);
}

/* --- rpm ------------------------------------------------------------------ */

/*
 * A header, big-endian: 8e ad e8 and five bytes; how many entries and bytes
 * of data (4 each); the entries, of 16 bytes; the data.  An entry: tag, type,
 * offset in the data, count (4 each).  The first header signs the second,
 * and zeros follow it up to a multiple of eight.               [RPM, V4]
 */
#define RPM_LEAD        96u
#define RPM_HEADER      16u
#define RPM_ENTRY       16u
#define RPM_NAME        1000u
#define RPM_VERSION     1001u
#define RPM_VENDOR      1011u
#define RPM_PACKAGER    1015u
#define RPM_DIRINDEXES  1116u
#define RPM_BASENAMES   1117u
#define RPM_DIRNAMES    1118u
#define RPM_FOLDERS_MAX 65536u

struct rpm_header {
	struct cur entries, data;
	uint64_t end; /* behind it, in the file */
};

static bool
read_header(const struct recognise *r, uint64_t off, struct rpm_header *out)
{
	struct cur in;
	uint64_t entries, data;

	if (!source_cur(r->source, r->arena, off, RPM_HEADER, &in) ||
	    !cur_match(&in, "\x8e\xad\xe8", 3) || !cur_skip(&in, 5))
		return false;
	entries = (uint64_t)cur_u32be(&in) * RPM_ENTRY;
	data = cur_u32be(&in);
	out->end = off + RPM_HEADER + entries + data;
	return entries + data <= HEADER_READ &&
	    source_cur(r->source, r->arena, off + RPM_HEADER, entries + data,
		&in) &&
	    cur_take(&in, entries, &out->entries) &&
	    cur_take(&in, data, &out->data);
}

/* The data from where a tag's begins to the end; and how many there are. */
static bool
find_tag(const struct rpm_header *h, uint32_t tag, struct cur *out,
    uint32_t *count)
{
	struct cur in = h->entries;

	while (cur_left(&in) >= RPM_ENTRY) {
		uint32_t this_tag = cur_u32be(&in), off;

		(void)cur_u32be(&in); /* type */
		off = cur_u32be(&in);
		*count = cur_u32be(&in);
		if (this_tag == tag) {
			*out = h->data;
			out->pos = 0;
			return cur_seek(out, off);
		}
	}
	*out = cur_from("", 0);
	*count = 0;
	return false;
}

static struct cur
first_text(const struct rpm_header *h, uint32_t tag)
{
	struct cur data, text = cur_from("", 0);
	uint32_t count;

	if (!find_tag(h, tag, &data, &count) || !cur_until(&data, 0, &text))
		return cur_from("", 0);
	if (text.size > RECOGNISE_TEXT)
		text.size = RECOGNISE_TEXT;
	return text;
}

/* A name has a folder's number and its last part. */
static void
tell_names(const struct recognise *r, const struct rpm_header *h)
{
	struct cur names, folders, indexes, name;
	uint32_t count, folder_count, index_count, i;
	struct cur *folder;

	if (!find_tag(h, RPM_BASENAMES, &names, &count) ||
	    !find_tag(h, RPM_DIRNAMES, &folders, &folder_count) ||
	    !find_tag(h, RPM_DIRINDEXES, &indexes, &index_count))
		return;
	if (folder_count > RPM_FOLDERS_MAX)
		folder_count = RPM_FOLDERS_MAX;
	folder =
	    arena_alloc(r->arena, (size_t)folder_count + 1, sizeof(*folder));
	if (folder == NULL)
		return;
	for (i = 0; i < folder_count; i++)
		if (!cur_until(&folders, 0, &folder[i]))
			folder[i] = cur_from("", 0);
	for (i = 0;
	     i < count && i < RECOGNISE_MEMBERS && cur_until(&names, 0, &name);
	     i++) {
		uint32_t at = cur_u32be(&indexes);
		struct recognise_text path = { .size = 0 };

		if (!cur_ok(&indexes) || at >= folder_count)
			return;
		recognise_text_add_bytes(&path, folder[at]);
		recognise_text_add_bytes(&path, name);
		recognise_tell(r, RECOGNISE_MEMBER, recognise_text_cur(&path),
		    cur_from("", 0));
	}
}

void
recognise_rpm(const struct recognise *r)
{
	size_t mark = arena_mark(r->arena);
	struct rpm_header h;
	struct cur name, maker;

	if (!read_header(r, RPM_LEAD, &h) ||
	    !read_header(r, (h.end + 7) / 8 * 8, &h)) {
		recognise_gap(r, "package", "it is cut or malformed");
		arena_reset(r->arena, mark);
		return;
	}
	name = first_text(&h, RPM_NAME);
	recognise_tell(r, RECOGNISE_PACKAGE, name, first_text(&h, RPM_VERSION));
	maker = first_text(&h, RPM_VENDOR);
	recognise_tell(r, RECOGNISE_SUPPLIER,
	    maker.size > 0 ? maker : first_text(&h, RPM_PACKAGER), name);
	tell_names(r, &h);
	arena_reset(r->arena, mark);
}

/* --- macOS ---------------------------------------------------------------- */

/* An attribute that is an id: its value up to the quote. */
static bool
take_id(struct cur attribute, struct recognise_text *out)
{
	uint8_t quote, byte;

	if (!cur_match(&attribute, "identifier=", 11) &&
	    !cur_match(&attribute, "id=", 3))
		return false;
	quote = cur_u8(&attribute);
	out->size = 0;
	while (cur_left(&attribute) > 0 && (byte = cur_u8(&attribute)) != quote)
		recognise_text_add(out, byte);
	return quote == '"' || quote == '\'';
}

/* <pkg-info identifier="com.example"> or <pkg-ref id="com.example">. */
void
recognise_pkg_info(const struct recognise *r, struct cur xml)
{
	struct cur element, attribute;
	struct recognise_text id;
	size_t count = 0;

	while (count < IDS && cur_until(&xml, '<', &element))
		while (cur_until(&element, ' ', &attribute))
			if (take_id(attribute, &id)) {
				recognise_tell(r, RECOGNISE_APP,
				    recognise_text_cur(&id), cur_from("", 0));
				count++;
			}
}
