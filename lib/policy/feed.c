/*
 * feed.c - where a feed comes from.  See feed.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/feed.h"

#include "lib/base/ascii.h"

#include <string.h>

static const char *const kinds[FEED_KINDS] = { "candor", "clamav", "rules" };

const char *
feed_kind_text(enum feed_kind kind)
{
	return kind < FEED_KINDS ? kinds[kind] : "unknown";
}

enum feed_kind
feed_kind_of(const char *text)
{
	unsigned kind = 0;

	while (kind < FEED_KINDS && strcmp(kinds[kind], text) != 0)
		kind++;
	return (enum feed_kind)kind;
}

bool
feed_name_is_good(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return len > 0 && len <= FEED_NAME_MAX && name[len] == '\0' &&
	    (ascii_is_letter((uint8_t)name[0]) ||
		ascii_is_digit((uint8_t)name[0]));
}

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Printable ASCII: what may stand in a request, or on a terminal. */
static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

bool
feed_mirror_is_good(const char *text)
{
	const char *host = strstr(text, "://");

	if (strlen(text) > FEED_URL_MAX)
		return false;
	if (text[0] == '/')
		return true;
	if (begins(text, "file:///"))
		return is_plain(text);
	if (!begins(text, "http://") && !begins(text, "https://"))
		return false;
	/* A name or password would tell people apart. */
	return is_plain(text) && host[3] != '\0' && host[3] != '/' &&
	    strpbrk(text, "?#\\") == NULL &&
	    memchr(host + 3, '@', strcspn(host + 3, "/")) == NULL;
}

static bool
proxy_is_good(const char *text)
{
	static const char *const scheme[] = { "http://", "socks4a://",
		"socks5://", "socks5h://" };
	size_t i;

	for (i = 0; i < sizeof(scheme) / sizeof(scheme[0]); i++)
		if (begins(text, scheme[i]))
			return is_plain(text) &&
			    text[strlen(scheme[i])] != '\0';
	return false;
}

/* --- lines ---------------------------------------------------------------- */

static void
trim(struct cur *c)
{
	while (c->pos < c->size &&
	    (c->base[c->pos] == ' ' || c->base[c->pos] == '\t'))
		c->pos++;
	while (c->size > c->pos &&
	    (c->base[c->size - 1] == ' ' || c->base[c->size - 1] == '\t'))
		c->size--;
}

static bool
take_text(const struct cur *c, char *out, size_t room)
{
	size_t size = cur_left(c);

	if (size >= room || memchr(c->base + c->pos, '\0', size) != NULL)
		return false;
	memcpy(out, c->base + c->pos, size);
	out[size] = '\0';
	return true;
}

static bool
take_mirror(struct feed *f, const char *value)
{
	if (f->mirror_count == FEED_MIRRORS_MAX || !feed_mirror_is_good(value))
		return false;
	memcpy(f->mirror[f->mirror_count++], value, strlen(value) + 1);
	return true;
}

/* Take one key's value in; false if it is not one. */
static bool
take_value(struct feed *f, const struct cur *key, const char *value)
{
	if (cur_is(key, "kind")) {
		f->kind = feed_kind_of(value);
		return f->kind != FEED_KINDS;
	}
	if (cur_is(key, "mirror"))
		return take_mirror(f, value);
	if (cur_is(key, "proxy")) {
		memcpy(f->proxy, value, strlen(value) + 1);
		return value[0] == '\0' || proxy_is_good(value);
	}
	if (cur_is(key, "keys")) {
		memcpy(f->keys, value, strlen(value) + 1);
		return value[0] == '/';
	}
	if (cur_is(key, "delta")) {
		f->wants_delta = strcmp(value, "yes") == 0;
		return f->wants_delta || strcmp(value, "no") == 0;
	}
	return false;
}

bool
feed_file_read(struct cur file, struct feed *out, struct why *why)
{
	char value[FEED_URL_MAX + 1];
	unsigned number = 0;
	struct cur line, key;

	memset(out, 0, sizeof(*out));
	if (cur_left(&file) > FEED_FILE_MAX)
		return why_not(why, WHY_BROKEN, "more than %u bytes",
		    FEED_FILE_MAX);
	while (cur_line(&file, &line)) {
		number++;
		trim(&line);
		if (cur_left(&line) == 0 || line.base[line.pos] == '#')
			continue;
		if (memchr(line.base + line.pos, '=', cur_left(&line)) ==
			NULL ||
		    !cur_until(&line, '=', &key))
			return why_not(why, WHY_BROKEN,
			    "line %u: not KEY = VALUE", number);
		trim(&key);
		trim(&line);
		if (!take_text(&line, value, sizeof(value)) ||
		    !take_value(out, &key, value))
			return why_not(why, WHY_BROKEN,
			    "line %u: no such key, or not a value for it",
			    number);
	}
	return true;
}

struct cur
feed_of_path(const char *path)
{
	size_t skip = strlen(FEED_STATE "/"), len = 0;

	if (strncmp(path, FEED_STATE "/", skip) != 0)
		return cur_from("", 0);
	len = strcspn(path + skip, "/");
	if (len > FEED_NAME_MAX || path[skip + len] != '/')
		len = 0;
	return cur_from(path + skip, len);
}
