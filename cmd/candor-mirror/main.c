/*
 * candor-mirror - keep a checked copy of a feed, serve it, and cosign it.
 *
 * Holds:     the copy; its key, if it cosigns; a listening socket.
 * Hears:     HTTP from anybody (libmicrohttpd); the tree it copies.
 * Says:      the copy's files; cosignatures of checkpoints of which every
 *            entry holds to rules R1 to R5 and every file is here (R6).
 * If owned:  it could cosign what is hidden from others.  So clients ask for
 *            witnesses besides, and monitors read the log.
 *
 * A cosignature of a mirror says more than a witness's: not just "the log
 * only grew", but "its contents are here for everybody".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-mirror/copy.h"
#include "cmd/feed/cosigned.h"
#include "cmd/feed/files.h"
#include "cmd/feed/secret.h"
#include "cmd/feed/serve.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXIT_USAGE    64
#define EVERY         600u /* seconds between looks at what is copied */
#define SOON          2    /* seconds after cosigning: it may be published */
#define ASK           "/add-checkpoint"
#define CONFLICT_TYPE "text/x.tlog.size"

struct mirror {
	int tree; /* what is served */
	bool has_copy, has_key;
	struct copy copy;
	struct secret secret;
	struct witness_log log; /* what was cosigned last */
	int folder, lock_file;
	pthread_mutex_t lock; /* of copy and log */
	struct witness_request request;
	unsigned every;
	time_t next; /* when to look at what is copied */
};

static void
complain(const struct why *why)
{
	fprintf(stderr, "candor-mirror: %s%s%s\n", why->text,
	    why->kind == WHY_SYSTEM ? ": " : "",
	    why->kind == WHY_SYSTEM ? strerror(why->err) : "");
}

/* --- cosigning ------------------------------------------------------------ */

/* Have it all, write down what is said, then say it. */
static enum MHD_Result
cosign(struct mirror *m, const struct serve_request *to)
{
	struct witness_log next = m->log;
	char line[NOTE_LINE_MAX];
	struct why why = { 0 };
	struct cur note = to->body, head;
	time_t now = time(NULL);

	/* The note is behind the first empty line. */
	while (cur_until(&note, '\n', &head) && cur_left(&head) > 0)
		;
	if (!copy_grow(&m->copy, note, &why)) {
		complain(&why);
		return serve_line(to, 422, why.text);
	}
	next.size = m->request.checkpoint.size;
	next.root = m->request.checkpoint.root;
	if (!note_cosign(m->request.note.text, now > 0 ? (uint64_t)now : 0,
		&m->secret.key, m->secret.seed, line))
		return serve_line(to, 400, "the checkpoint is too long");
	if (!cosigned_write(m->folder, &next, &why)) {
		complain(&why);
		return serve_line(to, 500, "cannot write");
	}
	m->log = next;
	m->next = now + SOON;
	return serve_text(to, 200, "text/plain; charset=utf-8", line);
}

static enum MHD_Result
add_checkpoint(struct mirror *m, const struct serve_request *to)
{
	struct why why = { 0 };
	enum witness_answer decided;
	char size[32];

	if (!witness_read(to->body, &m->request, &why))
		return serve_line(to, WITNESS_MALFORMED, why.text);
	if (witness_find(&m->request, &m->log, 1) == 1)
		return serve_line(to, WITNESS_UNKNOWN,
		    "this log is not known here");
	decided = witness_decide(&m->request, &m->log, &why);
	if (decided == WITNESS_COSIGN)
		return cosign(m, to);
	if (decided != WITNESS_CONFLICT)
		return serve_line(to, decided, why.text);
	(void)snprintf(size, sizeof(size), "%" PRIu64 "\n", m->log.size);
	return serve_text(to, decided, CONFLICT_TYPE, size);
}

static enum MHD_Result
handle(void *ctx, const struct serve_request *r)
{
	struct mirror *m = ctx;
	enum MHD_Result end;

	if (strcmp(r->path, ASK) != 0)
		return serve_file(r, m->tree);
	if (!m->has_key)
		return serve_line(r, 404, "nothing is cosigned here");
	if (strcmp(r->method, "POST") != 0)
		return serve_line(r, 405, "POST is wanted");
	if (r->is_too_long)
		return serve_line(r, 413, "too long");
	(void)pthread_mutex_lock(&m->lock);
	end = add_checkpoint(m, r);
	(void)pthread_mutex_unlock(&m->lock);
	return end;
}

