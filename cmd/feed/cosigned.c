/*
 * cosigned.c - what a witness has cosigned, on disk.  See cosigned.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/feed/cosigned.h"

#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "lib/crypto/digest.h"
#include "sys/whole.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME (2 * DIGEST_SIZE_MAX + 8)
#define TEXT_MAX  (VKEY_NAME_MAX + 128u)

static void
file_name(const struct witness_log *log, const char *ending,
    char out[FILE_NAME])
{
	uint8_t sum[DIGEST_SIZE_MAX];

	digest_of(DIGEST_SHA256, log->key.name, strlen(log->key.name), sum);
	hex_write(sum, sizeof(sum), out);
	(void)snprintf(out + 2 * sizeof(sum), 8, "%s", ending);
}

bool
cosigned_open(const char *path, int *folder, int *lock, struct why *why)
{
	(void)mkdir(path, 0700);
	*folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*folder == -1)
		return why_not(why, WHY_SYSTEM, "%s", path);
	*lock = openat(*folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*lock == -1 || flock(*lock, LOCK_EX | LOCK_NB) == -1)
		return why_not(why, WHY_SYSTEM,
		    "%s: another witness works there", path);
	return true;
}

static bool
read_text(struct cur text, struct witness_log *log)
{
	struct cur size, root;
	size_t n;

	return cur_until(&text, ' ', &size) &&
	    checkpoint_number(size, &log->size) &&
	    cur_until(&text, ' ', &root) &&
	    base64_read(root, log->root.bytes, MERKLE_HASH, &n) &&
	    n == MERKLE_HASH && cur_until(&text, '\n', &size) &&
	    cur_is(&size, log->key.name) && cur_left(&text) == 0;
}

bool
cosigned_read(int folder, struct witness_log *log, struct why *why)
{
	char name[FILE_NAME], text[TEXT_MAX];
	ssize_t n;
	int fd;

	log->size = 0;
	file_name(log, "", name);
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		return true;
	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%s", name);
	n = whole_read(fd, text, sizeof(text));
	(void)close(fd);
	/* Not knowing what was cosigned, nothing may be. */
	if (n <= 0 || !read_text(cur_from(text, (size_t)n), log))
		return why_not(why, WHY_BROKEN, "%s (%s) is damaged", name,
		    log->key.name);
	return true;
}

bool
cosigned_write(int folder, const struct witness_log *log, struct why *why)
{
	char name[FILE_NAME], part[FILE_NAME], text[TEXT_MAX];
	char root[BASE64_SIZE(MERKLE_HASH) + 1];
	bool good;
	int fd, n;

	base64_write(log->root.bytes, MERKLE_HASH, root);
	n = snprintf(text, sizeof(text), "%" PRIu64 " %s %s\n", log->size, root,
	    log->key.name);
	file_name(log, "", name);
	file_name(log, ".part", part);
	fd = openat(folder, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);
	good = fd != -1 && whole_write(fd, text, (size_t)n) && fsync(fd) == 0;
	if (fd != -1)
		good = close(fd) == 0 && good;
	good = good && renameat(folder, part, folder, name) == 0 &&
	    fsync(folder) == 0;
	if (good)
		return true;
	return why_not(why, WHY_SYSTEM, "cannot write down what is cosigned");
}
