/*
 * charge_update.c - trials about updates that must be refused.  See
 * charges.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/charges.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLIPS 24u /* places in what a mirror gives */

bool
charge_begin(struct bench *b, const char *machine)
{
	return bench_database(b, "one", CHARGE_TEXT) &&
	    bench_release(b, "one", CHARGE_KEYS) && bench_publish(b, NULL) &&
	    bench_machine(b, machine, bench_path(b->folder, "mirror")) &&
	    (bench_update(b, machine) == 0 ||
		bench_fail(b, "a good update fails: %.100s", b->said)) &&
	    (strcmp(bench_current(b, machine), "1-2") == 0 ||
		bench_fail(b, "a good update installs nothing"));
}

/* The next release is there, of another database. */
static bool
publish_next(struct bench *b, uint32_t signers, const struct t_view *v)
{
	return bench_database(b, "two", CHARGE_OTHER) &&
	    bench_release(b, "two", signers) && bench_publish(b, v);
}

/* What was installed stays in use, and an update says no. */
static bool
is_refused(struct bench *b, const char *as)
{
	if (bench_update(b, "a") == 0)
		return bench_fail(b, "an update says that all is well");
	if (strcmp(bench_current(b, "a"), "1-2") != 0)
		return bench_fail(b, "it was installed");
	return as == NULL || bench_is(b, "a", as);
}

bool
charge_bit(struct bench *b)
{
	/* As few cosigners as must be: with more, one could be spoiled and the
	   rest would do. */
	const struct t_view least = { .by = 0x1f | 1u << T_WITNESSES };
	static uint8_t bytes[TRUST_LATEST_MAX];
	const char *latest;
	size_t size, i, at;
	FILE *f;

	if (!charge_begin(b, "a") || !publish_next(b, CHARGE_KEYS, &least))
		return false;
	latest = bench_path(b->folder, "mirror/latest");
	f = fopen(latest, "rb");
	size = f == NULL ? 0 : fread(bytes, 1, sizeof(bytes), f);
	if (f != NULL)
		(void)fclose(f);
	for (i = 0; i < FLIPS && size > 0; i++) {
		at = i * size / FLIPS;
		bytes[at] ^= (uint8_t)(1u << i % 8);
		if (!bench_write(bench_path(b->folder, "mirror/latest"), bytes,
			size) ||
		    !is_refused(b, NULL))
			return bench_fail(b, "bit %zu of byte %zu", i % 8, at);
		bytes[at] ^= (uint8_t)(1u << i % 8);
	}
	/* And as it was published it is taken. */
	return bench_publish(b, &least) &&
	    ((bench_update(b, "a") == 0 &&
		 strcmp(bench_current(b, "a"), "1-3") == 0) ||
		bench_fail(b, "nor is it taken unchanged"));
}

bool
charge_two_of_five(struct bench *b)
{
	return charge_begin(b, "a") && publish_next(b, 0x3, NULL) &&
	    is_refused(b, "BAD");
}

bool
charge_unlogged(struct bench *b)
{
	static char entry[TRUST_ENTRY_MAX];
	size_t size;

	if (!charge_begin(b, "a") || !publish_next(b, CHARGE_KEYS, NULL))
		return false;
	/* Another release of the same number, as well signed, for one only:
	   the log has the first. */
	memcpy(entry, b->feed.entry, b->feed.entry_size);
	size = b->feed.entry_size;
	b->feed.size--;
	if (!bench_database(b, "three", "candor selftest: for you only") ||
	    !bench_release(b, "three", CHARGE_KEYS))
		return false;
	merkle_leaf(entry, size, &b->feed.leaf[b->feed.size - 1]);
	return bench_publish(b, NULL) && is_refused(b, "BAD");
}

/* A signature out of the middle of the system's own shell. */
static bool
read_shell(char out[129])
{
	static const char digit[] = "0123456789abcdef";
	uint8_t bytes[64];
	struct stat s;
	size_t i;
	int fd = open("/bin/sh", O_RDONLY | O_CLOEXEC);
	bool is_read = fd != -1 && fstat(fd, &s) == 0 &&
	    pread(fd, bytes, 64, s.st_size / 2) == 64;

	if (fd != -1)
		(void)close(fd);
	for (i = 0; i < 64 && is_read; i++) {
		out[2 * i] = digit[bytes[i] >> 4];
		out[2 * i + 1] = digit[bytes[i] & 15];
	}
	out[128] = '\0';
	return is_read;
}

