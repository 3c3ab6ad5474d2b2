/*
 * take.h - put a file into quarantine, and get it out again.
 *
 * What is taken is the file that is open, never what a name leads to by then:
 *
 *     seal its bytes into the vault, and make them durable
 *     read them back from the disk and compare
 *     write down what is known of it (state: copied)
 *     remove the original, by inode (remove.h)
 *     write that down (state: moved)
 *
 * Whatever happens in between, power cuts and full disks included, the bytes
 * are in at least one of the two places.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_QUARANTINE_TAKE_H
#define CANDOR_PROC_QUARANTINE_TAKE_H

#include "lib/base/why.h"
#include "proc/quarantine/vault.h"
#include "sys/subject.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum take_end {
	TAKE_MOVED, /* out->id has it */
	TAKE_KEPT,  /* it must stay: why says so */
	TAKE_FAILED /* it is where it was: why says what went wrong */
};

/*
 * What was found, and in which file: it is taken only if it still is that one,
 * by its stamp, or where a sha256 is given by that.  (A hard link of it that
 * was taken before has moved its time of change.)
 */
struct take_request {
	const char *path;                  /* as its user named it */
	const struct subject_stamp *stamp; /* NULL: whatever it is now */
	const uint8_t *sha256;             /* of what was scanned, or NULL */
	const struct cur *names;           /* of signatures */
	size_t count;
};

/* Take a file; out is to be freed (held_free()) however it ends. */
enum take_end take_path(const struct vault *v, const struct take_request *r,
    struct held *out, struct why *why);

/* Write the bytes of a file that is held to fd; false and why if they are
   damaged: then some may have been written. */
bool take_unseal(const struct vault *v, const struct held *h, int fd,
    struct why *why);

/*
 * Give a file back: to where it was, or to the path to.  Nothing that is
 * there is replaced.  *missed is the ATTRIBUTES_* that could not be put back.
 * It leaves the vault.
 */
bool take_restore(const struct vault *v, const struct held *h, const char *to,
    uint32_t *missed, struct why *why);

#endif
