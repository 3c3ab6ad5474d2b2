/*
 * take.c - into quarantine.  See take.h; the way out is give.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/quarantine/take.h"

#include "lib/crypto/digest.h"
#include "proc/quarantine/packaged.h"
#include "proc/quarantine/remove.h"
#include "sys/place.h"
#include "sys/whole.h"

#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The file while it is being taken. */
struct taking {
	const struct vault *vault;
	struct held *held;
	int folder, fd; /* of the original; or -1 */
	const char *name;
	struct subject_stamp stamp; /* when it was found to be that one */
	uint8_t *plain, *sealed;    /* one chunk each */
};

/* --- finding it --------------------------------------------------------- */

/* The absolute path of name in the folder, links resolved; to be freed. */
static char *
absolute_path(int folder, const char *name)
{
	char place[4096], *path = NULL;

	if (!place_path(folder, place, sizeof(place)) || place[0] != '/')
		return NULL;
	if (asprintf(&path, "%s/%s", place[1] == '\0' ? "" : place, name) < 0)
		return NULL;
	return path;
}

/* Open the folder and the file in it; the last part of path must be a name. */
static bool
open_both(const char *path, struct taking *t, struct why *why)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL ? strdup(".")
	    : slash == path          ? strdup("/")
				     : strndup(path, (size_t)(slash - path));

	t->name = slash != NULL ? slash + 1 : path;
	if (folder == NULL)
		return why_not(why, WHY_SYSTEM, "no memory");
	t->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (t->folder != -1)
		t->fd = openat(t->folder, t->name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (t->fd != -1)
		return true;
	if (errno == ELOOP)
		return why_not(why, WHY_BROKEN,
		    "it was reached by a symbolic link; name the file itself");
	return why_not(why, WHY_SYSTEM, "cannot open");
}

/* Note what it is; it must be the file that was scanned. */
static bool
describe(struct taking *t, const struct take_request *r, struct why *why)
{
	struct held *h = t->held;
	struct subject_stamp now;
	struct stat file, folder;

	if (!subject_stamp(t->fd, &now, why))
		return false;
	if (r->stamp != NULL && r->sha256 == NULL &&
	    !subject_is_same(r->stamp, &now))
		return why_not(why, WHY_BROKEN, "it changed since its scan");
	if (fstat(t->fd, &file) == -1 || fstat(t->folder, &folder) == -1)
		return why_not(why, WHY_SYSTEM, "cannot stat");
	if (!S_ISREG(file.st_mode))
		return why_not(why, WHY_BROKEN, "not a regular file");
	t->stamp = now;
	h->size = now.size;
	h->device = now.device;
	h->inode = now.inode;
	h->folder_device = folder.st_dev;
	h->folder_inode = folder.st_ino;
	h->links = file.st_nlink;
	h->time = time(NULL);
	h->path = absolute_path(t->folder, t->name);
	if (h->path == NULL)
		return why_not(why, WHY_SYSTEM, "cannot tell its full path");
	return attributes_read(t->fd, &h->attributes, why);
}

/* What must not be moved away: said in why. */
static bool
must_stay(const struct taking *t, struct why *why)
{
	char package[PACKAGED_NAME_MAX];

	switch (packaged_by(t->held->path, t->fd, package)) {
	case PACKAGED_NOT:
		return false;
	case PACKAGED_AS_SHIPPED:
		return !why_not(why, WHY_BROKEN,
		    "it belongs to package %s and is as that ships it: the "
		    "signature may be wrong",
		    package);
	case PACKAGED_CHANGED:
		return !why_not(why, WHY_BROKEN,
		    "it belongs to package %s, which did not ship it so: "
		    "install that package again",
		    package);
	case PACKAGED_BOOT:
		break;
	}
	return !why_not(why, WHY_BROKEN, "the system may need it to start");
}

/* --- sealing it --------------------------------------------------------- */

/* So much is written before it is made durable: all of a large file at once
   would take too long to say anything meanwhile. */
#define DURABLE_STEP ((uint64_t)64 << 20)

static bool
go_on(const struct vault *v, int out)
{
	if (v->alive != NULL)
		v->alive(v->alive_ctx);
	return fdatasync(out) == 0;
}

