/*
 * post_test.c - claims about post.c, with a supervisor played by the test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/duty/post.h"

#include "sys/channel.h"
#include "sys/memfd.h"
#include "tests/t.h"

#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

static struct {
	unsigned configs, links, goes, stops;
	uint64_t workers;
	uint32_t role;
} heard;

static void
on_config(void *ctx, const struct config *c)
{
	(void)ctx;
	heard.configs++;
	heard.workers = c->value[KEY_WORKERS].number;
}

static void
on_link(void *ctx, uint32_t role, uint32_t class, int fd)
{
	(void)ctx;
	(void)class;
	heard.links++;
	heard.role = role;
	(void)close(fd);
}

static void
on_go(void *ctx)
{
	(void)ctx;
	heard.goes++;
}

static void
on_stop(void *ctx)
{
	(void)ctx;
	heard.stops++;
}

static const struct post_listener listener = { .config = on_config,
	.link = on_link,
	.go = on_go,
	.stop = on_stop };

static struct post *
open_post(int *supervisor)
{
	struct why why;
	struct post *p;
	int pair[2];

	t_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	p = post_open(pair[1], &listener, &why);
	assert_non_null(p);
	memset(&heard, 0, sizeof(heard));
	*supervisor = pair[0];
	return p;
}

static void
close_post(struct post **p, int supervisor)
{
	(void)close(post_fd(*p));
	post_close(p);
	if (supervisor != -1)
		(void)close(supervisor);
}

static void
say(int supervisor, const struct duty *d, int fd)
{
	uint8_t record[DUTY_LARGE];
	size_t size = duty_put(d, record);

	assert_true(size > 0);
	t_eq(channel_send(supervisor, record, size, fd), CHANNEL_DONE);
}

/* The next frame at the supervisor; false if there is none. */
static bool
next(int supervisor, struct duty *out)
{
	uint8_t record[DUTY_LARGE];
	size_t size;

	if (channel_read(supervisor, record, sizeof(record), &size) !=
	    CHANNEL_DONE)
		return false;
	assert_true(duty_get(cur_from(record, size), out));
	return true;
}

static int
file_of(const char *text)
{
	struct why why;
	int fd;

	assert_true(memfd_open(&fd, &why));
	t_eq(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void
test_the_start_of_a_process(void **state)
{
	static const struct duty config = { .kind = DUTY_CONFIG };
	static const struct duty link = { .kind = DUTY_LINK,
		.link = { ROLE_BROKER, 0, 0 } };
	static const struct duty go = { .kind = DUTY_GO };
	static const struct duty ping = { .kind = DUTY_PING, .id = 9 };
	static struct duty d;
	int supervisor, fd = file_of("[scan]\nworkers=7\n");
	struct post *p = open_post(&supervisor);

	(void)state;
	say(supervisor, &config, fd);
	say(supervisor, &link, fd);
	say(supervisor, &go, -1);
	say(supervisor, &ping, -1);
	assert_true(post_hear(p));
	t_eq(heard.configs, 1);
	t_eq(heard.workers, 7);
	t_eq(heard.role, ROLE_BROKER);
	t_eq(heard.goes, 1);
	assert_true(next(supervisor, &d));
	t_eq(d.kind, DUTY_PONG);
	t_eq(d.id, 9);
	post_ready(p);
	assert_true(next(supervisor, &d));
	t_eq(d.kind, DUTY_READY);
	(void)close(fd);
	(void)close(supervisor);
	assert_false(post_hear(p));
	close_post(&p, -1);
}

static void
test_what_may_not_come_ends_the_process(void **state)
{
	static const struct duty bad[] = {
		{ .kind = DUTY_READY }, /* ours to say */
		{ .kind = DUTY_LISTEN, .listen = { LISTEN_LOCAL } },
		{ .kind = DUTY_CONFIG }, /* without a descriptor */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int supervisor;
		struct post *p = open_post(&supervisor);

		say(supervisor, &bad[i],
		    bad[i].kind == DUTY_LISTEN ? supervisor : -1);
		assert_false(post_hear(p));
		close_post(&p, supervisor);
	}
}

static void
test_numbers_are_told_when_they_change(void **state)
{
	static struct duty d;
	int supervisor;
	struct post *p = open_post(&supervisor);

	(void)state;
	post_metric(p, METRIC_WORKERS, 0);
	post_flush(p);
	assert_true(next(supervisor, &d));
	t_eq(d.kind, DUTY_METRIC);
	t_eq(d.metric.metric, METRIC_WORKERS);
	t_eq(d.metric.value, 0);
	assert_false(next(supervisor, &d));
	close_post(&p, supervisor);
}

/* A supervisor that does not read loses events, never time; and is told. */
static void
overrun(bool flushes)
{
	static struct duty d;
	int supervisor;
	struct post *p = open_post(&supervisor);
	unsigned i, got = 0;
	uint32_t lost = 0;

	for (i = 0; i < 10000; i++)
		post_note(p, EVENT_NOTE, EVENT_INFO, "number\n%u", i);
	while (next(supervisor, &d)) {
		t_eq(d.event.kind, EVENT_NOTE);
		assert_memory_equal(d.event.text, "number?", 7);
		got++;
	}
	assert_true(got > 0 && got < 10000);
	/* Also if nothing more happens. */
	if (flushes)
		post_flush(p);
	else
		post_note(p, EVENT_NOTE, EVENT_INFO, "last");
	assert_true(next(supervisor, &d));
	d.event.text[EVENT_TEXT_MAX - 1] = '\0';
	for (i = 0; d.event.text[i] >= '0' && d.event.text[i] <= '9'; i++)
		lost = lost * 10 + (uint32_t)(d.event.text[i] - '0');
	t_eq(lost, 10000 - got);
	if (!flushes) {
		assert_true(next(supervisor, &d));
		assert_memory_equal(d.event.text, "last", 5);
	}
	assert_false(next(supervisor, &d));
	close_post(&p, supervisor);
}

static void
test_events_that_do_not_fit_are_counted(void **state)
{
	(void)state;
	overrun(false);
	overrun(true);
}

static void
test_in_the_middle_of_something_pings_are_answered(void **state)
{
	static const struct duty config = { .kind = DUTY_CONFIG };
	static const struct duty ping = { .kind = DUTY_PING, .id = 9 };
	static struct duty d;
	int supervisor, fd = file_of("[scan]\nworkers=7\n");
	struct post *p = open_post(&supervisor);

	(void)state;
	post_answer(p);
	say(supervisor, &ping, -1);
	say(supervisor, &ping, -1);
	say(supervisor, &config, fd);
	post_answer(p);
	assert_true(next(supervisor, &d));
	t_eq(d.kind, DUTY_PONG);
	t_eq(d.id, 9);
	assert_true(next(supervisor, &d));
	assert_false(next(supervisor, &d));
	/* The rest waits, and nothing of it is lost. */
	t_eq(heard.configs, 0);
	assert_true(post_hear(p));
	t_eq(heard.configs, 1);
	t_eq(heard.workers, 7);
	(void)close(fd);
	(void)close(supervisor);
	post_answer(p);
	close_post(&p, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_start_of_a_process),
		cmocka_unit_test(
		    test_in_the_middle_of_something_pings_are_answered),
		cmocka_unit_test(test_what_may_not_come_ends_the_process),
		cmocka_unit_test(test_numbers_are_told_when_they_change),
		cmocka_unit_test(test_events_that_do_not_fit_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
