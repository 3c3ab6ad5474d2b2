/*
 * cdiff.c - ClamAV's differences.
 *
 * Spec:    none is published; taken down from practice (docs/signatures.md).
 * Input:   hostile; read through struct cur only.
 *
 *   "ClamAV-Diff:" VERSION ":" SIZE ":"   gzip of the script, SIZE bytes
 *   ":" SIGNATURE                         of the SHA-256 of all before it
 *
 *   script, a line each             does
 *   OPEN DB                         begin with a member; CLOSE ends it
 *   ADD LINE                        put a line at its end
 *   DEL NUMBER PREFIX               take line NUMBER out, which begins so
 *   XCHG NUMBER PREFIX LINE         put LINE in its place
 *   MOVE FROM TO N1 P1 N2 P2        put lines N1 to N2 of FROM at TO's end
 *   UNLINK DB                       take a member out
 *   # ...                           nothing
 *
 * Numbers count from 1, in the member as it was at OPEN.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/cdiff.h"

#include "lib/compile/clam/dsig.h"
#include "lib/compile/clam/line.h"
#include "lib/compile/pool.h"
#include "lib/compile/text.h"
#include "lib/crypto/digest.h"

#include <zlib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CDIFF_SCRIPT_MAX ((uint64_t)1 << 30)
#define CVD_HEADER_SIZE  512u
#define TAR_BLOCK        512u

struct edit {
	uint64_t line;
	struct cur prefix, with;
	bool is_exchange; /* else taken out */
	size_t number;    /* as given: the sort keeps it */
};

struct script {
	struct cdiff_members *m;
	struct pool *pool;
	struct tar_member *open; /* or NULL */
	struct edit *edit;
	struct cur *added;
	size_t edit_count, edit_room, added_count, added_room;
	struct why *why;
};

/* --- members -------------------------------------------------------------- */

bool
cdiff_members(struct cur tar, struct cdiff_members *out, struct why *why)
{
	enum tar_step step;

	memset(out, 0, sizeof(*out));
	do {
		if (out->count == CDIFF_MEMBERS_MAX)
			return why_not(why, WHY_LIMIT, "too many members");
		step = tar_next(&tar, &out->one[out->count]);
		out->count += step == TAR_MEMBER;
	} while (step == TAR_MEMBER);
	return step == TAR_DONE ||
	    why_not(why, WHY_BROKEN, "not a plain tar archive");
}

static struct tar_member *
find(struct cdiff_members *m, const struct cur *name)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (cur_is(name, m->one[i].name))
			return &m->one[i];
	return NULL;
}

/* The member of that name, new and empty if it is not there. */
static struct tar_member *
find_or_make(struct cdiff_members *m, const struct cur *name)
{
	struct tar_member *one = find(m, name);
	size_t i, size = cur_left(name);

	if (one != NULL || m->count == CDIFF_MEMBERS_MAX || size == 0 ||
	    size > TAR_NAME_MAX)
		return one;
	for (i = 0; i < size; i++) {
		uint8_t c = name->base[name->pos + i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '.' && c != '_')
			return NULL;
	}
	one = &m->one[m->count++];
	memset(one, 0, sizeof(*one));
	memcpy(one->name, name->base + name->pos, size);
	one->bytes = cur_from("", 0);
	return one;
}

/* --- lines ---------------------------------------------------------------- */

static bool
broken(struct script *s, const char *what)
{
	return why_not(s->why, WHY_BROKEN, "the difference does not fit: %s",
	    what);
}

static bool
full(struct script *s)
{
	return why_not(s->why, WHY_LIMIT, "more memory than is allowed");
}

/* A whole line, without its newline; only LF ends one. */
static bool
next_line(struct cur *c, struct cur *out)
{
	return cur_until(c, '\n', out);
}

/* A word of a line, and the blank behind it. */
static bool
next_word(struct cur *line, struct cur *out)
{
	return cur_until(line, ' ', out) && cur_left(out) > 0;
}

static struct cur
view(const struct cur *c)
{
	return cur_from(c->base + c->pos, cur_left(c));
}

static bool
begins(const struct cur *line, const struct cur *prefix)
{
	return cur_left(prefix) > 0 && cur_left(line) >= cur_left(prefix) &&
	    memcmp(line->base + line->pos, prefix->base + prefix->pos,
		cur_left(prefix)) == 0;
}

