/*
 * web.h - HTTP as a publisher speaks it: ask cosigners, read trees.
 *
 * libcurl with a time and a size it must not exceed; redirects are not
 * followed.  Clients have another fetcher, with fixed requests: proc/fetch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FEED_WEB_H
#define CANDOR_FEED_WEB_H

#include "cmd/candor/buf.h"
#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>

#define WEB_ANSWER_MAX 65536u /* bytes of an answer to web_post() */

/* Before threads use the others. */
bool web_begin(struct why *why);

/* Hear a piece of what is fetched; false ends it, having said why. */
typedef bool (*web_fn)(void *ctx, const void *bytes, size_t size,
    struct why *why);

/* Fetch; anything but 200 and a whole answer is an error. */
bool web_get(const char *url, web_fn hear, void *ctx, struct why *why);

/* Post; the answer, whatever its code.  False if there is none. */
bool web_post(const char *url, const void *bytes, size_t size, long *code,
    struct buf *answer, struct why *why);

#endif
