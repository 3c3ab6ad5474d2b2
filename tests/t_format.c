/*
 * t_format.c - walk an opener.  See t_format.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t_format.h"

#include "tests/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_READ ((size_t)1 << 16)

/* Everything one walk holds. */
struct walk {
	struct t_walk *out;
	const struct format *format;
	struct t_how how;
	struct source source;
	struct source whole; /* what a streamed source reads from */
	struct arena arena;
	struct opening opening;
	void *state;
};

static void
require(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "t_format: %s\n", what);
	abort();
}

uint64_t
t_hash(uint64_t hash, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	size_t i;

	if (hash == 0)
		hash = 0xcbf29ce484222325u;
	for (i = 0; i < size; i++)
		hash = (hash ^ at[i]) * 0x100000001b3u;
	return hash;
}

/* Read as a file descriptor or a decoder would give it. */
static size_t
read_streamed(struct source *s, uint64_t off, void *buf, size_t size)
{
	struct walk *k = s->ctx;
	size_t got = source_read(&k->whole, off, buf, size);

	if (got < size)
		s->size = k->whole.size;
	return got;
}

/* Note size more bytes of a child. */
static void
take_bytes(struct t_walk *w, struct t_child *c, const uint8_t *bytes,
    size_t size)
{
	size_t room = c->size < T_HEAD ? T_HEAD - (size_t)c->size : 0;

	memcpy(c->head + (T_HEAD - room), bytes, size < room ? size : room);
	c->hash = t_hash(c->hash, bytes, size);
	c->size += size;
	w->bytes += size;
}

static bool
may_go_on(struct walk *k)
{
	if (k->out->bytes < k->how.max_bytes)
		return true;
	k->out->is_cut = true;
	return false;
}

static void
read_range(struct walk *k, const struct child *child, struct t_child *c)
{
	uint8_t buf[4096];
	uint64_t off;
	size_t got;

	for (off = 0; off < child->size && may_go_on(k); off += got) {
		uint64_t left = child->size - off;

		if (child->off > UINT64_MAX - off)
			break;
		got = source_read(&k->source, child->off + off, buf,
		    left < sizeof(buf) ? (size_t)left : sizeof(buf));
		if (got == 0)
			break;
		take_bytes(k->out, c, buf, got);
	}
	c->end = off == child->size ? FORMAT_WHOLE : FORMAT_TRUNCATED;
}

static void
read_child(struct walk *k, struct t_child *c)
{
	static uint8_t buf[MAX_READ];
	enum format_end end = FORMAT_CHILD;
	size_t got;

	require(k->format->read != NULL, "a child, and no read()");
	while (may_go_on(k)) {
		got = k->format->read(k->state, buf, k->how.read_size, &end);
		require(got <= k->how.read_size, "read() gave too much");
		if (got == 0) {
			require(end != FORMAT_CHILD, "read() left end unset");
			c->end = end;
			return;
		}
		require(end == FORMAT_CHILD, "read() set end too early");
		take_bytes(k->out, c, buf, got);
	}
	c->end = FORMAT_LIMIT;
}

static void
walk_child(struct walk *k, const struct child *child)
{
	struct t_child c = { .declared = child->size,
		.obstacle = child->obstacle,
		.end = child->obstacle,
		.role = child->role,
		.is_range = child->is_range };
	struct t_walk *w = k->out;

	require(child->obstacle != FORMAT_CHILD, "an obstacle of no kind");
	require(child->role <= CHILD_HTML_VIEW, "a role of no kind");
	memcpy(c.name, child->name, child->name_size);
	if (child->obstacle == FORMAT_WHOLE && !k->how.leave_unread) {
		if (child->is_range)
			read_range(k, child, &c);
		else
			read_child(k, &c);
	}
	w->hash = t_hash(w->hash, c.name, sizeof(c.name));
	w->hash = t_hash(w->hash, &c.hash, sizeof(c.hash));
	w->hash = t_hash(w->hash, &c.end, sizeof(c.end));
	if (w->count < T_CHILDREN)
		w->child[w->count] = c;
	w->count++;
}

static void
walk_children(struct walk *k)
{
	struct t_walk *w = k->out;

	while (w->count < k->how.max_children && may_go_on(k)) {
		struct child child;

		/* Garbage, so that what next() forgets to fill shows. */
		memset(&child, 0xa5, sizeof(child));
		w->end = k->format->next(k->state, &child);
		if (w->end != FORMAT_CHILD)
			return;
		walk_child(k, &child);
	}
	w->is_cut = true;
}

