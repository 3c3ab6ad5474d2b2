/*
 * sources.c - the texts a database is made of.  See sources.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/feed/sources.h"

#include "cmd/candor/infile.h"
#include "cmd/feed/files.h"
#include "lib/base/hex.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Paths in a folder, as they are found. */
struct paths {
	char **path;
	size_t count, room;
};

static bool
is_good_path(const char *path, size_t len)
{
	static const char more[] = "._+=,@~-/";
	bool is_first = true; /* of a name */
	size_t i;

	for (i = 0; i < len; i++) {
		char c = path[i];

		if (is_first && (c == '.' || c == '/'))
			return false;
		is_first = c == '/';
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') ||
			(c != '\0' && strchr(more, c) != NULL)))
			return false;
	}
	return !is_first;
}

/* --- finding -------------------------------------------------------------- */

/* One thing fts found: keep it, pass it by, or refuse it. */
static bool
take(struct paths *p, const FTSENT *e, size_t skip, struct why *why)
{
	if (e->fts_info == FTS_D || e->fts_info == FTS_DP)
		return true;
	if (e->fts_info != FTS_F)
		return why_not(why, WHY_BROKEN,
		    "%s: not a file, or it cannot be read", e->fts_path);
	if (!is_good_path(e->fts_path + skip, strlen(e->fts_path + skip)))
		return why_not(why, WHY_BROKEN,
		    "%s: a source's name has letters, digits and ._+=,@~- "
		    "only, and does not begin with a dot",
		    e->fts_path);
	p->path = buf_grow(p->path, &p->room, p->count + 1, sizeof(p->path[0]));
	p->path[p->count++] = buf_copy(e->fts_path + skip);
	return true;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
find(char *folder, struct paths *p, struct why *why)
{
	char *roots[2] = { folder, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	bool good = true;
	FTSENT *e;

	if (walk == NULL)
		return why_not(why, WHY_SYSTEM, "%s", folder);
	while (good && (e = fts_read(walk)) != NULL)
		good = take(p, e, strlen(folder) + 1, why);
	(void)fts_close(walk);
	if (good && p->count == 0)
		return why_not(why, WHY_BROKEN, "%s: no files", folder);
	if (p->count > 0)
		qsort(p->path, p->count, sizeof(p->path[0]), by_bytes);
	return good;
}

/* --- hashing -------------------------------------------------------------- */

static bool
hash_file(int folder, const char *path, char hex[2 * DIGEST_SIZE_MAX + 1],
    struct why *why)
{
	int fd = openat(folder, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	uint8_t sum[DIGEST_SIZE_MAX];
	uint64_t size;
	bool is_good = fd != -1 && infile_hash(fd, sum, &size);

	if (!is_good)
		(void)why_not(why, WHY_SYSTEM, "%s", path);
	if (fd != -1)
		(void)close(fd);
	if (!is_good)
		return false;
	hex_write(sum, sizeof(sum), hex);
	return true;
}

static bool
list(const struct paths *p, const char *where, struct buf *listing,
    struct why *why)
{
	int folder = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char hex[2 * DIGEST_SIZE_MAX + 1];
	bool good = folder != -1 || why_not(why, WHY_SYSTEM, "%s", where);
	size_t i;

	for (i = 0; i < p->count && good; i++) {
		good = hash_file(folder, p->path[i], hex, why);
		buf_text(listing, hex);
		buf_text(listing, "  ");
		buf_text(listing, p->path[i]);
		buf_byte(listing, '\n');
	}
	if (folder != -1)
		(void)close(folder);
	return good;
}

bool
source_load(const char *name, const char *folder, struct source_folder *out,
    struct why *why)
{
	struct paths p = { 0 };
	size_t i, len;
	bool good;

	*out = (struct source_folder){ .name = buf_copy(name),
		.folder = buf_copy(folder) };
	for (len = strlen(folder); len > 1 && folder[len - 1] == '/'; len--)
		out->folder[len - 1] = '\0';
	good = find(out->folder, &p, why) &&
	    list(&p, out->folder, &out->listing, why);
	for (i = 0; i < p.count; i++)
		free(p.path[i]);
	free(p.path);
	if (good)
		digest_of(DIGEST_SHA256, out->listing.bytes, out->listing.size,
		    out->sha256);
	else
		source_close(out);
	return good;
}

bool
source_open(const char *word, struct source_folder *out, struct why *why)
{
	char *name = buf_copy(word), *equals = strchr(name, '=');
	bool good;

	*out = (struct source_folder){ 0 };
	if (equals == NULL || equals == name || equals[1] == '\0') {
		free(name);
		return why_not(why, WHY_BROKEN, "%s: not NAME=FOLDER", word);
	}
	*equals = '\0';
	good = source_load(name, equals + 1, out, why);
	free(name);
	return good;
}

void
source_close(struct source_folder *s)
{
	free(s->name);
	free(s->folder);
	buf_free(&s->listing);
	*s = (struct source_folder){ 0 };
}

/* --- listings ------------------------------------------------------------- */

bool
source_next(struct cur *listing, struct source_file *out)
{
	struct cur line, hex;

	if (!cur_until(listing, '\n', &line) ||
	    !cur_take(&line, 2 * sizeof(out->sha256), &hex) ||
	    !hex_read(hex, out->sha256, sizeof(out->sha256)) ||
	    !cur_match(&line, "  ", 2))
		return false;
	out->path = (const char *)line.base + line.pos;
	out->path_len = cur_left(&line);
	return is_good_path(out->path, out->path_len);
}

/* What the listing does not say is how long a file is: bounded, then hashed. */
static bool
copy_file(const struct from *f, const char *path,
    const uint8_t sha256[DIGEST_SIZE_MAX], int folder, const char *to,
    struct why *why)
{
	uint8_t sum[DIGEST_SIZE_MAX];
	struct buf b = { 0 };
	bool good = from_get(f, path, SOURCES_FILE, &b, why);

	digest_of(DIGEST_SHA256, b.bytes, b.size, sum);
	if (good && memcmp(sum, sha256, sizeof(sum)) != 0)
		good =
		    why_not(why, WHY_FORGED, "%s: not what was listed", path);
	good = good && files_write(folder, to, b.bytes, b.size, why);
	buf_free(&b);
	return good;
}

/* Copy what a listing lists: from below, to below. */
static bool
copy_listed(const struct from *f, const char *below, struct cur listing,
    int folder, const char *to_below, struct why *why)
{
	struct source_file one;
	char path[3200], to[3200];
	bool good = true;
	int size;

	while (good && cur_left(&listing) > 0) {
		if (!source_next(&listing, &one) || one.path_len > 2048)
			return why_not(why, WHY_BROKEN,
			    "%s.sha256: not a listing", to_below);
		size = (int)one.path_len;
		(void)snprintf(path, sizeof(path), "%.1024s%.*s", below, size,
		    one.path);
		(void)snprintf(to, sizeof(to), "%.1024s/%.*s", to_below, size,
		    one.path);
		good = copy_file(f, path, one.sha256, folder, to, why);
	}
	return good;
}

bool
source_copy(const struct from *f, const char *prefix,
    const uint8_t sha256[DIGEST_SIZE_MAX], int folder, struct why *why)
{
	uint8_t sum[DIGEST_SIZE_MAX];
	struct buf path = { 0 }, listing = { 0 };
	bool good;

	buf_text(&path, prefix);
	buf_text(&path, ".sha256");
	good = from_get(f, path.bytes, SOURCES_LISTING, &listing, why);
	digest_of(DIGEST_SHA256, listing.bytes, listing.size, sum);
	if (good && memcmp(sum, sha256, sizeof(sum)) != 0)
		good = why_not(why, WHY_FORGED, "%s: not what the release says",
		    path.bytes);
	good = good &&
	    files_write(folder, path.bytes, listing.bytes, listing.size, why);
	path.bytes[strlen(prefix)] = '/';
	path.bytes[strlen(prefix) + 1] = '\0';
	good = good &&
	    copy_listed(f, path.bytes, cur_from(listing.bytes, listing.size),
		folder, prefix, why);
	buf_free(&listing);
	buf_free(&path);
	return good;
}

bool
source_save(const struct source_folder *s, int folder, const char *prefix,
    struct why *why)
{
	struct buf path = { 0 };
	struct from from;
	bool good = from_open(s->folder, &from, why);

	buf_text(&path, prefix);
	buf_text(&path, ".sha256");
	good = good &&
	    files_write(folder, path.bytes, s->listing.bytes, s->listing.size,
		why) &&
	    copy_listed(&from, "", cur_from(s->listing.bytes, s->listing.size),
		folder, prefix, why);
	from_close(&from);
	buf_free(&path);
	return good;
}

void
sources_path(uint64_t serial, const char *name, struct buf *out)
{
	char head[48];

	(void)snprintf(head, sizeof(head), "sources/%" PRIu64 "/", serial);
	buf_text(out, head);
	buf_text(out, name);
}

static bool
copy_recipe(const struct from *f, const struct trust_release *r, int folder,
    struct why *why)
{
	struct buf path = { 0 }, text = { 0 };
	uint8_t sum[DIGEST_SIZE_MAX];
	bool good;

	sources_path(r->serial, "recipe", &path);
	good = from_get(f, path.bytes, RECIPE_MAX, &text, why);
	digest_of(DIGEST_SHA256, text.bytes, text.size, sum);
	if (good && memcmp(sum, r->recipe, sizeof(sum)) != 0)
		good =
		    why_not(why, WHY_FORGED, "the recipe is not the release's");
	good =
	    good && files_write(folder, path.bytes, text.bytes, text.size, why);
	buf_free(&text);
	buf_free(&path);
	return good;
}

bool
sources_copy(const struct from *f, const struct trust_release *r, int folder,
    struct why *why)
{
	struct cur sources = r->sources;
	bool good = copy_recipe(f, r, folder, why);
	struct buf path = { 0 };
	struct trust_source s;

	while (good && trust_source_next(&sources, &s)) {
		buf_cut(&path, 0);
		sources_path(r->serial, s.name, &path);
		good = source_copy(f, path.bytes, s.sha256, folder, why);
	}
	buf_free(&path);
	return good;
}
