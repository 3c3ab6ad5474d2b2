/*
 * secret.c - secret keys in files.  See secret.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/feed/secret.h"

#include "sys/whole.h"

#include <sys/random.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX (VKEY_TEXT_MAX + 64u)

static bool
write_new(const char *path, const char *text, struct why *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good;

	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%s", path);
	good = whole_write(fd, text, strlen(text)) && fsync(fd) == 0;
	good = close(fd) == 0 && good;
	return good || why_not(why, WHY_SYSTEM, "%s", path);
}

bool
secret_make(const char *path, const char *name, enum vkey_type type,
    struct secret *out, struct why *why)
{
	char text[VKEY_TEXT_MAX], line[TEXT_MAX];
	struct vkey inside;

	memset(out, 0, sizeof(*out));
	if (!vkey_name_is_good(cur_from(name, strlen(name))))
		return why_not(why, WHY_BROKEN,
		    "a key cannot be called '%s': no white space and no plus",
		    name);
	(void)snprintf(out->key.name, sizeof(out->key.name), "%s", name);
	out->key.type = (uint8_t)type;
	if (getrandom(out->seed, sizeof(out->seed), 0) !=
		(ssize_t)sizeof(out->seed) ||
	    !ed25519_public(out->seed, out->key.key))
		return why_not(why, WHY_SYSTEM, "cannot make a key");
	vkey_make_id(&out->key);
	/* The same form with the seed in the key's place. */
	inside = out->key;
	memcpy(inside.key, out->seed, sizeof(out->seed));
	vkey_write(&inside, text);
	(void)snprintf(line, sizeof(line), "PRIVATE+KEY+%s\n", text);
	return write_new(path, line, why);
}

bool
secret_read(const char *path, enum vkey_type type, struct secret *out,
    struct why *why)
{
	char text[TEXT_MAX];
	struct cur file, line;
	struct why inner = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd != -1 ? whole_read(fd, text, sizeof(text)) : -1;

	if (fd != -1)
		(void)close(fd);
	if (n == -1)
		return why_not(why, WHY_SYSTEM, "%s", path);
	file = cur_from(text, (size_t)n);
	if (!cur_line(&file, &line) || cur_left(&file) > 0 ||
	    !vkey_read_secret(line, &out->key, out->seed, &inner))
		return why_not(why, WHY_BROKEN, "%s: %s", path,
		    inner.text[0] != '\0' ? inner.text : "not a line");
	/* One seed may serve as both types, under another ID each. */
	out->key.type = (uint8_t)type;
	vkey_make_id(&out->key);
	return true;
}
