/*
 * take_test.c - into quarantine and back, with races and accidents between.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t.h"
#include "proc/quarantine/remove.h"
#include "proc/quarantine/take.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
	char folder[64], vault[96], file[96];
	struct vault v;
};

static void
write_file(const char *path, const char *text)
{
	FILE *to = fopen(path, "we");

	assert_non_null(to);
	fputs(text, to);
	assert_int_equal(fclose(to), 0);
}

static bool
is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct why why;

	if (p == NULL)
		return -1;
	(void)snprintf(p->folder, sizeof(p->folder), "/var/tmp/candor-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	(void)snprintf(p->vault, sizeof(p->vault), "%s/vault", p->folder);
	(void)snprintf(p->file, sizeof(p->file), "%s/bad.sh", p->folder);
	write_file(p->file, "#!/bin/sh\nbad\n");
	*state = p;
	return vault_open(p->vault, true, &p->v, &why) ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct place *p = *state;
	char command[160];

	vault_close(&p->v);
	(void)snprintf(command, sizeof(command), "rm -rf %s", p->folder);
	free(p);
	return system(command);
}

static size_t
count_held(const struct place *p)
{
	char(*ids)[HELD_ID + 1];
	size_t n = vault_list(&p->v, &ids);

	free(ids);
	return n;
}

static enum take_end
take_file(const struct place *p, const char *path,
    const struct subject_stamp *stamp, const struct cur *name, struct held *h,
    struct why *why)
{
	struct take_request r = { path, stamp, NULL, name, name != NULL };

	return take_path(&p->v, &r, h, why);
}

static void
test_there_and_back(void **state)
{
	struct place *p = *state;
	struct stat before, after;
	struct held h, listed;
	struct why why;
	uint32_t missed;
	char text[32] = "";
	struct cur name = cur_from("Bad.Sig", 7);
	int fd;

	assert_int_equal(chmod(p->file, 0751), 0);
	assert_int_equal(stat(p->file, &before), 0);
	t_eq(take_file(p, p->file, NULL, &name, &h, &why), TAKE_MOVED);
	assert_false(is_there(p->file));
	t_eq(count_held(p), 1);
	assert_true(vault_read(&p->v, h.id, &listed, &why));
	t_eq(listed.state, HELD_MOVED);
	assert_string_equal(listed.path, p->file);
	assert_string_equal(listed.signature[0], "Bad.Sig");
	assert_true(take_restore(&p->v, &listed, NULL, &missed, &why));
	t_eq(missed, 0);
	assert_int_equal(stat(p->file, &after), 0);
	t_eq(after.st_mode, before.st_mode);
	t_eq(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
	t_eq(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
	t_eq(count_held(p), 0);
	fd = open(p->file, O_RDONLY);
	t_eq(read(fd, text, sizeof(text) - 1), 14);
	close(fd);
	assert_string_equal(text, "#!/bin/sh\nbad\n");
	held_free(&listed);
	held_free(&h);
}

/* A file that was replaced or written to since its scan stays. */
static void
test_other_file(void **state)
{
	struct place *p = *state;
	struct subject s;
	struct held h;
	struct why why;

	assert_true(subject_open_named(p->file, &s, &why));
	assert_int_equal(unlink(p->file), 0);
	write_file(p->file, "#!/bin/sh\ngood\n");
	t_eq(take_file(p, p->file, &s.stamp, NULL, &h, &why), TAKE_FAILED);
	assert_true(is_there(p->file));
	t_eq(count_held(p), 0);
	subject_close(&s);
	held_free(&h);
}

/* Two names of one file: both go, though the first moves its times. */
static void
test_hard_links(void **state)
{
	struct place *p = *state;
	char other[128];
	uint8_t sha256[32];
	uint64_t size;
	struct subject s;
	struct held h;
	struct why why;
	struct take_request r = { p->file, &s.stamp, sha256, NULL, 0 };

	(void)snprintf(other, sizeof(other), "%s/other", p->folder);
	assert_int_equal(link(p->file, other), 0);
	assert_true(subject_open_named(p->file, &s, &why));
	assert_true(remove_hash(s.fd, sha256, &size));
	t_eq(take_path(&p->v, &r, &h, &why), TAKE_MOVED);
	t_eq(h.links, 2);
	held_free(&h);
	r.path = other;
	t_eq(take_path(&p->v, &r, &h, &why), TAKE_MOVED);
	assert_false(is_there(other));
	held_free(&h);
	/* Other bytes under that name are not what was found. */
	write_file(other, "#!/bin/sh\nnew\n");
	t_eq(take_path(&p->v, &r, &h, &why), TAKE_FAILED);
	assert_true(is_there(other));
	t_eq(count_held(p), 2);
	held_free(&h);
	subject_close(&s);
}

