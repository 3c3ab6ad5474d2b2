/*
 * candor-witness - cosign checkpoints of logs that only grow.
 *
 * Holds:     its key; the folder of what it has cosigned; a listening socket.
 * Hears:     HTTP from anybody (libmicrohttpd): POST /add-checkpoint.
 * Says:      cosignatures, of checkpoints that a log it knows has signed and
 *            that extend what it has cosigned before.
 * If owned:  it could cosign a log's other history.  So a client asks for
 *            several witnesses, and this one does nothing else.
 *
 * One thread answers one request at a time: comparing, writing down and
 * cosigning cannot be torn apart.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-witness/state.h"

#include "sys/listen.h"
#include "sys/whole.h"

#include <sys/random.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXIT_USAGE    64
#define LOGS_MAX      256u
#define CLIENTS_MAX   256u
#define TIMEOUT_S     10u
#define PATH          "/add-checkpoint"
#define CONFLICT_TYPE "text/x.tlog.size"

struct server {
	struct vkey key; /* what it cosigns as */
	uint8_t seed[ED25519_SEED];
	struct witness_log log[LOGS_MAX];
	size_t count;
	int folder, lock;
};

/* A request's body while it comes in. */
struct request {
	size_t size;
	bool is_too_long;
	uint8_t body[WITNESS_REQUEST_MAX];
};

/* --- answering ------------------------------------------------------------ */

