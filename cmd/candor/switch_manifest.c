/*
 * switch_manifest.c - a tree in words.  See switch_manifest.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_manifest.h"

#include "cmd/candor/ban_print.h"
#include "cmd/candor/infile.h"
#include "lib/base/hex.h"
#include "sys/attributes.h"
#include "sys/tree.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file that has several names, at the first of them. */
struct name {
	dev_t device;
	ino_t inode;
	char *path;
};

struct making {
	struct manifest *out;
	struct name *name;
	size_t names, room;
};

static const char *
type_word(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "folder";
	case S_IFLNK:
		return "link";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "device";
	}
}

static json_t *
hex_of(const void *bytes, size_t size)
{
	char *digits = buf_alloc(size + 1, 2);
	json_t *text;

	hex_write(bytes, size, digits);
	text = json_string(digits);
	free(digits);
	return text;
}

/* A name that is not UTF-8 is told in hexadecimal, too. */
static void
set_bytes(json_t *e, const char *key, const char *text)
{
	json_object_set_new(e, key, ban_print_string(text));
	if (json_string_value(json_object_get(e, key)) != NULL &&
	    strcmp(json_string_value(json_object_get(e, key)), text) == 0)
		return;
	json_object_set_new(e,
	    strcmp(key, "path") == 0 ? "path_hex" : "target_hex",
	    hex_of(text, strlen(text)));
}

static void
set_attributes(json_t *e, const struct attributes *a)
{
	json_t *extended = json_object();
	size_t i;

	for (i = 0; i < a->extended_count; i++)
		json_object_set_new(extended, a->extended[i].name,
		    hex_of(a->extended[i].value, a->extended[i].size));
	if (a->extended_count > 0)
		json_object_set(e, "extended", extended);
	if (a->has_flags && a->flags != 0)
		json_object_set_new(e, "flags", json_integer(a->flags));
	json_decref(extended);
}

static bool
set_hash(struct making *m, json_t *e, int fd)
{
	uint8_t digest[DIGEST_SIZE_MAX];
	char hash[CHAIN_HEX];
	uint64_t size;
	bool is_good = infile_hash(fd, digest, &size);

	hex_write(digest, 32, hash);
	json_object_set_new(e, "sha256", json_string(hash));
	json_object_set_new(e, "size", json_integer((json_int_t)size));
	m->out->bytes += size;
	return is_good;
}

/* Is it another name of a file that was told?  If not, it is the first. */
static bool
is_told(struct making *m, json_t *e, const struct tree_at *at)
{
	size_t i;

	if (!S_ISREG(at->st.st_mode) || at->st.st_nlink < 2)
		return false;
	for (i = 0; i < m->names; i++)
		if (m->name[i].device == at->st.st_dev &&
		    m->name[i].inode == at->st.st_ino) {
			json_object_set_new(e, "same_as",
			    ban_print_string(m->name[i].path));
			return true;
		}
	m->name = buf_grow(m->name, &m->room, m->names + 1, sizeof(*m->name));
	m->name[m->names++] =
	    (struct name){ at->st.st_dev, at->st.st_ino, buf_copy(at->path) };
	return false;
}

static void
set_target(json_t *e, const struct tree_at *at)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(at->dir, at->name, target, sizeof(target) - 1);

	target[n > 0 ? n : 0] = '\0';
	set_bytes(e, "target", target);
}

static bool
set_content(struct making *m, json_t *e, const struct tree_at *at,
    struct why *why)
{
	struct attributes a;

	if (S_ISLNK(at->st.st_mode))
		set_target(e, at);
	if (at->fd < 0)
		return true;
	if (!attributes_read(at->fd, &a, why))
		return false;
	set_attributes(e, &a);
	attributes_free(&a);
	return is_told(m, e, at) || !S_ISREG(at->st.st_mode) ||
	    set_hash(m, e, at->fd) ||
	    why_not(why, WHY_SYSTEM, "%s: cannot be read", at->path);
}

static bool
enter(void *self, const struct tree_at *at, struct why *why)
{
	struct making *m = self;
	json_t *e = json_object();
	char text[60], *line;
	bool is_good;

	set_bytes(e, "path", at->path);
	json_object_set_new(e, "type", json_string(type_word(at->st.st_mode)));
	(void)snprintf(text, sizeof(text), "%04o",
	    (unsigned)at->st.st_mode & 07777);
	json_object_set_new(e, "mode", json_string(text));
	json_object_set_new(e, "uid", json_integer(at->st.st_uid));
	json_object_set_new(e, "gid", json_integer(at->st.st_gid));
	(void)snprintf(text, sizeof(text), "%" PRId64 ".%09ld",
	    (int64_t)at->st.st_mtim.tv_sec, at->st.st_mtim.tv_nsec);
	json_object_set_new(e, "mtime", json_string(text));
	is_good = set_content(m, e, at, why);
	line = json_dumps(e, JSON_COMPACT | JSON_SORT_KEYS);
	if (line != NULL) {
		buf_text(&m->out->text, line);
		buf_byte(&m->out->text, '\n');
	}
	m->out->entries++;
	free(line);
	json_decref(e);
	return is_good;
}

bool
manifest_make(int dir, const char *name, struct manifest *out, struct why *why)
{
	struct making m = { .out = out };
	const struct tree_visit v = { enter, NULL, &m };
	bool is_good;

	*out = (struct manifest){ 0 };
	is_good = tree_walk(dir, name, &v, why);
	while (m.names > 0)
		free(m.name[--m.names].path);
	free(m.name);
	chain_hash(out->text.bytes != NULL ? out->text.bytes : "",
	    out->text.size, out->hash);
	return is_good;
}

void
manifest_free(struct manifest *m)
{
	buf_free(&m->text);
}
