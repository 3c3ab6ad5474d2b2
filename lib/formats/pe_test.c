/*
 * pe_test.c - Windows executables, made here and compared with sigtool.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/digest.h"
#include "lib/formats/openers.h"
#include "tests/t.h"
#include "tests/t_format.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM ((size_t)1 << 20)

static uint8_t memory[(size_t)8 << 20];
static uint8_t file[ROOM];

/* One section: its header's numbers. */
struct row {
	uint32_t vsize, rva, size, off;
};

struct recipe {
	struct row row[4];
	uint16_t sections;
	uint32_t entry, section_alignment, file_alignment, headers;
	uint32_t import_rva, import_size, resource_rva, resource_size;
	size_t size;
	bool is_64;
};

static void
put16(size_t off, uint32_t value)
{
	file[off] = (uint8_t)value;
	file[off + 1] = (uint8_t)(value >> 8);
}

static void
put32(size_t off, uint32_t value)
{
	put16(off, value);
	put16(off + 2, value >> 16);
}

static const struct recipe plain = {
	.row = { { 0x1000, 0x1000, 0x400, 0x400 },
	    { 0x1000, 0x2000, 0x600, 0x800 } },
	.sections = 2,
	.entry = 0x1010,
	.section_alignment = 0x1000,
	.file_alignment = 0x200,
	.headers = 0x400,
	.size = 0xe00,
};

/* Write the headers of r into file. */
static void
bake(const struct recipe *r)
{
	size_t optional = 0x80 + 24, directories, table, i;
	uint32_t optional_size = r->is_64 ? 0xf0 : 0xe0;

	memset(file, 0, sizeof(file));
	memcpy(file, "MZ", 2);
	put32(60, 0x80);
	memcpy(file + 0x80, "PE\0", 4);
	put16(0x84, r->is_64 ? 0x8664 : 0x14c);
	put16(0x86, r->sections);
	put32(0x88, 0x4a000000);
	put16(0x94, optional_size);
	put16(0x96, 0x2102);
	put16(optional, r->is_64 ? 0x20b : 0x10b);
	put32(optional + 16, r->entry);
	put32(optional + 32, r->section_alignment);
	put32(optional + 36, r->file_alignment);
	put32(optional + 60, r->headers);
	put16(optional + 68, 3);
	directories = optional + (r->is_64 ? 112 : 96);
	put32(directories - 4, 16);
	put32(directories + 8, r->import_rva);
	put32(directories + 12, r->import_size);
	put32(directories + 16, r->resource_rva);
	put32(directories + 20, r->resource_size);
	table = optional + optional_size;
	for (i = 0; i < r->sections && i < 4; i++) {
		memcpy(file + table + 40 * i, ".sect", 5);
		put32(table + 40 * i + 8, r->row[i].vsize);
		put32(table + 40 * i + 12, r->row[i].rva);
		put32(table + 40 * i + 16, r->row[i].size);
		put32(table + 40 * i + 20, r->row[i].off);
	}
}

/* Open bytes as a PE; the facts stay good until the next call. */
static struct facts
look_at(const uint8_t *bytes, size_t size, void **state)
{
	static struct source source;
	static struct arena arena;
	struct facts facts = { 0 };
	struct opening in = { .source = &source,
		.arena = &arena,
		.facts = &facts,
		.kind = KIND_PE };

	source = source_from(bytes, size);
	arena_init(&arena, memory, sizeof(memory));
	t_eq(pe_opener.open(&in, state), FORMAT_WHOLE);
	return facts;
}

static struct facts
look(const struct recipe *r)
{
	void *state;

	bake(r);
	return look_at(t_fence(file, r->size), r->size, &state);
}

