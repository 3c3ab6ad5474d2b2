/*
 * entry.c - the texts that are signed and logged.  See entry.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/entry.h"

#include "cmd/candor/human.h"
#include "cmd/feed/files.h"
#include "lib/base/hex.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

static bool
is_folder(const char *path)
{
	struct stat s;

	return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static bool
read_bytes(const char *path, bool is_text_wanted, struct entry *out,
    struct why *why)
{
	struct buf inside = { 0 };
	bool good;

	out->is_draft = is_folder(path);
	buf_text(&inside, path);
	if (out->is_draft) {
		buf_byte(&inside, '/');
		buf_text(&inside, is_text_wanted ? ENTRY_TEXT : ENTRY_NOTE);
	}
	good = infile_read(AT_FDCWD, inside.bytes, TRUST_ENTRY_MAX, &out->bytes,
	    why);
	buf_free(&inside);
	return good;
}

bool
entry_read(const char *path, bool is_text_wanted, struct entry *out,
    struct why *why)
{
	static const char root[] = "candor-root/v1\n";
	struct why unused = { 0 };
	struct cur file, text;
	bool good;

	memset(out, 0, sizeof(*out));
	if (!read_bytes(path, is_text_wanted, out, why))
		return false;
	file = cur_from(out->bytes.bytes, out->bytes.size);
	out->is_note = note_read(file, &out->note, &unused);
	if (!out->is_note)
		out->note.text = file;
	text = out->note.text;
	out->is_root = cur_match(&text, root, sizeof(root) - 1);
	good = out->is_root
	    ? trust_root_read(out->note.text, &out->root, why)
	    : trust_release_read(out->note.text, &out->release, why);
	if (!good)
		entry_free(out);
	return good;
}

void
entry_free(struct entry *e)
{
	buf_free(&e->bytes);
}

static void
tell_time(FILE *to, const char *what, uint64_t when)
{
	char text[64] = "";
	time_t t = (time_t)when;
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC",
		    &tm);
	fprintf(to, "  %-9s %s\n", what, text);
}

static void
tell_root(FILE *to, const struct trust_root *r)
{
	fprintf(to, "root %" PRIu64 " of %s\n", r->version, r->feed);
	tell_time(to, "made", r->time);
	tell_time(to, "expires", r->expires);
	fprintf(to,
	    "  roots     %" PRIu64 " of %zu keys\n"
	    "  releases  %" PRIu64 " of %zu keys\n"
	    "  cosigners %zu, of whom up to %d may collude in vain\n",
	    r->root.threshold, r->root.count, r->release.threshold,
	    r->release.count, r->policy.witness_count,
	    trust_policy_tolerates(&r->policy));
}

static void
tell_release(FILE *to, const struct trust_release *r)
{
	char hex[2 * MERKLE_HASH + 1], bytes[HUMAN_SIZE];
	size_t i;

	fprintf(to, "release %" PRIu64 " of %s, under root %" PRIu64 "\n",
	    r->serial, r->feed, r->root);
	tell_time(to, "made", r->time);
	tell_time(to, "expires", r->expires);
	for (i = 0; i < r->file_count; i++) {
		hex_write(r->file[i].sha256, MERKLE_HASH, hex);
		fprintf(to, "  %-9s %s, sha256 %s\n", r->file[i].name,
		    human_bytes(r->file[i].size, bytes), hex);
	}
}

void
entry_tell(FILE *to, const struct entry *e)
{
	if (e->is_root)
		tell_root(to, &e->root);
	else
		tell_release(to, &e->release);
}
