/*
 * pe_import.c - the text an import hash is taken of.
 *
 * Spec:    [PE] 6.4 (import directory, look-up tables, hint/name table).  The
 *          text: "dll.function" for each import in the file's order, small
 *          letters, joined by commas; .dll, .ocx and .sys are left off a name
 *          (whose first dot starts one of them); an import by number is the
 *          function's name where pe_ordinal.c knows it, else "ord" and the
 *          number (Mandiant, "Tracking Malware with Import Hashing", 2014).
 * Input:   hostile; read through struct source and struct cur only.
 * Limits:  IMPORT_DLLS; IMPORT_ENTRIES of all look-up tables together, and
 *          IMPORT_TEXT_MAX bytes, beyond which the text is unknown.
 *
 *   import directory entry, 20 bytes:
 *        0          4  address of the look-up table (0: none)
 *       12          4  address of the DLL's name (0: end of the directory)
 *       16          4  address of the address table
 *
 *   look-up table entry, 4 bytes (PE32+: 8), 0 at the end: highest bit set,
 *   then the low 16 bits are a number; else the address of a hint (2 bytes)
 *   and a name.
 *
 * What is odd here is odd in ClamAV 1.4.6, observed from outside, and kept
 * because its .imp signatures are hashes of this text: names are cut at 256
 * bytes; a function's name counts only when 256 bytes of the file follow where
 * it starts; a name at no valid address is read from offset 2 of the file; a
 * name with other characters than letters, digits, "_" and "." makes the text
 * unknown; an entry that ends exactly with the directory is not read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/pe.h"

#include <stdio.h>
#include <string.h>

#define IMPORT_DLLS     1024u
#define IMPORT_ENTRIES  262144u
#define IMPORT_NAME     256u
#define IMPORT_TEXT_MAX ((size_t)1 << 20)
#define IMPORT_ENTRY    20u

/* Enough of a directory for IMPORT_DLLS, the last not at its very end. */
#define IMPORT_DIRECTORY (IMPORT_DLLS * IMPORT_ENTRY + 1)

/* Where the text goes: counted first, written then. */
struct import_text {
	uint8_t *bytes; /* NULL while counting */
	size_t size;
	uint32_t functions;
	uint32_t entries; /* read, including what added nothing */
};

struct import_dll {
	char name[IMPORT_NAME + 1]; /* small letters, without extension */
	size_t name_size;
};

static uint8_t
import_small(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 0x20) : c;
}

static bool
import_add(struct import_text *t, const char *bytes, size_t size)
{
	if (size > IMPORT_TEXT_MAX - t->size)
		return false;
	if (t->bytes != NULL && size > 0)
		memcpy(t->bytes + t->size, bytes, size);
	t->size += size;
	return true;
}

/* Copy a name in small letters up to its zero or size bytes. */
static size_t
import_copy_name(struct cur in, char *out, size_t size)
{
	size_t n = 0;
	uint8_t c;

	while (n < size && cur_left(&in) > 0) {
		c = cur_u8(&in);
		if (c == 0)
			break;
		out[n++] = (char)import_small(c);
	}
	out[n] = '\0';
	return n;
}

static bool
import_read_dll(const struct pe *p, uint32_t rva, struct import_dll *out)
{
	static const char *const extensions[] = { ".dll", ".ocx", ".sys" };
	struct cur in;
	uint64_t off;
	char *dot;
	size_t i;

	if (!pe_find(p, rva, &off))
		return false;
	source_cur_upto(p->source, p->arena, off, IMPORT_NAME, &in);
	out->name_size = import_copy_name(in, out->name, IMPORT_NAME);
	dot = strchr(out->name, '.');
	for (i = 0; dot != NULL && i < 3; i++)
		if (strcmp(dot, extensions[i]) == 0) {
			*dot = '\0';
			out->name_size = (size_t)(dot - out->name);
			return true;
		}
	return true;
}

static bool
import_is_plain(const char *name)
{
	for (; *name != '\0'; name++)
		if (!(*name >= 'a' && *name <= 'z') &&
		    !(*name >= '0' && *name <= '9') && *name != '_' &&
		    *name != '.')
			return false;
	return true;
}

