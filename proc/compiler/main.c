/*
 * proc/compiler - make a database out of signatures.                   RED
 *
 * Holds:     a socket to its owner; the database and its side file, open for
 *            writing; one input at a time, open for reading.  No name, no
 *            network, no file system, no children, no new code.
 * Hears:     BEGIN, INPUT with a descriptor, perhaps REST and then JOIN with
 *            the databases of two other compilers that read the rules, GO;
 *            from its owner only.
 * Says:      how many signatures had which fate; complaints with bounded
 *            texts; how large the database is.
 * If owned:  the attacker can write any database.  Whoever maps one treats
 *            it as hostile: it can detect wrongly, and nothing else.
 *
 * candor-compile: descriptor 3 is the socket, 4 the database, 5 the texts.
 * "candor-compile sweep" and "candor-compile container" do two smaller things
 * in the same cage (modes.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/compile.h"
#include "lib/compile/pool.h"
#include "lib/db/db.h"
#include "proc/compiler/keys.h"
#include "proc/compiler/modes.h"
#include "proc/compiler/protocol.h"
#include "proc/compiler/side.h"
#include "sys/channel.h"
#include "sys/sandbox.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of inputs and of everything made from them. */
#define MEMORY_MAX ((size_t)12 << 30)

/* Of a file that is read line by line, read at once. */
#define INPUT_PIECE ((size_t)1 << 20)

struct input {
	uint8_t *bytes;
	size_t size, room;
};

struct compiler {
	struct pool pool, scratch, unpacked;
	struct ir ir;
	struct pack *pack;
	struct compile_options options;
	struct keys keys; /* that options point to */
	enum protocol_share share;
	bool has_texts;
	struct compile_output texts;
	struct side side;
	size_t files_done;  /* of ir, whose texts are written, … */
	size_t file_done;   /* … and so many bytes of the one behind them */
	struct input input; /* room is used again */
	struct input joined[PROTOCOL_SHARES];
	struct db joined_db[PROTOCOL_SHARES];
	struct protocol_message message; /* heard, then said */
	uint8_t record[PROTOCOL_SIZE + 1];
};

/* Before the cage: say why not, and go. */
static _Noreturn void
die(const struct why *why)
{
	if (why->err != 0)
		(void)fprintf(stderr, "candor-compile: %s: %s\n", why->text,
		    strerror(why->err));
	else
		(void)fprintf(stderr, "candor-compile: %s\n", why->text);
	exit(1);
}

/* --- saying --------------------------------------------------------------- */

static void
say(struct compiler *c)
{
	protocol_put(&c->message, c->record);
	if (channel_send(PROTOCOL_CHANNEL, c->record, PROTOCOL_SIZE, -1) !=
	    CHANNEL_DONE)
		_exit(1); /* nobody is left to hear */
}

static _Noreturn void
fail(struct compiler *c, const struct why *why)
{
	c->message = (struct protocol_message){
		.kind = PROTOCOL_FAILED,
		.b = (uint32_t)why->kind,
		.c = (uint32_t)why->err,
	};
	protocol_put_text(c->message.text, sizeof(c->message.text), why->text);
	say(c);
	_exit(1);
}

static _Noreturn void
fail_order(struct compiler *c)
{
	struct why why;

	(void)why_not(&why, WHY_BUG, "the owner broke the protocol");
	fail(c, &why);
}

static void
say_counts(struct compiler *c)
{
	size_t i;

	for (i = 0; i < c->ir.tally_count && c->share != PROTOCOL_SEARCHED;
	     i++) {
		const struct ir_tally *t = &c->ir.tally[i];

		c->message = (struct protocol_message){
			.kind = PROTOCOL_COUNT,
			.number = { t->count },
			.c = t->is_error,
		};
		protocol_put_text(c->message.word, PROTOCOL_WORD, t->what);
		protocol_put_text(c->message.reason, PROTOCOL_WORD,
		    t->reason == NULL ? "" : t->reason);
		say(c);
	}
}