/* A link in the place of the file is neither followed nor removed. */
static void
test_link(void **state)
{
	struct place *p = *state;
	char aside[128];
	struct held h;
	struct why why;

	(void)snprintf(aside, sizeof(aside), "%s/aside", p->folder);
	assert_int_equal(rename(p->file, aside), 0);
	assert_int_equal(symlink(aside, p->file), 0);
	t_eq(take_file(p, p->file, NULL, NULL, &h, &why), TAKE_FAILED);
	assert_true(is_there(p->file) && is_there(aside));
	held_free(&h);
}

/* The race itself: the name is another file's when the removal comes. */
static void
test_swapped_before_removal(void **state)
{
	struct place *p = *state;
	char aside[128];
	struct held h = { .id = "0123456789abcdef" };
	struct why why;
	struct stat st;
	int folder = open(p->folder, O_RDONLY | O_DIRECTORY);
	int fd = open(p->file, O_RDONLY);

	assert_int_equal(fstat(fd, &st), 0);
	h.device = st.st_dev;
	h.inode = st.st_ino;
	assert_true(remove_hash(fd, h.sha256, &h.size));
	(void)snprintf(aside, sizeof(aside), "%s/aside", p->folder);
	assert_int_equal(rename(p->file, aside), 0);
	write_file(p->file, "innocent");
	assert_false(remove_original(folder, "bad.sh", fd, &h, &why));
	assert_true(is_there(p->file) && is_there(aside));
	/* And a file that was written to after it was sealed. */
	assert_int_equal(rename(aside, p->file), 0);
	write_file(p->file, "#!/bin/sh\nnew\n");
	assert_false(remove_original(folder, "bad.sh", fd, &h, &why));
	assert_true(is_there(p->file));
	(void)snprintf(aside, sizeof(aside), "%s/.candor-%s", p->folder, h.id);
	assert_false(is_there(aside));
	close(fd);
	close(folder);
}

/* Killed between sealing and the end: whatever was reached, the bytes are
   in exactly one place afterwards. */
static void
test_killed(void **state)
{
	struct place *p = *state;
	char aside[128], inside[160];
	struct held h;
	struct why why;
	int step;

	for (step = 0; step < 3; step++) {
		write_file(p->file, "#!/bin/sh\nbad\n");
		t_eq(take_file(p, p->file, NULL, NULL, &h, &why), TAKE_MOVED);
		/* Back to: sealed and written down as copied. */
		h.state = HELD_COPIED;
		(void)snprintf(aside, sizeof(aside), "%s/.candor-%s", p->folder,
		    h.id);
		(void)snprintf(inside, sizeof(inside), "%s/file", aside);
		if (step < 2) {
			const char *at = step == 0 ? p->file : inside;
			struct stat st;

			if (step == 1)
				assert_int_equal(mkdir(aside, 0700), 0);
			write_file(at, "#!/bin/sh\nbad\n");
			assert_int_equal(stat(at, &st), 0);
			h.inode = st.st_ino;
		}
		assert_true(vault_write(&p->v, &h, &why));
		vault_close(&p->v);
		assert_true(vault_open(p->vault, false, &p->v, &why));
		assert_false(is_there(aside));
		t_eq(is_there(p->file), step == 0);
		t_eq(count_held(p), step == 0 ? 0 : step);
		held_free(&h);
	}
}

/* Killed when the original was gone: its inode's number, which is free, may
   be another file's by the time somebody looks. */
