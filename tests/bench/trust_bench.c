/*
 * trust_bench.c - what a client pays to verify an update: time, stack, heap.
 *
 * A release with three signatures, in a log of 1000 entries, cosigned by 7
 * witnesses and 2 mirrors: 13 signatures, steps V3 to V12; and one root, V2.
 * Prints a name and a number a line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/trust/t_feed.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TURNS      20u
#define BATCHES    15u
#define STACK_SIZE (1u << 20)
#define PAINT      0xa5

static struct t_feed feed;
static struct trust_answer answer;
static struct trust_state state;
static struct trust_input in;
static char latest[TRUST_LATEST_MAX];
static size_t heap_calls;

/* Everybody's malloc, libraries' too. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *
malloc(size_t size)
{
	heap_calls++;
	return __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	heap_calls++;
	return __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	heap_calls++;
	return __libc_realloc(old, size);
}

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
check(void)
{
	trust_client_check(&in, &state, &answer);
	if (answer.outcome != TRUST_ACCEPTED) {
		fprintf(stderr, "%s: %s\n", trust_outcome_name(answer.outcome),
		    answer.why.text);
		exit(1);
	}
}

static void
roots(void)
{
	if (!trust_client_roots(&in, &state, &answer))
		exit(1);
}

/* Microseconds of one, the best of some batches. */
static double
time_of(void (*what)(void))
{
	double best = 1e9;
	unsigned i, j;

	for (i = 0; i < BATCHES; i++) {
		double start = seconds(), took;

		for (j = 0; j < TURNS; j++)
			what();
		took = (seconds() - start) / TURNS * 1e6;
		best = took < best ? took : best;
	}
	return best;
}

static void *
once(void *unused)
{
	check();
	return unused;
}

/* Bytes of stack that one check touches. */
static size_t
stack_of_check(void)
{
	uint8_t *stack = aligned_alloc(4096, STACK_SIZE);
	pthread_attr_t attributes;
	pthread_t thread;
	size_t untouched = 0;

	if (stack == NULL)
		exit(1);
	memset(stack, PAINT, STACK_SIZE);
	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstack(&attributes, stack, STACK_SIZE);
	if (pthread_create(&thread, &attributes, once, NULL) != 0)
		exit(1);
	(void)pthread_join(thread, NULL);
	while (untouched < STACK_SIZE && stack[untouched] == PAINT)
		untouched++;
	free(stack);
	return STACK_SIZE - untouched;
}

int
main(void)
{
	struct t_view v = { .base = 900 };
	double whole, of_roots;
	size_t before;

	t_feed_begin(&feed);
	while (feed.size < 1000)
		t_feed_release(&feed);
	in.anchor = cur_from(feed.anchor, feed.anchor_size);
	in.roots = cur_from(feed.roots, feed.roots_size);
	in.latest = cur_from(latest, t_feed_latest(&feed, &v, latest));
	in.now = T_TIME + 86400;
	in.engine = 1;
	check();
	before = heap_calls;
	check();
	before = heap_calls - before;
	whole = time_of(check);
	of_roots = time_of(roots);
	printf("check_us %.0f\nroots_us %.0f\n", whole - of_roots, of_roots);
	printf("heap_calls %zu\nstack_bytes %zu\nstruct_bytes %zu\n", before,
	    stack_of_check(), sizeof(answer) + sizeof(state) + sizeof(in));
	return 0;
}
