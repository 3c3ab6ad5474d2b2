/*
 * contents.c - what a program, an installer or an app says of itself.
 *
 * lib/recognise reads it; here it is told.  What the owner wants looked for
 * as strings stands in the order, a line each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/recognise/recognise.h"
#include "proc/reader/kinds.h"

#include <stdlib.h>
#include <string.h>

static const enum reader_thing thing_of[RECOGNISE_WHATS] = {
	[RECOGNISE_SIGNER] = READER_SIGNER,
	[RECOGNISE_COUNTERSIGNER] = READER_COUNTERSIGNER,
	[RECOGNISE_COMPANY] = READER_COMPANY,
	[RECOGNISE_PRODUCT] = READER_PRODUCT,
	[RECOGNISE_SETUP] = READER_SETUP,
	[RECOGNISE_STRING] = READER_STRING,
	[RECOGNISE_CLASS] = READER_CLASS,
	[RECOGNISE_APP] = READER_APP,
	[RECOGNISE_PACKAGE] = READER_PACKAGE,
	[RECOGNISE_SUPPLIER] = READER_SUPPLIER,
	[RECOGNISE_MEMBER] = READER_MEMBER,
};

static void
tell(void *self, enum recognise_what what, struct cur value, struct cur detail)
{
	struct say *say = self;

	if (what == RECOGNISE_GAP)
		say_blind_bytes(say, value, detail);
	else
		say_seen(say, thing_of[what], 0, value, detail);
}

static size_t
read_source(struct source *s, uint64_t off, void *buf, size_t size)
{
	return input_read(s->ctx, off, buf, size);
}

/* Lines of the order. */
static size_t
find_needles(const struct input *in, struct cur *needle)
{
	struct cur all = cur_from(in->name, strlen(in->name));
	size_t count = 0;

	if (in->what != READER_CONTENTS)
		return 0;
	while (count < RECOGNISE_NEEDLES && cur_line(&all, &needle[count]))
		count++;
	return count;
}

bool
contents_is(const struct input *in)
{
	return in->what == READER_CONTENTS;
}

bool
contents_may_be(const struct input *in)
{
	return in->what == READER_ANY;
}

bool
contents_read(struct input *in, struct say *say, struct why *why)
{
	struct source source = {
		.size = in->size, .read = read_source, .ctx = in
	};
	struct cur needle[RECOGNISE_NEEDLES];
	void *memory = malloc(RECOGNISE_MEMORY);
	struct recognise r = { .source = &source,
		.needle = needle,
		.needle_count = find_needles(in, needle),
		.tell = tell,
		.self = say };
	struct arena arena;
	const char *word;
	enum kind kind;
	bool is_known;

	if (memory == NULL)
		return why_not(why, WHY_LIMIT, "no memory for it");
	arena_init(&arena, memory, RECOGNISE_MEMORY);
	r.arena = &arena;
	kind = recognise_kind(&r);
	is_known = recognise_knows(kind);
	word = kind_row(kind)->text;
	if (is_known) {
		say_seen(say, READER_KIND, 0, cur_from(word, strlen(word)),
		    cur_from("", 0));
		recognise_file(&r, kind);
	}
	free(memory);
	/* What was only looked at to see what it is need not be anything. */
	return is_known || in->what == READER_CONTENTS ||
	    why_not(why, WHY_BROKEN, "not a file of a kind that is known");
}
