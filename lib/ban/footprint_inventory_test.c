/*
 * footprint_inventory_test.c - lists in every form, and lines of logs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint_inventory.h"
#include "lib/ban/footprint_log.h"
#include "tests/t.h"

#include <stdio.h>
#include <string.h>

/* What was told: "type value (detail)", one after the other. */
struct told {
	char text[4096];
	size_t size;
};

static void
put(struct told *t, const char *text, size_t size)
{
	assert_true(t->size + size < sizeof(t->text));
	memcpy(t->text + t->size, text, size);
	t->size += size;
	t->text[t->size] = '\0';
}

static bool
see(void *self, const struct inventory_thing *thing)
{
	const char *type = footprint_type_word[thing->type];
	const char *value = (const char *)thing->value.base;

	if (thing->type != FOOTPRINT_CERTIFICATE &&
	    thing->type != FOOTPRINT_PROGRAM) {
		put(self, type, strlen(type));
		put(self, " ", 1);
		put(self, value, thing->value.size);
		put(self, thing->is_left ? "!" : ";", 1);
	}
	return memchr(value, 'K', thing->value.size) != NULL;
}

static const struct {
	const char *list, *told;
	uint64_t count;
} row[] = {
	{ "{\"bomFormat\":\"CycloneDX\",\"components\":[{\"name\":\"kite\","
	  "\"purl\":\"pkg:deb/debian/kite@1\",\"components\":[{\"name\":"
	  "\"hat\",\"supplier\":{\"name\":\"K\"}}]},{\"name\":\"cup\"}]}",
	    "package kite;purl pkg:deb/debian/kite@1;supplier kite;"
	    "supplier hat;supplier K;supplier cup;",
	    3 },
	{ "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"name\":\"a\","
	  "\"supplier\":\"Organization: K\",\"externalRefs\":[{"
	  "\"referenceType\":\"cpe23Type\",\"referenceLocator\":\"cpe:x\"}]}]}",
	    "supplier a;supplier K;", 1 },
	{ "[{\"name\":\"kite\",\"pid\":\"1\",\"path\":\"/opt/K\"}]",
	    "process kite;path /opt/K;", 1 },
	{ "{\"name\":\"q\",\"columns\":{\"name\":\"S\",\"start_type\":\"A\"}}\n"
	  "{\"snapshot\":[{\"key\":"
	  "\"HKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\K\"}]}\n",
	    "service S;supplier S;registry HKLM\\SOFTWARE\\K;", 2 },
	{ "DisplayName,Publisher,InstallLocation\r\n"
	  "\"A, b\",Maker,\"C:\\Program Files\\K\\\"\r\nx,,\n",
	    "package A, b;path /Program Files/K;package x;supplier x;", 2 },
	{ "Name;Version\nkite;1\n", "package kite;supplier kite;", 1 },
	{ "subject_name\tpath\nCN=K Lab, O=x\t/a\n", "signer K Lab;path /a;",
	    1 },
	{ "ii  kite:amd64 1.2 amd64 x\nrc  hat 2 amd64 x\n",
	    "package kite;package hat!", 2 },
	{ "kite-1.2-3.x86_64\nhat-0-1.noarch\n", "package kite;package hat;",
	    2 },
};

static void
test_lists(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t size = strlen(row[i].list);
		struct told t = { .size = 0 };
		struct why why = { 0 };
		uint64_t count = 0;

		assert_true(inventory_read(cur_from(t_fence(row[i].list, size),
					       size),
		    see, &t, &count, &why));
		assert_string_equal(t.text, row[i].told);
		assert_int_equal(count, row[i].count);
	}
}

static void
test_what_is_no_list(void **state)
{
	static const char *const bad[] = { "", "{", "[1,", "\n\n", "hello",
		"just some words\nand more of them\n", "{\"a\":1}\nno\n" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct told t = { .size = 0 };
		struct why why = { 0 };
		uint64_t count = 0;

		assert_false(inventory_read(cur_from(bad[i], strlen(bad[i])),
		    see, &t, &count, &why));
		assert_true(why.kind != WHY_NOTHING);
	}
}

static const struct {
	const char *line, *names;
	bool is_entry;
} line[] = {
	{ "dnsmasq[7]: query[A] dnl-01.geo.k.com from 10.0.0.1",
	    "dnl-01.geo.k.com 10.0.0.1 ", true },
	{ "{\"query\":\"a.b.\",\"rcode\":0}", "a.b ", true },
	{ "1700000000.123 9 10.0.0.1 TCP_MISS/200 1 GET http://a.b/c - x",
	    "1700000000.123 10.0.0.1 a.b ", true },
	{ "0.0.0.0 a.b", "0.0.0.0 a.b ", false },
	{ "  ||a.b^", "a.b ", false },
	{ "# a.b was here", "a.b ", false },
	{ "a.b", "a.b ", false },
	{ "a.b CNAME .", "a.b ", false },
	{ ". .. ... no name", "", true },
};

static void
test_lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		size_t size = strlen(line[i].line);
		struct cur c = cur_from(t_fence(line[i].line, size), size);
		struct told t = { .size = 0 };
		struct cur name;

		assert_int_equal(log_is_entry(c), line[i].is_entry);
		while (log_next_name(&c, &name)) {
			put(&t, (const char *)name.base, name.size);
			put(&t, " ", 1);
		}
		assert_string_equal(t.text, line[i].names);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_what_is_no_list),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