/* Seal size bytes of the original to out, and hash them. */
static bool
seal_to(struct taking *t, int out, struct why *why)
{
	struct held *h = t->held;
	uint8_t header[AGE_HEADER];
	struct age_random random;
	struct age_stream s;
	struct digest d;
	uint64_t at = 0;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random) ||
	    !age_begin(t->vault->recipient, &random, header, &s))
		return why_not(why, WHY_SYSTEM, "cannot make a key");
	if (!whole_write(out, header, sizeof(header)))
		return why_not(why, WHY_SYSTEM, "cannot write to quarantine");
	digest_init(&d, DIGEST_SHA256);
	do {
		size_t want = h->size - at < AGE_CHUNK ? (size_t)(h->size - at)
						       : AGE_CHUNK;
		ssize_t n = whole_pread(t->fd, t->plain, want, at);

		if (n == -1)
			return why_not(why, WHY_SYSTEM, "cannot read it");
		if ((size_t)n != want)
			return why_not(why, WHY_BROKEN, "it is being changed");
		at += want;
		digest_add(&d, t->plain, want);
		if (!age_seal(&s, t->plain, want, at == h->size, t->sealed))
			return why_not(why, WHY_BUG, "cannot seal");
		if (!whole_write(out, t->sealed, want + AGE_TAG))
			return why_not(why, WHY_SYSTEM,
			    "cannot write to quarantine");
		if (at % DURABLE_STEP == 0 && !go_on(t->vault, out))
			return why_not(why, WHY_SYSTEM,
			    "cannot write to quarantine");
	} while (at < h->size);
	digest_end(&d, h->sha256);
	return true;
}

/* Read back from the disk what was sealed, and compare. */
static bool
verify(struct taking *t, struct why *why)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool good =
	    nowhere != -1 && take_unseal(t->vault, t->held, nowhere, why);

	if (nowhere != -1)
		(void)close(nowhere);
	return good;
}

/* Seal it into ID.age, durably. */
static bool
seal(struct taking *t, struct why *why)
{
	char part[VAULT_NAME_MAX], name[VAULT_NAME_MAX];
	struct subject_stamp after;
	bool good;
	int out;

	vault_name(t->held->id, ".age.part", part);
	vault_name(t->held->id, ".age", name);
	out = openat(t->vault->folder, part,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out == -1)
		return why_not(why, WHY_SYSTEM, "cannot write to quarantine");
	good = seal_to(t, out, why);
	if (good && fsync(out) == -1)
		good = why_not(why, WHY_SYSTEM, "cannot write to quarantine");
	/* So that what is verified comes from the disk. */
	(void)posix_fadvise(out, 0, 0, POSIX_FADV_DONTNEED);
	if (close(out) == -1 && good)
		good = why_not(why, WHY_SYSTEM, "cannot write to quarantine");
	if (good &&
	    (!subject_stamp(t->fd, &after, why) ||
		!subject_is_same(&t->stamp, &after)))
		good = why_not(why, WHY_BROKEN, "it is being changed");
	if (good &&
	    renameat(t->vault->folder, part, t->vault->folder, name) != 0)
		good = why_not(why, WHY_SYSTEM, "cannot write to quarantine");
	if (!good)
		(void)unlinkat(t->vault->folder, part, 0);
	return good && vault_sync(t->vault, why) && verify(t, why);
}

/* Everything after it is known that it may be taken. */
static enum take_end
move(struct taking *t, const struct take_request *r, struct why *why)
{
	struct why ignored;

	if (!vault_new_id(t->vault, t->held->id, why) || !seal(t, why))
		return TAKE_FAILED;
	if (r->sha256 != NULL &&
	    memcmp(r->sha256, t->held->sha256, sizeof(t->held->sha256)) != 0) {
		(void)vault_delete(t->vault, t->held->id, &ignored);
		(void)why_not(why, WHY_BROKEN, "it changed since its scan");
		return TAKE_FAILED;
	}
	t->held->state = HELD_COPIED;
	if (!vault_write(t->vault, t->held, why) ||
	    !remove_original(t->folder, t->name, t->fd, t->held, why)) {
		(void)vault_delete(t->vault, t->held->id, &ignored);
		return TAKE_FAILED;
	}
	t->held->state = HELD_MOVED;
	/* If this fails, the next one to open the vault finishes it. */
	(void)vault_write(t->vault, t->held, &ignored);
	return TAKE_MOVED;
}

enum take_end
take_path(const struct vault *v, const struct take_request *r, struct held *out,
    struct why *why)
{
	struct taking t = { .vault = v,
		.held = out,
		.folder = -1,
		.fd = -1,
		.plain = malloc(AGE_CHUNK),
		.sealed = malloc(AGE_SEALED) };
	enum take_end end = TAKE_FAILED;
	size_t i;

	memset(out, 0, sizeof(*out));
	if (t.plain == NULL || t.sealed == NULL)
		(void)why_not(why, WHY_SYSTEM, "no memory");
	else if (open_both(r->path, &t, why) && describe(&t, r, why)) {
		for (i = 0; i < r->count; i++)
			held_add_signature(out, r->names[i].base,
			    r->names[i].size);
		end = must_stay(&t, why) ? TAKE_KEPT : move(&t, r, why);
	}
	if (t.fd != -1)
		(void)close(t.fd);
	if (t.folder != -1)
		(void)close(t.folder);
	free(t.sealed);
	free(t.plain);
	return end;
}
