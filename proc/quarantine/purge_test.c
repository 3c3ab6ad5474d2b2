/*
 * purge_test.c - what is held for too long goes, and nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/quarantine/vault.h"
#include "tests/t.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 6u

struct place {
	char folder[64];
	struct vault v;
	char gone[FILES][HELD_ID + 1]; /* as they were told of */
	size_t gone_count;
	int64_t before;
};

/* Number i has i hundred bytes and is from second i of 1970. */
static void
hold(struct place *p, unsigned i)
{
	char path[] = "/bad", name[VAULT_NAME_MAX];
	struct held h = { .state = HELD_MOVED,
		.path = path,
		.time = i,
		.size = (uint64_t)100 * i };
	struct why why;
	int fd;

	(void)snprintf(h.id, sizeof(h.id), "%016x", i);
	vault_name(h.id, ".age", name);
	fd = openat(p->v.folder, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd != -1);
	(void)close(fd);
	if (!vault_write(&p->v, &h, &why))
		fail_msg("%s", why.text);
}

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct why why;
	unsigned i;

	if (p == NULL)
		return -1;
	(void)snprintf(p->folder, sizeof(p->folder), "/var/tmp/candor-XXXXXX");
	if (mkdtemp(p->folder) == NULL ||
	    !vault_open(p->folder, true, &p->v, &why))
		return -1;
	/* Not in the order of their ages. */
	for (i = FILES; i > 0; i--)
		hold(p, i);
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;
	char command[128];

	vault_close(&p->v);
	(void)snprintf(command, sizeof(command), "rm -rf %s", p->folder);
	free(p);
	return system(command);
}

static void
hear(void *ctx, const struct held *h, bool is_old)
{
	struct place *p = ctx;

	t_eq(is_old, h->time < p->before);
	assert_true(p->gone_count < FILES);
	memcpy(p->gone[p->gone_count++], h->id, HELD_ID + 1);
}

static struct vault_totals
purge(struct place *p, int64_t before, uint64_t most, int64_t young)
{
	const struct vault_wish wish = {
		.before = before,
		.most = most,
		.young = young,
		.gone = hear,
		.ctx = p,
	};
	struct vault_totals left;
	struct why why;

	p->before = before;
	if (!vault_purge(&p->v, &wish, &left, &why))
		fail_msg("%s", why.text);
	return left;
}

static size_t
count(struct place *p)
{
	char(*ids)[HELD_ID + 1];
	size_t n = vault_list(&p->v, &ids);

	free(ids);
	return n;
}

static void
test_nothing_goes_without_a_bound(void **state)
{
	struct vault_totals left = purge(*state, 0, 0, 0);

	t_eq(left.count, 6);
	t_eq(left.bytes, 2100);
	t_eq(count(*state), 6);
}

static void
test_the_old_go(void **state)
{
	struct place *p = *state;
	struct vault_totals left = purge(p, 3, 0, 0);

	t_eq(left.count, 4);
	t_eq(left.bytes, 1800);
	t_eq(p->gone_count, 2);
	assert_string_equal(p->gone[0], "0000000000000001");
	assert_string_equal(p->gone[1], "0000000000000002");
	t_eq(count(p), 4);
}

static void
test_the_oldest_go_until_it_is_not_too_much(void **state)
{
	struct place *p = *state;
	struct vault_totals left = purge(p, 0, 1500, 0);

	t_eq(left.count, 3);
	t_eq(left.bytes, 1500);
	t_eq(p->gone_count, 3);
	t_eq(count(p), 3);
}

static void
test_the_young_do_not_go_to_make_room(void **state)
{
	struct place *p = *state;
	struct vault_totals left = purge(p, 2, 1000, 4);

	t_eq(left.count, 3);
	t_eq(left.bytes, 1500);
	t_eq(p->gone_count, 3);
	assert_string_equal(p->gone[2], "0000000000000003");
	/* But for their age they do. */
	t_eq(purge(p, 6, 0, 4).count, 1);
}

static bool
has_room(struct place *p, uint64_t size, uint64_t most, int64_t young)
{
	const struct vault_wish wish = { .most = most, .young = young };
	struct why why;

	return vault_has_room(&p->v, &wish, size, &why);
}

/* Of 2100 bytes, 1500 are from 4 on. */
static void
test_room_is_asked_for_before_anything_goes(void **state)
{
	struct place *p = *state;

	assert_true(has_room(p, UINT64_MAX, 0, INT64_MIN));
	assert_true(has_room(p, 900, 3000, INT64_MIN));
	assert_false(has_room(p, 901, 3000, INT64_MIN));
	assert_true(has_room(p, 1500, 3000, 4));
	assert_false(has_room(p, 1501, 3000, 4));
	assert_true(has_room(p, 3000, 3000, 7));
	assert_false(has_room(p, 3001, 3000, 7));
	assert_false(has_room(p, UINT64_MAX, UINT64_MAX, 4));
	t_eq(count(p), FILES);
}

static void
test_what_cannot_be_read_stays(void **state)
{
	struct place *p = *state;
	int fd = openat(p->v.folder, "0000000000000001.held",
	    O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd != -1);
	(void)close(fd);
	t_eq(purge(p, 3, 0, 0).count, 4);
	t_eq(p->gone_count, 1);
	t_eq(count(p), 5);
}

static bool
make_later(void *ctx, int64_t *time)
{
	if (*time > *(int64_t *)ctx)
		return false;
	*time += 100;
	return true;
}

static void
test_another_time_counts_from_then_on(void **state)
{
	struct place *p = *state;
	int64_t last = 2;
	struct why why;

	assert_true(vault_date(&p->v, make_later, &last, &why));
	t_eq(purge(p, 4, 0, 0).count, 5);
	assert_string_equal(p->gone[0], "0000000000000003");
	t_eq(purge(p, 102, 0, 0).count, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_nothing_goes_without_a_bound, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_old_go, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_the_oldest_go_until_it_is_not_too_much, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_the_young_do_not_go_to_make_room, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_room_is_asked_for_before_anything_goes, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_read_stays,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_another_time_counts_from_then_on, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