static int
by_line(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static size_t
put_line(uint8_t *out, size_t at, const struct cur *line)
{
	if (cur_left(line) > 0)
		memcpy(out + at, line->base + line->pos, cur_left(line));
	out[at + cur_left(line)] = '\n';
	return at + cur_left(line) + 1;
}

/* How large the open member can become. */
static size_t
room_for(const struct script *s)
{
	size_t i, room = s->open->bytes.size + 1;

	for (i = 0; i < s->edit_count; i++)
		room += cur_left(&s->edit[i].with) + 1;
	for (i = 0; i < s->added_count; i++)
		room += cur_left(&s->added[i]) + 1;
	return room;
}

/* Write the open member anew, with what was said of it. */
static bool
close_member(struct script *s)
{
	struct cur from = s->open->bytes, line;
	uint8_t *out = pool_alloc(s->pool, 1, room_for(s));
	size_t at = 0, next = 0, i;
	uint64_t number = 0;

	if (out == NULL)
		return full(s);
	if (s->edit_count > 1)
		qsort(s->edit, s->edit_count, sizeof(*s->edit), by_line);
	while (next_line(&from, &line)) {
		const struct edit *e = &s->edit[next];

		number++;
		if (next == s->edit_count || e->line != number) {
			at = put_line(out, at, &line);
			continue;
		}
		if (!begins(&line, &e->prefix))
			return broken(s, "another line stands there");
		if (e->is_exchange)
			at = put_line(out, at, &e->with);
		next++;
	}
	if (next != s->edit_count)
		return broken(s, "there is no such line");
	for (i = 0; i < s->added_count; i++)
		at = put_line(out, at, &s->added[i]);
	s->open->bytes = cur_from(out, at);
	s->open = NULL;
	s->edit_count = s->added_count = 0;
	return true;
}

/* --- commands ------------------------------------------------------------- */

static bool
do_open(struct script *s, struct cur rest)
{
	if (s->open != NULL)
		return broken(s, "OPEN before CLOSE");
	s->open = find_or_make(s->m, &rest);
	return s->open != NULL || broken(s, "no such member");
}

static bool
do_close(struct script *s, struct cur rest)
{
	(void)rest;
	return s->open != NULL ? close_member(s) : broken(s, "not open");
}

static bool
do_add(struct script *s, struct cur rest)
{
	if (s->open == NULL)
		return broken(s, "not open");
	if (!pool_vector_grow(s->pool, (void **)&s->added, &s->added_room,
		s->added_count, sizeof(*s->added)))
		return full(s);
	s->added[s->added_count++] = rest;
	return true;
}

static bool
take_edit(struct script *s, struct cur rest, bool is_exchange)
{
	struct cur number;
	struct edit *e;

	if (s->open == NULL)
		return broken(s, "not open");
	if (!pool_vector_grow(s->pool, (void **)&s->edit, &s->edit_room,
		s->edit_count, sizeof(*s->edit)))
		return full(s);
	e = &s->edit[s->edit_count];
	memset(e, 0, sizeof(*e));
	e->number = s->edit_count;
	e->is_exchange = is_exchange;
	if (!next_word(&rest, &number) || !line_number(number, &e->line))
		return broken(s, "no number of a line");
	if (is_exchange && !next_word(&rest, &e->prefix))
		return broken(s, "no line to exchange");
	if (is_exchange)
		e->with = view(&rest);
	else
		e->prefix = view(&rest);
	s->edit_count++;
	return true;
}

static bool
do_del(struct script *s, struct cur rest)
{
	return take_edit(s, rest, false);
}

static bool
do_xchg(struct script *s, struct cur rest)
{
	return take_edit(s, rest, true);
}

static bool
do_unlink(struct script *s, struct cur rest)
{
	struct tar_member *one = find(s->m, &rest);

	if (s->open != NULL || one == NULL)
		return broken(s, "UNLINK of what is open, or not there");
	memmove(one, one + 1,
	    (size_t)(s->m->one + --s->m->count - one) * sizeof(*one));
	return true;
}

/* Lines first to last go from one member to the end of another. */
struct move {
	struct tar_member *from, *to;
	uint64_t first, last;
	struct cur first_prefix, last_prefix;
};

static bool
read_move(struct script *s, struct cur rest, struct move *v)
{
	struct cur from, to, first, last;

	if (s->open != NULL || !next_word(&rest, &from) ||
	    !next_word(&rest, &to) || !next_word(&rest, &first) ||
	    !next_word(&rest, &v->first_prefix) || !next_word(&rest, &last) ||
	    !next_word(&rest, &v->last_prefix) ||
	    !line_number(first, &v->first) || !line_number(last, &v->last))
		return false;
	/* to may move the array's end, not what from is. */
	v->from = find(s->m, &from);
	v->to = find_or_make(s->m, &to);
	return v->from != NULL && v->to != NULL && v->from != v->to &&
	    v->first >= 1 && v->first <= v->last;
}

static bool
do_move(struct script *s, struct cur rest)
{
	size_t kept_at = 0, moved_at;
	struct cur from, line;
	uint8_t *kept, *moved;
	uint64_t number = 0;
	struct move v;

	if (!read_move(s, rest, &v))
		return broken(s, "MOVE");
	from = v.from->bytes;
	kept = pool_alloc(s->pool, 1, from.size + 1);
	moved = pool_alloc(s->pool, 1, from.size + v.to->bytes.size + 2);
	if (kept == NULL || moved == NULL)
		return full(s);
	moved_at = v.to->bytes.size;
	memcpy(moved, v.to->bytes.base, moved_at);
	while (next_line(&from, &line)) {
		number++;
		if ((number == v.first && !begins(&line, &v.first_prefix)) ||
		    (number == v.last && !begins(&line, &v.last_prefix)))
			return broken(s, "another line stands there");
		if (number < v.first || number > v.last)
			kept_at = put_line(kept, kept_at, &line);
		else
			moved_at = put_line(moved, moved_at, &line);
	}
	if (number < v.last)
		return broken(s, "there is no such line");
	v.from->bytes = cur_from(kept, kept_at);
	v.to->bytes = cur_from(moved, moved_at);
	return true;
}

static bool
do_line(struct script *s, struct cur line)
{
	static const struct {
		const char *word;
		bool (*run)(struct script *s, struct cur rest);
	} row[] = { { "ADD", do_add }, { "DEL", do_del }, { "XCHG", do_xchg },
		{ "OPEN", do_open }, { "CLOSE", do_close }, { "MOVE", do_move },
		{ "UNLINK", do_unlink } };
	struct cur word, rest;
	size_t i;

	if (cur_left(&line) == 0 || line.base[line.pos] == '#')
		return true;
	if (!next_word(&line, &word))
		return broken(s, "no command");
	rest = view(&line);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (cur_is(&word, row[i].word))
			return row[i].run(s, rest);
	return broken(s, "a command that is not known");
}

bool
cdiff_run(struct cdiff_members *m, struct cur script, struct pool *pool,
    struct why *why)
{
	struct script s = { .m = m, .pool = pool, .why = why };
	bool is_fine = true;
	struct cur line;

	while (is_fine && next_line(&script, &line))
		is_fine = do_line(&s, view(&line));
	if (is_fine && s.open != NULL)
		is_fine = broken(&s, "no CLOSE at the end");
	pool_vector_free(pool, (void **)&s.edit, &s.edit_room, sizeof(*s.edit));
	pool_vector_free(pool, (void **)&s.added, &s.added_room,
	    sizeof(*s.added));
	return is_fine;
}

/* --- the file ------------------------------------------------------------- */

/* The last ":" and the signature behind it. */
static bool
check_signature(struct cur *file, const struct compile_options *options,
    struct why *why)
{
	const char *modulus = options->diff_modulus;
	const uint8_t *b = file->base + file->pos;
	uint8_t sha256[DIGEST_SIZE_MAX];
	size_t at = cur_left(file), size = at;
	struct cur sig;

	while (at > 0 && b[at - 1] != ':')
		at--;
	if (at == 0)
		return why_not(why, WHY_BROKEN, "not a ClamAV-Diff");
	sig = cur_from(b + at, size - at);
	while (sig.size > 0 && sig.base[sig.size - 1] == '\n')
		sig.size--;
	digest_of(DIGEST_SHA256, b, at - 1, sha256);
	if (!dsig_check_diff(modulus != NULL ? modulus : dsig_diff_modulus, sig,
		sha256))
		return why_not(why, WHY_FORGED,
		    "the signature of the difference does not hold");
	*file = cur_from(b, at - 1);
	return true;
}

static bool
unpack(struct cur packed, uint64_t size, struct pool *pool, struct cur *out,
    struct why *why)
{
	z_stream z = { 0 };
	uint8_t *bytes;
	int end;

	if (size > CDIFF_SCRIPT_MAX || cur_left(&packed) > CDIFF_SCRIPT_MAX)
		return why_not(why, WHY_LIMIT, "a difference too large");
	bytes = pool_alloc(pool, 1, (size_t)size + 1);
	if (bytes == NULL || inflateInit2(&z, 15 + 16) != Z_OK)
		return why_not(why, WHY_LIMIT, "more memory than is allowed");
	z.next_in = (Bytef *)(uintptr_t)(packed.base + packed.pos);
	z.avail_in = (uInt)cur_left(&packed);
	z.next_out = bytes;
	z.avail_out = (uInt)size + 1;
	end = inflate(&z, Z_FINISH);
	(void)inflateEnd(&z);
	if (end != Z_STREAM_END || z.total_out != size)
		return why_not(why, WHY_BROKEN,
		    "the difference is not of the size it says");
	*out = cur_from(bytes, (size_t)size);
	return true;
}

bool
cdiff_apply(struct cdiff_members *m, struct cur file, uint64_t version,
    const struct compile_options *options, struct pool *pool, struct why *why)
{
	struct cur magic, number, size, text;
	uint64_t made, bytes;

	if (!check_signature(&file, options, why))
		return false;
	if (!cur_until(&file, ':', &magic) || !cur_is(&magic, "ClamAV-Diff") ||
	    !cur_until(&file, ':', &number) || !cur_until(&file, ':', &size) ||
	    !line_number(number, &made) || !line_number(size, &bytes))
		return why_not(why, WHY_BROKEN, "not a ClamAV-Diff");
	if (made != version)
		return why_not(why, WHY_FORGED,
		    "the difference is of another version");
	return unpack(view(&file), bytes, pool, &text, why) &&
	    cdiff_run(m, text, pool, why);
}

/* --- a container of it ---------------------------------------------------- */

static uint8_t *
put_member(uint8_t *at, const struct tar_member *member)
{
	size_t size = member->bytes.size, i;
	unsigned sum = 0;

	memset(at, 0, TAR_BLOCK);
	memcpy(at, member->name, strlen(member->name));
	(void)snprintf((char *)at + 100, 24, "0000644");
	(void)snprintf((char *)at + 108, 8, "0000000");
	(void)snprintf((char *)at + 116, 8, "0000000");
	(void)snprintf((char *)at + 124, 12, "%011zo", size);
	(void)snprintf((char *)at + 136, 12, "00000000000");
	memset(at + 148, ' ', 8);
	at[156] = '0';
	memcpy(at + 257,
	    "ustar\0"
	    "00",
	    8);
	for (i = 0; i < TAR_BLOCK; i++)
		sum += at[i];
	(void)snprintf((char *)at + 148, 8, "%06o", sum);
	at[155] = ' ';
	memcpy(at + TAR_BLOCK, member->bytes.base, size);
	at += TAR_BLOCK + size;
	i = (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
	memset(at, 0, i);
	return at + i;
}

/* The header of a container: the first line of .info. */
static bool
put_header(const struct cdiff_members *m, uint8_t *out, struct why *why)
{
	struct cur c, line;
	size_t i;

	memset(out, ' ', CVD_HEADER_SIZE);
	for (i = 0; i < m->count; i++) {
		if (strcmp(text_ending(m->one[i].name), "info") != 0)
			continue;
		c = m->one[i].bytes;
		if (!cur_line(&c, &line) || line.size > CVD_HEADER_SIZE)
			break;
		memcpy(out, line.base, line.size);
		return true;
	}
	return why_not(why, WHY_BROKEN, "the database has no .info");
}

bool
cdiff_make_cld(const struct cdiff_members *m, struct pool *pool,
    struct cur *out, struct why *why)
{
	size_t room = CVD_HEADER_SIZE + 2 * TAR_BLOCK, i;
	uint8_t *bytes, *at;

	for (i = 0; i < m->count; i++)
		room += m->one[i].bytes.size + 2 * TAR_BLOCK;
	bytes = pool_alloc(pool, 1, room);
	if (bytes == NULL)
		return why_not(why, WHY_LIMIT, "more memory than is allowed");
	if (!put_header(m, bytes, why))
		return false;
	at = bytes + CVD_HEADER_SIZE;
	for (i = 0; i < m->count; i++)
		at = put_member(at, &m->one[i]);
	memset(at, 0, 2 * TAR_BLOCK);
	*out = cur_from(bytes, (size_t)(at - bytes) + 2 * TAR_BLOCK);
	return true;
}