static struct t_how
how_of(const struct t_how *given)
{
	struct t_how how = { 0 };

	if (given != NULL)
		how = *given;
	if (how.arena == 0)
		how.arena = T_ARENA;
	if (how.read_size == 0 || how.read_size > MAX_READ)
		how.read_size = 4096;
	if (how.max_bytes == 0)
		how.max_bytes = (uint64_t)16 << 20;
	if (how.max_children == 0)
		how.max_children = 1000;
	if (how.max_memory == 0)
		how.max_memory = (uint64_t)64 << 20;
	return how;
}

/*
 * Room for an arena: the last one's if it had this size, since a new block
 * for each of thousands of walks is most of their time.
 */
static void *
room_of(size_t size)
{
	static void *room;
	static size_t room_size;

	if (room == NULL || room_size != size) {
		free(room);
		room = aligned_alloc(64, (size + 63) / 64 * 64);
		require(room != NULL, "no memory for the test itself");
		room_size = size;
	}
	return room;
}

void
t_walk(struct t_walk *w, const struct format *f, enum kind kind,
    const struct t_how *how, const void *bytes, size_t size)
{
	static const struct passwords none;
	static struct walk k;

	memset(w, 0, sizeof(*w));
	k = (struct walk){ .out = w, .format = f, .how = how_of(how) };
	if (size <= T_ROOM)
		bytes = t_fence(bytes, size);
	k.whole = source_from(bytes, size);
	k.source = k.whole;
	if (k.how.is_streamed)
		k.source = (struct source){
			.size = size, .read = read_streamed, .ctx = &k
		};
	if (k.how.is_streamed && k.how.is_size_unknown)
		k.source.size = SOURCE_SIZE_UNKNOWN;
	arena_init(&k.arena, room_of(k.how.arena), k.how.arena);
	k.opening = (struct opening){ .source = &k.source,
		.arena = &k.arena,
		.facts = &w->facts,
		.passwords = k.how.passwords != NULL ? k.how.passwords : &none,
		.max_memory = k.how.max_memory,
		.kind = kind };

	w->opened = f->open(&k.opening, &k.state);
	require(w->opened != FORMAT_CHILD, "open() said FORMAT_CHILD");
	w->end = w->opened;
	if (w->opened == FORMAT_WHOLE && f->next != NULL) {
		walk_children(&k);
		if (f->close != NULL)
			f->close(k.state);
	}
}

struct facts
t_facts(const struct format *f, enum kind kind, const void *bytes, size_t size)
{
	static uint8_t memory[(size_t)1 << 20];
	static struct source source;
	static struct arena arena;
	struct facts facts = { 0 };
	struct opening in = { .source = &source,
		.arena = &arena,
		.facts = &facts,
		.kind = kind };
	void *state;

	source = source_from(t_fence(bytes, size), size);
	arena_init(&arena, memory, sizeof(memory));
	t_eq(f->open(&in, &state), FORMAT_WHOLE);
	return facts;
}

bool
t_child_is(const struct t_walk *w, size_t i, const char *name,
    const void *bytes, size_t size)
{
	const struct t_child *c = &w->child[i];

	return i < w->count && i < T_CHILDREN && strcmp(c->name, name) == 0 &&
	    c->end == FORMAT_WHOLE && c->size == size &&
	    (size == 0 || c->hash == t_hash(0, bytes, size));
}

void
t_every_prefix(const struct format *f, enum kind kind, const void *bytes,
    size_t size)
{
	static struct t_walk whole, w;
	size_t n;

	t_walk(&whole, f, kind, NULL, bytes, size);
	for (n = 0; n < size; n++) {
		t_walk(&w, f, kind, NULL, bytes, n);
		if (w.end == FORMAT_WHOLE && !w.is_cut &&
		    w.count == whole.count && w.hash == whole.hash) {
			(void)fprintf(stderr, "cut at %zu of %zu: ", n, size);
			require(false, "a prefix passes for the whole");
		}
	}
}

void
t_every_byte(const struct format *f, enum kind kind, const void *bytes,
    size_t size)
{
	static const uint8_t values[] = { 0, 1, 2, 0x20, 0x7f, 0x80, 0xfe,
		0xff };
	static struct t_walk w;
	struct t_how how = { .max_bytes = (uint64_t)1 << 20,
		.max_children = 100 };
	uint8_t *copy = malloc(size + 1);
	size_t n, v;

	require(copy != NULL, "no memory for the test itself");
	memcpy(copy, bytes, size);
	for (n = 0; n < size; n++) {
		uint8_t was = copy[n];

		for (v = 0; v < sizeof(values) + 2; v++) {
			copy[n] = v < sizeof(values)
			    ? values[v]
			    : (uint8_t)(was + (v == sizeof(values) ? 1 : -1));
			t_walk(&w, f, kind, &how, copy, size);
		}
		copy[n] = was;
	}
	free(copy);
}