static bool
import_add_function(struct import_text *t, const struct import_dll *dll,
    const char *name)
{
	if (t->functions++ > 0 && !import_add(t, ",", 1))
		return false;
	return import_add(t, dll->name, dll->name_size) &&
	    import_add(t, ".", 1) && import_add(t, name, strlen(name));
}

static bool
import_add_number(struct import_text *t, const struct import_dll *dll,
    uint16_t number)
{
	const char *known = pe_ordinal_name(dll->name, number);
	char name[12];

	if (known != NULL)
		return import_add_function(t, dll, known);
	(void)snprintf(name, sizeof(name), "ord%u", number);
	return import_add_function(t, dll, name);
}

static bool
import_add_name(const struct pe *p, struct import_text *t,
    const struct import_dll *dll, uint32_t rva)
{
	char name[IMPORT_NAME + 1];
	struct cur in;
	uint64_t off;

	if (!pe_find(p, rva, &off))
		off = 0;
	if (!pe_at(p, off + 2, IMPORT_NAME, &in))
		return true;
	(void)import_copy_name(in, name, IMPORT_NAME);
	return import_is_plain(name) && import_add_function(t, dll, name);
}

/* Add the imports of one DLL, whose look-up table is at off. */
static bool
import_add_table(const struct pe *p, struct import_text *t,
    const struct import_dll *dll, uint64_t off)
{
	uint32_t width = p->is_64 ? 8 : 4;
	struct cur in;
	uint64_t entry;
	size_t mark;
	bool ok = true;

	for (; ok; off += width) {
		mark = arena_mark(p->arena);
		if (!pe_at(p, off, width, &in))
			return true;
		entry = p->is_64 ? cur_u64le(&in) : cur_u32le(&in);
		if (entry == 0)
			return true;
		if (t->entries++ == IMPORT_ENTRIES)
			return false;
		if (entry >> (p->is_64 ? 63 : 31) != 0)
			ok = import_add_number(t, dll, (uint16_t)entry);
		else
			ok = import_add_name(p, t, dll, (uint32_t)entry);
		arena_reset(p->arena, mark);
	}
	return false;
}

/* Add what one entry of the directory imports. */
static bool
import_add_entry(const struct pe *p, struct import_text *t, struct cur entry,
    bool *is_end)
{
	struct import_dll dll;
	uint32_t lookup = cur_u32le(&entry);
	uint32_t name, table;
	uint64_t off;
	size_t mark = arena_mark(p->arena);
	bool ok;

	(void)cur_u64le(&entry); /* time, forwarder chain */
	name = cur_u32le(&entry);
	table = cur_u32le(&entry);
	*is_end = name == 0;
	if (*is_end)
		return true;
	if (!import_read_dll(p, name, &dll))
		return false;
	if (lookup == 0 || !pe_find(p, lookup, &off))
		if (!pe_find(p, table, &off))
			return false;
	ok = import_add_table(p, t, &dll, off);
	arena_reset(p->arena, mark);
	return ok;
}

static bool
import_add_all(const struct pe *p, struct import_text *t, struct cur directory)
{
	struct cur entry;
	uint32_t i;
	bool is_end = false;

	for (i = 0; i < IMPORT_DLLS && cur_left(&directory) > IMPORT_ENTRY;
	     i++) {
		if (!cur_take(&directory, IMPORT_ENTRY, &entry) ||
		    !import_add_entry(p, t, entry, &is_end))
			return false;
		if (is_end)
			break;
	}
	return true;
}

void
pe_import_read(struct pe *p)
{
	const struct pe_range *range = &p->directory[PE_IMPORT];
	struct import_text count = { 0 }, text = { 0 };
	struct cur directory;
	uint64_t off;

	if (range->size == 0 || !pe_find(p, range->rva, &off) ||
	    !source_has(p->source, off + range->size - 1))
		return;
	source_cur_upto(p->source, p->arena, off,
	    range->size < IMPORT_DIRECTORY ? range->size : IMPORT_DIRECTORY,
	    &directory);
	if (!import_add_all(p, &count, directory))
		return;
	text.bytes = arena_alloc(p->arena, count.size + 1, 1);
	if (text.bytes == NULL || !import_add_all(p, &text, directory) ||
	    text.size != count.size)
		return;
	facts_set(p->facts, FACT_IMPORTS, text.functions);
	p->facts->import_text = cur_from(text.bytes, text.size);
	p->facts->has_import_text = true;
}
