/*
 * serve.c - HTTP for a feed's small servers.  See serve.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/feed/serve.h"

#include "sys/listen.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 256u
#define TIMEOUT_S   30u
#define TEXT        "text/plain; charset=utf-8"

/* --- answers -------------------------------------------------------------- */

enum MHD_Result
serve_text(const struct serve_request *r, unsigned code, const char *type,
    const char *text)
{
	struct MHD_Response *a = MHD_create_response_from_buffer(strlen(text),
	    (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result end;

	if (a == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(a, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	end = MHD_queue_response(r->connection, code, a);
	MHD_destroy_response(a);
	return end;
}

enum MHD_Result
serve_line(const struct serve_request *r, unsigned code, const char *line)
{
	char text[320];

	(void)snprintf(text, sizeof(text), "%s\n", line);
	return serve_text(r, code, TEXT, text);
}

/* Is it the path of a file that is meant to be seen? */
static bool
is_plain_path(const char *path)
{
	if (path[0] != '/' || path[1] == '\0')
		return false;
	for (; *path != '\0'; path++)
		if (path[0] == '/' &&
		    (path[1] == '.' || path[1] == '/' || path[1] == '\0'))
			return false;
	return true;
}

enum MHD_Result
serve_file(const struct serve_request *r, int folder)
{
	struct MHD_Response *a;
	enum MHD_Result end;
	struct stat s;
	int fd = -1;

	if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0)
		return serve_line(r, 405, "GET is wanted");
	if (is_plain_path(r->path))
		fd = openat(folder, r->path + 1,
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 || fstat(fd, &s) == -1 || !S_ISREG(s.st_mode)) {
		if (fd != -1)
			(void)close(fd);
		return serve_line(r, 404, "there is no such file");
	}
	a = MHD_create_response_from_fd64((uint64_t)s.st_size, fd);
	if (a == NULL) {
		(void)close(fd);
		return MHD_NO;
	}
	(void)MHD_add_response_header(a, MHD_HTTP_HEADER_CONTENT_TYPE,
	    "application/octet-stream");
	end = MHD_queue_response(r->connection, 200, a);
	MHD_destroy_response(a);
	return end;
}

/* --- requests ------------------------------------------------------------- */

/* A request's body while it comes in. */
struct body {
	size_t size;
	bool is_too_long;
	uint8_t bytes[];
};

/* libmicrohttpd's own: once for the head, for each piece, and at the end. */
static enum MHD_Result
hear(void *ctx, struct MHD_Connection *c, const char *path, const char *method,
    const char *version, const char *piece, size_t *size, void **state)
{
	const struct server *s = ctx;
	struct body *b = *state;
	struct serve_request r = { c, method, path, { 0 }, false };

	(void)version;
	if (b == NULL) {
		*state = calloc(1, sizeof(*b) + s->body_max);
		return *state != NULL ? MHD_YES : MHD_NO;
	}
	if (*size > 0) {
		if (*size > s->body_max - b->size)
			b->is_too_long = true;
		else {
			memcpy(b->bytes + b->size, piece, *size);
			b->size += *size;
		}
		*size = 0;
		return MHD_YES;
	}
	r.body = cur_from(b->bytes, b->size);
	r.is_too_long = b->is_too_long;
	return s->answer(s->ctx, &r);
}

static void
forget(void *ctx, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode why)
{
	(void)ctx;
	(void)c;
	(void)why;
	free(*state);
	*state = NULL;
}

/* --- running -------------------------------------------------------------- */

/* Where it really listens: port 0 means any. */
static void
tell_address(int fd)
{
	struct sockaddr_storage a;
	socklen_t size = sizeof(a);
	char host[64] = "", port[16] = "";

	memset(&a, 0, sizeof(a));
	(void)getsockname(fd, (struct sockaddr *)&a, &size);
	(void)getnameinfo((struct sockaddr *)&a, size, host, sizeof(host), port,
	    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	printf(strchr(host, ':') != NULL ? "listening at [%s]:%s\n"
					 : "listening at %s:%s\n",
	    host, port);
	(void)fflush(stdout);
}

/* Until a signal says to end. */
static void
wait_for_end(const struct server *s, const sigset_t *set)
{
	const struct timespec every = { .tv_sec = (time_t)s->every };
	int sig;

	if (s->every == 0) {
		(void)sigwait(set, &sig);
		return;
	}
	for (;;) {
		s->tick(s->ctx);
		sig = sigtimedwait(set, NULL, &every);
		if (sig != -1 || (errno != EAGAIN && errno != EINTR))
			return;
	}
}

int
serve_run(const struct server *s)
{
	const unsigned flags = s->is_parallel
	    ? MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
		MHD_USE_POLL
	    : MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL;
	struct why why = { 0 };
	struct MHD_Daemon *d;
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	if (!listen_tcp(s->address, &fd, &why)) {
		fprintf(stderr, "%s: %s%s%s\n", s->program, why.text,
		    why.err != 0 ? ": " : "",
		    why.err != 0 ? strerror(why.err) : "");
		return 1;
	}
	d = MHD_start_daemon(flags, 0, NULL, NULL, hear, (void *)(uintptr_t)s,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, forget,
	    NULL, MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S,
	    MHD_OPTION_CONNECTION_LIMIT, CLIENTS_MAX, MHD_OPTION_END);
	if (d == NULL) {
		fprintf(stderr, "%s: cannot serve\n", s->program);
		return 1;
	}
	tell_address(fd);
	wait_for_end(s, &set);
	MHD_stop_daemon(d);
	return 0;
}
