/*
 * feed.h - where a feed comes from: /etc/candor/feeds.d/NAME.conf.
 *
 * Lines KEY = VALUE; those that begin with # are comments.
 *
 *     kind = candor | clamav | rules    what it is (candor)
 *     mirror = URL or /FOLDER           may be given again: tried in order
 *     proxy = URL                       http://HOST:PORT, socks5h://HOST:PORT
 *     delta = yes | no                  ask for differences (no)
 *     keys = /FILE                      of kind clamav: whose containers are
 *                                       taken instead of ClamAV's own; lines
 *                                       of digits (proc/compiler/keys.h)
 *
 * Pure: bytes in, values or a complaint out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_POLICY_FEED_H
#define CANDOR_POLICY_FEED_H

#include "lib/base/cur.h"
#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>

#define FEED_FILE_MAX    65536u /* bytes of a file */
#define FEED_MIRRORS_MAX 16u
#define FEED_URL_MAX     1000u
#define FEED_NAME_MAX    48u

/* What feeds installed, a folder each; their databases, and those that somebody
   put there himself, as patterns of glob(3). */
#define FEED_STATE     "/var/lib/candor/feeds"
#define FEED_DATABASES FEED_STATE "/*/current/*.cand"
#define FEED_PUT_THERE "/var/lib/candor/*.cand"

/* In the order in which they are to be trusted. */
enum feed_kind {
	FEED_CANDOR, /* public log, witnesses, several signers */
	FEED_CLAMAV, /* signed by one party */
	FEED_RULES,  /* signed by nobody: a folder */
	FEED_KINDS
};

struct feed {
	enum feed_kind kind;
	char mirror[FEED_MIRRORS_MAX][FEED_URL_MAX + 1];
	size_t mirror_count;
	char proxy[FEED_URL_MAX + 1]; /* or "" */
	bool wants_delta;
	char keys[FEED_URL_MAX + 1]; /* a path, or "" */
};

/* May a feed be called that?  [a-z0-9._-], a letter or digit first. */
bool feed_name_is_good(const char *name);

/* Is it http(s)://HOST..., without a name or password, or an absolute path? */
bool feed_mirror_is_good(const char *text);

/* "candor", "clamav", "rules"; and FEED_KINDS if it is none. */
const char *feed_kind_text(enum feed_kind kind);
enum feed_kind feed_kind_of(const char *text);

/* The name of the feed that installed what is at path, as bytes of path; empty
   if none did. */
struct cur feed_of_path(const char *path);

/* The text of such a file, whole. */
bool feed_file_read(struct cur file, struct feed *out, struct why *why);

#endif
