/*
 * client_test.c - claims about client.c: what a reader that lies can do.  The
 * test is the reader.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/client.h"
#include "sys/channel.h"
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct reader reader;
static int other; /* the reader's end */

static void
begin(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	reader_init(&reader);
	reader.helper.channel = pair[0];
	reader.silence_ms = 50;
	other = pair[1];
}

static void
end(void)
{
	reader_end(&reader);
	close(other);
}

static void
say(unsigned kind, unsigned what, const char *value, const char *detail)
{
	static uint8_t packet[READER_PACKET];
	struct reader_part p = { .kind = (uint8_t)kind,
		.what = (uint8_t)what,
		.number = ENOENT,
		.value = cur_from(value, strlen(value)),
		.detail = cur_from(detail, strlen(detail)) };
	size_t size = reader_part_size(&p);

	assert_true(size > 0);
	reader_part_put(&p, packet);
	t_eq(channel_send(other, packet, size, -1), CHANNEL_DONE);
}

static void
count(void *self, const struct reader_part *p)
{
	unsigned *heard = self;

	(void)p;
	(*heard)++;
}

/* Look into some file; what is heard, and what becomes of the reader. */
static void
look(bool is_good, unsigned want, bool is_kept, const char *text)
{
	struct why why = { 0 };
	unsigned heard = 0;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	t_eq(reader_look(&reader, fd, "x", READER_ANY, count, &heard, &why),
	    is_good);
	t_eq(heard, want);
	t_eq(reader.helper.channel != -1, is_kept);
	assert_true(strstr(why.text, text) != NULL);
	close(fd);
}

static void
test_what_is_said_is_heard(void **state)
{
	(void)state;
	begin();
	say(READER_SEEN, READER_PACKAGE, "kesl", "");
	say(READER_COUNT, 0, "packages", "");
	say(READER_DONE, 0, "", "");
	look(true, 2, true, "");
	say(READER_SEEN, READER_PACKAGE, "kesl", "");
	say(READER_FAILED, 0, "", "it is broken");
	look(false, 1, true, "it is broken");
	end();
}

static void
test_silence_has_an_end(void **state)
{
	(void)state;
	begin();
	say(READER_SEEN, READER_PACKAGE, "kesl", "");
	look(false, 1, false, "too long");
	end();
}

static void
test_a_death_is_told(void **state)
{
	(void)state;
	begin();
	say(READER_SEEN, READER_PACKAGE, "kesl", "");
	shutdown(other, SHUT_WR);
	look(false, 1, false, "ended early");
	end();
}

static void
test_who_lies_is_not_heard(void **state)
{
	static const uint8_t nonsense[READER_PACKET + 1] = { 99 };
	static const size_t size[] = { 1, 23, 24, READER_PACKET,
		READER_PACKET + 1 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		begin();
		t_eq(channel_send(other, nonsense, size[i], -1), CHANNEL_DONE);
		say(READER_DONE, 0, "", "");
		look(false, 0, false, "lies");
		end();
	}
	begin();
	say(READER_BYTES, 0, "nobody asked", "");
	look(false, 0, false, "lies");
	end();
	begin();
	say(READER_READY, 0, "", "");
	look(false, 0, false, "lies");
	end();
}

static void
test_a_file_of_an_image(void **state)
{
	struct why why = { 0 };
	char text[8] = "";
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	(void)state;
	if (fd == -1)
		skip();
	begin();
	say(READER_BYTES, 0, "har", "");
	say(READER_BYTES, 0, "mless", "");
	say(READER_DONE, 0, "", "");
	assert_true(reader_fetch(&reader, 1, "/a/b", 8, fd, &why));
	t_eq(pread(fd, text, 8, 0), 8);
	assert_memory_equal(text, "harmless", 8);
	/* More than was asked for. */
	say(READER_BYTES, 0, "harmless", "");
	say(READER_DONE, 0, "", "");
	assert_false(reader_fetch(&reader, 1, "/a/b", 7, fd, &why));
	t_eq(why.err, EFBIG);
	say(READER_FAILED, 0, "", "no such file");
	assert_false(reader_fetch(&reader, 1, "/a/b", 7, fd, &why));
	t_eq(why.err, ENOENT);
	end();
	assert_false(reader_fetch(&reader, 1, "/a/b", 7, fd, &why));
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_said_is_heard),
		cmocka_unit_test(test_silence_has_an_end),
		cmocka_unit_test(test_a_death_is_told),
		cmocka_unit_test(test_who_lies_is_not_heard),
		cmocka_unit_test(test_a_file_of_an_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
