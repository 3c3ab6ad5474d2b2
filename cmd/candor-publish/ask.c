/*
 * ask.c - ask a cosigner.  See ask.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/ask.h"

#include "cmd/feed/files.h"
#include "cmd/feed/web.h"
#include "lib/base/base64.h"
#include "lib/trust/checkpoint.h"
#include "lib/trust/prove.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLICY_MAX 65536u /* bytes of its file */
#define TRIES      3      /* it may learn of another size meanwhile */

/* --- who ------------------------------------------------------------------ */

/* Words of a line, between blanks and tabs. */
static bool
next_word(struct cur *line, struct cur *word)
{
	const uint8_t *b = line->base;
	size_t from;

	while (line->pos < line->size &&
	    (b[line->pos] == ' ' || b[line->pos] == '\t'))
		line->pos++;
	from = line->pos;
	while (line->pos < line->size && b[line->pos] != ' ' &&
	    b[line->pos] != '\t')
		line->pos++;
	*word = cur_from(b + from, line->pos - from);
	return word->size > 0;
}

/* "witness NAME VKEY URL" */
static bool
read_cosigner(struct cur line, struct cosigner *out)
{
	struct why unused = { 0 };
	struct cur word, url;

	if (!next_word(&line, &word) || !cur_is(&word, "witness") ||
	    !next_word(&line, &word) || !next_word(&line, &word) ||
	    !next_word(&line, &url) || url.size >= sizeof(out->url) ||
	    !vkey_read(word, &out->key, &unused))
		return false;
	memcpy(out->url, url.base, url.size);
	out->url[url.size] = '\0';
	while (url.size > 0 && out->url[url.size - 1] == '/')
		out->url[--url.size] = '\0';
	return true;
}

bool
cosigners_read(const char *path, struct cosigner *out, size_t most,
    size_t *count, struct why *why)
{
	struct buf text = { 0 };
	struct cur file, line;
	bool good = infile_read(AT_FDCWD, path, POLICY_MAX, &text, why);

	*count = 0;
	file = cur_from(text.bytes, text.size);
	while (good && *count < most && cur_line(&file, &line))
		if (read_cosigner(line, &out[*count]))
			(*count)++;
	buf_free(&text);
	if (good && *count == 0)
		return why_not(why, WHY_BROKEN,
		    "%s: no line 'witness NAME VKEY URL'", path);
	return good;
}

/* --- asking --------------------------------------------------------------- */

static void
make_request(const struct question *q, uint64_t old, struct buf *out)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX];
	char text[BASE64_SIZE(MERKLE_HASH) + 1], head[32];
	size_t count = prove_growth(q->tree->leaf, q->size, old, proof), i;

	(void)snprintf(head, sizeof(head), "old %" PRIu64 "\n", old);
	buf_text(out, head);
	for (i = 0; i < count; i++) {
		base64_write(proof[i].bytes, MERKLE_HASH, text);
		buf_text(out, text);
		buf_byte(out, '\n');
	}
	buf_byte(out, '\n');
	buf_add(out, q->note.base + q->note.pos, cur_left(&q->note));
}

/* Is this line the key's signature of the text? */
static bool
is_signature(const struct vkey *key, struct cur text, struct cur line)
{
	struct note_signature said = { 0 };
	struct why unused = { 0 };
	struct buf b = { 0 };
	struct note n;
	bool is;

	buf_add(&b, text.base + text.pos, cur_left(&text));
	buf_byte(&b, '\n');
	buf_add(&b, line.base + line.pos, cur_left(&line));
	buf_byte(&b, '\n');
	is = note_read(cur_from(b.bytes, b.size), &n, &unused) &&
	    note_verify(&n, key, 1, &said, &unused) && said.is_there;
	buf_free(&b);
	return is;
}

bool
cosigner_find(const struct vkey *key, struct cur text, struct cur lines,
    char out[NOTE_LINE_MAX])
{
	struct cur line;

	while (cur_line(&lines, &line)) {
		size_t size = cur_left(&line);

		if (size + 2 > NOTE_LINE_MAX || !is_signature(key, text, line))
			continue;
		memcpy(out, line.base + line.pos, size);
		memcpy(out + size, "\n", 2);
		return true;
	}
	return false;
}

/* The size that it has, from an answer 409. */
static bool
take_size(const struct question *q, struct cur answer, uint64_t *old,
    struct why *why)
{
	struct cur line;

	if (!cur_line(&answer, &line) || !checkpoint_number(line, old))
		return why_not(why, WHY_BROKEN,
		    "it knows another size, and does not say which");
	if (*old > q->size)
		return why_not(why, WHY_FORGED,
		    "it has cosigned a log of %" PRIu64 " entries already",
		    *old);
	return true;
}

static bool
refused(long code, struct cur answer, struct why *why)
{
	struct cur line;

	if (!cur_line(&answer, &line))
		line = cur_from("", 0);
	return why_not(why, WHY_BROKEN, "answered %ld: %.*s", code,
	    (int)(cur_left(&line) < 150 ? cur_left(&line) : 150),
	    (const char *)line.base + line.pos);
}

static bool
ask(const struct cosigner *c, const struct question *q, char out[NOTE_LINE_MAX],
    struct why *why)
{
	char url[sizeof(c->url) + 32];
	uint64_t old = q->old;
	int try;

	(void)snprintf(url, sizeof(url), "%s/add-checkpoint", c->url);
	for (try = 0; try < TRIES; try++) {
		struct buf request = { 0 }, answer = { 0 };
		bool is_over = true, good;
		struct cur said;
		long code = 0;

		make_request(q, old, &request);
		good = web_post(url, request.bytes, request.size, &code,
		    &answer, why);
		said = cur_from(answer.bytes, answer.size);
		if (good && code == 200)
			good = cosigner_find(&c->key, q->text, said, out) ||
			    why_not(why, WHY_FORGED,
				"its answer is no signature of its key");
		else if (good && code == 409) {
			good = take_size(q, said, &old, why);
			is_over = !good;
		} else if (good)
			good = refused(code, said, why);
		buf_free(&request);
		buf_free(&answer);
		if (is_over)
			return good;
	}
	return why_not(why, WHY_BROKEN, "its size changes all the time");
}

/* --- all at once ----------------------------------------------------------- */

struct asking {
	const struct cosigner *cosigner;
	const struct question *question;
	struct answer *answer;
	pthread_t thread;
};

static void *
run(void *ctx)
{
	struct asking *a = ctx;

	a->answer->is_good =
	    ask(a->cosigner, a->question, a->answer->line, &a->answer->why);
	return NULL;
}

bool
cosigners_ask(const struct cosigner *c, size_t count, const struct question *q,
    struct answer *out, struct why *why)
{
	struct asking *a;
	size_t i, started = 0;

	if (!web_begin(why))
		return false;
	a = buf_alloc(count, sizeof(*a));
	for (i = 0; i < count; i++, started++) {
		a[i] = (struct asking){ &c[i], q, &out[i], 0 };
		if (pthread_create(&a[i].thread, NULL, run, &a[i]) != 0)
			break;
	}
	for (i = 0; i < started; i++)
		(void)pthread_join(a[i].thread, NULL);
	free(a);
	return started == count ||
	    why_not(why, WHY_LIMIT, "cannot start a thread");
}
