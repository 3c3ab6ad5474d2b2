/*
 * ban_look_given_file.c - a file that was given by itself.  The contract is in
 * ban_look.h.
 *
 * What it is, its reader finds out.  If it tells of file systems it is an image
 * of a disk: the names in it come first, then from the same reader the few
 * files that are looked into, each of which gets a reader of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARTS_MAX 128u

struct given {
	struct ban_seen *seen;
	const char *path;            /* of the file */
	struct ban_content *content; /* for what is no name */
	struct ban_wanted wanted;
	bool has_part[PARTS_MAX];
	struct buf name; /* of what is looked at */
};

/* "disk.img:2" */
static void
name_part(const struct given *g, uint32_t part, char *out, size_t room)
{
	snprintf(out, room, "%s:%lu", g->path, (unsigned long)part);
}

static void
hear_name(struct given *g, const struct reader_part *p)
{
	bool is_link = p->what == READER_LINK;
	const char *name;
	char in[4096];

	buf_cut(&g->name, 0);
	buf_add(&g->name, p->value.base, p->value.size);
	name = strrchr(g->name.bytes, '/') + 1; /* it begins with one */
	if (!is_link && p->what != READER_FOLDER &&
	    !footprint_may_be(g->seen->set, name, strlen(name)) &&
	    !ban_wanted_may_be(&g->wanted, name))
		return;
	name_part(g, p->part, in, sizeof(in));
	ban_look_name(g->seen, g->name.bytes, is_link, in);
	if (is_link)
		ban_look_link(g->seen, g->name.bytes, in);
	if (p->what == READER_FILE)
		ban_wanted_see(&g->wanted, p->part, g->name.bytes);
}

static void
hear(void *self, const struct reader_part *p)
{
	struct given *g = self;

	if (p->kind == READER_NAME)
		hear_name(g, p);
	else if (p->kind == READER_PART && p->part < PARTS_MAX)
		g->has_part[p->part] = true;
	else
		ban_content_hear(g->content, p);
}

/* The lists of each file system, and what else is looked into. */
static void
look_in_parts(struct given *g, struct reader *reader)
{
	char in[4096];
	uint32_t i;

	for (i = 0; i < PARTS_MAX; i++) {
		const struct ban_place place = { -1, reader, i, in };

		if (!g->has_part[i])
			continue;
		snprintf(in, sizeof(in), "%s:%lu:/", g->path, (unsigned long)i);
		ban_look_lists(&place, g->seen);
		ban_wanted_look(&g->wanted, &place, g->seen);
		ban_seen_count(g->seen, "file systems", 1);
	}
}

static void
look(int fd, const char *path, bool every, struct ban_seen *seen)
{
	struct ban_content content = { .seen = seen, .in = path };
	struct given g = { .seen = seen,
		.path = path,
		.content = &content,
		.wanted = { .set = seen->set, .is_every = every } };
	struct reader *reader = buf_alloc(1, sizeof(*reader));
	struct why why = { 0 };

	reader_init(reader);
	if (!reader_look(reader, fd, path, READER_ANY, hear, &g, &why))
		ban_seen_blind(seen, path, why.text);
	ban_content_end(&content);
	/* A reader that was killed gives no files. */
	if (reader->helper.channel != -1)
		look_in_parts(&g, reader);
	reader_end(reader);
	free(reader);
	ban_wanted_free(&g.wanted);
	buf_free(&g.name);
}

void
ban_look_given_file(const char *path, bool every, struct ban_seen *seen)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) != 0)
		ban_seen_blind(seen, path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		ban_seen_blind(seen, path, "not a file");
	else
		look(fd, path, every, seen);
	if (fd != -1)
		close(fd);
	ban_seen_count(seen, "files", 1);
}