/* Every second: is it time to look what is new there? */
static void
follow(void *ctx)
{
	struct mirror *m = ctx;
	struct why why = { 0 };
	time_t now = time(NULL);

	(void)pthread_mutex_lock(&m->lock);
	/* A clock that was set back must not stop it. */
	if (now >= m->next || m->next > now + (time_t)m->every + SOON) {
		if (!copy_follow(&m->copy, &why))
			complain(&why);
		m->next = time(NULL) + (time_t)m->every;
	}
	(void)pthread_mutex_unlock(&m->lock);
}

/* --- starting ------------------------------------------------------------- */

static _Noreturn void
usage(int code)
{
	fputs(
	    "Usage: candor-mirror --listen HOST:PORT --tree DIR\n"
	    "       candor-mirror --listen HOST:PORT --tree DIR --from WHERE "
	    "--root NOTE\n"
	    "                     [--every SECONDS] [--key FILE --state DIR]\n"
	    "\n"
	    "  --listen HOST:PORT  answer there; port 0: any, and say which\n"
	    "  --tree DIR          serve these files\n"
	    "  --from WHERE        keep them a checked copy of the feed at "
	    "this URL\n"
	    "                      or in this folder\n"
	    "  --root NOTE         the first root of that feed\n"
	    "  --every SECONDS     look there that often (600)\n"
	    "  --key FILE          cosign checkpoints of what is here with "
	    "this key\n"
	    "  --state DIR         what was cosigned is kept here\n",
	    code == 0 ? stdout : stderr);
	exit(code);
}

static _Noreturn void
fail(const struct why *why)
{
	complain(why);
	exit(1);
}

/* What the command line asks for. */
struct asked {
	const char *address, *tree, *from, *root, *key, *state;
	unsigned every;
};

static unsigned
read_seconds(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (n == 0 || n > 86400 || *end != '\0')
		usage(EXIT_USAGE);
	return (unsigned)n;
}

static void
read_options(int argc, char **argv, struct asked *out)
{
	static const struct option option[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "tree", required_argument, NULL, 't' },
		{ "from", required_argument, NULL, 'f' },
		{ "root", required_argument, NULL, 'r' },
		{ "every", required_argument, NULL, 'e' },
		{ "key", required_argument, NULL, 'k' },
		{ "state", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	const char **word[] = { ['l'] = &out->address,
		['t'] = &out->tree,
		['f'] = &out->from,
		['r'] = &out->root,
		['k'] = &out->key,
		['s'] = &out->state };
	int c;

	while ((c = getopt_long(argc, argv, "h", option, NULL)) != -1)
		if (c == 'V') {
			puts("candor-mirror " CANDOR_VERSION);
			exit(0);
		} else if (c == 'e')
			out->every = read_seconds(optarg);
		else if (c == 'h' || c == '?')
			usage(c == 'h' ? 0 : EXIT_USAGE);
		else
			*word[c] = optarg;
	if (optind != argc || out->address == NULL || out->tree == NULL ||
	    (out->from == NULL) != (out->root == NULL) ||
	    (out->key == NULL) != (out->state == NULL) ||
	    (out->key != NULL && out->from == NULL))
		usage(EXIT_USAGE);
}

/* The log that the first root names is the one that is cosigned. */
static bool
open_cosigner(struct mirror *m, const struct asked *a, struct why *why)
{
	struct trust_root *root = buf_alloc(1, sizeof(*root));
	struct note n;
	bool good;

	good = note_read(cur_from(m->copy.anchor.bytes, m->copy.anchor.size),
		   &n, why) &&
	    trust_root_read(n.text, root, why);
	m->log.key = root->policy.log;
	free(root);
	return good && secret_read(a->key, VKEY_COSIGNATURE, &m->secret, why) &&
	    cosigned_open(a->state, &m->folder, &m->lock_file, why) &&
	    cosigned_read(m->folder, &m->log, why);
}

int
main(int argc, char **argv)
{
	static struct mirror m;
	struct asked asked = { .every = EVERY };
	struct server server = {
		.program = "candor-mirror",
		.body_max = WITNESS_REQUEST_MAX,
		.is_parallel = true,
		.answer = handle,
		.ctx = &m,
		.tick = follow,
	};
	struct why why = { 0 };

	read_options(argc, argv, &asked);
	(void)pthread_mutex_init(&m.lock, NULL);
	m.has_copy = asked.from != NULL;
	m.has_key = asked.key != NULL;
	if (!files_open(asked.tree, &m.tree, &why))
		fail(&why);
	if (m.has_copy &&
	    !copy_open(asked.tree, asked.from, asked.root, &m.copy, &why))
		fail(&why);
	if (m.has_key && !open_cosigner(&m, &asked, &why))
		fail(&why);
	server.address = asked.address;
	m.every = asked.every;
	server.every = m.has_copy ? 1 : 0;
	return serve_run(&server);
}