static void
test_headers_give_facts(void **state)
{
	struct facts f = look(&plain);

	(void)state;
	t_eq(f.value[FACT_ENTRY_POINT], 0x410);
	t_eq(f.value[FACT_SECTIONS], 2);
	t_eq(f.value[FACT_MACHINE], 0x14c);
	t_eq(f.value[FACT_IS_DLL], 1);
	t_eq(f.value[FACT_SUBSYSTEM], 3);
	t_eq(f.value[FACT_TIMESTAMP], 0x4a000000);
	assert_true(facts_has(&f, FACT_IS_64));
	assert_false(facts_has(&f, FACT_OVERLAY_OFFSET));
	assert_true(f.section_hashes_apply);
	t_eq(f.section[1].off, 0x800);
	t_eq(f.section[1].size, 0x600);
	t_eq(f.section[1].rva, 0x2000);
}

static void
test_section_hashes_do_not_apply_to_64_bits(void **state)
{
	struct recipe r = plain;
	struct facts f;

	(void)state;
	r.is_64 = true;
	f = look(&r);
	assert_false(f.section_hashes_apply);
	t_eq(f.value[FACT_ENTRY_POINT], 0x410);
	t_eq(f.value[FACT_IS_64], 1);
}

static void
test_raw_offsets_round_down_and_sizes_up(void **state)
{
	struct recipe r = plain;
	struct facts f;

	(void)state;
	r.row[0].off = 0x5ff;
	r.row[0].size = 0x201;
	f = look(&r);
	t_eq(f.section[0].off, 0x400);
	t_eq(f.section[0].size, 0x400);
}

static void
test_a_contradicted_file_alignment_is_512(void **state)
{
	struct recipe r = plain;
	struct facts f;

	(void)state;
	r.file_alignment = 0x1000;
	r.row[0].size = 1;
	f = look(&r);
	t_eq(f.section[0].off, 0x400);
	t_eq(f.section[0].size, 0x200);
	r.file_alignment = 0; /* taken as it is: nothing is rounded */
	r.row[0].off = 0x401;
	r.entry = 0x1000;
	f = look(&r);
	t_eq(f.section[0].off, 0x401);
	t_eq(f.section[0].size, 1);
}

static void
test_sections_are_cut_to_the_file(void **state)
{
	struct recipe r = plain;
	struct facts f;

	(void)state;
	r.size = 0x900;
	f = look(&r);
	t_eq(f.section[1].size, 0x100);
	r.row[1].off = 0x8000;
	f = look(&r);
	t_eq(f.section[1].size, 0);
	t_eq(f.section_count, 2);
}

static void
test_the_last_section_that_holds_an_address_counts(void **state)
{
	struct recipe r = plain;
	struct facts f;

	(void)state;
	r.row[1].rva = 0x1000;
	f = look(&r);
	t_eq(f.value[FACT_ENTRY_POINT], 0x810);
	r.entry = 0x3ff; /* headers: the address is the offset */
	f = look(&r);
	t_eq(f.value[FACT_ENTRY_POINT], 0x3ff);
}

static void
test_without_an_entry_point_nothing_is_known(void **state)
{
	struct recipe r = plain;
	struct facts f;

	(void)state;
	r.entry = 0x1fff;
	f = look(&r);
	t_eq(f.section_count, 0);
	assert_false(facts_has(&f, FACT_ENTRY_POINT));
	assert_false(f.section_hashes_apply);
	r = plain;
	r.row[0].vsize = 0x80000000;
	f = look(&r);
	assert_false(facts_has(&f, FACT_SECTIONS));
	r = plain;
	r.sections = 97;
	r.size = 0x4000;
	f = look(&r);
	assert_false(facts_has(&f, FACT_SECTIONS));
	r.sections = 0;
	f = look(&r);
	assert_false(facts_has(&f, FACT_SECTIONS));
}

/* Two DLLs' imports at file offset 0x800, address 0x2000. */
static struct recipe
bake_imports(const char *function)
{
	struct recipe r = plain;

	r.import_rva = 0x2000;
	r.import_size = 60;
	r.size = 0x1000;
	r.row[1].size = 0x800;
	bake(&r);
	put32(0x800, 0x2100); /* look-up table, name, address table */
	put32(0x80c, 0x2200);
	put32(0x810, 0x2100);
	put32(0x814, 0);
	put32(0x820, 0x2220);
	put32(0x824, 0x2140);
	put32(0x900, 0x2300);
	put32(0x904, 0x80000003);
	put32(0x940, 0x80000003);
	put32(0x944, 0x800003e7);
	memcpy(file + 0xa00, "Kernel32.DLL", 13);
	memcpy(file + 0xa20, "WS2_32.dll", 11);
	memcpy(file + 0xb02, function, strlen(function));
	return r;
}

