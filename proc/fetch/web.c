/*
 * web.c - bytes over HTTP, with libcurl.
 *
 * The request is
 *
 *     GET PATH HTTP/1.1 CRLF  Host: HOST CRLF  Connection: close CRLF  CRLF
 *
 * and nothing else: every default header of libcurl is off, no cookie, no
 * cache, no range, no compression, no credentials from any file, no proxy from
 * the environment.  tests/trust/test_fetch.py records it byte by byte.
 *
 * Only "200 OK" is an answer.  A redirection could send different people to
 * different places; a 206, or a Content-Encoding nobody asked for, is not the
 * file.  Chunked transfer is HTTP's own and is fine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/fetch/fetch.h"

#include <curl/curl.h>

#include <string.h>
#include <strings.h>

#define HEADERS_MAX 65536u /* bytes of an answer's headers */
#define CONNECT_MS  15000
#define SLOW        64 /* bytes a second that do not count as any */

struct answer {
	struct fetch *f;
	CURL *curl;
	uint64_t headers;
	bool is_encoded, is_long, is_deaf;
};

bool
web_init(struct why *why)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ||
	    why_not(why, WHY_SYSTEM, "libcurl does not start");
}

/* A line of the headers. */
static size_t
hear_header(char *line, size_t one, size_t count, void *ctx)
{
	static const char name[] = "content-encoding:", none[] = "identity";
	struct answer *a = ctx;
	size_t at = sizeof(name) - 1;

	a->headers += one * count;
	if (a->headers > HEADERS_MAX) {
		a->is_long = true;
		return 0;
	}
	if (count <= at || strncasecmp(line, name, at) != 0)
		return count;
	while (at < count && (line[at] == ' ' || line[at] == '\t'))
		at++;
	if (count - at < sizeof(none) - 1 ||
	    strncasecmp(line + at, none, sizeof(none) - 1) != 0)
		a->is_encoded = true;
	return count;
}

static size_t
hear_body(char *bytes, size_t one, size_t count, void *ctx)
{
	struct answer *a = ctx;
	long status = 0;

	(void)one;
	(void)curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200 || a->is_encoded)
		return 0; /* an error page is not what was asked for */
	if (count > a->f->most - a->f->done)
		a->is_long = true;
	else if (fetch_put(a->f, bytes, count))
		return count;
	else
		a->is_deaf = true;
	return 0;
}

static bool
set_request(CURL *c, const struct fetch *f, struct curl_slist *headers)
{
	/* 1234 ms of silence are 2 s: libcurl counts in seconds. */
	long quiet = (long)((f->quiet_ms + 999) / 1000);
	CURLcode e = CURLE_OK;

#define SET(option, value) e |= curl_easy_setopt(c, CURLOPT_##option, value)
	SET(URL, f->url);
	SET(PATH_AS_IS, 1L);
	SET(PROTOCOLS_STR, "http,https");
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(HTTP09_ALLOWED, 0L);
	SET(HTTPHEADER, headers);
	SET(HEADEROPT, (long)CURLHEADER_UNIFIED);
	SET(PROXY, f->proxy);
	SET(NOPROXY, "");
	SET(NETRC, (long)CURL_NETRC_IGNORED);
	SET(FOLLOWLOCATION, 0L);
	SET(FORBID_REUSE, 1L);
	SET(NOSIGNAL, 1L);
	SET(CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	SET(TIMEOUT_MS, (long)f->total_ms);
	SET(LOW_SPEED_LIMIT, (long)SLOW);
	SET(LOW_SPEED_TIME, quiet < 1 ? 1 : quiet);
#undef SET
	return e == CURLE_OK;
}

/* What an answer that is not the file amounts to, and why. */
static enum order_end
refuse(const struct fetch *f, const struct answer *a, CURLcode e,
    struct why *why)
{
	unsigned long long most = f->most, done = f->done;
	bool is_moved = f->status >= 300 && f->status < 400;

	if (f->status == 404 || f->status == 410) {
		(void)why_not(why, WHY_BROKEN, "answers %u", f->status);
		return ORDER_ABSENT;
	}
	if (a->is_long) {
		(void)why_not(why, WHY_LIMIT, "more than %llu bytes", most);
		return ORDER_LIMIT;
	}
	if (e == CURLE_OPERATION_TIMEDOUT) {
		(void)why_not(why, WHY_LIMIT,
		    "too slow: gave up after %llu bytes", done);
		return ORDER_LIMIT;
	}
	if (a->is_encoded) {
		(void)why_not(why, WHY_BROKEN,
		    "answers with a Content-Encoding nobody asked for");
		return ORDER_REFUSED;
	}
	if (f->status != 0 && f->status != 200) {
		(void)why_not(why, WHY_BROKEN, "answers %u%s", f->status,
		    is_moved ? ", a redirection, which is not followed" : "");
		return ORDER_REFUSED;
	}
	(void)why_not(why, WHY_BROKEN, "%s",
	    a->is_deaf ? "nobody listens" : curl_easy_strerror(e));
	return ORDER_FAILED;
}

enum order_end
web_get(struct fetch *f, struct why *why)
{
	static const char *const line[] = { "Accept:", "User-Agent:",
		"Proxy-Connection:", "Connection: close" };
	struct curl_slist *headers = NULL, *more;
	struct answer a = { .f = f, .curl = curl_easy_init() };
	CURLcode e = CURLE_FAILED_INIT;
	long status = 0;
	size_t i;

	for (i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		more = curl_slist_append(headers, line[i]);
		headers = more != NULL ? more : headers;
	}
	if (a.curl != NULL && set_request(a.curl, f, headers) &&
	    curl_easy_setopt(a.curl, CURLOPT_HEADERFUNCTION, hear_header) ==
		CURLE_OK &&
	    curl_easy_setopt(a.curl, CURLOPT_HEADERDATA, &a) == CURLE_OK &&
	    curl_easy_setopt(a.curl, CURLOPT_WRITEFUNCTION, hear_body) ==
		CURLE_OK &&
	    curl_easy_setopt(a.curl, CURLOPT_WRITEDATA, &a) == CURLE_OK)
		e = curl_easy_perform(a.curl);
	if (a.curl != NULL)
		(void)curl_easy_getinfo(a.curl, CURLINFO_RESPONSE_CODE,
		    &status);
	f->status = (uint32_t)status;
	curl_easy_cleanup(a.curl);
	curl_slist_free_all(headers);
	if (e == CURLE_OK && status == 200 && !a.is_encoded)
		return ORDER_DONE;
	return refuse(f, &a, e, why);
}