static void
say_complaints(struct compiler *c)
{
	size_t i;

	for (i = 0; i < c->ir.complaint_count; i++) {
		const struct ir_complaint *one = &c->ir.complaint[i];

		/* What became of rules another says that read them, too. */
		if (c->share == PROTOCOL_SEARCHED && !one->is_warning)
			continue;
		c->message = (struct protocol_message){
			.kind = PROTOCOL_COMPLAINT,
			.a = one->line,
			.b = one->column,
			.c = one->is_warning ? PROTOCOL_WARNING : one->is_error,
		};
		protocol_put_text(c->message.word, PROTOCOL_WORD, one->kind);
		protocol_put_text(c->message.text, PROTOCOL_REASON,
		    one->reason);
		protocol_put_path(c->message.name, PROTOCOL_FILE,
		    c->ir.file[one->file].name);
		say(c);
	}
}

static void
say_done(struct compiler *c, const struct compile_counts *counts)
{
	c->message = (struct protocol_message){
		.kind = PROTOCOL_DONE,
		.number = { counts->rules, counts->hashes, counts->triggers,
		    counts->untriggered, counts->bytes,
		    c->has_texts ? c->side.size : 0 },
		.built = c->ir.built,
	};
	say(c);
}

/* --- reading and writing -------------------------------------------------- */

/* So much of a file; what it loses while it is read is missing. */
static bool
read_input(int fd, uint64_t off, uint64_t size, struct input *out,
    struct why *why)
{
	ssize_t n = 1;

	if (size > MEMORY_MAX)
		return why_not(why, WHY_LIMIT, "the file is too large");
	if (out->bytes == NULL || out->room < size) {
		free(out->bytes);
		out->room = size == 0 ? 1 : (size_t)size;
		out->bytes = malloc(out->room);
	}
	if (out->bytes == NULL)
		return why_not(why, WHY_LIMIT, "no memory for the file");
	out->size = 0;
	while (out->size < size && n > 0) {
		n = pread(fd, out->bytes + out->size, (size_t)size - out->size,
		    (off_t)(off + out->size));
		if (n == -1 && errno == EINTR)
			n = 1;
		else if (n > 0)
			out->size += (size_t)n;
	}
	if (n == -1)
		return why_not(why, WHY_SYSTEM, "read");
	if (out->size != size)
		return why_not(why, WHY_BROKEN,
		    "the file became shorter while it was read");
	return true;
}

static bool
write_all(int fd, const uint8_t *bytes, size_t size, uint64_t off,
    struct why *why)
{
	size_t at = 0;
	ssize_t n;

	while (at < size) {
		n = pwrite(fd, bytes + at, size - at, (off_t)(off + at));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return why_not(why, WHY_SYSTEM, "write the database");
		at += (size_t)n;
	}
	return true;
}

/* compile_sink. */
static bool
write_database(void *ctx, uint64_t at, const void *bytes, size_t size,
    struct why *why)
{
	(void)ctx;
	return write_all(PROTOCOL_DATABASE, bytes, size, at, why);
}

/* What was read of files; it may go then.  The last one may go on. */
static void
write_texts(struct compiler *c)
{
	while (c->files_done < c->ir.file_count) {
		struct ir_file *f = &c->ir.file[c->files_done];
		struct why why;

		if (c->has_texts &&
		    !side_add(&c->side, f->text, f->size - c->file_done, true,
			&why))
			fail(c, &why);
		c->file_done = f->size;
		f->text = NULL;
		if (c->files_done + 1 == c->ir.file_count)
			return;
		c->files_done++;
		c->file_done = 0;
	}
}

/* What stands before and behind the texts. */
static void
write_texts_frame(struct compiler *c)
{
	const uint8_t *header = c->texts.bytes;
	struct why why;

	if (!side_add(&c->side, header + DB_TEXTS_HEADER_SIZE,
		c->texts.size - DB_TEXTS_HEADER_SIZE, false, &why) ||
	    !side_end(&c->side, header, &why))
		fail(c, &why);
}

