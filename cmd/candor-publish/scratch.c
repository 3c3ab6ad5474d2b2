/*
 * scratch.c - a folder to work in.  See scratch.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/scratch.h"

#include "cmd/candor/buf.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <unistd.h>

bool
scratch_open(struct scratch *out, struct why *why)
{
	const char *above = getenv("TMPDIR");
	struct buf path = { 0 };

	*out = (struct scratch){ .folder = -1 };
	buf_text(&path, above != NULL && above[0] == '/' ? above : "/var/tmp");
	buf_text(&path, "/candor-publish.XXXXXX");
	if (mkdtemp(path.bytes) == NULL) {
		(void)why_not(why, WHY_SYSTEM, "%s", path.bytes);
		buf_free(&path);
		return false;
	}
	out->path = path.bytes;
	out->folder = open(out->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return out->folder != -1 || why_not(why, WHY_SYSTEM, "%s", out->path);
}

void
scratch_close(struct scratch *s)
{
	char *roots[2] = { s->path, NULL };
	FTS *walk;
	FTSENT *e;

	if (s->path == NULL)
		return;
	walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	while (walk != NULL && (e = fts_read(walk)) != NULL)
		if (e->fts_info == FTS_DP)
			(void)rmdir(e->fts_accpath);
		else if (e->fts_info != FTS_D)
			(void)unlink(e->fts_accpath);
	if (walk != NULL)
		(void)fts_close(walk);
	if (s->folder != -1)
		(void)close(s->folder);
	free(s->path);
	*s = (struct scratch){ .folder = -1 };
}
