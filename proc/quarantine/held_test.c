/*
 * held_test.c - a record comes back as it was written, or not at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/quarantine/held.h"
#include "tests/t.h"

#include <stdlib.h>
#include <string.h>

static void
fill(struct held *h)
{
	static const uint8_t label[] = { 'a', 0, '=', '\n', 0xff };

	memset(h, 0, sizeof(*h));
	h->state = HELD_MOVED;
	h->time = 1790000000;
	h->path = strdup("/srv/odd\n[Quarantine]\nState=copied/%00 =\xff");
	h->size = UINT64_MAX;
	memset(h->sha256, 0xa5, sizeof(h->sha256));
	h->inode = 77;
	h->attributes.mode = 04755;
	h->attributes.uid = UINT32_MAX;
	h->attributes.mtime_s = -5;
	h->attributes.mtime_ns = 999999999;
	h->attributes.has_flags = true;
	h->attributes.flags = 16;
	held_add_signature(h, "Eicar-Test", 10);
	held_add_signature(h, "b=c\n", 4);
	assert_true(attributes_add(&h->attributes, "user.a=b", label,
	    sizeof(label)));
	assert_true(attributes_add(&h->attributes, "user.empty", "", 0));
}

static char *
written(const struct held *h, size_t *size)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, size);

	assert_non_null(to);
	held_write(to, h);
	assert_int_equal(fclose(to), 0);
	return text;
}

static void
test_round_trip(void **state)
{
	struct held h, back;
	struct why why;
	size_t size, again;
	char *text, *second;

	(void)state;
	fill(&h);
	text = written(&h, &size);
	assert_true(held_read(cur_from(t_fence(text, size), size), &back,
	    &why));
	assert_string_equal(back.path, h.path);
	t_eq(back.size, h.size);
	assert_true(back.attributes.mtime_s == -5);
	t_eq(back.signature_count, 2);
	assert_string_equal(back.signature[1], "b=c\n");
	t_eq(back.attributes.extended_count, 2);
	t_eq(back.attributes.extended[0].size, 5);
	second = written(&back, &again);
	t_eq(again, size);
	assert_memory_equal(text, second, size);
	free(second);
	free(text);
	held_free(&back);
	held_free(&h);
}

/* A text cut anywhere, or with a line twice, is not taken. */
static void
test_damage(void **state)
{
	struct held h, back;
	struct why why;
	size_t size, i;
	char *text, *twice;

	(void)state;
	fill(&h);
	text = written(&h, &size);
	for (i = 0; i < size - 1; i++) {
		assert_false(held_read(cur_from(t_fence(text, i), i), &back,
		    &why));
		held_free(&back);
	}
	twice = malloc(size + 8);
	assert_non_null(twice);
	memcpy(twice, text, 13); /* "[Quarantine]\n" */
	memcpy(twice + 13, "Inode=1\n", 8);
	memcpy(twice + 21, text + 13, size - 13);
	assert_false(held_read(cur_from(twice, size + 8), &back, &why));
	held_free(&back);
	free(twice);
	free(text);
	held_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