/* --- work ----------------------------------------------------------------- */

static _Noreturn void
fail_input(struct compiler *c, const struct why *why)
{
	struct why told;

	(void)why_not(&told, why->kind, "%.150s: %.70s", c->message.name,
	    why->text);
	told.err = why->err;
	fail(c, &told);
}

/* What was read is packed; its text is written, and it may go. */
static void
take_read(struct compiler *c)
{
	struct why why;

	if (!compile_pack_take(c->pack, &why))
		fail(c, &why);
	write_texts(c);
}

/*
 * Read size bytes of an input from off on, or as many lines as a piece holds:
 * it grows until there is one.
 */
static bool
read_lines(int fd, uint64_t off, uint64_t size, struct input *out,
    struct why *why)
{
	size_t piece = INPUT_PIECE;

	for (;; piece *= 2) {
		piece = size - off < piece ? (size_t)(size - off) : piece;
		if (!read_input(fd, off, piece, out, why))
			return false;
		while (off + piece < size && out->size > 0 &&
		    out->bytes[out->size - 1] != '\n')
			out->size--;
		if (out->size > 0)
			return true;
	}
}

/* The lines of an input, a piece at a time: so little memory holds them. */
static void
take_lines(struct compiler *c, int fd, const struct compile_options *options)
{
	struct input *in = &c->input;
	uint64_t size = c->message.number[0], off;
	struct why why;
	struct text_reader *r =
	    compile_lines_open(&c->ir, c->message.name, options, &why);

	if (r == NULL)
		fail(c, &why);
	for (off = 0; off < size; off += in->size) {
		if (!read_lines(fd, off, size, in, &why))
			fail_input(c, &why);
		if (!compile_lines_add(r, cur_from(in->bytes, in->size), &why))
			fail(c, &why);
		take_read(c);
	}
	if (!compile_lines_close(r, true, &why))
		fail(c, &why);
	take_read(c);
}

/* Read an input and forget it: what it says is in the pack. */
static void
take_input(struct compiler *c, int fd)
{
	struct compile_options options = c->options;
	struct input *in = &c->input;
	/* Whose texts are kept reads everything. */
	bool is_read = c->has_texts && c->message.b == 0;
	struct why why;

	in->size = 0;
	if (c->message.b != 0)
		options.what = COMPILE_IGNORES;
	is_read = is_read || compile_wants(c->message.name, options.what);
	if (is_read && compile_is_lines(c->message.name)) {
		take_lines(c, fd, &options);
		return;
	}
	if (is_read && !read_input(fd, 0, c->message.number[0], in, &why))
		fail_input(c, &why);
	if (!compile_text(&c->ir, c->message.name,
		cur_from(in->bytes, in->size), &options, &why))
		fail(c, &why);
	take_read(c);
	pool_fini(&c->unpacked);
	pool_init(&c->unpacked, MEMORY_MAX);
}

static void
take_joined(struct compiler *c, int fd)
{
	uint32_t share = c->message.c;
	struct why why;

	if (share != PROTOCOL_COMPARED && share != PROTOCOL_SEARCHED)
		fail_order(c);
	if (!read_input(fd, 0, c->message.number[0], &c->joined[share], &why) ||
	    !db_open(&c->joined_db[share], c->joined[share].bytes,
		c->joined[share].size, &why))
		fail(c, &why);
	if (c->joined[PROTOCOL_COMPARED].size > 0 &&
	    c->joined[PROTOCOL_SEARCHED].size > 0)
		compile_pack_join(c->pack, &c->joined_db[PROTOCOL_COMPARED],
		    &c->joined_db[PROTOCOL_SEARCHED]);
}

