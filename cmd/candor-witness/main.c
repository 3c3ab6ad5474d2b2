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
#include "cmd/feed/cosigned.h"
#include "cmd/feed/files.h"
#include "cmd/feed/secret.h"
#include "cmd/feed/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EXIT_USAGE    64
#define LOGS_MAX      256u
#define LOGS_FILE     ((size_t)1 << 20) /* bytes of a list of logs */
#define PATH          "/add-checkpoint"
#define CONFLICT_TYPE "text/x.tlog.size"

struct witness {
	struct secret secret; /* what it cosigns as */
	struct witness_log log[LOGS_MAX];
	size_t count;
	int folder, lock;
};

/* --- answering ------------------------------------------------------------ */

/* Write down, then cosign. */
static enum MHD_Result
cosign(struct witness *w, const struct serve_request *to,
    const struct witness_request *r, struct witness_log *log)
{
	struct witness_log next = *log;
	char line[NOTE_LINE_MAX];
	struct why why = { 0 };
	time_t now = time(NULL);

	next.size = r->checkpoint.size;
	next.root = r->checkpoint.root;
	if (!note_cosign(r->note.text, now > 0 ? (uint64_t)now : 0,
		&w->secret.key, w->secret.seed, line))
		return serve_line(to, 400, "the checkpoint is too long");
	if (!cosigned_write(w->folder, &next, &why)) {
		fprintf(stderr, "candor-witness: %s: %s\n", why.text,
		    strerror(why.err));
		return serve_line(to, 500, "cannot write");
	}
	*log = next;
	return serve_text(to, 200, "text/plain; charset=utf-8", line);
}

static enum MHD_Result
add_checkpoint(struct witness *w, const struct serve_request *to)
{
	static struct witness_request r; /* one request at a time */
	struct why why = { 0 };
	enum witness_answer decided;
	char size[32];
	size_t i;

	if (!witness_read(to->body, &r, &why))
		return serve_line(to, WITNESS_MALFORMED, why.text);
	i = witness_find(&r, w->log, w->count);
	if (i == w->count)
		return serve_line(to, WITNESS_UNKNOWN,
		    "this log is not known here");
	decided = witness_decide(&r, &w->log[i], &why);
	if (decided == WITNESS_COSIGN)
		return cosign(w, to, &r, &w->log[i]);
	if (decided != WITNESS_CONFLICT)
		return serve_line(to, decided, why.text);
	(void)snprintf(size, sizeof(size), "%" PRIu64 "\n", w->log[i].size);
	return serve_text(to, decided, CONFLICT_TYPE, size);
}

static enum MHD_Result
handle(void *ctx, const struct serve_request *r)
{
	if (strcmp(r->path, PATH) != 0)
		return serve_line(r, 404, "there is only " PATH);
	if (strcmp(r->method, "POST") != 0)
		return serve_line(r, 405, "POST is wanted");
	if (r->is_too_long)
		return serve_line(r, 413, "too long");
	return add_checkpoint(ctx, r);
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
	      "  --logs FILE         more logs, one to a line\n"
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

static int
make_key(const char *name, const char *path)
{
	char text[VKEY_TEXT_MAX];
	struct why why = { 0 };
	struct secret made;

	if (!vkey_name_is_good(cur_from(name, strlen(name)))) {
		fprintf(stderr, "candor-witness: a key cannot be called so\n");
		return EXIT_USAGE;
	}
	if (!secret_make(path, name, VKEY_COSIGNATURE, &made, &why))
		fail(&why);
	vkey_write(&made.key, text);
	puts(text);
	return 0;
}

static void
add_log(struct witness *w, struct cur text)
{
	struct witness_log *l = &w->log[w->count];
	struct why why = { 0 };
	size_t i;

	if (w->count == LOGS_MAX) {
		fprintf(stderr, "candor-witness: too many logs\n");
		exit(EXIT_USAGE);
	}
	if (!vkey_read(text, &l->key, &why))
		fail(&why);
	for (i = 0; i < w->count; i++)
		if (strcmp(w->log[i].key.name, l->key.name) == 0) {
			fprintf(stderr, "candor-witness: two logs called %s\n",
			    l->key.name);
			exit(EXIT_USAGE);
		}
	w->count++;
}

static void
add_logs(struct witness *w, const char *path)
{
	struct buf text = { 0 };
	struct why why = { 0 };
	struct cur file, line;

	if (!infile_read(AT_FDCWD, path, LOGS_FILE, &text, &why))
		fail(&why);
	file = cur_from(text.bytes, text.size);
	while (cur_line(&file, &line))
		if (cur_left(&line) > 0 && line.base[line.pos] != '#')
			add_log(w, line);
	buf_free(&text);
}

/* What the command line asks for. */
struct asked {
	const char *address, *state, *key, *name;
};

static void
read_options(int argc, char **argv, struct witness *w, struct asked *out)
{
	static const struct option option[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "state", required_argument, NULL, 's' },
		{ "key", required_argument, NULL, 'k' },
		{ "log", required_argument, NULL, 'L' },
		{ "logs", required_argument, NULL, 'F' },
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
			add_log(w, cur_from(optarg, strlen(optarg)));
			break;
		case 'F':
			add_logs(w, optarg);
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
	static struct witness witness;
	struct asked asked = { NULL, NULL, NULL, NULL };
	struct server server = {
		.program = "candor-witness",
		.body_max = WITNESS_REQUEST_MAX,
		.answer = handle,
		.ctx = &witness,
	};
	struct why why = { 0 };
	size_t i;

	read_options(argc, argv, &witness, &asked);
	if (asked.name != NULL)
		return make_key(asked.name, asked.key);
	if (asked.address == NULL || asked.state == NULL || witness.count == 0)
		usage(EXIT_USAGE);
	if (!secret_read(asked.key, VKEY_COSIGNATURE, &witness.secret, &why) ||
	    !cosigned_open(asked.state, &witness.folder, &witness.lock, &why))
		fail(&why);
	for (i = 0; i < witness.count; i++)
		if (!cosigned_read(witness.folder, &witness.log[i], &why))
			fail(&why);
	server.address = asked.address;
	return serve_run(&server);
}
