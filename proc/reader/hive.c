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
 * hive.  Those are not read, and that is said.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/hive.h"

#include "proc/reader/files.h"

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

/* Two numbers, of which Windows raises one before it writes and the other
   afterwards. */
static bool
is_unfinished(const struct input *in)
{
	struct cur head = cur_from(in->head, in->head_size);
	uint32_t first, second;

	if (!cur_skip(&head, 4))
		return true;
	first = cur_u32le(&head);
	second = cur_u32le(&head);
	return first != second;
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
	if (is_unfinished(in))
		say_blind(h->say, "last changes",
		    "they are in its logs, which are not read");
	return walk(h, in->size, why);
}

bool
hive_read(struct input *in, struct say *say, struct why *why)
{
	struct hive h = { .say = say };
	bool is_read;

	if (in->size > HIVE_SIZE_MAX)
		return why_not(why, WHY_LIMIT, "a registry of over 256 MiB");
	files_lend(in->fd, in->size);
	in->fd = -1;
	h.handle = hivex_open(FILES_NAME, HIVEX_OPEN_WRITE);
	if (h.handle == NULL)
		return why_not(why, errno == ENOMEM ? WHY_LIMIT : WHY_BROKEN,
		    "a registry that is broken, or cut off");
	is_read = read_keys(&h, in, why);
	(void)hivex_close(h.handle);
	return is_read;
}