/* The owner says what there is to do. */
static void
begin(struct compiler *c)
{
	struct why why;

	c->options.flevel = c->message.a;
	if (!keys_read(c->message.name, &c->keys, &c->options)) {
		(void)why_not(&why, WHY_BROKEN, "not keys");
		fail(c, &why);
	}
	c->has_texts = c->message.b != 0;
	c->options.no_texts = !c->has_texts;
	if (c->has_texts)
		side_init(&c->side, PROTOCOL_TEXTS);
	switch (c->message.c) {
	case PROTOCOL_ALL:
		break;
	case PROTOCOL_HASHES:
		c->options.what = COMPILE_HASHES;
		break;
	case PROTOCOL_COMPARED:
		c->options.what = COMPILE_RULES;
		compile_pack_share(c->pack, COMPILE_COMPARED);
		break;
	case PROTOCOL_SEARCHED:
		c->options.what = COMPILE_RULES;
		compile_pack_share(c->pack, COMPILE_SEARCHED);
		break;
	default:
		fail_order(c);
	}
	c->share = (enum protocol_share)c->message.c;
}

static void
finish(struct compiler *c)
{
	const struct compile_sink database = { write_database, NULL };
	struct compile_counts counts;
	struct why why;

	if (!compile_pack_end(c->pack, &database,
		c->has_texts ? &c->texts : NULL, &counts, &why))
		fail(c, &why);
	if (c->has_texts)
		write_texts_frame(c);
	say_counts(c);
	say_complaints(c);
	say_done(c, &counts);
}

/* Hear one message and do it; false when the work is over. */
static bool
serve(struct compiler *c, bool *has_begun)
{
	struct why why;
	size_t size;
	int fd = -1;

	if (channel_receive(PROTOCOL_CHANNEL, c->record, sizeof(c->record),
		&size, &fd) != CHANNEL_DONE)
		_exit(1); /* the owner is gone */
	if (!protocol_get(cur_from(c->record, size), &c->message) ||
	    (c->message.kind == PROTOCOL_INPUT ||
		c->message.kind == PROTOCOL_JOIN) != (fd != -1) ||
	    (c->message.kind == PROTOCOL_BEGIN) == *has_begun)
		fail_order(c);
	switch (c->message.kind) {
	case PROTOCOL_BEGIN:
		*has_begun = true;
		begin(c);
		return true;
	case PROTOCOL_JOIN:
		take_joined(c, fd);
		(void)close(fd);
		return true;
	case PROTOCOL_INPUT:
		take_input(c, fd);
		(void)close(fd);
		return true;
	case PROTOCOL_REST:
		if (!compile_pack_rest(c->pack, &why))
			fail(c, &why);
		return true;
	default:
		finish(c);
		return false;
	}
}

int
main(int argc, char **argv)
{
	static struct compiler all;
	struct compiler *c = &all;
	struct why why;
	uint32_t layers;
	bool has_begun = false;

	(void)mallopt(M_ARENA_MAX, 1);
	if (argc > 1 && strcmp(argv[1], "sweep") == 0)
		sweep_run();
	if (argc > 1 && strcmp(argv[1], "container") == 0)
		container_run();
	pool_init(&c->pool, MEMORY_MAX);
	pool_init(&c->scratch, MEMORY_MAX);
	pool_init(&c->unpacked, MEMORY_MAX);
	ir_init(&c->ir, &c->pool);
	c->ir.scratch = &c->scratch;
	c->ir.unpacked = &c->unpacked;
	c->pack = compile_pack_open(&c->ir, &why);
	if (c->pack == NULL)
		die(&why);
	compile_warm();
	if (!sandbox_enter(SANDBOX_COMPILER, &layers, &why))
		die(&why);

	/* From here on we read bytes an enemy may have written. */
	c->message = (struct protocol_message){
		.kind = PROTOCOL_READY,
		.a = layers,
	};
	say(c);
	while (serve(c, &has_begun))
		;
	_exit(0);
}
