/*
 * plan_fuzz.c - any settings of file protection: each is told, and what is
 * taken over is what candord reads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t room[SETTINGS_ARENA];

/* The groups and lines that something was told of. */
struct heard {
	const struct settings *s;
	uint8_t told[SETTINGS_MAX];
};

/* Does candord take that value of that key? */
static bool
is_read(enum config_key key, const char *target)
{
	static uint8_t block[CONFIG_ARENA];
	static struct config c;
	static struct config_troubles t;
	static char text[2 * SETTINGS_LINE_MAX];
	const struct config_row *r = config_row(key);
	size_t n = (size_t)snprintf(text, sizeof(text), "[%s]\n%s = \"",
	    r->section, r->key);
	struct arena a;

	for (; *target != '\0'; target++) {
		if (n + 4 >= sizeof(text))
			abort();
		if (*target == '"' || *target == '\\')
			text[n++] = '\\';
		text[n++] = *target;
	}
	text[n++] = '"';
	t.count = 0;
	arena_init(&a, block, sizeof(block));
	return config_init(&c, &a) &&
	    config_read(&c, &a, cur_from(text, n), &t);
}

static void
hear(void *ctx, const struct plan_entry *e)
{
	struct heard *h = ctx;
	size_t at = (size_t)(e->from - h->s->one), i;

	if (at >= h->s->count || (e->target == NULL && e->why == NULL) ||
	    (e->how == PLAN_LEFT_OUT) != (e->target == NULL))
		abort();
	if (e->target != NULL &&
	    (e->key >= KEY_COUNT || !is_read(e->key, e->target) ||
		((e->key == KEY_EXCLUDE_PATH || e->key == KEY_EXCLUDE_FILE ||
		     e->key == KEY_EXCLUDE_PROCESS) &&
		    (e->target[0] != '/' || e->target[1] == '\0'))))
		abort();
	for (i = 0; i < h->s->count; i++)
		if (i == at ||
		    (e->from->group != 0 &&
			h->s->one[i].group == e->from->group &&
			h->s->one[i].part == e->from->part))
			h->told[i] = 1;
}

static void
tell(void *ctx, uint32_t line, const char *why)
{
	(void)ctx;
	(void)line;
	(void)why;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct heard h;
	struct settings s;
	struct arena a;
	size_t i;

	/* What is told of a group is looked at for all of it. */
	if (size > 8192)
		return 0;
	arena_init(&a, room, sizeof(room));
	(void)settings_read(&s, &a, cur_from(data, size), "1", tell, NULL);
	memset(&h, 0, sizeof(h));
	h.s = &s;
	plan_settings(&s, hear, &h);
	for (i = 0; i < s.count; i++)
		if (h.told[i] == 0)
			abort();
	return 0;
}
