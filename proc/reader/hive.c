/*
 * hive.c - walk the keys of a registry of Windows.
 *
 * Format:  regf 1.3 to 1.5, which libhivex knows.
 * Input:   hostile: libhivex, inside the cage.  Of the file it gets a copy in
 *          memory (HIVEX_OPEN_WRITE): nobody changes that meanwhile.
 * Limits:  HIVE_SIZE_MAX bytes; LEVELS keys in one another, which is what
 *          Windows allows; no more keys than fit in the file, or it goes in
 *          circles.
 *
 * What Windows had not written back when it stopped is in the logs beside a
 * hive.  It is taken from there (hive_log.h) where they are given and fit; if
 * not, that is said.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/hive.h"

#include "proc/reader/files.h"
#include "proc/reader/hive_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HIVE_SIZE_MAX ((uint64_t)256 << 20)
#define LEVELS        512u
#define KEY_SIZE_MIN  0x50u /* bytes of the smallest key */

/* A key whose keys are gone through. */
struct level {
	hive_node_h *key; /* owned by us; ends with 0 */
	size_t next;
	size_t path; /* bytes of its path */
};

struct walk {
	struct hive *hive;
	struct level level[LEVELS];
	size_t depth;
	uint64_t keys, most;
	uint64_t unsaid; /* keys too deep, or with too long a path */
	char path[READER_TEXT];
	size_t path_size;
};

bool
hive_is(const struct input *in)
{
	return in->head_size >= 4 && memcmp(in->head, "regf", 4) == 0;
}

/* Go down into a key whose path stands in path. */
static void
enter(struct walk *w, hive_node_h node)
{
	struct level *l = &w->level[w->depth];

	if (w->depth == LEVELS) {
		w->unsaid++;
		return;
	}
	l->key = hivex_node_children(w->hive->handle, node);
	if (l->key == NULL) {
		w->hive->broken++;
		return;
	}
	l->next = 0;
	l->path = w->path_size;
	w->depth++;
}

/* Its name goes behind the path of the key it is in. */
static bool
add_name(struct walk *w, hive_node_h node)
{
	char *name = hivex_node_name(w->hive->handle, node);
	size_t size = name != NULL ? strlen(name) : 0;
	bool fits = size < sizeof(w->path) - w->path_size;

	if (name == NULL)
		w->hive->broken++;
	else if (!fits)
		w->unsaid++;
	else {
		w->path[w->path_size++] = '\\';
		memcpy(w->path + w->path_size, name, size);
		w->path_size += size;
	}
	free(name);
	return name != NULL && fits;
}

/* One step of the walk: a key, or back out of one. */
static void
step(struct walk *w)
{
	struct level *l = &w->level[w->depth - 1];
	hive_node_h node = l->key[l->next];

	if (node == 0) {
		free(l->key);
		w->depth--;
		return;
	}
	l->next++;
	w->keys++;
	w->path_size = l->path;
	if (!add_name(w, node))
		return;
	hive_tell(w->hive, node, cur_from(w->path, w->path_size), l->path);
	enter(w, node);
}

static void
say_gaps(const struct walk *w)
{
	struct say *say = w->hive->say;
	char text[80];

	snprintf(text, sizeof(text), "%llu are broken",
	    (unsigned long long)w->hive->broken);
	if (w->hive->broken > 0)
		say_blind(say, "keys", text);
	snprintf(text, sizeof(text), "%llu are too deep or have too long names",
	    (unsigned long long)w->unsaid);
	if (w->unsaid > 0)
		say_blind(say, "keys", text);
}

static bool
walk(struct hive *h, uint64_t size, struct why *why)
{
	static struct walk w;
	const char *root = hive_root(h->what);

	memset(&w, 0, sizeof(w));
	w.hive = h;
	w.most = size / KEY_SIZE_MIN;
	w.path_size = strlen(root);
	memcpy(w.path, root, w.path_size);
	enter(&w, hivex_root(h->handle));
	while (w.depth > 0 && w.keys <= w.most)
		step(&w);
	for (; w.depth > 0; w.depth--)
		free(w.level[w.depth - 1].key);
	say_count(h->say, "keys", w.keys);
	say_gaps(&w);
	return w.keys <= w.most ||
	    why_not(why, WHY_BROKEN, "its keys go in circles");
}

/* --- its logs ------------------------------------------------------------- */

/* All of a file that belongs to it, for you to free; NULL: there is no memory,
   or it is too large. */
static uint8_t *
read_beside(const struct input *in, size_t which, struct cur *out)
{
	uint64_t size = in->beside[which].size;
	uint8_t *bytes =
	    size <= HIVE_SIZE_MAX ? malloc((size_t)size + 1) : NULL;

	if (bytes != NULL)
		*out = cur_from(bytes,
		    input_read_beside(in, which, bytes, (size_t)size));
	return bytes;
}

/* The hive, with room to grow. */
static bool
read_hive(const struct input *in, size_t room, struct hive_bytes *out)
{
	if (room < in->size)
		room = (size_t)in->size;
	out->bytes = malloc(room + 1);
	out->room = room;
	out->size = (size_t)in->size;
	return out->bytes != NULL &&
	    input_read(in, 0, out->bytes, out->size) == out->size;
}

/* Take what its logs have; how many entries that were.  out->bytes are yours
   to free in any case. */
static uint32_t
replay(const struct input *in, struct hive_bytes *out)
{
	uint8_t *bytes[READER_BESIDES];
	struct cur log[READER_BESIDES];
	size_t i, logs = 0;
	uint32_t count = 0;

	for (i = 0; i < in->besides; i++) {
		bytes[logs] = read_beside(in, i, &log[logs]);
		logs += bytes[logs] != NULL;
	}
	if (logs > 0 &&
	    read_hive(in, hive_log_room(log, logs, HIVE_SIZE_MAX), out))
		count = hive_log_apply(out, log, logs);
	while (logs > 0)
		free(bytes[--logs]);
	return count;
}

static bool
read_keys(struct hive *h, const struct input *in, struct why *why)
{
	h->what = in->what;
	if (h->what == READER_ANY)
		h->what = hive_guess(h, in->name);
	if (h->what == READER_ANY)
		return why_not(why, WHY_BROKEN,
		    "a registry, but neither SOFTWARE, SYSTEM nor NTUSER.DAT");
	hive_find_control_set(h);
	if (!h->is_whole)
		say_blind(h->say, "last changes",
		    "they are in its logs, which were not given or do not fit");
	return walk(h, in->size, why);
}

bool
hive_read(struct input *in, struct say *say, struct why *why)
{
	struct hive h = { .say = say };
	struct hive_bytes whole = { 0 };
	bool is_read = false;

	if (in->size > HIVE_SIZE_MAX)
		return why_not(why, WHY_LIMIT, "a registry of over 256 MiB");
	h.is_whole = !hive_log_is_wanted(cur_from(in->head, in->head_size));
	if (!h.is_whole && replay(in, &whole) > 0) {
		h.is_whole = true;
		files_lend_bytes(in->fd, whole.bytes, whole.size);
	} else {
		files_lend(in->fd, in->size);
	}
	in->fd = -1;
	h.handle = hivex_open(FILES_NAME, HIVEX_OPEN_WRITE);
	if (h.handle == NULL)
		(void)why_not(why, errno == ENOMEM ? WHY_LIMIT : WHY_BROKEN,
		    "a registry that is broken, or cut off");
	else {
		is_read = read_keys(&h, in, why);
		(void)hivex_close(h.handle);
	}
	files_lend(-1, 0);
	free(whole.bytes);
	return is_read;
}