static void
test_import_text_is_names_and_known_numbers(void **state)
{
	struct recipe r = bake_imports("CreateFileA");
	void *walk;
	struct facts f = look_at(t_fence(file, r.size), r.size, &walk);

	(void)state;
	assert_true(f.has_import_text);
	assert_true(cur_is(&f.import_text,
	    "kernel32.createfilea,kernel32.ord3,ws2_32.closesocket,"
	    "ws2_32.ord999"));
	t_eq(f.value[FACT_IMPORTS], 4);
}

static void
test_an_odd_name_makes_imports_unknown(void **state)
{
	struct recipe r = bake_imports("?operator@@");
	void *walk;
	struct facts f = look_at(t_fence(file, r.size), r.size, &walk);

	(void)state;
	assert_false(f.has_import_text);
}

/* A node of version information at off: key, then what follows. */
static size_t
put_node(size_t off, size_t value_size, const char *key)
{
	size_t at = off + 6;

	put16(off + 2, (uint32_t)value_size);
	for (; *key != '\0'; key++, at += 2)
		put16(at, (uint8_t)*key);
	at += 2;
	return (at + 3) / 4 * 4;
}

/* A resource directory with one version and one string, "Key". */
static size_t
bake_version(struct recipe *r)
{
	size_t root = 0x880, info, table, string, end;

	*r = plain;
	r->resource_rva = 0x2000;
	r->resource_size = 0x200;
	bake(r);
	put16(0x80e, 1); /* type 16 */
	put32(0x810, 16);
	put32(0x814, 0x80000018);
	put16(0x826, 1); /* name 1 */
	put32(0x828, 1);
	put32(0x82c, 0x80000030);
	put16(0x83e, 1); /* language */
	put32(0x840, 0x409);
	put32(0x844, 0x48);
	put32(0x848, 0x2080);
	info = put_node(root, 52, "VS_VERSION_INFO") + 52;
	table = put_node(info, 0, "StringFileInfo");
	string = put_node(table, 0, "040904b0");
	end = put_node(string, 2, "Key") + 4;
	put16(end - 4, 'v');
	put16(root, (uint32_t)(end - root));
	put16(info, (uint32_t)(end - info));
	put16(table, (uint32_t)(end - table));
	put16(string, (uint32_t)(end - string));
	put32(0x84c, (uint32_t)(end - root));
	return string + 6;
}

static void
test_version_keys_are_where_they_are(void **state)
{
	struct recipe r;
	size_t key = bake_version(&r);
	void *walk;
	struct facts f = look_at(t_fence(file, r.size), r.size, &walk);

	(void)state;
	t_eq(f.version_info_count, 1);
	t_eq(f.version_info[0], key);
}

static void
test_what_follows_the_image_is_a_fact(void **state)
{
	struct recipe r = plain;
	struct child child;
	struct facts f;
	void *walk;

	(void)state;
	bake(&r);
	memcpy(file + 0xe00, "some bytes", 10);
	f = look_at(t_fence(file, 0x1100), 0x1100, &walk);
	t_eq(f.value[FACT_OVERLAY_OFFSET], 0xe00);
	t_eq(f.value[FACT_OVERLAY_SIZE], 0x300);
	t_eq(pe_opener.next(walk, &child), FORMAT_WHOLE);
}

static void
test_dos_programs_are_whole(void **state)
{
	void *walk;
	struct facts f;

	(void)state;
	memset(file, 0, 64);
	memcpy(file, "MZ", 2);
	f = look_at(t_fence(file, 64), 64, &walk);
	t_eq(f.section_count, 0);
	f = look_at(t_fence(file, 2), 2, &walk);
	t_eq(f.section_count, 0);
}

