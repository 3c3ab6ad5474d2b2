/*
 * ban_look_given.c - lists and logs that were given.  The contract is in
 * ban_look.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_look.h"
#include "cmd/candor/ban_print.h"
#include "cmd/candor/infile.h"
#include "lib/ban/footprint_inventory.h"
#include "lib/ban/footprint_log.h"
#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE     ((size_t)1 << 20)
#define NAMES_MAX 2000u /* different ones of a log that are signs */

static int
open_given(const char *path)
{
	return strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
				      : open(path, O_RDONLY | O_CLOEXEC);
}

/* --- lists ---------------------------------------------------------------- */

struct given {
	struct ban_seen *seen;
	const char *path;
};

static bool
see(void *self, const struct inventory_thing *thing)
{
	const struct given *g = self;
	char detail[200];
	struct ban_seen_as as = { .in = g->path, .is_left = thing->is_left };

	if (thing->detail.size > 0 && thing->detail.size < sizeof(detail)) {
		memcpy(detail, thing->detail.base, thing->detail.size);
		detail[thing->detail.size] = '\0';
		as.detail = detail;
	}
	if (thing->type == FOOTPRINT_PATH)
		return ban_seen_path(g->seen, thing->value, &as);
	return ban_seen_value(g->seen, thing->type, thing->value, &as);
}

void
ban_look_inventory(const char *path, struct ban_seen *seen)
{
	struct given g = { seen, path };
	struct buf b = { 0 };
	struct why why = { 0 };
	uint64_t count = 0;
	int fd = open_given(path);

	if (fd == -1 || !infile_rest(fd, INVENTORY_SIZE_MAX, &b))
		ban_seen_blind(seen, path, strerror(errno));
	else if (!inventory_read(cur_from(b.size > 0 ? b.bytes : "", b.size),
		     see, &g, &count, &why))
		ban_seen_blind(seen, path, why.text);
	if (fd != -1)
		close(fd);
	ban_seen_count(seen, "entries", count);
	buf_free(&b);
}

/* --- logs ----------------------------------------------------------------- */

struct log {
	struct ban_seen *seen;
	const char *path;
	json_t *asked; /* of names: how often, and first on which line */
	uint64_t lines;
};

static void
note_sign(void *self, const struct footprint_sign *sign)
{
	bool *is_sign = self;

	(void)sign;
	*is_sign = true;
}

static void
note_name(struct log *l, struct cur name, bool is_entry)
{
	char key[260];
	json_t *one;
	bool is_sign = false;

	footprint_match(l->seen->set, FOOTPRINT_DOMAIN, name, note_sign,
	    &is_sign);
	if (!is_sign || name.size + 2 > sizeof(key))
		return;
	/* What is asked for and what is blocked are kept apart. */
	key[0] = is_entry ? '+' : '-';
	memcpy(key + 1, name.base, name.size);
	key[name.size + 1] = '\0';
	one = json_object_get(l->asked, key);
	if (one != NULL)
		json_integer_set(json_array_get(one, 0),
		    json_integer_value(json_array_get(one, 0)) + 1);
	else if (json_object_size(l->asked) < NAMES_MAX)
		json_object_set_new(l->asked, key,
		    json_pack("[I, I]", (json_int_t)1, (json_int_t)l->lines));
}

static void
read_line(struct log *l, struct cur line)
{
	bool is_entry = log_is_entry(line);
	struct cur name;

	l->lines++;
	while (log_next_name(&line, &name))
		note_name(l, name, is_entry);
}

/* Whole lines; what has no end yet waits.  A line longer than a piece is
   taken in pieces. */
static void
read_lines(struct log *l, struct buf *b, bool is_end)
{
	struct cur all = cur_from(b->bytes, b->size), line;
	size_t end = b->size;

	while (!is_end && end > 0 && b->bytes[end - 1] != '\n')
		end--;
	if (end == 0 && b->size >= PIECE)
		end = b->size;
	if (!cur_take(&all, end, &all))
		return;
	all.pos = 0;
	while (cur_line(&all, &line))
		read_line(l, line);
	memmove(b->bytes, b->bytes + end, b->size - end);
	buf_cut(b, b->size - end);
}

/* Of those that were only listed: no sign that anybody asked. */
static void
tell(struct log *l)
{
	const char *key;
	json_t *one;
	char detail[100];

	json_object_foreach(l->asked, key, one)
	{
		struct ban_seen_as as = { .in = l->path,
			.detail = detail,
			.is_mention = key[0] == '-' };
		json_int_t times = json_integer_value(json_array_get(one, 0));

		snprintf(detail, sizeof(detail),
		    "%lld time%s, first on line %lld", (long long)times,
		    times == 1 ? "" : "s",
		    (long long)json_integer_value(json_array_get(one, 1)));
		(void)ban_seen_value(l->seen, FOOTPRINT_DOMAIN,
		    cur_from(key + 1, strlen(key) - 1), &as);
	}
	ban_seen_count(l->seen, "lines", l->lines);
}

void
ban_look_log(const char *path, struct ban_seen *seen)
{
	struct log l = { seen, path, json_object(), 0 };
	struct buf b = { 0 };
	char *piece = buf_alloc(1, PIECE);
	int fd = open_given(path);
	ssize_t n = fd == -1 ? -1 : 1;

	while (n > 0 && (n = whole_read(fd, piece, PIECE)) > 0) {
		buf_add(&b, piece, (size_t)n);
		read_lines(&l, &b, false);
	}
	if (b.size > 0)
		read_lines(&l, &b, true);
	if (n == -1)
		ban_seen_blind(seen, path, strerror(errno));
	if (fd != -1)
		close(fd);
	tell(&l);
	free(piece);
	buf_free(&b);
	json_decref(l.asked);
}
