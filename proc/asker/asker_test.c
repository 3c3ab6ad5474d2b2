/*
 * asker_test.c - claims about asker.c, with a broker played by the test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/asker/asker.h"

#include "sys/channel.h"
#include "tests/t.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What the listener heard last, and how often. */
static struct {
	unsigned answers, generations, states;
	uint64_t token;
	struct ask last;
	char name[ASK_NAME_MAX + 1];
	size_t names;
	const struct asker *of;
} heard;

static void
on_answer(void *ctx, uint64_t token, const struct ask *answer,
    const struct asker_name *name, size_t count)
{
	(void)ctx;
	heard.answers++;
	assert_true(fcntl(asker_answered(heard.of), F_GETFD) != -1);
	heard.token = token;
	heard.last = *answer;
	heard.names = count;
	heard.name[0] = '\0';
	if (count > 0)
		memcpy(heard.name, name[0].text, sizeof(heard.name));
}

static void
on_generation(void *ctx, const struct ask *g)
{
	(void)ctx;
	(void)g;
	heard.generations++;
}

static const struct asker_listener listener = { NULL, on_answer, on_generation,
	NULL };
static const struct asker_request request = { 3, 0, ASK_SERVER, 60000, 0 };

static struct asker *
open_asker(size_t most)
{
	struct why why;
	struct asker *a = asker_open(most, &listener, &why);

	assert_non_null(a);
	memset(&heard, 0, sizeof(heard));
	heard.of = a;
	return a;
}

/* Give it a new channel; our end. */
static int
link_broker(struct asker *a)
{
	int pair[2];

	t_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	asker_link(a, pair[0]);
	return pair[1];
}

static int
some_file(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* The next frame at the broker; false if there is none. */
static bool
next(int broker, struct ask *out)
{
	uint8_t record[ASK_LARGE];
	size_t size;
	bool is_lost;
	int fd;

	if (channel_take(broker, record, sizeof(record), &size, &fd,
		&is_lost) != CHANNEL_DONE)
		return false;
	assert_true(ask_get(cur_from(record, size), out));
	t_eq(fd != -1, out->kind == ASK_IS_ASK);
	if (fd != -1)
		(void)close(fd);
	return true;
}

static void
say(int broker, const struct ask *f)
{
	uint8_t record[ASK_LARGE];
	size_t size = ask_put(f, record);

	assert_true(size > 0);
	t_eq(channel_send(broker, record, size, -1), CHANNEL_DONE);
}

static void
say_clean(int broker, uint64_t id)
{
	const struct ask f = { .kind = ASK_IS_ANSWER, .id = id };

	say(broker, &f);
}

static void
test_a_question_is_sent_and_its_answer_told_once(void **state)
{
	struct asker *a = open_asker(4);
	int broker = link_broker(a);
	struct ask f, infected = { .kind = ASK_IS_ANSWER };
	struct ask name = { .kind = ASK_IS_NAME };

	(void)state;
	assert_true(asker_ask(a, 77, some_file(), &request) != 0);
	asker_turn(a);
	assert_true(next(broker, &f));
	t_eq(f.kind, ASK_IS_ASK);
	t_eq(f.ask.size, 3);
	t_eq(f.ask.class, ASK_SERVER);
	t_eq(heard.answers, 0);
	name.id = infected.id = f.id;
	name.name.size = 4;
	memcpy(name.name.text, "Evil", 4);
	infected.answer.verdict = VERDICT_INFECTED;
	infected.answer.names = infected.answer.matches = 1;
	say(broker, &name);
	say(broker, &infected);
	say(broker, &infected);
	asker_turn(a);
	t_eq(heard.answers, 1);
	t_eq(heard.token, 77);
	t_eq(heard.names, 1);
	assert_string_equal(heard.name, "Evil");
	t_eq(asker_pending(a), 0);
	assert_int_equal(asker_answered(a), -1);
	(void)close(broker);
	asker_close(&a);
}

static void
test_without_a_channel_questions_wait(void **state)
{
	struct asker *a = open_asker(2);
	struct pollfd p;
	struct ask f;
	int broker;

	(void)state;
	assert_true(asker_ask(a, 1, some_file(), &request) != 0);
	assert_true(asker_ask(a, 2, some_file(), &request) != 0);
	t_eq(asker_ask(a, 3, 0, &request), 0);
	asker_turn(a);
	asker_poll(a, &p);
	t_eq(p.fd, -1);
	broker = link_broker(a);
	asker_turn(a);
	assert_true(next(broker, &f));
	assert_true(next(broker, &f));
	assert_false(next(broker, &f));
	(void)close(broker);
	asker_close(&a);
}

static void
test_a_new_broker_is_asked_what_the_old_did_not_answer(void **state)
{
	struct asker *a = open_asker(4);
	int broker = link_broker(a);
	struct ask f[3];
	struct ask again;

	(void)state;
	assert_true(asker_ask(a, 1, some_file(), &request) != 0);
	assert_true(asker_ask(a, 2, some_file(), &request) != 0);
	assert_true(asker_ask(a, 3, some_file(), &request) != 0);
	asker_turn(a);
	assert_true(next(broker, &f[0]) && next(broker, &f[1]) &&
	    next(broker, &f[2]));
	say_clean(broker, f[1].id);
	asker_turn(a);
	t_eq(heard.token, 2);
	(void)close(broker);
	asker_turn(a);
	t_eq(heard.answers, 1);
	t_eq(asker_pending(a), 2);
	broker = link_broker(a);
	asker_turn(a);
	assert_true(next(broker, &again));
	t_eq(again.id, f[0].id);
	assert_true(next(broker, &again));
	t_eq(again.id, f[2].id);
	say_clean(broker, f[2].id);
	say_clean(broker, f[0].id);
	asker_turn(a);
	t_eq(heard.answers, 3);
	(void)close(broker);
	asker_close(&a);
}

static void
test_a_broker_that_lies_is_left(void **state)
{
	struct asker *a = open_asker(4);
	int broker = link_broker(a);
	struct pollfd p;
	struct ask f = { .kind = ASK_IS_LEARN };

	(void)state;
	assert_true(asker_ask(a, 1, some_file(), &request) != 0);
	asker_turn(a);
	say(broker, &f);
	asker_turn(a);
	asker_poll(a, &p);
	t_eq(p.fd, -1);
	t_eq(asker_pending(a), 1);
	(void)close(broker);
	asker_close(&a);
}

static void
test_what_is_cancelled_is_not_told(void **state)
{
	struct asker *a = open_asker(1);
	int broker = link_broker(a);
	uint64_t id = asker_ask(a, 1, some_file(), &request);
	struct ask f, cancel;

	(void)state;
	asker_turn(a);
	assert_true(next(broker, &f));
	t_eq(f.id, id);
	asker_cancel(a, id);
	t_eq(asker_pending(a), 0);
	asker_turn(a);
	assert_true(next(broker, &cancel));
	t_eq(cancel.kind, ASK_IS_CANCEL);
	t_eq(cancel.id, id);
	/* Its slot serves another, whose answer the old one is not. */
	assert_true(asker_ask(a, 2, some_file(), &request) != id);
	asker_turn(a);
	say_clean(broker, id);
	asker_turn(a);
	t_eq(heard.answers, 0);
	(void)close(broker);
	asker_close(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_question_is_sent_and_its_answer_told_once),
		cmocka_unit_test(test_without_a_channel_questions_wait),
		cmocka_unit_test(
		    test_a_new_broker_is_asked_what_the_old_did_not_answer),
		cmocka_unit_test(test_a_broker_that_lies_is_left),
		cmocka_unit_test(test_what_is_cancelled_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