static void
test_sweeps(void **state)
{
	struct recipe r = bake_imports("ExitProcess");

	(void)state;
	t_every_byte(&pe_opener, KIND_PE, file, r.size);
	t_every_arena_size(&pe_opener, KIND_PE, file, r.size);
	(void)bake_version(&r);
	t_every_byte(&pe_opener, KIND_PE, file, r.size);
	t_same_streamed(&pe_opener, KIND_PE, file, r.size);
}

static void
test_every_prefix_opens(void **state)
{
	struct recipe r = bake_imports("ExitProcess");
	void *walk;
	size_t size;

	(void)state;
	for (size = 0; size < r.size; size++)
		(void)look_at(t_fence(file, size), size, &walk);
}

static void
write_hash(const uint8_t *bytes, size_t size, char out[33])
{
	uint8_t digest[DIGEST_SIZE_MAX];
	size_t i;

	digest_of(DIGEST_MD5, bytes, size, digest);
	for (i = 0; i < 16; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

/* Does sigtool print our line? */
static bool
sigtool_says(const char *option, const char *path, const char *line)
{
	char command[512], got[512];
	bool found = false;
	FILE *p;

	(void)snprintf(command, sizeof(command), "sigtool %s '%s' 2>&1", option,
	    path);
	p = popen(command, "r");
	if (p == NULL)
		return false;
	while (fgets(got, sizeof(got), p) != NULL)
		if (strstr(got, line) != NULL)
			found = true;
	(void)pclose(p);
	return found;
}

static void
compare_with_sigtool(const char *path)
{
	size_t size, i;
	uint8_t *bytes = t_file(path, &size);
	char hash[33], line[80];
	struct facts f;
	void *walk;

	assert_non_null(bytes);
	f = look_at(bytes, size, &walk);
	for (i = 0; f.section_hashes_apply && i < f.section_count; i++) {
		if (f.section[i].size == 0)
			continue;
		write_hash(bytes + f.section[i].off, f.section[i].size, hash);
		(void)snprintf(line, sizeof(line), "%llu:%s",
		    (unsigned long long)f.section[i].size, hash);
		assert_true(sigtool_says("--mdb", path, line));
	}
	if (f.has_import_text) {
		write_hash(f.import_text.base, f.import_text.size, hash);
		(void)snprintf(line, sizeof(line), "%s:%zu", hash,
		    f.import_text.size);
		assert_true(sigtool_says("--imp", path, line));
	}
	free(bytes);
}

static void
test_hashes_are_what_sigtool_says(void **state)
{
	glob_t found;
	size_t i;

	(void)state;
	if (access("/usr/bin/sigtool", X_OK) != 0 ||
	    glob("/usr/share/clamav-testfiles/*.exe", 0, NULL, &found) != 0)
		skip();
	for (i = 0; i < found.gl_pathc; i++)
		compare_with_sigtool(found.gl_pathv[i]);
	globfree(&found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers_give_facts),
		cmocka_unit_test(test_section_hashes_do_not_apply_to_64_bits),
		cmocka_unit_test(test_raw_offsets_round_down_and_sizes_up),
		cmocka_unit_test(test_a_contradicted_file_alignment_is_512),
		cmocka_unit_test(test_sections_are_cut_to_the_file),
		cmocka_unit_test(
		    test_the_last_section_that_holds_an_address_counts),
		cmocka_unit_test(test_without_an_entry_point_nothing_is_known),
		cmocka_unit_test(test_import_text_is_names_and_known_numbers),
		cmocka_unit_test(test_an_odd_name_makes_imports_unknown),
		cmocka_unit_test(test_version_keys_are_where_they_are),
		cmocka_unit_test(test_what_follows_the_image_is_a_fact),
		cmocka_unit_test(test_dos_programs_are_whole),
		cmocka_unit_test(test_sweeps),
		cmocka_unit_test(test_every_prefix_opens),
		cmocka_unit_test(test_hashes_are_what_sigtool_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
