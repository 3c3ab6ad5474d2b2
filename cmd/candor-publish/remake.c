/*
 * remake.c - make a release again.  See remake.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/remake.h"

#include "cmd/candor-publish/scratch.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a release is made of. */
struct making {
	const struct trust_release *release;
	const struct from *from;
	struct recipe recipe;
	struct source_folder source[SOURCES_MAX];
	size_t count;
	struct scratch scratch;
};

static bool
get_recipe(struct making *m, struct why *why)
{
	struct buf path = { 0 }, text = { 0 };
	uint8_t sum[DIGEST_SIZE_MAX];
	bool good;

	sources_path(m->release->serial, "recipe", &path);
	good = from_get(m->from, path.bytes, RECIPE_MAX, &text, why);
	digest_of(DIGEST_SHA256, text.bytes, text.size, sum);
	if (good && memcmp(sum, m->release->recipe, sizeof(sum)) != 0)
		good =
		    why_not(why, WHY_FORGED, "the recipe is not the release's");
	good = good &&
	    recipe_read(cur_from(text.bytes, text.size), &m->recipe, why);
	if (good && strcmp(m->recipe.compiler, recipe_compiler()) != 0)
		good = why_not(why, WHY_BROKEN,
		    "it was made by %s; this is %s, which may make other bytes",
		    m->recipe.compiler, recipe_compiler());
	buf_free(&path);
	buf_free(&text);
	return good;
}

/* --- sources -------------------------------------------------------------- */

/* One that the caller has himself. */
static bool
use_given(struct making *m, const struct source_folder *given,
    const struct trust_source *want, struct why *why)
{
	struct source_folder *s = &m->source[m->count];

	if (memcmp(given->sha256, want->sha256, sizeof(want->sha256)) != 0)
		return why_not(why, WHY_FORGED,
		    "the source %s is not what the release says", want->name);
	if (!source_load(want->name, given->folder, s, why))
		return false;
	m->count++;
	return true;
}

/* One that lies in the tree. */
static bool
use_copy(struct making *m, const struct trust_source *want, struct why *why)
{
	struct buf path = { 0 }, folder = { 0 };
	bool good;

	sources_path(m->release->serial, want->name, &path);
	buf_text(&folder, m->scratch.path);
	buf_byte(&folder, '/');
	buf_text(&folder, path.bytes);
	good = source_copy(m->from, path.bytes, want->sha256, m->scratch.folder,
		   why) &&
	    source_load(want->name, folder.bytes, &m->source[m->count], why);
	if (good &&
	    memcmp(m->source[m->count].sha256, want->sha256, DIGEST_SIZE_MAX) !=
		0) {
		source_close(&m->source[m->count]);
		good = why_not(why, WHY_FORGED,
		    "the source %s is not listed as it should", want->name);
	}
	m->count += good;
	buf_free(&folder);
	buf_free(&path);
	return good;
}

static bool
get_sources(struct making *m, const struct source_folder *given,
    size_t given_count, struct why *why)
{
	struct cur sources = m->release->sources;
	struct trust_source want;
	size_t i;

	while (trust_source_next(&sources, &want)) {
		if (m->count == SOURCES_MAX)
			return why_not(why, WHY_LIMIT, "more than %u sources",
			    SOURCES_MAX);
		for (i = 0; i < given_count; i++)
			if (strcmp(given[i].name, want.name) == 0)
				break;
		if (i < given_count ? !use_given(m, &given[i], &want, why)
				    : !use_copy(m, &want, why))
			return false;
	}
	return true;
}

/* --- files ---------------------------------------------------------------- */

static bool
compare(const struct trust_file *want, const struct recipe_made *made,
    FILE *say, struct why *why)
{
	if (made->size != want->size ||
	    memcmp(made->sha256, want->sha256, sizeof(made->sha256)) != 0)
		return why_not(why, WHY_FORGED,
		    "%s: rebuilt, it is another file than the release says",
		    want->name);
	fprintf(say, "%s: rebuilt, the same %" PRIu64 " bytes\n", want->name,
	    made->size);
	return true;
}

static bool
make_file(struct making *m, const struct trust_file *want, FILE *say,
    struct why *why)
{
	struct recipe_made made;
	size_t i;
	bool good;
	int fd;

	for (i = 0; i < m->recipe.count; i++)
		if (strcmp(m->recipe.file[i].name, want->name) == 0)
			break;
	if (i == m->recipe.count)
		return why_not(why, WHY_FORGED,
		    "%s: the recipe does not say how to make it", want->name);
	fd = open(m->scratch.path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%s", m->scratch.path);
	good = recipe_make(&m->recipe.file[i], m->source, m->count, fd, &made,
		   why) &&
	    compare(want, &made, say, why);
	(void)close(fd);
	return good;
}

bool
remake(const struct from *f, const struct trust_release *r,
    const struct source_folder *given, size_t given_count, FILE *say,
    struct why *why)
{
	struct making *m = buf_alloc(1, sizeof(*m));
	bool good;
	size_t i;

	m->release = r;
	m->from = f;
	good = scratch_open(&m->scratch, why);
	good = good && get_recipe(m, why) &&
	    get_sources(m, given, given_count, why);
	for (i = 0; i < r->file_count && good; i++)
		good = make_file(m, &r->file[i], say, why);
	for (i = 0; i < m->count; i++)
		source_close(&m->source[i]);
	scratch_close(&m->scratch);
	free(m);
	return good;
}
