/*
 * pe_version.c - where version information has its keys.
 *
 * Spec:    [PE] 6.9 (resources); VS_VERSIONINFO, StringFileInfo, StringTable
 *          and String in "Version Information Structures", Microsoft.  [VER]
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   facts.version_info: the file offset of each string's key, in
 *          order.  The offsets "VI" of signatures are these: their pattern
 *          is key, padding and value in one.
 * Limits:  VERSION_ENTRIES entries of a resource directory are looked at,
 *          VERSION_STRINGS offsets kept.
 *
 *   resource directory:
 *       12          2  entries with a name
 *       14          2  entries with a number
 *       16             8 bytes each: name or number; offset from the start of
 *                      the resources, highest bit set for a directory
 *   Three levels: type (16 is version information), name, language.  Then
 *        0          4  address
 *        4          4  size
 *
 *   A node of version information; children and values start at multiples of
 *   four bytes from the start of the node:                          [VER]
 *        0          2  wLength, of the node with its children
 *        2          2  wValueLength
 *        4          2  wType
 *        6             szKey, UTF-16, zero at its end
 *                      value, children
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/pe.h"

#include <string.h>

#define VERSION_ENTRIES 64u
#define VERSION_STRINGS 1024u
#define VERSION_TYPE    16u
#define VERSION_SIZE    65536u
#define VERSION_ANY     UINT32_MAX
#define VERSION_SUBDIR  0x80000000u

struct version_list {
	uint32_t *off;
	uint32_t count;
};

/* The node's parts. */
struct version_node {
	struct cur key;  /* UTF-16, without its zero */
	struct cur rest; /* value and children */
	uint16_t value_size;
};

/* Keep an offset in its order. */
static bool
version_keep(struct version_list *list, uint64_t off)
{
	uint32_t i;

	if (list->count == VERSION_STRINGS || off > UINT32_MAX)
		return false;
	for (i = list->count++; i > 0 && list->off[i - 1] > off; i--)
		list->off[i] = list->off[i - 1];
	list->off[i] = (uint32_t)off;
	return true;
}

/* Step over padding to the next multiple of four from start. */
static void
version_align(struct cur *in, uint64_t start)
{
	while ((cur_where(in) - start) % 4 != 0 && cur_left(in) > 0)
		(void)cur_u8(in);
}

/* Cut the next node off in; its padding too. */
static bool
version_take(struct cur *in, struct version_node *out)
{
	struct cur node, length = *in;
	uint64_t start = cur_where(in);
	size_t key_size = 0;

	if (!cur_take(in, cur_u16le(&length), &node) || !cur_skip(&node, 2))
		return false;
	version_align(in, start);
	out->value_size = cur_u16le(&node);
	if (!cur_skip(&node, 2))
		return false;
	out->rest = node;
	while (cur_u16le(&out->rest) != 0)
		key_size += 2;
	if (!cur_ok(&out->rest) || !cur_take(&node, key_size, &out->key))
		return false;
	version_align(&out->rest, start);
	return true;
}

/* Does a node's key equal an ASCII text? */
static bool
version_is(const struct version_node *node, const char *text)
{
	struct cur key = node->key;

	for (; *text != '\0'; text++)
		if (cur_u16le(&key) != (uint8_t)*text)
			return false;
	return cur_ok(&key) && cur_left(&key) == 0;
}

/* Keep where the strings of a StringFileInfo's tables start. */
static bool
version_keep_strings(struct version_list *list, struct cur tables)
{
	struct version_node table, string;

	while (version_take(&tables, &table))
		while (version_take(&table.rest, &string))
			if (cur_left(&string.rest) > 0 &&
			    !version_keep(list, string.key.origin))
				return false;
	return true;
}

/* Read one resource of version information. */
static bool
version_read_info(struct version_list *list, struct cur in)
{
	struct version_node root, child;
	uint64_t start = cur_where(&in);

	if (!version_take(&in, &root) ||
	    !version_is(&root, "VS_VERSION_INFO") ||
	    !cur_skip(&root.rest, root.value_size))
		return true;
	version_align(&root.rest, start);
	while (version_take(&root.rest, &child))
		if (version_is(&child, "StringFileInfo") &&
		    !version_keep_strings(list, child.rest))
			return false;
	return true;
}

/*
 * Find entry number nth of the directory at rva whose number is id (or any):
 * its offset.  False if there are not so many.
 */
static bool
version_find_entry(const struct pe *p, uint32_t rva, uint32_t id, uint32_t nth,
    uint32_t *out)
{
	struct cur in;
	uint64_t off;
	uint32_t named, count, i, this_id;

	if (!pe_find(p, rva, &off) || !pe_at(p, off, 16, &in) ||
	    !cur_skip(&in, 12))
		return false;
	named = cur_u16le(&in);
	count = named + cur_u16le(&in);
	source_cur_upto(p->source, p->arena, off + 16,
	    8 * (uint64_t)(count < VERSION_ENTRIES ? count : VERSION_ENTRIES),
	    &in);
	for (i = 0; cur_left(&in) >= 8; i++) {
		this_id = cur_u32le(&in);
		*out = cur_u32le(&in);
		if ((id == VERSION_ANY || (i >= named && this_id == id)) &&
		    nth-- == 0)
			return true;
	}
	return false;
}

/* Read the version information that the entry at a data address describes. */
static bool
version_read_data(const struct pe *p, struct version_list *list, uint32_t rva)
{
	struct cur in;
	uint64_t off;
	uint32_t size;

	if (!pe_find(p, rva, &off) || !pe_at(p, off, 8, &in))
		return true;
	rva = cur_u32le(&in);
	size = cur_u32le(&in);
	if (!pe_find(p, rva, &off))
		return true;
	source_cur_upto(p->source, p->arena, off,
	    size < VERSION_SIZE ? size : VERSION_SIZE, &in);
	return version_read_info(list, in);
}

/* Walk names and languages below the directory of the type. */
static void
version_read_type(const struct pe *p, struct version_list *list, uint32_t base,
    uint32_t type)
{
	uint32_t i, j, name, language;
	size_t mark = arena_mark(p->arena);
	bool go_on = true;

	for (i = 0; go_on && i < VERSION_ENTRIES &&
	     version_find_entry(p, base + type, VERSION_ANY, i, &name);
	     i++) {
		if ((name & VERSION_SUBDIR) == 0)
			continue;
		name &= ~VERSION_SUBDIR;
		for (j = 0; go_on && j < VERSION_ENTRIES &&
		     version_find_entry(p, base + name, VERSION_ANY, j,
			 &language);
		     j++) {
			if ((language & VERSION_SUBDIR) == 0)
				go_on =
				    version_read_data(p, list, base + language);
			arena_reset(p->arena, mark);
		}
	}
}

void
pe_version_read(struct pe *p)
{
	const struct pe_range *range = &p->directory[PE_RESOURCE];
	struct version_list list = { 0 };
	uint32_t type;
	size_t mark = arena_mark(p->arena);

	if (range->size == 0 ||
	    !version_find_entry(p, range->rva, VERSION_TYPE, 0, &type) ||
	    (type & VERSION_SUBDIR) == 0)
		return;
	arena_reset(p->arena, mark);
	list.off = arena_alloc(p->arena, VERSION_STRINGS, sizeof(*list.off));
	if (list.off == NULL)
		return;
	version_read_type(p, &list, range->rva, type & ~VERSION_SUBDIR);
	p->facts->version_info = list.off;
	p->facts->version_info_count = list.count;
}