static void
test_killed_and_the_inode_is_used_again(void **state)
{
	static const char *const text[] = { "#!/bin/sh\nnew\n", "short", "" };
	struct place *p = *state;
	struct held h;
	struct stat st;
	struct why why;
	size_t i;

	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		write_file(p->file, "#!/bin/sh\nbad\n");
		t_eq(take_file(p, p->file, NULL, NULL, &h, &why), TAKE_MOVED);
		h.state = HELD_COPIED;
		write_file(p->file, text[i]);
		assert_int_equal(stat(p->file, &st), 0);
		h.inode = st.st_ino;
		assert_true(vault_write(&p->v, &h, &why));
		held_free(&h);
		vault_close(&p->v);
		assert_true(vault_open(p->vault, false, &p->v, &why));
		t_eq(count_held(p), i + 1);
		assert_true(is_there(p->file));
		assert_int_equal(unlink(p->file), 0);
	}
}

/* Bytes without a record are what was left of a copy that did not end. */
static void
test_parts(void **state)
{
	struct place *p = *state;
	char path[160];
	struct why why;

	(void)snprintf(path, sizeof(path), "%s/0123456789abcdef.age", p->vault);
	write_file(path, "half");
	vault_close(&p->v);
	assert_true(vault_open(p->vault, false, &p->v, &why));
	assert_false(is_there(path));
}

/* A bit of what is held changes: it is not given back. */
static void
test_damaged(void **state)
{
	struct place *p = *state;
	char path[160];
	struct held h;
	struct why why;
	uint32_t missed;
	int fd;

	t_eq(take_file(p, p->file, NULL, NULL, &h, &why), TAKE_MOVED);
	(void)snprintf(path, sizeof(path), "%s/%s.age", p->vault, h.id);
	fd = open(path, O_WRONLY);
	t_eq(pwrite(fd, "X", 1, 190), 1);
	close(fd);
	assert_false(take_restore(&p->v, &h, NULL, &missed, &why));
	t_eq(why.kind, WHY_FORGED);
	assert_false(is_there(p->file));
	t_eq(count_held(p), 1);
	held_free(&h);
}

/* What is there now is not replaced. */
static void
test_name_taken(void **state)
{
	struct place *p = *state;
	char other[160];
	struct held h;
	struct why why;
	uint32_t missed;

	t_eq(take_file(p, p->file, NULL, NULL, &h, &why), TAKE_MOVED);
	write_file(p->file, "new");
	assert_false(take_restore(&p->v, &h, NULL, &missed, &why));
	t_eq(why.err, EEXIST);
	t_eq(count_held(p), 1);
	(void)snprintf(other, sizeof(other), "%s/elsewhere", p->folder);
	assert_true(take_restore(&p->v, &h, other, &missed, &why));
	assert_true(is_there(other) && is_there(p->file));
	held_free(&h);
}

/* An access list that cannot be put back: the group's bits were its bound, not
   what the group may. */
static void
test_no_access_list(void **state)
{
	struct place *p = *state;
	struct stat st;
	struct held h;
	struct why why;
	uint32_t missed;

	assert_int_equal(chmod(p->file, 0664), 0);
	t_eq(take_file(p, p->file, NULL, NULL, &h, &why), TAKE_MOVED);
	assert_true(attributes_add(&h.attributes, "system.posix_acl_access",
	    "no list", 7));
	assert_true(take_restore(&p->v, &h, NULL, &missed, &why));
	t_eq(missed, ATTRIBUTES_MODE | ATTRIBUTES_EXTRA);
	assert_int_equal(stat(p->file, &st), 0);
	t_eq(st.st_mode & 07777, 0604);
	held_free(&h);
}

/* What belongs to a package stays. */
static void
test_package(void **state)
{
	struct place *p = *state;
	struct held h;
	struct why why;

	if (!is_there("/var/lib/dpkg/info/dash.list"))
		skip();
	t_eq(take_file(p, "/bin/dash", NULL, NULL, &h, &why), TAKE_KEPT);
	assert_non_null(strstr(why.text, "package dash"));
	assert_true(is_there("/bin/dash"));
	held_free(&h);
}

int
main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		EACH(test_there_and_back),
		EACH(test_other_file),
		EACH(test_hard_links),
		EACH(test_link),
		EACH(test_swapped_before_removal),
		EACH(test_killed),
		EACH(test_killed_and_the_inode_is_used_again),
		EACH(test_parts),
		EACH(test_damaged),
		EACH(test_name_taken),
		EACH(test_no_access_list),
		EACH(test_package),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
