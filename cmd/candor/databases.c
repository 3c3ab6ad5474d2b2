/*
 * databases.c - the databases a command works with.
 * The contract is in databases.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/databases.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/compiled.h"
#include "cmd/candor/inputs.h"
#include "sys/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Map and check what is open at fd; fd and texts_fd (or -1) are taken, path
 * is copied.
 */
static bool
add(struct databases *d, const char *path, int fd, int texts_fd,
    struct why *why)
{
	struct database *one = &d->one[d->count];
	struct why inner;

	if (d->count == DB_MAX) {
		close(fd);
		if (texts_fd != -1)
			close(texts_fd);
		return why_not(why, WHY_LIMIT,
		    "at most %d databases can be used at once", DB_MAX);
	}
	*one = (struct database){
		.path = buf_copy(path),
		.fd = fd,
		.texts_fd = texts_fd,
	};
	one->feed = feed_of_path(one->path);
	d->count++;
	if (!map_open(fd, &one->map, why))
		return false;
	if (db_open(&d->db[d->count - 1], one->map.at, one->map.size, &inner))
		return true;
	return why_not(why, inner.kind, "%s: %s", path, inner.text);
}

/* Open the side file of a compiled database; -1 if there is none. */
static int
open_texts(const char *path)
{
	struct buf name = { 0 };
	int fd;

	buf_text(&name, path);
	buf_text(&name, ".src");
	fd = open(name.bytes, O_RDONLY | O_CLOEXEC);
	buf_free(&name);
	return fd;
}

/* Take the compiled ones as they are, and make one of all texts. */
static bool
add_inputs(struct databases *d, struct inputs *in, struct why *why)
{
	size_t i, texts = 0;
	struct compiled made;

	for (i = 0; i < in->count; i++) {
		struct input *one = &in->one[i];
		int fd;

		texts += !one->is_compiled;
		if (!one->is_compiled)
			continue;
		fd = fcntl(one->fd, F_DUPFD_CLOEXEC, 3);
		if (fd == -1)
			return why_not(why, WHY_SYSTEM, "open %s", one->path);
		if (!add(d, one->path, fd, open_texts(one->path), why))
			return false;
	}
	if (texts == 0)
		return true;
	if (!compiled_get(in, &made, why) ||
	    !add(d, made.path, made.fd, made.texts_fd, why))
		return false;
	d->one[d->count - 1].is_text = true;
	return true;
}

/* What somebody put there, and what feeds installed. */
static bool
add_default(struct inputs *in, struct why *why)
{
	char house[4096];
	bool is_fine = true;
	glob_t found = { 0 };
	size_t i;

	(void)glob(FEED_PUT_THERE, 0, NULL, &found);
	(void)glob(FEED_DATABASES, GLOB_APPEND, NULL, &found);
	for (i = 0; i < found.gl_pathc && is_fine; i++)
		is_fine = inputs_add(in, found.gl_pathv[i], why);
	i = found.gl_pathc;
	globfree(&found);
	if (i > 0)
		return is_fine;
	is_fine = beside_data("rules.cand", house, sizeof(house)) &&
	    inputs_add(in, house, why);
	if (!is_fine)
		why_not(why, WHY_BROKEN,
		    "no database is installed and the house rules are not "
		    "there: name one with --db");
	return is_fine;
}

bool
databases_open(struct databases *d, const struct words *names, struct why *why)
{
	struct inputs in = { 0 };
	bool is_fine = true;
	size_t i;

	for (i = 0; i < names->count && is_fine; i++)
		is_fine = inputs_add(&in, names->word[i], why);
	if (names->count == 0)
		is_fine = add_default(&in, why);
	if (is_fine)
		is_fine = add_inputs(d, &in, why);
	inputs_close(&in);
	/* With nothing to look for, everything would be clean. */
	if (is_fine && databases_count(d) == 0)
		return why_not(why, WHY_BROKEN, "there are no signatures in %s",
		    names->count == 1 ? names->word[0] : "the databases");
	return is_fine;
}

bool
databases_open_file(struct databases *d, const char *path, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "cannot open %s", path);
	return add(d, path, fd, open_texts(path), why);
}

bool
databases_add(struct databases *d, const char *path, int fd, struct why *why)
{
	return add(d, path, fd, open_texts(path), why);
}

void
databases_close(struct databases *d)
{
	size_t i;

	for (i = 0; i < d->count; i++) {
		struct database *one = &d->one[i];

		map_close(&one->map);
		map_close(&one->texts_map);
		close(one->fd);
		if (one->texts_fd != -1)
			close(one->texts_fd);
		free(one->path);
	}
	d->count = 0;
}

bool
databases_signature(const struct databases *d, uint32_t database,
    uint32_t signature, struct db_signature *out)
{
	if (database >= d->count ||
	    !db_signature_get(&d->db[database], signature, out))
		return false;
	if (d->one[database].feed.size > 0)
		out->feed = d->one[database].feed;
	return true;
}

struct cur
databases_string(const struct databases *d, uint32_t database,
    uint32_t signature, uint32_t string)
{
	if (database >= d->count)
		return cur_from("", 0);
	return db_string_name(&d->db[database], signature, string);
}

bool
databases_text(struct databases *d, uint32_t database, uint32_t signature,
    struct cur *out)
{
	struct database *one = &d->one[database];
	struct why why;

	if (database >= d->count || one->texts_fd == -1)
		return false;
	if (one->texts_map.at == NULL &&
	    (!map_open(one->texts_fd, &one->texts_map, &why) ||
		!db_texts_open(&d->db[database], one->texts_map.at,
		    one->texts_map.size, &one->texts, &why))) {
		close(one->texts_fd);
		one->texts_fd = -1;
		return false;
	}
	return db_texts_get(&one->texts, signature, d->line, out);
}

uint64_t
databases_count(const struct databases *d)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < d->count; i++)
		count += db_signature_count(&d->db[i]);
	return count;
}
