/*
 * proc/reader - what do files of formats as large as systems tell?      RED
 *
 * Holds:     a socket to its owner; one file at a time, open for reading, and
 *            what belongs to it.  No name, no network, no file system, no
 *            children.
 * Hears:     LOOK and BESIDE with a descriptor, FETCH, from its owner only.
 * Says:      what it saw: bounded parts (protocol.h), as many as the owner
 *            cares to hear.
 * If owned:  the attacker can lie about the file, and those the same reader
 *            looks at after it: what is in them, or that nothing is.
 *
 * The libraries that know the formats want names of files and a time zone:
 * what they are given instead is in files.c and iconv.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/format.h"
#include "proc/reader/kinds.h"
#include "sys/channel.h"
#include "sys/sandbox.h"

#include <errno.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The first that says it is one. */
static const struct input_kind kinds[] = {
	{ contents_is, contents_read },
	{ hive_is, hive_read },
	{ rpm_is, rpm_read },
	{ certificates_is, certificates_read },
	{ image_is, image_read },
	{ contents_may_be, contents_read },
};

static struct input input = { .fd = -1 };
static struct say voice;

static size_t
read_at(int fd, uint64_t file_size, uint64_t off, void *bytes, size_t size)
{
	uint8_t *at = bytes;
	size_t done = 0;
	ssize_t n = 1;

	if (off >= file_size)
		return 0;
	if (size > file_size - off)
		size = (size_t)(file_size - off);
	while (n > 0 && done < size) {
		n = pread(fd, at + done, size - done, (off_t)(off + done));
		if (n == -1 && errno == EINTR)
			n = 1;
		else if (n > 0)
			done += (size_t)n;
	}
	return done;
}

size_t
input_read(const struct input *in, uint64_t off, void *bytes, size_t size)
{
	return read_at(in->fd, in->size, off, bytes, size);
}

size_t
input_read_beside(const struct input *in, size_t which, void *bytes,
    size_t size)
{
	const struct input_beside *b = &in->beside[which];

	return read_at(b->fd, b->size, 0, bytes, size);
}

uint8_t *
input_read_all(const struct input *in, uint64_t most, struct why *why)
{
	uint8_t *bytes;

	if (in->size > most) {
		(void)why_not(why, WHY_LIMIT, "larger than %llu MiB",
		    (unsigned long long)(most >> 20));
		return NULL;
	}
	bytes = malloc((size_t)in->size + 1);
	if (bytes == NULL)
		(void)why_not(why, WHY_LIMIT, "no memory for it");
	else if (input_read(in, 0, bytes, (size_t)in->size) != in->size) {
		(void)why_not(why, WHY_BROKEN,
		    "it could not be read, or became shorter meanwhile");
		free(bytes);
		bytes = NULL;
	}
	return bytes;
}

/* --- work ----------------------------------------------------------------- */

static void
forget(void)
{
	image_forget();
	if (input.fd != -1)
		(void)close(input.fd);
	input.fd = -1;
}

static void
begin(const struct reader_order *o, int fd)
{
	forget();
	input.fd = fd;
	input.size = o->size;
	input.what = (enum reader_what)o->what;
	memcpy(input.name, o->text.base, o->text.size);
	input.name[o->text.size] = '\0';
	input.head_size = input_read(&input, 0, input.head, INPUT_HEAD);
}

/* What belonged to the file that was looked at. */
static void
forget_besides(void)
{
	while (input.besides > 0)
		(void)close(input.beside[--input.besides].fd);
}

static void
keep_beside(const struct reader_order *o, int fd)
{
	struct why why = { 0 };

	if (input.besides < READER_BESIDES) {
		input.beside[input.besides++] =
		    (struct input_beside){ fd, o->size };
		say_done(&voice, 0);
		return;
	}
	(void)close(fd);
	(void)why_not(&why, WHY_LIMIT, "too many files beside it");
	say_failed(&voice, &why);
}

static void
look(const struct reader_order *o, int fd)
{
	struct why why = { 0 };
	bool is_read = false;
	size_t i;

	begin(o, fd);
	(void)why_not(&why, WHY_BROKEN, "not a file of a kind that is known");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].is(&input)) {
			is_read = kinds[i].read(&input, &voice, &why);
			break;
		}
	forget_besides();
	if (is_read)
		say_done(&voice, 0);
	else
		say_failed(&voice, &why);
}

static void
fetch(const struct reader_order *o)
{
	char path[READER_TEXT + 1];
	struct why why = { 0 };
	uint64_t size;

	memcpy(path, o->text.base, o->text.size);
	path[o->text.size] = '\0';
	if (image_fetch(o->what, path, o->size, &voice, &size, &why))
		say_done(&voice, size);
	else
		say_failed(&voice, &why);
}

/* Hear one order and do it; false when there is no more to do. */
static bool
serve(void)
{
	static uint8_t record[READER_ORDER_MAX + 1];
	struct reader_order o;
	size_t size;
	int fd;

	if (channel_receive(READER_CHANNEL, record, sizeof(record), &size,
		&fd) != CHANNEL_DONE ||
	    !reader_order_get(cur_from(record, size), &o) ||
	    (o.kind != READER_FETCH) != (fd != -1))
		return false;
	if (o.kind == READER_LOOK)
		look(&o, fd);
	else if (o.kind == READER_BESIDE)
		keep_beside(&o, fd);
	else
		fetch(&o);
	return true;
}

static int
compare_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 1);
}

/* What the C library does once, and in the cage could not (as proc/worker:
   the first large qsort() asks for the size of memory). */
static void
warm_up(void)
{
	char large[2048] = { 0 };
	struct tm date = { .tm_year = 100 };

	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	rpm_warm_up();
	tzset();
	(void)mktime(&date);
	(void)mallopt(M_ARENA_MAX, 1);
	qsort(large, sizeof(large), 1, compare_bytes);
	(void)formats_warm();
}

int
main(void)
{
	uint32_t layers;
	struct why why;

	warm_up();
	if (!sandbox_enter(SANDBOX_WORKER, &layers, &why)) {
		(void)fprintf(stderr, "candor-reader: %s\n", why.text);
		return 1;
	}

	/* From here on we read bytes an enemy may have written. */
	say_ready(&voice, layers);
	while (serve())
		;
	_exit(0);
}
