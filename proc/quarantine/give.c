/*
 * give.c - out of quarantine.  See take.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/digest.h"
#include "proc/quarantine/remove.h"
#include "proc/quarantine/take.h"
#include "sys/whole.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- the bytes ---------------------------------------------------------- */

/* Room for a chunk on both sides. */
struct chunk {
	uint8_t plain[AGE_CHUNK], sealed[AGE_SEALED];
};

#define ALIVE_STEP \
	((uint64_t)64 << 20) /* bytes between two words to who waits */

/* Every chunk from in to out. */
static bool
unseal_all(const struct vault *v, const struct held *h, struct age_stream *s,
    int in, int out, struct chunk *c, struct why *why)
{
	uint8_t sha256[DIGEST_SIZE_MAX];
	struct digest d;
	uint64_t at = 0;

	digest_init(&d, DIGEST_SHA256);
	do {
		size_t n = h->size - at < AGE_CHUNK ? (size_t)(h->size - at)
						    : AGE_CHUNK;

		at += n;
		if (whole_read(in, c->sealed, n + AGE_TAG) !=
			(ssize_t)(n + AGE_TAG) ||
		    !age_unseal(s, c->sealed, n + AGE_TAG, at == h->size,
			c->plain))
			return why_not(why, WHY_FORGED,
			    "what is held of it is damaged");
		digest_add(&d, c->plain, n);
		if (!whole_write(out, c->plain, n))
			return why_not(why, WHY_SYSTEM, "cannot write");
		if (at % ALIVE_STEP == 0 && v->alive != NULL)
			v->alive(v->alive_ctx);
	} while (at < h->size);
	digest_end(&d, sha256);
	if (memcmp(sha256, h->sha256, sizeof(h->sha256)) != 0 ||
	    read(in, c->sealed, 1) != 0)
		return why_not(why, WHY_FORGED,
		    "what is held is not what was taken");
	return true;
}

bool
take_unseal(const struct vault *v, const struct held *h, int fd,
    struct why *why)
{
	uint8_t header[AGE_HEADER];
	struct chunk *c;
	char name[VAULT_NAME_MAX];
	struct age_stream s;
	bool good;
	int in;

	vault_name(h->id, ".age", name);
	in = openat(v->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (in == -1)
		return why_not(why, WHY_SYSTEM, "cannot read %s", name);
	c = malloc(sizeof(*c));
	if (c == NULL)
		good = why_not(why, WHY_SYSTEM, "no memory");
	else if (whole_read(in, header, sizeof(header)) !=
		(ssize_t)sizeof(header) ||
	    !age_open(cur_from(header, sizeof(header)), v->identity, &s))
		good = why_not(why, WHY_FORGED,
		    "%s is damaged or for another key", name);
	else
		good = unseal_all(v, h, &s, in, fd, c, why);
	free(c);
	(void)close(in);
	return good;
}

/* --- the file ----------------------------------------------------------- */

/* Where it goes: its folder, the one it came from, or that of to. */
static int
open_target(const struct held *h, const char *to, const char **name,
    struct why *why)
{
	const char *path = to != NULL ? to : h->path;
	const char *slash = strrchr(path, '/');
	char *folder;
	struct stat st;
	int fd;

	*name = slash != NULL ? slash + 1 : path;
	if (to == NULL) {
		fd = remove_open_folder(h);
		if (fd != -1 && fstat(fd, &st) == 0 &&
		    st.st_dev == h->folder_device &&
		    st.st_ino == h->folder_inode)
			return fd;
		if (fd != -1)
			(void)close(fd);
		(void)why_not(why, WHY_BROKEN,
		    "its folder is not there any more, or is another one: "
		    "say where it shall go with --to");
		return -1;
	}
	folder = slash == NULL ? strdup(".")
	    : slash == path    ? strdup("/")
			       : strndup(path, (size_t)(slash - path));
	fd = folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
			    : -1;
	free(folder);
	if (fd == -1)
		(void)why_not(why, WHY_SYSTEM, "%s", path);
	return fd;
}

/* Give the nameless file a name; never another file's. */
static bool
name_it(int fd, int folder, const char *name, struct why *why)
{
	char link[64];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, link, folder, name, AT_SYMLINK_FOLLOW) == 0 ||
	    linkat(fd, "", folder, name, AT_EMPTY_PATH) == 0)
		return true;
	if (errno == EEXIST)
		return why_not(why, WHY_SYSTEM,
		    "%s: there is such a file; nothing was replaced", name);
	return why_not(why, WHY_SYSTEM, "cannot give it the name %s", name);
}

/* A file without a name: nobody can open it, and it is gone if we die. */
static int
open_nameless(int folder, struct why *why)
{
	int fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd == -1)
		(void)why_not(why, WHY_SYSTEM,
		    "cannot write there (or the file system has no nameless "
		    "files: export it instead)");
	return fd;
}

bool
take_restore(const struct vault *v, const struct held *h, const char *to,
    uint32_t *missed, struct why *why)
{
	const char *name;
	int folder = open_target(h, to, &name, why), fd;
	bool good;

	*missed = 0;
	if (folder == -1)
		return false;
	fd = open_nameless(folder, why);
	good = fd != -1 && take_unseal(v, h, fd, why);
	if (good) {
		*missed = attributes_apply(fd, &h->attributes);
		if (fsync(fd) == -1)
			good = why_not(why, WHY_SYSTEM, "cannot write");
	}
	good = good && name_it(fd, folder, name, why);
	if (good) {
		*missed |= attributes_apply_flags(fd, &h->attributes);
		(void)fsync(folder);
		good = vault_delete(v, h->id, why);
	}
	if (fd != -1)
		(void)close(fd);
	(void)close(folder);
	return good;
}