void
t_every_arena_size(const struct format *f, enum kind kind, const void *bytes,
    size_t size)
{
	static struct t_walk full, w;
	struct t_how how = { .arena = T_ARENA };
	size_t steps = 0;

	t_walk(&full, f, kind, &how, bytes, size);

	/* Big steps down to where it begins to matter, then small ones. */
	while (how.arena > 16) {
		struct t_how less = how;

		less.arena = how.arena / 2;
		t_walk(&w, f, kind, &less, bytes, size);
		if (w.hash != full.hash || w.end != full.end)
			break;
		how.arena = less.arena;
	}
	for (; how.arena >= 16; how.arena -= 16) {
		/* At most some thousands of walks. */
		if (++steps > 2048 && how.arena > 4096)
			how.arena -= 1008;
		t_walk(&w, f, kind, &how, bytes, size);
	}
}

void
t_same_streamed(const struct format *f, enum kind kind, const void *bytes,
    size_t size)
{
	static struct t_walk memory, w;
	struct t_how how = { .read_size = 100 };
	int i;

	t_walk(&memory, f, kind, NULL, bytes, size);
	for (i = 0; i < 3; i++) {
		how.is_streamed = i > 0;
		how.is_size_unknown = i > 1;
		t_walk(&w, f, kind, &how, bytes, size);
		if (w.count != memory.count || w.hash != memory.hash ||
		    w.end != memory.end) {
			(void)fprintf(stderr,
			    "way %d: %zu children and end %d, not %zu and %d: ",
			    i, w.count, (int)w.end, memory.count,
			    (int)memory.end);
			require(false, "the source's kind changes the walk");
		}
	}
}

void
t_sweep(const struct format *f, enum kind kind, const void *bytes, size_t size)
{
	t_same_streamed(f, kind, bytes, size);
	t_every_prefix(f, kind, bytes, size);
	t_every_byte(f, kind, bytes, size);
	t_every_arena_size(f, kind, bytes, size);
}

uint8_t *
t_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long end;

	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) >= 0 &&
	    fseek(file, 0, SEEK_SET) == 0) {
		*size = (size_t)end;
		bytes = malloc(*size + 1);
		if (bytes != NULL && fread(bytes, 1, *size, file) != *size) {
			free(bytes);
			bytes = NULL;
		}
	}
	(void)fclose(file);
	return bytes;
}

uint8_t *
t_need(const char *folder, const char *name, const char *end, size_t *size)
{
	char path[4096];
	uint8_t *bytes;

	(void)snprintf(path, sizeof(path), "%s/%s%s", folder, name, end);
	bytes = t_file(path, size);
	if (bytes == NULL)
		fail_msg("cannot read %s", path);
	return bytes;
}

uint64_t
t_content(const char *corpus, char content)
{
	uint64_t hash = 0;
	size_t size, i;
	uint8_t *bytes = t_need(corpus,
	    content == 'o' ? "/zip/other" : "/zip/text", "", &size);

	if (content == 'b')
		for (i = 0; i < 4096; i++)
			hash = t_hash(hash, bytes + i % size, 1);
	else if (content != 'e')
		hash = t_hash(hash, bytes, size);
	free(bytes);
	return hash;
}

void
t_check_sample(const char *corpus, const struct t_sample *s,
    const struct t_walk *w)
{
	size_t i;

	print_message("%s\n", s->file);
	t_eq(w->end, s->end);
	t_eq(w->count, s->count);
	for (i = 0; i < s->count; i++) {
		const struct t_member *m = &s->member[i];

		assert_string_equal(w->child[i].name, m->name);
		t_eq(w->child[i].end, m->end);
		if (m->content != '?')
			t_eq(w->child[i].hash, t_content(corpus, m->content));
	}
	t_eq(w->facts.value[FACT_MEMBERS], s->count);
	t_eq(w->facts.value[FACT_RECOVERED], s->recovered);
}

int
t_fuzz(const struct format *f, enum kind kind, const uint8_t *data, size_t size)
{
	static struct t_walk w;
	const struct cur word = cur_from("secret", 6);
	const struct passwords passwords = { &word, 1 };
	struct t_how how = { .passwords = &passwords,
		.arena = (size_t)1 << 20,
		.max_bytes = (uint64_t)4 << 20,
		.max_children = 200,
		.max_memory = (uint64_t)16 << 20 };

	if (size > T_ROOM)
		return 0;
	t_walk(&w, f, kind, &how, data, size);
	how.is_streamed = true;
	how.is_size_unknown = size % 2 != 0;
	how.read_size = 777;
	t_walk(&w, f, kind, &how, data, size);
	return 0;
}
