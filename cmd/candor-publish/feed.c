/*
 * feed.c - a feed's log, as its operator has it.  See feed.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/feed.h"

#include "cmd/feed/cosigned.h"
#include "cmd/feed/files.h"
#include "lib/base/base64.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *
path_of(const char *folder, const char *name)
{
	struct buf path = { 0 };

	buf_text(&path, folder);
	buf_byte(&path, '/');
	buf_text(&path, name);
	return path.bytes;
}

bool
feed_is_there(const char *path)
{
	char *key = path_of(path, FEED_KEY);
	bool is = access(key, F_OK) == 0;

	free(key);
	return is;
}

bool
feed_make(const char *path, const char *origin, struct secret *log,
    struct why *why)
{
	char *key = path_of(path, FEED_KEY), *tree = path_of(path, FEED_TREE);
	char *is_signed = path_of(path, FEED_SIGNED);
	bool good = (mkdir(path, 0755) == 0 || errno == EEXIST) &&
	    mkdir(tree, 0755) == 0 && mkdir(is_signed, 0700) == 0;

	if (!good)
		(void)why_not(why, WHY_SYSTEM, "%s", path);
	good = good && secret_make(key, origin, VKEY_NOTE, log, why);
	free(key);
	free(tree);
	free(is_signed);
	return good;
}

static bool
read_log(struct feed *f, struct why *why)
{
	struct merkle_hash root;

	if (!view_read(&f->view, f->last.size, why))
		return false;
	tree_root(&f->view.tree, f->last.size, &root);
	if (f->last.size > 0 && memcmp(&root, &f->last.root, sizeof(root)) != 0)
		return why_not(why, WHY_FORGED,
		    "the tree is not what the log has signed");
	return true;
}

bool
feed_open(const char *path, struct feed *out, struct why *why)
{
	char *key = path_of(path, FEED_KEY), *tree = path_of(path, FEED_TREE);
	char *is_signed = path_of(path, FEED_SIGNED);
	bool good;

	memset(out, 0, sizeof(*out));
	out->view.from.folder = out->signed_folder = out->lock = -1;
	good = secret_read(key, VKEY_NOTE, &out->log, why);
	out->last.key = out->log.key;
	good = good &&
	    cosigned_open(is_signed, &out->signed_folder, &out->lock, why) &&
	    cosigned_read(out->signed_folder, &out->last, why) &&
	    view_begin(tree, &out->view, why) && read_log(out, why);
	free(key);
	free(tree);
	free(is_signed);
	if (!good)
		feed_close(out);
	return good;
}

void
feed_close(struct feed *f)
{
	if (f->lock != -1)
		(void)close(f->lock);
	if (f->signed_folder != -1)
		(void)close(f->signed_folder);
	f->lock = f->signed_folder = -1;
	view_close(&f->view);
}

bool
feed_grow(struct feed *f, struct why *why)
{
	struct witness_log next = f->last;

	next.size = f->view.tree.count;
	tree_root(&f->view.tree, next.size, &next.root);
	if (!cosigned_write(f->signed_folder, &next, why))
		return false;
	f->last = next;
	return true;
}

bool
feed_checkpoint(const struct feed *f, struct buf *out, struct why *why)
{
	char root[BASE64_SIZE(MERKLE_HASH) + 1], size[32];
	char line[NOTE_LINE_MAX];

	if (f->last.size == 0)
		return why_not(why, WHY_BROKEN,
		    "the log has no entries yet: append some");
	base64_write(f->last.root.bytes, MERKLE_HASH, root);
	(void)snprintf(size, sizeof(size), "\n%" PRIu64 "\n", f->last.size);
	buf_text(out, f->log.key.name);
	buf_text(out, size);
	buf_text(out, root);
	buf_byte(out, '\n');
	if (!note_sign(cur_from(out->bytes, out->size), &f->log.key,
		f->log.seed, line))
		return why_not(why, WHY_BUG, "libcrypto");
	buf_byte(out, '\n');
	buf_text(out, line);
	return true;
}