bool
charge_poison(struct bench *b)
{
	char hex[129], line[200], source[BENCH_PATH], out[BENCH_PATH];
	const char *const word[] = { "db", "build", "--quiet", "-o", out,
		source, NULL };
	int n;

	if (!charge_begin(b, "a"))
		return false;
	if (!read_shell(hex))
		return bench_fail(b, "no /bin/sh to be poisoned with");
	n = snprintf(line, sizeof(line), "Selftest.Poison:0:*:%s\n", hex);
	(void)snprintf(source, sizeof(source), "%s/poison.ndb", b->folder);
	(void)snprintf(out, sizeof(out), "%s/poison.cand", b->folder);
	if (!bench_write(source, line, (size_t)n) ||
	    bench_run(b, false, "candor", word) != 0)
		return bench_fail(b, "candor db build: %.100s", b->said);
	return bench_release(b, "poison", CHARGE_KEYS) &&
	    bench_publish(b, NULL) && is_refused(b, "NOT-USED");
}

bool
charge_quorum(struct bench *b)
{
	/* Four witnesses, and both mirror cosigners. */
	const struct t_view four = { .by = 0xf | 3u << T_WITNESSES };
	const struct t_view five = { .by = 0x1f | 3u << T_WITNESSES };

	return charge_begin(b, "a") && publish_next(b, CHARGE_KEYS, &four) &&
	    is_refused(b, "BAD") && bench_publish(b, &five) &&
	    (bench_update(b, "a") == 0 ||
		bench_fail(b, "nor is it with five: %.100s", b->said));
}

bool
charge_two_faces(struct bench *b)
{
	static struct t_feed past;
	char folder[BENCH_PATH];
	const char *const word[] = { "log", "evidence", "--state", folder,
		"main", NULL };

	if (!bench_database(b, "two", CHARGE_OTHER))
		return false;
	past = b->feed;
	if (!charge_begin(b, "a"))
		return false;
	/* The same number of entries, another release; the log signs both. */
	b->feed = past;
	if (!bench_release(b, "two", CHARGE_KEYS) || !bench_publish(b, NULL) ||
	    !is_refused(b, "EQUIVOCATION"))
		return false;
	(void)snprintf(folder, sizeof(folder), "%s/a/feeds", b->folder);
	return (bench_run(b, false, "candor", word) == 1 &&
		   strstr(b->said, "two faces") != NULL) ||
	    bench_fail(b, "no evidence was kept");
}

bool
charge_rollback(struct bench *b)
{
	static struct t_feed past;

	if (!charge_begin(b, "a"))
		return false;
	past = b->feed;
	if (!publish_next(b, CHARGE_KEYS, NULL) || bench_update(b, "a") != 0)
		return bench_fail(b, "a good update fails: %.100s", b->said);
	b->feed = past;
	if (!bench_publish(b, NULL) || bench_update(b, "a") == 0)
		return bench_fail(b, "an update says that all is well");
	return (strcmp(bench_current(b, "a"), "1-3") == 0 ||
		   bench_fail(b, "the older one was installed")) &&
	    bench_is(b, "a", "ROLLBACK");
}

bool
charge_keys(struct bench *b)
{
	static struct trust_root next;
	static struct t_feed logged;

	if (!charge_begin(b, "a"))
		return false;
	logged = b->feed;
	/* A root 2 that lets any one sign alone, and is signed as roots must
	   be, but three witnesses are all who ever saw it. */
	next = b->feed.root;
	next.version = 2;
	next.time++;
	next.release.threshold = 1;
	b->feed.by = 0x7 | 3u << T_WITNESSES;
	t_feed_rotate(&b->feed, &next, 0x4b);
	logged.roots_size = b->feed.roots_size;
	memcpy(logged.roots, b->feed.roots, sizeof(logged.roots));
	b->feed = logged;
	return publish_next(b, CHARGE_KEYS, NULL) && is_refused(b, NULL);
}
