/*
 * web.c - HTTP as a publisher speaks it.  See web.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/feed/web.h"

#include <curl/curl.h>

#define CONNECT_S 10L
#define ASK_S     900L /* a mirror fetches all files before it answers */
#define SLOW_B    100L /* bytes a second: slower than that for SLOW_S ends it */
#define SLOW_S    60L

/* Where an answer goes. */
struct sink {
	web_fn hear;
	void *ctx;
	struct why *why;
	CURL *curl;
	bool is_refused; /* hear() said no, and why */
};

static size_t
take(char *bytes, size_t one, size_t count, void *ctx)
{
	struct sink *s = ctx;
	long code = 0;

	(void)one; /* is 1 */
	(void)curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &code);
	if (code != 200 && s->hear == NULL)
		return count;
	if (s->hear(s->ctx, bytes, count, s->why))
		return count;
	s->is_refused = true;
	return CURL_WRITEFUNC_ERROR;
}

bool
web_begin(struct why *why)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ||
	    why_not(why, WHY_LIMIT, "libcurl does not start");
}

static CURL *
prepare(const char *url, struct sink *s, struct why *why)
{
	CURL *c = curl_easy_init();

	if (c == NULL) {
		(void)why_not(why, WHY_LIMIT, "libcurl: out of memory");
		return NULL;
	}
	s->curl = c;
	s->why = why;
	(void)curl_easy_setopt(c, CURLOPT_URL, url);
	(void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	(void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOW_B);
	(void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, SLOW_S);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, s);
	return c;
}

/* Do it; false and why unless there was an answer, heard to its end. */
static bool
perform(CURL *c, const char *url, struct sink *s, long *code)
{
	CURLcode end = curl_easy_perform(c);

	(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, code);
	if (end == CURLE_OK)
		return true;
	if (s->is_refused)
		return false;
	if (end == CURLE_HTTP_RETURNED_ERROR)
		return why_not(s->why, WHY_BROKEN, "%s: answered %ld", url,
		    *code);
	return why_not(s->why, WHY_BROKEN, "%s: %s", url,
	    curl_easy_strerror(end));
}

bool
web_get(const char *url, web_fn hear, void *ctx, struct why *why)
{
	struct sink s = { .hear = hear, .ctx = ctx };
	CURL *c = prepare(url, &s, why);
	long code = 0;
	bool good;

	if (c == NULL)
		return false;
	(void)curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
	good = perform(c, url, &s, &code);
	curl_easy_cleanup(c);
	if (good && code != 200)
		return why_not(why, WHY_BROKEN, "%s: answered %ld", url, code);
	return good;
}

static bool
add_answer(void *ctx, const void *bytes, size_t size, struct why *why)
{
	struct buf *b = ctx;

	if (size > WEB_ANSWER_MAX - b->size)
		return why_not(why, WHY_LIMIT, "the answer is too long");
	buf_add(b, bytes, size);
	return true;
}

bool
web_post(const char *url, const void *bytes, size_t size, long *code,
    struct buf *answer, struct why *why)
{
	struct sink s = { .hear = add_answer, .ctx = answer };
	CURL *c = prepare(url, &s, why);
	struct curl_slist *head;
	bool good;

	if (c == NULL)
		return false;
	head = curl_slist_append(NULL, "Content-Type: text/plain");
	(void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, head);
	(void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, 0L);
	(void)curl_easy_setopt(c, CURLOPT_TIMEOUT, ASK_S);
	(void)curl_easy_setopt(c, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, bytes);
	(void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)size);
	good = perform(c, url, &s, code);
	curl_easy_cleanup(c);
	curl_slist_free_all(head);
	return good;
}