static enum MHD_Result
answer(struct MHD_Connection *c, unsigned code, const char *type,
    const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text),
	    (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result end;

	if (r == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	end = MHD_queue_response(c, code, r);
	MHD_destroy_response(r);
	return end;
}

static enum MHD_Result
say(struct MHD_Connection *c, unsigned code, const char *text)
{
	char line[256];

	(void)snprintf(line, sizeof(line), "%s\n", text);
	return answer(c, code, "text/plain; charset=utf-8", line);
}

/* Write down, then cosign. */
static enum MHD_Result
cosign(struct server *s, struct MHD_Connection *c,
    const struct witness_request *r, struct witness_log *log)
{
	struct witness_log next = *log;
	char line[NOTE_LINE_MAX];
	struct why why = { 0 };
	time_t now = time(NULL);

	next.size = r->checkpoint.size;
	next.root = r->checkpoint.root;
	if (!note_cosign(r->note.text, now > 0 ? (uint64_t)now : 0, &s->key,
		s->seed, line))
		return say(c, 400, "the checkpoint is too long");
	if (!state_write(s->folder, &next, &why)) {
		fprintf(stderr, "candor-witness: %s: %s\n", why.text,
		    strerror(why.err));
		return say(c, 500, "cannot write");
	}
	*log = next;
	return answer(c, 200, "text/plain; charset=utf-8", line);
}

static enum MHD_Result
add_checkpoint(struct server *s, struct MHD_Connection *c, struct cur body)
{
	static struct witness_request r; /* one request at a time */
	struct why why = { 0 };
	enum witness_answer decided;
	char size[32];
	size_t i;

	if (!witness_read(body, &r, &why))
		return say(c, WITNESS_MALFORMED, why.text);
	i = witness_find(&r, s->log, s->count);
	if (i == s->count)
		return say(c, WITNESS_UNKNOWN, "this log is not known here");
	decided = witness_decide(&r, &s->log[i], &why);
	if (decided == WITNESS_COSIGN)
		return cosign(s, c, &r, &s->log[i]);
	if (decided != WITNESS_CONFLICT)
		return say(c, decided, why.text);
	(void)snprintf(size, sizeof(size), "%" PRIu64 "\n", s->log[i].size);
	return answer(c, decided, CONFLICT_TYPE, size);
}

/* libmicrohttpd's own: once for the head, for each piece, and at the end. */
static enum MHD_Result
handle(void *ctx, struct MHD_Connection *c, const char *url, const char *method,
    const char *version, const char *piece, size_t *size, void **state)
{
	struct request *r = *state;

	(void)version;
	if (r == NULL) {
		*state = calloc(1, sizeof(*r));
		return *state != NULL ? MHD_YES : MHD_NO;
	}
	if (*size > 0) {
		if (*size > sizeof(r->body) - r->size)
			r->is_too_long = true;
		else {
			memcpy(r->body + r->size, piece, *size);
			r->size += *size;
		}
		*size = 0;
		return MHD_YES;
	}
	if (strcmp(url, PATH) != 0)
		return say(c, 404, "there is only " PATH);
	if (strcmp(method, "POST") != 0)
		return say(c, 405, "POST is wanted");
	if (r->is_too_long)
		return say(c, 413, "too long");
	return add_checkpoint(ctx, c, cur_from(r->body, r->size));
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

/* --- starting ------------------------------------------------------------- */

static _Noreturn void
usage(int code)
{
	fputs("Usage: candor-witness --listen HOST:PORT --state DIR --key FILE "
	      "--log VKEY...\n"
	      "       candor-witness --make-key NAME --key FILE\n\n"
	      "  --listen HOST:PORT  answer there; port 0: any, and say which\n"
	      "  --state DIR         what was cosigned is kept here\n"
	      "  --key FILE          its secret key "
	      "(PRIVATE+KEY+NAME+ID+KEY, a line)\n"
	      "  --log VKEY          a log to cosign; may be given again\n"
	      "  --make-key NAME     make a key, print its public half, end\n",
	    code == 0 ? stdout : stderr);
	exit(code);
}

static _Noreturn void
fail(const struct why *why)
{
	fprintf(stderr, "candor-witness: %s%s%s\n", why->text,
	    why->kind == WHY_SYSTEM ? ": " : "",
	    why->kind == WHY_SYSTEM ? strerror(why->err) : "");
	exit(1);
}

static void
read_key(struct server *s, const char *path)
{
	char text[VKEY_TEXT_MAX + 64];
	struct cur file, line;
	struct why why = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd != -1 ? whole_read(fd, text, sizeof(text)) : -1;

	if (fd != -1)
		(void)close(fd);
	if (n == -1) {
		(void)why_not(&why, WHY_SYSTEM, "%s", path);
		fail(&why);
	}
	file = cur_from(text, (size_t)n);
	if (!cur_line(&file, &line) ||
	    !vkey_read_secret(line, &s->key, s->seed, &why))
		fail(&why);
	/* One that signs notes cosigns as well, under another ID. */
	s->key.type = VKEY_COSIGNATURE;
	vkey_make_id(&s->key);
}

static int
make_key(const char *name, const char *path)
{
	struct vkey k = { .type = VKEY_COSIGNATURE };
	uint8_t seed[ED25519_SEED];
	char text[VKEY_TEXT_MAX];
	struct vkey secret;
	FILE *to;
	int fd;

	if (!vkey_name_is_good(cur_from(name, strlen(name)))) {
		fprintf(stderr, "candor-witness: a key cannot be called so\n");
		return EXIT_USAGE;
	}
	(void)snprintf(k.name, sizeof(k.name), "%s", name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	to = fd != -1 ? fdopen(fd, "w") : NULL;
	if (to == NULL || getrandom(seed, sizeof(seed), 0) != sizeof(seed) ||
	    !ed25519_public(seed, k.key)) {
		fprintf(stderr, "candor-witness: %s: %s\n", path,
		    strerror(errno));
		return 1;
	}
	vkey_make_id(&k);
	/* The same form with the seed in the key's place. */
	secret = k;
	memcpy(secret.key, seed, sizeof(seed));
	vkey_write(&secret, text);
	fprintf(to, "PRIVATE+KEY+%s\n", text);
	if (fflush(to) != 0 || fsync(fd) != 0 || fclose(to) != 0) {
		perror("candor-witness");
		return 1;
	}
	vkey_write(&k, text);
	puts(text);
	return 0;
}

static void
add_log(struct server *s, const char *text)
{
	struct witness_log *l = &s->log[s->count];
	struct why why = { 0 };
	size_t i;

	if (s->count == LOGS_MAX) {
		fprintf(stderr, "candor-witness: too many logs\n");
		exit(EXIT_USAGE);
	}
	if (!vkey_read(cur_from(text, strlen(text)), &l->key, &why))
		fail(&why);
	for (i = 0; i < s->count; i++)
		if (strcmp(s->log[i].key.name, l->key.name) == 0) {
			fprintf(stderr, "candor-witness: two logs called %s\n",
			    l->key.name);
			exit(EXIT_USAGE);
		}
	s->count++;
}

/* Where it really listens: port 0 means any. */
static void
tell_address(int fd)
{
	struct sockaddr_storage a;
	socklen_t size = sizeof(a);
	char host[64] = "", port[16] = "";

	(void)getsockname(fd, (struct sockaddr *)&a, &size);
	(void)getnameinfo((struct sockaddr *)&a, size, host, sizeof(host), port,
	    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	printf(strchr(host, ':') != NULL ? "listening at [%s]:%s\n"
					 : "listening at %s:%s\n",
	    host, port);
	fflush(stdout);
}

/* Answer until a signal says to end. */
static int
serve(struct server *s, const char *address)
{
	struct MHD_Daemon *d;
	struct why why = { 0 };
	sigset_t set;
	int fd, sig;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	if (!listen_tcp(address, &fd, &why))
		fail(&why);
	d = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0,
	    NULL, NULL, handle, s, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_NOTIFY_COMPLETED, forget, NULL,
	    MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S,
	    MHD_OPTION_CONNECTION_LIMIT, CLIENTS_MAX, MHD_OPTION_END);
	if (d == NULL) {
		fprintf(stderr, "candor-witness: cannot serve\n");
		return 1;
	}
	tell_address(fd);
	(void)sigwait(&set, &sig);
	MHD_stop_daemon(d);
	return 0;
}

/* What the command line asks for. */
struct asked {
	const char *address, *state, *key, *name;
};

static void
read_options(int argc, char **argv, struct server *s, struct asked *out)
{
	static const struct option option[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "state", required_argument, NULL, 's' },
		{ "key", required_argument, NULL, 'k' },
		{ "log", required_argument, NULL, 'L' },
		{ "make-key", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", option, NULL)) != -1)
		switch (c) {
		case 'l':
			out->address = optarg;
			break;
		case 's':
			out->state = optarg;
			break;
		case 'k':
			out->key = optarg;
			break;
		case 'L':
			add_log(s, optarg);
			break;
		case 'm':
			out->name = optarg;
			break;
		case 'V':
			puts("candor-witness " CANDOR_VERSION);
			exit(0);
		default:
			usage(c == 'h' ? 0 : EXIT_USAGE);
		}
	if (optind != argc || out->key == NULL)
		usage(EXIT_USAGE);
}

int
main(int argc, char **argv)
{
	static struct server server;
	struct asked asked = { NULL, NULL, NULL, NULL };
	struct why why = { 0 };
	size_t i;

	read_options(argc, argv, &server, &asked);
	if (asked.name != NULL)
		return make_key(asked.name, asked.key);
	if (asked.address == NULL || asked.state == NULL || server.count == 0)
		usage(EXIT_USAGE);
	read_key(&server, asked.key);
	if (!state_open(asked.state, &server.folder, &server.lock, &why))
		fail(&why);
	for (i = 0; i < server.count; i++)
		if (!state_read(server.folder, &server.log[i], &why))
			fail(&why);
	return serve(&server, asked.address);
}
